"""An analysis small enough to read: every word `DEBT` in a Python file is a finding. For tests of what stands around the analysis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from mldebt.analysis import ScanRequest, ScanResult
from mldebt.api import Check
from mldebt.core import Coverage, Effort, Finding, Location, Rule
from mldebt.report.contents import Contents

WORD = Rule("MLD998", "word-of-debt", "configuration", 1, "minor", ("certain", "tentative"), Effort(5), "The word.", "The word.")
_SEVERITIES = {"DEBT!": "critical", "DEBT?": "info"}


def analyze_words(request: ScanRequest, checks: Sequence[Check]) -> ScanResult:
    files = sorted(path.relative_to(request.root).as_posix() for path in request.root.rglob("*.py"))
    findings = []
    for number, path in enumerate(files, 1):
        if request.progress:
            request.progress("read", number, len(files))
        for line, text in enumerate((request.root / path).read_text(encoding="utf-8").split("\n"), 1):
            words = [word for word in text.split() if word.startswith("DEBT")]
            findings += [_finding(path, line, text.index(word) + 1, word) for word in words if _is_asked(path, request.paths)]
    if request.warn:
        request.warn("one \x1b[31mwarning")
    contents = Contents("0", tuple(findings), (WORD,), Coverage(files=len(files)))
    return ScanResult(contents, ("one note",), f"{request.explain} is a word" if request.explain else "")


def _is_asked(path: str, paths: Sequence[str]) -> bool:
    return not paths or any(path == asked or PurePosixPath(asked) in PurePosixPath(path).parents for asked in paths)


def _finding(path: str, line: int, column: int, word: str) -> Finding:
    severity = _SEVERITIES.get(word[:5], "minor")
    confidence = "tentative" if word.startswith("DEBT~") else "certain"
    return Finding(WORD, Location(path, line, column), word, f"The word {word}.", "Pay.", severity, confidence, word, 5)  # type: ignore[arg-type]
