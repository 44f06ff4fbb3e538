"""What git knows of a root, asked of real repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mldebt.analysis import ScanRequest, analyze
from mldebt.plugins import load_checks
from mldebt.settings import load_settings
from mldebt.workspace.git import days_before_head, git_facts, history_days, last_change
from mldebt.workspace.types import GitFacts

FIXTURES = Path(__file__).parent.parent / "fixtures"
DAY = 86_400
FIRST = 1_600_000_000


def git(root: Path, *arguments: str, time: int = FIRST) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_COMMITTER_DATE": f"{time} +0000",
        "GIT_AUTHOR_DATE": f"{FIRST - 5 * DAY} +0000",
    }
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    done = subprocess.run(["git", *identity, *arguments], cwd=root, env=environment, check=True, capture_output=True)
    return done.stdout.decode()


def commit(root: Path, days: int, **files: str) -> None:
    for name, text in files.items():
        (root / name.replace("__", ".")).write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "x", time=FIRST + days * DAY)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def changed(root: Path, found: GitFacts, path: str, first_line: int, last_line: int) -> int | None:
    """The age of lines as they lie on disk."""
    return last_change(root, found, path, (root / path).read_bytes(), first_line, last_line)


def facts(root: Path) -> GitFacts:
    found = git_facts(root)
    assert found is not None
    return found


def test_a_root_outside_git_has_no_facts(tmp_path: Path) -> None:
    assert git_facts(tmp_path) is None
    assert git_facts(tmp_path / "nowhere") is None


def test_without_the_git_command_there_are_no_facts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert git_facts(root) is None


def test_a_repository_without_a_commit_has_an_index_and_no_head(root: Path) -> None:
    (root / "a.py").touch()
    git(root, "add", "a.py")
    found = facts(root)
    assert found == GitFacts(top_level=True, prefix="", head="", head_time=0, shallow=False, tracked=frozenset({"a.py"}))
    assert history_days(root, found) == 0
    assert changed(root, found, "a.py", 1, 1) is None


def test_head_is_dated_by_its_committer(root: Path) -> None:
    commit(root, 3, a__py="a\n")
    found = facts(root)
    assert (found.head, found.head_time) == (git(root, "rev-parse", "HEAD").strip(), FIRST + 3 * DAY)
    assert (found.top_level, found.prefix, found.shallow) == (True, "", False)


def test_a_root_below_the_top_level_knows_its_prefix(root: Path) -> None:
    (root / "sub" / "deep").mkdir(parents=True)
    (root / "sub" / "deep" / "é \n.py").touch()
    commit(root, 0, top__py="")
    found = facts(root / "sub" / "deep")
    assert (found.top_level, found.prefix, found.tracked) == (False, "sub/deep/", frozenset({"é \n.py"}))


def test_a_folder_of_which_git_holds_nothing_is_outside_git(root: Path) -> None:
    commit(root, 0, a__py="")
    (root / "scratch").mkdir()
    assert git_facts(root / "scratch") is None


def test_a_shallow_clone_is_said(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    commit(root, 0, a__py="a\n")
    commit(root, 1, a__py="b\n")
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "-q", "--depth", "1", root.as_uri(), ".")
    assert facts(clone).shallow is True


def test_a_submodule_is_no_file_of_the_index(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q")
    commit(other, 0, b__py="")
    git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other.as_uri(), "libs/other")
    assert facts(root).tracked == {".gitmodules"}


def test_the_environment_of_a_hook_does_not_mislead(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    commit(root, 0, a__py="")
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    assert facts(root).tracked == {"a.py"}


def test_nothing_that_the_repository_configures_is_run(root: Path) -> None:
    mark = root / "ran"
    commit(root, 0, a__py="a\n", __gitattributes="*.py diff=evil filter=evil\n")
    for key in (
        "core.fsmonitor",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.clean",
        "filter.evil.smudge",
        "core.pager",
        "gpg.program",
    ):
        git(root, "config", key, f"touch '{mark}' #")
    git(root, "config", "log.showSignature", "true")
    found = facts(root)
    (root / "a.py").write_text("b\n")
    assert changed(root, found, "a.py", 1, 1) is None
    (root / "a.py").write_text("a\n")
    assert changed(root, found, "a.py", 1, 1) == FIRST
    assert history_days(root, found) == 0
    assert not mark.exists()


def test_lines_are_as_old_as_the_newest_commit_that_touched_them(root: Path) -> None:
    commit(root, 0, a__py="one\ntwo\nthree\nfour\n")
    commit(root, 10, a__py="one\nTWO\nthree\nfour\n")
    commit(root, 30, b__py="")
    found = facts(root)
    ages = [days_before_head(found, changed(root, found, "a.py", *lines) or 0) for lines in ((1, 1), (2, 2), (1, 4), (3, 4))]
    assert ages == [30, 20, 20, 30]
    assert history_days(root, found) == 30


def test_a_change_of_indentation_does_not_make_a_line_young(root: Path) -> None:
    commit(root, 0, a__py="x = 1\n")
    commit(root, 10, a__py="if y:\n    x = 1\n")
    assert changed(root, facts(root), "a.py", 2, 2) == FIRST


def test_lines_of_a_changed_file_are_found_again_or_have_no_age(root: Path) -> None:
    commit(root, 0, a__py="one\ntwo\nthree\nfour\n")
    commit(root, 10, a__py="one\ntwo\nthree\nFOUR\n")
    (root / "a.py").write_text("one\nnew\nnew\ntwo changed\nthree\nFOUR\n")
    found = facts(root)
    assert changed(root, found, "a.py", 1, 1) == FIRST
    assert changed(root, found, "a.py", 6, 6) == FIRST + 10 * DAY
    assert changed(root, found, "a.py", 2, 2) is None
    assert changed(root, found, "a.py", 4, 4) is None
    assert changed(root, found, "a.py", 90, 91) is None


def test_names_that_look_like_options_are_paths(root: Path) -> None:
    (root / "--help").write_text("a\n")
    commit(root, 2)
    assert changed(root, facts(root), "--help", 1, 1) == FIRST + 2 * DAY


def test_an_untracked_file_has_no_age(root: Path) -> None:
    commit(root, 0, a__py="a\n")
    (root / "new.py").write_text("a\n")
    assert changed(root, facts(root), "new.py", 1, 1) is None


@pytest.mark.parametrize(("days", "expected"), [(60, []), (100, ["build_features.per_item"])])
def test_a_flag_that_has_just_been_added_is_no_debt_yet(tmp_path: Path, days: int, expected: list[str]) -> None:
    """A parameter as well as a setting; the repository itself is older."""
    root = tmp_path / "churn"
    shutil.copytree(FIXTURES / "dead_experiment_flag" / "parameter_no_caller_sets", root)
    git(root, "init", "-q")
    text = (root / "features.py").read_text()
    commit(root, 0, features__py=text.replace("per_item", "per_part"))
    commit(root, 200 - days, features__py=text)
    commit(root, 200, notes__txt="later")
    settings = load_settings(root)
    checks = [check for check in load_checks() if check.rule.code == "MLD410"]
    contents = analyze(ScanRequest(root, settings, jobs=1, cache=False), checks).contents
    assert [finding.symbol for finding in contents.findings] == expected
