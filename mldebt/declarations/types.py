"""How the repository starts its code: command lines, stages, entry points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Colour = Literal["train", "eval", "serve", "test", "tool", "notebook"]


@dataclass(frozen=True, slots=True)
class Command:
    """One command line of the repository that runs Python code of it.

    `module` is the path of the file it runs, relative to the root; `arguments` the words after it, template holes and shell
    variables replaced by HOLE; `source` says where it stands.
    """

    module: str
    arguments: tuple[str, ...]
    path: str
    line: int
    source: Literal["stage", "make", "ci", "shell", "docker", "docs"]
    stage: str = ""
    working_directory: str = ""


@dataclass(frozen=True, slots=True)
class MissingProgram:
    """A script that a command line runs and that no file of the repository can be."""

    word: str
    path: str
    line: int
    source: Literal["stage", "make", "ci", "shell", "docker", "docs"]
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """Where a stage names a dependency or a parameter; `ordering` says that its comment, or the stage, gives order as the reason."""

    name: str
    line: int
    column: int = 1
    ordering: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """What a container image is built from: `name` as a registry has it, tag and digest included, HOLE where a piece is unknown."""

    name: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A node of a declared pipeline. Paths are relative to the root, holes as HOLE.

    `runs` says when a tool runs it again; `templated` are the parameters that its own text is made of; `entries` are the places of
    `depends` and `parameters`, by the same names; `shown` are the outputs that the tool itself reads and shows to people.
    """

    name: str
    tool: str  # dvc | make | ...
    path: str
    line: int
    commands: tuple[str, ...]
    depends: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()  # "params.yaml:train.lr"; "params.yaml:" for a whole file
    working_directory: str = ""
    runs: Literal["when changed", "always", "never"] = "when changed"
    templated: tuple[str, ...] = ()
    entries: tuple[Declared, ...] = ()
    shown: tuple[str, ...] = ()


HOLE = "\ue000"
"""The private-use character that stands for an unknown piece of a text."""
