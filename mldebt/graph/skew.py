"""Features that a model gets when it is asked, against those it has learned from (catalogue MLD108)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.core import Confidence, Location, Step
from mldebt.flow.events import Fitted, Predicted
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Another set or order of features at `at` than at `fit_at`. `position` is where the order begins to differ, from 1; 0 where sets differ.

    `checked`: both sides name their columns, so that the library refuses the call.
    """

    model: str
    at: Location
    fit_at: Location
    learned: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    position: int
    checked: bool
    confidence: Confidence
    evidence: tuple[Step, ...]


class Skew:
    def __init__(self, world: World, reach: Reach, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails

    def mismatches(self) -> Iterator[Mismatch]:
        """One for each place that asks a model which is trained elsewhere, always from the same features."""
        fits, asked = self._sites()
        found: list[Mismatch] = []
        for answers in asked.values():
            models = {answer.model for _, answer in answers}
            if len(models) == 1 and len({(answer.names, answer.positional) for _, answer in answers}) == 1:
                number, answer = answers[0]
                found.extend(self._against(fits.get(answer.model, []), number, answer))
        yield from sorted(found, key=lambda mismatch: mismatch.at)

    def _sites(self) -> tuple[dict[int, list[tuple[int, Fitted]]], dict[object, list[tuple[int, Predicted]]]]:
        fits: dict[int, list[tuple[int, Fitted]]] = defaultdict(list)
        asked: dict[object, list[tuple[int, Predicted]]] = defaultdict(list)
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            for event in root.events:
                if isinstance(event, Fitted) and event.kind == "fitted":
                    fits[event.model].append((number, event))
                elif isinstance(event, Predicted) and self._reach.judged(event.at):
                    asked[event.at].append((number, event))
        return fits, asked

    def _against(self, fits: list[tuple[int, Fitted]], number: int, answer: Predicted) -> Iterator[Mismatch]:
        known = {(fit.names, fit.positional) for _, fit in fits}
        if len(known) != 1 or any(root == number for root, _ in fits):
            return
        (learned, positional) = known.pop()
        given = answer.names
        if not learned or not given or len(set(given)) < len(given):
            return
        missing = tuple(name for name in learned if name not in given)
        extra = tuple(name for name in given if name not in learned)
        if missing or extra:
            position = 0
        elif learned != given and (positional or answer.positional):
            position = next(index for index, pair in enumerate(zip(learned, given, strict=True), 1) if pair[0] != pair[1])
        else:
            return
        yield self._answer(fits[0][1], answer, (missing, extra, position, not (positional or answer.positional)))

    def _answer(self, fit: Fitted, answer: Predicted, difference: tuple[tuple[str, ...], tuple[str, ...], int, bool]) -> Mismatch:
        trails = self._trails
        missing, extra, position, checked = difference
        steps = [
            *trails.calls(fit.frame),
            trails.step(fit.at, f"the model learns from {', '.join(fit.names)}"),
            *trails.calls(answer.frame),
            trails.step(answer.at, f"it is asked with {', '.join(answer.names)}"),
        ]
        return Mismatch(
            model=self._world.models[answer.model].name,
            at=trails.location(answer.at),
            fit_at=trails.location(fit.at),
            learned=fit.names,
            missing=missing,
            extra=extra,
            position=position,
            checked=checked,
            confidence="firm",
            evidence=distinct(steps),
        )
