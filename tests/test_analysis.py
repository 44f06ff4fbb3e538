"""The pipeline from a folder to everything a report may show."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mldebt.analysis import NO_CACHE, ScanRequest, ScanResult, analyze
from mldebt.analysis.configs import lies_among
from mldebt.analysis.inputs import Inputs, load_inputs, surroundings
from mldebt.analysis.snapshot import on_disk
from mldebt.analysis.warm import Question
from mldebt.api import Check, DebtGraph, Effort, Problem
from mldebt.core import Location, MldebtError, Rule
from mldebt.debt.fingerprint import finding_fingerprint
from mldebt.facts.store import Store
from mldebt.plugins import load_checks
from mldebt.report.json import render
from mldebt.report.packed import pack, unpack
from mldebt.settings import Settings, load_settings

OWN = tuple(check for check in load_checks() if check.rule.code in ("MLD001", "MLD002"))
SECOND_LINE = Rule("MLD998", "second-line", "configuration", 1, "minor", ("certain", "tentative"), Effort(5, 2), "Page.", "Page.")
BROKEN = "def half(x:\n    return x / 2\n"
LOADS = "import yaml\n\nwith open('conf/train.yaml') as file:\n    print(yaml.safe_load(file)['lr'])\n"


def second_line(*places: tuple[str, str], confidence: str = "certain", runs: list[str] | None = None) -> Check:
    """A check that finds something on the second line of each (path, key)."""

    def run(graph: DebtGraph) -> Iterator[Problem]:
        if runs is not None:
            runs.append("run")
        for path, key in places:
            yield Problem(Location(path, 2, 1), key, key, f"The key {key}.", "Go on.", confidence, size=3)  # type: ignore[arg-type]

    return Check(SECOND_LINE, run, None)


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files, by path and text, below a root that is no git repository."""

    def files(texts: dict[str, str | bytes]) -> Path:
        root = tmp_path / "project"
        for path, text in texts.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text if isinstance(text, bytes) else text.encode())
        return root

    return files


def scan(
    root: Path, *checks: Check, settings: Settings | None = None, jobs: int = 1, cache: bool = False, paths: tuple[str, ...] = ()
) -> ScanResult:
    return analyze(ScanRequest(root, settings or load_settings(root), paths, jobs, cache), checks or OWN)


def found(result: ScanResult) -> list[tuple[str, str, int]]:
    return [(finding.rule.code, finding.at.path, finding.at.line) for finding in result.contents.findings]


# -- files that cannot be read


def test_an_unreadable_file_is_a_finding_and_nothing_else_is_lost(write: Write) -> None:
    result = scan(write({"a.py": "x = 1\n", "b.py": BROKEN, "c.ipynb": "{", "d.py": b"\xff\xfe\x00"}))
    assert found(result) == [("MLD001", "b.py", 1), ("MLD001", "c.ipynb", 1), ("MLD001", "d.py", 1)]
    assert (result.contents.coverage.files, result.contents.coverage.unreadable) == (4, 3)


def test_a_broken_config_is_found_where_code_loads_it(write: Write) -> None:
    root = write({"train.py": LOADS, "conf/train.yaml": "lr: 1\nlayers: [1, 2\n", "notes/old.yaml": "a: [\n"})
    assert found(scan(root)) == [("MLD001", "conf/train.yaml", 3)]
    (root / "train.py").write_text("print(1)\n")
    assert found(scan(root)) == []


def test_a_broken_file_of_a_known_tool_is_found(write: Write) -> None:
    root = write({"a.py": "x = 1\n", "dvc.yaml": "stages: [\n", ".github/workflows/ci.yml": "on: {\n", "other.yaml": "a: [\n"})
    assert [path for _, path, _ in found(scan(root))] == [".github/workflows/ci.yml", "dvc.yaml"]


def test_templates_are_counted(write: Write) -> None:
    helm = "name: {{ .Values.name }}\n{{- range .Values.ports }}\n"
    result = scan(write({"train.py": LOADS, "conf/train.yaml": helm, "{{cookiecutter.x}}/a.py": "import {{ cookiecutter.x }}\n"}))
    assert found(result) == []
    assert result.notes == ("Left out: a template (2)",)


