"""`mldebt init` and `mldebt settings`: what a newcomer starts with, and what holds for a file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner, Result

from mldebt.cli import main
from mldebt.settings import load_settings
from mldebt.settings.read import READERS

UNUSED = """import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--rate")
parser.parse_args()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "train.py").write_text(UNUSED)
    (tmp_path / "legacy").mkdir()
    (tmp_path / "legacy" / "old.py").write_text("x = 1\n")
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "note books").mkdir()
    (tmp_path / "note books" / "a.ipynb").write_text(json.dumps(notebook))
    monkeypatch.chdir(tmp_path)
    yield tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def schema() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(run("settings", "schema").stdout)
    return document


def uncommented(text: str) -> str:
    """The file with every setting that it offers switched on."""
    return "".join(f"{line.removeprefix('# ') if _is_setting(line) else line}\n" for line in text.splitlines())


def _is_setting(line: str) -> bool:
    return line.startswith("# ") and (" = " in line or line.startswith("# ["))


def test_init_writes_settings_that_read_back(project: Path) -> None:
    result = run("init", "--root", ".")
    assert (result.exit_code, result.stdout) == (0, "")
    text = (project / "mldebt.toml").read_text()
    assert "2 Python files, 1 notebook" in text
    assert load_settings(project).profile == "default"
    (project / "mldebt-baseline.json").write_text('{"version": 1, "findings": []}')
    (project / "mldebt-wrappers.yaml").write_text("")
    full = uncommented(text)
    (project / "mldebt.toml").write_text(full)
    settings = load_settings(project)
    assert settings.exclude == ("legacy/",)
    assert [rule.pattern for rule in settings.per_path] == ["note books/**"]
    assert settings.checks["unused-cli-flag"].severity == "major"
    assert (settings.baseline, settings.fail_on_new is not None) == ("mldebt-baseline.json", True)
    jsonschema_rs.validator_for(schema()).validate(tomllib.loads(full))


def test_init_with_a_baseline_starts_quiet(project: Path) -> None:
    assert run("scan", "--root", ".").exit_code == 1
    result = run("init", "--root", ".", "--baseline")
    assert "mldebt-baseline.json with 1 finding\n" in result.stderr
    assert (run("scan").stdout, run("scan").exit_code) == ("", 0)


@pytest.mark.parametrize("there", ["mldebt.toml", "pyproject.toml"])
def test_init_never_replaces_settings(project: Path, there: str) -> None:
    (project / there).write_text("[tool.mldebt]\n" if there == "pyproject.toml" else "")
    before = (project / there).read_bytes()
    result = run("init")
    assert (result.exit_code, there in result.stderr) == (2, True)
    assert (project / there).read_bytes() == before
    assert not (project / "mldebt-baseline.json").exists()


def test_init_does_not_leave_half_of_its_work(project: Path) -> None:
    (project / "mldebt-baseline.json").write_text("mine")
    result = run("init", "--root", ".", "--baseline")
    assert (result.exit_code, (project / "mldebt.toml").exists()) == (2, False)
    assert (project / "mldebt-baseline.json").read_text() == "mine"


def test_init_where_there_is_nothing_to_scan(tmp_path: Path) -> None:
    result = run("init", "--root", str(tmp_path))
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])


def test_the_schema_has_every_key_and_agrees_with_the_reader(project: Path) -> None:
    assert set(schema()["properties"]) == {*READERS, "extend"}
    validator = jsonschema_rs.validator_for(schema())
    for wrong in (
        {"profil": "strict"},
        {"profile": "loud"},
        {"select": ["no-such-check"]},
        {"checks": {"unused-feature": {"severty": "major"}}},
        {"fail-on-new": "soon"},
        {"policy": {"unused-feature": True}},
        {"suppressions": [{"path": "a"}]},
        {"size-limit": 0},
    ):
        assert not validator.is_valid(wrong), wrong


ROWS = """
exclude = ["legacy/"]
profile = "strict"
baseline = "known.json"
[per-path]
"*.py" = { ignore = ["dead-experiment-flag"], severity = "info", profile = "default" }
[owners]
"train.py" = ["@ml"]
[[suppressions]]
path = "train.py"
name = "unused-cli-flag"
symbol = "rate"
reason = "kept"
"""


def test_show_says_what_holds_for_a_file_and_why(project: Path) -> None:
    (project / "mldebt.toml").write_text(ROWS)
    rows = [line.split(maxsplit=1) for line in run("settings", "show", "train.py").stdout.splitlines()]
    told = {row[0]: row[1] for row in rows}
    assert told["settings"] == "mldebt.toml"
    assert told["analysed"] == "yes, python, source"
    assert told["owners"] == "@ml"
    assert told["profile"] == "strict, narrowed to default by per-path '*.py' (mldebt.toml:6)"
    assert told["severity"] == "info by per-path '*.py' (mldebt.toml:6)"
    assert told["ignored"] == "dead-experiment-flag by per-path '*.py'"
    assert told["suppressed"] == "unused-cli-flag of 'rate' (mldebt.toml:9): kept"
    assert told["baseline"] == "known.json"


@pytest.mark.parametrize(
    ("file", "why"), [("legacy/old.py", "excluded by the settings"), ("hidden.py", "git ignores it"), ("table.parquet", "no, data")]
)
def test_show_says_why_a_file_is_not_analysed(project: Path, file: str, why: str) -> None:
    (project / "mldebt.toml").write_text(ROWS)
    (project / ".gitignore").write_text("hidden.py\n")
    (project / file).write_text("")
    result = run("settings", "show", file)
    assert (result.exit_code, why in result.stdout) == (0, True)


def test_show_says_which_files_are_quiet(project: Path) -> None:
    (project / "mldebt.toml").write_text("")
    assert "quiet" in run("settings", "show", "legacy/old.py").stdout
    assert "quiet" not in run("settings", "show", "train.py").stdout
    (project / "mldebt.toml").write_text('quiet = ["!legacy/"]\n')
    assert "quiet" not in run("settings", "show", "legacy/old.py").stdout


@pytest.mark.parametrize("file", ["nowhere.py", "legacy", "."])
def test_show_needs_a_file(project: Path, file: str) -> None:
    assert run("settings", "show", file).exit_code == 2
