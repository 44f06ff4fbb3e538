"""What models learn from what other models said: one link for each fit and model that it learns from, with the way in between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Step
from mldebt.declarations.types import HOLE
from mldebt.flow.events import Column, Fitted, Lesson, Loaded, Predicted, Stored
from mldebt.flow.paths import TABLE, same_path
from mldebt.flow.world import World, numbers
from mldebt.graph.identity import Identities
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct

ROLES = ("target", "base", "feature", "rows")


@dataclass(frozen=True, slots=True)
class Crossing:
    """A file or table between two roots: written with the prediction, read again."""

    stored: Stored
    loaded: Loaded
    proof: str
    writer: int
    reader: int

    @property
    def asset(self) -> str:
        """As people read it: the longer of both paths, the bare name of a table."""
        longer = max(self.stored.path, self.loaded.path, key=lambda path: (len(path), path))
        return longer.removeprefix(TABLE).replace(HOLE, "*")


@dataclass(frozen=True, slots=True)
class Link:
    """The predictions of `upstream` enter a fit of `learner` in some roles; `crossings` are the files in between, none in memory."""

    upstream: int
    learner: int
    roles: frozenset[str]
    predictions: frozenset[int]
    fit: Fitted
    root: int
    made: Predicted | None  # None where the learner goes on from the model itself
    made_root: int
    crossings: tuple[Crossing, ...]

    @property
    def lesson(self) -> Lesson:
        assert self.fit.lesson is not None
        return self.fit.lesson


class Links:
    def __init__(self, world: World, reach: Reach, trails: Trails, models: Identities) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self.models = models

    @cached_property
    def all(self) -> tuple[Link, ...]:
        """All that can be proven, by place of the fit; what may be one of several models is left out."""
        found: dict[tuple[object, ...], Link] = {}
        for learner, fits in sorted(self.models.fits.items()):
            for root, fit in fits:
                if fit.lesson is not None and self._reach.judged(fit.at):
                    for link in self._of(learner, root, fit, fit.lesson):
                        known = found.get((link.learner, link.upstream, fit.at))
                        if known is None or _rank(link) < _rank(known):
                            found[link.learner, link.upstream, fit.at] = link
        return tuple(sorted(found.values(), key=lambda link: (self._trails.location(link.fit.at), link.upstream)))

    def _of(self, learner: int, root: int, fit: Fitted, lesson: Lesson) -> Iterator[Link]:
        by_role = {
            "target": lesson.target_predictions | self._world.predictions_in(lesson.target),
            "base": lesson.base_predictions | self._world.predictions_in(lesson.base),
            "feature": lesson.feature_predictions | self._world.predictions_in(lesson.features),
            "rows": self._world.predictions_in(lesson.features | lesson.target, "rows"),
        }
        upstream: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for role, predictions in by_role.items():
            for model, own in self._certain(predictions).items():
                upstream[model][role] |= own
        for model, roles in sorted(upstream.items()):
            predictions = frozenset().union(*roles.values())
            way = self._way(predictions, root, fit)
            if way is not None:
                made, made_root, crossings = way
                yield Link(model, learner, frozenset(roles), predictions, fit, root, made, made_root, crossings)
        for number in sorted(lesson.continued):
            model = self.models.of(number)
            if model not in (learner, *upstream):
                yield Link(model, learner, frozenset({"base"}), frozenset(), fit, root, None, root, ())

    def _certain(self, predictions: frozenset[int]) -> dict[int, set[int]]:
        """The models that predictions certainly come from: a place that may ask one of several proves none of them."""
        by_place: dict[object, set[int]] = defaultdict(set)
        for number in predictions:
            by_place[self._world.predictions[number].at].add(number)
        found: dict[int, set[int]] = defaultdict(set)
        for same in by_place.values():
            models = {self.models.of(self._world.predictions[number].model) for number in same}
            if len(models) == 1:
                found[models.pop()] |= same
        return found

    # -- the way from a prediction to a fit ---------------------------------------------------------------------------

    def _way(self, predictions: frozenset[int], root: int, fit: Fitted) -> tuple[Predicted, int, tuple[Crossing, ...]] | None:
        """Where it was predicted and the files up to the fit; None where the roots are not connected."""
        ways: list[tuple[Predicted, int, tuple[Crossing, ...]]] = []
        for prediction in sorted(predictions):
            for made_root, made in self.models.predicted.get(prediction, ()):
                if made_root == root and made.sequence < fit.sequence:
                    return made, made_root, ()
                if not self._reach.judged(made.at):
                    continue
                crossings = self._crossings(made_root, root, prediction)
                if crossings:
                    ways.append((made, made_root, crossings))
        return min(ways, key=lambda way: (len(way[2]), way[1], way[0].sequence)) if ways else None

    def _crossings(self, start: int, goal: int, prediction: int) -> tuple[Crossing, ...]:
        """The shortest row of files that hold the prediction and lead from one root to another (or back to itself)."""
        pending: list[tuple[int, tuple[Crossing, ...]]] = [(start, ())]
        seen: set[int] = set()
        while pending:
            current, way = pending.pop(0)
            for stored in self._writes.get(current, ()):
                if prediction in self._held(stored):
                    for reader, loaded, proof in self._readers(stored):
                        step = (*way, Crossing(stored, loaded, proof, current, reader))
                        if reader == goal:
                            return step
                        if reader not in seen:
                            seen.add(reader)
                            pending.append((reader, step))
        return ()

    @cached_property
    def _writes(self) -> dict[int, list[Stored]]:
        found: dict[int, list[Stored]] = defaultdict(list)
        for number, root in enumerate(self._world.roots):
            if "test" not in self._reach.colours[number]:
                found[number] = [event for event in root.events if isinstance(event, Stored) and self._held(event)]
        return found

    def _held(self, stored: Stored) -> frozenset[int]:
        """The predictions among the values of a file, and those that chose its rows."""
        return stored.predictions | self._world.predictions_in(stored.bits, "rows")

    @cached_property
    def _reads(self) -> dict[object, list[tuple[int, Loaded, str]]]:
        found: dict[object, list[tuple[int, Loaded, str]]] = defaultdict(list)
        for number, root in enumerate(self._world.roots):
            if "test" not in self._reach.colours[number]:
                for event in root.events:
                    if isinstance(event, Loaded):
                        for source, proof in event.sources:
                            found[source].append((number, event, proof))
        return found

    def _readers(self, stored: Stored) -> list[tuple[int, Loaded, str]]:
        return [read for read in self._reads.get(stored.at, ()) if same_path(stored.path, read[1].path)]

    # -- what a link says ---------------------------------------------------------------------------------------------

    def columns(self, link: Link, roles: frozenset[str] = frozenset({"target", "base", "feature"})) -> tuple[str, ...]:
        """The columns that carry the predictions into the fit."""
        lesson = link.lesson
        bits = {"target": lesson.target, "base": lesson.base, "feature": lesson.features}
        names: dict[str, None] = {}
        for role in ROLES:
            if role in roles and role in bits:
                for number in numbers(bits[role] & self._world.traces.get("value", 0)):
                    column = self._world.columns[number]
                    if column.predictions & link.predictions and column.name not in ("", "*"):
                        names[column.name.replace(HOLE, "*")] = None
        return tuple(names)

    def steps(self, link: Link) -> tuple[Step, ...]:
        """The evidence: predicted, kept in columns, written, read, fitted."""
        trails, name = self._trails, self.models.name
        steps = self._origin(link.upstream)
        shown = self._carriers(link)
        here = link.made.at[0] if link.made is not None else -1
        if link.made is not None:
            steps.extend([*trails.calls(link.made.frame), trails.step(link.made.at, f"'{name(link.upstream)}' predicts")])
        steps.extend(trails.step(column.at, f"the prediction goes into '{column.name}'") for column in shown if column.at[0] == here)
        for crossing in link.crossings:
            asset = crossing.asset
            steps.extend(trails.calls(crossing.stored.frame))
            steps.append(trails.step(crossing.stored.at, f"it is written to '{asset}'"))
            steps.extend(trails.calls(crossing.loaded.frame))
            steps.append(trails.step(crossing.loaded.at, f"'{asset}' is read"))
        steps.extend(trails.step(column.at, f"it goes into '{column.name}'") for column in shown if column.at[0] != here)
        steps.extend(trails.calls(link.fit.frame))
        steps.append(trails.step(link.fit.at, f"'{name(link.learner)}' learns from it"))
        return distinct(steps)

    def _origin(self, model: int) -> list[Step]:
        for _, fit in self.models.fits.get(model, ()):
            return [self._trails.step(fit.at, f"'{self.models.name(model)}' is trained")]
        return (
            [self._trails.step(self._world.models[model].at, f"'{self.models.name(model)}' is loaded")]
            if self.models.is_loaded(model)
            else []
        )

    def _carriers(self, link: Link) -> list[Column]:
        """The columns on the way, first made first; traces follow each other."""
        lesson = link.lesson
        pending = (lesson.features | lesson.target | lesson.base) & self._world.traces.get("value", 0)
        found: dict[int, None] = {}
        while pending:
            before = 0
            for number in numbers(pending):
                column = self._world.columns[number]
                if number not in found and column.predictions & link.predictions:
                    found[number] = None
                    before |= column.deps
            pending = before
        return [self._world.columns[number] for number in sorted(found) if self._world.columns[number].name not in ("", "*")][:4]


def _rank(link: Link) -> tuple[int, int]:
    return (min(ROLES.index(role) for role in link.roles), len(link.crossings))