def test_a_composition_may_choose_what_lies_among_its_files() -> None:
    loaded = frozenset({"conf/config.yaml", "conf/model/small.yaml", "top.yaml"})
    assert [path for path in ("conf/model/big.yaml", "conf/data/x.yaml", "elsewhere/x.yaml", "other.yaml") if lies_among(path, loaded)] == [
        "conf/model/big.yaml",
        "conf/data/x.yaml",
    ]


def test_broken_inputs_of_tests_are_counted_unless_something_imports_them(write: Write) -> None:
    root = write({"a.py": "x = 1\n", "tests/data/broken.py": BROKEN, "tests/test_a.py": BROKEN})
    result = scan(root)
    assert found(result) == [("MLD001", "tests/test_a.py", 1)]
    assert result.notes == ("Left out: a broken test input (1)", "Unreadable: 1 file (MLD001)")
    (root / "tests/test_a.py").write_text("from .data import broken\n")
    assert found(scan(root)) == [("MLD001", "tests/data/broken.py", 1)]


def test_a_broken_input_shares_the_name_of_a_library(write: Write) -> None:
    assert found(scan(write({"a.py": "import json\n", "tests/data/json.py": BROKEN}))) == []


def test_what_is_beyond_a_limit_is_counted_apart(write: Write) -> None:
    result = scan(write({"a.py": "x = 1\n", "b.py": "x = " + "[" * 1_000 + "]" * 1_000 + "\n"}))
    assert found(result) == [("MLD001", "b.py", 1)]
    assert result.notes == ("Unreadable: 1 file (MLD001), 1 of them beyond the parser's limits",)


def test_the_size_limit(write: Write) -> None:
    root = write({"train.py": LOADS, "conf/train.yaml": f"lr: 1\nnote: {'x' * 300}\n", "big.py": f"x = '{'x' * 300}'\n"})
    assert found(scan(root)) == []
    assert [path for _, path, _ in found(scan(root, settings=Settings(size_limit=200)))] == ["big.py", "conf/train.yaml"]


def test_data_is_no_config(write: Write) -> None:
    load = "import json\n\nwith open('boxes.json') as file:\n    print(json.load(file))\n"
    result = scan(write({"train.py": load, "boxes.json": json.dumps(["x" * 300])}), settings=Settings(size_limit=200))
    assert (found(result), result.notes) == ([], ("Left out: data beyond the size limit (1)",))


def test_a_root_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MldebtError, match="not a directory"):
        scan(tmp_path / "nowhere")


# -- findings


def test_equal_keys_are_told_apart_by_their_order(write: Write) -> None:
    root = write({"a.py": "x = 1\ny = 2\n", "b.py": "x = 1\ny = 2\n"})
    result = scan(root, second_line(("b.py", "lr"), ("a.py", "lr"), ("b.py", "depth")))
    assert [(finding.at.path, finding.fingerprint) for finding in result.contents.findings] == [
        ("a.py", finding_fingerprint("MLD998", "lr", 0)),
        ("b.py", finding_fingerprint("MLD998", "depth", 0)),
        ("b.py", finding_fingerprint("MLD998", "lr", 1)),
    ]
    assert result.contents.principal_minutes == 3 * 11


def test_settings_decide_severity_and_silence(write: Write) -> None:
    root = write({"a.py": "x = 1\ny = 2\n", "old/b.py": "x = 1\ny = 2\n"})
    (root / "mldebt.toml").write_text('[per-path]\n"old/" = ["second-line"]\n[checks.second-line]\nseverity = "blocker"\n')
    result = scan(root, second_line(("a.py", "lr"), ("old/b.py", "lr")))
    assert [(finding.at.path, finding.severity) for finding in result.contents.findings] == [("a.py", "blocker")]


def test_the_profile_hides_what_is_tentative(write: Write) -> None:
    root = write({"a.py": "x = 1\ny = 2\n"})
    check = second_line(("a.py", "lr"), confidence="tentative")
    assert found(scan(root, check)) == []
    assert found(scan(root, check, settings=Settings(profile="all"))) == [("MLD998", "a.py", 2)]


