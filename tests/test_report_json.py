"""The JSON report keeps its schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from report_sample import empty_contents, large_contents, sample_contents

from mldebt.report import json as json_report

SCHEMA = json.loads((Path(__file__).parent.parent / "docs" / "report.schema.json").read_text("utf-8"))


def parsed(contents: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json_report.render(contents))
    return document


@pytest.mark.parametrize("contents", [sample_contents(), empty_contents(), large_contents(60)], ids=["rich", "empty", "sixty"])
def test_reports_are_valid(contents: Any) -> None:
    jsonschema_rs.validator_for(SCHEMA).validate(parsed(contents))


@pytest.mark.parametrize(
    "damage",
    [
        lambda report: report["findings"][0].update(surprise=1),
        lambda report: report["findings"][0].update(severity="awful"),
        lambda report: report["findings"][0].update(line=0),
        lambda report: report["findings"][0].update(path="/absolute.py"),
        lambda report: report["findings"][0].pop("fingerprint"),
        lambda report: report.pop("coverage"),
    ],
)
def test_the_schema_refuses_what_breaks_the_contract(damage: Any) -> None:
    report = parsed(sample_contents())
    damage(report)
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid(report)


def test_a_finding_as_programs_read_it() -> None:
    report = parsed(sample_contents())
    assert report["schema_version"] == 1
    assert report["debt"] == {
        "principal_minutes": 340,
        "by_family": {
            "analysis": 0,
            "anti-patterns": 20,
            "configuration": 5,
            "data-dependencies": 40,
            "feedback-loops": 240,
            "testing": 20,
            "training-code": 15,
        },
    }
    sample = next(finding for finding in report["findings"] if finding["code"] == "MLD426")
    assert sample.pop("fingerprint")
    assert sample == {
        "code": "MLD426",
        "name": "debug-sampling-left-on",
        "family": "anti-patterns",
        "message": "The sample of 1000 rows in a cell is still taken.",
        "advice": "Take it out, or make it a setting.",
        "severity": "minor",
        "confidence": "certain",
        "path": "notebooks/explore é.ipynb",
        "line": 2,
        "column": 6,
        "end_line": 2,
        "end_column": 21,
        "cell": 3,
        "symbol": "df",
        "effort_minutes": 20,
        "owners": [],
        "evidence": [{"path": "notebooks/explore é.ipynb", "line": 1, "column": 6, "cell": 3, "message": "all rows are read"}],
    }


def test_columns_count_characters() -> None:
    mood = next(finding for finding in parsed(sample_contents())["findings"] if finding["code"] == "MLD203")
    assert (mood["column"], mood["end_column"]) == (65, 86)


def test_paths_that_are_not_utf8_are_escaped() -> None:
    assert "broken\\udcff.py" in {finding["path"] for finding in parsed(sample_contents())["findings"]}
