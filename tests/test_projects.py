"""The sample projects: one full of debt that is marked, one without any."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mldebt import plugins
from mldebt.analysis import ScanRequest, analyze
from mldebt.settings import load_settings
from mldebt.testing import assert_findings_match

PROJECTS = Path(__file__).parent.parent / "fixtures" / "projects"
PROMISED = {
    "unused-feature",
    "dead-experiment-flag",
    "unused-cli-flag",
    "fixed-decision-threshold",
    "hard-coded-hyperparameter",
    "glue-code",
    "undeclared-consumer",
}


def test_churn_has_exactly_its_marked_debt() -> None:
    assert_findings_match(PROJECTS / "churn", "unused-feature")


def test_every_promised_check_fires_in_churn() -> None:
    marked = "\n".join(path.read_text() for path in sorted((PROJECTS / "churn").rglob("*.py")))
    assert all(f"expect: {name}[" in marked for name in PROMISED)


def test_clean_is_clean_in_the_strict_profile() -> None:
    root = PROJECTS / "clean"
    settings = replace(load_settings(root), profile="strict")
    checks = plugins.select_checks(plugins.load_checks(), settings)
    contents = analyze(ScanRequest(root=root, settings=settings, cache=False), checks).contents
    assert contents.findings == ()
    assert contents.coverage.calls_resolved > 400
