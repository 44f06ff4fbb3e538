"""SARIF as code scanning takes it: valid, within the limits, with places that fit the files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
import pytest
from report_sample import RULES, SOURCES, empty_contents, hostile_contents, large_contents, sample_contents

from mldebt.report import sarif
from mldebt.report.contents import Contents
from mldebt.report.fingerprints import line_hashes

NAMES = ["rich", "empty", "sixty", "hostile"]
SCHEMA = json.loads((Path(__file__).parent / "data" / "sarif-2.1.0.json").read_text("utf-8"))


def run_of(contents: Contents, *, full: bool = False) -> dict[str, Any]:
    runs: list[dict[str, Any]] = json.loads(sarif.render(contents, full=full))["runs"]
    (run,) = runs
    return run


def result_of(code: str, contents: Contents | None = None) -> dict[str, Any]:
    return next(result for result in run_of(contents or sample_contents())["results"] if result["ruleId"] == code)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("contents", [sample_contents(), empty_contents(), large_contents(60), hostile_contents()], ids=NAMES)
def test_reports_are_valid(contents: Contents, full: bool) -> None:
    jsonschema_rs.validator_for(SCHEMA).validate(json.loads(sarif.render(contents, full=full)))


def test_all_enabled_rules_with_help_and_every_index_resolves() -> None:
    run = run_of(sample_contents())
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.code for rule in RULES]
    for rule in rules:
        assert rule["help"]["text"] and "## Why it is debt" in rule["help"]["markdown"]
        assert len(rule["properties"]["tags"]) <= 10
        assert rule["fullDescription"]["text"].startswith("Every *promise* costs")
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_projects_of_one_repository_do_not_replace_each_other() -> None:
    assert run_of(sample_contents())["automationDetails"] == {"id": "mldebt/services/churn/"}
    assert run_of(empty_contents())["automationDetails"] == {"id": "mldebt/"}


def test_only_unsafe_deserialisation_is_a_security_rule() -> None:
    rules = run_of(sample_contents())["tool"]["driver"]["rules"]
    secure = [rule["id"] for rule in rules if "security-severity" in rule["properties"] or "security" in rule["properties"]["tags"]]
    assert secure == ["MLD923"]


def test_levels_ranks_and_precision() -> None:
    results = {result["ruleId"]: (result["level"], result["rank"]) for result in run_of(sample_contents())["results"]}
    assert results["MLD923"] == ("error", 100.0)
    assert results["MLD301"] == ("error", 64.0)
    assert results["MLD203"] == ("warning", 60.0)
    assert results["MLD601"] == ("note", 20.0)
    precisions = {rule["id"]: rule["properties"]["precision"] for rule in run_of(sample_contents())["tool"]["driver"]["rules"]}
    assert (precisions["MLD923"], precisions["MLD203"], precisions["MLD601"]) == ("very-high", "high", "low")


def test_columns_are_utf16() -> None:
    region = result_of("MLD203")["locations"][0]["physicalLocation"]["region"]
    line = SOURCES["src/features.py"].split("\n")[region["startLine"] - 1].encode("utf-16-le")
    assert line[2 * (region["startColumn"] - 1) : 2 * (region["endColumn"] - 1)].decode("utf-16-le") == 'users["mood_default"]'


def test_paths_are_encoded_and_start_at_the_git_top_level() -> None:
    uri = result_of("MLD702")["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii() and not set(uri) & set(' #<>"()\\')
    assert unquote(uri).startswith("services/churn/data/a b#<script>")
    assert result_of("MLD001")["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "services/churn/broken%FF.py"
    assert "uri" not in run_of(sample_contents())["originalUriBaseIds"]["%SRCROOT%"]


def test_notebooks_point_at_the_line_of_the_file_and_name_the_cell() -> None:
    result = result_of("MLD426")
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 42, "endLine": 42}
    assert "(cell 3, line 2)" in result["message"]["text"]
    assert "primaryLocationLineHash" not in result["partialFingerprints"]


def test_text_of_the_repository_makes_no_links() -> None:
    for result in run_of(sample_contents())["results"]:
        text = result["message"]["text"]
        for number, related in enumerate(result.get("relatedLocations", ()), 1):
            assert related["id"] == number
            text = text.replace(f"{number}. [{related['message']['text'].partition(' (cell')[0]}]({number})", "")
        assert "[" not in text.replace("\\\\", "").replace("\\[", "")
        assert "]" not in text.replace("\\\\", "").replace("\\]", "")
        assert all(character.isprintable() or character == "\n" for character in text)


def test_evidence_is_a_code_flow() -> None:
    result = result_of("MLD221")
    (flow,) = result["codeFlows"][0]["threadFlows"]
    assert [step["location"]["message"]["text"] for step in flow["locations"]] == [
        "fitted on all rows",
        "the rows are divided",
        "the score has seen the test rows' statistics",
    ]


def test_beyond_the_limit_the_worst_survive_and_the_cut_is_said() -> None:
    contents = large_contents(sarif.RESULTS_SHOWN + 900)
    run = run_of(contents)
    assert len(run["results"]) == sarif.RESULTS_SHOWN
    kept = {result["partialFingerprints"]["mldebtFindingId/v1"] for result in run["results"]}
    assert {one.severity for one in contents.findings if one.fingerprint not in kept} == {"info", "minor"}
    notices = [notice for notice in run["invocations"][0]["toolExecutionNotifications"] if notice["descriptor"]["id"] == "results-cut"]
    assert "900 findings left out" in notices[0]["message"]["text"]


def test_suppressed_findings_come_only_in_full() -> None:
    assert not any("suppressions" in result for result in run_of(sample_contents())["results"])
    full = run_of(sample_contents(), full=True)["results"]
    assert [result["suppressions"] for result in full if "suppressions" in result] == [
        [{"kind": "inSource", "status": "accepted", "justification": "known [1]"}],
        [{"kind": "external", "status": "accepted"}],
    ]
    assert [result.get("baselineState") for result in full][-2:] == [None, "unchanged"]
    assert full[0]["baselineState"] == "new"


def test_a_report_without_excerpts_is_still_valid() -> None:
    bare = replace(sample_contents(), excerpts=empty_contents().excerpts)
    jsonschema_rs.validator_for(SCHEMA).validate(json.loads(sarif.render(bare)))
    assert result_of("MLD426", bare)["locations"][0]["physicalLocation"]["region"] == {"startLine": 1, "endLine": 1}


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        ("", "c129715d7a2bc9a3:1"),
        (
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n",
            "e9496ae3ebfced30:1 fb7c023a8b9ccb3f:1 ce8ba1a563dcdaca:1 e20e36e16fcb0cc8:1 b3edc88f2938467e:1 c8e28b0b4002a3a0:1 c129715d7a2bc9a3:1",
        ),
        (
            "Lorem ipsum dolor sit amet.\n" * 10,
            "a7f2ff13bc495cf2:1 a7f2ff13bc495cf2:2 a7f2ff13bc495cf2:3 a7f2ff13bc495cf2:4 a7f2ff13bc495cf2:5 a7f2ff13bc495cf2:6 "
            "a7f2ff1481e87703:1 a9cf91f7bbf1862b:1 55ec222b86bcae53:1 cc97dc7b1d7d8f7b:1 c129715d7a2bc9a3:1",
        ),
    ],
    ids=["empty file", "blanks do not count", "equal lines are numbered"],
)
def test_line_hashes_are_those_of_github(text: str, hashes: str) -> None:
    assert line_hashes(text.split("\n")) == tuple(hashes.split())


def test_without_the_end_of_the_file_lines_near_it_have_no_hash() -> None:
    lines = ("Lorem ipsum dolor sit amet.\n" * 10).split("\n")[:-1]
    assert line_hashes(lines) == (*(f"a7f2ff13bc495cf2:{number}" for number in range(1, 7)), None, None, None, None)
