"""`mldebt scan` as people run it: parts of repositories, odd places, two at once."""

from __future__ import annotations

import json
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
    return CliRunner().invoke(main, [*arguments])


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
