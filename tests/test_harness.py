"""The fixture harness: what markers say, and what a failure looks like."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from word_analysis import WORD, analyze_words

from mldebt import testing
from mldebt.api import Check, DebtGraph, Problem
from mldebt.testing import Case, assert_findings_match, cases


def word_of_debt(graph: DebtGraph) -> Iterator[Problem]:
    yield from ()


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(testing, "analyze", analyze_words)
    monkeypatch.setattr(
        testing,
        "load_checks",
        lambda: (Check(WORD, word_of_debt, None), Check(replace(WORD, code="MLD997", name="other"), word_of_debt, None)),
    )
    folder = tmp_path / "word_of_debt" / "bad"
    folder.mkdir(parents=True)
    return folder


def complaints(case: Path, check_name: str | None = None) -> list[str]:
    try:
        assert_findings_match(case, check_name)
    except AssertionError as error:
        return str(error).strip("\n").split("\n")
    return []


def test_marked_lines_are_as_expected(case: Path) -> None:
    (case / "a.py").write_text("DEBT  # expect: word-of-debt[DEBT]\nfine\nDEBT  # expect: word-of-debt\n")
    assert complaints(case) == []


def test_a_failure_is_two_lines_a_person_can_act_on(case: Path) -> None:
    (case / "a.py").write_text("fine  # expect: word-of-debt[DEBT]\nDEBT1\n")
    assert complaints(case) == [
        "a.py:1: expected word-of-debt[DEBT], found nothing of the kind",
        "a.py:2: unexpected word-of-debt: The word DEBT1.",
    ]


def test_a_symbol_must_be_the_right_one(case: Path) -> None:
    (case / "a.py").write_text("DEBT  # expect: word-of-debt[DEBT2]\n")
    assert len(complaints(case)) == 2


def test_several_on_one_line_are_counted(case: Path) -> None:
    (case / "a.py").write_text("DEBT1 DEBT2  # expect: word-of-debt; word-of-debt[DEBT1]\n")
    assert complaints(case) == []
    (case / "a.py").write_text("DEBT1 DEBT2  # expect: word-of-debt\n")
    assert len(complaints(case)) == 1


def test_a_known_miss_must_stay_one(case: Path) -> None:
    (case / "a.py").write_text("fine  # expect-not-yet: word-of-debt\n")
    assert complaints(case) == []
    (case / "a.py").write_text("DEBT  # expect-not-yet: word-of-debt\n")
    assert complaints(case) == ["a.py:1: word-of-debt is found now: turn expect-not-yet into expect"]


def test_tentative_findings_count_for_the_folders_own_check_only(case: Path) -> None:
    (case / "a.py").write_text("DEBT~  # expect: word-of-debt\n")
    assert complaints(case) == []
    assert complaints(case, "other") == ["a.py:1: expected word-of-debt, found nothing of the kind"]


def test_expectations_of_files_without_comments(case: Path) -> None:
    (case / "a.py").write_text("DEBT\n")
    (case / "expect.toml").write_text('[[expect]]\npath = "a.py"\nline = 1\nname = "word-of-debt"\nsymbol = "DEBT"\n')
    assert complaints(case) == []
    (case / "expect.toml").write_text('[[expect]]\npath = "a.py"\nline = 2\nname = "word-of-debt"\n')
    assert len(complaints(case)) == 2


def test_allowed_checks_may_speak(case: Path) -> None:
    (case / "a.py").write_text("DEBT\n")
    (case / "expect.toml").write_text('allow = ["word-of-debt"]\n')
    assert complaints(case) == []


def test_measures_must_come_out_as_expected(case: Path) -> None:
    (case / "a.py").write_text("fine\n")
    (case / "expect.toml").write_text('[measures]\n"words" = [1, 2]\n')
    assert complaints(case) == ["expect.toml: expected words 1 of 2, found none"]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("query.sql", "select 1\nfrom users -- expect: word-of-debt", 2),
        ("conf.yaml", "lr: 1  # expect: word-of-debt[conf.lr]\n", 1),
        ("run.jsonc", "{} // expect: word-of-debt\n", 1),
        ("setup.ini", "a = 1 ; expect: word-of-debt\n", 1),
    ],
)
def test_markers_in_other_files(case: Path, name: str, text: str, line: int) -> None:
    (case / name).write_text(text)
    assert [text.split(" expected")[0] for text in complaints(case)] == [f"{name}:{line}:"]


def test_markers_in_notebooks_count_lines_inside_the_cell(case: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# expect: word-of-debt"]},
        {"cell_type": "code", "source": ["x = 1\n", "y = 2  # expect: word-of-debt"]},
    ]
    (case / "n.ipynb").write_text(json.dumps({"cells": cells}))
    assert complaints(case) == ["n.ipynb:cell 1:2: expected word-of-debt, found nothing of the kind"]


def test_a_marker_nobody_can_read_is_an_error(case: Path) -> None:
    (case / "a.py").write_text("DEBT  # expect: Word Of Debt\n")
    assert complaints(case) == ["a.py:1: not a marker: # expect: Word Of Debt"]


def test_the_case_is_analysed_outside_its_repository(case: Path) -> None:
    (case / "a.py").write_text("fine\n")
    (case / "expect.toml").write_text("")
    (case / "mldebt.toml").write_text("exlude = []\n")
    with pytest.raises(Exception, match="unknown key 'exlude'"):
        assert_findings_match(case)


def test_a_folder_of_no_check_is_an_error(case: Path) -> None:
    assert complaints(case, "no-such-check") == ["no check 'no-such-check' is installed"]


def test_all_cases_of_all_checks(tmp_path: Path) -> None:
    for name in ("b_check/good", "b_check/bad", "a_check/good", "projects/churn"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "readme.md").write_text("")
    assert list(cases(tmp_path)) == [
        Case("a-check", "good", tmp_path / "a_check" / "good"),
        Case("b-check", "bad", tmp_path / "b_check" / "bad"),
        Case("b-check", "good", tmp_path / "b_check" / "good"),
    ]
