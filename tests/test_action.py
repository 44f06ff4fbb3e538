"""The GitHub Action, run without GitHub: its shell steps one after the other, with inputs put in as the runner does."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from mldebt.cli.scan import FORMATS

HOUSE = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((HOUSE / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]
SOURCES = ("mldebt", "checks", "pyproject.toml", "README.md", "LICENSE", "action.yml")
MLDEBT = str(Path(sys.executable).with_name("mldebt"))
LACKING = {"github", "markdown"} - set(FORMATS)
needs_formats = pytest.mark.skipif(bool(LACKING), reason="this mldebt has no formats for GitHub yet")

PARSES = """\
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--rate")
parser.parse_args()
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a job: the exit code of the step that failed or 0, what was printed, and the outputs of the action."""

    code: int
    said: str
    summary: str
    outputs: Mapping[str, str]
    uploaded: str | None


@dataclass(slots=True)
class Runner:
    """As much of GitHub's runner as the action needs."""

    workspace: Path
    temporary: Path
    sources: Path = HOUSE
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *, installed: str | None = MLDEBT, **given: str) -> Ended:
        """Runs all steps; with `installed` the first, which installs mldebt, is taken as done."""
        inputs = {name: one["default"] for name, one in ACTION["inputs"].items()}
        inputs |= {name.replace("_", "-"): value for name, value in given.items()}
        known = {f"inputs.{name}": value for name, value in inputs.items()} | {"github.action_path": str(self.sources)}
        said, summary, uploaded = "", self.temporary / "step_summary", None
        self.temporary.mkdir(exist_ok=True)
        summary.touch()
        for step in STEPS:
            if step.get("id") == "install" and installed is not None:
                known["steps.install.outputs.command"] = installed
                continue
            if "if" in step and not _holds(step["if"], known):
                continue
            if "uses" in step:
                uploaded = Path(_filled(step["with"]["sarif_file"], known)).read_text(encoding="utf-8")
                continue
            output = self.temporary / "output"
            output.write_text("")
            ended = self._shell(step, known, output, summary)
            said += ended.stdout + ended.stderr
            for line in output.read_text(encoding="utf-8").splitlines():
                name, _, value = line.partition("=")
                known[f"steps.{step['id']}.outputs.{name}"] = value
            if ended.returncode:
                return Ended(ended.returncode, said, summary.read_text(encoding="utf-8"), _outputs(known), uploaded)
        return Ended(0, said, summary.read_text(encoding="utf-8"), _outputs(known), uploaded)

    def _shell(self, step: Mapping[str, Any], known: Mapping[str, str], output: Path, summary: Path) -> subprocess.CompletedProcess[str]:
        assert step["shell"] == "bash"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MLDEBT_", "GITHUB_", "PIP_"))}
        environment |= {
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temporary),
            **self.environment,
            **{name: _filled(value, known) for name, value in step.get("env", {}).items()},
        }
        script = self.temporary / "script.sh"
        text = step["run"]
        for name in LACKING:
            text = re.sub(rf"\b{name}\b(?= --output|=)", "text", text)
        script.write_text(text, encoding="utf-8")
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)]  # as the runner starts `shell: bash`
        folder = self.workspace / _filled(step.get("working-directory", "."), known)
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _filled(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda found: known.get(found[1], ""), text)


def _holds(condition: str, known: Mapping[str, str]) -> bool:
    name, wanted = re.fullmatch(r"([\w.-]+) == '(\w+)'", condition).groups()  # type: ignore[union-attr]
    return known[name] == wanted


def _outputs(known: Mapping[str, str]) -> dict[str, str]:
    return {name: _filled(one["value"], known) for name, one in ACTION["outputs"].items()}


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    workspace = tmp_path / "work space"
    (workspace / "serving").mkdir(parents=True)
    (workspace / "train.py").write_text(PARSES)
    (workspace / "serving" / "serve.py").write_text("print('nothing to see')\n")
    subprocess.run(["git", "init", "--quiet", str(workspace)], check=True)
    return Runner(workspace, tmp_path / "runner temp")


def test_action_is_valid() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", str(HOUSE / "action.yml")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_no_expression_stands_in_a_script() -> None:
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert len(scripts) == 3
    assert [script for script in scripts if "${{" in script] == []


