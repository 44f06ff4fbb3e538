"""From the bytes of one file to its facts."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from array import array
from bisect import bisect_left
from collections.abc import Sequence

import libcst
import msgspec

from .codegen import exact_places
from .decode import decoded
from .guards import PYTHON_BYTES, RefusedError, check_outline, check_size
from .lower import Lowered, lower
from .notebooks import joined
from .positions import Outline, Places, logical_line_ends, outline, proven_places
from .remarks import remarks
from .types import Cell, Code, FileFacts, Unreadable

RECURSION = 20_000
_CODE_LINE = re.compile(r"^[ \t\f]*[^\s#]", re.MULTILINE)
_OLD = re.compile(
    r"^[ \t]*(?:print[ \t]+(?:[\"'\w%]|>>)|exec[ \t]+[\"'\w]|raise[ \t]+[\w.]+[ \t]*,|except[ \t]+[\w.]+[ \t]*,[ \t]*\w+[ \t]*:)|(?<!\w)0[0-7]+[lL]?\b|(?<!\w)ur[\"']|<>",
    re.MULTILINE,
)


def file_facts(data: bytes, kind: str) -> FileFacts | Unreadable:
    """The facts of a file's bytes; `kind` is "python" or "notebook"."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
    try:
        return _notebook_facts(data) if kind == "notebook" else _python_facts(data)
    except RefusedError as refused:
        return refused.unreadable
    except (RecursionError, MemoryError):
        return Unreadable("the file is beyond the parser's limits", limit=True)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the parser's own panics are no Exceptions
        return Unreadable(f"the file could not be read ({type(error).__name__})")


def _python_facts(data: bytes) -> FileFacts:
    check_size(data, PYTHON_BYTES)
    return facts_of_text(decoded(data))


def _notebook_facts(data: bytes) -> FileFacts:
    """All cells that can be parsed; a cell that cannot is blanked out."""
    notebook = joined(data)
    check_size(notebook.text.encode("utf-8", "replace"), PYTHON_BYTES)
    try:
        return facts_of_text(notebook.text, notebook.shells, notebook.cells)
    except RefusedError as refused:
        first = refused
    bad = [index for index, text in enumerate(notebook.texts) if not _parses(text)]
    if not bad or len(bad) >= sum(1 for text in notebook.texts if text.strip()):
        raise notebook.placed(first)
    kept = notebook.without(bad)
    try:
        return facts_of_text(kept.text, kept.shells, kept.cells)
    except RefusedError as refused:
        raise notebook.placed(refused) from None


def _parses(text: str) -> bool:
    try:
        parsed(outline(text))
    except (RefusedError, RecursionError):
        return False
    return True


def facts_of_text(source: str, shells: Sequence[str] = (), cells: tuple[Cell, ...] = ()) -> FileFacts:
    """The facts of a source text."""
    text = outline(source)
    line_ends = logical_line_ends(text)
    module = parsed(text, line_ends)
    lowered = lower(module, source, shells)
    places = proven_places(text, lowered.leaves) or exact_places(module, source, lowered.leaves)
    if places is None:
        raise RefusedError("the places of names in this file could not be told", limit=True)
    starts, ends = places.encoded()
    code = _lined(lowered.code, text, places, _LastLines(text, line_ends))
    lines = array("I", text.lines).tobytes()
    ncloc = _code_lines(text, lowered, places)
    return FileFacts(lowered.constants, code, starts, ends, lines, remarks(text, line_ends), cells, lowered.exported, ncloc)


def parsed(text: Outline, line_ends: list[int] | None = None) -> libcst.Module:
    """The CST, if the guards let the text through and LibCST understands it."""
    check_outline(text, logical_line_ends(text) if line_ends is None else line_ends)
    try:
        return libcst.parse_module(text.source)
    except libcst.ParserSyntaxError as error:
        raise _refusal(text.source, error) from None


def _refusal(source: str, error: libcst.ParserSyntaxError) -> RefusedError:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except SyntaxError as mistake:
        line, column = mistake.lineno or error.raw_line, max(mistake.offset or 1, 1)
        if _OLD.search(source):
            return RefusedError("the file is written in Python 2, or is not valid Python", line, column)
        return RefusedError(f"the file is not valid Python: {mistake.msg}", line, column)
    except (ValueError, RecursionError, MemoryError):
        pass
    else:
        return RefusedError("the file is valid Python beyond the parser's limits", error.raw_line, error.raw_column + 1, limit=True)
    return RefusedError("the file is not valid Python", error.raw_line, error.raw_column + 1)


class _LastLines:
    """The last line of the statement that a token stands in."""

    def __init__(self, text: Outline, line_ends: list[int]) -> None:
        self.text, self.line_ends = text, line_ends
        self.starts = [start for start, token in zip(text.offsets[0::2], text.tokens, strict=False) if token[0] != "#"]

    def after(self, end: int) -> int:
        """The line on which the statement ends whose last token ends at `end`; lines without tokens (`...`, `]`) belong to it."""
        first = bisect_left(self.line_ends, end)
        following = bisect_left(self.starts, end)
        before = bisect_left(self.line_ends, self.starts[following]) if following < len(self.starts) else len(self.line_ends)
        chosen = max(first, before - 1)
        return self.text.line(self.line_ends[chosen]) if chosen < len(self.line_ends) else len(self.text.lines)


def _lined(code: Code, text: Outline, places: Places, last_lines: _LastLines) -> Code:
    """The same code with lines where the walk counted tokens."""
    children = tuple([_lined(child, text, places, last_lines) for child in code.children])
    if code.kind == "module" or not places.starts:
        return msgspec.structs.replace(code, children=children, first_line=1, last_line=len(text.lines))
    first = text.line(places.starts[code.first_line])
    end = places.ends[code.last_line]
    last = text.line(end - 1) if code.kind == "lambda" else last_lines.after(end)
    return msgspec.structs.replace(code, children=children, first_line=first, last_line=last)


def _code_lines(text: Outline, lowered: Lowered, places: Places) -> int:
    """Lines that are neither blank nor comment nor docstring."""
    source = text.source.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text.source else text.source
    documented = 0
    for token in lowered.docstrings:
        documented += len(_CODE_LINE.findall(text.source[places.starts[token] : places.ends[token]].replace("\r", "\n")))
    return len(_CODE_LINE.findall(source)) - documented
