"""Divisions of rows by chance that should have kept time or groups together (catalogue MLD225, 226)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.core import Location, Step
from mldebt.flow.origin import Aggregate, RowToken, ones
from mldebt.flow.world import World
from mldebt.graph.leakage import Leakage, Trial
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct

BY_CHANCE = frozenset({"random split", "sample"})
IDENTIFIER = re.compile(r"(?:.*_)?(?:id|uid|uuid|guid)", re.IGNORECASE)
"""Names of columns that say which of several things a row is about; a guess, as all that goes by names."""


@dataclass(frozen=True, slots=True)
class TornApart:
    """Rows that belong together are divided by chance at `at`; `what` is the window function, or the column that names the group."""

    what: str
    at: Location
    made_at: Location
    evidence: tuple[Step, ...]


class Divisions:
    def __init__(self, world: World, reach: Reach, trails: Trails, leakage: Leakage) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._leakage = leakage

    def of_time(self) -> Iterator[TornApart]:
        """Rows whose features are made of their neighbours in time, divided by chance: one for each division."""
        yield from self._torn(
            lambda aggregate: aggregate.what if aggregate.kind == "window" else "",
            "'{}' reads the rows before and after",
            "the rows are divided by chance",
        )

    def of_groups(self) -> Iterator[TornApart]:
        """Several rows of one thing (by the name of its key), divided row by row."""
        yield from self._torn(self._group, "several rows have one '{}'", "the rows are divided one by one")

    def _group(self, aggregate: Aggregate) -> str:
        return (
            next((key for key in aggregate.keys if IDENTIFIER.fullmatch(key)), "")
            if aggregate.kind in ("grouped", "window", "numbered")
            else ""
        )

    def _torn(self, what_of: object, made: str, divided: str) -> Iterator[TornApart]:
        assert callable(what_of)
        seen: set[Location] = set()
        for trial in self._leakage.trials:
            split = trial.split
            if not self._is_by_chance(split) or not self._reach.judged(split.at):
                continue
            for aggregate in self._carried(trial):
                what = what_of(aggregate)
                at = self._trails.location(split.at)
                if what and at not in seen:
                    seen.add(at)
                    yield TornApart(
                        what, at, self._trails.location(aggregate.at), self._evidence(trial, aggregate, made.format(what), divided)
                    )

    def _is_by_chance(self, token: RowToken) -> bool:
        return isinstance(token.split, tuple) and token.split[0] in BY_CHANCE

    def _carried(self, trial: Trial) -> Iterator[Aggregate]:
        """What was computed over the rows before they were divided, and is in the features of both sides."""
        common = self._world.rows.closure(trial.parents)
        for number in ones(trial.fit.origin.aggregates & trial.answer.origin.aggregates):
            aggregate = self._world.rows.aggregates[number]
            if aggregate.rows & common:
                yield aggregate

    def _evidence(self, trial: Trial, aggregate: Aggregate, made: str, divided: str) -> tuple[Step, ...]:
        trails = self._trails
        steps = [
            trails.step(aggregate.at, made),
            trails.step(trial.split.at, divided),
            *trails.calls(trial.fit.frame),
            trails.step(trial.fit.at, "the model learns from one part"),
            *trails.calls(trial.answer.frame),
            trails.step(trial.answer.at, "it is asked about the other"),
        ]
        return distinct(steps)
