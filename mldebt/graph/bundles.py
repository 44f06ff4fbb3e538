"""Columns that are joined as one though few of them are needed (catalogue MLD204, and MLD210 where none is)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location, Step
from mldebt.declarations.types import HOLE
from mldebt.flow.events import Joined, Loaded
from mldebt.flow.values import Place
from mldebt.flow.world import World, numbers
from mldebt.graph.features import Features
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails, distinct

SMALLEST = 4
MOST_KEPT = 0.5
NEW_DAYS = 60
LEARNING = frozenset({"train", "eval", "serve"})


@dataclass(frozen=True, slots=True)
class Bundle:
    """A join brings `kept` and `unused` columns; `path` is the file they come from, "" where it is no single one. `optional`: no row depends on the join."""

    path: str
    at: Location
    function: str
    scope: str
    kept: tuple[str, ...]
    unused: tuple[str, ...]
    optional: bool
    evidence: tuple[Step, ...]


class Bundles:
    def __init__(self, world: World, reach: Reach, trails: Trails, features: Features, around: Surroundings) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._features = features
        self._around = around

    def mostly_unused(self) -> Iterator[Bundle]:
        """Joins of four columns or more, at most half of which may be used by anything, by place."""
        for bundle in self._all:
            size = len(bundle.kept) + len(bundle.unused)
            if size >= SMALLEST and bundle.kept and len(bundle.kept) <= MOST_KEPT * size and not self._is_new(bundle.at):
                yield bundle

    def dead(self) -> Iterator[Bundle]:
        """Joins of which no column is used, and no row depends on."""
        yield from (bundle for bundle in self._all if not bundle.kept and bundle.optional)

    def _is_new(self, at: Location) -> bool:
        history = self._around.history()
        age = self._around.ages(at) if history is not None and history >= NEW_DAYS else None
        return age is not None and age < NEW_DAYS

    @cached_property
    def _all(self) -> list[Bundle]:
        found: dict[Place, list[Joined]] = defaultdict(list)
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Joined) and self._is_judged(event):
                    found[event.at].append(event)
        bundles = [self._bundle(events) for events in found.values() if len({event.columns for event in events}) == 1]
        return sorted((bundle for bundle in bundles if bundle is not None), key=lambda bundle: bundle.at)

    def _is_judged(self, event: Joined) -> bool:
        return self._reach.judged(event.at) and bool(self._reach.of(event.frame.module, event.frame.function) & LEARNING)

    def _bundle(self, events: list[Joined]) -> Bundle | None:
        """Only columns that are read: one that code makes and nothing uses is a finding of its own."""
        event = events[0]
        kept, unused, left = [], [], 0
        for name, bits in event.columns:
            surely = self._features.surely_unused(bits)
            if surely == bits and not any(self._world.columns[number].made for number in numbers(bits)):
                unused.append(name)
                left |= bits
            else:
                kept.append(name)
        if not unused:
            return None
        places = {self._world.columns[number].at for number in numbers(left)}
        path = self._paths.get(next(iter(places)), "") if len(places) == 1 else ""
        steps = [self._trails.step(place, f"'{path}' is read" if path else "columns of the table are read") for place in sorted(places)[:3]]
        return Bundle(
            path=path,
            at=self._trails.location(event.at),
            function=self._trails.function(event.frame.module, event.frame.function),
            scope=self._trails.scope(event.frame.function),
            kept=tuple(kept),
            unused=tuple(unused),
            optional=all(each.how == "left" for each in events),
            evidence=distinct(
                [
                    *steps,
                    *self._trails.calls(event.frame),
                    self._trails.step(event.at, "the join brings " + ", ".join(repr(name) for name, _ in event.columns)),
                    *self._features.departures(left),
                ]
            ),
        )

    @cached_property
    def _paths(self) -> dict[Place, str]:
        """The one file that each place reads."""
        found: dict[Place, set[str]] = defaultdict(set)
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Loaded):
                    found[event.at].add(event.path)
        return {place: next(iter(paths)) for place, paths in found.items() if len(paths) == 1 and HOLE not in next(iter(paths))}
