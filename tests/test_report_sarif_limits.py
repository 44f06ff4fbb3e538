"""SARIF at the limits of GitHub code scanning, and as other programs read it."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from report_sample import HOSTILE_NAMES, empty_contents, hostile_contents, large_contents, sample_contents
from sarif.loader import load_sarif_file

from mldebt.core import Location, Rule, Step
from mldebt.report import sarif
from mldebt.report.contents import Contents, Excerpts

HOUSE = Path(__file__).parents[1]
MEGABYTE = 1_000_000
UPLOAD_LIMIT = 10 * MEGABYTE
UNPUBLISHED = {"SARIF2005"}  # no address of the tool to give yet


def run_of(contents: Contents, *, full: bool = False) -> dict[str, Any]:
    (run,) = json.loads(sarif.render(contents, full=full))["runs"]
    return dict(run)


def regions(value: Any) -> Iterator[dict[str, int]]:
    """All regions anywhere in a report."""
    if isinstance(value, dict):
        if "region" in value:
            yield value["region"]
        for inner in value.values():
            yield from regions(inner)
    if isinstance(value, list):
        for inner in value:
            yield from regions(inner)


def crowded(number: int) -> Contents:
    """As many findings, each with names and evidence of its own."""
    base = sample_contents()
    many = tuple(
        replace(
            base.findings[place % len(base.findings)],
            at=Location(f"src/part_{place}.py", place % 977 + 1, 5),
            message=f"Feature 'feature_{place * 7919 % 104_729}' is unused.",
            fingerprint=f"{place * 2_654_435_761 % 2**64:032x}",
            evidence=tuple(
                Step(Location(f"src/part_{place}/module_{step}.py", step + 1, 5), f"'column_{place}_{step}' goes on") for step in range(8)
            ),
        )
        for place in range(number)
    )
    return replace(base, findings=many)


def test_of_25_000_findings_the_worst_5_000_survive_in_an_upload_that_github_takes() -> None:
    contents = crowded(25_000)
    text = sarif.render(contents)
    assert len(gzip.compress(text.encode("utf-8"))) < UPLOAD_LIMIT
    (run,) = json.loads(text)["runs"]
    assert len(run["results"]) == 5_000
    kept = {result["partialFingerprints"]["mldebtFindingId/v1"] for result in run["results"]}
    by_severity = Counter(one.severity for one in contents.findings)
    kept_severities = Counter(one.severity for one in contents.findings if one.fingerprint in kept)
    assert kept_severities["blocker"] == by_severity["blocker"]
    assert kept_severities["critical"] == 5_000 - by_severity["blocker"]
    (notice,) = (one for one in run["invocations"][0]["toolExecutionNotifications"] if one["descriptor"]["id"] == "results-cut")
    assert notice["message"]["text"] == "Code scanning shows 5,000 results; the worst are kept and 20,000 findings left out."


def test_places_and_steps_of_a_result_are_within_the_limits() -> None:
    contents = sample_contents()
    steps = tuple(Step(Location("src/train.py", number + 1, 1), "x" * 5_000) for number in range(12_000))
    (result,) = run_of(replace(contents, findings=(replace(contents.findings[0], evidence=steps),)))["results"]
    assert len(result["locations"]) == 1
    assert len(result["relatedLocations"]) == 100
    assert len(result["codeFlows"][0]["threadFlows"][0]["locations"]) == 100
    assert max(len(one["message"]["text"]) for one in result["relatedLocations"]) == 1_024


def test_texts_of_rules_are_within_the_limits() -> None:
    contents = sample_contents()
    long = replace(contents.rules[0], name="-".join(["word"] * 200), summary="s" * 3_000, page=f"s\n\n{'p' * 3_000}")
    (rule,) = run_of(replace(contents, rules=(long,), findings=(), suppressed=()))["tool"]["driver"]["rules"]
    assert len(rule["name"]) == 255
    assert len(rule["shortDescription"]["text"]) == len(rule["fullDescription"]["text"]) == 1_024
    assert len(rule["properties"]["tags"]) <= 10


@pytest.mark.parametrize("contents", [sample_contents(), hostile_contents(), large_contents(60)], ids=["rich", "hostile", "sixty"])
def test_no_region_spans_lines(contents: Contents) -> None:
    found = list(regions(run_of(contents, full=True)))
    assert found
    assert all(region.get("endLine", region["startLine"]) == region["startLine"] for region in found)


def test_of_a_text_over_several_lines_the_first_is_marked() -> None:
    contents = sample_contents()
    one = next(finding for finding in contents.findings if finding.rule.code == "MLD203")
    several = replace(one, at=replace(one.at, end_line=one.at.line + 3, end_column=2))
    (result,) = run_of(replace(contents, findings=(several,)))["results"]
    line = contents.excerpts.lines["src/features.py", None][one.at.line - 1]
    assert result["locations"][0]["physicalLocation"]["region"] == {
        "startLine": one.at.line,
        "startColumn": one.at.column + 2,  # two emoji stand before it
        "endLine": one.at.line,
        "endColumn": len(line.encode("utf-16-le")) // 2 + 1,
    }


def test_two_results_of_a_rule_on_a_line_are_two_with_one_hash_of_the_line() -> None:
    contents = sample_contents()
    one = next(finding for finding in contents.findings if finding.rule.code == "MLD221")
    other = replace(one, at=replace(one.at, column=one.at.column + 8), fingerprint="f" * 32)
    first, second = run_of(replace(contents, findings=(one, other)))["results"]
    prints = [result["partialFingerprints"] for result in (first, second)]
    assert prints[0]["primaryLocationLineHash"] == prints[1]["primaryLocationLineHash"]
    assert [each["mldebtFindingId/v1"] for each in prints] == [one.fingerprint, "f" * 32]


def test_hostile_names_stay_text() -> None:
    results = run_of(hostile_contents())["results"]
    assert len(results) == len(HOSTILE_NAMES)
    for result in results:
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii() and uri.startswith("services/%40team%7Cx/") and not set(uri) & set("<>\"'\\ |#?[]")
        for text in (result["message"]["text"], result["relatedLocations"][0]["message"]["text"]):
            assert all(character.isprintable() or character in "\n\u200b" for character in text)


def test_sarif_tools_reads_it_back(tmp_path: Path) -> None:
    contents = sample_contents()
    file = tmp_path / "report.sarif"
    file.write_text(sarif.render(contents), "utf-8")
    loaded = load_sarif_file(str(file))
    assert loaded.get_distinct_tool_names() == ["mldebt"]
    assert loaded.get_result_count() == len(contents.findings)
    assert {severity: loaded.get_report().get_issue_count_for_severity(severity) for severity in ("error", "warning", "note")} == {
        "error": 3,
        "warning": 2,
        "note": 4,
    }
    records = {(unquote(record["Location"]), record["Line"]) for record in loaded.get_records() if "ipynb" not in record["Location"]}
    assert ("services/churn/src/features.py", 17) in records
    assert {record["Code"] for record in loaded.get_records()} == {one.rule.code for one in contents.findings}


def multitool() -> Path | None:
    """Microsoft's validator, where it is installed."""
    inside = Path("node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool")
    places = (os.environ.get("MLDEBT_SARIF_MULTITOOL"), HOUSE / inside, HOUSE / ".tools" / inside, shutil.which("Sarif.Multitool"))
    return next((Path(place) for place in places if place and Path(place).is_file()), None)


