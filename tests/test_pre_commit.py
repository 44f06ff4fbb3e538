"""The hook for pre-commit, run by pre-commit itself on scratch repositories; only the environment that it would build is the one of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

HOUSE = Path(__file__).parents[1]
MANIFEST = HOUSE / ".pre-commit-hooks.yaml"
COMMANDS = Path(sys.executable).parent

PARSES = """\
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--{option}")
parser.parse_args()
"""


@dataclass(frozen=True, slots=True)
class Repository:
    folder: Path
    home: Path

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=self.folder, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "--message", "state")

    def hook(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`pre-commit run` on what is staged."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "MLDEBT_", "PRE_COMMIT"))}
        environment |= {"PRE_COMMIT_HOME": str(self.home), "PATH": f"{COMMANDS}{os.pathsep}{environment['PATH']}"}
        command = [sys.executable, "-m", "pre_commit", "run", "--color", "never", *arguments]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with two commands, each with an option that nothing reads, all of it committed."""
    made = Repository(tmp_path / "repository", tmp_path / "home")
    (hook,) = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    hook["language"] = "system"
    made.write(".pre-commit-config.yaml", yaml.safe_dump({"repos": [{"repo": "local", "hooks": [hook]}]}))
    made.write("train.py", PARSES.format(option="rate"))
    made.write("serving/serve.py", PARSES.format(option="port"))
    made.git("init", "--quiet")
    made.commit()
    return made


def test_manifest_is_valid() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout


def test_reports_what_lies_in_the_files_of_the_commit(repository: Repository) -> None:
    repository.write("train.py", PARSES.format(option="speed"))
    repository.git("add", "train.py")
    ended = repository.hook()
    assert ended.returncode == 1
    assert "'--speed' is parsed" in ended.stdout
    assert "--port" not in ended.stdout
    repository.write("train.py", "print('train')\n")
    repository.git("add", "train.py")
    clean = repository.hook()
    assert clean.returncode == 0, clean.stdout
    assert "Passed" in clean.stdout


def test_a_commit_of_files_that_are_left_out_passes(repository: Repository) -> None:
    repository.write("mldebt.toml", 'exclude = ["/train.py"]\n')
    repository.write("train.py", PARSES.format(option="speed"))
    repository.git("add", "--all")
    ended = repository.hook()
    assert (ended.returncode, "Passed" in ended.stdout) == (0, True), ended.stdout


def test_a_commit_that_only_deletes_runs_nothing(repository: Repository) -> None:
    repository.git("rm", "--quiet", "train.py")
    ended = repository.hook()
    assert (ended.returncode, "Skipped" in ended.stdout) == (0, True), ended.stdout


def test_files_of_two_projects_have_each_their_settings(repository: Repository) -> None:
    for project, settings in (("first", 'ignore = ["unused-cli-flag"]\n'), ("second", 'profile = "strict"\n')):
        repository.write(f"{project}/mldebt.toml", settings)
        repository.write(f"{project}/run.py", PARSES.format(option=project))
    repository.git("add", "--all")
    ended = repository.hook()
    assert ended.returncode == 1
    assert "'--second' is parsed" in ended.stdout
    assert "'--first' is parsed" not in ended.stdout


def test_a_long_list_of_files_is_scanned_in_several_calls(repository: Repository) -> None:
    folder = f"{'a' * 120}/{'b' * 120}"
    for number in range(700):
        repository.write(f"{folder}/module_{number}.py", f"VALUE = {number}\n")
    repository.commit()
    ended = repository.hook("--all-files", "--verbose")
    assert ended.returncode == 1
    assert ended.stdout.count("Analysed: ") > 1
    assert ended.stdout.count("'--rate' is parsed") == 1
    assert ended.stdout.count("'--port' is parsed") == 1
