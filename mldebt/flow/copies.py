"""Copies of remembered results: cells of one call's arguments become those of another's, cells made in the call become new ones."""

from __future__ import annotations

from collections.abc import Callable
from operator import is_
from typing import Any

from mldebt.flow.formula import Formula
from mldebt.flow.heap import Heap
from mldebt.flow.values import (
    Bound,
    Cell,
    Choice,
    Class,
    Const,
    Data,
    Frame,
    FrameState,
    Function,
    Grouped,
    Instance,
    Leaf,
    Library,
    Mapping,
    Method,
    Module,
    Namespace,
    Object,
    Parser,
    Partial,
    Sequence,
    Super,
    Top,
    Value,
    View,
)


class Copying:
    """Copies values: cells of one call's arguments become those of another's, cells made in the call become new ones, older ones stay."""

    def __init__(self, heap: Heap, born: int, replaced: dict[int, Cell]) -> None:
        self._heap = heap
        self._born = born
        self._known: dict[int, Cell] = dict(replaced)

    def value(self, value: Any) -> Any:
        kind = type(value)
        if kind in _PLAIN:
            return value
        if isinstance(value, Cell):
            known = self._known.get(value.serial)
            return known if known is not None else value if value.serial <= self._born else self._fresh(value)
        maker = _COPIES.get(kind)
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


_PLAIN = frozenset({type(None), Const, Top, Data, Library, Class, Function, Module, View})
"""Kinds of values that hold no others."""


def _choice(copy: Callable[[Any], Any], value: Choice) -> Choice:
    options = tuple(map(copy, value.options))
    return value if all(map(is_, options, value.options)) else Choice(options)


_COPIES: dict[type, Callable[[Callable[[Any], Any], Any], Value]] = {
    Choice: _choice,
    Leaf: lambda copy, value: value if type(value.value) in _PLAIN else Leaf(value.key, copy(value.value), value.listed),
    Bound: lambda copy, value: Bound(copy(value.function), copy(value.receiver)),
    Partial: lambda copy, value: Partial(
        copy(value.target), tuple(map(copy, value.arguments)), tuple((k, copy(v)) for k, v in value.keywords)
    ),
    Method: lambda copy, value: Method(copy(value.receiver), value.type, value.name),
    Formula: lambda copy, value: value.copied(copy),
    Super: lambda copy, value: Super(value.cls, copy(value.receiver)),
    Grouped: lambda copy, value: Grouped(copy(value.frame), value.keys, value.selected, value.type, value.single),
}
