"""The benchmark on a tiny folder: it measures every line of its table and leaves the folder alone. No figure is judged here."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

MEASURE = Path(__file__).parents[1] / "benchmarks" / "measure.py"
NUMBER = r"\d+\.\d\d"


def measure(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(MEASURE), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop" / "train.py").write_text("import pandas as pd\n\n\ndef load():\n    return pd.read_csv('data/orders.csv')\n")
    (folder / "serve.py").write_text("from shop.train import load\n\nprint(load())\n")
    (folder / "broken.py").write_text("def broken(:\n")
    cells = [
        {"cell_type": "markdown", "source": "not\nPython\nat\nall"},
        {"cell_type": "code", "source": "x = 1\ny = 2", "outputs": []},
    ]
    (folder / "look.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return folder


def test_prints_every_line_with_its_bar(project: Path) -> None:
    before = contents(project)
    ended = measure(project, "--runs", "1")
    assert ended.returncode == 0, ended.stderr
    first, *lines = [re.sub(r" +", " ", line).strip() for line in ended.stdout.splitlines()]
    assert first.startswith("3 files, 10 lines, "), "broken.py is not parsed, of the notebook only its code is"
    expected = [
        r"what measured ratio bar",
        rf"bare libcst\.parse_module, one process {NUMBER} s CPU 1\.00",
        rf"cold scan, one process, \d+ findings {NUMBER} s CPU {NUMBER} ≤ 2\.0 \w+",
        rf"cold scan, 2 processes {NUMBER} s wall {NUMBER} ≤ 1\.25 \w+",
        rf"unchanged tree, warm store {NUMBER} s CPU {NUMBER} ≤ 0\.15 \w+",
        rf"{NUMBER} s wall < 1 s for 500 files, here 3 \w+",
        r"imports [\w ]+ neither libcst nor networkx \w+",
        rf"one file changed, warm {NUMBER} s CPU {NUMBER} ≤ 0\.6 or 0\.8 s \w+",
        r"≤ 0\.25 once results of roots are stored",
        rf"growth, two trees instead of one, time {NUMBER} → {NUMBER} s CPU {NUMBER} ≤ 2\.2 \w+",
        rf"growth, two trees instead of one, memory \d+ → \d+ MB {NUMBER} ≤ 2\.2 \w+",
        rf"mldebt --help, more than bare Python -?{NUMBER} s CPU ≤ 0\.15 s \w+",
        r"peak memory, cold, one process \d+ MB ≤ 400 MB \w+",
        r"peak memory, cold, 2 processes \d+ MB ≤ 400 MB \w+",
        r"files read 3 of 4",
        r"calls followed \d+ of \d+ \(\d+%\)",
        r"paths followed \d+ of \d+( \(\d+%\))?",
        r"config loads followed 0 of 0",
    ]
    assert [line for line in expected if not any(re.fullmatch(line, said) for said in lines)] == []
    assert contents(project) == before


def test_second_tree_has_contents_of_its_own(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(MEASURE.parent))
    trees = importlib.import_module("measure")
    trees.double(project, tmp_path / "doubled")
    found = contents(tmp_path / "doubled")
    assert sorted(found) == sorted([*contents(project), *(f"{trees.TWIN}/{path}" for path in contents(project))])
    modules = [content for path, content in found.items() if path.endswith(".py")]
    assert len(set(modules)) == len(modules) == 6


def test_changed_module_is_restored(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(MEASURE.parent))
    before = contents(project)
    with importlib.import_module("measure").changed(project / "serve.py", 7):
        assert {path: content for path, content in contents(project).items() if before[path] != content} == {
            "serve.py": before["serve.py"] + b"\nCHANGED_7 = 7\n"
        }
    assert contents(project) == before


def test_says_what_is_wrong_with_the_folders(tmp_path: Path) -> None:
    missing = measure(tmp_path / "nowhere")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "not a directory" in missing.stderr
    empty = measure(tmp_path)
    assert (empty.returncode, empty.stdout) == (2, "")
    assert "nothing to scan" in empty.stderr
    assert "Traceback" not in empty.stderr


@pytest.fixture
def peers(tmp_path: Path) -> list[str]:
    """Two programs that are named as peers: one finds nothing, one says that it found something as vulture does."""
    named = []
    for name, code in (("flake8", 0), ("vulture", 3)):
        program = tmp_path / name
        program.write_text(
            f"#!{sys.executable}\nimport sys\nif '--version' in sys.argv:\n    print('{name} 7.7')\nelse:\n    print('one\\ntwo')\n    sys.exit({code})\n"
        )
        program.chmod(0o755)
        named.append(f"--peer={name}={program}")
    return named


def compare(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": "/nowhere"}
    command = [sys.executable, str(MEASURE.with_name("peers.py")), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_compares_with_the_peers_that_are_there(project: Path, peers: list[str]) -> None:
    before = contents(project)
    ended = compare(project, "--runs", "1", *peers)
    assert ended.returncode == 0, ended.stderr
    first, *lines = [re.sub(r" +", " ", line).strip() for line in ended.stdout.splitlines()]
    assert first == "tool version CPU wall memory lines cold/CPU cold/wall"
    seconds = rf"{NUMBER} s {NUMBER} s \d+ MB \d+ {NUMBER} {NUMBER}"
    expected = [
        rf"mldebt, cold {seconds}",
        rf"mldebt, cold, 2 processes {seconds}",
        rf"mldebt, unchanged tree {seconds}",
        rf"flake8 7\.7 {NUMBER} s {NUMBER} s \d+ MB 2 {NUMBER} {NUMBER}",
        rf"vulture 7\.7 {NUMBER} s {NUMBER} s \d+ MB 2 {NUMBER} {NUMBER}",
        rf"bare libcst\.parse_module of the same files: {NUMBER} s CPU",
        r"not found: pylint, ruff, torchfix",
    ]
    assert [line for line in expected if not any(re.fullmatch(line, said) for said in lines)] == []
    assert contents(project) == before


def test_a_peer_that_fails_or_holds_mldebt_is_no_peer(project: Path, tmp_path: Path) -> None:
    holds = tmp_path / "flake8"
    holds.write_text("#!/bin/sh\necho '7.5.0 (mccabe: 0.7.0, mldebt: 0.1.0)'\n")
    holds.chmod(0o755)
    ended = compare(project, f"--peer=flake8={holds}")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "in an environment of its own" in ended.stderr
    fails = tmp_path / "vulture"
    fails.write_text('#!/bin/sh\n[ "$1" = --version ] && exit 0\necho broken >&2\nexit 1\n')
    fails.chmod(0o755)
    ended = compare(project, "--runs", "1", f"--peer=vulture={fails}")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "ended with 1: broken" in ended.stderr
    unknown = compare(project, f"--peer=mypy={fails}")
    assert unknown.returncode == 2
    assert "NAME=COMMAND" in unknown.stderr
