"""Logging commands of Azure Pipelines, which become the issues of a run."""

from __future__ import annotations

from mldebt.core import Finding
from mldebt.report.contents import Contents
from mldebt.report.placement import host_line, host_path, in_cell, level, worst_first
from mldebt.report.wording import visible

_ESCAPES = {"%": "%AZP25", ";": "%3B", "\r": "%0D", "\n": "%0A", "]": "%5D"}
_ESCAPE_TABLE = str.maketrans(_ESCAPES)


def render(contents: Contents) -> str:
    """One issue for each finding, the worst first: Azure knows errors and warnings."""
    return "".join(f"{_issue(finding, contents)}\n" for finding in worst_first(contents.findings))


def _issue(finding: Finding, contents: Contents) -> str:
    at = finding.at
    properties = {
        "type": "error" if level(finding) == "error" else "warning",
        "sourcepath": visible(host_path(at.path, contents.git_prefix)),
        "linenumber": str(host_line(at, contents.excerpts)),
        "columnnumber": str(at.column if at.cell is None else 1),
        "code": finding.rule.code,
    }
    given = "".join(f"{name}={_escaped(value)};" for name, value in properties.items())
    return f"##vso[task.logissue {given}]{_escaped(_message(finding))}"


def _message(finding: Finding) -> str:
    advice = f" {visible(finding.advice)}" if finding.advice else ""
    return f"{visible(finding.message)}{in_cell(finding.at)}{advice} [{finding.rule.name}]"


def _escaped(text: str) -> str:
    return text.translate(_ESCAPE_TABLE)
