"""Every case of every check: what is marked is found, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt.testing import Case, assert_findings_match, cases

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.mark.parametrize("case", list(cases(FIXTURES)), ids=str)
def test_findings_are_those_marked(case: Case) -> None:
    assert_findings_match(case.path, case.check)
