"""Comparisons of predictions with something that nobody learns from data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.core import Location, Step
from mldebt.flow.events import Acted, CallFrame, Compared, Decided, Predicted, Stored
from mldebt.flow.paths import same_path
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct

KINDS = frozenset({"probability", "score", "regression"})


@dataclass(frozen=True, slots=True)
class FixedThreshold:
    """A prediction that a fixed value turns into a decision. `effect` says what the decision does, "" where nothing is known;
    `acts` that the world outside is changed by it."""

    symbol: str
    value: object
    at: Location
    key: str
    model: str
    effect: str
    defined_in: str
    uses: int
    evidence: tuple[Step, ...]
    acts: bool
    only_evaluated: bool


class Decisions:
    def __init__(self, world: World, reach: Reach, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails

    def fixed(self) -> Iterator[FixedThreshold]:
        """One for each threshold of a model, at its first comparison."""
        groups: dict[tuple[object, ...], list[tuple[int, Compared]]] = defaultdict(list)
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            compared = [event for event in root.events if isinstance(event, Compared) and self._reach.judged(event.at)]
            tried = _tried(compared) | self._world.varying
            for event in compared:
                if (event.at, event.frame) not in tried and self._is_judged(event):
                    groups[self._identity(event)].append((number, event))
        for group in sorted(groups.values(), key=lambda g: self._trails.location(g[0][1].at)):
            yield self._threshold(group)

    def _named(self, predictions: frozenset[int]) -> int:
        """The prediction to speak of: the first of a model whose name is known, else the first."""
        known = [number for number in predictions if self._world.models[self._world.predictions[number].model].name]
        return min(known or predictions)

    def _is_judged(self, event: Compared) -> bool:
        kinds = {self._world.predictions[number].kind for number in event.predictions}
        if "label_or_number" in kinds and event.threshold != int(event.threshold):  # labels are not compared with fractions
            kinds.add("regression")
        return bool(kinds & KINDS) and not self._is_written(event.leaf) and event.threshold not in (0, 1)

    def _identity(self, event: Compared) -> tuple[object, ...]:
        models = frozenset(self._world.models[self._world.predictions[number].model].at for number in event.predictions)
        return (event.threshold, event.leaf, models, event.at[0] if event.leaf < 0 else -1)

    def _is_written(self, leaf: int) -> bool:
        """Whether code here writes the file that holds the threshold; true in doubt."""
        if leaf < 0:
            return False
        owner = self._world.leaves[leaf].owner
        return any(
            isinstance(event, Stored) and same_path(event.path, owner)
            for root in self._world.roots
            for event in root.events
            if isinstance(event, Stored)
        )

    def _threshold(self, group: list[tuple[int, Compared]]) -> FixedThreshold:
        places = list(dict.fromkeys(event.at for _, event in group))
        event = min((e for _, e in group), key=lambda e: self._trails.location(e.at))
        leaf = self._world.leaves[event.leaf] if event.leaf >= 0 else None
        prediction = self._world.predictions[self._named(event.predictions)]
        model = self._world.models[prediction.model]
        symbol = leaf.name if leaf is not None else event.name if event.name not in ("", "constant") else event.variable or "prediction"
        decided = self._decided({e.decision for _, e in group})
        steps = [
            *([Step(leaf.at, f"'{leaf.name}' is {leaf.value}")] if leaf is not None else []),
            *([self._trails.step(model.at, f"the model is made or loaded ({model.name or 'a file of others'})")] if model.type else []),
            *self._trails.calls(event.frame),
            self._trails.step(prediction.at, "it predicts"),
            *(self._trails.step(place, f"the prediction is compared with {event.threshold}") for place in sorted(places)),
            *(self._trails.step(event.at, f"it decides {event.how}") for event in decided[:2]),
        ]
        evaluated = all("train" in self._reach.own[number] or self._reach.own[number] == {"eval"} for number, _ in group)
        return FixedThreshold(
            symbol=symbol,
            value=event.threshold,
            at=self._trails.location(event.at),
            key=f"{symbol}:{event.threshold}",
            model=model.name,
            effect=next((event.how for event in decided), ""),
            defined_in=leaf.owner if leaf is not None else "",
            uses=len(places),
            evidence=distinct(steps),
            acts=self._acts(decided),
            only_evaluated=evaluated,
        )

    def _decided(self, decisions: set[int]) -> list[Decided]:
        return [event for root in self._world.roots for event in root.events if isinstance(event, Decided) and event.decision in decisions]

    def _acts(self, decided: list[Decided]) -> bool:
        """Whether a decision is what somebody outside gets, or the condition of an action."""
        places = {event.at for event in decided}
        return any(event.how.startswith("the answer") for event in decided) or any(
            isinstance(event, Acted) and any(place in places for place, _ in event.guards)
            for root in self._world.roots
            for event in root.events
        )

    def predicts(self) -> bool:
        return any(isinstance(event, Predicted) for root in self._world.roots for event in root.events)


def _tried(compared: list[Compared]) -> set[tuple[Place, CallFrame]]:
    """Comparisons that one run makes with one value after another: a search for the best, not a decision."""
    values: dict[tuple[Place, CallFrame], set[object]] = defaultdict(set)
    for event in compared:
        values[event.at, event.frame].add(event.threshold)
    return {where for where, several in values.items() if len(several) > 1}
