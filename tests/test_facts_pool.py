"""Many files: workers, their deaths, and a tree that did not change."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mldebt.facts.files import Disk
from mldebt.facts.pool import FileRead, Workers, facts_of
from mldebt.facts.store import Store, encode_facts
from mldebt.facts.types import FileFacts, Unreadable

_WORKER = """
import os, sys, time
import msgspec
from mldebt.facts.messages import receive, send
questions, answers = sys.stdin.buffer, sys.stdout.buffer
if sys.argv[1] == "dead":
    os._exit(1)
send(answers, b"ready")
while (request := receive(questions)) is not None:
    for path, kind, _ in msgspec.msgpack.decode(request):
        if "crash" in path or ("once" in path and not os.path.exists(sys.argv[2])):
            open(sys.argv[2], "w").close()
            os._exit(139)
        if "hang" in path:
            time.sleep(600)
        send(answers, path.encode())
"""


def tree(root: Path, **files: str) -> list[tuple[str, str]]:
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)
    return [(f"{name}.py", "python") for name in files]


def asked(names: list[str], mode: str, mark: Path, jobs: int = 2, seconds: float = 60) -> dict[str, bytes | Unreadable]:
    workers = Workers([sys.executable, "-c", _WORKER, mode, str(mark)], jobs, seconds)
    return workers.ask([(name, "python", None) for name in names])


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_file_is_read(tmp_path: Path, jobs: int) -> None:
    paths = tree(tmp_path, **{f"m{number:02}": f"x = {number}\n" for number in range(40)})
    found = facts_of(Disk(tmp_path), paths, jobs, None)
    assert list(found) == [path for path, _ in paths]
    for number, (path, _) in enumerate(paths):
        facts = found[path].facts
        assert isinstance(facts, FileFacts)
        assert facts.constants == (number,)
    assert len({file.hash for file in found.values()}) == 40


def test_jobs_do_not_change_the_facts(tmp_path: Path) -> None:
    paths = tree(tmp_path, a="import b\nprint(b.c)\n", b="c = [d for d in range(3)]\n", broken="x = (\n")
    one, two = (facts_of(Disk(tmp_path), paths, jobs, None) for jobs in (1, 2))
    assert [(path, file.hash, encode_facts(file.facts)) for path, file in one.items()] == [
        (path, file.hash, encode_facts(file.facts)) for path, file in two.items()
    ]


def test_dangerous_input_costs_only_itself(tmp_path: Path) -> None:
    deep = "x = " + "[" * 5_000 + "]" * 5_000
    paths = tree(tmp_path, good="x = 1\n", deep=deep, sum="x = " + "a + " * 20_000 + "a", calls="x = a" + ".b()" * 3_000, last="y = 2\n")
    found = facts_of(Disk(tmp_path), paths, 1, None)
    assert [isinstance(found[path].facts, FileFacts) for path, _ in paths] == [True, False, False, False, True]
    assert all(isinstance(file.facts, FileFacts) or file.facts.limit for file in found.values())


def test_a_file_that_kills_the_parser_is_given_up_after_two_deaths(tmp_path: Path) -> None:
    names = ["a", "b", "crash", *(f"n{number}" for number in range(40)), "crash too", "z"]
    answers = asked(names, "", tmp_path / "mark")
    assert {name for name, answer in answers.items() if isinstance(answer, Unreadable)} == {"crash", "crash too"}
    assert answers["crash"] == Unreadable("the parser died on this file twice", limit=True)
    assert answers["z"] == b"z"


def test_one_death_is_forgiven(tmp_path: Path) -> None:
    answers = asked(["a", "once", "z"], "", tmp_path / "mark", jobs=1)
    assert answers == {"a": b"a", "once": b"once", "z": b"z"}


def test_a_parser_that_hangs_is_killed(tmp_path: Path) -> None:
    answers = asked(["a", "hang", "z"], "", tmp_path / "mark", jobs=1, seconds=0.5)
    assert answers["hang"] == Unreadable("the parser died on this file twice", limit=True)
    assert (answers["a"], answers["z"]) == (b"a", b"z")


def test_workers_that_do_not_start_are_told(tmp_path: Path) -> None:
    answers = asked(["a", "b"], "dead", tmp_path / "mark")
    assert set(answers.values()) == {Unreadable("the reader could not be started", limit=True)}


_SECOND_SCAN = """
import subprocess, sys
from pathlib import Path
from mldebt.facts.files import Disk
from mldebt.facts.pool import facts_of
from mldebt.facts.store import Store
def forbidden(*_, **__): raise AssertionError("a process was started")
subprocess.Popen = forbidden
root = Path(sys.argv[1])
with Store(root / "cache", sys.exit) as store:
    found = facts_of(Disk(root), [("a.py", "python"), ("b.py", "python")], 2, store)
assert found["a.py"].facts.constants == (1,)
assert not hasattr(found["b.py"].facts, "constants")
print(sorted({name.split(".")[0] for name in sys.modules} & {"libcst", "networkx", "yaml", "jinja2"}))
"""


def test_an_unchanged_tree_starts_no_worker_and_imports_no_parser(tmp_path: Path) -> None:
    paths = tree(tmp_path, a="x = 1\n", b="y = (\n")
    with Store(tmp_path / "cache", pytest.fail) as store:
        first = facts_of(Disk(tmp_path), paths, 1, store)
    second = subprocess.run([sys.executable, "-c", _SECOND_SCAN, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (second.stdout, second.stderr) == ("[]\n", "")
    with Store(tmp_path / "cache", pytest.fail) as store:
        again = facts_of(Disk(tmp_path), paths, 1, store)
    assert [(file.hash, encode_facts(file.facts)) for file in again.values()] == [
        (file.hash, encode_facts(file.facts)) for file in first.values()
    ]
    (tmp_path / "a.py").write_text("x = 2\n")
    with Store(tmp_path / "cache", pytest.fail) as store:
        changed = facts_of(Disk(tmp_path), paths, 1, store)
    facts = changed["a.py"].facts
    assert isinstance(facts, FileFacts) and facts.constants == (2,)
    assert changed["b.py"].hash == first["b.py"].hash


def test_files_are_not_followed_out_of_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.py").write_text("password = 1\n")
    (root / "link.py").symlink_to(tmp_path / "secret.py")
    (root / "fine.py").symlink_to(root / "inside.py")
    (root / "inside.py").write_text("x = 1\n")
    os.mkfifo(root / "pipe.py")
    (root / "folder.py").mkdir()
    names = ["link.py", "../secret.py", "fine.py", "pipe.py", "folder.py", "gone.py"]
    found = facts_of(Disk(root), [(name, "python") for name in names], 1, None)
    assert [reason(found[name]) for name in names] == [
        "the file is a link that leads out of the repository",
        "the file is a link that leads out of the repository",
        "",
        "this is not a regular file",
        "this is not a regular file",
        "the file cannot be read: no such file or directory",
    ]


def reason(file: FileRead) -> str:
    return file.facts.reason if isinstance(file.facts, Unreadable) else ""


def test_modules_of_the_scanned_tree_are_never_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = tree(tmp_path, libcst="raise SystemExit('imported')\n", msgspec="raise SystemExit('imported')\n", read="x = 1\n")
    monkeypatch.chdir(tmp_path)
    found = facts_of(Disk(tmp_path), paths, 1, None)
    assert all(isinstance(file.facts, FileFacts) for file in found.values())
