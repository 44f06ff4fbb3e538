"""The shape of a call's arguments: equal shapes give equal results, whichever cells stand in them; copies that put other cells in."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from mldebt.flow.formula import Formula
from mldebt.flow.heap import Heap
from mldebt.flow.joins import key_of
from mldebt.flow.values import (
    Bound,
    Cell,
    Choice,
    Const,
    Frame,
    FrameState,
    Function,
    Grouped,
    Instance,
    Leaf,
    Mapping,
    Method,
    Namespace,
    Object,
    Parser,
    Partial,
    Sequence,
    Super,
    Top,
    Value,
)

MAX_CELLS = 24


class Shape:
    """`key` says what the values are; `cells` are the cells in them, in the order of the walk. Cells beyond the bound stand for themselves."""

    __slots__ = ("_numbers", "cells", "key")

    def __init__(self, values: list[Value]) -> None:
        self.cells: list[Cell] = []
        self._numbers: dict[int, int] = {}
        self.key: Hashable = tuple([self._of(value) for value in values])

    def _of(self, value: Value | None) -> Hashable:
        if value is None:
            return None
        kind = type(value)
        if kind is Const:
            return (type(value.value), value.value) if type(value.value) is not float else (float, repr(value.value))  # type: ignore[attr-defined]
        if kind is Top:
            return "top"
        if isinstance(value, Cell):
            return self._cell(value)
        maker = _HOLDERS.get(kind)
        return maker(self._of, value) if maker is not None else key_of(value)

    def _cell(self, cell: Cell) -> Hashable:
        number = self._numbers.get(cell.serial)
        if number is not None:
            return ("again", number)
        maker = _CELLS.get(type(cell))
        if maker is None or len(self.cells) >= MAX_CELLS:
            return ("cell", cell.serial, cell.version)
        self._numbers[cell.serial] = len(self.cells)
        self.cells.append(cell)
        return maker(self._of, cell)

    def holds(self, cell: Cell) -> bool:
        return cell.serial in self._numbers


Of = Callable[[Value | None], Hashable]


def _sequence(of: Of, cell: Sequence) -> Hashable:
    items, element, open_ = cell.state
    return (cell.kind, None if items is None else tuple(map(of, items)), of(element), open_)


def _mapping(of: Of, cell: Mapping) -> Hashable:
    known, element, open_ = cell.state
    return ("dict", tuple([(type(key), key, of(value)) for key, value in known.items()]), of(element), open_)


def _record(of: Of, state: dict[str, Value]) -> Hashable:
    return tuple([(name, of(value)) for name, value in state.items()])


def _frame(of: Of, cell: Frame) -> Hashable:
    state = cell.state
    return ("frame", cell.type, tuple(state.columns.items()), state.open, state.hidden, state.source, state.index)


_CELLS: dict[type, Callable[[Of, Any], Hashable]] = {
    Sequence: _sequence,
    Mapping: _mapping,
    Frame: _frame,
    Instance: lambda of, cell: ("instance", cell.cls.serial, _record(of, cell.state)),
    Object: lambda of, cell: ("object", cell.type, cell.site, _record(of, cell.state)),
    Namespace: lambda of, cell: ("namespace", _record(of, cell.state)),
}
_HOLDERS: dict[type, Callable[[Of, Any], Hashable]] = {
    Choice: lambda of, value: ("choice", tuple(map(of, value.options))),
    Leaf: lambda of, value: ("leaf", value.key, of(value.value)),
    Bound: lambda of, value: ("bound", of(value.function), of(value.receiver)),
    Partial: lambda of, value: ("partial", of(value.target), tuple(map(of, value.arguments)), tuple((k, of(v)) for k, v in value.keywords)),
    Method: lambda of, value: ("method", of(value.receiver), value.type, value.name),
    Super: lambda of, value: ("super", value.cls.serial, of(value.receiver)),
    Grouped: lambda of, value: ("grouped", of(value.frame), tuple((value.keys or {}).items()), value.selected, value.single, value.type),
    Function: lambda of, value: ("fn", value.serial),
    Formula: lambda of, value: value.key(of),
}


class Copying:
    """Copies values: cells of one call's arguments become those of another's, cells made in the call become new ones, older ones stay."""

    def __init__(self, heap: Heap, born: int, replaced: dict[int, Cell]) -> None:
        self._heap = heap
        self._born = born
        self._known: dict[int, Cell] = dict(replaced)

    def value(self, value: Any) -> Any:
        if isinstance(value, Cell):
            known = self._known.get(value.serial)
            return known if known is not None else value if value.serial <= self._born else self._fresh(value)
        maker = _COPIES.get(type(value))
        return maker(self.value, value) if maker is not None else value

    def state(self, cell: Cell, state: Any) -> Any:
        """The state of a cell with the values in it copied."""
        copy = self.value
        if isinstance(cell, Sequence):
            items, element, open_ = state
            return (None if items is None else tuple(map(copy, items)), copy(element), open_)
        if isinstance(cell, Mapping):
            known, element, open_ = state
            return ({key: copy(value) for key, value in known.items()}, copy(element), open_)
        if isinstance(cell, Instance | Object | Namespace):
            return {name: copy(value) for name, value in state.items()}
        if isinstance(cell, Parser):
            options, children, defaults = state
            return (options, tuple(map(copy, children)), {name: copy(value) for name, value in defaults.items()})
        return state

    def _fresh(self, cell: Cell) -> Cell:
        serial = self._heap.next_serial()
        made: Cell
        if isinstance(cell, Sequence):
            made = Sequence(serial, cell.kind, None)
        elif isinstance(cell, Mapping):
            made = Mapping(serial, ({}, None, False))
        elif isinstance(cell, Frame):
            made = Frame(serial, cell.type, FrameState({}, True))
        elif isinstance(cell, Instance):
            made = Instance(serial, cell.cls)
        elif isinstance(cell, Object):
            made = Object(serial, cell.type, cell.site)
        elif isinstance(cell, Namespace):
            made = Namespace(serial, {})
        elif isinstance(cell, Parser):
            made = Parser(serial, None, cell.role)
            self._known[cell.serial] = made
            made.parent = self.value(cell.parent) if cell.parent is not None else None
        else:
            return cell
        self._known[cell.serial] = made
        made.state = self.state(cell, cell.state)
        return made

    @property
    def count(self) -> int:
        return len(self._known)


_COPIES: dict[type, Callable[[Callable[[Any], Any], Any], Value]] = {
    Choice: lambda copy, value: Choice(tuple(map(copy, value.options))),
    Leaf: lambda copy, value: Leaf(value.key, copy(value.value), value.listed),
    Bound: lambda copy, value: Bound(copy(value.function), copy(value.receiver)),
    Partial: lambda copy, value: Partial(
        copy(value.target), tuple(map(copy, value.arguments)), tuple((k, copy(v)) for k, v in value.keywords)
    ),
    Method: lambda copy, value: Method(copy(value.receiver), value.type, value.name),
    Super: lambda copy, value: Super(value.cls, copy(value.receiver)),
    Formula: lambda copy, value: value.copied(copy),
    Grouped: lambda copy, value: Grouped(copy(value.frame), value.keys, value.selected, value.type, value.single),
}
