"""A look at a text before LibCST sees it: what would kill the parser or keep it busy for minutes is refused.

All budgets count bytes, tokens or links of a chain, never seconds. The limits on nesting are CPython's own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from .positions import Outline
from .types import Unreadable

PYTHON_BYTES = 1_000_000
NOTEBOOK_BYTES = 20_000_000
BRACKETS = 200
INDENTS = 100
LINKS = 1_000  # of one chain `a + b + …`, `a.b().c()…`, or of strings side by side
LINK_SQUARES = 3_000_000  # over all long chains of a file: the parser is quadratic in each
ELEMENTS = 50_000  # of one statement
TOKENS = 250_000
LINES = 100_000
BRANCHES = 1_000  # `elif`s of one `if`

_LONG_STATEMENT = 600  # characters; below that no chain is long
_EVENT = re.compile(r"[(\[{]|[)\]}]|[,;]|[=!<>]=|=|[-+*/%@&|^~<>!.]")
_LINKING = frozenset({"and", "or", "not", "in", "is", "if", "else", "for", "lambda", "await", "yield"})
_DEEP_INDENT = re.compile(r"^[ \t]{100}", re.MULTILINE)
_LINE_START = re.compile(r"^([ \t]*)(?=[^\s#])(elif\b)?", re.MULTILINE)


class RefusedError(Exception):
    """Carries why a file is unreadable."""

    def __init__(self, reason: str, line: int = 1, column: int = 1, limit: bool = False) -> None:
        super().__init__(reason)
        self.unreadable = Unreadable(reason, line, column, limit)


def check_size(data: bytes, most: int) -> None:
    if len(data) > most:
        raise RefusedError(f"the file is larger than {most // 1_000_000} MB", limit=True)


def check_outline(text: Outline, line_ends: list[int]) -> None:
    """Refuse what the parser cannot take."""
    if len(text.lines) > LINES:
        raise RefusedError(f"the file has more than {LINES:,} lines", LINES, limit=True)
    if len(text.tokens) > TOKENS:
        raise RefusedError(f"the file has more than {TOKENS:,} names and literals", text.line(text.offsets[2 * TOKENS]), limit=True)
    _check_brackets(text)
    _check_indents(text, line_ends)
    _check_branches(text)
    _check_statements(text, line_ends)


def _check_brackets(text: Outline) -> None:
    peak = max((gap.peak for gap in text.kinds.values()), default=0)
    if max(text.depths) + peak > BRACKETS:
        for index, gap in enumerate(text.gaps):
            if text.depths[index] + text.kinds[gap].peak > BRACKETS:
                line = text.line(max(text.offsets[2 * index] - 1, 0))
                raise RefusedError(f"brackets are nested more than {BRACKETS} deep", line, limit=True)
    for index in [index for index, token in enumerate(text.tokens) if len(token) > BRACKETS]:
        if text.tokens[index][0] in "fFrRtT" and _depth_inside(text.tokens[index]) > BRACKETS:
            raise RefusedError(f"brackets are nested more than {BRACKETS} deep", text.line(text.offsets[2 * index]), limit=True)


def _depth_inside(token: str) -> int:
    depth = deepest = 0
    for character in token:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth -= 1
    return deepest


def _check_indents(text: Outline, line_ends: list[int]) -> None:
    if not _DEEP_INDENT.search(text.source):
        return
    stack = [0]
    for end in (-1, *line_ends):
        found = _LINE_START.search(text.source, end + 1)
        if found is None:
            return
        width = len(found[1])
        while stack[-1] > width:
            stack.pop()
        if stack[-1] < width:
            stack.append(width)
            if len(stack) > INDENTS:
                raise RefusedError(f"blocks are nested more than {INDENTS} deep", text.line(found.start()), limit=True)


def _check_branches(text: Outline) -> None:
    if text.tokens.count("elif") <= BRANCHES:
        return
    counts: dict[int, int] = {}
    for found in _LINE_START.finditer(text.source):
        width = len(found[1])
        if found[2]:
            counts[width] = counts.get(width, 0) + 1
            if counts[width] > BRANCHES:
                raise RefusedError(f"an `if` has more than {BRANCHES:,} branches", text.line(found.start()), limit=True)
        else:
            counts = {indent: count for indent, count in counts.items() if indent < width}


def _check_statements(text: Outline, line_ends: list[int]) -> None:
    squares = 0
    for start, end in pairwise((0, *line_ends, len(text.source))):
        if end - start < _LONG_STATEMENT:
            continue
        for elements, links in enumerate(_chains(text, start, end), start=1):
            squares += links * links if links > 100 else 0
            if links > LINKS or squares > LINK_SQUARES or elements > ELEMENTS:
                reason = "a literal or call with too many elements" if elements > ELEMENTS else "an expression with too many parts in a row"
                raise RefusedError(reason, text.line(start + 1 if start else 0), limit=True)


def _chains(text: Outline, start: int, end: int) -> Iterator[int]:
    """How many links each chain between two commas or brackets has."""
    open_chains = [0]
    first = bisect_left(text.offsets, start) // 2
    for index in range(first, len(text.gaps)):
        gap = text.gaps[index]
        if text.offsets[2 * index] - len(gap) > end:
            break
        for event in _EVENT.findall(gap):
            if event in "([{":
                open_chains[-1] += 1
                open_chains.append(0)
            elif event in ")]}":
                yield open_chains.pop()
                open_chains = open_chains or [0]
            elif event in ",;=":
                yield open_chains[-1]
                open_chains[-1] = 0
            else:
                open_chains[-1] += 1
        if index < len(text.tokens):
            open_chains[-1] += _links(text, index, gap)
            if open_chains[-1] > LINKS:
                yield open_chains[-1]
    yield from open_chains


def _links(text: Outline, index: int, gap: str) -> int:
    token = text.tokens[index]
    if token in _LINKING:
        return 1
    is_string = token[-1] in "'\"" and index > 0 and text.tokens[index - 1][-1] in "'\"" and not gap.strip(" \t\f\r\n\\")
    return 1 if is_string else 0
