"""IPython's magics and shell lines: placeholders of the same length, so that every place holds."""

from __future__ import annotations

import re

from .walk import PLACEHOLDER

_HINT = re.compile(r"^[ \t]*[%!?]|\?[ \t]*$|=[ \t]*[%!]", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\s*%%\s*([\w!]*)")
_PYTHON_BODY = frozenset(
    {"time", "timeit", "capture", "prun", "memit", "mprun", "python", "python3", "pypy", "debug", "snakeviz", "local", "cache"}
)
_STATEMENT = re.compile(r"([ \t]*)([!%?].*|[\w.*]+\?\??)$")
_ASSIGNED = re.compile(r"([ \t]*[^\s=!<>%#'\"][^=!<>%#'\"]*=[ \t]*)([!%].*)$")
_EVENT = re.compile(r"#.*|\"\"\"|'''|\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)|'(?:[^'\\]|\\.)*+(?:'|\\?\Z)|[(\[{]|[)\]}]")


def without_magics(text: str) -> tuple[str, tuple[str, ...]]:
    """A cell's text with placeholders, and what they stand for."""
    if not _HINT.search(text):
        return text, ()
    cell_magic = _CELL_MAGIC.match(text)
    if cell_magic and cell_magic[1] not in _PYTHON_BODY:
        return _whole_cell(text, cell_magic)
    lines = text.split("\n")
    shells: list[str] = []
    state = _State()
    index = 0
    while index < len(lines):
        index = _line(lines, index, state, shells)
    return "\n".join(lines), tuple(shells)


def _whole_cell(text: str, magic: re.Match[str]) -> tuple[str, tuple[str, ...]]:
    """A cell in another language."""
    start = magic.end() - len(magic[0].lstrip())
    first_end = text.find("\n", start)
    first_end = len(text) if first_end < 0 else first_end
    length = len(text[start:first_end].rstrip())
    before = text[:start]
    return before + PLACEHOLDER * length + "\n" * text.count("\n", first_end), (text[start:].strip(),)


def _line(lines: list[str], index: int, state: _State, shells: list[str]) -> int:
    """Replace the line if it is none of Python's; gives the next line's index."""
    line = lines[index]
    code = line.rstrip(" \t")
    found = (_STATEMENT.match(code) or _ASSIGNED.match(code)) if state.at_statement else None
    if found is None:
        state.feed(line)
        return index + 1
    shell = [found[2]]
    lines[index] = found[1] + PLACEHOLDER * len(found[2]) + line[len(code) :]
    index += 1
    while shell[-1].endswith("\\") and index < len(lines):
        shell.append(lines[index].strip())
        lines[index] = ""
        index += 1
    shells.append("\n".join(shell))
    return index


class _State:
    """Whether a line starts a statement, or goes on with brackets, a string or a backslash."""

    def __init__(self) -> None:
        self.depth = 0
        self.quote = ""
        self.continued = False

    @property
    def at_statement(self) -> bool:
        return not (self.depth or self.quote or self.continued)

    def feed(self, line: str) -> None:
        start = 0
        if self.quote:
            start = line.find(self.quote)
            if start < 0:
                return
            start, self.quote = start + 3, ""
        for event in _EVENT.finditer(line, start):
            found = event[0]
            if self.quote:
                self.quote = "" if found == self.quote else self.quote
            elif found in ('"""', "'''"):
                self.quote = found
            elif found in "([{":
                self.depth += 1
            elif found in ")]}":
                self.depth = max(self.depth - 1, 0)
        self.continued = line.endswith("\\") and not self.quote
