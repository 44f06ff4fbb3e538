"""What test rows told a model before its test: statistics of all rows, doubled rows, statistics of the test itself (catalogue MLD221, 222, 227)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Confidence, Location, Step
from mldebt.flow.events import Evaluated, Event, Fitted, Predicted
from mldebt.flow.origin import STATISTICS, Aggregate, RowToken, ones
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct


@dataclass(frozen=True, slots=True)
class Trial:
    """A model learns from rows and answers for others; `parents` are the rows that both are parts of, by the division at `split`."""

    fit: Fitted
    answer: Predicted | Evaluated
    parents: int
    split: RowToken
    side: RowToken


@dataclass(frozen=True, slots=True)
class Leak:
    """Something at `at` carries test rows into training. `sites` are other places where it reaches a fit or a score."""

    what: str
    kind: str
    at: Location
    split_at: Location
    fit_at: Location
    answer_at: Location
    models: tuple[str, ...]
    confidence: Confidence
    evidence: tuple[Step, ...]
    label: str = ""  # of a statistic for each group: the label that it is a statistic of


class Leakage:
    def __init__(self, world: World, reach: Reach, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails

    def seen_by_statistics(self) -> Iterator[Leak]:
        """Statistics of all rows that reach the features of a fit whose model is tested on some of them: one for each place. In the label they say what
        is asked (`price >= price.mean()`), not what is known of an answer; but for a transformer, which changes the label's values."""
        found: dict[Place, list[tuple[Trial, Aggregate]]] = defaultdict(list)
        for trial in self.trials:
            common = self._world.rows.closure(trial.parents)
            for number in ones(trial.fit.origin.aggregates | trial.fit.target_origin.aggregates):
                aggregate = self._world.rows.aggregates[number]
                in_label = not trial.fit.origin.aggregates >> number & 1
                counts = aggregate.kind in STATISTICS and (aggregate.kind == "fitted" or not in_label)
                if aggregate.rows & common and counts:
                    found[aggregate.at].append((trial, aggregate))
        yield from self._leaks(found)

    def seen_as_copies(self) -> Iterator[Leak]:
        """Rows doubled or made up from each other before they were divided: one for each place that resamples."""
        found: dict[Place, list[tuple[Trial, Aggregate]]] = defaultdict(list)
        for trial in self.trials:
            for number in ones(self._world.rows.closure(trial.parents)):
                token = self._world.rows.tokens[number]
                if token.kind == "resampled":
                    found[token.at].append((trial, Aggregate("resampled", token.at, token.name, 1 << number, 0)))
        yield from self._leaks(found)

    def learned_from_the_test(self) -> Iterator[Leak]:
        """Statistics of the test rows in the test rows, where training has the same kind of statistic of its own rows."""
        found: dict[Place, list[tuple[Trial, Aggregate]]] = defaultdict(list)
        rows = self._world.rows
        for trial in self.trials:
            own = {
                rows.aggregates[n].what
                for n in ones(trial.fit.origin.aggregates)
                if self._is_of_side(rows.aggregates[n], trial.split) and rows.aggregates[n].kind in STATISTICS
            }
            for number in ones(trial.answer.origin.aggregates & ~trial.fit.origin.aggregates):
                aggregate = rows.aggregates[number]
                if aggregate.what in own and self._is_of_side(aggregate, trial.side):
                    found[aggregate.at].append((trial, aggregate))
        yield from self._leaks(found)

    # -- pairs of a fit and a test ------------------------------------------------------------------------------------

    @cached_property
    def trials(self) -> list[Trial]:
        """Fits and tests of one model on different sides of one division of rows."""
        answers: dict[int, list[Predicted | Evaluated]] = defaultdict(list)
        fits: list[Fitted] = []
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            for event in root.events:
                if isinstance(event, Fitted) and event.kind == "fitted" and event.model >= 0 and self._reach.judged(event.at):
                    fits.append(event)
                elif isinstance(event, Predicted):
                    answers[event.model].append(event)
                elif isinstance(event, Evaluated) and event.kind == "evaluated":
                    for model in event.models:
                        answers[model].append(event)
        return list(self._pairs(fits, answers))

    def _pairs(self, fits: list[Fitted], answers: dict[int, list[Predicted | Evaluated]]) -> Iterator[Trial]:
        """A call that fits and tests, as a cross-validation does, works on a copy of the model: its fit and its test belong to each other only."""
        seen: set[tuple[object, ...]] = set()
        tested = {(model, answer.at) for model, found in answers.items() for answer in found if isinstance(answer, Evaluated)}
        alone = {fit.at for fit in fits if (fit.model, fit.at) in tested}
        for fit in fits:
            for answer in answers[fit.model]:
                key = (fit.at, answer.at, fit.origin.key(), answer.origin.key())
                if key in seen or (fit.at != answer.at and not alone.isdisjoint((fit.at, answer.at))):
                    continue
                seen.add(key)
                yield from self._divided(fit, answer)

    def _divided(self, fit: Fitted, answer: Predicted | Evaluated) -> Iterator[Trial]:
        """The divisions that have the fit on one side and the answer on the other."""
        table = self._world.rows
        trained = {(token.split, token.parents): token for token in table.named(table.closure(fit.origin.rows)) if token.kind == "part"}
        for token in table.named(table.closure(answer.origin.rows)):
            other = trained.get((token.split, token.parents)) if token.kind == "part" else None
            if other is not None and other.name != token.name:
                yield Trial(fit, answer, token.parents, other, token)

    def _is_of_side(self, aggregate: Aggregate, side: RowToken) -> bool:
        """Whether a statistic is one of the rows of one side, and of no others."""
        table = self._world.rows
        return all(
            any(token.split == side.split and token.name == side.name for token in table.named(table.closure(1 << number)))
            for number in ones(aggregate.rows)
        )

    # -- what people read ---------------------------------------------------------------------------------------------

    def _leaks(self, found: dict[Place, list[tuple[Trial, Aggregate]]]) -> Iterator[Leak]:
        lines: set[tuple[str, int | None, int]] = set()
        for at, cases in sorted(found.items(), key=lambda item: self._trails.location(item[0])):
            place = self._trails.location(at)
            line = (place.path, place.cell, place.line)
            if self._reach.judged(at) and line not in lines:  # mean and deviation of one statement are one cause
                lines.add(line)
                yield self._leak(at, cases)

    def _leak(self, at: Place, cases: list[tuple[Trial, Aggregate]]) -> Leak:
        locate = self._trails.location
        trial, aggregate = min(cases, key=lambda case: (locate(case[0].fit.at), locate(case[0].answer.at)))
        models = tuple(dict.fromkeys(name for case, _ in cases if (name := self._world.models[case.fit.model].name)))
        functions = {(event.frame.module, event.frame.function) for event in (trial.fit, trial.answer)}
        near = len(functions) == 1 and aggregate.at[0] == trial.fit.at[0]
        return Leak(
            what=aggregate.what,
            kind=aggregate.kind,
            at=locate(at),
            split_at=locate(trial.split.at),
            fit_at=locate(trial.fit.at),
            answer_at=locate(trial.answer.at),
            models=models,
            confidence="certain" if near else "firm",
            evidence=self._evidence(trial, aggregate, cases),
            label=self._label_in(trial, aggregate),
        )

    def _label_in(self, trial: Trial, aggregate: Aggregate) -> str:
        """The label that each row gets a mean of, in its features."""
        encoded = aggregate.bits & trial.fit.target if aggregate.kind == "grouped" else 0
        return next((self._world.columns[number].name for number in ones(encoded)), "")

    def _evidence(self, trial: Trial, aggregate: Aggregate, cases: list[tuple[Trial, Aggregate]]) -> tuple[Step, ...]:
        trails = self._trails
        steps = [
            *trails.rows_read(aggregate.rows, trial.fit),
            trails.step(aggregate.at, f"{aggregate.what} is computed over the rows"),
            trails.step(trial.split.at, "the rows are divided"),
            *self._arrivals(trial.fit, "the model learns from one part"),
            *self._arrivals(trial.answer, "it is scored on another" if isinstance(trial.answer, Evaluated) else "it predicts another"),
            *(trails.step(case.fit.at, "so does another fit") for case, _ in cases[1:6] if case.fit.at != trial.fit.at),
        ]
        return distinct(steps)

    def _arrivals(self, event: Event, message: str) -> list[Step]:
        return [*self._trails.calls(event.frame), self._trails.step(event.at, message)]
