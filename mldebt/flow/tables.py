"""Tables: columns by name, selection, assignment. What we cannot name exactly stays in, so that nothing is claimed unused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow import rows
from mldebt.flow.events import CallFrame, Decided, Narrowed
from mldebt.flow.joins import combined, join_data, whole
from mldebt.flow.origin import Origin
from mldebt.flow.values import (
    TOP,
    Choice,
    Const,
    Data,
    Frame,
    Grouped,
    Leaf,
    Method,
    Place,
    Sequence,
    SliceValue,
    Value,
    View,
    options_of,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

INDEXERS = frozenset({"loc", "iloc", "at", "iat", "ix"})
NOT_COLUMNS = frozenset({"index", "name", "attrs", "style", "flags", "dtype"})


def names_in(run: Interpreter, value: Value, at: Place, inside: frozenset[int] = frozenset()) -> tuple[list[tuple[str, Place]], bool]:
    """Column names a value spells, with their places, and whether it may spell others we cannot see (a list in itself: `inside`)."""
    names: list[tuple[str, Place]] = []
    unknown = False
    for option in options_of(run.look_at(value, at, "names columns")):
        if isinstance(option, Const):
            if isinstance(option.value, str):
                names.append((option.value, option.at or at))
            else:
                unknown = unknown or option.value is not None
        elif isinstance(option, View):
            listed = run.settings.texts(option, at)
            unknown = unknown or listed is None
            names.extend((name, at) for name in listed or ())
        elif isinstance(option, Sequence):
            items, element, open_ = option.state
            unknown = unknown or open_ or (items is None)
            for item in (*(items or ()), *([element] if element is not None else ())):
                nested = isinstance(item, Sequence) or option.serial in inside
                more, hidden = names_in(run, item, at, inside | {option.serial}) if not nested else ([], True)
                names.extend(more)
                unknown = unknown or hidden
        else:
            unknown = True
    return names, unknown


def matching(columns: dict[str, int], name: str) -> int:
    """The bits of the columns a name (or template) may mean."""
    bits = columns.get(name, 0)
    if HOLE in name:
        pattern = template(name)
        for other, more in columns.items():
            if pattern.fullmatch(other.replace(HOLE, "x")):
                bits |= more
    for other, more in columns.items():
        if HOLE in other and template(other).fullmatch(name):
            bits |= more
    return bits


def template(name: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(piece) for piece in name.split(HOLE)), re.DOTALL)


def column(run: Interpreter, frame: Frame, name: str, at: Place, call_frame: CallFrame | None) -> Data:
    """`frame[name]`: its producers, or a column of the file the table was read from."""
    state = frame.state
    bits = matching(state.columns, name)
    if not bits:
        bits = state.hidden
        if state.open and state.source >= 0 and call_frame is not None:
            bits |= run.world.column(name, run.world.sources[state.source][1], 0, False, call_frame)
    type_name = _column_type(run, frame)
    found = Data(bits, type_name, run.world.predictions_in(bits), frozenset(), name, rows.column_origin(state, name))
    found.home = frame
    return found


def use_columns(run: Interpreter, frame: Frame, value: Value | None, at: Place, why: str) -> None:
    """Columns by name are used: keys of joins, groups, orders."""
    if value is None or (isinstance(value, Const) and value.value is None):
        return
    if any(isinstance(option, Data) for option in options_of(value)):
        run.use(value, at, why)
        return
    names, unknown = names_in(run, value, at)
    for name, _place in names:
        run.world.use_bits(matching(frame.state.columns, name) or frame.state.hidden, at, why)
    if unknown:
        run.world.use_bits(frame.state.all_bits(), at, why)


def _column_type(run: Interpreter, frame: Frame) -> str:
    model = run.world.knowledge.method(frame.type, "__getitem__")
    return model.returns if model is not None else ""


def attribute(run: Interpreter, owner: Value, name: str, at: Place, call_frame: CallFrame) -> Value:
    type_name = owner.type if isinstance(owner, Frame | Data | Grouped) else ""
    if isinstance(owner, Frame) and name in owner.state.columns:
        return column(run, owner, name, at, call_frame)
    if name in INDEXERS and isinstance(owner, Frame | Data):
        return Method(owner, type_name, name)
    model = run.world.knowledge.method(type_name, name)
    if model is not None:
        return run.verbs.property(model, owner, at, call_frame) if model.property else Method(owner, type_name, name)
    if isinstance(owner, Frame) and owner.state.open and not name.startswith("_"):
        return column(run, owner, name, at, call_frame)
    if isinstance(owner, Grouped):
        return select_group(run, owner, [(name, at)])
    if isinstance(owner, Data):
        return owner.of_type(f"{type_name}.{name}" if type_name else "")
    return Method(owner, type_name, name)


def load_item(run: Interpreter, owner: Value, key: Value, at: Place, call_frame: CallFrame) -> Value:
    if isinstance(owner, Data):
        return _data_item(run, owner, key, at)
    if isinstance(owner, Grouped):
        names, unknown = names_in(run, key, at)
        return owner if unknown else select_group(run, owner, names, single=not isinstance(key, Sequence))
    assert isinstance(owner, Frame)
    options = options_of(run.look_at(key, at, "names columns"))
    texts = [option for option in options if isinstance(option, Const) and isinstance(option.value, str)]
    if len(texts) == len(options):
        found = column(run, owner, texts[0].value, at, call_frame)
        for option in texts[1:]:
            found = join_data(found, column(run, owner, option.value, at, call_frame))
        return found
    if any(isinstance(option, Data) for option in options):
        run.use(key, at, "filters rows")
        return rows.taken_frame(run, owner, key, at)
    if all(isinstance(option, SliceValue) for option in options):
        return rows.taken_frame(run, owner, key, at)
    names, unknown = names_in(run, key, at)
    if unknown:
        run.escape(key if not isinstance(key, Sequence | View) else None, at, "names columns in a way we cannot follow")
        return rows.partly(run, owner, listed=True, single=all(option is TOP for option in options))
    return select(run, owner, names, at, call_frame)


def _data_item(run: Interpreter, owner: Data, key: Value, at: Place) -> Value:
    for option in options_of(run.look_at(key, at, "is an index")):
        if isinstance(option, Data):
            run.use(option, at, "filters rows")
        elif isinstance(option, Sequence):
            for item in option.items or ():
                if isinstance(item, Data):
                    run.use(item, at, "filters rows")
    return rows.taken_data(run, owner, key, at)


def copy(run: Interpreter, frame: Frame) -> Frame:
    return Frame(run.world.heap.next_serial(), frame.type, frame.state)


def select(run: Interpreter, frame: Frame, names: list[tuple[str, Place]], at: Place, call_frame: CallFrame | None) -> Frame:
    """A table of these columns only; what is left behind is an event."""
    state = frame.state
    columns: dict[str, int] = {}
    for name, _place in names:
        columns[name] = columns.get(name, 0) | column(run, frame, name, at, call_frame).bits
    kept = 0
    for bits in columns.values():
        kept |= bits
    narrowed(run, state.all_bits() & ~kept, at, call_frame, "selected away")
    return Frame(run.world.heap.next_serial(), frame.type, state.changed(columns, open_=False, hidden=0))


def narrowed(run: Interpreter, bits: int, at: Place, call_frame: CallFrame | None, by: str) -> None:
    if bits and call_frame is not None:
        world = run.world
        world.emit(Narrowed("narrowed", at, call_frame, world.stamp(), world.guards, bits, by))


def drop_columns(run: Interpreter, frame: Frame, key: Value, at: Place, call_frame: CallFrame | None, in_place: bool) -> Frame:
    names, unknown = names_in(run, key, at)
    state = frame.state
    columns = dict(state.columns)
    gone = 0
    if not unknown:
        for name, _place in names:
            for known in [k for k in columns if k == name or (HOLE in name and template(name).fullmatch(k))]:
                gone |= columns.pop(known)
    narrowed(run, gone, at, call_frame, "dropped")
    changed = state.changed(columns, gone=state.gone | {name for name, _ in names} if not unknown else None, partial=unknown)
    if in_place:
        run.world.heap.write(frame, changed)
        return frame
    return Frame(run.world.heap.next_serial(), frame.type, changed)


def data_of(run: Interpreter, value: Value, at: Place) -> Data:
    """What a value brings to a column: bits, predictions, decisions; leaves in it are used."""
    found = Data()
    pending: list[Value] = [value]
    seen: set[int] = set()
    while pending:
        item = pending.pop()
        if isinstance(item, Const) or id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, Data):
            found = combined(found, item)
        elif isinstance(item, Frame):
            found = combined(found, whole(item))
        elif isinstance(item, Leaf):
            pending.append(run.look_at(item, at, "goes into a column"))
        elif isinstance(item, Choice):
            pending.extend(item.options)
        elif isinstance(item, Sequence):
            pending.extend((*(item.items or ()), *([item.state[1]] if item.state[1] is not None else ())))
        else:
            run.escape(item, at, "goes into a column")
    return found


def made_column(run: Interpreter, name: str, value: Data, at: Place, call_frame: CallFrame) -> int:
    world = run.world
    for number in value.decisions:
        world.emit(Decided("decided", at, call_frame, world.stamp(), world.guards, number, f"column '{name}'"))
    decided = frozenset().union(*(world.decided.get(number, frozenset()) for number in value.decisions))
    same_row = 0 if value.origin.moved or value.origin.aggregates else value.bits
    return world.column(name, at, value.bits, True, call_frame, value.predictions | decided, same_row)


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
    names, unknown = names_in(run, key, at)
    data = data_of(run, value, at)
    state = owner.state
    columns = dict(state.columns)
    if unknown or not names:
        hidden = state.hidden | data.bits | made_column(run, "*", data, at, call_frame)
        run.world.use_bits(hidden, at, "is stored under a name computed at run time")
        run.world.heap.write(owner, rows.with_hidden(state, data).changed(hidden=hidden))
        return
    for name, place in names:
        strong = len(names) == 1
        bit = made_column(run, name, data, place if place[0] == at[0] else at, call_frame)
        columns[name] = bit if strong else columns.get(name, 0) | bit
    run.world.heap.write(owner, rows.with_columns(state, columns, [name for name, _ in names], data.origin))


def indexer(run: Interpreter, owner: Method, key: Value, at: Place, call_frame: CallFrame) -> Value:
    """`frame.loc[rows, columns]` and its kin; anything else that is subscripted stays what it was."""
    receiver = owner.receiver
    if owner.name not in INDEXERS or not isinstance(receiver, Frame | Data):
        run.escape(key, at, "is a key of something unknown")
        return receiver if isinstance(receiver, Data) else TOP
    chosen, columns = _rows_and_columns(key)
    run.use(chosen if not isinstance(chosen, SliceValue) else None, at, "filters rows")
    if isinstance(receiver, Data):
        return rows.taken_data(run, receiver, chosen, at)
    part = rows.taken_frame(run, receiver, chosen, at)
    if columns is None or (isinstance(columns, SliceValue) and all(bound is None for bound in columns.parts)):
        return part
    if isinstance(columns, SliceValue | Data) or owner.name in ("iloc", "iat"):
        return rows.partly(run, part)
    return load_item(run, part, columns, at, call_frame)


def _rows_and_columns(key: Value) -> tuple[Value, Value | None]:
    if isinstance(key, Sequence) and key.kind == "tuple" and key.items is not None and len(key.items) == 2:
        return key.items[0], key.items[1]
    return key, None


def store_attribute(run: Interpreter, frame: Frame, name: str, value: Value, at: Place, call_frame: CallFrame) -> None:
    """`frame.name = value`: new names for all columns, a column that is there, or something that is no column."""
    state = frame.state
    if name == "columns":
        names, unknown = names_in(run, value, at)
        if unknown or state.open or state.hidden or len(names) != len(state.columns):
            run.world.heap.write(frame, state.changed({}, open_=True, hidden=state.all_bits(), aggregates=state.all_aggregates()))
            return
        renamed = dict(zip((new for new, _ in names), state.columns.values(), strict=True))
        marks = {new: state.marks[old] for (new, _), old in zip(names, state.columns, strict=True) if old in state.marks}
        run.world.heap.write(frame, state.changed(renamed, marks=marks))
    elif name in state.columns or (state.open and name not in NOT_COLUMNS):
        store_column(run, frame, Const(name), value, at, call_frame)
    else:
        run.use(value, at, f"is set as '{name}' of a table")


def store_indexer(run: Interpreter, owner: Method, key: Value, value: Value, at: Place, call_frame: CallFrame) -> None:
    receiver = owner.receiver
    chosen, columns = _rows_and_columns(key)
    run.use(chosen if not isinstance(chosen, SliceValue) else None, at, "filters rows")
    if not isinstance(receiver, Frame) or columns is None or isinstance(columns, SliceValue) or owner.name not in ("loc", "at"):
        run.use(value, at, "replaces values")
        if isinstance(receiver, Frame) and columns is not None:
            run.world.heap.write(receiver, rows.with_hidden(receiver.state, data_of(run, value, at)))
        return
    names, unknown = names_in(run, columns, at)
    data = data_of(run, value, at)
    state = receiver.state
    known = dict(state.columns)
    for name, place in names:
        before = column(run, receiver, name, at, call_frame)
        bit = made_column(run, name, join_data(data, before), place if place[0] == at[0] else at, call_frame)
        known[name] = bit
    changed = rows.with_columns(state, known, [name for name, _ in names], data.origin, kept=True)
    if unknown:
        changed = rows.with_hidden(changed, data)
    run.world.heap.write(receiver, changed)


def names_of(run: Interpreter, frame: Frame, at: Place) -> Value:
    """The names of a table's columns, as iterating over it gives them; an open table may have any."""
    state = frame.state
    if state.open or state.hidden:
        return TOP
    return run.choice(Const(name) for name in state.columns) if state.columns else TOP


