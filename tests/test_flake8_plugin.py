"""The flake8 plugin in a real flake8: what `mldebt scan` finds, once for all processes, and nothing for who does not ask."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

pytest.importorskip("flake8")

PROJECT = Path(__file__).parent.parent / "fixtures" / "projects" / "churn"
OURS = re.compile(r"(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<code>MLD\d+) (?P<text>.*)")
SPAWNING = "import multiprocessing as m, sys; m.set_start_method('spawn'); from flake8.main.cli import main; sys.exit(main(sys.argv[1:]))"
PATHS = 'import pandas as pd\n\ntrain = pd.read_csv("/home/erin/train.csv")\nprint(train)\n'
Told = tuple[str, int, int, str, str]


def flake8(folder: Path, *words: str, text: str | None = None, start: Sequence[str] = ("-m", "flake8"), **environ: str) -> str:
    """What flake8 prints in a folder; both streams, for a traceback is no answer."""
    command = [sys.executable, *start, "--isolated", *words]
    env = {name: value for name, value in os.environ.items() if name != "MLDEBT_CACHE_DIR"} | environ
    done = subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True, check=False, env=env)
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    assert not done.stderr, done.stderr
    return done.stdout


def told(output: str) -> list[Told]:
    found = (OURS.fullmatch(line) for line in output.splitlines())
    return sorted((m["path"].removeprefix("./"), int(m["line"]), int(m["column"]), m["code"], m["text"]) for m in found if m)


def codes(output: str) -> list[tuple[int, str]]:
    return [(line, code) for _, line, _, code, _ in told(output)]


def scan(folder: Path, *words: str) -> list[Told]:
    """The same from the command line."""
    command = [sys.executable, "-m", "mldebt", "scan", ".", "--format", "json", "--exit-zero", *words]
    findings = json.loads(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout)["findings"]
    python = [finding for finding in findings if finding["path"].endswith(".py")]
    return sorted((f["path"], f["line"], f["column"], f["code"], f"{f['message']} [{f['name']}]") for f in python)


@pytest.fixture(scope="module")
def churn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample project."""
    folder = tmp_path_factory.mktemp("churn") / "churn"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__", ".mldebt_cache"))
    return folder


@pytest.fixture(scope="module")
def found(churn: Path) -> list[Told]:
    """What the command line finds in it."""
    findings = scan(churn)
    assert {"MLD203", "MLD510", "MLD601"} <= {code for _, _, _, code, _ in findings}
    return findings


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "mldebt.toml").write_text("")
    (folder / "train.py").write_text(PATHS)
    return folder


# -- who asks, and what is told ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("-j1", "--select", "MLD"), ("-j4", "--extend-select", "MLD")], ids=str)
def test_the_same_findings_as_the_command_line(churn: Path, found: list[Told], words: tuple[str, ...]) -> None:
    assert told(flake8(churn, *words, ".")) == found


def test_processes_that_are_spawned_find_the_same(churn: Path, found: list[Told]) -> None:
    assert told(flake8(churn, "-j4", "--select", "MLD", ".", start=("-c", SPAWNING))) == found


def test_who_does_not_ask_pays_nothing(small: Path) -> None:
    for words in ((), ("--select", "E,F"), ("--ignore", "E501")):
        assert told(flake8(small, *words, ".")) == []
    assert not (small / ".mldebt_cache").exists()


def test_flake8_narrows_what_is_told(churn: Path, found: list[Told]) -> None:
    assert told(flake8(churn, "--select", "MLD2", ".")) == [one for one in found if one[3].startswith("MLD2")]
    assert told(flake8(churn, "--select", "MLD", "--extend-ignore", "MLD203", ".")) == [one for one in found if one[3] != "MLD203"]
    without = told(flake8(churn, "--select", "MLD", "--per-file-ignores", "src/churn/score.py:MLD5", "."))
    assert without == [one for one in found if (one[0], one[3]) != ("src/churn/score.py", "MLD510")] != found


