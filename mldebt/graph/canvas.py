"""Collects the nodes and edges of the picture, once each, in a stable order."""

from __future__ import annotations

from collections import defaultdict

from mldebt.core import Location
from mldebt.flow.events import CallFrame
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails
from mldebt.graph.vocabulary import GraphEdge, GraphNode, GraphPicture

_KEPT_ALONE = frozenset({"model", "asset", "feature", "option"})  # worth a node where nothing leads to it or away


class Canvas:
    def __init__(self, world: World, reach: Reach, trails: Trails, around: Surroundings) -> None:
        self._world = world
        self._trails = trails
        self._nodes: dict[str, GraphNode] = {}
        self._edges: dict[tuple[str, str, str], GraphEdge] = {}
        self._started = {root.module for number, root in enumerate(world.roots) if reach.is_entry(number) and root.kind != "script"}
        self._stages: dict[str, set[str]] = defaultdict(set)
        for command in around.commands:
            if command.source in ("stage", "make") and command.stage:
                self._stages[command.module].add(command.stage)

    def __contains__(self, id_: str) -> bool:
        return id_ in self._nodes

    def node(self, id_: str, kind: str, label: str, place: Place | None, note: str, frame: CallFrame | None) -> str:
        """`frame` is how the program got there; the stages that start it are the node's."""
        if id_ not in self._nodes:
            group = self._world.program.modules[place[0]].dotted if place is not None else ""
            stage = self.stage_of(_outermost(frame).module) if frame is not None else ""
            self.add(GraphNode(id_, kind, label, group, self._trails.location(place) if place is not None else None, note, stage))
        return id_

    def add(self, node: GraphNode) -> str:
        self._nodes.setdefault(node.id, node)
        return node.id

    def edge(self, source: str, target: str, kind: str) -> None:
        if source != target:
            self._edges.setdefault((source, target, kind), GraphEdge(source, target, kind))

    def reader(self, frame: CallFrame | None, at: Place) -> str:
        """The program that reads something: the module where the call began."""
        first = _outermost(frame) if frame is not None else None
        place = at if first is None or first is frame else (first.module, 0)
        return self.program(place)

    def program(self, place: Place) -> str:
        module = self._world.program.modules[place[0]]
        kind = "entry_point" if place[0] in self._started else "consumer"
        at = self._trails.location(place) if place[1] else Location(module.path, 1, 1)
        return self.add(GraphNode(f"reader:{module.path}", kind, module.dotted, module.dotted, at, "", self.stage_of(place[0])))

    def stage_of(self, module: int) -> str:
        """The declared stages that start a module."""
        return ", ".join(sorted(self._stages.get(self._world.program.modules[module].path, ())))

    def picture(self, left_out: int) -> GraphPicture:
        edges = tuple(sorted((e for e in self._edges.values() if e.source in self._nodes and e.target in self._nodes), key=_order))
        linked = {end for edge in edges for end in (edge.source, edge.target)}
        nodes = sorted(self._nodes.values(), key=lambda node: (node.kind, node.label, node.id))
        return GraphPicture(tuple(node for node in nodes if node.id in linked or node.kind in _KEPT_ALONE), edges, left_out)


def _outermost(frame: CallFrame) -> CallFrame:
    while frame.caller is not None:
        frame = frame.caller
    return frame


def _order(edge: GraphEdge) -> tuple[str, str, str]:
    return (edge.source, edge.target, edge.kind)
