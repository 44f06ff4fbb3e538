"""The fixture harness: a folder is a small repository whose comments say what must be found in it.

`fixtures/<check>/<case>/train.py`:

    df["city"] = df["address"].str.title()  # expect: unused-feature[city]

Every finding needs a marker on its line and every marker a finding. `# expect-not-yet: name` marks a known miss and fails when it starts to
be found. For files that cannot carry comments `expect.toml` in the case holds `[[expect]]` tables (path, line, name, symbol, cell, not-yet),
and `allow = ["name"]` for checks that may also speak there; `[measures]` what must be counted: `"open prediction sinks" = [2, 3]` (of 3).
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mldebt.analysis import ScanRequest, analyze
from mldebt.api import Check
from mldebt.core import Finding, Measure
from mldebt.declarations.types import HOLE
from mldebt.plugins import is_shown, load_checks, select_checks
from mldebt.settings import load_settings

EXPECTATIONS = "expect.toml"
NOT_CHECKS = frozenset({"projects"})


@dataclass(frozen=True, slots=True)
class Case:
    """A small repository; `check` is the name of the check whose folder it lies in."""

    check: str
    name: str
    path: Path

    def __str__(self) -> str:
        return f"{self.check}/{self.name}"


@dataclass(frozen=True, slots=True)
class Expectation:
    """A finding that must be there, or, `not_yet`, one that should be and is not."""

    path: str
    line: int
    name: str
    symbol: str = ""
    cell: int | None = None
    not_yet: bool = False

    def __str__(self) -> str:
        return f"{self.name}[{self.symbol}]" if self.symbol else self.name

    def is_met_by(self, finding: Finding) -> bool:
        place = (finding.at.path, finding.at.line, finding.at.cell)
        return place == (self.path, self.line, self.cell) and self.name == finding.rule.name and self.symbol in ("", finding.symbol)


def cases(fixtures_root: Path) -> Iterator[Case]:
    """All cases of all checks."""
    for folder in sorted(path for path in fixtures_root.iterdir() if path.is_dir() and path.name not in NOT_CHECKS):
        for case in sorted(path for path in folder.iterdir() if path.is_dir()):
            yield Case(folder.name.replace("_", "-"), case.name, case)


def assert_findings_match(case_dir: Path, check_name: str | None = None) -> None:
    """Runs the checks of the default profile, and the named one whatever its tier and confidence, on a copy of the case."""
    name = check_name or case_dir.parent.name.replace("_", "-")
    expected, allowed = _expectations(case_dir)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / case_dir.name
        shutil.copytree(case_dir, root, symlinks=True, ignore=shutil.ignore_patterns(EXPECTATIONS, "__pycache__", ".mldebt_cache"))
        findings, measures = _outcome(root, name)
    if complaints := [
        *_compared(findings, expected, allowed),
        *_unspeakable(findings),
        *_tied_to_a_file(findings),
        *_counted(measures, case_dir),
    ]:
        raise AssertionError("\n" + "\n".join(complaints))


def _outcome(root: Path, name: str) -> tuple[list[Finding], tuple[Measure, ...]]:
    """What the default profile shows, and all that the folder's own check says; and what is measured."""
    settings = load_settings(root)
    checks = load_checks()
    own = [check for check in checks if check.rule.name == name]
    if not own:
        raise AssertionError(f"no check '{name}' is installed")
    chosen: dict[str, Check] = {check.rule.code: check for check in (*select_checks(checks, settings), *own)}
    everything = replace(settings, profile="all", policy={**settings.policy, name: True})
    result = analyze(ScanRequest(root, everything, jobs=1, cache=False), [chosen[code] for code in sorted(chosen)])
    found = [f for f in result.contents.findings if f.rule.name == name or is_shown(f.rule, f.severity, f.confidence, settings.profile)]
    return found, result.contents.measures


def _unspeakable(findings: list[Finding]) -> Iterator[str]:
    """One line for each finding whose texts show the engine's sign for an unknown piece."""
    for finding in findings:
        if HOLE in "".join((finding.symbol, finding.message, finding.advice, *(step.message for step in finding.evidence))):
            yield f"{finding.at.path}:{finding.at.line}: {finding.rule.name} shows the sign for an unknown piece"


