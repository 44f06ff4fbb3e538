"""How two models belong together: trained as one, stacked, calibrated, distilled; then one learning from the other is no cascade."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from mldebt.flow.events import CallFrame, Fitted, chain_of
from mldebt.flow.follow import Followed
from mldebt.flow.world import numbers
from mldebt.graph.links import Link, Links

ESTIMATORS = frozenset({"model", "transformer", "pipeline", "search"})
TRACES = ("value", "mask", "rows", "order", "mixed", "residual", "random")


class Kinship:
    def __init__(self, followed: Followed, links: Links) -> None:
        self._followed = followed
        self._world = followed.world
        self._links = links
        self._models = links.models

    # -- what the model before is -------------------------------------------------------------------------------------

    def is_trained(self, link: Link) -> bool:
        """Whether the upstream model learned a target, here or before it was stored; clusterings, embeddings and fresh networks did not."""
        if self._models.is_loaded(link.upstream):
            return link.made is None or self._says_something(link)
        fits = self._models.fits.get(link.upstream, ())
        return any(fit.lesson is not None and fit.lesson.supervised for _, fit in fits) or self._is_network_trained(link)

    def _says_something(self, link: Link) -> bool:
        """What a network gives may be an embedding; it is a prediction for certain once it is a probability."""
        return link.made is not None and (link.made.library != "torch" or self._is_probability(link))

    def _is_probability(self, link: Link) -> bool:
        return any(self._world.predictions[number].kind == "probability" for number in link.predictions)

    def _is_network_trained(self, link: Link) -> bool:
        if link.made is None or link.made.library != "torch" or not self._is_probability(link):
            return False
        return any(
            isinstance(event, Fitted) and event.by == "backward" and number in self._predicting_roots(link.upstream)
            for number, root in enumerate(self._world.roots)
            for event in root.events
        )

    def _predicting_roots(self, model: int) -> set[int]:
        return {
            number
            for prediction, made in self._models.predicted.items()
            if self._models.of(self._world.predictions[prediction].model) == model
            for number, _ in made
        }

    def fills_gaps(self, link: Link) -> bool:
        """Whether the prediction stands in for missing values of what the upstream model learned to tell: an imputation."""
        targets = {name for _, fit in self._models.fits.get(link.upstream, ()) if fit.lesson for name in self.names(fit.lesson.target)}
        carried = set(self._links.columns(link, frozenset({"feature"})))
        if link.roles <= {"feature", "rows"}:
            return bool(carried) and carried <= targets
        return "target" in link.roles and not self.is_left_over(link) and self._keeps_target(link)

    def _keeps_target(self, link: Link) -> bool:
        """Whether the learner's target holds the upstream model's own target, and predictions where that is missing."""
        behind = self._behind(link.lesson.target & ~self._traces)
        own = [fit.lesson.target & ~self._traces for _, fit in self._models.fits.get(link.upstream, ()) if fit.lesson is not None]
        return any(target and (target & behind or self.names(target) & self.names(behind)) for target in own)

    def _behind(self, bits: int) -> int:
        """Columns with all they are made of, traces left out."""
        found, pending = 0, bits
        while pending:
            found |= pending
            deps = 0
            for number in numbers(pending):
                deps |= self._world.columns[number].deps & ~self._traces
            pending = deps & ~found
        return found

    # -- trained together ---------------------------------------------------------------------------------------------

    def is_joint(self, link: Link) -> bool:
        """Whether both are parts of one training: alternating in a loop, in one step of an object, inside one estimator."""
        return any(
            self._alternate(other, link.fit) or self._one_step(other, link.fit) or self._one_estimator(other.frame, link.fit.frame)
            for root, other in self._models.fits.get(link.upstream, ())
            if root == link.root
        )

    def is_boosting(self, link: Link) -> bool:
        """Whether models of one kind are added up by hand, each for what the others leave over."""
        models = self._world.models
        return link.roles == {"target"} and not link.crossings and models[link.upstream].type == models[link.learner].type != ""

    def _alternate(self, first: Fitted, second: Fitted) -> bool:
        """Both are trained in a loop that makes neither of them anew."""
        if first.lesson is None or second.lesson is None:
            return False
        shared = set(first.lesson.loops) & set(second.lesson.loops)
        return bool(shared - set(self._world.models[first.model].loops) - set(self._world.models[second.model].loops))

    def _one_step(self, first: Fitted, second: Fitted) -> bool:
        """Both are trained in one call, which made neither of them."""
        chain = chain_of(second.frame)
        if first.frame.function != second.frame.function or chain_of(first.frame) != chain or second.frame.function == "":
            return False
        return not any(self._world.models[fit.model].chain[: len(chain)] == chain for fit in (first, second))

    def _one_estimator(self, first: CallFrame, second: CallFrame) -> bool:
        return bool(self._estimators_around(first) & self._estimators_around(second))

    def _estimators_around(self, frame: CallFrame | None) -> set[tuple[int, str]]:
        found = set()
        while frame is not None:
            owner = (frame.module, frame.function.rpartition(".")[0])
            if owner in self._estimators:
                found.add(owner)
            frame = frame.caller
        return found

    @cached_property
    def _estimators(self) -> frozenset[tuple[int, str]]:
        """Classes of the repository that are models themselves: by what they inherit, or because they have fit and predict."""
        run = self._followed.interpreter
        found = set()
        for cls in self._world.classes:
            kinds = {self._world.knowledge.kind(base) for base in run.names.library_bases(cls) if base != "?"}
            if kinds & ESTIMATORS or {"fit", "predict"} <= cls.attributes.keys():
                found.add((cls.module, cls.code.qualname))
        return frozenset(found)

    # -- declared ensembles -------------------------------------------------------------------------------------------

    def is_out_of_fold(self, link: Link) -> bool:
        """Whether each row was predicted by a model that had not seen it: cross_val_predict, or a loop over folds."""
        if link.made is None:
            return False
        fits = [fit for root, fit in self._models.fits.get(link.upstream, ()) if root == link.made_root]
        if any(fit.at == link.made.at for fit in fits):
            return True
        folds = {loop for fit in fits if fit.lesson for loop in fit.lesson.loops} & set(link.made.loops)
        return bool(folds - set(link.lesson.loops)) and self.same_target(link) is not False

    def is_combiner(self, links: list[Link]) -> bool:
        """Whether a fit weighs several models against each other: it gets only what they say, or all are trained beside it for the same target."""
        if len({link.upstream for link in links}) < 2 or any("feature" not in link.roles for link in links):
            return False
        if all(link.lesson.more or self.gets_only_predictions(link) for link in links):
            return True
        return all(self._is_trained_in(link) and self.same_target(link) is not False for link in links)

    def _is_trained_in(self, link: Link) -> bool:
        return any(root == link.root for root, _ in self._models.fits.get(link.upstream, ()))

    def gets_only_predictions(self, link: Link) -> bool:
        """Whether nothing but predictions enters the fit."""
        lesson = link.lesson
        plain = lesson.features & ~self._traces
        if lesson.more or lesson.features & self._world.traces.get("mixed", 0):
            return False
        return all(self._world.columns[number].predictions for number in numbers(plain))

    def is_residual(self, link: Link) -> bool:
        """Whether the learner's target is something else than what the upstream model says."""
        return self.is_left_over(link) or bool(self._sources(link.lesson.target & ~self._traces))

    def is_left_over(self, link: Link) -> bool:
        """Whether the learner's target is a difference to what the upstream model says."""
        return bool(link.lesson.target & self._world.traces.get("residual", 0))

    def _sources(self, bits: int) -> int:
        """The columns at the far end that are no predictions."""
        found = 0
        for number in numbers(self._behind(bits)):
            column = self._world.columns[number]
            if not (column.deps & ~self._traces) and not column.predictions:
                found |= 1 << number
        return found

    @cached_property
    def _traces(self) -> int:
        bits = 0
        for role in TRACES:
            bits |= self._world.traces.get(role, 0)
        return bits

    # -- targets ------------------------------------------------------------------------------------------------------

    def names(self, bits: int) -> frozenset[str]:
        return frozenset(self._world.columns[number].name for number in numbers(bits & ~self._traces))

    def same_target(self, link: Link) -> bool | None:
        """Whether both learn to tell the same thing; None where one of the targets is not known by name."""
        own = link.lesson.target & ~self._traces
        answers: dict[bool | None, None] = defaultdict()
        for _, fit in self._models.fits.get(link.upstream, ()):
            other = fit.lesson.target & ~self._traces if fit.lesson is not None else 0
            if not own or not other:
                answers[None] = None
            else:
                answers[bool(own & other) or self.names(own) == self.names(other)] = None
        return True if True in answers else None if None in answers or not answers else False
