"""What messages say, where a fixture can only tell that something is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt.analysis import ScanRequest, analyze
from mldebt.core import Finding
from mldebt.plugins import load_checks
from mldebt.settings import load_settings

FIXTURES = Path(__file__).parent.parent / "fixtures"

SAID = {
    "implicit_feature_set/exclusions_of_a_copy": (
        "every column except 'churned', 'plan' (or a choice among them)",
        "every column except 'churned' (or a choice among them)",
    ),
    "hard_coded_hyperparameter/other_names_of_the_same": (
        "6 hyperparameters are literals in train: min_child_weight=10, reg_lambda=0.5, colsample_bytree=0.9,"
        " min_data_in_leaf=20, num_boost_round=10000, early_stopping_rounds=500.",
    ),
    "implicit_feature_set/names_put_back": ("every column except 'churned', 'user_id' (or a choice among them)",),
}


def found_in(case: str) -> list[Finding]:
    name = case.partition("/")[0].replace("_", "-")
    checks = [check for check in load_checks() if check.rule.name == name]
    return list(analyze(ScanRequest(FIXTURES / case, load_settings(FIXTURES / case), jobs=1, cache=False), checks).contents.findings)


@pytest.mark.parametrize("case", SAID)
def test_message_says(case: str) -> None:
    messages = [finding.message for finding in found_in(case)]
    assert len(messages) == len(SAID[case])
    for message, words in zip(messages, SAID[case], strict=True):
        assert words in message


def test_rows_come_from_the_program_that_learns() -> None:
    """A path of the same name in another folder's script may be another file."""
    finding = found_in("preprocessing_leakage/one_name_in_two_folders")[0]
    assert finding.evidence[0].message == "the rows come from 'homes.csv'"
    assert {step.at.path for step in finding.evidence} == {"learned/train.py"}
