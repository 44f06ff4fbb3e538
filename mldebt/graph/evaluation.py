"""Scores on rows that the model has learned from, and models that nothing scores on other rows (catalogue MLD222, 228)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from mldebt.core import Location, Step
from mldebt.flow.events import Evaluated, Event, Fitted, Predicted, Stored
from mldebt.flow.origin import UNTOLD, ones
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class SeenRows:
    """A model is scored at `at` on rows of its own fit: on a part that was kept apart for it (`part`), or on nothing else anywhere."""

    model: str
    at: Location
    fit_at: Location
    metric: str
    part: bool
    evidence: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Unscored:
    """A model is kept at `at`, and nothing scores it on rows that it has not learned from; `scores` are those on its own rows."""

    model: str
    at: Location
    fit_at: Location
    scores: int
    evidence: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Moment(Generic[E]):
    """An event with the root that it happened in."""

    root: int
    event: E


@dataclass(slots=True)
class Life:
    """All that is known to happen to one model."""

    fits: list[Moment[Fitted]]
    scores: list[Moment[Evaluated]]
    predictions: list[Moment[Predicted]]
    kept: list[Moment[Stored]]
    watched: bool = False  # by rows held out inside a call, or beside the fit


class Evaluations:
    def __init__(self, world: World, reach: Reach, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails

    # -- questions ----------------------------------------------------------------------------------------------------

    def on_seen_rows(self) -> Iterator[SeenRows]:
        """Scores of a model on rows that it has surely learned from, where they are taken for a test."""
        seen: set[Location] = set()
        for number, life in sorted(self._lives.items()):
            found = [*self._on_parts(number, life)] or [*self._on_nothing_else(number, life)]
            for case in found:
                if case.at not in seen:
                    seen.add(case.at)
                    yield case

    def kept_unscored(self) -> Iterator[Unscored]:
        """Models that are kept, and that no code here scores on rows that they have not seen."""
        seen: set[Location] = set()
        for number, life in sorted(self._lives.items()):
            kept = [moment for moment in life.kept if self._is_training(moment.root)]
            if not kept or not self._is_never_tested(number, life):
                continue
            at = self._trails.location(kept[0].event.at)
            if at not in seen:
                seen.add(at)
                yield self._unscored(number, life, kept[0])

    # -- what happens to models ---------------------------------------------------------------------------------------

    @cached_property
    def _lives(self) -> dict[int, Life]:
        lives: dict[int, Life] = defaultdict(lambda: Life([], [], [], []))
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            for event in root.events:
                self._note(lives, number, event)
        return dict(lives)

    def _note(self, lives: dict[int, Life], root: int, event: Event) -> None:
        match event:
            case Fitted() if event.kind == "fitted" and event.model >= 0:
                lives[event.model].fits.append(Moment(root, event))
            case Evaluated():
                for model in event.models:
                    if event.kind == "evaluated" and not event.inside:
                        lives[model].scores.append(Moment(root, event))
                    elif event.inside or not self._is_seen(lives[model], Moment(root, event)):
                        lives[model].watched = True
            case Predicted():
                lives[event.model].predictions.append(Moment(root, event))
            case Stored():
                for model in event.models:
                    lives[model].kept.append(Moment(root, event))

    # -- scores on seen rows ------------------------------------------------------------------------------------------

    def _on_parts(self, number: int, life: Life) -> Iterator[SeenRows]:
        """Fitted on the whole, scored on a part of it that was divided off."""
        for moment in life.scores:
            fits = self._fits_before(life, moment)
            score = moment.event
            if self._judges(number, fits, score) and self._is_part_of_each(score.origin.rows, fits):
                yield self._seen_rows(number, fits[-1].event, score, True)

    def _on_nothing_else(self, number: int, life: Life) -> Iterator[SeenRows]:
        """The rows of the fit are the only ones that this model, or any other of the same program, is ever scored on."""
        if life.watched or not life.scores or number in self._world.given_away:
            return
        if self._is_never_tested(number, life) and any(self._is_training(moment.root) for moment in life.kept):
            return
        if not all(self._is_seen(life, moment) for moment in life.scores) or self._others_are_tested(number, life):
            return
        if any(not self._is_seen(life, moment) and moment.root == life.scores[0].root for moment in life.predictions):
            return
        first = life.scores[0]
        fits = self._fits_before(life, first)
        if self._judges(number, fits, first.event):
            yield self._seen_rows(number, fits[-1].event, first.event, False)

    def _judges(self, number: int, fits: list[Moment[Fitted]], score: Evaluated) -> bool:
        return (
            bool(fits)
            and self._reach.judged(score.at)
            and number not in self._world.given_away
            and all(self._is_supervised(f.event) for f in fits)
        )

    def _fits_before(self, life: Life, moment: Moment[Evaluated] | Moment[Predicted]) -> list[Moment[Fitted]]:
        """The fits that a score can be about: earlier ones of the same run, else all of other programs."""
        own = [fit for fit in life.fits if fit.root == moment.root]
        if own:
            asked = self._asked_at(life, moment)
            return [fit for fit in own if fit.event.sequence < asked]
        return life.fits

    def _asked_at(self, life: Life, moment: Moment[Evaluated] | Moment[Predicted]) -> int:
        """When the model was asked for what is scored."""
        earlier = [
            other.event.sequence
            for other in life.predictions
            if other.root == moment.root
            and other.event.origin.rows == moment.event.origin.rows
            and other.event.sequence <= moment.event.sequence
        ]
        return min(earlier, default=moment.event.sequence)

    def _is_seen(self, life: Life, moment: Moment[Evaluated] | Moment[Predicted]) -> bool:
        """Whether each of the fits that it can be about surely had these rows."""
        fits = self._fits_before(life, moment)
        return bool(fits) and all(self._covers(fit.event, moment.event.origin.rows) for fit in fits)

    def _is_part_of_each(self, rows: int, fits: list[Moment[Fitted]]) -> bool:
        table = self._world.rows
        divided = [
            token
            for token in table.named(rows)
            if token.kind == "part" and not (isinstance(token.split, tuple) and token.split[0] in UNTOLD)
        ]
        if len(divided) != rows.bit_count() or not divided:
            return False
        return all(self._covers(fit.event, table.above(rows)) and not fit.event.origin.rows & rows for fit in fits)

    def _covers(self, fit: Fitted, rows: int) -> bool:
        """Whether all of some rows are rows of the fit: files by name, and what is divided from them."""
        table = self._world.rows
        if not rows or not self._is_exact(rows) or not self._is_exact(fit.origin.rows):
            return False
        return all(table.closure(1 << number) & fit.origin.rows for number in ones(rows))

    def _is_exact(self, rows: int) -> bool:
        """Whether the rows come from files that are known by name, so that equal tokens are equal rows."""
        table = self._world.rows
        return bool(rows) and all(
            token.kind == "part" or (token.kind == "source" and bool(token.name)) for token in table.named(table.closure(rows))
        )

    # -- models that nothing tests ------------------------------------------------------------------------------------

    def _is_never_tested(self, number: int, life: Life) -> bool:
        """Whether all that happens to a model is seen, and none of it is a test."""
        if life.watched or not life.fits or number in self._world.given_away:
            return False
        if not all(
            self._is_supervised(fit.event) and self._is_training(fit.root) and self._reach.judged(fit.event.at) for fit in life.fits
        ):
            return False
        if not all(self._is_seen(life, moment) for moment in life.scores):
            return False
        asked = [moment for moment in life.predictions if self._world.roots[moment.root].kind != "route"]
        return all(self._is_seen(life, moment) for moment in asked) and not self._others_are_tested(number, life)

    def _others_are_tested(self, number: int, life: Life) -> bool:
        """Whether another model of the type, or of the same program, is scored on rows that it has not seen."""
        own = self._world.models[number]
        roots = {fit.root for fit in life.fits}
        for other, known in self._lives.items():
            if other == number or not (known.scores or known.watched):
                continue
            related = self._world.models[other].type == own.type or any(fit.root in roots for fit in known.fits) or not known.fits
            if related and (known.watched or not all(self._is_seen(known, moment) for moment in known.scores)):
                return True
        return False

    def _is_supervised(self, fit: Fitted) -> bool:
        return bool(fit.target) and fit.target != fit.features and fit.by == "fit"

    def _is_training(self, root: int) -> bool:
        return "train" in self._reach.colours[root] and self._reach.is_entry(root)

    # -- what people read ---------------------------------------------------------------------------------------------

    def _seen_rows(self, number: int, fit: Fitted, score: Evaluated, part: bool) -> SeenRows:
        trails = self._trails
        name = self._world.models[number].name
        steps = [
            *trails.rows_read(fit.origin.rows, fit),
            *trails.calls(fit.frame),
            trails.step(fit.at, "the model learns from all of them" if part else "the model learns from them"),
            *trails.calls(score.frame),
            trails.step(score.at, "it is scored on a part of them" if part else "it is scored on the same rows, and on no others"),
        ]
        return SeenRows(name, trails.location(score.at), trails.location(fit.at), score.metric, part, distinct(steps))

    def _unscored(self, number: int, life: Life, kept: Moment[Stored]) -> Unscored:
        trails = self._trails
        fit = life.fits[-1].event
        steps = [
            *trails.rows_read(fit.origin.rows, fit),
            *trails.calls(fit.frame),
            trails.step(fit.at, "the model learns from them"),
            *(trails.step(moment.event.at, "it is scored on rows that it has learned from") for moment in life.scores[:3]),
            trails.step(kept.event.at, "it is kept"),
        ]
        name = self._world.models[number].name
        return Unscored(name, trails.location(kept.event.at), trails.location(fit.at), len(life.scores), distinct(steps))