def test_suppressed_findings_are_held_back_and_idle_suppressions_found(write: Write) -> None:
    comment = '# mldebt: ignore[second-line] reason="as agreed"'
    root = write({"a.py": f"x = 1\ny = 2  {comment}\n", "b.sh": f"true\npython a.py  {comment}\n", "c.py": f"x = 1  {comment}\n"})
    result = scan(root, *OWN, second_line(("a.py", "lr"), ("b.sh", "lr")))
    assert found(result) == [("MLD002", "c.py", 1)]
    assert [(one.finding.at.path, one.kind, one.reason) for one in result.contents.suppressed] == [
        ("a.py", "inSource", "as agreed"),
        ("b.sh", "inSource", "as agreed"),
    ]
    assert result.contents.principal_minutes == 2


def test_a_suppression_in_a_file_that_cannot_be_parsed(write: Write) -> None:
    root = write({"a.py": "x = 1\n", "old.py": "# mldebt: ignore-file[unreadable-file] reason='as delivered'\nprint 1\n"})
    result = scan(root)
    assert (found(result), len(result.contents.suppressed)) == ([], 1)


def test_a_suppression_in_a_config(write: Write) -> None:
    conf = "lr: 1\ndepth: 2  # mldebt: ignore[second-line] reason='tuned'\n"
    result = scan(write({"train.py": LOADS, "conf/train.yaml": conf}), *OWN, second_line(("conf/train.yaml", "depth")))
    assert (found(result), len(result.contents.suppressed)) == ([], 1)


def git(root: Path, *words: str, date: str = "2020-03-01T12:00:00Z") -> None:
    names = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.c"}
    dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, env={**os.environ, **names, **dates})


def test_until_is_measured_against_head(write: Write) -> None:
    root = write({"a.py": "x = 1\ny = 2  # mldebt: ignore[second-line] reason='x' until=2020-04-01\n"})
    check = second_line(("a.py", "lr"))
    assert found(scan(root, *OWN, check)) == [("MLD998", "a.py", 2), ("MLD002", "a.py", 2)]
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "all")
    assert found(scan(root, *OWN, check)) == []


# -- what reports show


def test_source_lines_of_all_kinds_of_files(write: Write) -> None:
    notebook = {
        "cells": [{"cell_type": "markdown", "source": "# t"}, {"cell_type": "code", "source": ["%time x = 1\n", "y = 2"], "metadata": {}}]
    }
    files = {"a.py": "# coding: latin-1\nx = 'ä'\n".encode("latin-1"), "n.ipynb": json.dumps(notebook), "c.yaml": "a: 1\r\nb: 2"}
    check = second_line(("a.py", "k"), ("n.ipynb", "k"), ("c.yaml", "k"))
    excerpts = scan(write(files), check).contents.excerpts
    assert excerpts.lines == {
        ("a.py", None): ("# coding: latin-1", "x = 'ä'", ""),
        ("n.ipynb", 1): ("%time x = 1", "y = 2"),
        ("c.yaml", None): ("a: 1", "b: 2"),
    }
    assert excerpts.json_lines == {("n.ipynb", 1): (1, 1)}


@pytest.mark.parametrize("output", [b'"\xff"', b"1" * 5_000], ids=["not UTF-8", "a long number"])
def test_outputs_of_notebooks_cannot_end_a_scan(write: Write, output: bytes) -> None:
    cell = b'{"cells": [{"cell_type": "code", "source": "x = 1\\ny = 2", "outputs": [' + output + b"]}]}"
    result = scan(write({"n.ipynb": cell}), second_line(("n.ipynb", "k")))
    assert found(result) == [("MLD998", "n.ipynb", 2)]


def test_complexity_of_the_functions_around_findings(write: Write) -> None:
    result = scan(write({"a.py": "def f(x):\n    return 1 if x else 2\n"}), second_line(("a.py", "k")))
    assert [(function.name, function.complexity) for function in result.contents.complexity] == [("f", 2)]


def test_paths_choose_what_is_reported(write: Write) -> None:
    text = "def f(x):\n    return x\n"
    root = write({"sub/a.py": text, "subway/b.py": text, "c.py": text})
    check = second_line(("sub/a.py", "lr"), ("subway/b.py", "lr"), ("c.py", "lr"))
    everything, some = scan(root, check).contents, scan(root, check, paths=("sub", "c.py")).contents
    assert [finding.at.path for finding in some.findings] == ["c.py", "sub/a.py"]
    assert set(some.findings) < set(everything.findings)
    assert {path for path, _ in some.excerpts.lines} == {"c.py", "sub/a.py"}
    assert {function.path for function in some.complexity} == {"c.py", "sub/a.py"}
    assert (some.principal_minutes, some.coverage) == (22, everything.coverage)


