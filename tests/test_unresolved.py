"""What could not be followed: the list, its costs, and the library file that makes mldebt see more."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mldebt.cli import main
from mldebt.graph.vocabulary import Unresolved
from mldebt.libraries.read import read_library

TRAIN = """
import acme
import acme.plots
import pandas as pd
import yaml


def train(path, sink):
    users = pd.read_csv("users.csv")
    users["idle"] = users["today"] - users["seen"]
    users["mood"] = users["smile"] * 2
    table = acme.Table(users)
    acme.plots.show(1 + len(path))
    sink.push(path)
    other = pd.read_csv(path)
    return table, yaml.safe_load(open(path)), acme.Table(other)
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["scan", *arguments])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "mldebt.toml").write_text("")
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "users.csv").write_text("today,seen,smile\n")
    return tmp_path


def listed(project: Path, *arguments: str) -> list[str]:
    result = run("--root", str(project), str(project), "--unresolved", *arguments)
    assert result.exit_code in (0, 1), result.stderr
    return result.stdout.partition("Not followed")[2].splitlines()


def test_calls_come_with_what_they_cost(project: Path) -> None:
    lines = listed(project)
    calls = lines[lines.index(next(line for line in lines if line.startswith("Calls"))) + 1 :]
    assert calls[0].split() == ["5", "values", "2", "places", "acme.Table", "train.py:12:18,", "train.py:16:52"]
    assert any(line.split()[:5] == ["0", "values", "1", "place", ".push"] for line in calls)


def test_paths_and_config_loads_have_sections_of_their_own(project: Path) -> None:
    text = "\n".join(listed(project))
    paths, loads = text.partition("Paths (1)")[2].partition("Config loads (1)")[::2]
    assert "train.py:15:16" in paths
    assert "train.py:16:24" in loads


def test_the_list_comes_from_the_store_too(project: Path) -> None:
    assert listed(project) == listed(project)
    assert listed(project) == listed(project, "--no-cache")


def test_nothing_to_list(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    assert any("every call, path and config load that matters was followed" in line for line in listed(tmp_path))


def test_it_is_said_beside_other_formats(project: Path) -> None:
    result = run("--root", str(project), str(project), "--unresolved", "--format", "json")
    assert result.stdout.startswith("{")
    assert "acme.Table" in result.stderr


def test_the_draft_is_a_library_file_that_changes_no_finding(project: Path) -> None:
    draft = project / "acme.yaml"
    before = run("--root", str(project), str(project), "--draft-library", str(draft))
    library = read_library(draft.read_text(), "acme.yaml")
    assert [call.call for call in library.calls] == ["acme.Table", "acme.plots.show"]
    assert library.name == project.name
    (project / "mldebt.toml").write_text('libraries = ["acme.yaml"]\n')
    assert run("--root", str(project), str(project)).stdout == before.stdout


def test_a_filled_in_draft_makes_mldebt_see_more(project: Path) -> None:
    draft = project / "acme.yaml"
    run("--root", str(project), str(project), "--draft-library", str(draft))
    draft.write_text(draft.read_text().replace("escapes: true\n", "logs: true\n"))
    (project / "mldebt.toml").write_text('libraries = ["acme.yaml"]\n')
    assert not any("acme.Table" in line for line in listed(project))


def test_a_draft_never_replaces_a_file(project: Path) -> None:
    draft = project / "acme.yaml"
    draft.write_text("mine")
    result = run("--root", str(project), str(project), "--draft-library", str(draft))
    assert (result.exit_code, draft.read_text()) == (2, "mine")
    assert "is there already" in result.stderr


def test_names_that_are_no_dotted_names_are_not_drafted() -> None:
    from mldebt.core import Coverage
    from mldebt.report.contents import Contents
    from mldebt.report.unresolved import library_draft

    names = ("", ".push", "acme.read", "?.x", "a.b\nc")
    contents = Contents("0", (), (), Coverage(), unresolved=tuple(Unresolved("call", name, 1, 1, ()) for name in names))
    assert [call.call for call in read_library(library_draft(contents), "draft.yaml").calls] == ["acme.read"]
