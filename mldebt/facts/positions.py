"""Tokens of a source text with their offsets, from one regular expression; the walk over the CST proves them.

Names, numbers, strings and most keywords are tokens; what stands between two tokens is a gap. Comments are found on the way.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

SKIPPED = frozenset({"and", "or", "not", "in", "is", "else", "as", "async", "await", "except", "finally"})

_ESCAPE = r"\\(?:\r\n|.)"
# A string that does not end takes the rest of its line, or of the text: every character is looked at once.
_PIECES = re.compile(
    r"(#[^\r\n]*"
    r'|[rRbBuUfFtT]{0,2}(?:"""[^"\\]*+(?:(?:' + _ESCAPE + r'|"(?!""))[^"\\]*+)*+(?:"""|\\?\Z)'
    r"|'''[^'\\]*+(?:(?:" + _ESCAPE + r"|'(?!''))[^'\\]*+)*+(?:'''|\\?\Z)"
    r'|"[^"\\\r\n]*+(?:' + _ESCAPE + r'[^"\\\r\n]*+)*+(?:"|\\?\Z|(?=[\r\n]))'
    r"|'[^'\\\r\n]*+(?:" + _ESCAPE + r"[^'\\\r\n]*+)*+(?:'|\\?\Z|(?=[\r\n])))"
    r"|0[xX][\da-fA-F_]+|0[oObB][\d_]+"
    r"|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[jJ]?"
    r"|[^\W\d]\w*)",
    re.DOTALL,
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_GAP_EVENT = re.compile(r"\\(?:\r\n|\r|\n)|\r\n|\r|\n|[(\[{]|[)\]}]|[^\s]")
_OWN_LINE = re.compile(r"[\r\n][ \t\f]*\Z")
_FORMATTED = re.compile(r"[rR]?[fFtT][rR]?['\"]")


class _Formatted:
    """Stands in the walk's list for an f-string: equal to the text of any f-string."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and _FORMATTED.match(other) is not None

    __hash__ = None  # type: ignore[assignment]


FORMATTED = _Formatted()


@dataclass(frozen=True, slots=True)
class Gap:
    """What a text between two tokens does to lines and brackets."""

    change: int  # of the bracket depth
    peak: int  # the deepest point above the start
    breaks: tuple[tuple[int, int], ...]  # (offset, bracket depth against the start) of line ends after something on the line


def _gap(text: str) -> Gap:
    depth = peak = 0
    breaks = []
    blank = False
    for event in _GAP_EVENT.finditer(text):
        found = event[0]
        if found in "([{":
            depth += 1
            peak = max(peak, depth)
        elif found in ")]}":
            depth -= 1
        elif found[0] in "\r\n" and not blank:
            breaks.append((event.start(), depth))
        blank = found[0] in "\r\n" or (blank and found[0] == "\\")
    return Gap(depth, peak, tuple(breaks))


@dataclass(frozen=True, slots=True)
class Outline:
    """A source text cut into gaps and tokens: `gaps[i]` stands before `tokens[i]`; the last gap stands after all tokens."""

    source: str
    gaps: list[str]
    tokens: list[str]  # comments and skipped keywords included
    offsets: list[int]  # running ends of gap, token, gap, ...
    depths: list[int]  # bracket depth before each gap
    kinds: dict[str, Gap]
    lines: list[int]  # where each line starts

    def line(self, offset: int) -> int:
        return bisect_left(self.lines, offset + 1)


@dataclass(frozen=True, slots=True)
class Places:
    """Offsets of the tokens that instructions count."""

    starts: Sequence[int]
    ends: Sequence[int]

    def encoded(self) -> tuple[bytes, bytes]:
        return array("I", self.starts).tobytes(), array("I", self.ends).tobytes()


def outline(source: str) -> Outline:
    """Cut a source text into tokens and gaps."""
    pieces = _PIECES.split(source)
    gaps = pieces[0::2]
    kinds = {gap: _gap(gap) for gap in set(gaps)}  # gaps repeat: each text is looked at once
    changes = {gap: kind.change for gap, kind in kinds.items()}
    depths = list(accumulate(map(changes.__getitem__, gaps), initial=0))
    return Outline(source, gaps, pieces[1::2], list(accumulate(map(len, pieces))), depths, kinds, line_starts(source))


def line_starts(source: str) -> list[int]:
    if "\r" in source:
        starts = [0, *(end.end() for end in _LINE_END.finditer(source))]
    else:
        starts = list(accumulate((len(line) + 1 for line in source.split("\n")), initial=0))[:-1]
    if len(starts) > 1 and starts[-1] == len(source):
        starts.pop()
    return starts


def proven_places(text: Outline, walked: list[object]) -> Places | None:
    """The places of the tokens, if they are the leaves that the walk met."""
    kept = [index for index, token in enumerate(text.tokens) if token not in SKIPPED and token[0] != "#"]
    tokens = text.tokens
    if [tokens[index] for index in kept] != walked:
        return None
    offsets = text.offsets
    return Places([offsets[2 * index] for index in kept], [offsets[2 * index + 1] for index in kept])


def logical_line_ends(text: Outline) -> list[int]:
    """Offsets of the line ends that end a statement's line: outside brackets, and not of lines that are blank or only a comment."""
    breaking = {gap: kind.breaks for gap, kind in text.kinds.items() if kind.breaks}
    ends = []
    for index in [index for index, gap in enumerate(text.gaps) if gap in breaking]:
        gap, depth = text.gaps[index], text.depths[index]
        start = text.offsets[2 * index] - len(gap)
        for at, relative in breaking[gap]:
            if depth + relative <= 0 and (at or not _is_after_comment(text, index)):
                ends.append(start + at)
    return ends


def _is_after_comment(text: Outline, index: int) -> bool:
    """Whether the gap follows a comment on a line of its own (or nothing at all)."""
    return not index or (text.tokens[index - 1][0] == "#" and stands_first(index - 1, text.gaps[index - 1]))


def stands_first(index: int, gap: str) -> bool:
    """Whether the token behind this gap stands first on its line."""
    return _OWN_LINE.search(gap) is not None or (index == 0 and not gap.strip())
