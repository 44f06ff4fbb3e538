"""Folders that are over, and code of others: nothing is told of them unless somebody names them; they count as readers and callers all the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from mldebt.analysis import ScanRequest, analyze
from mldebt.plugins import load_checks, select_checks
from mldebt.settings import Profile, load_settings

TRAINS = """\
import joblib
import pandas as pd
from sklearn.ensemble import RandomForestClassifier


def train():
    users = pd.read_csv("users.csv", usecols=["age", "left"])
    model = RandomForestClassifier(max_depth=7, n_estimators=300)
    model.fit(users[["age"]][:800], users["left"][:800])
    print(model.score(users[["age"]][800:], users["left"][800:]))
    joblib.dump(model, "models/churn.joblib")
"""
RUNS = f"{TRAINS}\n\ntrain()\n"
CALLS = "from legacy.forest import train\n\ntrain()\n"
MIT = "MIT License\n\nCopyright (c) {} {}\n\nPermission is hereby granted, free of charge, ...\n"


def told(
    root: Path, files: Mapping[str, str], *paths: str, profile: Profile = "default", settings: str = "", cache: bool = False
) -> tuple[list[str], tuple[str, ...]]:
    for name, text in {**files, "mldebt.toml": settings}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    chosen = replace(load_settings(root), profile=profile)
    result = analyze(ScanRequest(root, chosen, paths, jobs=1, cache=cache), select_checks(load_checks(), chosen))
    return [f"{finding.at.path} {finding.rule.name}" for finding in result.contents.findings], result.notes


@pytest.mark.parametrize("folder", ["trash", "py/_old", "Archive/2019", "src/deprecated", "external", "tools/externals/xcit"])
@pytest.mark.parametrize("profile", ["default", "strict"])
def test_silent_by_the_name_of_a_folder(tmp_path: Path, folder: str, profile: Profile) -> None:
    assert told(tmp_path, {f"{folder}/train.py": RUNS}, profile=profile) == (
        [],
        ("Not told: 1 finding in folders that are over or hold code of others; name them as PATH to see them",),
    )


@pytest.mark.parametrize("folder", ["golden", "archiver", "trashcan", "oldenburg", "external_sources"])
def test_a_part_of_a_name_says_nothing(tmp_path: Path, folder: str) -> None:
    assert told(tmp_path, {f"{folder}/train.py": RUNS}) == ([f"{folder}/train.py hard-coded-hyperparameter"], ())


def test_told_in_the_profile_all(tmp_path: Path) -> None:
    assert told(tmp_path, {"trash/train.py": RUNS}, profile="all")[0] == ["trash/train.py hard-coded-hyperparameter"]


@pytest.mark.parametrize("path", ["trash", "trash/train.py"])
def test_told_where_it_is_named(tmp_path: Path, path: str) -> None:
    """What is recalled from the store is what was asked."""
    files = {"trash/train.py": RUNS}
    assert told(tmp_path, files, cache=True)[0] == []
    assert told(tmp_path, files, path, cache=True)[0] == ["trash/train.py hard-coded-hyperparameter"]
    assert told(tmp_path, files, cache=True)[0] == []


def test_a_folder_around_it_names_it_not(tmp_path: Path) -> None:
    assert told(tmp_path, {"py/trash/train.py": RUNS}, "py")[0] == []


def test_the_settings_have_the_last_word(tmp_path: Path) -> None:
    files = {"legacy/train.py": RUNS, "research/train.py": RUNS}
    loud, quiet = "legacy/train.py hard-coded-hyperparameter", "research/train.py hard-coded-hyperparameter"
    assert told(tmp_path, files)[0] == [quiet]
    assert told(tmp_path, files, settings='quiet = ["!legacy/"]')[0] == [loud, quiet]
    assert told(tmp_path, files, settings='quiet = ["research/"]')[0] == []
    assert told(tmp_path, files, "research", settings='quiet = ["research/"]')[0] == [quiet]


def test_what_other_code_calls_is_not_over(tmp_path: Path) -> None:
    files = {"legacy/__init__.py": "", "legacy/forest.py": TRAINS, "main.py": CALLS}
    assert told(tmp_path, files)[0] == ["legacy/forest.py hard-coded-hyperparameter"]
    assert told(tmp_path, {**files, "main.py": "print()\n", "old/main.py": CALLS})[0] == []


def test_what_is_over_still_reads(tmp_path: Path) -> None:
    declared = 'import argparse\n\n\ndef options():\n    parser = argparse.ArgumentParser()\n    parser.add_argument("--bins", type=int)\n'
    declared += "    return parser.parse_args()\n"
    live = "from options import options\n\nprint(options().bins)\n"
    idle = "from options import options\n\nprint(options() is None)\n"
    assert told(tmp_path, {"options.py": declared, "old/show.py": live})[0] == []
    assert told(tmp_path, {"options.py": declared, "old/show.py": idle})[0] == ["options.py unused-cli-flag"]


@pytest.mark.parametrize(
    ("root_text", "nested", "silent"),
    [
        (MIT.format(2020, "Acme Corp"), MIT.format(2019, "Jane Doe"), True),
        (MIT.format(2020, "Acme Corp"), MIT.format(2023, "The Acme Corp Authors"), False),
        ("Apache License\nVersion 2.0\n\nCopyright [yyyy] [name of copyright owner]\n", MIT.format(2019, "Jane Doe"), False),
        (MIT.format(2020, "Acme Corp"), "Apache License\nVersion 2.0\n", False),
        ("", MIT.format(2019, "Jane Doe"), False),
    ],
)
def test_a_licence_of_others(tmp_path: Path, root_text: str, nested: str, silent: bool) -> None:
    files = {"LICENSE": root_text, "nets/LICENSE.txt": nested, "nets/train.py": RUNS, "run.py": "print()\n", "show.py": "print()\n"}
    assert told(tmp_path, files)[0] == ([] if silent else ["nets/train.py hard-coded-hyperparameter"])


def test_a_collection_of_what_others_wrote(tmp_path: Path) -> None:
    files = {
        "LICENSE": MIT.format(2020, "Acme Corp"),
        "first/LICENSE": MIT.format(2019, "Jane Doe"),
        "first/train.py": RUNS,
        "run.py": "print()\n",
    }
    assert told(tmp_path, files)[0] == ["first/train.py hard-coded-hyperparameter"]
