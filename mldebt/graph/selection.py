"""Test rows that choose a model and then report its score (catalogue MLD223)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from mldebt.core import Location, Step
from mldebt.flow.events import Evaluated, Event, Selected
from mldebt.flow.origin import ones
from mldebt.flow.world import World
from mldebt.graph.leakage import Leakage
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct


@dataclass(frozen=True, slots=True)
class TwiceUsed:
    """The rows that chose at `chosen_at` (`how`: comparison | stopping) are scored again at `at`, as the result. `sites` are all places that choose by them."""

    how: str
    at: Location
    chosen_at: Location
    model: str
    sites: int
    evidence: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Choosing:
    """Something is chosen by scores on `rows`; `scored_at` are the places of those scores."""

    how: str
    event: Selected | Evaluated
    rows: int
    scored_at: frozenset[tuple[int, int]]


class Selections:
    def __init__(self, world: World, reach: Reach, trails: Trails, leakage: Leakage) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._leakage = leakage

    def reported_again(self) -> Iterator[TwiceUsed]:
        """Parts of rows by which a model was chosen and that also give its last score, with no third part: one for each part."""
        tested = {trial.answer.origin.rows for trial in self._leakage.trials if isinstance(trial.answer, Evaluated)}
        seen: set[tuple[Location, int]] = set()
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            scores = [event for event in root.events if isinstance(event, Evaluated)]
            choices: dict[int, list[Choosing]] = defaultdict(list)
            for choosing in self._choices(root.events):
                if choosing.rows in tested and self._reach.judged(choosing.event.at):
                    choices[choosing.rows].append(choosing)
            for rows, found in choices.items():
                case = self._case(rows, found, scores)
                if case is not None and (case.at, rows) not in seen:
                    seen.add((case.at, rows))
                    yield case

    def _choices(self, events: list[Event]) -> Iterator[Choosing]:
        table = self._world.rows
        for event in events:
            if isinstance(event, Selected):
                scores = [table.aggregates[number] for number in ones(event.scores)]
                for rows in dict.fromkeys(score.rows for score in scores):
                    yield Choosing("comparison", event, rows, frozenset(score.at for score in scores if score.rows == rows))
            elif isinstance(event, Evaluated) and event.kind == "stopping" and event.models != {-1}:
                yield Choosing("stopping", event, event.origin.rows, frozenset({event.at}))

    def _case(self, rows: int, choices: list[Choosing], scores: list[Evaluated]) -> TwiceUsed | None:
        first = choices[0]
        choosing = {place for choice in choices for place in choice.scored_at}
        later = [
            score
            for score in scores
            if score.kind == "evaluated" and score.origin.rows == rows and score.at not in choosing and self._is_of(score, first)
        ]
        if not later or self._has_third_part(rows, scores):
            return None
        trails = self._trails
        report = later[-1]
        steps = [
            *(trails.step(token.at, "the rows are divided") for token in islice(self._world.rows.named(rows), 1)),
            *(trails.step(place, "a model is scored on the part") for place in sorted(first.scored_at)[:3] if first.how == "comparison"),
            *trails.calls(first.event.frame),
            trails.step(first.event.at, "the scores decide" if first.how == "comparison" else "the fit stops where it is best there"),
            *trails.calls(report.frame),
            trails.step(report.at, "the same part gives the result"),
        ]
        name = next((self._world.models[model].name for model in sorted(report.models) if model >= 0), "")
        sites = len({choice.event.at for choice in choices})
        return TwiceUsed(first.how, trails.location(report.at), trails.location(first.event.at), name, sites, distinct(steps))

    def _is_of(self, score: Evaluated, choice: Choosing) -> bool:
        """Whether a score follows a choice, and is one of what was chosen."""
        if score.sequence <= choice.event.sequence:
            return False
        return not isinstance(choice.event, Evaluated) or bool(score.models & choice.event.models)

    def _has_third_part(self, rows: int, scores: list[Evaluated]) -> bool:
        """Whether models are also scored on rows that neither taught nor chose; unknown rows may be such."""
        learned = 0
        for trial in self._leakage.trials:
            if trial.answer.origin.rows == rows:
                learned |= trial.fit.origin.rows
        return any(score.kind == "evaluated" and not score.inside and score.origin.rows & ~(rows | learned) for score in scores) or any(
            score.kind == "evaluated" and not score.origin.rows for score in scores
        )
