"""All that a report may show, complete and sorted; a report is a pure function of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mldebt.core import Coverage, Finding, Location, Measure, Rule
from mldebt.debt.complexity import ComplexFunction
from mldebt.graph.vocabulary import GraphPicture, Unresolved

__all__ = ["ComplexFunction", "Contents", "Excerpts", "Suppressed"]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that a suppression or the baseline holds back."""

    finding: Finding
    kind: str  # "inSource" | "external"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Excerpts:
    """Source lines of the files that findings and evidence mention: (path, cell) -> all lines of the file or cell, without line ends.

    They are the text split at its line ends, so that a last "" says that the text ends with a line end.

    For notebooks the key's cell is the index over all cells, and `json_lines` maps (path, cell) to the line of the JSON file for each source line.
    """

    lines: Mapping[tuple[str, int | None], tuple[str, ...]] = field(default_factory=dict)
    json_lines: Mapping[tuple[str, int], tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeyReading:
    """Code reads a key (dotted) of a config file."""

    file: str
    key: str
    at: Location


@dataclass(frozen=True, slots=True)
class Contents:
    """`findings` are sorted by place, code, message; `rules` are all enabled rules, sorted by code; `git_prefix` leads from the git top level to the root.

    `owners` are those of the files with findings, where somebody owns them.
    """

    tool_version: str
    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    coverage: Coverage
    measures: tuple[Measure, ...] = ()
    principal_minutes: int = 0
    principal_by_family: tuple[tuple[str, int], ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    picture: GraphPicture = field(default_factory=GraphPicture)
    excerpts: Excerpts = field(default_factory=Excerpts)
    complexity: tuple[ComplexFunction, ...] = ()
    project: str = ""
    git_prefix: str = ""
    profile: str = "default"
    unresolved: tuple[Unresolved, ...] = ()
    key_readings: tuple[KeyReading, ...] = ()
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
