"""Labels among the features (catalogue MLD224)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mldebt.core import Confidence, Location, Step
from mldebt.flow.events import Column, Fitted
from mldebt.flow.origin import ones
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct


@dataclass(frozen=True, slots=True)
class LabelAmongFeatures:
    """The label `name` of a fit is one of its features (`through` ""), or the feature `through` is computed from it."""

    name: str
    through: str
    at: Location
    key: str
    confidence: Confidence
    evidence: tuple[Step, ...]


class Targets:
    def __init__(self, world: World, reach: Reach, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails

    def among_features(self) -> Iterator[LabelAmongFeatures]:
        """One for each fit and label, at the fit, or where the feature is computed from the label."""
        seen: set[tuple[Location, str]] = set()
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            for event in root.events:
                if isinstance(event, Fitted) and event.kind == "fitted":
                    event = self._without_traces(event)
                    for found in self._of_fit(event) if self._is_comparable(event) else ():
                        if (found.at, found.name) not in seen:
                            seen.add((found.at, found.name))
                            yield found

    def _without_traces(self, fit: Fitted) -> Fitted:
        """The fit with columns only: what travels with them as a mark is none."""
        marks = self._world.marks()
        return replace(fit, features=fit.features & ~marks, target=fit.target & ~marks) if (fit.features | fit.target) & marks else fit

    def _is_comparable(self, fit: Fitted) -> bool:
        """One known label, in the rows of the features, and more than it among the features (else the model rebuilds its input)."""
        rows = self._world.rows
        return (
            self._reach.judged(fit.at)
            and fit.target.bit_count() == 1
            and fit.target != fit.features
            and not (fit.origin.moved or fit.origin.partial or fit.target_origin.moved)
            and not fit.target_origin.aggregates
            and bool(rows.before_choices(fit.origin.rows) & rows.before_choices(fit.target_origin.rows))
        )

    def _of_fit(self, fit: Fitted) -> Iterator[LabelAmongFeatures]:
        (number,) = ones(fit.target)
        label = self._world.columns[number]
        if fit.features & fit.target or self._is_in_rest(label, fit):
            yield self._found(fit, label, None)
            return
        for other in ones(fit.features):
            column = self._world.columns[other]
            if column.made and self._world.columns[other].same_row and self._is_made_of(other, number):
                yield self._found(fit, label, column)

    def _is_in_rest(self, label: Column, fit: Fitted) -> bool:
        """Whether the features hold all columns of the read that the label comes from, the label's name not taken away."""
        if label.made:
            return False
        return any(self._world.sources[rest.source][1] == label.at and label.name not in rest.gone for rest in fit.origin.rest)

    def _is_made_of(self, column: int, label: int) -> bool:
        """Whether the values of a column are computed from the label in the same row."""
        seen = 0
        waiting = self._world.columns[column].same_row
        while waiting & ~seen:
            low = (waiting & ~seen) & -(waiting & ~seen)
            seen |= low
            waiting |= self._world.columns[low.bit_length() - 1].same_row
        return bool(seen >> label & 1)

    def _found(self, fit: Fitted, label: Column, through: Column | None) -> LabelAmongFeatures:
        trails = self._trails
        steps = [
            trails.step(label.at, f"'{label.name}' is {'made' if label.made else 'read'}"),
            *([trails.step(through.at, f"'{through.name}' is computed from it")] if through is not None else []),
            *trails.calls(fit.frame),
            trails.step(
                fit.at, f"the model learns '{label.name}' from features that hold {'it' if through is None else repr(through.name)}"
            ),
        ]
        near = label.at[0] == fit.at[0] and fit.frame.caller is None and not fit.origin.rest
        return LabelAmongFeatures(
            name=label.name,
            through=through.name if through is not None else "",
            at=trails.location(fit.at if through is None else through.at),
            key=f"{label.name}:{through.name if through is not None else ''}",
            confidence="certain" if near else "firm",
            evidence=distinct(steps),
        )
