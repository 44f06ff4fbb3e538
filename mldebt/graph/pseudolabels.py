"""Predictions that stand among true labels in what a model learns to tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location, Step
from mldebt.flow.events import Column
from mldebt.flow.world import World, numbers
from mldebt.graph.links import Link, Links
from mldebt.graph.trails import Trails, distinct


@dataclass(frozen=True, slots=True)
class MixedLabels:
    """Labels of two origins in one table. `filtered`: only rows with confident predictions were added."""

    at: Location
    column: str
    upstream: str
    learner: str
    filtered: bool
    evidence: tuple[Step, ...]


class PseudoLabels:
    def __init__(self, world: World, links: Links, trails: Trails) -> None:
        self._world = world
        self._links = links
        self._trails = trails

    def all(self) -> Iterator[MixedLabels]:
        """One for each place that mixes, by place."""
        found: dict[Location, MixedLabels] = {}
        for link, mixed in self._mixed:
            if not link.lesson.weighted:
                at = self._trails.location(mixed.at)
                found.setdefault(at, self._labels(link, mixed, at))
        yield from (found[at] for at in sorted(found))

    def is_one(self, link: Link) -> bool:
        """Whether a link is a matter of labels mixed in memory."""
        return any(other == link for other, _ in self._mixed)

    @cached_property
    def _mixed(self) -> list[tuple[Link, Column]]:
        found = []
        for link in self._links.all:
            if "target" not in link.roles or link.crossings:
                continue
            for number in numbers(link.lesson.target & self._world.traces.get("mixed", 0)):
                column = self._world.columns[number]
                if column.predictions & link.predictions:
                    found.append((link, column))
                    break
        return found

    def _labels(self, link: Link, mixed: Column, at: Location) -> MixedLabels:
        upstream, learner = self._links.models.name(link.upstream), self._links.models.name(link.learner)
        steps = self._links.steps(link)
        told = self._trails.step(mixed.at, "rows with predicted labels are put below rows with true ones")
        return MixedLabels(
            at=at,
            column=mixed.name,
            upstream=upstream,
            learner=learner,
            filtered=self._is_filtered(link),
            evidence=distinct([*steps[:-1], *self._trails.calls(mixed.frame), told, steps[-1]]),
        )

    def _is_filtered(self, link: Link) -> bool:
        """Whether the same model's predictions chose the rows."""
        lesson = link.lesson
        chosen = self._world.predictions_in(lesson.features | lesson.target, "rows")
        return any(self._links.models.of(self._world.predictions[number].model) == link.upstream for number in chosen)
