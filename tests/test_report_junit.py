"""JUnit XML as the servers that show tests take it: valid by the schema of Jenkins, with names that outlive moved lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from report_sample import HOSTILE_NAMES, empty_contents, hostile_contents, large_contents, sample_contents

from mldebt.report import junit
from mldebt.report.contents import Contents
from mldebt.report.wording import visible

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "data" / "junit-10.xsd"))


def report(contents: Contents) -> etree._Element:
    root = etree.fromstring(junit.render(contents).encode("utf-8"))
    SCHEMA.assertValid(root)
    return root


@pytest.mark.parametrize(
    "contents",
    [sample_contents(), hostile_contents(), large_contents(60), empty_contents()],
    ids=["rich", "hostile", "sixty", "empty"],
)
def test_reports_are_valid_and_their_numbers_are_right(contents: Contents) -> None:
    root = report(contents)
    assert int(root.get("tests")) == len(root.findall("testsuite/testcase")) == max(len(contents.findings), 1)
    assert int(root.get("failures")) == len(root.findall("testsuite/testcase/failure"))
    for suite in root:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped"))
        names = [(test.get("classname"), test.get("name")) for test in suite]
        assert len(set(names)) == len(names)


def test_a_suite_is_a_file_and_a_test_a_finding() -> None:
    (suite,) = report(sample_contents()).xpath("testsuite[@name='src/features.py']")
    assert [test.get("name") for test in suite] == ["fixed-date: 2024-01-01", "unused-feature: mood"]
    failure = suite[1].find("failure")
    assert failure.get("type") == "MLD203"
    assert failure.get("message") == "Feature 'mood' is computed in build(), but no model, decision or file uses it."
    assert failure.text.splitlines()[0].startswith("src/features.py:17:65: MLD203 Feature 'mood'")
    assert failure.text.splitlines()[1:] == [
        "1. src/train.py:9:19: the table comes from here",
        "2. src/features.py:17:5: 'mood' is computed",
        "3. src/train.py:10:18: the model takes other columns",
        "Advice: Delete it and the map of emoji that only serves it.",
        "major, certain, 20 min",
    ]


def test_notebooks_name_the_cell() -> None:
    (failure,) = report(sample_contents()).xpath("testsuite/testcase/failure[@type='MLD426']")
    assert failure.text.startswith("notebooks/explore é.ipynb:cell 3:2:6: MLD426 ")


def test_what_never_fails_is_skipped() -> None:
    (suite,) = report(sample_contents()).xpath("testsuite[testcase/skipped]")
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "1")
    assert suite[0][0].get("type") == "MLD001"


def test_names_outlive_moved_lines_and_are_unique_in_a_file() -> None:
    contents = sample_contents()
    one = contents.findings[5]
    several = [replace(one, at=replace(one.at, line=line)) for line in (3, 9, 12)]
    names = [test.get("name") for test in report(replace(contents, findings=tuple(several)))[0]]
    moved = [replace(each, at=replace(each.at, line=each.at.line + 100)) for each in several]
    assert names == [test.get("name") for test in report(replace(contents, findings=tuple(moved)))[0]]
    assert names == ["unused-feature: mood", "unused-feature: mood (2)", "unused-feature: mood (3)"]


def test_names_of_a_repository_stay_text() -> None:
    root = report(hostile_contents())
    assert {test.get("name") for test in root.iter("testcase")} == {visible(f"unused-feature: {name}") for name in HOSTILE_NAMES}
    assert {failure.get("message") for failure in root.iter("failure")} == {
        visible(f"Feature '{name}' is {name}.") for name in HOSTILE_NAMES
    }
    assert {element.tag for element in root.iter()} == {"testsuites", "testsuite", "testcase", "failure"}


def test_a_clean_report_has_one_test_that_passed() -> None:
    root = report(empty_contents())
    assert (root.get("tests"), root.get("failures")) == ("1", "0")
    assert len(root.xpath("testsuite/testcase[not(*)]")) == 1
