"""How many ways the flags of one program can be combined, and how many of them anything here ever sets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import prod

from mldebt.core import Location, Step
from mldebt.flow.events import Branched, Leaf, Root
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.flags import Flags
from mldebt.graph.operational import is_operational
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct

JUDGED = frozenset({"train", "serve"})
KINDS = frozenset({"setting", "option"})
Flag = tuple[str, str, str]
"""Kind, owner and name: what tells one flag from another, whatever line declares it"""


@dataclass(frozen=True, slots=True)
class Branching:
    """A program: its flags with their first branch, the product of their values, and the combinations that commands and configs, or tests, set."""

    name: str
    at: Location
    flags: tuple[str, ...]
    places: tuple[Location, ...]
    total: int
    configured: int
    tested: int
    nested: int  # pairs of flags of which one is asked where the other has decided
    evidence: tuple[Step, ...]


class Combinations:
    def __init__(self, world: World, reach: Reach, trails: Trails, flags: Flags) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._flags = flags

    def by_entry(self) -> list[Branching]:
        """One for each program that trains or serves and has any flag; the most flags first."""
        groups: dict[Place, list[Root]] = defaultdict(list)
        for number, root in enumerate(self._world.roots):
            if self._reach.is_entry(number) and self._reach.own[number] & JUDGED and self._is_judged(root):
                groups[root.at[0], root.at[1]].append(root)
        found = [branching for roots in groups.values() if (branching := self._branching(roots)) is not None]
        return sorted(found, key=lambda one: (-len(one.flags), one.at))

    def _is_judged(self, root: Root) -> bool:
        return self._world.program.modules[root.module].role == "source"

    def _branching(self, roots: list[Root]) -> Branching | None:
        asked = [self._asked(root) for root in roots]
        places: dict[Flag, Place] = {}
        for branches in asked:
            for flag, events in branches.items():
                places[flag] = min(places.get(flag, events[0].at), events[0].at)
        if not places:
            return None
        root = roots[0]
        known = [leaf for leaf in self._world.leaves if _flag(leaf) in places]
        names = tuple(name for _kind, _owner, name in sorted(places))
        return Branching(
            name=self._world.program.modules[root.module].path,
            at=self._trails.location(min(places.values(), key=lambda place: (place[0] != root.module, place))),
            flags=names,
            places=tuple(self._trails.location(place) for place in sorted(places.values())),
            total=prod(self._ways(flag, known) for flag in places),
            configured=max(len({_signature(branches) for branches in asked}), self._commands(places)) + self._variants(known),
            tested=len(self._tests(asked)),
            nested=sum(self._is_nested(one, other, asked) for one, other in combinations(sorted(places), 2)),
            evidence=distinct(self._trails.step(place, f"'{flag[2]}' decides here") for flag, place in sorted(places.items())),
        )

    def _asked(self, root: Root) -> dict[Flag, list[Branched]]:
        """The conditions of a root by the flag that they ask, those left out that only keep others out or only log."""
        found: dict[Flag, list[Branched]] = defaultdict(list)
        for event in root.events:
            if isinstance(event, Branched) and (event.then_size or event.else_size) and not self._only_logs(event):
                for number in event.leaves:
                    leaf = self._world.leaves[number]
                    if self._is_flag(leaf):
                        found[_flag(leaf)].append(event)
        return found

    @staticmethod
    def _is_flag(leaf: Leaf) -> bool:
        """A number is compared, it does not choose; and what those who run a program switch is no experiment."""
        is_number = isinstance(leaf.value, int | float) and not isinstance(leaf.value, bool)
        return leaf.kind in KINDS and not is_number and not is_operational(leaf.name.rpartition(".")[2])

    def _only_logs(self, event: Branched) -> bool:
        spans = [span for size, span in ((event.then_size, event.then_span), (event.else_size, event.else_span)) if size and span[1] >= 0]
        calls = [call for span in spans for call in self._calls_in(event.at[0], span)]
        return bool(calls) and all(self._world.glances.get((event.at[0], call)) == "shown" for call in calls)

    def _calls_in(self, module: int, span: tuple[int, int]) -> list[int]:
        known = self._calls.get(module, [])
        return known[bisect_left(known, span[0]) : bisect_right(known, span[1])]

    @cached_property
    def _calls(self) -> dict[int, list[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        for module, token in (*self._world.calls, *self._world.glances):
            found[module].add(token)
        return {module: sorted(tokens) for module, tokens in found.items()}

    # -- values -------------------------------------------------------------------------------------------------------

    def _ways(self, flag: Flag, known: list[Leaf]) -> int:
        """How many values a flag has: two for a switch, else those that configs and commands give it, two at least."""
        leaves = [leaf for leaf in known if _flag(leaf) == flag]
        values = {str(leaf.value) for leaf in leaves}
        for leaf in leaves:
            if leaf.kind == "setting":
                values.update(str(value) for _file, value in self._flags.by_file(leaf))
        for number, leaf in enumerate(self._world.leaves):
            if leaf.kind == "option" and _flag(leaf) == flag:
                commands = (command for command in self._world.repository.commands if command.module == leaf.owner)
                values.update(str(self._flags.given(number, command)) for command in commands)
        return max(len(values), 2)

    def _commands(self, places: Iterable[Flag]) -> int:
        """The combinations of options that known command lines give."""
        wanted = {flag for flag in places if flag[0] == "option"}
        numbers = [number for number, leaf in enumerate(self._world.leaves) if leaf.kind == "option" and _flag(leaf) in wanted]
        owners = {self._world.leaves[number].owner for number in numbers}
        commands = [command for command in self._world.repository.commands if command.module in owners]
        return len({tuple(str(self._flags.given(number, command)) for number in numbers) for command in commands})

    def _variants(self, known: list[Leaf]) -> int:
        """The combinations that config files set beside the values that were loaded."""
        base = {_flag(leaf): str(leaf.value) for leaf in known if leaf.kind == "setting"}
        files: dict[str, dict[Flag, str]] = defaultdict(lambda: dict(base))
        for leaf in known:
            for file, value in self._flags.by_file(leaf) if leaf.kind == "setting" else ():
                files[file][_flag(leaf)] = str(value)
        return len({tuple(sorted(values.items())) for values in files.values()} - {tuple(sorted(base.items()))})

    def _tests(self, asked: list[dict[Flag, list[Branched]]]) -> set[frozenset[tuple[Place, bool | None]]]:
        """What tests make of the same conditions, whether by settings or by values of their own."""
        conditions = {event.at for branches in asked for events in branches.values() for event in events}
        found: dict[int, set[tuple[Place, bool | None]]] = defaultdict(set)
        for (number, place), truth in self._world.unset.items():
            if place in conditions:
                found[number].add((place, truth))
        for number, root in enumerate(self._world.roots):
            found[number].update((event.at, event.taken) for event in root.events if isinstance(event, Branched) and event.at in conditions)
        return {frozenset(taken) for number, taken in found.items() if number >= 0 and taken and "test" in self._reach.colours[number]}

    @staticmethod
    def _is_nested(one: Flag, other: Flag, asked: Iterable[dict[Flag, list[Branched]]]) -> bool:
        return any(_decides(branches, one, other) or _decides(branches, other, one) for branches in asked)


def _decides(branches: dict[Flag, list[Branched]], outer: Flag, inner: Flag) -> bool:
    """Whether some condition on one flag stands in a branch of the other."""
    places = {event.at for event in branches.get(outer, ())}
    return any(place in places for event in branches.get(inner, ()) for place, _ in event.guards)


def _flag(leaf: Leaf) -> Flag:
    return (leaf.kind, leaf.owner, leaf.name)


def _signature(branches: dict[Flag, list[Branched]]) -> frozenset[tuple[Place, bool | None]]:
    return frozenset(_taken(branches))


def _taken(branches: dict[Flag, list[Branched]]) -> Iterator[tuple[Place, bool | None]]:
    for events in branches.values():
        for event in events:
            yield event.at, event.taken
