"""What a stage reads, writes and is set by, against what it declares."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location, Step
from mldebt.declarations.types import HOLE, Stage
from mldebt.flow.events import Event, Fetched, Loaded, Stored
from mldebt.flow.paths import normal, same_path
from mldebt.flow.setting_events import Configured, KeyRead
from mldebt.flow.world import World
from mldebt.graph.assets import Assets, covers
from mldebt.graph.stages import StageRun, StageRuns
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails, distinct

PASSING = frozenset(
    {"logs", "log", "tmp", "temp", "cache", ".cache", "__pycache__", "mlruns", "mlartifacts", "wandb", "lightning_logs", "checkpoints", "dvclive", ".git"}
)  # fmt: skip
NO_INFLUENCE = frozenset({"is shown", "is a path", "is put into a text", "goes into a text", "is in a message", "names something outside"})
ONLY_HOW = frozenset({"n_jobs", "verbose", "verbosity", "num_workers", "workers", "log_level", "loglevel", "device", "debug", "progress"})
QUIET = (Configured, KeyRead)
SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,7}$")


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a stage's code needs or makes. `kind`: input | output | parameter | code."""

    kind: str
    name: str
    certain: bool
    evidence: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class UndeclaredNeeds:
    """What one stage leaves undeclared; `by` is the script that it runs."""

    stage: str
    tool: str
    by: str
    at: Location
    needs: tuple[Need, ...]


