"""Features that no table has (catalogue MLD212)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location, Step
from mldebt.flow.events import Absent, CallFrame, Fitted, Predicted
from mldebt.flow.values import Place
from mldebt.flow.world import World, numbers
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct

NEAR = 2


@dataclass(frozen=True, slots=True)
class PhantomFeature:
    """`name` stands at `at`; the table that is asked for it has `near` instead, if anything. `how`: raises | filled."""

    name: str
    at: Location
    near: str
    how: str
    function: str
    scope: str
    evidence: tuple[Step, ...]


class Phantoms:
    def __init__(self, world: World, reach: Reach, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails

    def all(self) -> Iterator[PhantomFeature]:
        """Names in what a model learns from or answers for, that no table known here has and no code makes; by place, each once."""
        found: dict[int, Absent] = {}
        for number, root in enumerate(self._world.roots):
            for event in root.events:
                if isinstance(event, Absent) and "test" not in self._reach.colours[number] and self._reach.judged(event.at):
                    found.setdefault(event.column, event)
        names = {column.name for number, column in enumerate(self._world.columns) if number not in found}
        for column, event in sorted(found.items(), key=lambda item: self._trails.location(self._world.columns[item[0]].at)):
            if event.name not in names and (learner := self._learner(column)) is not None:
                yield self._found(column, event, learner)

    def _learner(self, column: int) -> tuple[Place, CallFrame, str] | None:
        """The first fit or prediction that gets a column or what is made of it."""
        for bits, at, frame, what in self._fits:
            if self._closed(bits) >> column & 1:
                return at, frame, what
        return None

    @cached_property
    def _fits(self) -> list[tuple[int, Place, CallFrame, str]]:
        found: list[tuple[int, Place, CallFrame, str]] = []
        for number, root in enumerate(self._world.roots):
            for event in root.events if "test" not in self._reach.colours[number] else ():
                if isinstance(event, Fitted):
                    found.append((event.features, event.at, event.frame, "is learned from"))
                elif isinstance(event, Predicted):
                    found.append((event.inputs, event.at, event.frame, "is an input of a prediction"))
        return found

    def _closed(self, bits: int) -> int:
        """The columns and all that they are made of."""
        found, pending = 0, bits
        while pending:
            found |= pending
            deps = 0
            for number in numbers(pending):
                deps |= self._world.columns[number].deps
            pending = deps & ~found
        return found

    def _found(self, column: int, event: Absent, learner: tuple[Place, CallFrame, str]) -> PhantomFeature:
        place = self._world.columns[column].at
        near = nearest(event.name, event.known)
        step = self._trails.step
        known = ", ".join(map(repr, event.known[:8])) + (", ..." if len(event.known) > 8 else "")
        at, frame, what = learner
        return PhantomFeature(
            name=event.name,
            at=self._trails.location(place),
            near=near,
            how=event.how,
            function=self._trails.function(event.frame.module, event.frame.function),
            scope=self._trails.scope(event.frame.function),
            evidence=distinct(
                [
                    step(place, f"'{event.name}' is listed"),
                    *self._trails.calls(event.frame),
                    step(event.at, f"it is asked of a table that has {known}"),
                    *self._trails.calls(frame),
                    step(at, f"what comes out {what}"),
                ]
            ),
        )


def nearest(name: str, known: tuple[str, ...]) -> str:
    """The known name that at most two edits make of this one, "" for none."""
    ranked = sorted((distance, other) for other in known if (distance := edits(name, other)) <= NEAR and distance < len(name))
    return ranked[0][1] if ranked else ""


def edits(first: str, second: str) -> int:
    """How many letters must be put in, taken out or replaced; more than NEAR is not told apart."""
    if abs(len(first) - len(second)) > NEAR:
        return NEAR + 1
    row = list(range(len(second) + 1))
    for index, letter in enumerate(first, 1):
        before, row[0] = row[0], index
        for place, other in enumerate(second, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != other))
    return row[-1]
