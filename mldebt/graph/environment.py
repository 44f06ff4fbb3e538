"""Reads of the environment by code that learns, scores or serves: variables that nothing declares, and reads that are scattered over many modules."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location, Step
from mldebt.facts.types import Op
from mldebt.flow.bindings import flat, scopes
from mldebt.flow.blocks import span
from mldebt.flow.program import ModuleInfo
from mldebt.flow.setting_events import EnvironmentRead
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails, distinct

JUDGED = frozenset({"train", "serve"})
MANY_MODULES = 4
SETTINGS = re.compile(
    r"(^|_)(settings?|configs?|configuration|conf|cfg|env|envs|environment|constants?|defaults|paths|params|secrets?|credentials?)(_|$)"
)
PLATFORM = re.compile(
    r"(CUDA|LOCAL|NODE|GROUP|MASTER|NCCL|OMP|MKL|SM|SAGEMAKER|AWS|HF|HUGGINGFACE|TRANSFORMERS|WANDB|MLFLOW|COMET|NEPTUNE|GOOGLE|GCP|GCLOUD|AZURE|AZUREML|AIP|"
    r"GITHUB|GITLAB|CI|PYTHON|PYTEST|TF|TORCH|XLA|TPU|JAX|RAY|KUBERNETES|KUBE|SLURM|SPARK|HADOOP|JAVA|AIRFLOW|DATABRICKS|LD|XDG|CONDA|VIRTUAL|KAGGLE|COLAB)_.*|"
    r"HOPSWORKS_.*|(ARTIFACT|MODEL)_FILES_PATH|RANK|WORLD_SIZE|CI|HOME|USER|USERNAME|USERPROFILE|LOGNAME|PATH|PWD|PORT|HOST|HOSTNAME|SHELL|LANG|TERM|TZ|TMP|TEMP|TMPDIR|DISPLAY|APPDATA|PROGRAMDATA|"
    r".*(TOKEN|SECRET|PASSWORD|PASSWD|API_KEY|ACCESS_KEY|CREDENTIALS)(_.*)?"
)
"""Variables that platforms and frameworks set, and those that must not stand in a repository"""
PROJECT_FILES = frozenset({"pyproject.toml", "setup.py", "requirements.txt", "environment.yml", "Dockerfile"})


@dataclass(frozen=True, slots=True)
class UndeclaredVariable:
    """A variable without which code here fails, and that nothing in the repository spells but the code that reads it."""

    name: str
    at: Location
    function: str
    reads: int
    evidence: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ScatteredReads:
    """Reads of the environment in many modules of one project ("" for the root), none of them a module of settings."""

    project: str
    at: Location
    modules: int
    reads: int
    evidence: tuple[Step, ...]


class Environment:
    def __init__(self, world: World, reach: Reach, trails: Trails, around: Surroundings) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._around = around

    def undeclared(self) -> Iterator[UndeclaredVariable]:
        """One for each variable, by place."""
        by_name: dict[str, list[EnvironmentRead]] = defaultdict(list)
        for _place, event in sorted(self._reads.items()):
            by_name[event.name].append(event)
        for name, events in by_name.items():
            required = [event for event in events if event.required and not event.guards and not self._is_tried(event.at)]
            if len(required) == len(events) and not self._is_spelled(name):
                yield UndeclaredVariable(
                    name=name,
                    at=self._trails.location(events[0].at),
                    function=self._trails.function(events[0].frame.module, events[0].frame.function),
                    reads=len(events),
                    evidence=distinct(self._trails.step(event.at, f"'{name}' is read here") for event in events),
                )

    def scattered(self) -> Iterator[ScatteredReads]:
        """One for each project, at its first read."""
        projects: dict[str, list[EnvironmentRead]] = defaultdict(list)
        for _place, event in sorted(self._reads.items()):
            module = self._world.program.modules[event.at[0]]
            if not any(SETTINGS.search(part.lower()) for part in module.parts) and not module.is_notebook:
                projects[self._project(module)].append(event)
        for project, events in sorted(projects.items()):
            modules = {event.at[0] for event in events}
            if len(modules) >= MANY_MODULES:
                steps = (self._trails.step(event.at, f"'{event.name}' is read here") for event in events)
                yield ScatteredReads(project, self._trails.location(events[0].at), len(modules), len(events), distinct(steps))

    @cached_property
    def _reads(self) -> dict[Place, EnvironmentRead]:
        """The reads that training or serving reaches, outside tests and examples, by place."""
        found: dict[Place, EnvironmentRead] = {}
        for number, root in enumerate(self._world.roots):
            for event in root.events if "test" not in self._reach.colours[number] else ():
                if isinstance(event, EnvironmentRead) and self._world.program.modules[event.at[0]].role == "source":
                    if self._reach.around(number, event.at) & JUDGED and not PLATFORM.fullmatch(event.name):
                        found.setdefault(event.at, event)
        return found

    def _is_tried(self, at: Place) -> bool:
        """Whether code is ready for the variable to be absent."""
        for scope in scopes(self._world.program.modules[at[0]]):
            for instruction in flat(scope.code.body):
                if instruction[0] == Op.TRY and instruction[3]:
                    first, last = span(instruction[2])
                    if first <= at[1] <= last:
                        return True
        return False

    def _is_spelled(self, name: str) -> bool:
        """Whether a file beside the code, a longer text in it, or code that sets the variable names it."""
        return self._around.spells(name) or name in self._set_here or any(name in text for text in self._texts if text != name)

    @cached_property
    def _texts(self) -> frozenset[str]:
        return frozenset(text for module in self._world.program.modules for text in module.strings if len(text) > 3)

    @cached_property
    def _set_here(self) -> frozenset[str]:
        """Names under which code stores an item, or that it gives to a method beside a value."""
        found: set[str] = set()
        for module in self._world.program.modules:
            constants = module.facts.constants
            for scope in scopes(module):
                for i in flat(scope.code.body):
                    operand = i[3] if i[0] == Op.SET_ITEM else i[5][0][0] if i[0] == Op.METHOD and len(i[5]) > 1 else 0
                    if operand < 0 and isinstance(constants[-operand - 1], str):
                        found.add(constants[-operand - 1])
        return frozenset(found)

    def _project(self, module: ModuleInfo) -> str:
        """The nearest folder above a module that holds what a project has."""
        folders = module.path.split("/")[:-1]
        for depth in range(len(folders), 0, -1):
            above = "/".join(folders[:depth])
            if any(f"{above}/{name}" in self._around.files for name in PROJECT_FILES):
                return above
        return ""
