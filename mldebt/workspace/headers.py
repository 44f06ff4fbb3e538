"""The names of columns in the first line of a text table, given its beginning."""

from __future__ import annotations

import csv

MOST_HEADER_BYTES = 65_536
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_STORED_ELSEWHERE = b"version https://git-lfs"


def header_names(beginning: bytes, separator: str) -> tuple[str, ...] | None:
    """The names in the first line; None where the line is not plainly a header: too long, quoted over lines, with empty or equal names."""
    line = _first_line(beginning.removeprefix(_BYTE_ORDER_MARK))
    if line is None or line.startswith(_STORED_ELSEWHERE) or b"\0" in line or line.count(b'"') % 2:
        return None
    try:
        text = line.decode("utf-8")
        names = tuple(next(csv.reader([text], delimiter=separator, strict=True), ()))
    except (UnicodeDecodeError, csv.Error, TypeError):
        return None
    if not names or not all(name.strip() for name in names) or len(set(names)) < len(names):
        return None
    return names


def _first_line(beginning: bytes) -> bytes | None:
    ends = [end for mark in (b"\n", b"\r") if (end := beginning.find(mark)) >= 0]
    if ends:
        return beginning[: min(ends)]
    return beginning if len(beginning) < MOST_HEADER_BYTES else None
