"""The dependency graph as people look at it: sources, columns, models, predictions, decisions, files, and who reads and sets them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from mldebt.declarations.types import HOLE
from mldebt.flow.events import CallFrame, Compared, Event, Fitted, Loaded, Predicted, Stored
from mldebt.flow.paths import same_path
from mldebt.flow.values import Place
from mldebt.flow.world import World, numbers
from mldebt.graph.canvas import Canvas
from mldebt.graph.configured import Configured
from mldebt.graph.features import Features
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails
from mldebt.graph.vocabulary import GraphNode, GraphPicture

COLUMN_LIMIT = 2_000
MAX_DEPTH = 40


class Drawing:
    """Draws what the roots outside tests do with data, then what configures it.

    An edge is a path that values take: files that are written hand columns on to the columns themselves, so that a reader ends a path.
    """

    def __init__(self, world: World, reach: Reach, trails: Trails, around: Surroundings, features: Features) -> None:
        self._world = world
        self._reach = reach
        self._features = features
        self._around = around
        self._canvas = Canvas(world, reach, trails, around)
        self._written: dict[Place, set[str]] = defaultdict(set)
        self._columns: set[int] = set()
        self._left_out: set[int] = set()

    def picture(self) -> GraphPicture:
        events = self._events
        for event in events:
            match event:
                case Fitted() if event.kind == "fitted":
                    self._fitted(event)
                case Predicted():
                    self._predicted(event)
                case Stored():
                    self._stored(event)
                case Compared():
                    self._compared(event)
        for feature in self._features.all():
            for number in self._named(feature.columns):
                self._column(number)
        for event in events:
            if isinstance(event, Loaded):
                self._loaded(event)
        Configured(self._world, self._reach, self._around, self._canvas, events).draw()
        return self._canvas.picture(len(self._left_out))

    @cached_property
    def _events(self) -> list[Event]:
        return [e for n, root in enumerate(self._world.roots) if "test" not in self._reach.colours[n] for e in root.events]

    def _column(self, number: int, depth: int = 0) -> str:
        column = self._world.columns[number]
        id_ = f"column:{number}"
        if number in self._columns or number in self._left_out:
            return id_
        if len(self._columns) >= COLUMN_LIMIT or depth >= MAX_DEPTH:
            self._left_out.add(number)
            return id_
        self._columns.add(number)
        kind, note = ("feature", "") if column.made else ("column", "column of a file")
        self._canvas.node(id_, kind, column.name.replace(HOLE, "*"), column.at, note, column.frame)
        for dep in self._named(column.deps):
            if not self._is_test(dep):
                self._canvas.edge(self._column(dep, depth + 1), id_, "derives")
        for prediction in sorted(column.predictions):
            self._canvas.edge(f"prediction:{prediction}", id_, "derives")
        return id_

    def _named(self, bits: int) -> Iterable[int]:
        """The columns among the bits; the marks that travel with them are none."""
        return numbers(bits & ~self._world.marks())

    def _is_test(self, column: int) -> bool:
        return self._world.program.modules[self._world.columns[column].at[0]].is_test

    def _model(self, number: int, frame: CallFrame) -> str:
        site = self._world.models[number] if 0 <= number < len(self._world.models) else None
        if site is None:
            return "model:unknown"
        name = site.name if site.name[:1].isupper() else site.type.rpartition(".")[2]
        label = f"{name or 'model'} ({self._world.program.modules[site.at[0]].dotted})"
        return self._canvas.node(f"model:{number}", "model", label, site.at, site.type, frame)

    def _fitted(self, event: Fitted) -> None:
        if event.model < 0:
            return
        model = self._model(event.model, event.frame)
        for number in self._named(event.inputs | event.target):
            if not self._is_test(number):
                self._canvas.edge(self._column(number), model, "fits")

    def _predicted(self, event: Predicted) -> None:
        site = self._world.models[event.model]
        label = f"prediction of {site.name or 'a model'}"
        id_ = self._canvas.node(f"prediction:{event.prediction}", "prediction", label, event.at, "", event.frame)
        self._canvas.edge(self._model(event.model, event.frame), id_, "predicts")

    def _compared(self, event: Compared) -> None:
        if not event.predictions or not self._reach.judged(event.at):
            return
        label = f"{event.variable or 'prediction'} against {event.threshold}"
        id_ = self._canvas.node(f"decision:{event.decision}", "decision", label, event.at, "a prediction is compared", event.frame)
        for prediction in sorted(event.predictions):
            self._canvas.edge(f"prediction:{prediction}", id_, "decides")

    def _stored(self, event: Stored) -> None:
        label = event.path.replace(HOLE, "*")
        if not (event.bits or event.predictions or event.models) or label == "*":
            return
        self._written[event.at].add(event.path)
        asset = self._canvas.node(f"asset:{event.path}", "asset", label, event.at, "written here", event.frame)
        for number in self._named(event.bits):
            if not self._is_test(number):
                self._canvas.edge(self._column(number), asset, "writes")
        for prediction in sorted(event.predictions):
            self._canvas.edge(f"prediction:{prediction}", asset, "writes")
        for model in sorted(event.models):
            self._canvas.edge(self._model(model, event.frame), asset, "writes")
        for stage in self._around.stages:
            if any(same_path(event.path, shown) for shown in stage.shown):
                self._canvas.edge(
                    asset, self._canvas.add(GraphNode(f"shown:{stage.tool}", "consumer", f"{stage.tool} metrics", "")), "reads"
                )

    def _loaded(self, event: Loaded) -> None:
        writers = {place for place, _proof in event.sources}
        assets = [f"asset:{path}" for place in sorted(writers) for path in sorted(self._written[place]) if same_path(path, event.path)]
        for asset in assets:
            if asset in self._canvas:
                self._canvas.edge(asset, self._canvas.reader(event.frame, event.at), "reads")
        columns = [f"column:{number}" for number in self._read_at.get(event.at, ()) if number in self._columns]
        if event.sources or not columns or not event.path.strip(HOLE + "/"):
            return
        source = self._canvas.node(
            f"source:{event.path}", "source", event.path.replace(HOLE, "*"), event.at, "read, not written here", None
        )
        for column in columns:
            self._canvas.edge(source, column, "reads")

    @cached_property
    def _read_at(self) -> dict[Place, list[int]]:
        """The columns that each place reads from a file."""
        found: dict[Place, list[int]] = defaultdict(list)
        for number, column in enumerate(self._world.columns):
            if not column.made and not column.role:
                found[column.at].append(number)
        return found