def shipped_rules() -> tuple[Rule, ...]:
    from mldebt.plugins import load_checks

    return tuple(check.rule for check in load_checks())


@pytest.mark.skipif(multitool() is None, reason="sarif-multitool is not installed; MLDEBT_SARIF_MULTITOOL names it")
@pytest.mark.parametrize("full", [False, True], ids=["plain", "full"])
@pytest.mark.parametrize(
    "contents",
    [
        sample_contents(),
        replace(empty_contents(), rules=shipped_rules()),
        hostile_contents(),
        replace(sample_contents(), excerpts=Excerpts()),
    ],
    ids=["rich", "all rules", "hostile", "no excerpts"],
)
def test_the_validator_of_microsoft_has_nothing_to_say(contents: Contents, full: bool, tmp_path: Path) -> None:
    """Its exit code is 0 whatever it finds, so what counts is its own report."""
    (tmp_path / "report.sarif").write_text(sarif.render(contents, full=full), "utf-8")
    options = ["--rule-kind", "Sarif;Ghas;Gh", "--level", "Error;Warning", "--kind", "Fail", "--log", "ForceOverwrite"]
    command = [str(multitool()), "validate", "report.sarif", *options, "-o", "validated.sarif"]
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (run,) = json.loads((tmp_path / "validated.sarif").read_text("utf-8-sig"))["runs"]
    said = [(one["ruleId"], one["message"]) for one in run["results"] if one.get("level", "warning") in ("error", "warning")]
    assert [one for one in said if one[0] not in UNPUBLISHED] == []
