"""The files of a repository, by name only: what each is, what it is for, who owns it, and what git knows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FileKind = Literal[
    "python",
    "notebook",
    "yaml",
    "json",
    "toml",
    "ini",
    "env",
    "sql",
    "dvc",
    "make",
    "shell",
    "docker",
    "requirements",
    "lock",
    "workflow",
    "owners",
    "markdown",
    "data",
    "other",
]
Role = Literal["source", "test", "example", "docs", "generated"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """`path` relative to the root with forward slashes. `dvc` = dvc.yaml, dvc.lock, *.dvc; `workflow` = CI definitions; `lock` = lock files."""

    path: str
    kind: FileKind
    role: Role
    size: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file left out, with the reason a person reads."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class GitFacts:
    """What git knows of the root. `head_time` is HEAD's committer date in epoch seconds. Nothing here depends on today's date."""

    top_level: bool  # the root is the git top level
    prefix: str  # the root relative to the git top level, "" or "sub/dir/"
    head: str
    head_time: int
    shallow: bool
    tracked: frozenset[str]  # paths in the index, relative to the root


@dataclass(frozen=True, slots=True)
class Workspace:
    root: Path
    files: tuple[SourceFile, ...]  # sorted by path
    skipped: tuple[Skipped, ...]
    git: GitFacts | None
