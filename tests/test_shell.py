"""`mldebt scan` as people run it: parts of repositories, odd places, two at once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mldebt.cli import main

MAKES = """\
import pandas as pd
from sub.names import PATH

frame = pd.read_csv("raw.csv")
frame["a"] = frame["x"] * 2
frame["b"] = frame["x"] * 3
frame.to_parquet(PATH)
"""
TRAINS = """\
import pandas as pd
from sklearn.linear_model import LinearRegression

frame = pd.read_parquet("features.parquet")
LinearRegression().fit(frame[["a"]], frame["y"])
"""
PARSES = """\
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--rate")
parser.parse_args()
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository without settings: `sub` makes two columns, and what lies beside it uses one of them."""
    root = tmp_path / "repository"
    files = {
        "sub/__init__.py": "",
        "sub/names.py": 'PATH = "features.parquet"\n',
        "sub/make.py": MAKES,
        "train.py": TRAINS,
        "option.py": PARSES,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / ".git").mkdir()
    monkeypatch.chdir(root)
    return root


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments], prog_name="mldebt")


def report(*arguments: str) -> Any:
    return json.loads(run("scan", "--no-cache", "--format", "json", *arguments).stdout)


def test_a_part_of_a_repository_is_judged_in_the_whole(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The root is the git top level: imports, files and paths are those of the whole; PATHS choose what is reported."""
    whole = report()
    assert [(f["symbol"], f["path"]) for f in whole["findings"]] == [("rate", "option.py"), ("b", "sub/make.py")]
    part = report("sub")
    assert part["findings"] == whole["findings"][1:]
    assert part["coverage"] == whole["coverage"]
    monkeypatch.chdir(repository / "sub")
    assert report() == report("make.py") == part


def test_a_hook_names_files_that_are_left_out(repository: Path) -> None:
    (repository / "mldebt.toml").write_text('exclude = ["option.py"]\n')
    (repository / "notes.md").write_text("# Notes\n")
    assert run("scan", "option.py", "sub/make.py").exit_code == 2
    left = report("--force-exclude", "option.py", "notes.md", "sub/make.py")
    assert left["findings"] == report("sub/make.py")["findings"] != []
    nothing = run("scan", "--force-exclude", "option.py", "notes.md")
    assert (nothing.exit_code, nothing.output) == (0, "")
    assert run("scan", "--force-exclude").exit_code == 1, "no PATH is everything"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ["scan", "--format", "xml"],
            "invalid value for '--format': 'xml' is not one of 'text', 'json', 'sarif', 'html', 'github', 'gitlab', 'junit', 'azure', 'markdown'; "
            "see mldebt scan --help",
        ),
        (["scan", "--jobs", "many"], "invalid value for '--jobs' / '-j': 'many' is not a valid integer range; see mldebt scan --help"),
        (["scan", "-o", "sub"], "--output sub: is a directory; name a file"),
        (["scan", "-o", "json=sub/"], "--output json=sub/: is a directory; name a file"),
        (["scan", "-o", "nowhere/x.json"], "--output nowhere/x.json: no such folder"),
        (["scan", "-o", "json="], "--output json=: no file name"),
        (
            ["scan", "-o", "report.pdf"],
            "report.pdf: no format has this suffix; write FORMAT=FILE with one of "
            "text, json, sarif, html, github, gitlab, junit, azure, markdown",
        ),
        (["sacn"], "no command 'sacn'; did you mean 'scan'?; see mldebt --help"),
        (["sub"], "no command 'sub'; did you mean 'mldebt scan sub'?; see mldebt --help"),
        (["nosuch"], "no such command 'nosuch'; see mldebt --help"),
        (["explain"], "missing argument 'NAME|CODE'; see mldebt explain --help"),
        (["explain", "nosuch"], "no check 'nosuch'; 'mldebt checks' lists them"),
        (["explain", "Unused_Featur"], "no check 'Unused_Featur'; did you mean 'unused-feature'?"),
        (["explain", "mld-203"], "no check 'mld-203'; 'mldebt checks' lists them"),
    ],
)
def test_wrong_usage_is_one_line(repository: Path, arguments: list[str], complaint: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"mldebt: error: {complaint}\n")


def test_what_is_explained_is_explained_again(repository: Path) -> None:
    """The kept outcome of a scan holds no explanation."""
    first, second = (run("scan", "option.py", "--explain", "rate").stdout for _ in range(2))
    assert first == second
    assert first.splitlines()[1:] == ["option.py:4:21: Option '--rate' is not used by itself"]
    assert "Nothing called 'nosuch' was met" in run("scan", "option.py", "--explain", "nosuch").stdout


AS_ITS_OWNER = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search"]


def unprivileged(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """As a person without the right to do everything, whoever runs the tests."""
    prefix = AS_ITS_OWNER if os.geteuid() == 0 else []
    if prefix and shutil.which(prefix[0]) is None:
        pytest.skip("needs setpriv where the tests run as root")
    done = subprocess.run([*prefix, sys.executable, "-m", "mldebt", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if "setpriv:" in done.stderr:
        pytest.skip("setpriv may not drop capabilities here")
    return done


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_what_may_not_be_read_or_written_is_one_line(repository: Path) -> None:
    locked, whole = repository / "sub", repository / "train.py"
    bare = repository.parent / "bare"
    bare.mkdir()
    try:
        bare.chmod(0)
        locked.chmod(0)
        whole.chmod(0)
        repository.chmod(0o555)
        refused = [
            (unprivileged("scan", "sub", folder=repository), "nothing to scan under 'sub': cannot be opened: Permission denied"),
            (unprivileged("scan", "-o", "x.json", folder=repository), "--output x.json: permission denied"),
            (unprivileged("scan", str(bare), folder=repository), f"{bare}: Permission denied"),
        ]
        assert [(done.returncode, done.stdout, done.stderr) for done, _ in refused] == [
            (2, "", f"mldebt: error: {complaint}\n") for _, complaint in refused
        ]
        alone = unprivileged("scan", "train.py", folder=repository)
        assert "MLD001 'train.py' cannot be read" in alone.stdout
        assert "\nUnreadable: 1 file (MLD001)\n" in alone.stderr
        assert "Nothing is kept for the next scan" in alone.stderr
    finally:
        for path in (repository, whole, locked, bare):
            path.chmod(0o755)


def test_a_path_with_a_line_break_stays_one_line(repository: Path) -> None:
    folder = repository / "new\nline"
    folder.mkdir()
    (folder / "a.py").write_text(PARSES)
    assert run("scan", "new\nline", "--no-cache").stdout.splitlines() == [
        "new\\nline/a.py:4:21: MLD510 Option '--rate' is parsed, but nothing reads it. [unused-cli-flag]"
    ]
    assert run("scan", "no\nsuch").stderr == "mldebt: error: no\\nsuch: no such file or directory\n"


def test_two_scans_at_once_say_the_same(repository: Path) -> None:
    command = [sys.executable, "-m", "mldebt", "scan", "--format", "json"]
    both = [subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    outcomes = [(*scan.communicate(), scan.returncode) for scan in both]
    assert outcomes[0] == outcomes[1]
    assert "warning" not in outcomes[0][1]
    assert run("scan", "--format", "json").stdout == outcomes[0][0]
