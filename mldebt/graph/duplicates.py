"""Columns of one name that training and serving compute each in a way of their own (catalogue MLD109)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location, Step
from mldebt.declarations.types import HOLE
from mldebt.flow.computations import Computation, computation
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct

MIN_OPERATIONS = 2
"""Equal formulas of fewer operations (a type, a date parsed) are no logic worth sharing."""
Function = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A feature that `function` computes for training and `other` for serving; `differs` says whether the two formulas do."""

    name: str
    at: Location
    other_at: Location
    function: str
    scopes: tuple[str, str]
    other: str
    formulas: tuple[str, str]
    differs: bool
    copies: int
    certain: bool
    evidence: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Making:
    """All that one function does to a column of a name."""

    at: Place
    function: Function
    steps: tuple[Computation, ...]

    @property
    def columns(self) -> frozenset[str]:
        return frozenset().union(*(step.columns for step in self.steps))

    @property
    def text(self) -> str:
        return "; ".join(step.text for step in self.steps)

    @property
    def certain(self) -> bool:
        return all(step.certain for step in self.steps)

    @property
    def operations(self) -> int:
        return sum(step.operations for step in self.steps)


class Duplicates:
    def __init__(self, world: World, reach: Reach, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails

    def all(self) -> Iterator[Duplicate]:
        """One for each name and source, at the place that serves."""
        found: list[Duplicate] = []
        for name, makings in self._makings.items():
            trained = [making for making in makings if making.function in self._sides[0]]
            served = [making for making in makings if making.function in self._sides[1]]
            pairs = [(one, other) for one in trained for other in served if _is_copied(name, one, other)]
            if pairs:
                found.append(self._answer(name, pairs))
        yield from sorted(found, key=lambda duplicate: (duplicate.at, duplicate.name))

    @cached_property
    def _sides(self) -> tuple[frozenset[Function], frozenset[Function]]:
        """The functions that only code which trains reaches, and those that only code which serves does."""
        trained: set[Function] = set()
        served: set[Function] = set()
        for number, root in enumerate(self._world.roots):
            colours = self._reach.colours[number]
            if "test" not in colours:
                reached = {*root.functions, (root.module, "")}
                trained |= reached if "train" in colours else set()
                served |= reached if "serve" in colours and "train" not in colours else set()
        return frozenset(trained - served), frozenset(served - trained)

    @cached_property
    def _makings(self) -> dict[str, list[Making]]:
        """By name, what each function does to it."""
        groups: dict[tuple[str, Function], list[Place]] = defaultdict(list)
        for column in self._world.columns:
            function = (column.at[0], column.function)
            if column.made and column.name != "*" and HOLE not in column.name and self._reach.judged(column.at):
                if function in self._sides[0] or function in self._sides[1]:
                    groups[column.name, function].append(column.at)
        found: dict[str, list[Making]] = defaultdict(list)
        for (name, function), places in sorted(groups.items()):
            steps = [computation(self._world.program, function[1], place) for place in sorted(places)]
            if all(step is not None for step in steps):
                found[name].append(Making(min(places), function, tuple(step for step in steps if step is not None)))
        return found

    def _answer(self, name: str, pairs: list[tuple[Making, Making]]) -> Duplicate:
        trails = self._trails
        one, other = next((pair for pair in pairs if pair[0].text != pair[1].text), pairs[0])
        copies = {making.at for pair in pairs for making in pair}
        steps = [
            *(trails.step(at, f"'{name}' is computed here") for at in sorted(copies)[:8]),
            trails.step(one.at, f"for training: {one.text}"),
            trails.step(other.at, f"for serving: {other.text}"),
        ]
        return Duplicate(
            name=name,
            at=trails.location(other.at),
            other_at=trails.location(one.at),
            function=trails.function(*one.function),
            scopes=(trails.scope(one.function[1]), trails.scope(other.function[1])),
            other=trails.function(*other.function),
            formulas=(one.text, other.text),
            differs=one.text != other.text,
            copies=len(copies),
            certain=one.certain and other.certain,
            evidence=distinct(steps),
        )


def _is_copied(name: str, one: Making, other: Making) -> bool:
    """Whether two functions make one feature of the same columns: certainly otherwise, or by the same non-trivial formula."""
    if not one.columns & other.columns or not min(one.operations, other.operations):
        return False
    if one.text == other.text:
        return one.operations >= MIN_OPERATIONS
    cleaned = one.columns == other.columns == {name}  # the column itself: parsed here and copied there is no other feature
    return one.certain and other.certain and (not cleaned or one.steps[-1].last == other.steps[-1].last)
