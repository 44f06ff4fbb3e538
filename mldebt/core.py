"""Values that every stage passes on: places, evidence, rules, problems, findings, measures, errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["blocker", "critical", "major", "minor", "info"]
Confidence = Literal["certain", "firm", "tentative"]
Kind = Literal["finding", "policy", "measure"]

SEVERITIES: tuple[Severity, ...] = ("blocker", "critical", "major", "minor", "info")
CONFIDENCES: tuple[Confidence, ...] = ("certain", "firm", "tentative")


class MldebtError(Exception):
    """Something the user can fix; its text is one line that names the file and the place. Ends the run with exit code 2."""


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file: 1-based lines and columns in characters, `end_column` exclusive, `cell` 0-based over all cells.

    In a notebook `line` counts inside the cell. `path` is relative to the root, with forward slashes.
    """

    path: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of evidence; steps run from cause to effect."""

    at: Location
    message: str


@dataclass(frozen=True, slots=True)
class Effort:
    """Remediation minutes: `offset + each * size` (linear with offset, as SonarQube's rule metadata); `per` names what `size` counts."""

    offset: int
    each: int = 0
    per: str = ""

    def minutes(self, size: int) -> int:
        return self.offset + self.each * size


@dataclass(frozen=True, slots=True)
class Rule:
    """What is known of a check before it runs."""

    code: str
    name: str
    family: str
    tier: int
    severity: Severity
    confidence: tuple[Confidence, ...]
    effort: Effort
    summary: str
    page: str
    kind: Kind = "finding"
    scope: Literal["repository", "file"] = "repository"


@dataclass(frozen=True, slots=True)
class Problem:
    """What a check yields.

    `key` is the semantic identity (feature, config path, asset, option, qualified function) that the fingerprint is made of;
    `size` is the n of the effort; `severity` only where the check's entry lets it differ from the rule's.
    """

    at: Location
    symbol: str
    key: str
    message: str
    advice: str
    confidence: Confidence
    evidence: tuple[Step, ...] = ()
    size: int = 1
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem with its rule, its fingerprint and its price; `key` is the problem's."""

    rule: Rule
    at: Location
    symbol: str
    message: str
    advice: str
    severity: Severity
    confidence: Confidence
    fingerprint: str
    effort_minutes: int
    evidence: tuple[Step, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number for the report; it never fails a build. `places` are what it counts."""

    name: str
    value: float
    unit: str
    out_of: float | None = None
    places: tuple[Location, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the repository the analysis could follow; the honest denominator beside every figure."""

    files: int = 0
    unreadable: int = 0
    calls: int = 0
    calls_resolved: int = 0
    paths: int = 0
    paths_resolved: int = 0
    config_loads: int = 0
    config_loads_resolved: int = 0