def test_other_actions_are_pinned_to_a_commit_with_its_version() -> None:
    uses = re.findall(r"uses: (.*)", (HOUSE / "action.yml").read_text(encoding="utf-8"))
    assert uses
    assert [one for one in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


def test_every_input_is_used_and_documented() -> None:
    text = (HOUSE / "action.yml").read_text(encoding="utf-8")
    assert {name for name in ACTION["inputs"] if f"inputs.{name}" not in text} == set()
    page = (HOUSE / "docs" / "ci.md").read_text(encoding="utf-8")
    assert {name for name in (*ACTION["inputs"], *ACTION["outputs"]) if f"| `{name}` |" not in page} == set()


class TestScan:
    @needs_formats
    def test_findings_are_annotations(self, runner: Runner) -> None:
        assert re.search(r"^::\w+ .*file=train\.py,.*line=4", runner.run().said, re.MULTILINE)

    def test_findings_fail_the_job_and_are_in_all_reports(self, runner: Runner) -> None:
        ended = runner.run(upload_sarif="true")
        assert ended.code == 1
        assert ended.outputs["exit-code"] == "1"
        assert "unused-cli-flag" in ended.summary
        results = json.loads(Path(ended.outputs["sarif"]).read_text())["runs"][0]["results"]
        assert [result["ruleId"] for result in results] == ["MLD510"]
        assert json.loads(ended.uploaded or "")["runs"][0]["results"] == results

    def test_clean_repository_is_uploaded_and_passes(self, runner: Runner) -> None:
        (runner.workspace / "train.py").write_text("print('clean')\n")
        ended = runner.run(upload_sarif="true")
        assert (ended.code, ended.outputs["exit-code"]) == (0, "0")
        assert json.loads(ended.uploaded or "")["runs"][0]["results"] == []

    def test_nothing_is_uploaded_unless_asked(self, runner: Runner) -> None:
        assert runner.run().uploaded is None

    def test_what_fails_is_chosen(self, runner: Runner) -> None:
        assert runner.run(fail_on="blocker").code == 0
        assert runner.run(fail_on="minor").code == 1
        never = runner.run(fail_on="never")
        assert never.code == 0
        assert "unused-cli-flag" in never.summary

    def test_paths_choose_what_is_reported(self, runner: Runner) -> None:
        assert runner.run(paths="serving\n").code == 0
        assert runner.run(paths="serving\ntrain.py\n").code == 1

    def test_working_directory(self, runner: Runner) -> None:
        assert runner.run(working_directory="serving").code == 0

    def test_project_below_the_top_reports_places_of_the_repository(self, runner: Runner) -> None:
        shutil.move(runner.workspace / "train.py", runner.workspace / "serving")
        (runner.workspace / "serving" / "mldebt.toml").write_text('profile = "strict"\n')
        subprocess.run(["git", "-C", str(runner.workspace), "add", "."], check=True)
        ended = runner.run(working_directory="serving")
        (result,) = json.loads(Path(ended.outputs["sarif"]).read_text())["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "serving/train.py"
        assert LACKING or "file=serving/train.py," in ended.said

    def test_arguments_keep_their_quotes(self, runner: Runner) -> None:
        assert runner.run(args="--ignore 'unused-cli-flag, glue-code'\n--profile strict").code == 0
        broken = runner.run(args="--ignore 'unused-cli-flag")
        assert broken.code == 2
        assert "a quote is not closed" in broken.said

    @pytest.mark.parametrize("name", ["paths", "args", "fail_on", "fail_on_new", "baseline", "diff"])
    def test_inputs_are_no_commands(self, runner: Runner, name: str) -> None:
        marks = runner.temporary / "marks"
        hostile = f'x"; touch {marks}; $(touch {marks}) `touch {marks}`'
        ended = runner.run(**{name: hostile})
        assert ended.code == 2
        assert not marks.exists()

    def test_what_cannot_run_is_said_and_uploads_nothing(self, runner: Runner) -> None:
        (runner.workspace / "mldebt.toml").write_text("prfile = 1\n")
        ended = runner.run(upload_sarif="true")
        assert (ended.code, ended.outputs["exit-code"], ended.uploaded) == (2, "2", None)
        assert "mldebt.toml" in ended.said
        assert "::error title=mldebt::" in ended.said


def _libraries(folder: Path) -> Path:
    """What is installed here, without mldebt."""
    folder.mkdir()
    for place in (Path(name) for name in sys.path if name.endswith("-packages")):
        for entry in place.iterdir():
            if "mldebt" not in entry.name and entry.suffix != ".pth" and not (folder / entry.name).exists():
                (folder / entry.name).symlink_to(entry)
    return folder


@pytest.mark.parametrize("has_ensurepip", [True, False], ids=["python", "debian"])
def test_installs_the_sources_of_the_action(runner: Runner, tmp_path: Path, has_ensurepip: bool) -> None:
    """Without an index: its libraries are lent to the new environment."""
    sources = tmp_path / "action"
    sources.mkdir()
    for name in SOURCES:
        copy = shutil.copytree if (HOUSE / name).is_dir() else shutil.copy
        copy(HOUSE / name, sources / name)
    runner.sources = sources
    runner.environment = {
        "PYTHONPATH": str(_libraries(tmp_path / "libraries")),
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip takes the value for that of --build-isolation
    }
    if not has_ensurepip:
        python = tmp_path / "debian" / "python3"
        python.parent.mkdir()
        python.write_text(
            f'#!/bin/sh\ncase "$*" in *--without-pip*) ;; "-m venv "*) echo "no ensurepip"; exit 1 ;; esac\nexec {shutil.which("python3")} "$@"\n'
        )
        python.chmod(0o755)
        runner.environment["PATH"] = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    ended = runner.run(installed=None)
    assert re.search(r"^mldebt \d+\.\d+\.\d+", ended.said, re.MULTILINE), ended.said
    assert ended.code == 1, "the installed mldebt has scanned"
    assert "unused-cli-flag" in ended.summary


def test_says_that_python_is_too_old(runner: Runner, tmp_path: Path) -> None:
    for name in ("python", "python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        (tmp_path / "old").mkdir(exist_ok=True)
        (tmp_path / "old" / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "old" / name).chmod(0o755)
    runner.environment = {"PATH": f"{tmp_path / 'old'}:/usr/bin:/bin"}
    ended = runner.run(installed=None)
    assert ended.code == 2
    assert "Python 3.11 or newer is needed" in ended.said
