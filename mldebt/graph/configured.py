"""What configures the programs: options, settings, and the stages that start them, as nodes of the picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from mldebt.core import Location
from mldebt.declarations.types import HOLE
from mldebt.flow.events import Compared, Event, Leaf, Tuned
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.canvas import Canvas
from mldebt.graph.reach import QUIET_ROLES, Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.vocabulary import GraphNode

KINDS = {"option": "option", "setting": "setting", "environment": "setting", "field": "setting"}
LONGEST_VALUE = 60


class Configured:
    def __init__(self, world: World, reach: Reach, around: Surroundings, canvas: Canvas, events: Sequence[Event]) -> None:
        self._world = world
        self._reach = reach
        self._around = around
        self._canvas = canvas
        self._events = events
        self._settings: dict[str, dict[str, str]] = defaultdict(dict)  # config file -> key -> node

    def draw(self) -> None:
        leaves = {number: self._leaf(leaf) for number, leaf in enumerate(self._world.leaves) if self._is_shown(leaf)}
        for number, id_ in leaves.items():
            if number in self._world.used_leaves:
                place, _why = self._world.used_leaves[number]
                if self._reach.judged(place):
                    self._canvas.edge(id_, self._canvas.program(place), "uses")
        models: dict[Place, list[int]] = defaultdict(list)
        for number, site in enumerate(self._world.models):
            models[site.at].append(number)
        for event in self._events:
            match event:
                case Tuned() if event.leaf in leaves:
                    for model in models.get(event.at, ()):
                        self._canvas.edge(leaves[event.leaf], f"model:{model}", "sets")
                case Compared() if event.leaf in leaves:
                    self._canvas.edge(leaves[event.leaf], f"decision:{event.decision}", "sets")
        self._stages()

    def _is_shown(self, leaf: Leaf) -> bool:
        module = self._world.program.by_path.get(leaf.owner)
        return leaf.kind in KINDS and (module is None or module.role not in QUIET_ROLES)

    def _leaf(self, leaf: Leaf) -> str:
        """Items of a list are one node, the list's."""
        parts = leaf.name.split(".")
        is_item = len(parts) > 1 and parts[-1].isdecimal()
        while len(parts) > 1 and parts[-1].isdecimal():
            parts.pop()
        name = ".".join(parts)
        label = leaf.declared or name if leaf.kind == "option" else name
        owner = self._world.program.by_path.get(leaf.owner)
        group = owner.dotted if owner is not None else leaf.owner
        id_ = f"{leaf.kind}:{leaf.owner}:{name}" + (f":{leaf.at.line}" if leaf.kind == "option" else "")
        if leaf.kind == "setting":
            self._settings[leaf.owner][name] = id_
        return self._canvas.add(GraphNode(id_, KINDS[leaf.kind], label.replace(HOLE, "*"), group, leaf.at, _note(leaf, is_item)))

    def _stages(self) -> None:
        lines = {(stage.path, stage.name): stage for stage in self._around.stages}
        for command in self._around.commands:
            stage = lines.get((command.path, command.stage))
            module = self._world.program.by_path.get(command.module)
            if stage is None or module is None or command.source not in ("stage", "make"):
                continue
            id_ = f"stage:{stage.path}:{stage.name}"
            self._canvas.add(GraphNode(id_, "stage", stage.name, stage.path, Location(stage.path, stage.line, 1), stage.tool, stage.name))
            self._canvas.edge(id_, self._canvas.program((module.number, 0)), "runs")
            for parameter in stage.parameters:
                file, _, key = parameter.partition(":")
                for name, setting in self._settings.get(file, {}).items():
                    if not key or name == key or name.startswith(f"{key}."):
                        self._canvas.edge(setting, id_, "sets")


def _note(leaf: Leaf, is_item: bool) -> str:
    if leaf.kind == "environment":
        return "environment variable"
    if is_item or leaf.value is None or leaf.value is ...:
        return ""
    value = str(leaf.value)
    shown = value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"
    return f"{'default' if leaf.kind == 'option' else 'value'}: {shown}"
