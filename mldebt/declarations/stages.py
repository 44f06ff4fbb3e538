"""How a repository starts its code: the stages it declares and every command line that runs a Python file of it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from mldebt.configs.types import ConfigTree
from mldebt.declarations.commands import Origin, commands_in, sorted_commands
from mldebt.declarations.dockerfile import compose_commands, docker_commands
from mldebt.declarations.dvc import dvc_stages
from mldebt.declarations.makefile import make_stages
from mldebt.declarations.markdown import documented_commands
from mldebt.declarations.nodes import child, entries, scalars, script_of
from mldebt.declarations.programs import Programs
from mldebt.declarations.types import HOLE, Command, MissingProgram, Stage
from mldebt.declarations.workflows import jenkins_commands, workflow_commands
from mldebt.workspace.kinds import kind_of

_COMPOSE = re.compile(r"(?:docker-)?compose[^/]*\.ya?ml")
_DVC_STAGES = frozenset({"dvc.yaml", "dvc.yml"})
_MLFLOW_PARAMETER = re.compile(r"\{\w+\}")


def find_stages(
    texts: Mapping[str, str],
    trees: Mapping[str, ConfigTree],
    python_files: frozenset[str],
    console_scripts: Mapping[str, str] | None = None,
) -> tuple[tuple[Stage, ...], tuple[Command, ...]]:
    """Stages and commands, each sorted by place.

    `texts` are the texts of make, shell, docker, workflow and markdown files by path, `trees` the parsed dvc, workflow, compose,
    MLproject and params files; where a tree's file is among `texts` too, lines inside its block scalars are exact.
    `python_files` may hold notebooks; `console_scripts` gives the file of each script that the project installs.
    """
    found = _found(texts, trees, Programs(python_files, console_scripts or {}))
    stages = sorted((one for one in found if isinstance(one, Stage)), key=lambda stage: (stage.path, stage.line, stage.name))
    return tuple(stages), sorted_commands(one for one in found if isinstance(one, Command))


def find_missing_programs(
    texts: Mapping[str, str], trees: Mapping[str, ConfigTree], python_files: frozenset[str]
) -> tuple[MissingProgram, ...]:
    """Scripts that the same texts and trees run, and that are not there; by place."""
    programs = Programs(python_files, {})
    _found(texts, trees, programs)
    return tuple(sorted(programs.missing, key=lambda one: (one.path, one.line, one.word)))


def _found(texts: Mapping[str, str], trees: Mapping[str, ConfigTree], programs: Programs) -> list[Stage | Command]:
    return [
        *(one for path in sorted(trees) for one in _from_tree(trees[path], texts.get(path), trees, programs)),
        *(one for path in sorted(texts) for one in _from_text(path, texts[path], programs)),
    ]


def _from_tree(tree: ConfigTree, source: str | None, trees: Mapping[str, ConfigTree], programs: Programs) -> Iterator[Stage | Command]:
    name = posixpath.basename(tree.path)
    if name in _DVC_STAGES:
        yield from dvc_stages(tree, source, trees, programs)
    elif kind_of(tree.path) == "workflow":
        yield from workflow_commands(tree, source, programs)
    elif _COMPOSE.fullmatch(name):
        yield from compose_commands(tree, source, programs)
    elif name == "MLproject":
        yield from _mlproject_commands(tree, source, programs)


def _from_text(path: str, text: str, programs: Programs) -> Iterator[Stage | Command]:
    match kind_of(path):
        case "make":
            yield from make_stages(path, text, programs)
        case "shell":
            own = posixpath.dirname(path)
            yield from commands_in(text, Origin(path, 1, "shell", folders=tuple(dict.fromkeys((own, "")))), programs)
        case "docker":
            yield from docker_commands(path, text, programs)
        case "markdown":
            yield from documented_commands(path, text, programs)
        case "workflow":
            if posixpath.basename(path).startswith("Jenkinsfile"):
                yield from jenkins_commands(path, text, programs)
        case _:
            pass


def _mlproject_commands(tree: ConfigTree, source: str | None, programs: Programs) -> Iterator[Command]:
    """The entry points of an MLflow project."""
    for entry in entries(child(tree.root, "entry_points")):
        for scalar in scalars(child(entry.value, "command")):
            script = script_of(scalar, source)
            origin = Origin(tree.path, script.line, "stage", str(entry.key), (posixpath.dirname(tree.path),), script.spreads)
            yield from commands_in(_MLFLOW_PARAMETER.sub(HOLE, script.text), origin, programs)
