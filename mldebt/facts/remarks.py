"""Comments that matter: suppressions, expectations, admitted debt; with the statement's lines they cover."""

from __future__ import annotations

import re
from bisect import bisect_left

from .positions import Outline, stands_first
from .types import Remark

_WORTHY = re.compile(r"mldebt(?::|\s+ignore)|#\s*expect(?:-not-yet)?:|\b(?:TODO|FIXME|HACK|XXX)\b|deprecated", re.IGNORECASE)


def remarks(text: Outline, line_ends: list[int]) -> tuple[Remark, ...]:
    """The comments that matter, in text order."""
    found = []
    for index, token in enumerate(text.tokens):
        if token[0] == "#" and _WORTHY.search(token):
            found.append(_remark(text, line_ends, index, token))
    return tuple(found)


def _remark(text: Outline, line_ends: list[int], index: int, token: str) -> Remark:
    start = text.offsets[2 * index]
    line = text.line(start)
    column = start - text.lines[line - 1] + 1
    after = bisect_left(line_ends, start)
    last = text.line(line_ends[after]) if after < len(line_ends) else len(text.lines)
    first = text.line(_first_code(text, line_ends[after - 1] if after else -1, index))
    if stands_first(index, text.gaps[index]) and text.depths[index + 1] <= 0 and first >= line:
        first = text.line(_first_code(text, start, index))
    return Remark(token, line, column, min(first, last), last)


def _first_code(text: Outline, after: int, index: int) -> int:
    """The first offset behind `after` that is neither white space nor a comment; `index` is a token near it."""
    while index and text.offsets[2 * index] > after:
        index -= 1
    while index < len(text.tokens):
        end = text.offsets[2 * index]
        gap = text.gaps[index]
        begin = max(end - len(gap), after + 1)
        rest = text.source[begin:end]
        if rest.strip(" \t\f\r\n\\"):
            return begin + len(rest) - len(rest.lstrip(" \t\f\r\n\\"))
        if end > after and text.tokens[index][0] != "#":
            return end
        index += 1
    return max(len(text.source) - 1, 0)
