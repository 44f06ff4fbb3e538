"""Statistics and codes that serving takes from the very rows it shall score (catalogue MLD107)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Confidence, Location, Step
from mldebt.flow.events import Fitted, Predicted
from mldebt.flow.origin import ones
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct


@dataclass(frozen=True, slots=True)
class Refit:
    """What is computed of the rows to score. `kind`: fitted | statistic | codes; `listed`: codes whose columns a list then fixes."""

    what: str
    kind: str
    at: Location
    function: str
    scope: str
    model: str
    listed: bool
    transforms: int
    confidence: Confidence
    evidence: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One statistic or encoding at a place, and a prediction that gets it."""

    what: str
    kind: str
    at: Place
    listed: bool
    answer: Predicted


class Refits:
    def __init__(self, world: World, reach: Reach, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails

    def at_serving(self) -> Iterator[Refit]:
        """One for each prediction that gets any, at the first of them; a place speaks once."""
        groups: dict[Place, dict[Place, Case]] = defaultdict(dict)
        seen: set[Place] = set()
        for case in sorted(self._cases(), key=lambda case: (self._trails.location(case.answer.at), self._trails.location(case.at))):
            if case.at not in seen and self._reach.judged(case.at):
                seen.add(case.at)
                groups[case.answer.at][case.at] = case
        found = [self._answer(list(cases.values())) for cases in groups.values()]
        yield from sorted(found, key=lambda refit: refit.at)

    def _cases(self) -> Iterator[Case]:
        for number, root in enumerate(self._world.roots):
            colours = self._reach.colours[number]
            if "serve" not in colours or colours & {"train", "test", "eval"}:
                continue
            fits = {event.at for event in root.events if isinstance(event, Fitted)}
            for event in root.events:
                if isinstance(event, Predicted):
                    yield from self._statistics(event, fits)
                    yield from self._codes(event)

    def _scored(self, answer: Predicted) -> int:
        """The rows that are scored, and those they are part of."""
        return self._world.rows.closure(answer.origin.rows & ~self._world.rows.codes)

    def _statistics(self, answer: Predicted, fits: set[Place]) -> Iterator[Case]:
        scored = self._scored(answer)
        for number in ones(answer.origin.aggregates & ~self._trained.get(answer.model, (0, 0))[0]):
            aggregate = self._world.rows.aggregates[number]
            here = aggregate.at in fits if aggregate.kind == "fitted" else aggregate.table
            if here and aggregate.rows & scored:
                yield Case(aggregate.what, aggregate.kind, aggregate.at, False, answer)

    def _codes(self, answer: Predicted) -> Iterator[Case]:
        table = self._world.rows
        scored = self._scored(answer)
        listed = any(token.kind == "listed" for token in table.named(answer.origin.rows & table.codes))
        marks = (answer.origin.rows & table.codes) | self._in_columns(answer.inputs)
        for token in table.named(marks & ~self._trained.get(answer.model, (0, 0))[1]):
            if token.kind == "encoded" and token.of & scored:
                yield Case(token.name, "codes", token.at, listed, answer)

    def _in_columns(self, bits: int) -> int:
        """The marks of codes in columns and in what they are made of."""
        found, seen = 0, 0
        while waiting := bits & ~seen:
            seen |= waiting
            for number in ones(waiting):
                found |= self._world.coded.get(number, 0)
                bits |= self._world.columns[number].deps
        return found

    @cached_property
    def _trained(self) -> dict[int, tuple[int, int]]:
        """The statistics and marks that each model has learned with."""
        found: dict[int, tuple[int, int]] = {}
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Fitted) and event.kind == "fitted":
                    aggregates, codes = found.get(event.model, (0, 0))
                    found[event.model] = (
                        aggregates | event.origin.aggregates,
                        codes | (event.origin.rows & self._world.rows.codes) | self._in_columns(event.features),
                    )
        return found

    def _answer(self, cases: list[Case]) -> Refit:
        trails = self._trails
        first, answer = cases[0], cases[0].answer
        outer = answer.frame
        while outer.caller is not None:
            outer = outer.caller
        steps = [
            *(trails.step(case.at, f"{case.what} is computed over the rows to score") for case in cases),
            *trails.calls(answer.frame),
            trails.step(answer.at, "the model predicts from the result"),
        ]
        return Refit(
            what=first.what,
            kind=first.kind,
            at=trails.location(first.at),
            function=trails.function(outer.module, outer.function),
            scope=trails.scope(outer.function),
            model=self._world.models[answer.model].name if answer.model >= 0 else "",
            listed=all(case.listed for case in cases),
            transforms=len(cases),
            confidence="certain" if answer.frame.caller is None and first.at[0] == answer.at[0] and first.kind == "fitted" else "firm",
            evidence=distinct(steps),
        )
