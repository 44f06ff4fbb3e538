"""Stores into tables: columns by name, cells by row and name, attributes, new names for all columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow import rows, tables
from mldebt.flow.events import CallFrame
from mldebt.flow.frame_state import FrameState
from mldebt.flow.joins import join_data
from mldebt.flow.values import (
    Const,
    Data,
    Frame,
    Method,
    Place,
    SliceValue,
    Value,
    options_of,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def store_column(run: Interpreter, owner: Value, key: Value, value: Value, at: Place, call_frame: CallFrame) -> None:
    """`frame[key] = value`; on arrays and columns the value joins nothing we track, so it is used."""
    if not isinstance(owner, Frame):
        run.use(value, at, "is stored in an array")
        run.use(key, at, "is an index of an array")
        return
    if any(isinstance(option, Data) for option in options_of(key)):
        run.use(key, at, "filters rows")
        run.use(value, at, "replaces values")
        return
    names, unknown = tables.names_in(run, key, at)
    data = tables.data_of(run, value, at)
    state = owner.state
    columns = dict(state.columns)
    if unknown or not names:
        hidden = state.hidden | data.bits | tables.made_column(run, "*", data, at, call_frame)
        run.world.use_bits(hidden, at, "is stored under a name computed at run time")
        run.world.heap.write(owner, rows.with_hidden(state, data).changed(hidden=hidden))
        return
    for name, place in names:
        strong = len(names) == 1
        bit = tables.made_column(run, name, data, place if place[0] == at[0] else at, call_frame)
        columns[name] = bit if strong else columns.get(name, 0) | bit
    run.world.heap.write(owner, rows.with_columns(state, columns, [name for name, _ in names], data.origin))


def store_attribute(run: Interpreter, frame: Frame, name: str, value: Value, at: Place, call_frame: CallFrame) -> None:
    """`frame.name = value`: new names for all columns, a column that is there, or something that is no column."""
    state = frame.state
    if name == "columns":
        names = _all_names(run, value, at)
        run.world.heap.write(frame, _renamed_at_once(state, names))
    elif name in state.columns:
        store_column(run, frame, Const(name), value, at, call_frame)
    else:
        run.use(value, at, f"is set as '{name}' of a table")


def _all_names(run: Interpreter, value: Value, at: Place) -> tuple[str, ...]:
    """The names in their order, () where some are unknown."""
    names, unknown = tables.names_in(run, value, at)
    known = run.known_elements(value, at) or ()
    return tuple(name for name, _ in names) if not unknown and len(names) == len(known) else ()


def _renamed_at_once(state: FrameState, names: tuple[str, ...]) -> FrameState:
    """By position where the old names are known, else each new name may be any of the old columns."""
    everything = state.all_bits()
    if not names:
        return state.scrambled()
    if state.open or state.hidden or len(names) != len(state.columns):
        return state.changed(dict.fromkeys(names, everything), open_=False, hidden=0, aggregates=state.all_aggregates())
    marks = {new: state.marks[old] for new, old in zip(names, state.columns, strict=True) if old in state.marks}
    return state.changed(dict(zip(names, state.columns.values(), strict=True)), marks=marks)


def store_indexer(run: Interpreter, owner: Method, key: Value, value: Value, at: Place, call_frame: CallFrame) -> None:
    receiver = owner.receiver
    chosen, columns = tables.rows_and_columns(key)
    run.use(chosen if not isinstance(chosen, SliceValue) else None, at, "filters rows")
    if not isinstance(receiver, Frame) or columns is None or isinstance(columns, SliceValue) or owner.name not in ("loc", "at"):
        run.use(value, at, "replaces values")
        if isinstance(receiver, Frame) and columns is not None:
            run.world.heap.write(receiver, rows.with_hidden(receiver.state, tables.data_of(run, value, at)))
        return
    names, unknown = tables.names_in(run, columns, at)
    data = tables.data_of(run, value, at)
    state = receiver.state
    known = dict(state.columns)
    for name, place in names:
        before = tables.column(run, receiver, name, at, call_frame)
        bit = tables.made_column(run, name, join_data(data, before), place if place[0] == at[0] else at, call_frame)
        known[name] = bit
    changed = rows.with_columns(state, known, [name for name, _ in names], data.origin, kept=True)
    if unknown:
        changed = rows.with_hidden(changed, data)
    run.world.heap.write(receiver, changed)