def test_contents_name_no_machine_paths(write: Write) -> None:
    root = write({"train.py": LOADS, "conf/train.yaml": "lr: [\n", "b.py": BROKEN})
    result = scan(root)
    assert len(result.contents.findings) == 2
    assert str(root.parent) not in repr(result)


# -- the same tree, the same bytes


@pytest.fixture
def mixed(write: Write) -> Path:
    """Many files, some of them broken, some with suppressions."""
    files: dict[str, str | bytes] = {f"m{n}.py": f"import m{n - 1}\n\ndef f{n}(x):\n    return m{n - 1}.x + {n}\n" for n in range(1, 40)}
    broken: dict[str, str | bytes] = {f"broken{n}.py": BROKEN for n in range(5)}
    idle = "x = 1  # mldebt: ignore[unreadable-file] reason='x'\n"
    return write({**files, **broken, "m0.py": idle, "train.py": LOADS, "conf/train.yaml": "lr: 1\nlayers: [1, 2\n", "README.md": "# x\n"})


def test_the_number_of_workers_changes_nothing(mixed: Path) -> None:
    one, two = scan(mixed, jobs=1), scan(mixed, jobs=2)
    assert one == two
    assert len(one.contents.findings) == 7


SCAN = "import sys; from pathlib import Path; import test_analysis as t; sys.stdout.write(t.render(t.scan(Path(sys.argv[1])).contents))"


def test_hash_seed_and_working_directory_change_nothing(mixed: Path, tmp_path: Path) -> None:
    outputs = set()
    for seed, folder in (("1", tmp_path), ("2", mixed)):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)}
        command = [sys.executable, "-c", SCAN, str(mixed)]
        outputs.add(subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True, text=True).stdout)
    assert outputs == {render(scan(mixed).contents)}


def test_the_collector_is_as_it_was(mixed: Path) -> None:
    assert gc.isenabled()
    scan(mixed)
    assert gc.isenabled()


# -- the store


def test_a_warm_scan_says_what_the_cold_one_said(mixed: Path) -> None:
    runs: list[str] = []
    checks = (*OWN, second_line(("m1.py", "lr"), ("m2.py", "lr"), runs=runs))
    bare = scan(mixed, *checks)
    cold, warm = scan(mixed, *checks, cache=True), scan(mixed, *checks, cache=True)
    assert bare == cold == warm
    assert len({render(result.contents) for result in (bare, cold, warm)}) == 1  # 2 and 2.0 are equal, and written differently
    assert len(runs) == 2
    assert scan(mixed, *checks, cache=True, paths=("m2.py",)) == scan(mixed, *checks, paths=("m2.py",))
    assert len(runs) == 3  # other paths ask nothing new of the store


