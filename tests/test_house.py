"""What keeps the house in order: sizes, names, pages, fixtures, packaging."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mldebt.api import Check
from mldebt.docgen import pages, shipped
from mldebt.plugins import load_checks
from mldebt.testing import cases

HOUSE = Path(__file__).parents[1]
FIXTURES = HOUSE / "fixtures"
LONGEST_MODULE, LONGEST_FUNCTION, FEWEST_CASES = 400, 50, 4
CODES_OF_FAMILIES = {
    "analysis": "0", "boundary-erosion": "1", "data-dependencies": "2", "feedback-loops": "3", "anti-patterns": "4",
    "configuration": "5", "changing-world": "6", "testing": "7", "reproducibility": "8", "training-code": "9",
}  # fmt: skip
HEADINGS = ["## Why it is debt", "## What to do", "## Limits"]
CHECKS = shipped(load_checks())


def modules() -> Iterator[Path]:
    for folder in ("mldebt", "checks", "benchmarks"):
        yield from sorted((HOUSE / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


@pytest.mark.parametrize("path", list(modules()), ids=name_of)
def test_modules_and_functions_are_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    assert lines <= LONGEST_MODULE
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > LONGEST_FUNCTION] == []


@pytest.mark.parametrize("path", list(modules()), ids=name_of)
def test_modules_say_what_they_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))
    assert not {"utils", "util", "common", "helpers", "helper", "manager", "misc"} & set(path.stem.split("_"))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.rule.name)
class TestEveryCheck:
    def test_lives_in_a_module_of_its_name(self, check: Check) -> None:
        assert check.run.__module__ == f"mldebt_checks.{check.run.__name__}"

    def test_has_a_code_of_its_family(self, check: Check) -> None:
        assert re.fullmatch(rf"MLD{CODES_OF_FAMILIES[check.rule.family]}\d\d", check.rule.code)

    def test_has_a_page_with_the_three_headings(self, check: Check) -> None:
        assert [line for line in check.rule.page.splitlines() if line.startswith("#")] == HEADINGS
        assert check.rule.summary.endswith(".")

    def test_has_an_effort_and_a_tier(self, check: Check) -> None:
        assert check.rule.effort.minutes(1) > 0
        assert check.rule.tier in (1, 2, 3)
        assert check.rule.confidence

    def test_has_cases(self, check: Check) -> None:
        names = {case.name for case in cases(FIXTURES) if case.check == check.rule.name}
        assert {"bad", "good"} <= names
        assert len(names) >= FEWEST_CASES

    def test_bad_is_marked_and_good_is_not(self, check: Check) -> None:
        def markers(case: str) -> int:
            files = (FIXTURES / check.run.__name__ / case).rglob("*")
            return sum(len(re.findall(rb"expect:|\[\[expect\]\]", path.read_bytes())) for path in files if path.is_file())

        assert markers("bad") > 0
        assert markers("good") == 0


def test_every_fixture_belongs_to_a_check() -> None:
    assert {case.check for case in cases(FIXTURES)} <= {check.rule.name for check in CHECKS}


def test_git_ignores_no_fixture() -> None:
    command = [
        "git",
        "-c",
        f"safe.directory={HOUSE}",
        "ls-files",
        "--others",
        "--ignored",
        "--exclude-standard",
        "--",
        "fixtures",
        "checks",
        "mldebt",
        "docs",
    ]
    ignored = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False).stdout.split()
    assert [path for path in ignored if "__pycache__" not in path] == []


def test_pages_are_fresh() -> None:
    """If this fails, run `python -m mldebt.docgen`."""
    folder = HOUSE / "docs" / "checks"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")} == pages(CHECKS, FIXTURES)


def tracked(*paths: str) -> list[str]:
    command = ["git", "-c", f"safe.directory={HOUSE}", "-c", "core.quotepath=off", "ls-files", "-z", "--", *paths]
    listed = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False).stdout.split("\0")
    if listed == [""]:
        pytest.skip("not a git checkout")
    return [path for path in listed if path and (HOUSE / path).is_file()]


def test_wheel_holds_every_tracked_file(tmp_path: Path) -> None:
    source = tmp_path / "source"
    files = tracked("mldebt", "checks", "pyproject.toml", "README.md", "LICENSE")
    for path in files:
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HOUSE / path, source / path)
    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    built = subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=source, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr[-2000:]
    wheel = zipfile.ZipFile(next(tmp_path.glob("*.whl")))
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == {re.sub("^checks/", "mldebt_checks/", path) for path in files if path.startswith(("mldebt/", "checks/"))}
    entry_points = wheel.read(next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))).decode()
    assert "mldebt = mldebt_checks" in entry_points


def test_no_file_speaks_of_the_machine_or_the_making() -> None:
    words = [
        "co-authored" + "-by",
        "sub" + "agent",
        "the lead" + " ",
        "the brief" + " ",
        "as an " + "ai ",
        "/work" + "/main",
        "/work" + "/shared",
        "/work" + "/.",
    ]
    places = [str(HOUSE)] if len(HOUSE.parts) > 3 else []
    spoken = re.compile("|".join([*map(re.escape, (*words, *places)), r"index-url\s*[= ]\s*https?:"]), re.IGNORECASE)
    texts = {path: (HOUSE / path).read_bytes().decode("utf-8", "replace") for path in tracked(".") if not path.startswith("fixtures/")}
    assert [(path, said[0]) for path, text in texts.items() if (said := spoken.search(text))] == []
