"""How code hosts see a finding: its path from the top level of the repository, its line in the file as it lies there, the worst first."""

from __future__ import annotations

from collections.abc import Iterable

from mldebt.core import CONFIDENCES, SEVERITIES, Finding, Location, Severity
from mldebt.report.contents import Excerpts

LEVELS: dict[Severity, str] = {"blocker": "error", "critical": "error", "major": "warning", "minor": "note", "info": "note"}


def level(finding: Finding) -> str:
    """`error`, `warning` or `note`; what is tentative is a note."""
    return "note" if finding.confidence == "tentative" else LEVELS[finding.severity]


def host_path(path: str, git_prefix: str) -> str:
    """A path of the root as seen from the git top level."""
    prefix = git_prefix.strip("/")
    return f"{prefix}/{path}" if prefix else path


def host_line(at: Location, excerpts: Excerpts) -> int:
    """The first line in the file; of a notebook, the line of the JSON text, or 1 where it is not known.

    Hosts show what spans several lines in a pull request only where all of them are changed, so one line must do.
    """
    if at.cell is None:
        return at.line
    lines = excerpts.json_lines.get((at.path, at.cell), ())
    return lines[at.line - 1] if 1 <= at.line <= len(lines) else 1


def in_cell(at: Location) -> str:
    """What a message adds where the line of the file says little."""
    return "" if at.cell is None else f" (cell {at.cell}, line {at.line})"


def rank(finding: Finding) -> tuple[int, int]:
    """The worst and surest is the least."""
    return SEVERITIES.index(finding.severity), CONFIDENCES.index(finding.confidence)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """By severity, then by confidence, then as they were."""
    return sorted(findings, key=rank)