CHANGES: dict[str, Callable[[Path], object]] = {
    "code": lambda root: (root / "m1.py").write_text("y = 1\n"),
    "a config that is read": lambda root: (root / "conf/train.yaml").write_text("lr: 2\n"),
    "documentation": lambda root: (root / "README.md").write_text("# y\n"),
    "a new file": lambda root: (root / "data.csv").write_text("a,b\n"),
    "a file less": lambda root: (root / "m39.py").unlink(),
    "settings": lambda root: (root / "mldebt.toml").write_text('profile = "strict"\n'),
    "git": lambda root: git(root, "init", "-q"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_was_asked_and_read_decides(mixed: Path, change: Callable[[Path], object]) -> None:
    runs: list[str] = []
    checks = (*OWN, second_line(("m1.py", "lr"), runs=runs))
    scan(mixed, *checks, cache=True)
    change(mixed)
    again = scan(mixed, *checks, cache=True)
    assert len(runs) == 2
    assert again == scan(mixed, *checks)


def test_a_file_that_nobody_reads_decides_nothing(mixed: Path) -> None:
    runs: list[str] = []
    (mixed / "data.csv").write_text("a\n")
    for text in ("a\n1\n", "a\n2\n"):
        (mixed / "data.csv").write_text(text)
        scan(mixed, second_line(runs=runs), cache=True)
    assert len(runs) == 1


def test_another_selection_of_checks_is_another_question(mixed: Path) -> None:
    assert len(scan(mixed, cache=True).contents.findings) == 7
    assert len(scan(mixed, OWN[0], cache=True).contents.findings) == 6


def test_a_suppression_that_ends_looks_at_the_calendar(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write({"a.py": "x = 1\ny = 2  # mldebt: ignore[second-line] reason='x' until=2030-01-01\n"})
    check = second_line(("a.py", "lr"))
    for day, expected in (("2029-12-31", []), ("2030-01-02", [("MLD998", "a.py", 2), ("MLD002", "a.py", 2)])):
        monkeypatch.setattr("mldebt.analysis.warm.date", _calendar(day))
        assert found(scan(root, *OWN, check, cache=True)) == expected


def _calendar(day: str) -> type:
    import datetime

    class Fixed(datetime.date):
        @classmethod
        def today(cls) -> datetime.date:  # type: ignore[override]
            return datetime.date.fromisoformat(day)

    return Fixed


def test_a_scan_that_was_interrupted_leaves_a_store_that_serves(mixed: Path) -> None:
    def run(graph: DebtGraph) -> Iterator[Problem]:
        yield from ()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(mixed, Check(SECOND_LINE, run, None), cache=True)
    assert scan(mixed, cache=True) == scan(mixed) == scan(mixed, cache=True)


@pytest.mark.parametrize("kept", [0, 100, 5_000])
def test_a_store_that_is_cut_off_is_made_again(mixed: Path, kept: int) -> None:
    expected = scan(mixed, cache=True)
    for file in (mixed / ".mldebt_cache").glob("store.sqlite*"):
        file.write_bytes(file.read_bytes()[:kept])
    warnings: list[str] = []
    assert analyze(ScanRequest(mixed, load_settings(mixed), jobs=1, warn=warnings.append), OWN) == expected
    assert all("cache" in warning for warning in warnings)
    assert scan(mixed, cache=True) == expected


@pytest.mark.parametrize("manifest", [b"{", b"[1]", b'[["../outside.py"], false]', b'[["gone.py"], false]', b"[[null], 1]"])
def test_a_forged_list_of_files_is_a_miss(mixed: Path, manifest: bytes) -> None:
    expected = scan(mixed, cache=True)
    snapshot = on_disk(mixed, (), {})
    with Store(mixed / ".mldebt_cache", pytest.fail) as store:
        question = Question(snapshot, load_settings(mixed), OWN, store)
        store.put(f"asked/{question._key}", manifest)
    assert scan(mixed, cache=True) == expected


def test_packed_contents_come_back_as_they_were(mixed: Path) -> None:
    result = scan(mixed, *OWN, second_line(("m1.py", "lr")))
    rules = result.contents.rules
    assert unpack(pack(result.contents, result.notes), rules) == (result.contents, result.notes)
    with pytest.raises(ValueError, match="unknown check"):
        unpack(pack(result.contents, ()), ())


WARM = """
import sys
from pathlib import Path
from mldebt.analysis import ScanRequest, analyze
from mldebt.plugins import load_checks
from mldebt.settings import load_settings
root = Path(sys.argv[1])
checks = [check for check in load_checks() if check.rule.code in ("MLD001", "MLD002")]
result = analyze(ScanRequest(root, load_settings(root)), checks)
names = ("libcst", "networkx", "jinja2", "mldebt.graph.build")
print(len(result.contents.findings), *(name for name in names if name in sys.modules))
"""


def test_an_unchanged_tree_needs_no_parser(mixed: Path) -> None:
    scan(mixed, cache=True)
    printed = subprocess.run([sys.executable, "-c", WARM, str(mixed)], capture_output=True, check=True, text=True).stdout
    assert printed == "7\n"


def test_nothing_is_kept_where_nothing_can_be(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLDEBT_CACHE_DIR", raising=False)
    root = write({"a.py": "x = 1\n"})
    (root / ".mldebt_cache").symlink_to(tmp_path)
    assert scan(root, cache=True).notes[1:] == (NO_CACHE,)
    assert NO_CACHE not in scan(root).notes


def test_a_folder_without_code_gets_no_cache(write: Write) -> None:
    root = write({"README.md": "# x\n"})
    assert scan(root, cache=True).contents.coverage.files == 0
    assert not (root / ".mldebt_cache").exists()


# -- what the graph is told


def inputs_of(root: Path) -> Inputs:
    return load_inputs(on_disk(root, (), {}), load_settings(root), 1, None)


def test_commands_of_stages_and_installed_scripts(write: Write) -> None:
    files = {
        "pyproject.toml": '[project.scripts]\ntrain-it = "pack.train:main"\n',
        "src/pack/__init__.py": "",
        "src/pack/train.py": "def main():\n    pass\n",
        "prepare.py": "print(1)\n",
        "dvc.yaml": "vars:\n  - conf/more.json\nstages:\n  prepare:\n    cmd: python prepare.py --rows ${rows}\n",
        "conf/more.json": '{"rows": 7}',
        "run.sh": "train-it --fast\nyq .model.depth params.yaml\n",
        "README.md": "Wide tables.\n",
    }
    inputs = inputs_of(write(files))
    told = surroundings(inputs, ())
    assert [(one.module, one.arguments) for one in told.commands] == [("prepare.py", ("--rows", "7")), ("src/pack/train.py", ("--fast",))]
    assert [stage.name for stage in told.stages] == ["prepare"]
    assert (told.shell_keys, told.documentation) == (frozenset({"model.depth", "rows"}), "Wide tables.\n")
    assert {"conf/more.json", "run.sh", "README.md"} <= inputs.reading.hashes.keys()


def test_owners_of_the_settings_win(write: Write) -> None:
    root = write({"a.py": "", "CODEOWNERS": "* @all\n", ".github/CODEOWNERS": "* @first\n/sub/ @sub\n"})
    (root / "mldebt.toml").write_text('[owners]\n"a.py" = ["@me"]\n')
    owners = surroundings(inputs_of(root), ()).owners
    assert owners is not None
    assert [owners.owner_of(path) for path in ("a.py", "b.py", "sub/c.py")] == [("@me",), ("@first",), ("@sub",)]


def test_ages_are_days_before_head(write: Write) -> None:
    root = write({"a.py": "x = 1\ny = 2\n"})
    told = surroundings(inputs_of(root), ())
    assert (told.ages(Location("a.py", 1)), told.history()) == (None, None)
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "one", date="2020-01-01T12:00:00Z")
    (root / "a.py").write_text("x = 1\ny = 3\n")
    git(root, "commit", "-qam", "two", date="2020-01-31T12:00:00Z")
    told = surroundings(inputs_of(root), ())
    assert [told.ages(Location("a.py", line)) for line in (1, 2)] == [30, 0]
    assert told.history() == 30
    assert told.ages(Location("elsewhere.py", 1)) is None


def test_library_files_of_the_project(write: Write) -> None:
    root = write({"a.py": "x = 1\n", "acme.yaml": "library: acme\ncalls:\n  - call: acme.read\n    reeds: {path: 0}\n"})
    (root / "mldebt.toml").write_text('libraries = ["acme.yaml"]\n')
    with pytest.raises(MldebtError, match=r"acme\.yaml"):
        scan(root)
    (root / "mldebt.toml").write_text('libraries = ["nowhere.yaml"]\n')
    with pytest.raises(MldebtError, match=r"nowhere\.yaml"):
        scan(root, cache=True)


def test_progress_names_the_stages(mixed: Path) -> None:
    stages: dict[str, None] = {}
    analyze(
        ScanRequest(
            mixed, replace(load_settings(mixed)), cache=False, jobs=1, progress=lambda stage, done, total: stages.setdefault(stage)
        ),
        OWN,
    )
    assert list(stages) == ["reading", "following", "checking", "writing"]


# -- python -m mldebt


def test_nothing_of_the_working_directory_is_imported(write: Write) -> None:
    root = write({name: "raise SystemExit('the repository was executed')\n" for name in ("click.py", "msgspec.py", "mldebt_checks.py")})
    done = subprocess.run([sys.executable, "-m", "mldebt", "checks"], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, "MLD001" in done.stdout, done.stderr) == (0, True, "")
