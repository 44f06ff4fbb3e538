"""Which columns a fit or a prediction gets, by name and in order, and whether it gets them by position only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow.values import Choice, Data, Frame, Instance, Mapping, Method, Object, Sequence, Value, unwrap

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

Names = tuple[tuple[str, ...], bool]
"""(names in order, () where they cannot be told; whether only their positions count)"""
UNKNOWN: Names = ((), False)


def of_inputs(values: list[Value]) -> Names:
    """Of what a call learns from or answers for."""
    return of(values[0]) if len(values) == 1 else UNKNOWN


def of(value: Value, depth: int = 3) -> Names:
    """The columns in a table, an array or rows that are spelled; unknown where there may be others."""
    value = unwrap(value)
    if isinstance(value, Frame):
        return _of_table(value), False
    if isinstance(value, Data):
        return value.names, True
    if isinstance(value, Choice):
        options = {of(option, depth) for option in value.options}
        return options.pop() if len(options) == 1 else UNKNOWN
    if isinstance(value, Object) and "#data0" in value.state:
        return of(value.state["#data0"], depth)
    if isinstance(value, Sequence) and depth:
        return _of_rows(value, depth)
    return UNKNOWN


def _of_table(frame: Frame) -> tuple[str, ...]:
    state = frame.state
    if state.open or state.hidden or state.partial or any(HOLE in name for name in state.columns):
        return ()
    return tuple(state.columns)


def _of_rows(rows: Sequence, depth: int) -> Names:
    """`[[request.age, request.income]]`: rows that name a field at each position."""
    items, element, open_ = rows.state
    if open_ or (items is not None and element is not None):
        return UNKNOWN
    parts = items if items is not None else (element,) if element is not None else ()
    if parts and all(isinstance(unwrap(part), Sequence) for part in parts):
        found = {of(part, depth - 1) for part in parts}
        return found.pop() if len(found) == 1 else UNKNOWN
    if items is None:
        return UNKNOWN
    names = tuple(map(_field, items))
    return (names, True) if names and all(names) else UNKNOWN


def _field(value: Value) -> str:
    """The field of a request that a value is, "" where it is none."""
    value = unwrap(value)
    if isinstance(value, Method) and isinstance(value.receiver, Instance) and value.name in value.receiver.cls.fields:
        return value.name
    return ""


def fields_of(run: Interpreter, value: Value) -> tuple[str, ...]:
    """The names of the fields of an object, those of base classes first; () where it has none."""
    if not isinstance(value, Instance):
        return ()
    return tuple(dict.fromkeys(name for ancestor in reversed(run.names.lineage(value.cls)) for name in ancestor.fields))


def spelled(value: Value | None) -> Mapping | None:
    """`[{"age": …, "income": …}]`: the one row that a table is made of."""
    inner = unwrap(value) if value is not None else None
    if isinstance(inner, Sequence) and inner.items is not None and len(inner.items) == 1 and not inner.state[2] and inner.state[1] is None:
        inner = unwrap(inner.items[0])
    elif isinstance(inner, Sequence) and inner.items is None and inner.state[1] is not None:
        inner = unwrap(inner.state[1])
    return inner if isinstance(inner, Mapping) else None
