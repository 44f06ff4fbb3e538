"""Who reads what a model wrote, and whether anybody declared it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location, Step
from mldebt.declarations.types import HOLE
from mldebt.flow.events import Loaded, Stored
from mldebt.flow.paths import TABLE, normal, same_path
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails, distinct

ROOTS = frozenset({"src", "lib", "python", "packages"})


@dataclass(frozen=True, slots=True)
class Unit:
    """Whose a file is: a top-level package and the owners, as they are named without `@`."""

    package: str
    owners: tuple[str, ...]
    path: str

    @property
    def names(self) -> tuple[str, ...]:
        """What `consumers` may call it, the best name first; a module outside of any package goes by its file."""
        return (*self.owners, self.package or self.path)


@dataclass(frozen=True, slots=True)
class ForeignRead:
    """A read of a model's output by other hands than those that write it; `consumer` is the name under which it would be declared."""

    asset: str
    at: Location
    reader: str
    writer: str
    consumer: str
    holds: str  # "predictions" | "a model"
    evidence: tuple[Step, ...]
    in_notebook: bool


class Consumers:
    def __init__(self, world: World, reach: Reach, trails: Trails, around: Surroundings) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._around = around

    @cached_property
    def _writers(self) -> dict[Place, set[tuple[int, str]]]:
        """The roots that write at a place, with the path each writes."""
        found: dict[Place, set[tuple[int, str]]] = {}
        for number, root in enumerate(self._world.roots):
            for event in root.events:
                if isinstance(event, Stored):
                    found.setdefault(event.at, set()).add((number, event.path))
        return found

    @cached_property
    def _writes(self) -> dict[Place, list[Stored]]:
        found: dict[Place, list[Stored]] = {}
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            for event in root.events:
                if isinstance(event, Stored):
                    found.setdefault(event.at, []).append(event)
        return found

    def undeclared(self) -> Iterator[ForeignRead]:
        """Reads of predictions (or of another owner's model) across owners or packages that nothing declares, by place."""
        seen: set[tuple[Place, Place]] = set()
        found: list[ForeignRead] = []
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            for event in root.events:
                if not isinstance(event, Loaded) or not self._reach.judged(event.at):
                    continue
                for source, _proof in event.sources:
                    others = {root for root, path in self._writers.get(source, ()) if same_path(path, event.path)}
                    if (event.at, source) not in seen and others - {number}:
                        seen.add((event.at, source))
                        found.extend(self._read(event, source))
        first: dict[tuple[str, str], ForeignRead] = {}
        for read in sorted(found, key=lambda read: read.at):
            first.setdefault((read.reader, read.asset), read)
        yield from first.values()

    def _read(self, event: Loaded, source: Place) -> Iterator[ForeignRead]:
        stored = next((s for s in self._writes.get(source, ()) if same_path(s.path, event.path)), None)
        if stored is None:
            return
        reader, writer = (self._world.program.modules[place[0]] for place in (event.at, source))
        reading, writing = self._unit(reader.path), self._unit(writer.path)
        declared = [said for path, said in sorted(self._around.settings_sources.items()) if is_meant(path, event.path, stored.path)]
        owners = {_bare(said.owner) for said in declared if said.owner} or set(writing.owners)
        shared = bool(owners & set(reading.owners))
        other_owner = bool(owners) and bool(reading.owners) and not shared
        other_package = reading.package != writing.package and not (shared and not stored.predictions)
        holds = "predictions" if stored.predictions else "a model" if stored.models and other_owner else ""
        if not holds or not (other_owner or other_package) or self._is_stage(reader.path):
            return
        if {_bare(name) for said in declared for name in said.consumers} & set(reading.names):
            return
        yield ForeignRead(
            asset=(event.path if len(event.path) >= len(stored.path) else stored.path).removeprefix(TABLE),
            at=self._trails.location(event.at),
            reader=reader.path,
            writer=writer.path,
            consumer=reading.names[0],
            holds=holds,
            evidence=self._evidence(event, stored),
            in_notebook=reader.is_notebook,
        )

    def _evidence(self, event: Loaded, stored: Stored) -> tuple[Step, ...]:
        steps: list[Step] = []
        for number in sorted(stored.predictions)[:1]:
            prediction = self._world.predictions[number]
            steps.append(self._trails.step(prediction.at, "a model predicts"))
        steps.extend(self._trails.calls(stored.frame))
        steps.append(self._trails.step(stored.at, "the prediction is written" if stored.predictions else "the model is written"))
        steps.extend(self._trails.calls(event.frame))
        steps.append(self._trails.step(event.at, "it is read here"))
        return distinct(steps)

    def _unit(self, path: str) -> Unit:
        """The top-level package of a file, as the settings name it or as its folders do, and its owners."""
        parts = path.split("/")
        while len(parts) > 2 and parts[0] in ROOTS:
            parts = parts[1:]
        package = self._world.program.root_package(path) or (parts[0] if len(parts) > 1 else "")
        owners = self._around.owners.owner_of(path) if self._around.owners else ()
        return Unit(package, tuple(map(_bare, owners)), path)

    def _is_stage(self, path: str) -> bool:
        """Whether a stage runs a file; a declared stage that reads undeclared is another debt."""
        return any(command.module == path and command.source == "stage" for command in self._world.repository.commands)


def _bare(owner: str) -> str:
    return owner.lstrip("@")


def is_meant(declared: str, *paths: str) -> bool:
    """Whether a source of the settings, where `*` stands for anything, names the asset that code calls by one of these paths."""
    text = normal(declared.replace("*", HOLE))
    table = TABLE + declared.removeprefix(TABLE).replace("*", HOLE).lower()
    return any(text == path or bool(same_path(table if path.startswith(TABLE) else text, path)) for path in paths)
