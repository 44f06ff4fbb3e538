"""Walks over the picture of the graph: where something comes from, where it goes, what a change of it reaches (Sculley 2015, section 3: dependency trees
fully resolved; McMahan 2013, section 8)."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from mldebt.declarations.types import HOLE
from mldebt.graph.vocabulary import GraphEdge, GraphNode, GraphPicture

Direction = Literal["upstream", "downstream"]
REACHED = ("feature", "column", "model", "prediction", "decision", "asset", "entry_point", "consumer")
DEEPEST = 200
_PROGRAMS = frozenset({"entry_point", "consumer"})


@dataclass(frozen=True, slots=True)
class Branch:
    """A node on the way, the kind of the edge that led to it ("" at the root), and what comes after it.

    `again`: it stands elsewhere in the tree, nearer to the root or earlier. `cut` neighbours are left out by the bounds of the tree.
    """

    node: GraphNode
    edge: str
    after: tuple[Branch, ...]
    again: bool = False
    cut: int = 0


@dataclass(slots=True)
class _Growing:
    """A branch while the tree grows."""

    node: GraphNode
    edge: str
    depth: int
    again: bool = False
    cut: int = 0
    after: list[_Growing] = field(default_factory=list)

    def grown(self) -> Branch:
        return Branch(self.node, self.edge, tuple(branch.grown() for branch in self.after), self.again, self.cut)


class Lineage:
    """Questions about one picture. Names are labels as people write them: a column, a key, the path or the last part of the path of a file."""

    def __init__(self, picture: GraphPicture) -> None:
        self._nodes = {node.id: node for node in picture.nodes}
        self._programs = {node.group for node in picture.nodes if node.kind in _PROGRAMS}
        self._after: dict[str, list[GraphEdge]] = defaultdict(list)
        self._before: dict[str, list[GraphEdge]] = defaultdict(list)
        for edge in picture.edges:
            self._after[edge.source].append(edge)
            self._before[edge.target].append(edge)

    def named(self, name: str, kind: str = "") -> tuple[GraphNode, ...]:
        """The nodes that a person may mean, best matches only: whole labels, else names without what decorates them, else last parts, else
        sections of settings, else patterns with `*` that the name fits."""
        for matches in (_is_whole, _is_bare, _is_last_part, _is_section, _is_pattern):
            found = tuple(node for node in self._nodes.values() if kind in ("", node.kind) and matches(node, name))
            if found:
                return found
        return ()

    def labels(self) -> tuple[str, ...]:
        """Whatever may be asked for by name, the last parts of paths among it."""
        whole = {node.label for node in self._nodes.values()}
        last = {
            part
            for node in self._nodes.values()
            for part in (node.label.rpartition("/")[2], node.label.rpartition(".")[2])
            if len(part) > 1
        }
        return tuple(sorted(whole | last))

    def tree(self, node: GraphNode, direction: Direction, depth: int = DEEPEST, limit: int = 0) -> Branch:
        """Everything before or after a node, the nearest first; what stands in the tree already is named again, not repeated.

        `depth` bounds the levels, `limit` the branches (0: no bound).
        """
        root = _Growing(node, "", 0)
        waiting, seen, room = deque([root]), {node.id}, limit
        while waiting:
            branch = waiting.popleft()
            steps = list(self._steps(branch.node.id, direction))
            fitting = 0 if branch.depth >= min(depth, DEEPEST) else min(len(steps), room) if limit else len(steps)
            room -= fitting
            branch.cut = len(steps) - fitting
            for edge, other in steps[:fitting]:
                after = _Growing(other, edge, branch.depth + 1, other.id in seen)
                branch.after.append(after)
                if not after.again:
                    seen.add(other.id)
                    waiting.append(after)
        return root.grown()

    def _steps(self, id_: str, direction: Direction) -> Iterator[tuple[str, GraphNode]]:
        edges = self._after[id_] if direction == "downstream" else self._before[id_]
        steps = ((edge.kind, self._nodes.get(edge.target if direction == "downstream" else edge.source)) for edge in edges)
        yield from sorted(((kind, node) for kind, node in steps if node is not None), key=lambda step: (step[1].label, step[1].id, step[0]))

    def reached(self, nodes: Iterable[GraphNode]) -> tuple[GraphNode, ...]:
        """What the values of the nodes go into, along the edges, in the order of the picture."""
        own = {node.id for node in nodes}
        seen = self._closure(own, "downstream")
        return tuple(node for node in self._nodes.values() if node.id in seen - own and node.kind in REACHED)

    def impact(self, nodes: Iterable[GraphNode]) -> tuple[GraphNode, ...]:
        """What a change of the nodes may change, the nodes themselves left out, in the order of the picture.

        A file ends an edge at its readers; what they make of its columns and models counts all the same.
        """
        own = {node.id for node in nodes}
        seen, asked = self._closure(own, "downstream"), set[str]()
        while assets := sorted(id_ for id_ in seen - asked if self._nodes[id_].kind == "asset"):
            asked.update(assets)
            for id_ in assets:
                seen |= self._behind(self._nodes[id_])
        return tuple(node for node in self._nodes.values() if node.id in seen - own and node.kind in REACHED)

    def _behind(self, asset: GraphNode) -> set[str]:
        """What is made of the columns and models in a file by those who read it, and what that leads to. A column that its readers know and
        its writer does not name is one that no edge leads to."""
        readers = [node for edge, node in self._steps(asset.id, "downstream") if edge == "reads"]
        written = {node.id for _, node in self._steps(asset.id, "upstream")}
        before = self._closure({asset.id}, "upstream")
        met_there = {node.id for node in self._nodes.values() if node.kind == "column" and not self._before[node.id]}
        after = self._closure(written | met_there, "downstream") - before if readers else set()
        made = {id_ for id_ in after if self._may_make(readers, self._nodes[id_])}
        return self._closure(made, "downstream") - before

    def _may_make(self, readers: list[GraphNode], node: GraphNode) -> bool:
        """Whether one of these programs may make a node: it is theirs by its module or by the stages that run it, or that of no program at all."""
        if node.kind in _PROGRAMS:
            return False
        if any(reader.group == node.group or _stages(reader) & _stages(node) for reader in readers):
            return True
        return not node.stage and node.group not in self._programs

    def around(self, nodes: Iterable[GraphNode]) -> GraphPicture:
        """The part of the picture that leads to the nodes or comes from them."""
        own = {node.id for node in nodes}
        kept = self._closure(own, "upstream") | self._closure(own, "downstream")
        edges = sorted(
            (edge for edges in self._after.values() for edge in edges if edge.source in kept and edge.target in kept),
            key=lambda edge: (edge.source, edge.target, edge.kind),
        )
        return GraphPicture(tuple(node for node in self._nodes.values() if node.id in kept), tuple(edges))

    def _closure(self, ids: Iterable[str], direction: Direction) -> set[str]:
        seen = set(ids)
        waiting = list(seen)
        while waiting:
            id_ = waiting.pop()
            for edge in self._after[id_] if direction == "downstream" else self._before[id_]:
                other = edge.target if direction == "downstream" else edge.source
                if other not in seen and other in self._nodes:
                    seen.add(other)
                    waiting.append(other)
        return seen

    def unread(self) -> tuple[GraphNode, ...]:
        """Files that are written and read by nobody here; of several names for what one place writes, the one that says most."""
        idle = [node for node in self._nodes.values() if node.kind == "asset" and not self._after[node.id]]
        places = {node.at: node for node in sorted(idle, key=lambda node: (len(node.label.replace("*", "")), node.label))}
        return tuple(sorted(places.values(), key=lambda node: (node.at is None, node.at, node.label)))


def _stages(node: GraphNode) -> frozenset[str]:
    return frozenset(filter(None, node.stage.split(", ")))


def _is_whole(node: GraphNode, name: str) -> bool:
    return name in (node.label, node.id, node.id.replace(HOLE, "*"))


def _is_bare(node: GraphNode, name: str) -> bool:
    """Without what is in brackets, the dashes of an option, or with the file of a setting in front."""
    if node.kind == "option" and node.label.startswith("-"):
        return node.label.lstrip("-").replace("-", "_") == name.lstrip("-").replace("-", "_")
    return name in (node.label.partition(" (")[0], f"{node.group}:{node.label}")


def _is_last_part(node: GraphNode, name: str) -> bool:
    return node.label.endswith((f"/{name}", f".{name}")) or f".{node.group}.{node.label}".endswith(f".{name}")


def _is_section(node: GraphNode, name: str) -> bool:
    return node.kind == "setting" and f"{node.group}:{node.label}".startswith((f"{node.group}:{name}.", f"{name}."))


def _is_pattern(node: GraphNode, name: str) -> bool:
    if node.kind not in ("asset", "source") or "*" not in node.label or not node.label.strip("*/."):
        return False
    pattern = ".*".join(map(re.escape, node.label.split("*")))
    return re.fullmatch(pattern, name) is not None
