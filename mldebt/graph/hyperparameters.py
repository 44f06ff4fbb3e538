"""Literals that go straight into hyperparameters of code that trains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location, Step
from mldebt.facts.types import Code
from mldebt.flow.events import Acted, Evaluated, Event, Fitted, Iterated, Learned, Predicted, Stored, Tuned
from mldebt.flow.program import ModuleInfo
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails, distinct

ARCHITECTURE = ("torch.nn.", "tensorflow.keras.layers.", "keras.layers.", "jax.", "flax.")
OUTCOMES = (Stored, Evaluated, Learned, Acted)
"""What makes one training comparable with another: it keeps, scores or uses what it trained. A benchmark does not."""
QUIET_EVENTS = frozenset({"branched", "moved", "configured", "key read", "fingerprinted", "fetched", "registered"})
NOT_TUNED = frozenset(
    {"random_state", "seed", "random_seed", "n_jobs", "verbose", "verbosity", "num_workers", "pin_memory", "thread_count", "eps", "epsilon"}
)


@dataclass(frozen=True, slots=True)
class TuningSite:
    """A function that trains with literals: (parameter, value, place), the first place, other functions with one of the literals."""

    function: str
    scope: str
    short: str
    at: Location
    literals: tuple[tuple[str, object, Location], ...]
    repeated_in: tuple[str, ...]
    evidence: tuple[Step, ...]
    in_notebook: bool


class Hyperparameters:
    def __init__(self, world: World, reach: Reach, trails: Trails, around: Surroundings) -> None:
        self._world = world
        self._around = around
        self._reach = reach
        self._trails = trails

    def literals(self) -> Iterator[TuningSite]:
        groups = self._groups() if not self._around.teaches else {}
        where: dict[tuple[str, object, str], set[tuple[int, str]]] = defaultdict(set)
        for function, events in groups.items():
            for event in events.values():
                where[event.parameter, event.value, event.callee].add(function)
        for function, events in sorted(groups.items(), key=lambda item: min(self._place(e) for e in item[1].values())):
            yield self._site(function, list(events.values()), where)

    def _place(self, event: Tuned) -> Location:
        assert event.literal is not None
        return self._trails.location(event.literal)

    def _groups(self) -> dict[tuple[int, str], dict[tuple[tuple[int, int], str], Tuned]]:
        """Literals by the function whose body holds them; only code in train reach, outside tests and examples."""
        groups: dict[tuple[int, str], dict[tuple[tuple[int, int], str], Tuned]] = defaultdict(dict)
        for number, root in enumerate(self._world.roots):
            colours = self._reach.colours[number]
            if "train" not in colours or "test" in colours or _comes_to_nothing(root.events):
                continue
            for event in root.events:
                if isinstance(event, Tuned) and event.literal is not None and self._is_judged(event):
                    groups[event.literal[0], self._holder(event)][event.literal, event.parameter] = event
        return groups

    def _holder(self, event: Tuned) -> str:
        """The innermost function in whose text the literal stands; for one of a module's body the innermost frame of that module."""
        assert event.literal is not None
        module = self._world.program.modules[event.literal[0]]
        at = self._trails.location(event.literal)
        code = module.facts.code
        while inner := next((child for child in code.children if self._covers(child, module, at)), None):
            code = inner
        if code.qualname:
            return code.qualname
        frame = event.frame
        while frame.module != event.literal[0] and frame.caller is not None:
            frame = frame.caller
        return frame.function

    def _is_judged(self, event: Tuned) -> bool:
        assert event.literal is not None
        role = self._world.program.modules[event.literal[0]].role
        value = event.value
        return (
            role == "source"
            and not self._is_constant_elsewhere(event.literal)
            and not event.callee.startswith(ARCHITECTURE)
            and event.parameter.rpartition(".")[2] not in NOT_TUNED
            and not isinstance(value, bool)
            and value not in (0, 1, -1, None)
            and isinstance(value, int | float)
            and event.at not in self._only_asked
            and self._world.knowledge.kind(event.callee) != "search"
        )

    @cached_property
    def _only_asked(self) -> frozenset[Place]:
        """Where loaders are made whose batches a model answers for, and never learns from: how many rows it answers for at once changes no answer."""
        learning: set[Place] = set()
        asking: set[Place] = set()
        batches: dict[tuple[str, int | None, int], set[Place]] = defaultdict(set)
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Fitted):
                    learning.update(event.loops)
                elif isinstance(event, Predicted):
                    asking.update(event.loops)
                elif isinstance(event, Iterated):
                    batches[self._line(event.at)].add(event.made)
        learned = {made for loop in learning for made in batches.get(self._line(loop), ())}
        asked = {made for loop in asking - learning for made in batches.get(self._line(loop), ())}
        return frozenset(asked - learned) if learned else frozenset()

    def _line(self, place: Place) -> tuple[str, int | None, int]:
        at = self._trails.location(place)
        return (at.path, at.cell, at.line)

    def _is_constant_elsewhere(self, literal: Place) -> bool:
        """Whether the literal stands in the body of a module that is no entry: then it is a named constant of a module of settings."""
        module = self._world.program.modules[literal[0]]
        line = self._trails.location(literal)
        inside = any(self._covers(child, module, line) for child in module.facts.code.children)
        return not inside and literal[0] not in self._entries

    def _covers(self, code: Code, module: ModuleInfo, at: Location) -> bool:
        first, last = (module.facts.in_cell(line) for line in (code.first_line, code.last_line))
        return first[1] == at.cell and first[0] <= at.line <= last[0]

    @cached_property
    def _entries(self) -> frozenset[int]:
        """Modules that are run: their guard, their commands, or a body that does something with models or data."""
        return frozenset(
            root.module
            for number, root in enumerate(self._world.roots)
            if self._reach.is_entry(number) and (root.kind != "script" or any(event.kind not in QUIET_EVENTS for event in root.events))
        )

    def _site(
        self, function: tuple[int, str], events: list[Tuned], where: dict[tuple[str, object, str], set[tuple[int, str]]]
    ) -> TuningSite:
        events = sorted(events, key=self._place)
        module, qualname = function
        others = sorted({other for e in events for other in where[e.parameter, e.value, e.callee] if other != function})
        events = list({(e.parameter, e.literal): e for e in events}.values())
        literals = tuple((e.parameter.rpartition(".")[2], e.value, self._place(e)) for e in events)
        steps = [Step(at, f"{name} = {value!r} goes to {e.callee}") for (name, value, at), e in zip(literals, events, strict=True)]
        name = self._trails.function(module, qualname)
        short = qualname.rpartition(".")[2] if qualname else self._world.program.modules[module].dotted
        return TuningSite(
            function=name,
            scope=self._trails.scope(qualname),
            short=short,
            at=literals[0][2],
            literals=literals,
            repeated_in=tuple(self._trails.function(*other) for other in others),
            evidence=distinct(steps),
            in_notebook=self._world.program.modules[module].is_notebook,
        )


def _comes_to_nothing(events: Iterable[Event]) -> bool:
    """Whether a training loop of one's own keeps, scores and uses nothing of what it trains; a network also answers while it learns."""
    loops = [event.by == "backward" for event in events if isinstance(event, Fitted)]
    used = any(isinstance(event, OUTCOMES) or (isinstance(event, Predicted) and event.library != "torch") for event in events)
    return bool(loops) and all(loops) and not used
