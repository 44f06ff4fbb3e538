"""Notebooks: the code cells of a Python notebook as one module."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import msgspec

from .guards import NOTEBOOK_BYTES, RefusedError, check_size
from .magics import without_magics
from .types import Cell

_DEPTH = 200
_OTHER_KERNEL = re.compile(
    r"(?:ir|r|julia|scala|bash|octave|rust|java|javascript|deno|node|matlab|\.net|sql|go|kotlin|ruby|perl)\b", re.IGNORECASE
)
_PYTHON = ("python", "ipython", "pyspark", "sage")
_EVENT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{},:]', re.DOTALL)
_PATHS = (("cells", "source"), ("worksheets", "cells", "input"))
_CELL_PATHS = (("cells",), ("worksheets", "cells"))
_BYTE = re.compile(r"\(byte (\d+)\)")


class _RawCell(msgspec.Struct, gc=False):
    cell_type: str = ""
    source: str | list[str] | None = None
    input: str | list[str] | None = None  # nbformat 3
    metadata: Any = None
    execution_count: Any = None
    prompt_number: Any = None  # nbformat 3
    language: Any = None  # nbformat 3


class _Sheet(msgspec.Struct, gc=False):
    cells: list[_RawCell] = []


class _Raw(msgspec.Struct, gc=False):
    """Outputs are not named here, so they are skipped while reading."""

    cells: list[_RawCell] | None = None
    worksheets: list[_Sheet] | None = None
    metadata: Any = None


@dataclass(frozen=True, slots=True)
class Notebook:
    """The code cells, magics replaced by placeholders."""

    texts: tuple[str, ...]
    cell_shells: tuple[tuple[str, ...], ...]
    cells: tuple[Cell, ...]

    @property
    def text(self) -> str:
        """The joined text."""
        return "".join(f"{text}\n" for text in self.texts)

    @property
    def shells(self) -> tuple[str, ...]:
        return tuple(shell for shells in self.cell_shells for shell in shells)

    def without(self, bad: Sequence[int]) -> Notebook:
        """The same with some cells blanked out."""
        left = set(bad)
        texts = tuple("\n" * text.count("\n") if index in left else text for index, text in enumerate(self.texts))
        return replace(
            self, texts=texts, cell_shells=tuple(() if index in left else shells for index, shells in enumerate(self.cell_shells))
        )

    def placed(self, refused: RefusedError) -> RefusedError:
        """The same refusal with the line of the JSON file."""
        found = refused.unreadable
        index = bisect_right([cell.first_line for cell in self.cells], found.line) - 1
        if index < 0:
            return refused
        cell = self.cells[index]
        line = cell.json_lines[min(found.line - cell.first_line, len(cell.json_lines) - 1)]
        return RefusedError(f"cell {cell.index + 1}: {found.reason}", line, 1, found.limit)


def joined(data: bytes) -> Notebook:
    """The code of a notebook's bytes; no cells at all where the notebook's language is not Python."""
    check_size(data, NOTEBOOK_BYTES)
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise RefusedError("the notebook is empty")
    places = _source_lines(data)
    raw = _decoded(data)
    if raw.cells is None and raw.worksheets is None:
        raise RefusedError("the file is JSON but not a notebook: it has no cells")
    listed = [*(raw.cells or ()), *(cell for sheet in raw.worksheets or () for cell in sheet.cells)]
    if not _is_python(raw.metadata, listed):
        return Notebook((), (), ())
    return _code_cells(listed, places)


def _decoded(data: bytes) -> _Raw:
    try:
        return msgspec.json.decode(data, type=_Raw)
    except msgspec.ValidationError as error:
        raise RefusedError(f"the file is JSON but not a notebook: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        found = _BYTE.search(str(error))
        line = data.count(b"\n", 0, int(found[1])) + 1 if found else 1
        raise RefusedError("the notebook is not valid JSON", line) from None


def _code_cells(listed: Sequence[_RawCell], places: Sequence[Sequence[int]]) -> Notebook:
    texts, shells, cells = [], [], []
    first_line = 1
    for index, raw in enumerate(listed):
        if raw.cell_type != "code":
            continue
        source = raw.source if raw.source is not None else raw.input
        pieces = [source] if isinstance(source, str) else source or []
        text, cell_shells = without_magics("".join(pieces).replace("\r\n", "\n").replace("\r", "\n"))
        lines = _json_lines(pieces, places[index] if index < len(places) else ())
        number = raw.execution_count if raw.execution_count is not None else raw.prompt_number
        tags = raw.metadata.get("tags") if isinstance(raw.metadata, dict) else None
        tags = tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
        cells.append(Cell(index, first_line, lines, number if isinstance(number, int) else None, tags))
        texts.append(text)
        shells.append(cell_shells)
        first_line += text.count("\n") + 1
    return Notebook(tuple(texts), tuple(shells), tuple(cells))


def _json_lines(pieces: Sequence[str], places: Sequence[int]) -> tuple[int, ...]:
    """The line of the JSON file for each line of a cell."""
    pieces = [piece.replace("\r\n", "\n").replace("\r", "\n") for piece in pieces]
    ends = list(accumulate(map(len, pieces)))
    lines = []
    start = 0
    for line in "".join(pieces).split("\n"):
        piece = min(bisect_right(ends, start), len(places) - 1)
        lines.append(places[piece] if places else 1)
        start += len(line) + 1
    return tuple(lines)


def _is_python(metadata: Any, cells: Sequence[_RawCell]) -> bool:
    about = metadata if isinstance(metadata, dict) else {}
    kernel, language = (part if isinstance(part := about.get(key), dict) else {} for key in ("kernelspec", "language_info"))
    named = language.get("name") or kernel.get("language") or next((cell.language for cell in cells if cell.language), None)
    if isinstance(named, str):
        return named.lower().startswith(_PYTHON)
    name = kernel.get("name")
    return not (isinstance(name, str) and _OTHER_KERNEL.match(name))


def _source_lines(data: bytes) -> list[list[int]]:
    """For each cell, the line of the file on which each string of its source starts."""
    ends = [found.start() for found in re.finditer(rb"\n", data)]
    cells: list[list[int]] = []
    frames: list[str | None] = []  # one per open bracket: the key being read in an object, None in an array
    path: tuple[str, ...] = ()
    awaits_key = False
    for event in _EVENT.finditer(data):
        found = event[0]
        first = found[:1]
        if first == b'"':
            if awaits_key:
                frames[-1] = found[1:-1].decode("utf-8", "replace")
                path = tuple([key for key in frames if key])
                awaits_key = False
            elif path in _PATHS and cells:
                cells[-1].append(bisect_right(ends, event.start()) + 1)
        elif first in b"{[":
            if first == b"{" and path in _CELL_PATHS and frames[-1] is None:
                cells.append([])
            frames.append("" if first == b"{" else None)
            if len(frames) > _DEPTH:
                raise RefusedError(f"the JSON is nested more than {_DEPTH} deep", bisect_right(ends, event.start()) + 1, limit=True)
            awaits_key = first == b"{"
        elif first in b"}]":
            if frames:
                frames.pop()
            path = tuple([key for key in frames if key])
            awaits_key = False
        elif first == b",":
            awaits_key = bool(frames) and frames[-1] is not None
    return cells
