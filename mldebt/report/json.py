"""The report for programs; its schema is docs/report.schema.json."""

from __future__ import annotations

from typing import Any

from mldebt.core import Coverage, Finding, Measure, Step
from mldebt.report.contents import Contents
from mldebt.report.wording import json_text

SCHEMA_VERSION = 1


def render(contents: Contents) -> str:
    return json_text(
        {
            "schema_version": SCHEMA_VERSION,
            "tool": {"name": "mldebt", "version": contents.tool_version},
            "coverage": _coverage(contents.coverage),
            "measures": [_measure(measure) for measure in contents.measures],
            "debt": {"principal_minutes": contents.principal_minutes, "by_family": dict(contents.principal_by_family)},
            "findings": [_finding(finding, contents.owners.get(finding.at.path, ())) for finding in contents.findings],
        }
    )


def _coverage(coverage: Coverage) -> dict[str, int]:
    return {
        "files": coverage.files,
        "unreadable": coverage.unreadable,
        "calls": coverage.calls,
        "calls_resolved": coverage.calls_resolved,
        "paths": coverage.paths,
        "paths_resolved": coverage.paths_resolved,
        "config_loads": coverage.config_loads,
        "config_loads_resolved": coverage.config_loads_resolved,
    }


def _measure(measure: Measure) -> dict[str, Any]:
    return {"name": measure.name, "value": measure.value, "unit": measure.unit, "out_of": measure.out_of}


def _finding(finding: Finding, owners: tuple[str, ...]) -> dict[str, Any]:
    at = finding.at
    return {
        "code": finding.rule.code,
        "name": finding.rule.name,
        "family": finding.rule.family,
        "message": finding.message,
        "advice": finding.advice,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "path": at.path,
        "line": at.line,
        "column": at.column,
        "end_line": at.end_line or at.line,
        "end_column": at.end_column or at.column,
        "cell": at.cell,
        "symbol": finding.symbol,
        "fingerprint": finding.fingerprint,
        "effort_minutes": finding.effort_minutes,
        "owners": list(owners),
        "evidence": [_step(step) for step in finding.evidence],
    }


def _step(step: Step) -> dict[str, Any]:
    at = step.at
    return {"path": at.path, "line": at.line, "column": at.column, "cell": at.cell, "message": step.message}
