"""From a scan to what a host reads: paths from the git top level, lines of the file as it lies there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from mldebt.cli import main

FIXTURE = Path(__file__).parents[1] / "fixtures" / "undeclared_consumer" / "notebook_that_plots"
NOTEBOOK = "services/churn/notebooks/distribution.ipynb"
FORMATS = ("github", "gitlab", "azure", "sarif", "junit", "markdown")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All formats of one scan of a project below the top level of a repository; a finding lies in a notebook."""
    top = tmp_path_factory.mktemp("repository")
    shutil.copytree(FIXTURE, top / "services" / "churn")
    for words in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *words], cwd=top, check=True)
    outputs = [word for name in FORMATS for word in ("--output", f"{name}={top / name}")]
    root = str(top / "services" / "churn")
    result = CliRunner().invoke(main, ["scan", "--root", root, root, "--no-cache", "--profile", "all", "--quiet", *outputs])
    assert result.exit_code in (0, 1), result.output
    return {"source": (top / NOTEBOOK).read_text("utf-8"), **{name: (top / name).read_text("utf-8") for name in FORMATS}}


def line_of(reports: dict[str, str]) -> int:
    return 1 + next(number for number, line in enumerate(reports["source"].splitlines()) if "read_parquet" in line)


def test_github(reports: dict[str, str]) -> None:
    (line,) = (line for line in reports["github"].splitlines() if "undeclared-consumer" in line)
    assert f"file={NOTEBOOK},line={line_of(reports)},endLine={line_of(reports)}::" in line
    assert "(cell 1, line 3)" in line


def test_gitlab(reports: dict[str, str]) -> None:
    (issue,) = (issue for issue in json.loads(reports["gitlab"]) if issue["check_name"] == "undeclared-consumer")
    assert issue["location"] == {"path": NOTEBOOK, "lines": {"begin": line_of(reports)}}


def test_azure(reports: dict[str, str]) -> None:
    (line,) = (line for line in reports["azure"].splitlines() if "[undeclared-consumer" in line)
    assert f"sourcepath={NOTEBOOK};linenumber={line_of(reports)};columnnumber=1;code=MLD104;]" in line


def test_sarif(reports: dict[str, str]) -> None:
    (run,) = json.loads(reports["sarif"])["runs"]
    (result,) = (result for result in run["results"] if result["ruleId"] == "MLD104")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == NOTEBOOK
    assert place["region"] == {"startLine": line_of(reports), "endLine": line_of(reports)}
    assert run["automationDetails"]["id"] == "mldebt/services/churn/"


def test_junit_and_markdown_speak_of_cells(reports: dict[str, str]) -> None:
    assert re.search(r"^ *<skipped [^>]*>notebooks/distribution\.ipynb:cell 1:3:\d+: MLD104 ", reports["junit"], re.MULTILINE)
    assert re.search(rf"^\| \d+ \| \w+ \| `{NOTEBOOK}:cell 1:3:\d+` \| undeclared-consumer \| ", reports["markdown"], re.MULTILINE)
    assert reports["markdown"].startswith("## mldebt in `services/churn`: ")
