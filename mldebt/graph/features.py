"""Features: columns that code here makes, and whether anything may use them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Confidence, Location, Step
from mldebt.declarations.types import HOLE
from mldebt.flow.events import Narrowed, Stored
from mldebt.flow.world import World, numbers
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct


@dataclass(frozen=True, slots=True)
class Feature:
    """A named column with the places that make it; `identity` does not name files."""

    name: str
    produced_at: Location
    producer: str
    identity: str
    columns: int  # bits


@dataclass(frozen=True, slots=True)
class Cone:
    """What exists only for a feature: other columns, and how to say so."""

    columns: tuple[str, ...]
    also: str


class Features:
    def __init__(self, world: World, reach: Reach, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails

    @cached_property
    def _used(self) -> int:
        """Used columns and everything they are made of."""
        used, pending = 0, self._world.used
        while pending:
            used |= pending
            deps = 0
            for number in numbers(pending):
                deps |= self._world.columns[number].deps
            pending = deps & ~used
        return used

    @cached_property
    def _left_behind(self) -> dict[int, Narrowed]:
        """The first event that left each column behind."""
        found: dict[int, Narrowed] = {}
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Narrowed):
                    for number in numbers(event.bits):
                        found.setdefault(number, event)
        return found

    @cached_property
    def _stored(self) -> int:
        bits = 0
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Stored):
                    bits |= event.bits
        return bits

    def all(self) -> list[Feature]:
        """Columns made in train or serve reach that are not merely a cleaned column of the same name, by place."""
        groups: dict[tuple[int, str, str], int] = defaultdict(int)
        for number, column in enumerate(self._world.columns):
            if column.made and column.name != "*" and HOLE not in column.name and self._is_judged(number) and not self._cleans(number):
                groups[column.at[0], column.function, column.name] |= 1 << number
        return [self._feature(key, bits) for key, bits in groups.items()]

    def _is_judged(self, number: int) -> bool:
        column = self._world.columns[number]
        colours = self._reach.of(column.at[0], column.function)
        return self._reach.judged(column.at) and bool(colours & {"train", "serve", "eval"})

    def _cleans(self, number: int) -> bool:
        """Whether a column only replaces one of its own name."""
        column = self._world.columns[number]
        return any(self._world.columns[dep].name == column.name for dep in numbers(column.deps))

    def _feature(self, key: tuple[int, str, str], bits: int) -> Feature:
        module, function, name = key
        first = next(iter(numbers(bits)))
        producer = self._trails.function(module, function)
        return Feature(name, self._trails.location(self._world.columns[first].at), producer, f"{self._trails.scope(function)}:{name}", bits)

    def may_be_used(self, feature: Feature) -> bool:
        """Whether a model, a decision, a file or code we cannot see may get a column of this feature; true in doubt.

        A column that nobody was seen leaving behind counts as used: we may have lost sight of its table.
        """
        if feature.columns & self._used:
            return True
        return not any(number in self._left_behind for number in numbers(feature.columns))

    def surely_unused(self, bits: int) -> int:
        """Those of some columns that were seen left behind, and that nothing can use."""
        return sum(1 << number for number in numbers(bits & ~self._used) if number in self._left_behind)

    def departures(self, bits: int) -> list[Step]:
        """Where columns are left behind, each place once."""
        places = sorted({self._left_behind[number].at for number in numbers(bits) if number in self._left_behind})
        return [self._trails.step(place, "columns of it are left behind") for place in places[:3]]

    def feeds_unused(self, feature: Feature) -> bool:
        """Whether another unused feature is made of this one, so that it belongs into that one's cone."""
        return any(
            other.columns != feature.columns and self._deps(other.columns) & feature.columns and not self.may_be_used(other)
            for other in self._unused
        )

    @cached_property
    def _unused(self) -> list[Feature]:
        return [feature for feature in self.all() if not self.may_be_used(feature)]

    def _deps(self, bits: int) -> int:
        found, pending = 0, bits
        while pending:
            deps = 0
            for number in numbers(pending):
                deps |= self._world.columns[number].deps
            pending = deps & ~found
            found |= deps
        return found

    def dead_cone(self, feature: Feature) -> Cone:
        """The made columns that feed only this feature."""
        only = self._deps(feature.columns) & ~self._used
        names = tuple(dict.fromkeys(self._world.columns[n].name for n in numbers(only) if self._world.columns[n].made))
        also = f", and with it {', '.join(repr(name) for name in names)}, which nothing else uses" if names else ""
        return Cone(names, also)

    def confidence_in(self, feature: Feature) -> Confidence:
        """Certain where the column was left behind in the module that makes it, without a file between."""
        first = next(iter(numbers(feature.columns)))
        event = next((self._left_behind[n] for n in numbers(feature.columns) if n in self._left_behind), None)
        same = event is not None and event.at[0] == self._world.columns[first].at[0]
        return "certain" if same and not feature.columns & self._stored else "firm"

    def trail(self, feature: Feature) -> tuple[Step, ...]:
        """Made of, made here, left behind there."""
        steps: list[Step] = []
        for number in numbers(feature.columns):
            column = self._world.columns[number]
            for dep in list(numbers(column.deps))[:3]:
                source = self._world.columns[dep]
                steps.append(self._trails.step(source.at, f"'{source.name}' is {'made' if source.made else 'read from a file'}"))
            steps.extend(self._trails.calls(column.frame))
            steps.append(self._trails.step(column.at, f"'{column.name}' is computed"))
            if number in self._left_behind:
                event = self._left_behind[number]
                steps.append(
                    self._trails.step(
                        event.at, f"'{column.name}' is {'dropped' if event.by == 'dropped' else 'not among the selected columns'}"
                    )
                )
        return distinct(steps)
