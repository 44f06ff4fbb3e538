"""Where predictions leave the repository, and which of these places name nobody who consumes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.core import Location
from mldebt.declarations.types import HOLE
from mldebt.flow.events import Answered, Event, Stored
from mldebt.flow.paths import TABLE, same_path
from mldebt.flow.world import World
from mldebt.graph.consumers import is_meant
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails

OUTSIDE = frozenset({"sql", "bigquery", "topic", "bucket"})


@dataclass(frozen=True, slots=True)
class Sink:
    """A file, table or topic outside of the repository that gets predictions, or a route that answers with them; `is_open`: nobody is declared."""

    name: str
    at: Location
    is_open: bool


class Sinks:
    def __init__(self, world: World, reach: Reach, trails: Trails, around: Surroundings) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._around = around

    def all(self) -> Iterator[Sink]:
        """Each sink once, by its first place."""
        found: dict[str, Sink] = {}
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            for event in root.events:
                if (sink := self._sink(event)) is not None:
                    found[sink.name] = min(found.get(sink.name, sink), sink, key=lambda one: one.at)
        yield from sorted(found.values(), key=lambda one: (one.at, one.name))

    def _sink(self, event: Event) -> Sink | None:
        if not isinstance(event, Stored | Answered) or not event.predictions or not self._reach.judged(event.at):
            return None
        at = self._trails.location(event.at)
        if isinstance(event, Answered):
            name = f"{self._world.program.modules[event.at[0]].dotted}.{event.function}"
            return Sink(name, at, not event.guarded and not self._is_declared(name))
        if event.format not in OUTSIDE and ("://" not in event.path or event.path.startswith("file:")):
            return None
        known = bool(event.path.replace(HOLE, "").strip("/"))
        name = event.path.removeprefix(TABLE).replace(HOLE, "*") if known else f"{at.path}:{at.line}"
        return Sink(name, at, not self._is_declared(event.path))

    def _is_declared(self, name: str) -> bool:
        """Whether the settings name a consumer of it, or a stage depends on it."""
        named = any(said.consumers and is_meant(path, name) for path, said in self._around.settings_sources.items())
        return named or any(same_path(path, name) for stage in self._around.stages for path in stage.depends)
