"""GitHub's `primaryLocationLineHash`, exactly as its upload action computes it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

_WINDOW = 100  # UTF-16 code units
_FACTOR = 37
_WORD = (1 << 64) - 1
_OLDEST = pow(_FACTOR, _WINDOW, 1 << 64)
_END_OF_FILE = 0xFFFF
_LINE_END = 0x0A
_SKIPPED = (0x20, 0x09)


def line_hashes(lines: Sequence[str]) -> tuple[str | None, ...]:
    """The hash of each line: a rolling hash over the 100 code units, without blanks, that start there.

    Whether a text whose last line is not empty ends with a line end is not known here; lines that reach so far get None.
    """
    units, starts = _kept_units(lines)
    ends_with_line_end = bool(lines) and not lines[-1]
    padded = [*units, _END_OF_FILE, *[0] * _WINDOW]
    line_at = {start: line for line, start in enumerate(starts)}
    hashes: list[str | None] = [None] * len(lines)
    seen: Counter[str] = Counter()
    value = 0
    for position, unit in enumerate(padded):
        start = position - _WINDOW
        if start in line_at and (ends_with_line_end or position <= len(units)):
            text = f"{value:x}"
            seen[text] += 1
            hashes[line_at[start]] = f"{text}:{seen[text]}"
        oldest = padded[start] if start >= 0 else 0
        value = (value * _FACTOR + unit - _OLDEST * oldest) & _WORD
    return tuple(hashes)


def _kept_units(lines: Sequence[str]) -> tuple[list[int], list[int]]:
    """All code units but spaces and tabs, with a line end between lines, and where each line starts among them."""
    units: list[int] = []
    starts: list[int] = []
    for number, line in enumerate(lines):
        if number:
            units.append(_LINE_END)
        starts.append(len(units))
        raw = line.encode(f"utf-16-{sys.byteorder[0]}e", "surrogatepass")
        codes = memoryview(raw).cast("H") if raw else ()
        units.extend(code for code in codes if code not in _SKIPPED)
    return units, starts
