"""How reports write places, numbers, durations and text from a repository, which is hostile."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from mldebt.core import SEVERITIES, Coverage, Finding, Location, Severity

_JOINERS = frozenset("\u200c\u200d")  # they hold emoji and words of some scripts together, and do nothing to a terminal


def visible(text: str, keep: str = "") -> str:
    """The text with every character that could steer a terminal or hide something (controls, bidi marks, lone surrogates) escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if character in keep or _is_harmless(character) else _escaped(character) for character in text)


def _is_harmless(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"}


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def place(at: Location, path: str | None = None) -> str:
    """`path:line:column`, in notebooks `path:cell 3:line:column`."""
    cell = "" if at.cell is None else f":cell {at.cell}"
    return f"{visible(at.path if path is None else path)}{cell}:{at.line}:{at.column}"


def counted(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def duration(minutes: int) -> str:
    """`50 min`, `2 h`, `2 h 30 min`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"


def percentage(part: int, whole: int) -> str:
    """Rounded down, so that 100 % means all."""
    return f"{part * 100 // whole} %"


def shares(coverage: Coverage) -> tuple[tuple[str, int, int], ...]:
    """(what, resolved, of all) for everything the analysis had to follow; what a repository has none of is left out."""
    rows = (
        ("calls", coverage.calls_resolved, coverage.calls),
        ("paths", coverage.paths_resolved, coverage.paths),
        ("config loads", coverage.config_loads_resolved, coverage.config_loads),
    )
    return tuple(row for row in rows if row[2])


def by_severity(findings: Iterable[Finding]) -> tuple[tuple[Severity, int], ...]:
    """The number of findings of each severity that occurs, the worst first."""
    counts = Counter(finding.severity for finding in findings)
    return tuple((severity, counts[severity]) for severity in SEVERITIES if counts[severity])


def json_text(tree: Any) -> str:
    """Indented JSON; lone surrogates, which UTF-8 cannot carry, are escaped."""
    try:
        encoded = msgspec.json.encode(tree)
    except UnicodeEncodeError:
        encoded = msgspec.json.encode(_encodable(tree))
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def _encodable(tree: Any) -> Any:
    if isinstance(tree, str):
        return tree.encode("utf-8", "backslashreplace").decode()
    if isinstance(tree, dict):
        return {_encodable(key): _encodable(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_encodable(item) for item in tree]
    return tree
