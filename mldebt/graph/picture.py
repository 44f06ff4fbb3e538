"""The dependency graph as people look at it: sources, features, models, predictions, files and who reads them."""

from __future__ import annotations

from mldebt.flow.events import Fitted, Loaded, Predicted, Stored
from mldebt.flow.values import Place
from mldebt.flow.world import World, numbers
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails
from mldebt.graph.vocabulary import GraphEdge, GraphNode, GraphPicture

COLUMN_LIMIT = 400


class Drawing:
    """Collects nodes and edges once each, in a stable order."""

    def __init__(self, world: World, reach: Reach, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._nodes: dict[str, GraphNode] = {}
        self._edges: dict[tuple[str, str, str], GraphEdge] = {}

    def picture(self) -> GraphPicture:
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            for event in root.events:
                match event:
                    case Fitted() if event.kind == "fitted":
                        self._fitted(event)
                    case Predicted():
                        self._predicted(event)
                    case Stored():
                        self._stored(event)
                    case Loaded():
                        self._loaded(event)
        nodes = tuple(sorted(self._nodes.values(), key=lambda node: (node.kind, node.label, node.id)))
        edges = tuple(sorted((e for e in self._edges.values() if e.source in self._nodes and e.target in self._nodes), key=_order))
        linked = {end for edge in edges for end in (edge.source, edge.target)}
        return GraphPicture(tuple(node for node in nodes if node.id in linked or node.kind in ("model", "asset")), edges)

    def _node(self, id_: str, kind: str, label: str, place: Place | None, note: str = "") -> str:
        if id_ not in self._nodes:
            at = self._trails.location(place) if place is not None else None
            group = self._world.program.modules[place[0]].dotted if place is not None else ""
            self._nodes[id_] = GraphNode(id_, kind, label, group, at, note)
        return id_

    def _edge(self, source: str, target: str, kind: str) -> None:
        if source != target:
            self._edges.setdefault((source, target, kind), GraphEdge(source, target, kind))

    def _column(self, number: int, depth: int = 0) -> str:
        column = self._world.columns[number]
        id_ = f"column:{number}"
        if id_ in self._nodes or len(self._nodes) > COLUMN_LIMIT:
            return id_
        kind = "feature" if column.made else "source"
        self._node(id_, kind, column.name.replace("\ue000", "*"), column.at, "" if column.made else "column of a file")
        for dep in numbers(column.deps):
            if depth < 12:
                self._edge(self._column(dep, depth + 1), id_, "derives")
        for prediction in sorted(column.predictions):
            self._edge(f"prediction:{prediction}", id_, "derives")
        return id_

    def _model(self, number: int) -> str:
        site = self._world.models[number] if 0 <= number < len(self._world.models) else None
        if site is None:
            return "model:unknown"
        return self._node(f"model:{number}", "model", site.name or "model", site.at, site.type)

    def _fitted(self, event: Fitted) -> None:
        if event.model < 0:
            return
        model = self._model(event.model)
        for number in numbers(event.inputs | event.target):
            self._edge(self._column(number), model, "fits")

    def _predicted(self, event: Predicted) -> None:
        site = self._world.models[event.model]
        id_ = self._node(f"prediction:{event.prediction}", "prediction", f"prediction of {site.name or 'a model'}", event.at)
        self._edge(self._model(event.model), id_, "predicts")

    def _stored(self, event: Stored) -> None:
        label = event.path.replace("\ue000", "*")
        if not (event.bits or event.predictions or event.models) or label == "*":
            return
        asset = self._node(f"asset:{event.path}", "asset", label, event.at)
        for number in list(numbers(event.bits))[:COLUMN_LIMIT]:
            self._edge(self._column(number), asset, "writes")
        for prediction in sorted(event.predictions):
            self._edge(f"prediction:{prediction}", asset, "writes")
        for model in sorted(event.models):
            self._edge(self._model(model), asset, "writes")

    def _loaded(self, event: Loaded) -> None:
        for _source, _proof in event.sources:
            asset = next((id_ for id_ in self._nodes if id_ == f"asset:{event.path}"), None)
            if asset is None:
                continue
            module = self._world.program.modules[event.at[0]]
            reader = self._node(f"reader:{module.path}", "consumer", module.dotted, event.at)
            self._edge(asset, reader, "reads")


def _order(edge: GraphEdge) -> tuple[str, str, str]:
    return (edge.source, edge.target, edge.kind)
