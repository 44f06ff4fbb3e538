"""Declared stages and what the code that they run does: the roots of their own command lines, and the modules that these import."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from mldebt.declarations.shell_words import simple_commands, without_assignments
from mldebt.declarations.types import Command, Stage
from mldebt.facts.types import Code
from mldebt.flow.events import Event, Root
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.surroundings import Surroundings

RUN_AS_WRITTEN = frozenset({"main", "script", "notebook"})
RUN_BY_FRAMEWORK = frozenset({"command", "hydra", "task"})
QUIET_COMMANDS = frozenset({"cd", "echo", "export", "mkdir", "pushd", "popd", "set", "true"})


@dataclass(frozen=True, slots=True)
class StageRun:
    """A stage with the events of its code. `followed` says that all its commands run code that was followed under their own words."""

    stage: Stage
    scripts: tuple[str, ...]
    arguments: tuple[str, ...]
    roots: frozenset[int]
    modules: frozenset[int]
    functions: frozenset[tuple[int, str]]
    events: tuple[Event, ...]
    followed: bool

    @property
    def name(self) -> str:
        """The name as written; a loop's stages share it."""
        return self.stage.name.partition("@")[0]


class StageRuns:
    def __init__(self, world: World, around: Surroundings) -> None:
        self._world = world
        self._around = around

    @cached_property
    def all(self) -> tuple[StageRun, ...]:
        """The stages that run Python code of the repository, by place."""
        commands: dict[tuple[str, str, str], list[Command]] = defaultdict(list)
        for command in self._around.commands:
            commands[command.source, command.path, command.stage].append(command)
        found = (
            self._run(self._with_prerequisites(stage), commands["stage" if stage.tool == "dvc" else stage.tool, stage.path, stage.name])
            for stage in self._around.stages
        )
        return tuple(run for run in found if run is not None)

    def _with_prerequisites(self, stage: Stage) -> Stage:
        """A target of a Makefile needs what all its rules name, and what these are made of: make compares times, not contents."""
        if stage.tool != "make":
            return stage
        needs: dict[str, None] = {}
        pending = [path for other in self._around.stages if (other.path, other.name) == (stage.path, stage.name) for path in other.depends]
        while pending:
            if (path := pending.pop()) not in needs:
                needs[path] = None
                pending.extend(
                    dep for other in self._around.stages if other.tool == "make" and path in other.outputs for dep in other.depends
                )
        return replace(stage, depends=tuple(needs))

    def _run(self, stage: Stage, commands: list[Command]) -> StageRun | None:
        modules = self._world.program.by_path
        started = [(modules[command.module].number, command) for command in commands if command.module in modules]
        roots = {number: root for module, command in started for number, root in self._roots_of(module, command)}
        if not roots:
            return None
        imported = self._imported({module for module, _ in started})
        bodies, mismatched = self._bodies(imported, {module for module, _ in started}, frozenset(roots))
        own = [event for number in sorted(roots) for event in roots[number].events]
        return StageRun(
            stage=stage,
            scripts=tuple(dict.fromkeys(command.module for command in commands)),
            arguments=tuple(dict.fromkeys(word for command in commands for word in command.arguments)),
            roots=frozenset(roots),
            modules=imported,
            functions=frozenset(function for root in roots.values() for function in root.functions),
            events=(*own, *bodies),
            followed=not mismatched
            and len(started) == sum(1 for text in stage.commands for _ in _programs(text))
            and all(any(root.module == module for root in roots.values()) for module, _ in started),
        )

    def _roots_of(self, module: int, command: Command) -> Iterator[tuple[int, Root]]:
        words = " ".join(command.arguments)
        for number, root in enumerate(self._world.roots):
            if root.module != module:
                continue
            if root.kind == "command":
                if self._is_meant(root, module, command):
                    yield number, root
            elif root.kind == "notebook" or root.kind in RUN_BY_FRAMEWORK or (root.kind in RUN_AS_WRITTEN and root.command == words):
                yield number, root

    def _is_meant(self, root: Root, module: int, command: Command) -> bool:
        """Whether a command line starts this function: the only command of its module, or the one that a word names."""
        others = [other for other in self._world.roots if other.module == module and other.kind == "command"]
        return len(others) == 1 or root.name.rpartition(".")[2].replace("_", "-") in command.arguments

    def _imported(self, started: set[int]) -> frozenset[int]:
        found, pending = set(started), sorted(started)
        while pending:
            for other in sorted(self._world.imports.get(pending.pop(), ())):
                if other not in found:
                    found.add(other)
                    pending.append(other)
        return frozenset(found)

    def _bodies(self, imported: frozenset[int], started: set[int], roots: frozenset[int]) -> tuple[list[Event], bool]:
        """What the bodies of imported modules do, whoever imported them first; whether a script's own ran under other words."""
        found: list[Event] = []
        mismatched = False
        for number, root in enumerate(self._world.roots):
            if number in roots or root.kind == "main":
                continue
            for event in root.events:
                if event.at[0] in imported and self._is_in_body(event.at):
                    if event.at[0] in started:
                        mismatched = True
                    else:
                        found.append(event)
        return found, mismatched

    def _is_in_body(self, place: Place) -> bool:
        """Whether a place stands outside every function of its module."""
        module = self._world.program.modules[place[0]]
        at = self._world.location(place)
        pending = list(module.facts.code.children)
        while pending:
            code: Code = pending.pop()
            if code.kind == "class":
                pending.extend(code.children)
                continue
            first, last = (module.facts.in_cell(line) for line in (code.first_line, code.last_line))
            if first[1] == at.cell and first[0] <= at.line <= last[0]:
                return False
        return True


def _programs(text: str) -> Iterator[str]:
    """The programs that a piece of shell text starts, but for those that only prepare."""
    for command in simple_commands(text):
        words = without_assignments(command.words)
        if words and words[0] not in QUIET_COMMANDS:
            yield words[0]
