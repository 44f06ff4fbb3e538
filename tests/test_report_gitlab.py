"""The Code Quality report as GitLab takes it: its own schema, one issue of each fingerprint."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from report_sample import HOSTILE_NAMES, empty_contents, hostile_contents, large_contents, sample_contents

from mldebt.report import gitlab
from mldebt.report.contents import Contents

SCHEMA = json.loads((Path(__file__).parent / "data" / "gitlab-codeclimate.json").read_text("utf-8"))
SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


def issues(contents: Contents) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(gitlab.render(contents))
    return found


@pytest.mark.parametrize("contents", [sample_contents(), hostile_contents(), large_contents(60)], ids=["rich", "hostile", "sixty"])
def test_every_issue_is_valid_and_none_hides_another(contents: Contents) -> None:
    found = issues(contents)
    assert len(found) == len(contents.findings)
    validator = jsonschema_rs.validator_for(SCHEMA)
    for issue in found:
        validator.validate(issue)
        assert issue["check_name"]
        assert issue["severity"] in SEVERITIES
        assert issue["location"]["lines"]["begin"] >= 1
        assert not issue["location"]["path"].startswith(("/", "./"))
    assert len({issue["fingerprint"] for issue in found}) == len(found)


def test_a_finding_is_an_issue() -> None:
    (issue,) = (issue for issue in issues(sample_contents()) if issue["check_name"] == "unused-feature")
    fingerprint = issue.pop("fingerprint")
    assert issue == {
        "description": "Feature 'mood' is computed in build(), but no model, decision or file uses it. "
        "Delete it and the map of emoji that only serves it.",
        "check_name": "unused-feature",
        "severity": "major",
        "location": {"path": "services/churn/src/features.py", "lines": {"begin": 17}},
    }
    assert len(fingerprint) == 32


def test_notebooks_get_the_line_of_the_file() -> None:
    (issue,) = (issue for issue in issues(sample_contents()) if issue["check_name"] == "debug-sampling-left-on")
    assert issue["location"] == {"path": "services/churn/notebooks/explore é.ipynb", "lines": {"begin": 42}}
    assert "(cell 3, line 2)" in issue["description"]


def test_fingerprints_outlive_moved_lines() -> None:
    contents = sample_contents()
    moved = replace(contents, findings=tuple(replace(one, at=replace(one.at, line=one.at.line + 7)) for one in contents.findings))
    assert [issue["fingerprint"] for issue in issues(moved)] == [issue["fingerprint"] for issue in issues(contents)]


def test_projects_of_one_repository_do_not_hide_each_other() -> None:
    contents = sample_contents()
    projects = [{issue["fingerprint"] for issue in issues(replace(contents, git_prefix=prefix))} for prefix in ("", "a/", "b/")]
    assert projects[0] == {one.fingerprint for one in contents.findings}
    assert not projects[0] & projects[1] | projects[0] & projects[2] | projects[1] & projects[2]


def test_equal_fingerprints_are_told_apart() -> None:
    contents = sample_contents()
    twice = replace(contents, findings=(contents.findings[0], contents.findings[0]))
    assert len({issue["fingerprint"] for issue in issues(twice)}) == 2


def test_paths_are_those_of_the_files() -> None:
    paths = {issue["location"]["path"] for issue in issues(hostile_contents())}
    assert paths >= {f"services/@team|x/{name}/a.py" for name in HOSTILE_NAMES if "\ud800" not in name}


def test_a_clean_report_is_an_empty_list() -> None:
    assert gitlab.render(empty_contents()) == "[]\n"