def test_findings_beside_notebooks_and_broken_files(small: Path) -> None:
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": PATHS}
    (small / "explore.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    (small / "broken.py").write_text("def (:\n")
    output = flake8(small, "-j1", "--select", "MLD,E9", ".")
    assert [(path, line, code) for path, line, _, code, _ in told(output)] == [("train.py", 3, "MLD514")]
    assert re.search(r"^\./broken\.py:1:\d: E999", output, re.MULTILINE)


def test_comments_hold_back_once(small: Path) -> None:
    held = ("# noqa", "# noqa: MLD514", "# noqa: E501, MLD514", "# mldebt: ignore[hard-coded-environment-path] reason='mine'")
    for number, comment in enumerate((*held, "# noqa: MLD203", "# no more")):
        (small / f"with{number}.py").write_text(PATHS.replace('csv")', f'csv")  {comment}'))
    (small / "train.py").unlink()
    found = told(flake8(small, "--select", "MLD", "."))
    assert [(path, line, code) for path, line, _, code, _ in found] == [("with4.py", 3, "MLD514"), ("with5.py", 3, "MLD514")]


def test_settings_count_as_they_do_for_a_scan(small: Path) -> None:
    (small / "quiet").mkdir()
    (small / "quiet" / "other.py").write_text(PATHS.replace("train.csv", "other.csv"))
    (small / "more.py").write_text(PATHS.replace("train.csv", "more.csv"))
    (small / "mldebt.toml").write_text('profile = "all"\n[per-path]\n"quiet/" = { ignore = ["MLD514"] }\n')
    assert {path for path, *_ in told(flake8(small, "--select", "MLD", "."))} == {"train.py", "more.py"}
    subprocess.run([sys.executable, "-m", "mldebt", "baseline", "update"], cwd=small, capture_output=True, check=True)
    (small / "mldebt.toml").write_text(f'baseline = "mldebt-baseline.json"\n{(small / "mldebt.toml").read_text()}')
    (small / "new.py").write_text(PATHS.replace("train.csv", "new.csv"))
    found = scan(small)
    assert told(flake8(small, "--select", "MLD", ".")) == found
    assert {path for path, *_ in found} == {"new.py"}
    (small / "other.toml").write_text('ignore = ["MLD514"]\n')
    assert told(flake8(small, "--select", "MLD", "--mldebt-config", "other.toml", ".")) == []


def test_the_profile_and_the_configuration_file_of_flake8(small: Path) -> None:
    cell = PATHS.replace("/home/erin", "/kaggle/input")
    (small / "train.py").write_text(cell)
    (small / "mldebt.toml").write_text('[checks.hard-coded-environment-path]\nseverity = "info"\n')
    (small / "setup.cfg").write_text("[flake8]\nextend-select = MLD\nmldebt-profile = all\n")
    assert told(flake8(small, ".")) == []
    done = subprocess.run([sys.executable, "-m", "flake8", "."], cwd=small, capture_output=True, text=True, check=False)
    assert codes(done.stdout) == [(3, "MLD514")]


# -- one scan for all ----------------------------------------------------------------------------------------------------

COUNTING = '''"""Counts how often it is asked.

## Why it is debt

It is not.
"""

import os
from pathlib import Path

from mldebt.api import Effort, check


@check("MLD999", family="analysis", tier=1, severity="info", confidence=("certain",), effort=Effort(1))
def counted(graph):
    with Path(os.environ["COUNTED"]).open("a") as file:
        file.write(f"{os.getpid()}\\n")
    yield from ()
'''


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment in which a check of another distribution writes down each time that it runs."""
    site = tmp_path / "site"
    (site / "counting_checks").mkdir(parents=True)
    (site / "counting_checks" / "__init__.py").write_text('"""Checks."""\n')
    (site / "counting_checks" / "counted.py").write_text(COUNTING)
    metadata = site / "counting_checks-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: counting-checks\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[mldebt.checks]\ncounting = counting_checks\n")
    yield {"PYTHONPATH": str(site), "COUNTED": str(tmp_path / "counted")}


@pytest.mark.parametrize("start", [("-m", "flake8"), ("-c", SPAWNING)], ids=["fork", "spawn"])
@pytest.mark.parametrize("kept", [True, False], ids=["with a cache", "without"])
def test_parallel_processes_scan_once(small: Path, counting: dict[str, str], start: tuple[str, ...], kept: bool) -> None:
    for number in range(3):
        (small / f"more{number}.py").write_text(PATHS.replace("train.csv", f"{number}.csv"))
    if not kept:
        (small / ".mldebt_cache").write_text("a file where the directory would be")
    output = flake8(small, "-j3", "--select", "MLD", ".", start=start, **counting)
    assert len(told(output)) == 4
    assert len(Path(counting["COUNTED"]).read_text().splitlines()) == 1


def test_runs_at_the_same_time_share_a_scan(small: Path, counting: dict[str, str]) -> None:
    command = [sys.executable, "-m", "flake8", "--isolated", "--select", "MLD", "."]
    runs = [subprocess.Popen(command, cwd=small, stdout=subprocess.PIPE, text=True, env=os.environ | counting) for _ in range(2)]
    assert [codes(run.communicate()[0]) for run in runs] == [[(3, "MLD514")]] * 2
    assert len(Path(counting["COUNTED"]).read_text().splitlines()) == 1


# -- text that is not saved ----------------------------------------------------------------------------------------------


def of_text(folder: Path, path: str, text: str, *words: str) -> list[Told]:
    return told(flake8(folder, "--select", "MLD", "--stdin-display-name", path, *words, "-", text=text))


def test_text_that_is_saved(churn: Path, found: list[Told]) -> None:
    for path in ("src/churn/score.py", "src/churn/features/usage.py"):
        expected = [one for one in found if one[0] == path]
        assert of_text(churn, path, (churn / path).read_text()) == expected != []
        assert of_text(churn, str(churn / path), (churn / path).read_text()) == [(str(churn / path), *one[1:]) for one in expected]


def test_findings_go_along_with_their_lines(churn: Path, found: list[Told]) -> None:
    path = "src/churn/score.py"
    before = [one for one in found if one[0] == path]
    lines = (churn / path).read_text().splitlines(keepends=True)
    assert of_text(churn, path, "".join(["# one more\n", "\n", *lines])) == [(path, line + 2, *rest) for _, line, *rest in before]
    edited = [*lines]
    edited[before[0][1] - 1] = edited[before[0][1] - 1].rstrip("\n") + "  # changed\n"
    assert of_text(churn, path, "".join(edited)) == before[1:], "what stands on an edited line waits until it is saved"


def test_the_whole_repository_with_the_text_in_it(churn: Path, found: list[Told]) -> None:
    path = "src/churn/features/usage.py"
    text = (churn / path).read_text()
    flagged = next(one for one in found if one[0] == path)
    gone = "".join(line for number, line in enumerate(text.splitlines(keepends=True), 1) if number != flagged[1])
    assert flagged not in of_text(churn, path, gone, "--mldebt-unsaved", "analysed")
    kept = of_text(churn, path, "\n" + text, "--mldebt-unsaved", "analysed")
    assert (path, flagged[1] + 1, *flagged[2:]) in kept


def test_checks_of_one_file_look_at_the_text(small: Path) -> None:
    assert of_text(small, "train.py", PATHS.replace("/home/erin", "data")) == []
    twice = PATHS + 'print(pd.read_csv("/home/erin/more.csv"))\n'
    assert [(line, code) for _, line, _, code, _ in of_text(small, "train.py", twice)] == [(3, "MLD514"), (5, "MLD514")]
    held = twice.replace("print(pd.", "# mldebt: ignore[MLD514] reason='now'\nprint(pd.")
    assert [line for _, line, *_ in of_text(small, "train.py", held)] == [3]
    assert [line for _, line, *_ in of_text(small, "train.py", PATHS.replace("\n", "\r\n"))] == [3]


def test_text_that_belongs_to_no_project(small: Path, tmp_path: Path) -> None:
    assert of_text(small, "stdin", PATHS) == []
    assert of_text(small, "never_saved.py", PATHS) == []
    (tmp_path / "stray").mkdir()
    stray = tmp_path / "stray" / "look.py"
    stray.write_text("from other import PATH\n" + PATHS)
    (tmp_path / "stray" / "other.py").write_text('PATH = "/home/erin"\nimport pandas as pd\nprint(pd.read_csv(PATH))\n')
    assert [(line, code) for _, line, _, code, _ in of_text(tmp_path, "stray/look.py", stray.read_text())] == [(4, "MLD514")]
    assert codes(flake8(tmp_path, "--select", "MLD", "stray/look.py")) == [(4, "MLD514")]
    (tmp_path / "stray" / "inner").mkdir()
    (tmp_path / "stray" / "inner" / "reads.py").write_text("from other import PATH\nprint(open(PATH).read())\n")
    assert told(flake8(tmp_path / "stray", "--select", "MLD", ".")) == scan(tmp_path / "stray") != []


def test_many_runs_in_one_process(small: Path) -> None:
    (small / "runs.py").write_text(
        "from pathlib import Path\n"
        "from flake8.main.cli import main\n"
        "file = Path('train.py')\n"
        "for text in (file.read_text(), '# one line more\\n' + file.read_text(), ''):\n"
        "    file.write_text(text)\n"
        "    main(['--isolated', '--select', 'MLD', 'train.py'])\n"
    )
    done = subprocess.run([sys.executable, "runs.py"], cwd=small, capture_output=True, text=True, check=True)
    assert codes(done.stdout) == [(3, "MLD514"), (4, "MLD514")]


# -- errors --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", ["-j1", "-j4"])
def test_wrong_settings_are_one_line(small: Path, jobs: str) -> None:
    (small / "b.py").write_text(PATHS)
    (small / "mldebt.toml").write_text("selekt = []\n")
    said = flake8(small, jobs, "--select", "MLD", ".").splitlines()
    assert said[0].startswith("There was a critical error") and len(said) == 2
    assert re.fullmatch(r"mldebt: mldebt\.toml:1: unknown key 'selekt'.*", said[1]), said


def test_wrong_settings_further_down_are_one_line(small: Path) -> None:
    (small / "inner").mkdir()
    (small / "inner" / "mldebt.toml").write_text("selekt = []\n")
    (small / "inner" / "b.py").write_text(PATHS)
    assert "mldebt.toml:1: unknown key 'selekt'" in flake8(small, "-j1", "--select", "MLD", ".").splitlines()[1]


def test_an_editor_shows_what_is_wrong(small: Path) -> None:
    (small / "mldebt.toml").write_text("selekt = []\n")
    ((path, line, column, code, text),) = of_text(small, "train.py", PATHS)
    assert (path, line, column, code) == ("train.py", 1, 1, "MLD000")
    assert "unknown key 'selekt'" in text


def test_wrong_options_are_one_line(small: Path) -> None:
    (small / "tox.ini").write_text("[flake8]\nselect = MLD\nmldebt-unsaved = sometimes\n")
    done = subprocess.run([sys.executable, "-m", "flake8", "."], cwd=small, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[1:] == ["mldebt: the option mldebt-unsaved of flake8 is 'sometimes', expected one of moved, analysed"]
    missing = flake8(small, "--select", "MLD", "--mldebt-config", "nowhere.toml", ".").splitlines()
    assert len(missing) == 2 and "nowhere.toml" in missing[1]
