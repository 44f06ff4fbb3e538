"""Packages that many modules feed by hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.core import Location, Step
from mldebt.flow.events import Converted, Event, Fitted, Predicted
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct

FEW_MODULES = 4
MANY_LINES = 25
MOST = 0.6


@dataclass(frozen=True, slots=True)
class ScatteredPackage:
    """A package that bears fit and predict, called from many modules that repeat one conversion."""

    package: str
    conversion: str
    at: Location
    modules: tuple[str, ...]
    converting: tuple[str, ...]
    evidence: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class MovingModule:
    """A module most of whose lines on rows only convert or move them."""

    module: str
    path: str
    at: Location
    moving: int
    touching: int
    evidence: tuple[Step, ...]


class Glue:
    def __init__(self, world: World, reach: Reach, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails

    def packages(self) -> Iterator[ScatteredPackage]:
        calls, conversions = self._sites()
        for package in sorted(calls):
            modules = {place[0] for place, _ in calls[package]}
            counted = Counter(callee for callee, _ in {(c, place[0]) for c, place, _ in conversions[package]})
            repeated = [callee for callee, number in sorted(counted.items()) if number >= 2]
            if len(modules) < FEW_MODULES or not repeated or self._is_wrapped(calls[package], conversions[package]):
                continue
            yield self._scattered(package, repeated[0], modules, conversions[package])

    def modules(self) -> Iterator[MovingModule]:
        """Modules in train or serve reach where moving lines are many, and most."""
        for number, touching, moving in self._lines():
            if len(moving) >= MANY_LINES and len(moving) >= MOST * touching:
                yield self._moving(number, moving, touching)

    def lines(self) -> tuple[tuple[Location, ...], int]:
        """The moving lines of all these modules, and how many lines touch ML values."""
        found = list(self._lines())
        places = [self._trails.location(min(spots)[0]) for _, _, moving in found for spots in moving.values()]
        return tuple(sorted(places)), sum(touching for _, touching, _ in found)

    def _lines(self) -> Iterator[tuple[int, int, dict[int, list[tuple[Place, bool]]]]]:
        """For each module in train or serve reach: its number, how many lines touch ML values, and those that only convert or move them."""
        by_module: dict[int, dict[int, list[tuple[Place, bool]]]] = defaultdict(lambda: defaultdict(list))
        for place, moves in self._world.handled.items():
            if self._world.program.modules[place[0]].role == "source":
                by_module[place[0]][self._trails.location(place).line].append((place, moves))
        for number, lines in sorted(by_module.items()):
            if self._is_reached(number):
                yield number, len(lines), {line: spots for line, spots in lines.items() if all(moves for _, moves in spots)}

    def _is_reached(self, module: int) -> bool:
        colours = [c for (number, _), found in self._reach.functions.items() if number == module for c in found]
        return bool({"train", "serve", "eval"} & set(colours)) and not self._world.program.modules[module].is_notebook

    def _moving(self, number: int, moving: dict[int, list[tuple[Place, bool]]], touching: int) -> MovingModule:
        info = self._world.program.modules[number]
        places = [self._trails.location(min(spots)[0]) for _, spots in sorted(moving.items())]
        steps = [Step(at, "this only converts or moves values") for at in places[:8]]
        return MovingModule(info.dotted, info.path, places[0], len(moving), touching, distinct(steps))

    def _sites(self) -> tuple[dict[str, list[tuple[Place, Event]]], dict[str, list[tuple[str, Place, Event]]]]:
        calls: dict[str, list[tuple[Place, Event]]] = defaultdict(list)
        conversions: dict[str, list[tuple[str, Place, Event]]] = defaultdict(list)
        for number, root in enumerate(self._world.roots):
            if not self._reach.is_entry(number):
                continue
            if not self._reach.colours[number] & {"train", "serve", "eval"} or self._world.program.modules[root.module].is_notebook:
                continue
            for event in root.events:
                if self._world.program.modules[event.at[0]].role != "source":
                    continue
                if isinstance(event, Fitted | Predicted) and event.library:
                    calls[event.library].append((event.at, event))
                elif isinstance(event, Converted) and event.into:
                    conversions[event.into].append((event.callee, event.at, event))
        return calls, conversions

    def _is_wrapped(self, calls: list[tuple[Place, Event]], conversions: list[tuple[str, Place, Event]]) -> bool:
        """Whether a class or function both converts and calls, and another module uses it."""
        calling = {self._owner(event) for _, event in calls}
        return any(self._owner(event) in calling and self._used_elsewhere(event, place) for _, place, event in conversions)

    def _owner(self, event: Event) -> tuple[int, str]:
        """The class of a method, else the function."""
        name = event.frame.function
        head, dot, _ = name.rpartition(".")
        return event.frame.module, head if dot and not head.endswith("<locals>") else name or "<module>"

    def _used_elsewhere(self, event: Event, place: Place) -> bool:
        frame = event.frame.caller
        while frame is not None:
            if frame.module != place[0]:
                return True
            frame = frame.caller
        return event.frame.at[0] != place[0]

    def _scattered(self, package: str, conversion: str, modules: set[int], sites: list[tuple[str, Place, Event]]) -> ScatteredPackage:
        same = sorted({(self._trails.location(place), place) for callee, place, _ in sites if callee == conversion})
        files = {place[0] for _, place in same}
        short = conversion.rpartition(".")[2]
        steps = [Step(at, f"{short} converts here") for at, _ in same]
        first_of = {place[0]: at for at, place in reversed(same)}
        return ScatteredPackage(
            package=package,
            conversion=short,
            at=sorted(first_of.values())[1],
            modules=tuple(sorted(self._world.program.modules[m].path for m in modules)),
            converting=tuple(sorted(self._world.program.modules[m].path for m in files)),
            evidence=distinct(steps),
        )
