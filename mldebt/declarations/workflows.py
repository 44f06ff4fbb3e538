"""Command lines of continuous integration: GitHub, GitLab, CircleCI, Azure, Bitbucket, Travis by their keys, Jenkins by its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mldebt.configs.types import ConfigNode, ConfigTree, MappingNode, ScalarNode, SequenceNode
from mldebt.declarations.commands import Origin, commands_in
from mldebt.declarations.nodes import child, entries, joined_scripts, scalars, script_of, text_of
from mldebt.declarations.programs import Programs, joined
from mldebt.declarations.types import HOLE, Command

_SCRIPTS = ("before_install", "install", "before_script", "script", "after_script", "run", "bash", "command")
_FOLDERS = ("working-directory", "working_directory", "workingDirectory")
_JENKINS_SHELL = re.compile(r"\bsh\b\s*\(?\s*(?:script\s*:\s*)?('''|\"\"\"|'|\")(.*?)(?<!\\)\1", re.DOTALL)
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class _Place:
    keys: tuple[str, ...]
    folder: str

    @property
    def job(self) -> str:
        """GitHub, CircleCI and Azure keep jobs under `jobs`, GitLab at the top."""
        behind = self.keys[self.keys.index("jobs") + 1 :] if "jobs" in self.keys else self.keys
        return behind[0] if behind else ""


def workflow_commands(tree: ConfigTree, source: str | None, programs: Programs) -> Iterator[Command]:
    """The `run:` and `script:` steps of a workflow file."""
    reader = _WorkflowReader(tree.path, source, programs)
    for document in tree.documents:
        yield from reader.read(document, _Place((), ""))


def jenkins_commands(path: str, text: str, programs: Programs) -> Iterator[Command]:
    """The `sh` steps of a Jenkinsfile."""
    for step in _JENKINS_SHELL.finditer(text):
        line = text.count("\n", 0, step.start(2)) + 1
        yield from commands_in(step.group(2), Origin(path, line, "ci"), programs)


class _WorkflowReader:
    def __init__(self, path: str, source: str | None, programs: Programs) -> None:
        self._path = path
        self._source = source
        self._programs = programs
        self._seen: set[int] = set()  # an aliased node is read once, where it first stands

    def read(self, node: ConfigNode, place: _Place) -> Iterator[Command]:
        if id(node) in self._seen or len(place.keys) > _DEEPEST:
            return
        self._seen.add(id(node))
        match node:
            case MappingNode():
                yield from self._mapping(node, place)
            case SequenceNode():
                for item in node.items:
                    yield from self.read(item, place)
            case ScalarNode():
                pass

    def _mapping(self, node: MappingNode, place: _Place) -> Iterator[Command]:
        folder = next((text for key in _FOLDERS if (text := text_of(child(node, key)))), None)
        for key in _FOLDERS[:2]:
            folder = folder or text_of(child(node, "defaults", "run", key))
        if folder is not None:
            place = replace(place, folder=_inside(place.folder, folder))
        if not (text_of(child(node, "shell")) or "").startswith(("python", "pwsh", "cmd")):
            yield from self._scripts(node, place)
        for entry in entries(node):
            yield from self.read(entry.value, replace(place, keys=(*place.keys, str(entry.key))))

    def _scripts(self, node: MappingNode, place: _Place) -> Iterator[Command]:
        found = [script_of(scalar, self._source) for key in _SCRIPTS for scalar in scalars(child(node, key))]
        for script in joined_scripts(found):
            origin = Origin(self._path, script.line, "ci", place.job, (place.folder,), script.spreads)
            yield from commands_in(script.text, origin, self._programs)


def _inside(folder: str, below: str) -> str:
    return "" if HOLE in below or "$" in below or below.startswith("~") else joined(folder, below)