class Dependencies:
    def __init__(self, world: World, runs: StageRuns, assets: Assets, trails: Trails, around: Surroundings) -> None:
        self._world = world
        self._runs = runs
        self._assets = assets
        self._trails = trails
        self._around = around

    def undeclared(self) -> Iterator[UndeclaredNeeds]:
        """One answer for each stage that leaves something undeclared, one more for the code it leaves out; the stages of a loop together."""
        found: dict[tuple[str, str, bool], tuple[StageRun, dict[tuple[str, str], Need]]] = {}
        for run in self._runs.all:
            if not _is_judged(run.stage):
                continue
            for need in self._needs(run):
                _, needs = found.setdefault((run.stage.path, run.name, need.kind == "code"), (run, {}))
                needs.setdefault((need.kind, need.name), need)
        for (path, name, _), (run, needs) in found.items():
            listed = tuple(need for _, need in sorted(needs.items()))
            yield UndeclaredNeeds(name, run.stage.tool, run.scripts[0], Location(path, run.stage.line), listed)

    def _needs(self, run: StageRun) -> Iterator[Need]:
        yield from self._parameters(run)
        yield from self._outputs(run)
        yield from self._code(run)
        if run.stage.outputs or any(isinstance(event, Stored) for event in run.events):
            yield from self._inputs(run)

    # -- inputs -------------------------------------------------------------------------------------------------------

    def _inputs(self, run: StageRun) -> Iterator[Need]:
        own = [normal(event.path) for event in run.events if isinstance(event, Stored)]
        remote = {event.at for event in run.events if isinstance(event, Fetched) and event.host != "url"}
        for event in run.events:
            if not isinstance(event, Loaded) or event.at in remote or self._is_default(run, event.path):
                continue
            if not any(same_path(event.path, path) for path in own) and self._is_undeclared_input(run, event.path):
                yield self._need("input", self._name(run, event.path), self._is_literal(run, event.path), event, "it is read here")
        for event in run.events:
            if isinstance(event, Configured) and self._is_undeclared_config(run, event.path):
                yield self._need("input", event.path, False, event, "it is loaded here")

    def _is_undeclared_input(self, run: StageRun, path: str) -> bool:
        if HOLE in path or "\n" in path or path.startswith(("/", "~", "-")) or _is_passing(path):
            return False
        if "://" in path:
            return not covers(run.stage.depends, path)
        spelled = self._spellings(run, path)
        if not spelled or any(covers((*run.stage.depends, *run.stage.outputs, *_files_of(run.stage.parameters)), one) for one in spelled):
            return False
        return any(self._assets.is_versioned(one) or SUFFIX.search(one) for one in spelled)

    def _is_undeclared_config(self, run: StageRun, path: str) -> bool:
        if path in self._parameter_files or covers((*run.stage.depends, *run.stage.outputs), path):
            return False
        return any(isinstance(event, KeyRead) and event.path == path and self._matters(run, event) for event in run.events)

    def _spellings(self, run: StageRun, path: str) -> tuple[str, ...]:
        """A path from the working directory, and as a text that a module's own place begins; none outside the root."""
        both = (posixpath.normpath(posixpath.join(run.stage.working_directory, path)), posixpath.normpath(path))
        return tuple(dict.fromkeys(one for one in both if not one.startswith("..") and one != "."))

    def _name(self, run: StageRun, path: str) -> str:
        spelled = () if "://" in path else self._spellings(run, path)
        return next((one for one in spelled if self._assets.is_versioned(one)), spelled[0] if spelled else path)

    def _is_literal(self, run: StageRun, path: str) -> bool:
        """Whether a path is written in the code, or begins with a word of the stage's command line."""
        words = [normal(word) for word in run.arguments if word]
        if any(path == word or path.startswith(f"{word}/") for word in words):
            return True
        modules = self._world.program.modules
        texts = {text for number in run.modules for text in modules[number].strings}
        return path in texts or set(path.split("/")) <= {part for text in texts for part in text.split("/")}

    def _is_default(self, run: StageRun, path: str) -> bool:
        """Whether a path may be the default of an option that a framework gives another value."""
        if not run.arguments or all(self._world.roots[number].kind not in ("command", "hydra") for number in run.roots):
            return False
        return any(leaf.kind == "option" and isinstance(leaf.value, str) and normal(leaf.value) == path for leaf in self._world.leaves)

    # -- outputs ------------------------------------------------------------------------------------------------------

    def _outputs(self, run: StageRun) -> Iterator[Need]:
        declared = (*run.stage.outputs, *(output for stage in self._around.stages for output in stage.outputs))
        for event in run.events:
            if not isinstance(event, Stored) or HOLE in event.path or "://" in event.path or self._is_default(run, event.path):
                continue
            path = self._name(run, event.path)
            if (
                path.startswith(("/", "~", ".."))
                or _is_passing(path)
                or any(covers(declared, one) for one in self._spellings(run, event.path))
            ):
                continue
            if self._is_read_elsewhere(run, event.path):
                yield self._need("output", path, self._is_literal(run, event.path), event, "it is written here")

    def _is_read_elsewhere(self, run: StageRun, path: str) -> bool:
        if any(other.stage.name != run.stage.name and covers(other.stage.depends, path) for other in self._runs.all):
            return True
        modules = self._world.program.modules
        return any(
            isinstance(event, Loaded | Configured) and HOLE not in event.path and same_path(event.path, path)
            for number, root in enumerate(self._world.roots)
            if number not in run.roots and root.kind != "test" and not modules[root.module].is_test
            for event in root.events
        )

    # -- parameters ---------------------------------------------------------------------------------------------------

    @cached_property
    def _parameter_files(self) -> frozenset[str]:
        """Files whose keys stages declare one by one."""
        defaults = {
            posixpath.normpath(posixpath.join(posixpath.dirname(stage.path), "params.yaml"))
            for stage in self._around.stages
            if stage.tool == "dvc"
        }
        return frozenset({*defaults, *(file for stage in self._around.stages for file in _files_of(stage.parameters))})

    @cached_property
    def _values(self) -> dict[tuple[str, str], object]:
        return {(leaf.owner, leaf.name): leaf.value for leaf in self._world.leaves if leaf.kind == "setting"}

    def _parameters(self, run: StageRun) -> Iterator[Need]:
        if run.stage.tool != "dvc":
            return
        for event in run.events:
            if isinstance(event, KeyRead) and event.path in self._parameter_files and self._matters(run, event):
                name = _without_numbers(event.name)
                if name and not self._is_declared(run, event.path, name):
                    yield self._need("parameter", f"{event.path}:{name}", True, event, f"'{name}' {event.why}")

    def _is_declared(self, run: StageRun, file: str, name: str) -> bool:
        declared = [key for one in run.stage.parameters for path, _, key in [one.rpartition(":")] if path == file or HOLE in path]
        related = (*declared, *run.stage.templated)
        return covers(run.stage.depends, file) or any(
            key == "" or HOLE in key or is_related(_without_numbers(key), name) for key in related
        )

    def _matters(self, run: StageRun, event: KeyRead) -> bool:
        """Whether a setting may change what the stage writes: it is no path, and not only shown or put into a text."""
        if event.whole or event.why in NO_INFLUENCE or event.name.rpartition(".")[2] in ONLY_HOW:
            return False
        value = self._values.get((event.path, event.name))
        return not (isinstance(value, str) and self._is_path(run, value))

    def _is_path(self, run: StageRun, value: str) -> bool:
        if "/" in value or SUFFIX.search(value):
            return True
        return any(value in event.path.split("/") for event in run.events if isinstance(event, Loaded | Stored))

    # -- code ---------------------------------------------------------------------------------------------------------

    def _code(self, run: StageRun) -> Iterator[Need]:
        if run.stage.tool == "make" and not any(path.endswith(".py") for stage in self._around.stages for path in stage.depends):
            return
        modules = self._world.program.modules
        busy = {place[0] for place in self._world.handled} | {event.at[0] for event in run.events if not isinstance(event, QUIET)}
        called = {module for module, function in run.functions if function}
        started = {module.number for module in modules if module.path in run.scripts}
        for number in sorted((called & run.modules | started) & busy):
            path = modules[number].path
            if not covers((*run.stage.depends, *run.stage.outputs), path):
                what = "it runs this file" if number in started else "its code calls functions of this file"
                yield Need(
                    "code",
                    path,
                    True,
                    (Step(Location(run.stage.path, run.stage.line), what), Step(Location(path, 1), "it is not among the dependencies")),
                )

    # -- evidence -----------------------------------------------------------------------------------------------------

    def _need(self, kind: str, name: str, certain: bool, event: Event, message: str) -> Need:
        steps = [*self._trails.calls(event.frame), self._trails.step(event.at, message)]
        return Need(kind, name, certain, distinct(steps))


def _is_judged(stage: Stage) -> bool:
    """Phony targets are no stages, targets without prerequisites are made once; frozen stages and those that always run need no dependencies."""
    is_stage = stage.tool == "dvc" or bool(stage.outputs and stage.depends)
    return is_stage and stage.runs == "when changed" and HOLE not in (*stage.depends, *stage.outputs)


def _files_of(parameters: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.rpartition(":")[0] for one in parameters))


def _without_numbers(name: str) -> str:
    """A list is one parameter."""
    parts = name.split(".")
    kept = next((at for at, part in enumerate(parts) if part.isdecimal()), len(parts))
    return ".".join(parts[:kept])


def is_related(first: str, second: str) -> bool:
    """Whether two dotted names are equal, or one lies below the other."""
    return first == second or first.startswith(f"{second}.") or second.startswith(f"{first}.")


def _is_passing(path: str) -> bool:
    """Logs, caches and temporary files."""
    return path.endswith((".log", ".lock", ".env")) or bool(PASSING & set(path.split("/")))
