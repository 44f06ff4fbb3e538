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
class Stage:
    """A node of a declared pipeline. Paths are relative to the root, holes as HOLE."""

    name: str
    tool: str  # dvc | make | ...
    path: str
    line: int
    commands: tuple[str, ...]
    depends: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()  # "params.yaml:train.lr"; "params.yaml:" for a whole file
    working_directory: str = ""


HOLE = "\ue000"
"""The private-use character that stands for an unknown piece of a text."""
