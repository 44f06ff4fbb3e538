"""What models learn from each other, put together when it is first asked for."""

from __future__ import annotations

from functools import cached_property

from mldebt.flow.follow import Followed
from mldebt.graph.cascades import Cascades
from mldebt.graph.feedback import Feedback
from mldebt.graph.identity import Identities
from mldebt.graph.kinship import Kinship
from mldebt.graph.links import Links
from mldebt.graph.pseudolabels import PseudoLabels
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails


class Learners:
    def __init__(self, followed: Followed, reach: Reach, trails: Trails) -> None:
        self._followed = followed
        self._reach = reach
        self._trails = trails

    @cached_property
    def links(self) -> Links:
        world = self._followed.world
        return Links(world, self._reach, self._trails, Identities(world, self._reach))

    @cached_property
    def feedback(self) -> Feedback:
        return Feedback(self._followed.world, self._reach, self.links, self._trails)

    @cached_property
    def pseudo_labels(self) -> PseudoLabels:
        return PseudoLabels(self._followed.world, self.links, self._trails)

    @cached_property
    def cascades(self) -> Cascades:
        return Cascades(self.links, Kinship(self._followed, self.links), self.feedback, self.pseudo_labels, self._trails)
