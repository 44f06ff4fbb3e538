"""The dependency graph as people look at it: sources, features, models, predictions, files and who reads them."""

from __future__ import annotations

from collections import defaultdict

from mldebt.flow.events import Fitted, Loaded, Predicted, Stored
from mldebt.flow.paths import same_path
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
        self._written: dict[Place, set[str]] = defaultdict(set)
        self._edges: dict[tuple[str, str, str], GraphEdge] = {}

    def picture(self) -> GraphPicture:
        events = [e for n, root in enumerate(self._world.roots) if "test" not in self._reach.colours[n] for e in root.events]
        for event in events:
            match event:
                case Fitted() if event.kind == "fitted":
                    self._fitted(event)
                case Predicted():
                    self._predicted(event)
                case Stored():
                    self._stored(event)
        for event in events:
            if isinstance(event, Loaded):
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
            if depth < 12 and not self._is_test(dep):
                self._edge(self._column(dep, depth + 1), id_, "derives")
        for prediction in sorted(column.predictions):
            self._edge(f"prediction:{prediction}", id_, "derives")
        return id_

    def _is_test(self, column: int) -> bool:
        return self._world.program.modules[self._world.columns[column].at[0]].is_test

    def _model(self, number: int) -> str:
        site = self._world.models[number] if 0 <= number < len(self._world.models) else None
        if site is None:
            return "model:unknown"
        name = site.name if site.name[:1].isupper() else site.type.rpartition(".")[2]
        return self._node(
            f"model:{number}", "model", f"{name or 'model'} ({self._world.program.modules[site.at[0]].dotted})", site.at, site.type
        )

    def _fitted(self, event: Fitted) -> None:
        if event.model < 0:
            return
        model = self._model(event.model)
        for number in numbers(event.inputs | event.target):
            if self._is_test(number):
                continue
            self._edge(self._column(number), model, "fits")

    def _predicted(self, event: Predicted) -> None:
        site = self._world.models[event.model]
        id_ = self._node(f"prediction:{event.prediction}", "prediction", f"prediction of {site.name or 'a model'}", event.at)
        self._edge(self._model(event.model), id_, "predicts")

    def _stored(self, event: Stored) -> None:
        label = event.path.replace("\ue000", "*")
        if not (event.bits or event.predictions or event.models) or label == "*":
            return
        self._written[event.at].add(event.path)
        asset = self._node(f"asset:{event.path}", "asset", label, event.at)
        for number in list(numbers(event.bits))[:COLUMN_LIMIT]:
            if self._is_test(number):
                continue
            self._edge(self._column(number), asset, "writes")
        for prediction in sorted(event.predictions):
            self._edge(f"prediction:{prediction}", asset, "writes")
        for model in sorted(event.models):
            self._edge(self._model(model), asset, "writes")

    def _loaded(self, event: Loaded) -> None:
        writers = {place for place, _proof in event.sources}
        assets = [f"asset:{path}" for place in sorted(writers) for path in sorted(self._written[place]) if same_path(path, event.path)]
        frame = event.frame
        while frame.caller is not None:
            frame = frame.caller
        module = self._world.program.modules[frame.module]
        for asset in assets:
            if asset in self._nodes:
                reader = self._node(
                    f"reader:{module.path}", "consumer", module.dotted, (frame.module, 0) if frame is not event.frame else event.at
                )
                self._edge(asset, reader, "reads")


def _order(edge: GraphEdge) -> tuple[str, str, str]:
    return (edge.source, edge.target, edge.kind)
