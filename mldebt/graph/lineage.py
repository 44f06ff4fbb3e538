"""Walks over the picture of the graph: where something comes from, where it goes, what a change of it reaches (Sculley 2015, section 3: dependency trees
fully resolved; McMahan 2013, section 8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mldebt.graph.vocabulary import GraphEdge, GraphNode, GraphPicture

Direction = Literal["upstream", "downstream"]
REACHED = ("feature", "column", "model", "prediction", "decision", "asset", "entry_point", "consumer")
USES = frozenset({"model", "prediction", "decision", "asset", "consumer", "entry_point"})


@dataclass(frozen=True, slots=True)
class Branch:
    """A node on the way, the kind of the edge that led to it ("" at the root), and what comes after it. `again`: it stands elsewhere in the tree."""

    node: GraphNode
    edge: str
    after: tuple[Branch, ...]
    again: bool = False


class Lineage:
    """Questions about one picture. Names are labels as people write them: a column, a key, the path or the last part of the path of a file."""

    def __init__(self, picture: GraphPicture) -> None:
        self._nodes = {node.id: node for node in picture.nodes}
        self._after: dict[str, list[GraphEdge]] = defaultdict(list)
        self._before: dict[str, list[GraphEdge]] = defaultdict(list)
        for edge in picture.edges:
            self._after[edge.source].append(edge)
            self._before[edge.target].append(edge)

    def named(self, name: str) -> tuple[GraphNode, ...]:
        """The nodes that a person may mean, best matches only: whole labels, else last parts, else labels without what is in brackets."""
        for matches in (_is_whole, _is_last_part, _is_bare):
            found = tuple(node for node in self._nodes.values() if matches(node, name))
            if found:
                return found
        return ()

    def labels(self) -> tuple[str, ...]:
        return tuple(sorted({node.label for node in self._nodes.values()}))

    def tree(self, node: GraphNode, direction: Direction) -> Branch:
        """Everything before or after a node; what stands in the tree already is named again, not repeated."""
        return self._branch(node, "", direction, {node.id})

    def _branch(self, node: GraphNode, edge: str, direction: Direction, seen: set[str]) -> Branch:
        after = []
        for step, other in self._steps(node.id, direction):
            if other.id in seen:
                after.append(Branch(other, step, (), again=True))
                continue
            seen.add(other.id)
            after.append(self._branch(other, step, direction, seen))
        return Branch(node, edge, tuple(after))

    def _steps(self, id_: str, direction: Direction) -> Iterator[tuple[str, GraphNode]]:
        edges = self._after[id_] if direction == "downstream" else self._before[id_]
        for edge in edges:
            other = self._nodes.get(edge.target if direction == "downstream" else edge.source)
            if other is not None:
                yield edge.kind, other

    def reached(self, nodes: tuple[GraphNode, ...]) -> tuple[GraphNode, ...]:
        """What a change of the nodes may change, the nodes themselves left out, in the order of the picture."""
        seen = {node.id for node in nodes}
        waiting = list(seen)
        while waiting:
            for _, other in self._steps(waiting.pop(), "downstream"):
                if other.id not in seen:
                    seen.add(other.id)
                    waiting.append(other.id)
        own = {node.id for node in nodes}
        return tuple(node for node in self._nodes.values() if node.id in seen and node.id not in own and node.kind in REACHED)

    def leading_nowhere(self) -> tuple[GraphNode, ...]:
        """Features that reach no model, prediction, decision or file, and files that are written and read by nobody here."""
        return tuple(node for node in self._nodes.values() if self._is_idle(node))

    def _is_idle(self, node: GraphNode) -> bool:
        if node.kind == "asset":
            return not self._after[node.id]
        return node.kind == "feature" and not any(other.kind in USES for other in self.reached((node,)))


def _is_whole(node: GraphNode, name: str) -> bool:
    return name in (node.label, node.id)


def _is_last_part(node: GraphNode, name: str) -> bool:
    return node.label.endswith((f"/{name}", f".{name}"))


def _is_bare(node: GraphNode, name: str) -> bool:
    return node.label.partition(" (")[0] == name