def _tied_to_a_file(findings: list[Finding]) -> Iterator[str]:
    """One line for each finding whose identity would change with the name of its own file."""
    for finding in findings:
        module = finding.at.path.removesuffix(".py").replace("/", ".")
        function = re.compile(rf"(?<![\w.]){re.escape(module)}(\.\w+)*\(\)")
        if finding.at.path.endswith(".py") and (finding.at.path in finding.key or function.search(finding.key)):
            yield f"{finding.at.path}:{finding.at.line}: the key of {finding.rule.name} names its file: {finding.key}"


def _counted(measures: tuple[Measure, ...], case_dir: Path) -> Iterator[str]:
    """One line for each measure of `expect.toml` that came out otherwise."""
    found = {measure.name: [measure.value, measure.out_of] for measure in measures}
    for name, (value, out_of) in _table(case_dir).get("measures", {}).items():
        if found.get(name) != [value, out_of]:
            yield f"{EXPECTATIONS}: expected {name} {value} of {out_of}, found {found.get(name, 'none')}"


def _compared(findings: list[Finding], expected: list[Expectation], allowed: frozenset[str]) -> Iterator[str]:
    """One line for each marker without a finding and each finding without a marker, by place."""
    complaints = []
    open_findings = list(findings)
    for marker in sorted(expected, key=lambda marker: not marker.symbol):  # those with a symbol choose first
        met = next((finding for finding in open_findings if marker.is_met_by(finding)), None)
        if met is not None:
            open_findings.remove(met)
        where = (marker.path, -1 if marker.cell is None else marker.cell, marker.line)
        if met is None and not marker.not_yet:
            complaints.append((where, f"expected {marker}, found nothing of the kind"))
        if met is not None and marker.not_yet:
            complaints.append((where, f"{marker} is found now: turn expect-not-yet into expect"))
    for finding in open_findings:
        if finding.rule.name not in allowed:
            where = (finding.at.path, -1 if finding.at.cell is None else finding.at.cell, finding.at.line)
            complaints.append((where, f"unexpected {finding.rule.name}: {finding.message}"))
    for (path, cell, line), text in sorted(complaints):
        yield f"{path}:{'' if cell < 0 else f'cell {cell}:'}{line}: {text}"


_MARKER = re.compile(r"(?:#|--|//|;)\s*expect(-not-yet)?:\s*(.+)$")
_ITEM = re.compile(r"\s*([a-z0-9-]+)(?:\[([^;]*)\])?\s*(?:-->)?\s*(?:;|$)")


def _expectations(case_dir: Path) -> tuple[list[Expectation], frozenset[str]]:
    expected = [marker for file in sorted(case_dir.rglob("*")) if file.is_file() for marker in _markers(file, case_dir)]
    table = _table(case_dir)
    for entry in table.get("expect", ()):
        not_yet = entry.pop("not-yet", False)
        expected.append(Expectation(**entry, not_yet=not_yet))
    return expected, frozenset(table.get("allow", ()))


def _table(case_dir: Path) -> dict[str, Any]:
    file = case_dir / EXPECTATIONS
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _markers(file: Path, case_dir: Path) -> Iterator[Expectation]:
    if file.name == EXPECTATIONS:
        return
    path = file.relative_to(case_dir).as_posix()
    for cell, line, text in _lines(file):
        if (marker := _MARKER.search(text)) is None:
            continue
        items, position = list(_ITEM.finditer(marker[2])), 0
        for item in items:
            if item.start() == position:
                yield Expectation(path, line, item[1], item[2] or "", cell, not_yet=bool(marker[1]))
            position = item.end()
        if position != len(marker[2]) or "".join(item[0] for item in items) != marker[2]:
            raise AssertionError(f"{path}:{line}: not a marker: {marker[0]}")


def _lines(file: Path) -> Iterator[tuple[int | None, int, str]]:
    """(cell, line, text) of all lines; of a notebook those of its cells."""
    text = file.read_bytes().decode("utf-8", "replace")
    sources: list[tuple[int | None, str]] = [(None, text)]
    if file.suffix == ".ipynb" and "expect" in text:
        sources = [
            (number, "".join(cell["source"])) for number, cell in enumerate(json.loads(text)["cells"]) if cell["cell_type"] == "code"
        ]
    for number, source in sources:
        for line, row in enumerate(source.replace("\r\n", "\n").split("\n"), 1):
            yield number, line, row
