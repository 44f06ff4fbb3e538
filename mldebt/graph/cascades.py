"""Models that learn from what other models said (Sculley et al. 2015, correction cascades)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from mldebt.core import Location, Step
from mldebt.graph.feedback import Feedback
from mldebt.graph.kinship import Kinship
from mldebt.graph.links import Link, Links
from mldebt.graph.pseudolabels import PseudoLabels
from mldebt.graph.trails import Trails, distinct


@dataclass(frozen=True, slots=True)
class Cascade:
    """A model at the end of a row of models that learn from each other. `form`: feature | target | residual | base | calibration | distillation."""

    at: Location
    learner: str
    upstream: str
    form: str
    carrier: str  # the column or file that the prediction comes in, "" where it has no name
    symbol: str
    depth: int
    further: int
    evidence: tuple[Step, ...]


class Cascades:
    def __init__(self, links: Links, kinship: Kinship, feedback: Feedback, pseudo: PseudoLabels, trails: Trails) -> None:
        self._links = links
        self._kinship = kinship
        self._feedback = feedback
        self._pseudo = pseudo
        self._trails = trails

    def all(self) -> Iterator[Cascade]:
        """One for each model and output that others learn from, at the first fit; the other learners are told beside it."""
        first: dict[tuple[str, str], Cascade] = {}
        for cascade in self._ends():
            key = (cascade.upstream, cascade.symbol)
            known = first.get(key)
            first[key] = cascade if known is None else _with(known, cascade)
        yield from first.values()

    def _ends(self) -> Iterator[Cascade]:
        """One for each model that ends a cascade, at its fit; links belong to the first that has them."""
        told: set[Link] = set()
        for link in sorted(self._proven, key=self._order):
            if link in told or (self._form(link) == "cascade" and self._feeds_on(link.learner)):
                continue
            row = [link, *self._above(link, {link.learner})] if self._form(link) == "cascade" else [link]
            beside = [other for other in self._proven if other.fit.at == link.fit.at and other.learner == link.learner]
            row = list(dict.fromkeys([*row, *(more for other in beside for more in (other, *self._above(other, {link.learner})))]))
            new = [other for other in row if other not in told]
            told.update(row)
            yield self._cascade(link, row, new)

    def _order(self, link: Link) -> tuple[object, ...]:
        return (-self._depth(link, frozenset({link.learner})), self._trails.location(link.fit.at), link.upstream)

    def _cascade(self, link: Link, row: list[Link], new: list[Link]) -> Cascade:
        form = self._form(link)
        carriers = self._links.columns(link)
        asset = link.crossings[-1].asset if link.crossings else ""
        kind = form if form != "cascade" else self._role(link)
        upstream = self._links.models.name(link.upstream)
        steps = [step for other in reversed(row) for step in self._links.steps(other)]
        return Cascade(
            at=self._trails.location(link.fit.at),
            learner=self._links.models.name(link.learner),
            upstream=upstream,
            form=kind,
            carrier=":".join(part for part in (asset, carriers[0] if carriers else "") if part),
            symbol=carriers[0] if carriers else upstream,
            depth=self._depth(link, frozenset({link.learner})),
            further=max(len(new) - 1, 0),
            evidence=distinct(steps),
        )

    def _role(self, link: Link) -> str:
        if "base" in link.roles:
            return "base"
        if "target" in link.roles:
            return "residual" if self._kinship.is_left_over(link) else "target"
        return "feature"

    # -- which links count --------------------------------------------------------------------------------------------

    @cached_property
    def _proven(self) -> list[Link]:
        return [link for link in self._links.all if self._form(link)]

    @cached_property
    def _forms(self) -> dict[Link, str]:
        by_fit: dict[object, list[Link]] = defaultdict(list)
        for link in self._links.all:
            if link.upstream != link.learner:
                by_fit[link.learner, link.fit.at].append(link)
        return {link: self._judged(link, beside) for beside in by_fit.values() for link in beside}

    def _form(self, link: Link) -> str:
        """cascade | calibration | distillation, "" for what is none."""
        return self._forms.get(link, "")

    def _judged(self, link: Link, beside: list[Link]) -> str:
        kin = self._kinship
        beside = [other for other in beside if other.roles != {"rows"}]
        if link.roles == {"rows"} or self._feedback.is_inside(link) or self._pseudo.is_one(link):
            return ""
        if link.made is None:
            return "cascade" if kin.same_target(link) is False else ""
        if not kin.is_trained(link) or kin.is_joint(link) or kin.fills_gaps(link):
            return ""
        if kin.is_boosting(link) and kin.is_residual(link):
            return ""
        if "base" in link.roles or ("target" in link.roles and kin.is_residual(link)):
            return "cascade"
        if "target" in link.roles:
            return "distillation"
        if kin.is_out_of_fold(link) or kin.is_combiner(beside):
            return ""
        return "calibration" if kin.gets_only_predictions(link) and kin.same_target(link) is not False else "cascade"

    # -- rows of links ------------------------------------------------------------------------------------------------

    @cached_property
    def _into(self) -> dict[int, list[Link]]:
        found: dict[int, list[Link]] = defaultdict(list)
        for link in self._proven:
            if self._form(link) == "cascade":
                found[link.learner].append(link)
        return found

    def _feeds_on(self, model: int) -> bool:
        """Whether another cascade goes on from a model, so that it is told there."""
        return any(link.upstream == model and link.learner != model for links in self._into.values() for link in links)

    def _above(self, link: Link, seen: set[int]) -> list[Link]:
        """The links that the upstream model itself hangs on."""
        if link.upstream in seen:
            return []
        seen.add(link.upstream)
        return [more for other in self._into.get(link.upstream, ()) for more in (other, *self._above(other, seen))]

    def _depth(self, link: Link, seen: frozenset[int]) -> int:
        if link.upstream in seen:
            return 1
        deeper = [self._depth(other, seen | {link.upstream}) for other in self._into.get(link.upstream, ())]
        return 1 + max(deeper, default=0)


def _with(first: Cascade, other: Cascade) -> Cascade:
    """A cascade with one more model that learns from the same output."""
    steps = distinct([*first.evidence, *other.evidence])
    return replace(first, depth=max(first.depth, other.depth), further=first.further + other.further + 1, evidence=steps)
