"""The text of an editor, which may differ from the file that it is the text of."""

from __future__ import annotations

import tokenize
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from io import BytesIO
from pathlib import Path

from mldebt.core import Finding, Location
from mldebt.flake8_plugin.repository import Placed, checks_of, findings_of, placed_in_project, scanned
from mldebt.flake8_plugin.wishes import Wishes


def findings_in_text(filename: str, lines: Sequence[str], wishes: Wishes) -> tuple[Finding, ...]:
    """Those of a text that belongs to a file of the project."""
    placed = placed_in_project(filename, wishes)
    if placed is None:
        return ()
    saved = [line.rstrip("\r\n") for line in _saved_lines(placed.root / placed.path)]
    text = [line.rstrip("\r\n") for line in lines]
    if saved == text:
        return findings_of(filename, wishes)
    if wishes.unsaved == "analysed" and not placed.alone:
        return scanned(placed.root, wishes, unsaved={placed.path: _encoded(lines)}).get(placed.path, ())
    return _moved_along(placed, findings_of(filename, wishes), saved, text, _of_the_text_alone(placed, lines, wishes))


def _of_the_text_alone(placed: Placed, lines: Sequence[str], wishes: Wishes) -> tuple[Finding, ...]:
    """What the checks that need one file only find in it."""
    checks = [check for check in checks_of(placed.root, wishes) if check.rule.scope == "file"]
    if not checks:
        return ()
    return scanned(placed.root, wishes, checks, alone=placed.path, unsaved={placed.path: _encoded(lines)}).get(placed.path, ())


def _moved_along(
    placed: Placed, findings: Sequence[Finding], saved: Sequence[str], text: Sequence[str], fresh: Sequence[Finding]
) -> tuple[Finding, ...]:
    """The findings of the file on lines that the text still has, and the fresh ones. What rests on this file alone is found fresh, or is gone."""
    moved = _same_lines(saved, text)
    kept = [(moved[finding.at.line], finding) for finding in findings if finding.at.line in moved and not _rests_on(finding, placed.path)]
    seen = {(finding.at.line, finding.rule.code, finding.message) for finding in fresh}
    older = [_at_line(finding, line) for line, finding in kept if (line, finding.rule.code, finding.message) not in seen]
    return tuple(sorted((*fresh, *older), key=lambda finding: (finding.at, finding.rule.code)))


def _rests_on(finding: Finding, path: str) -> bool:
    return finding.rule.scope == "file" and all(step.at.path == path for step in finding.evidence)


def _at_line(finding: Finding, line: int) -> Finding:
    from dataclasses import replace

    at = finding.at
    placed = Location(at.path, line, at.column, at.end_line and at.end_line - at.line + line, at.end_column)
    return replace(finding, at=placed)


def _same_lines(saved: Sequence[str], text: Sequence[str]) -> Mapping[int, int]:
    """The lines of the file that are lines of the text too, by number; what stands before and after all changes is not compared further."""
    first = next((at for at, (one, other) in enumerate(zip(saved, text, strict=False)) if one != other), min(len(saved), len(text)))
    most = min(len(saved), len(text)) - first
    last = next((at for at in range(most) if saved[-1 - at] != text[-1 - at]), most)
    changed, present = saved[first : len(saved) - last], text[first : len(text) - last]
    return {
        **{number: number for number in range(1, first + 1)},
        **{first + one + 1: first + other + 1 for one, other in _pairs(changed, present)},
        **{len(saved) - back: len(text) - back for back in range(last)},
    }


def _pairs(saved: Sequence[str], text: Sequence[str]) -> Iterator[tuple[int, int]]:
    for block in SequenceMatcher(None, saved, text, autojunk=False).get_matching_blocks():
        yield from ((block.a + offset, block.b + offset) for offset in range(block.size))


def _saved_lines(file: Path) -> list[str]:
    """The lines of a file as flake8 reads them."""
    try:
        with tokenize.open(file) as opened:
            return opened.read().splitlines()
    except (SyntaxError, UnicodeError):
        return file.read_bytes().decode("latin-1").splitlines()
    except OSError:
        return []


def _encoded(lines: Sequence[str]) -> bytes:
    """The bytes that the text will have, once it is saved."""
    text = "".join(lines)
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(text.encode("utf-8", "replace")).readline)
        return text.encode(encoding.removesuffix("-sig"))
    except (SyntaxError, UnicodeError, LookupError):
        return text.encode("utf-8", "replace")
