"""The shape of a call's arguments: equal shapes give equal results, whichever cells stand in them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from mldebt.flow.formula import Formula
from mldebt.flow.joins import KEYS, key_of
from mldebt.flow.values import (
    Bound,
    Cell,
    Choice,
    Const,
    Frame,
    Grouped,
    Instance,
    Leaf,
    Mapping,
    Method,
    Namespace,
    Object,
    Partial,
    Sequence,
    Super,
    Top,
    Value,
)

MAX_CELLS = 24

Parts = list[Any]
Cells = list[Cell]
Outline = tuple[int, Cells]
"""A number for what a state says itself, and the cells in it, the last one first."""


class Outlines:
    """The outline of each state, taken once: arguments with many attributes cost no more than their cells."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Any, ...], int] = {}

    def of(self, cell: Cell, maker: Callable[[Parts, Cells, Any], None]) -> Outline:
        known = cell.outline
        if known is not None and known[0] is cell.state:
            return known[1]  # type: ignore[no-any-return]  # kept here only
        parts: Parts = []
        inner: Cells = []
        maker(parts, inner, cell)
        inner.reverse()
        outline = self.number(parts), inner
        cell.outline = (cell.state, outline)
        return outline

    def number(self, parts: Parts) -> int:
        return self._numbers.setdefault(tuple(parts), len(self._numbers))


class Shape:
    """`key` says what the values are; `cells` are the cells in them, in the order of the walk. Cells beyond the bound stand for themselves."""

    __slots__ = ("_numbers", "cells", "key")

    def __init__(self, values: list[Value], outlines: Outlines) -> None:
        parts: Parts = []
        pending: Cells = []
        for value in values:
            _add(parts, pending, value)
        self.cells: list[Cell] = []
        self._numbers: dict[int, int] = {}
        key: Parts = [outlines.number(parts)]
        pending.reverse()
        while pending:
            cell = pending.pop()
            number = self._numbers.get(cell.serial)
            maker = _CELLS.get(type(cell)) if number is None else None
            if number is not None:
                key.append(-1 - number)
            elif maker is None or len(self.cells) >= MAX_CELLS:
                key.append((cell.serial, cell.version))
            else:
                self._numbers[cell.serial] = len(self.cells)
                self.cells.append(cell)
                own, inner = outlines.of(cell, maker)
                key.append(own)
                pending += inner
        self.key: Hashable = tuple(key)

    def holds(self, cell: Cell) -> bool:
        return cell.serial in self._numbers


def _add(parts: Parts, cells: Cells, value: Value | None) -> None:
    """Says a value in parts that can be read in one way only; a cell is left as a hole."""
    kind = type(value)
    if kind is Const:
        inner = value.value  # type: ignore[union-attr]  # by its type
        parts += (type(inner), inner if type(inner) is not float else repr(inner))
    elif value is None or kind is Top:
        parts.append(value)
    elif isinstance(value, Cell):
        parts.append(Cell)
        cells.append(value)
    elif kind in _HOLDERS:
        parts.append(kind)
        _HOLDERS[kind](parts, cells, value)
    else:
        parts.append(KEYS[kind](value) if kind in KEYS else value)


def _add_all(parts: Parts, cells: Cells, values: tuple[Value, ...]) -> None:
    parts.append(len(values))
    for value in values:
        _add(parts, cells, value)


def _record(parts: Parts, cells: Cells, state: dict[Any, Value]) -> None:
    parts.append(len(state))
    for name, value in state.items():
        parts += (type(name), name)
        _add(parts, cells, value)


def _sequence(parts: Parts, cells: Cells, cell: Sequence) -> None:
    items, element, open_ = cell.state
    parts += (Sequence, cell.kind, open_, items is None)
    _add_all(parts, cells, items or ())
    _add(parts, cells, element)


def _mapping(parts: Parts, cells: Cells, cell: Mapping) -> None:
    known, element, open_ = cell.state
    parts += (Mapping, open_)
    _record(parts, cells, known)
    _add(parts, cells, element)


def _frame(parts: Parts, cells: Cells, cell: Frame) -> None:
    state = cell.state
    parts += (Frame, cell.type, tuple(state.columns.items()), state.open, state.hidden, state.source, state.index)
    parts += (state.rows, state.aggregates, tuple(state.marks.items()), state.gone, state.moved, state.partial)


def _instance(parts: Parts, cells: Cells, cell: Instance) -> None:
    parts += (Instance, cell.cls.serial)
    _record(parts, cells, cell.state)


def _object(parts: Parts, cells: Cells, cell: Object) -> None:
    parts += (Object, cell.type, cell.site)
    _record(parts, cells, cell.state)


def _namespace(parts: Parts, cells: Cells, cell: Namespace) -> None:
    parts.append(Namespace)
    _record(parts, cells, cell.state)


def _leaf(parts: Parts, cells: Cells, value: Leaf) -> None:
    parts.append(value.key)
    _add(parts, cells, value.value)


def _bound(parts: Parts, cells: Cells, value: Bound) -> None:
    _add(parts, cells, value.function)
    _add(parts, cells, value.receiver)


def _partial(parts: Parts, cells: Cells, value: Partial) -> None:
    _add(parts, cells, value.target)
    _add_all(parts, cells, value.arguments)
    _record(parts, cells, dict(value.keywords))


def _method(parts: Parts, cells: Cells, value: Method) -> None:
    parts += (value.type, value.name)
    _add(parts, cells, value.receiver)


def _super(parts: Parts, cells: Cells, value: Super) -> None:
    parts.append(value.cls.serial)
    _add(parts, cells, value.receiver)


def _grouped(parts: Parts, cells: Cells, value: Grouped) -> None:
    parts += (tuple((value.keys or {}).items()), value.selected, value.single, value.type)
    _add(parts, cells, value.frame)


_CELLS: dict[type, Callable[[Parts, Cells, Any], None]] = {
    Sequence: _sequence,
    Mapping: _mapping,
    Frame: _frame,
    Instance: _instance,
    Object: _object,
    Namespace: _namespace,
}
_HOLDERS: dict[type, Callable[[Parts, Cells, Any], None]] = {
    Choice: lambda parts, cells, value: _add_all(parts, cells, value.options),
    Leaf: _leaf,
    Bound: _bound,
    Partial: _partial,
    Method: _method,
    Super: _super,
    Grouped: _grouped,
    Formula: lambda parts, cells, value: parts.append(value.key(key_of)),
}
