"""From what flow followed to the graph that answers."""

from __future__ import annotations

from mldebt.flow.follow import Followed
from mldebt.graph.debtgraph import DebtGraph
from mldebt.graph.surroundings import Surroundings


def build(followed: Followed, around: Surroundings) -> DebtGraph:
    return DebtGraph(followed, around)
