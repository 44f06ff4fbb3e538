"""Header lines of text tables: what is a header, which calls leave it alone, which files exist."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from flow_snippets import events, knowledge

from mldebt.analysis.headers import Headers
from mldebt.analysis.reading import Reading
from mldebt.analysis.snapshot import Snapshot
from mldebt.declarations.types import Stage
from mldebt.facts.files import Disk
from mldebt.facts.read import file_facts
from mldebt.facts.types import FileFacts
from mldebt.flow.events import Narrowed
from mldebt.flow.follow import follow
from mldebt.flow.program import Program
from mldebt.flow.world import Repository
from mldebt.workspace.discover import discover
from mldebt.workspace.headers import MOST_HEADER_BYTES, header_names


@pytest.mark.parametrize(
    ("content", "separator", "names"),
    [
        (b"a,b\n1,2\n", ",", ("a", "b")),
        (b"a,b", ",", ("a", "b")),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n", ",", ("a", "b")),
        (b"a;b c;d\n", ";", ("a", "b c", "d")),
        (b'"a, or b",c\n', ",", ("a, or b", "c")),
        ("größe,b\n".encode(), ",", ("größe", "b")),
        ("größe,b\n".encode("latin-1"), ",", None),
        ("a,b\n".encode("utf-16"), ",", None),
        (b'"a\nb",c\n', ",", None),
        (b"a,b,a\n", ",", None),
        (b",a,b\n0,1,2\n", ",", None),
        (b"\na,b\n", ",", None),
        (b"", ",", None),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", ",", None),
        (b"a," * (MOST_HEADER_BYTES // 2), ",", None),
    ],
)
def test_header_names(content: bytes, separator: str, names: tuple[str, ...] | None) -> None:
    assert header_names(content, separator) == names


def left_behind(code: str, stages: tuple[Stage, ...] = (), files: tuple[str, ...] = ("data/t.csv",)) -> set[str]:
    """The columns of data/t.csv (due, done, cost) that the table does not keep when `due` is selected."""
    facts = file_facts(f"import pandas as pd\nimport polars as pl\n{code}\ntable[['due']]\n".encode(), "python")
    assert isinstance(facts, FileFacts)

    def header(path: str, separator: str) -> tuple[str, ...] | None:
        return ("due", "done", "cost") if path == "data/t.csv" and separator == "," else None

    done = follow(
        Repository(Program({"main.py": facts}, {"main.py": "source"}), knowledge(), lambda _: None, frozenset(files), stages, (), header)
    )
    bits = 0
    for event in events(done, Narrowed):
        bits |= event.bits
    return {column.name for number, column in enumerate(done.world.columns) if bits >> number & 1}


@pytest.mark.parametrize(
    "call",
    [
        "pd.read_csv('data/t.csv')",
        "pd.read_csv('./data/t.csv', ',', header=0, dtype={'due': str}, parse_dates=['due'], nrows=5)",
        "pd.read_csv('data/t.csv', header='infer', encoding='utf-8')",
        "pl.read_csv('data/t.csv', has_header=True)",
        "pl.scan_csv('data/t.csv', separator=',').collect()",
    ],
)
def test_the_first_line_names_the_columns(call: str) -> None:
    assert left_behind(f"table = {call}") == {"done", "cost"}


@pytest.mark.parametrize(
    "call",
    [
        "pd.read_csv('data/t.csv', header=None)",
        "pd.read_csv('data/t.csv', header=1)",
        "pd.read_csv('data/t.csv', index_col=0)",
        "pd.read_csv('data/t.csv', skiprows=1)",
        "pd.read_csv('data/t.csv', sep=r'\\s+')",
        "pd.read_csv('data/t.csv', sep=input())",
        "pd.read_csv('data/t.csv', sep=';')",
        "pd.read_csv('data/t.csv', parse_dates={'when': ['due', 'done']})",
        "pd.read_csv('data/t.csv', parse_dates=[['due', 'done']])",
        "pd.read_csv('data/t.csv', **options())",
        "pd.read_csv('/data/t.csv')",
        "pd.read_csv('other/t.csv')",
        "pd.read_csv('data/' + input())",
        "pl.read_csv('data/t.csv', has_header=False)",
        "pl.read_csv('data/t.csv', new_columns=['x'])",
    ],
)
def test_a_call_that_may_change_the_names_leaves_the_table_open(call: str) -> None:
    assert left_behind(f"table = {call}") == set()


def test_a_file_that_the_repository_makes_anew_is_not_asked() -> None:
    writes = "def save(x):\n    open('data/t.csv', 'w').write(x)\nsave('a')\n"
    assert left_behind(writes + "table = pd.read_csv('data/t.csv')") == set()
    stage = Stage("make", "dvc", "dvc.yaml", 1, (), outputs=("data",))
    assert left_behind("table = pd.read_csv('data/t.csv')", (stage,)) == set()


def test_a_path_that_may_mean_two_files_is_not_asked() -> None:
    assert left_behind("table = pd.read_csv('data/t.csv')", files=("data/t.csv", "old/data/t.csv")) == set()


def test_only_what_exists_for_everybody_is_read(tmp_path: Path) -> None:
    (tmp_path / "kept.csv").write_text("a,b\n1,2\n")
    (tmp_path / "own.csv").write_text("a,b\n1,2\n")
    (tmp_path / "packed.csv.gz").write_text("a,b\n1,2\n")
    workspace = discover(tmp_path)
    headers = Headers(workspace, Reading(Snapshot(workspace, Disk(workspace.root))))
    assert [headers(name, ",") for name in ("kept.csv", "own.csv", "packed.csv.gz", "none.csv")] == [("a", "b"), ("a", "b"), None, None]

    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", "kept.csv"], check=True)
    workspace = discover(tmp_path)
    headers = Headers(workspace, Reading(Snapshot(workspace, Disk(workspace.root))))
    assert [headers(name, ",") for name in ("kept.csv", "own.csv")] == [("a", "b"), None]


def test_what_was_read_is_part_of_what_the_answer_rests_on(tmp_path: Path) -> None:
    table = tmp_path / "large.csv"
    table.write_text("a,b\n" + "1,2\n" * 6_000_000)
    workspace = discover(tmp_path)
    reading = Reading(Snapshot(workspace, Disk(workspace.root)))
    assert Headers(workspace, reading)("large.csv", ",") == ("a", "b")
    before = dict(reading.hashes)
    table.write_text("a,c\n" + "1,2\n" * 6_000_000)
    again = Reading(Snapshot(workspace, Disk(workspace.root)))
    Headers(workspace, again)("large.csv", ",")
    assert again.hashes.keys() == before.keys() == {"large.csv"}
    assert again.hashes != before


def test_names_in_the_call_stand_for_the_first_line() -> None:
    assert left_behind("table = pd.read_csv('data/t.csv', names=['a', 'b', 'due'])") == {"a", "b"}
