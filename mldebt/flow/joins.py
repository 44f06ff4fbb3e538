"""Joining, comparing and digesting values. ⊤ absorbs nothing that is tracked."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

from mldebt.flow.formula import Formula
from mldebt.flow.table_names import TableNames
from mldebt.flow.values import (
    MAX_CHOICE,
    MAX_FRAMES,
    TOP,
    Bound,
    Cell,
    Choice,
    Const,
    Data,
    Expression,
    Frame,
    FrameState,
    Function,
    Leaf,
    Library,
    Mapping,
    Method,
    Module,
    Parser,
    Partial,
    Sequence,
    Top,
    Value,
    View,
    options_of,
)


def key_of(value: Value) -> Hashable:
    """Equal keys mean the same value; cells are themselves."""
    maker = KEYS.get(type(value))
    if maker is not None:
        return maker(value)
    return ("cell", value.serial) if isinstance(value, Cell) else ("id", id(value))


def _const_key(value: Const) -> Hashable:
    inner = value.value
    return (type(inner), repr(inner)) if type(inner) is float else (type(inner), inner)


def _choice_key(value: Choice) -> Hashable:
    return ("choice", tuple(key_of(option) for option in value.options))


KEYS: dict[type, Callable[[Any], Hashable]] = {
    Const: _const_key,
    Choice: _choice_key,
    Top: lambda value: "top",
    Leaf: lambda value: ("leaf", value.key, key_of(value.value)),
    Library: lambda value: ("lib", value.name),
    Module: lambda value: ("mod", value.number),
    View: lambda value: ("view", value.source, value.path),
    Data: lambda value: ("data", value.bits, value.type, value.predictions, value.decisions, value.origin.key(), value.names),
    Bound: lambda value: ("bound", key_of(value.function), key_of(value.receiver)),
    Partial: lambda value: (
        "partial",
        key_of(value.target),
        tuple(map(key_of, value.arguments)),
        tuple((k, key_of(v)) for k, v in value.keywords),
    ),
    Method: lambda value: ("method", key_of(value.receiver), value.type, value.name),
    Function: lambda value: ("fn", value.serial),
    Formula: lambda value: value.key(key_of),
    Expression: lambda value: value.payload.key() if isinstance(value.payload, TableNames) else ("id", id(value)),
}


def join(first: Value | None, second: Value | None) -> Value:
    """Either value; `None` is "not there" and gives way."""
    if first is None or first is second:
        return second if second is not None else TOP
    if second is None:
        return first
    if type(first) is Data and type(second) is Data:
        return join_data(first, second)
    if type(first) is Choice:
        if _is_in(first, second):
            return first
        if type(first.keys) is dict:
            return _choice(first.keys.copy(), options_of(second))
    return _choice({}, (*options_of(first), *options_of(second)))


def _is_in(choice: Choice, value: Value) -> bool:
    """Whether a choice has all the options of a value already."""
    known, keys = choice.options, choice.keys
    return all(option in known or (type(option) is not Data and key_of(option) in keys) for option in options_of(value))


def join_data(first: Data, second: Data) -> Data:
    if (
        first.bits == second.bits
        and first.predictions == second.predictions
        and first.decisions == second.decisions
        and (first.origin is second.origin or first.origin.key() == second.origin.key())
        and first.names == second.names
    ):
        return first
    return Data(
        first.bits | second.bits,
        first.type if first.type == second.type else "",
        first.predictions | second.predictions,
        first.decisions | second.decisions,
        first.name or second.name,
        first.origin.or_else(second.origin),
        first.names if first.names == second.names else (),
    )


def combined(first: Data, second: Data) -> Data:
    """Data made of both, as an operator or a call makes it."""
    found = join_data(first, second)
    origin = first.origin.beside(second.origin)
    return found if found.origin is origin else found.from_rows(origin)


def whole(frame: Frame) -> Data:
    """All values of a table."""
    return Data(frame.state.all_bits(), origin=frame.state.origin())


spilled: list[Value] = []
"""Values that a choice became too wide for; the interpreter lets them escape at its next call."""


def choice_of(options: tuple[Value, ...]) -> Value:
    """A choice without doubles; too many constants become ⊤, too many tables one data value, other tracked values spill."""
    return _choice({}, options)


def _choice(seen: dict[Hashable, Value], options: tuple[Value, ...]) -> Value:
    """The values seen, by their keys, and more of them."""
    data: Data | None = seen.pop("data", None) if seen else None  # type: ignore[assignment]  # that key is for data
    for option in options:
        kind = type(option)
        if kind is Const:
            inner = option.value  # type: ignore[attr-defined]  # by its type
            key: Hashable = (type(inner), repr(inner) if type(inner) is float else inner)
        elif kind is Data:
            data = option if data is None else join_data(data, option)  # type: ignore[arg-type, assignment]  # by its type
            continue
        else:
            maker = KEYS.get(kind)
            key = maker(option) if maker is not None else key_of(option)
        if key not in seen:
            seen[key] = option
    if len(seen) > MAX_FRAMES:
        data = _widen_frames(seen, data)
    if data is not None:
        seen["data"] = data
    wide = len(seen) > MAX_CHOICE
    if wide:
        seen = _widen(seen)
    if len(seen) == 1:
        return next(iter(seen.values()))
    made = Choice(tuple(seen.values()))
    made.keys = seen.keys() if wide else seen
    return made


def _widen_frames(seen: dict[Hashable, Value], data: Data | None) -> Data | None:
    frames = [key for key, option in seen.items() if isinstance(option, Frame)]
    if len(frames) <= MAX_FRAMES:
        return data
    bits = 0
    for key in frames:
        frame = seen.pop(key)
        assert isinstance(frame, Frame)
        bits |= frame.state.all_bits()
        spilled.append(frame)
    return Data(bits) if data is None else join_data(data, Data(bits))


def _widen(seen: dict[Hashable, Value]) -> dict[Hashable, Value]:
    kept: dict[Hashable, Value] = {}
    for key, option in seen.items():
        if isinstance(option, Leaf):
            kept.setdefault(("leaf", option.key, option.listed), Leaf(option.key, TOP, option.listed))
        elif not isinstance(option, Const | Library):
            kept[key] = option
    if len(kept) > MAX_CHOICE:
        spilled.extend(list(kept.values())[MAX_CHOICE:])
        kept = dict(list(kept.items())[:MAX_CHOICE])
    kept["top"] = TOP
    return kept


def join_all(values: Iterator[Value] | tuple[Value, ...] | list[Value]) -> Value | None:
    result: Value | None = None
    for value in values:
        result = join(result, value)
    return result


def join_states(cell: Cell, first: Any, second: Any) -> Any:
    """The state of a cell after two arms."""
    if first is second:
        return first
    if isinstance(cell, Sequence):
        return _join_sequences(first, second)
    if isinstance(cell, Mapping):
        entries = _join_dicts(first[0], second[0])
        element = None if first[1] is None and second[1] is None else join(first[1], second[1])
        return entries, element, first[2] or second[2]
    if isinstance(cell, Frame):
        return join_frames(first, second)
    if isinstance(cell, Parser):
        return (
            tuple(dict.fromkeys((*first[0], *second[0]))),
            tuple({child.serial: child for child in (*first[1], *second[1])}.values()),
            _join_dicts(first[2], second[2]),
        )
    return _join_dicts(first, second)


def _join_dicts(first: dict[Any, Value], second: dict[Any, Value]) -> dict[Any, Value]:
    joined = dict(first)
    for key, value in second.items():
        joined[key] = join(joined[key], value) if key in joined else value
    return joined


def _join_sequences(first: Any, second: Any) -> Any:
    open_ = first[2] or second[2]
    if first[0] is not None and second[0] is not None and len(first[0]) == len(second[0]):
        items = tuple(join(a, b) for a, b in zip(first[0], second[0], strict=True))
        return items, join(first[1], second[1]) if first[1] or second[1] else None, open_
    element = join_all([*(first[0] or ()), *(second[0] or ()), *(e for e in (first[1], second[1]) if e is not None)])
    return None, element, open_


def join_frames(first: FrameState, second: FrameState) -> FrameState:
    columns = dict(first.columns)
    for name, bits in second.columns.items():
        columns[name] = columns.get(name, 0) | bits
    joined = FrameState(
        columns,
        first.open or second.open,
        first.hidden | second.hidden,
        common_source(first, second),
        first.index | second.index,
        first.rows & second.rows,
    )
    joined.aggregates = first.aggregates | second.aggregates
    joined.gone = first.gone | second.gone
    joined.marks = merged(first.marks, second.marks)
    joined.doubtful = merged(first.doubtful, second.doubtful)
    joined.moved = first.moved or second.moved
    joined.partial = first.partial or second.partial
    return joined


def merged(first: dict[str, int], second: dict[str, int]) -> dict[str, int]:
    """Bits by name, of both."""
    if first is second or not second:
        return first
    return {name: first.get(name, 0) | second.get(name, 0) for name in (*first, *(other for other in second if other not in first))}


def common_source(first: FrameState, second: FrameState) -> int:
    """The read that columns nobody named come from, where only one of two tables can have any; -1 where it cannot be told."""
    open_ones = {state.source for state in (first, second) if state.open}
    return open_ones.pop() if len(open_ones) == 1 else -1