def select_group(run: Interpreter, grouped: Grouped, names: list[tuple[str, Place]], single: bool = True) -> Grouped:
    return Grouped(grouped.frame, grouped.keys, tuple(name for name, _ in names), grouped.type, single and len(names) == 1)


def group_frame(run: Interpreter, grouped: Grouped) -> Value:
    """What one group holds."""
    if grouped.selected is None:
        return copy(run, grouped.frame)
    bits = 0
    for name in grouped.selected:
        bits |= matching(grouped.frame.state.columns, name)
    state = grouped.frame.state
    name = grouped.selected[0] if grouped.single else ""
    return Data(bits | state.hidden, _column_type(run, grouped.frame), name=name, origin=Origin(state.rows, state.all_aggregates()))


def as_frame(run: Interpreter, value: Value | None) -> Frame | None:
    """The single table a value is, if it is one."""
    if isinstance(value, Frame):
        return value
    if isinstance(value, Choice):
        frames = [option for option in value.options if isinstance(option, Frame)]
        if len(frames) == 1 and all(isinstance(o, Const) and o.value is None for o in value.options if o is not frames[0]):
            return frames[0]
    return None


def names_list(run: Interpreter, frame: Frame) -> Value:
    """`list(frame)`: the names of a closed table."""
    state = frame.state
    if state.open or state.hidden:
        return run.world.heap.list(None, TOP)
    return run.world.heap.list(tuple(Const(name) for name in state.columns))
