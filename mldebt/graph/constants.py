"""Branches that a constant settles, and code behind a way out, where code learns, scores or serves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Confidence, Location, Step
from mldebt.facts.types import Block, Code, Op
from mldebt.flow.bindings import Bindings, Constant, below, flat, scopes
from mldebt.flow.dead_code import DeadCode, DeadPart
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.operational import is_operational, words_of
from mldebt.graph.published import Published
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails, distinct

JUDGED = frozenset({"train", "eval", "serve"})
STEPS = re.compile(
    r"(^|_)(plots?|plotting|draw|show|display|visuali[sz]e|vis|viz|print|log|logs|logging|save|saving|write|export|load|submit|submission|run|do|skip|"
    r"train|training|retrain|eval|evaluate|evaluation|test|tests|testing|predict|prediction|inference|report)(_|$)"
)
"""Words for the steps of a script, which people choose before they run it."""
LEAST_LINES = 5
FRESH_DAYS = 30  # what is switched off for a while is work in progress


@dataclass(frozen=True, slots=True)
class SettledBranch:
    """Code that never runs. `name` is the constant of that `value` before it, "" for a literal; `way_out` what else stands before it."""

    name: str
    value: object
    way_out: str
    at: Location
    function: str
    scope: str
    short: str
    lines: int
    only_for_it: tuple[str, ...]  # functions that only dead code names
    confidence: Confidence
    evidence: tuple[Step, ...]


class Constants:
    def __init__(self, world: World, reach: Reach, trails: Trails, around: Surroundings, published: Published) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._around = around
        self._published = published

    def settled(self) -> Iterator[SettledBranch]:
        """One for each constant at its first branch, one for each literal and way out, by place."""
        groups: dict[Place, list[DeadPart]] = {}
        for part in sorted(self._parts(), key=lambda part: part.at):
            if part.constant is None or self._is_judged(part.constant):
                groups.setdefault((part.constant and part.constant.at) or part.at, []).append(part)
        for parts in groups.values():
            if self._size(parts) >= LEAST_LINES and not self._is_fresh(parts[0]):
                yield self._branch(parts)

    def _parts(self) -> Iterator[DeadPart]:
        bindings = Bindings(self._world.program)
        for module in self._world.program.modules:
            for scope in scopes(module) if module.role == "source" else ():
                if scope.code.kind != "class" and self._reach.of(module.number, scope.code.qualname) & JUDGED:
                    yield from DeadCode(self._world, bindings, scope).parts()

    def _is_judged(self, constant: Constant) -> bool:
        """Whether a constant is an experiment's: no switch of those who run the program, and nothing that users of a library may set."""
        if constant.kind == "literal" or constant.at is None:
            return True
        module = self._world.program.modules[constant.at[0]]
        name = words_of(constant.name.rstrip("0123456789"))
        if not isinstance(constant.value, bool) or is_operational(name) or STEPS.search(name) or module.role != "source":
            return False
        is_open = constant.kind != "local" and not constant.name.startswith("_") and self._published.holds(module)
        return not is_open or module.number in self._run_here

    @cached_property
    def _run_here(self) -> frozenset[int]:
        """Modules that programs of the repository itself reach."""
        return frozenset(
            module
            for number, root in enumerate(self._world.roots)
            if self._reach.is_entry(number) and "test" not in self._reach.colours[number]
            for module, _ in root.functions
        )

    def _is_fresh(self, part: DeadPart) -> bool:
        """Whether the condition has been written lately, if the history is long enough to tell."""
        history = self._around.history()
        age = self._around.ages(self._trails.location(part.at)) if history is not None and history >= FRESH_DAYS else None
        return age is not None and age < FRESH_DAYS

    def _branch(self, parts: list[DeadPart]) -> SettledBranch:
        first, constant = parts[0], parts[0].constant
        functions = {child.at: child for part in parts for child in part.functions}
        module, code = first.scope.module, first.scope.code
        return SettledBranch(
            name=constant.name if constant else "",
            value=None if constant is None else constant.value if constant.name else constant.holds,
            way_out=first.way_out,
            at=self._trails.location(first.at),
            function=self._trails.function(module.number, code.qualname),
            scope=self._trails.scope(code.qualname),
            short=code.name if code.qualname else module.dotted,
            lines=sum(last.line - first.line + 1 for part in parts for first, last in self._spans(part)),
            only_for_it=tuple(child.name for child in functions.values()),
            confidence=self._confidence(constant),
            evidence=distinct(self._steps(constant, parts)),
        )

    def _confidence(self, constant: Constant | None) -> Confidence:
        """A name at the top of a script may be one that people edit before they run it."""
        edited = constant is not None and constant.kind == "module" and constant.at is not None and constant.at[0] in self._scripts
        return "firm" if edited else "certain"

    @cached_property
    def _scripts(self) -> frozenset[int]:
        return frozenset(root.module for number, root in enumerate(self._world.roots) if self._reach.is_entry(number))

    def _steps(self, constant: Constant | None, parts: list[DeadPart]) -> Iterator[Step]:
        if constant is not None and constant.at is not None:
            yield self._trails.step(constant.at, f"'{constant.name}' is set to {constant.value} here and nowhere else")
        for part in parts:
            yield self._trails.step(part.at, "it is decided here" if part.constant else f"nothing comes after this {part.way_out}")
            yield Step(min(self._places(part.scope.module.number, part.block, part.scope.code)), "this never runs")
            for child in part.functions:
                yield self._trails.step((part.scope.module.number, child.at), f"{child.name}() is named only there")

    def _size(self, parts: list[DeadPart]) -> int:
        """How many lines hold code that never runs; a long literal is one."""
        return len({(place.path, place.cell, place.line) for part in parts for places in self._blocks(part) for place in places})

    def _spans(self, part: DeadPart) -> Iterator[tuple[Location, Location]]:
        for places in self._blocks(part):
            yield min(places), max(places)

    def _blocks(self, part: DeadPart) -> Iterator[list[Location]]:
        """Where the instructions of a dead block stand, and those of each function that only it names."""
        number = part.scope.module.number
        yield list(self._places(number, part.block, part.scope.code))
        for child in part.functions:
            yield [self._trails.location((number, child.at)), *self._places(number, child.body, child)]

    def _places(self, module: int, block: Block, code: Code) -> Iterator[Location]:
        for instruction in flat(block):
            yield self._trails.location((module, instruction[1]))
            if instruction[0] in (Op.FUNCTION, Op.CLASS):
                for inner in below(code.children[instruction[3]]):
                    yield from (self._trails.location((module, i[1])) for i in flat(inner.body))
