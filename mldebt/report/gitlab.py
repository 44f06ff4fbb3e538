"""GitLab's Code Quality report: a list of issues, which merge requests compare with that of their target."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import Any

from mldebt.core import Finding
from mldebt.report.contents import Contents
from mldebt.report.placement import host_line, host_path, in_cell
from mldebt.report.wording import json_text, visible


def render(contents: Contents) -> str:
    """GitLab keeps one issue of each fingerprint, over all reports of a pipeline."""
    seen: Counter[str] = Counter()
    issues = []
    for finding in contents.findings:
        issues.append(_issue(finding, contents, seen[finding.fingerprint]))
        seen[finding.fingerprint] += 1
    return json_text(issues)


def _issue(finding: Finding, contents: Contents, ordinal: int) -> dict[str, Any]:
    advice = f" {visible(finding.advice)}" if finding.advice else ""
    return {
        "description": f"{visible(finding.message)}{in_cell(finding.at)}{advice}",
        "check_name": finding.rule.name,
        "fingerprint": _fingerprint(finding.fingerprint, contents.git_prefix.strip("/"), ordinal),
        "severity": finding.severity,
        "location": {
            "path": host_path(finding.at.path, contents.git_prefix),
            "lines": {"begin": host_line(finding.at, contents.excerpts)},
        },
    }


def _fingerprint(of_finding: str, project: str, ordinal: int) -> str:
    """That of the finding; two projects of one repository may have the same feature or setting, so theirs are told apart."""
    if not project and not ordinal:
        return of_finding
    return sha256(f"{project}\0{of_finding}\0{ordinal}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
