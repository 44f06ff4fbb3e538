"""Data that is read though nothing needs it (catalogue MLD210)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location, Step
from mldebt.declarations.types import HOLE
from mldebt.facts.types import Code
from mldebt.flow.events import CallFrame, Loaded
from mldebt.flow.liveness import USED, Fate, Scope, scopes
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct

LEARNING = frozenset({"train", "eval", "serve"})
MAX_WRAPPERS = 3


@dataclass(frozen=True, slots=True)
class DeadLoad:
    """`fate`: dead | overwritten | shown; `name` is the variable that holds the value, `path` the file, "" where it has no one name."""

    name: str
    path: str
    fate: str
    at: Location
    function: str
    scope: str
    evidence: tuple[Step, ...]


class Loads:
    def __init__(self, world: World, reach: Reach, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails

    def dead(self) -> Iterator[DeadLoad]:
        """Reads whose value reaches nothing, by place; what any root uses is used."""
        sites: dict[Place, tuple[Fate, Loaded, CallFrame]] = {}
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Loaded) and event.at in self._world.loads:
                    place, frame, fate = self._fate(event)
                    known = sites.get(place)
                    if known is None or fate is USED:
                        sites[place] = (fate, event, frame)
        for place, (fate, event, frame) in sorted(sites.items(), key=lambda site: self._trails.location(site[0])):
            if fate.kind in ("dead", "overwritten", "shown") and fate.name and self._owes(place, frame, fate):
                yield self._found(place, fate, event, frame)

    def _fate(self, event: Loaded) -> tuple[Place, CallFrame, Fate]:
        """Of the read, or of the call of the functions that only hand it on."""
        place, frame = event.at, event.frame
        for _ in range(MAX_WRAPPERS):
            fate = self._fate_at(place, frame)
            if fate.kind != "returned" or frame.caller is None:
                return place, frame, fate if fate.kind != "returned" else USED
            place, frame = frame.at, frame.caller
        return place, frame, USED

    def _fate_at(self, place: Place, frame: CallFrame) -> Fate:
        module = self._world.program.modules[place[0]]
        code = self._codes.get((place[0], frame.function)) if place[0] == frame.module else None
        if code is None or module.is_notebook or (code.kind == "module" and self._is_imported(place[0])):
            return USED
        return Scope(code, module.strings, lambda token: self._world.glances.get((place[0], token), "")).fate(place[1])

    @cached_property
    def _codes(self) -> dict[tuple[int, str], Code | None]:
        """Scopes by module and qualified name; None for a name that two have."""
        found: dict[tuple[int, str], Code | None] = {}
        for module in self._world.program.modules:
            for code in scopes(module.facts.code):
                key = (module.number, code.qualname)
                found[key] = None if key in found else code
        return found

    def _is_imported(self, module: int) -> bool:
        return any(module in others for others in self._world.imports.values())

    def _owes(self, place: Place, frame: CallFrame, fate: Fate) -> bool:
        """Tests owe nothing; a program that only shows data reads it to show it."""
        colours = self._reach.of(frame.module, frame.function)
        if not self._reach.judged(place) or colours <= {"test"}:
            return False
        return fate.kind != "shown" or bool(colours & LEARNING)

    def _found(self, place: Place, fate: Fate, event: Loaded, frame: CallFrame) -> DeadLoad:
        path = "" if HOLE in event.path else event.path
        steps = self._trails.calls(frame)
        if place != event.at:
            steps.append(self._trails.step(place, f"'{fate.name}' gets what the call reads"))
        steps.append(self._trails.step(event.at, f"'{path}' is read" if path else "a file is read"))
        return DeadLoad(
            name=fate.name,
            path=path,
            fate=fate.kind,
            at=self._trails.location(place),
            function=self._trails.function(frame.module, frame.function),
            scope=self._trails.scope(frame.function),
            evidence=distinct(steps),
        )
