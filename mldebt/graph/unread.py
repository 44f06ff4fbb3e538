"""Dependencies and settings that a stage declares and that its code never looks at."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.core import Location, Step
from mldebt.declarations.types import HOLE, Declared
from mldebt.flow.events import Fetched, Loaded
from mldebt.flow.paths import FIXED_CHARACTERS, normal
from mldebt.flow.setting_events import Configured, KeyRead
from mldebt.flow.world import World
from mldebt.graph.assets import covers
from mldebt.graph.dependencies import is_related
from mldebt.graph.stages import StageRun, StageRuns
from mldebt.graph.trails import Trails
from mldebt.workspace.kinds import kind_of

NO_DATA = frozenset({"python", "notebook", "requirements", "lock", "docker", "make", "shell", "workflow", "markdown", "dvc", "sql"})
SHORTEST = 4


@dataclass(frozen=True, slots=True)
class UnreadDependency:
    """`kind`: dependency | setting; `by` is the script of the stage."""

    stage: str
    kind: str
    name: str
    by: str
    at: Location
    evidence: tuple[Step, ...]


class UnreadDependencies:
    def __init__(self, world: World, runs: StageRuns, trails: Trails) -> None:
        self._world = world
        self._runs = runs
        self._trails = trails

    def all(self) -> Iterator[UnreadDependency]:
        """By place; what one stage of a loop reads is read."""
        found: dict[tuple[str, str, int], UnreadDependency] = {}
        read: set[tuple[str, str, int]] = set()
        for run in self._runs.all:
            closed = run.stage.tool == "dvc" and run.stage.runs == "when changed" and self._is_closed(run)
            for entry in run.stage.entries:
                key = (run.stage.path, run.name, entry.line)
                if not closed or entry.ordering or HOLE in entry.name or self._may_be_read(run, entry):
                    read.add(key)
                else:
                    found.setdefault(key, self._unread(run, entry))
        yield from (unread for key, unread in sorted(found.items()) if key not in read)

    def _unread(self, run: StageRun, entry: Declared) -> UnreadDependency:
        setting = _is_setting(run, entry)
        at = Location(run.stage.path, entry.line, entry.column)
        what = "the setting is declared here" if setting else "the dependency is declared here"
        script = Step(Location(run.scripts[0], 1), "the stage runs this file; neither it nor what it imports looks at it")
        return UnreadDependency(run.name, "setting" if setting else "dependency", entry.name, run.scripts[0], at, (Step(at, what), script))

    # -- is everything that the stage reads known? ------------------------------------------------------------------------

    def _is_closed(self, run: StageRun) -> bool:
        """Whether all programs of the stage were followed, and every file they open has a name."""
        if not run.followed or any(script.endswith(".ipynb") for script in run.scripts):
            return False
        if any(isinstance(event, Loaded) and _fixed(event.path) < FIXED_CHARACTERS and HOLE in event.path for event in run.events):
            return False
        loads = self._world.config_loads.items()
        return all(resolved for place, resolved in loads if place[0] in run.modules)

    def _may_be_read(self, run: StageRun, entry: Declared) -> bool:
        if _is_setting(run, entry):
            file, _, name = entry.name.rpartition(":")
            return self._may_read_setting(run, file, name)
        return self._may_read_file(run, entry.name)

    def _may_read_file(self, run: StageRun, path: str) -> bool:
        if "://" in path or path.startswith("/") or kind_of(path) in NO_DATA or self._holds_code(path):
            return True
        if covers([normal(posixpath.join(run.stage.working_directory, word)) for word in run.arguments if word], path):
            return True
        folder = run.stage.working_directory
        for event in run.events:
            if isinstance(event, Loaded | Configured):
                spelled = (event.path, posixpath.normpath(posixpath.join(folder, event.path)))
                if any(covers((one,), path) for one in spelled):
                    return True
            elif isinstance(event, Fetched) and event.name.endswith(path):
                return True
        return self._is_mentioned(run, path)

    def _holds_code(self, folder: str) -> bool:
        return any(module.path.startswith(f"{folder}/") for module in self._world.program.modules)

    def _is_mentioned(self, run: StageRun, path: str) -> bool:
        """Whether some text of the code or of a setting names the file; or its folder, where some call was not followed."""
        name = posixpath.basename(path)
        stem = name.partition(".")[0]
        folders = {part for folder in _folders(path) for part in (folder, posixpath.basename(folder))}
        texts = self._texts(run)
        if any(name in text or text == stem or (len(text) >= SHORTEST and "." in text and name.endswith(text)) for text in texts):
            return True
        return not self._is_followed(run) and any(normal(text).strip("/") in folders for text in texts if text)

    def _texts(self, run: StageRun) -> list[str]:
        modules = self._world.program.modules
        written = [text for number in sorted(run.modules) for text in modules[number].strings]
        return written + [leaf.value for leaf in self._world.leaves if leaf.kind == "setting" and isinstance(leaf.value, str)]

    def _is_followed(self, run: StageRun) -> bool:
        return all(resolved for place, resolved in self._world.calls.items() if place[0] in run.modules)

    def _may_read_setting(self, run: StageRun, file: str, name: str) -> bool:
        if any(is_related(templated, name) for templated in run.stage.templated):
            return True
        keys = [event for event in run.events if isinstance(event, KeyRead) and event.path == file]
        if any(name == "" or event.name == "" or is_related(event.name, name) for event in keys):
            return True
        loaded = any(isinstance(event, Configured) and event.path == file for event in run.events)
        texts = self._texts(run)
        if not loaded and any(posixpath.basename(file) in text for text in texts):
            return True
        last = name.rpartition(".")[2]
        modules = self._world.program.modules
        return any(last in modules[number].strings for number in run.modules)


def _is_setting(run: StageRun, entry: Declared) -> bool:
    return entry.name in run.stage.parameters


def _fixed(path: str) -> int:
    return len(path.replace(HOLE, "").replace("/", ""))


def _folders(path: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
