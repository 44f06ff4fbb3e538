"""Tables: columns by name, selection, assignment. What we cannot name exactly stays in, so that nothing is claimed unused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow import absent, column_names, rows, traces
from mldebt.flow.events import CallFrame, Decided, Narrowed
from mldebt.flow.formula import Formula
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
from mldebt.flow.world import numbers

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

INDEXERS = frozenset({"loc", "iloc", "at", "iat", "ix"})


def names_in(run: Interpreter, value: Value, at: Place) -> tuple[list[tuple[str, Place]], bool]:
    """Column names a value spells, with their places, and whether it may spell others we cannot see."""
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
                held = tuple(inner for inner in options_of(item) if not isinstance(inner, Sequence))  # a list may hold itself
                more, hidden = names_in(run, run.choice(held), at) if held else ([], True)
                hidden = hidden or len(held) < len(options_of(item))
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
        bits = _hidden(run, state.hidden, name)
        if state.open and state.source >= 0 and call_frame is not None:
            bits |= run.world.column(name, run.world.sources[state.source][1], 0, False, call_frame)
    type_name = _column_type(run, frame)
    found = Data(bits, type_name, run.world.predictions_in(bits), frozenset(), name, rows.column_origin(state, name), (name,))
    found.home = frame
    return found


def _hidden(run: Interpreter, bits: int, name: str) -> int:
    """What a column may be that stands under an unknown name; traces of columns with other names are none of its own."""
    traced = bits & run.world.traces.get("value", 0)
    for number in numbers(traced):
        if run.world.columns[number].name not in (name, "*"):
            bits &= ~(1 << number)
    return bits


def use_columns(run: Interpreter, frame: Frame, value: Value | None, at: Place, why: str) -> int:
    """Columns by name are used: keys of joins, groups, orders. Those that are named for certain come back."""
    if value is None or (isinstance(value, Const) and value.value is None):
        return 0
    if any(isinstance(option, Data) for option in options_of(value)):
        run.use(value, at, why)
        return 0
    if any(isinstance(option, Formula) for option in options_of(value)):
        from mldebt.flow import expressed  # it builds on tables

        run.world.use_bits(expressed.bits_of(run, value, frame, at), at, why)
        return 0
    names, unknown = names_in(run, value, at)
    found = 0
    for name, _place in names:
        named = matching(frame.state.columns, name)
        found |= named
        run.world.use_bits(named or frame.state.hidden, at, why)
    if unknown:
        run.world.use_bits(frame.state.all_bits(), at, why)
    return found


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
        return _data_item(run, owner, key, at, call_frame)
    if isinstance(owner, Grouped):
        names, unknown = names_in(run, key, at)
        return owner if unknown else select_group(run, owner, names, single=not isinstance(key, Sequence))
    assert isinstance(owner, Frame)
    options = options_of(run.look_at(key, at, "names columns"))
    texts = [option for option in options if isinstance(option, Const) and isinstance(option.value, str)]
    if len(texts) == len(options) == 1 and absent.is_absent(owner.state, texts[0].value):
        bits = absent.absent(run, owner, texts[0].value, texts[0].at or at, at, call_frame, "raises")
        return Data(bits, _column_type(run, owner), name=texts[0].value, origin=rows.column_origin(owner.state, texts[0].value))
    if len(texts) == len(options):
        found = column(run, owner, texts[0].value, at, call_frame)
        for option in texts[1:]:
            found = join_data(found, column(run, owner, option.value, at, call_frame))
        return found
    if any(isinstance(option, Data) for option in options):
        run.use(key, at, "filters rows")
        return traces.chosen(run, rows.taken_frame(run, owner, key, at), traces.choosing(run, key, at, call_frame))
    if all(isinstance(option, SliceValue) for option in options):
        return traces.cut(run, rows.taken_frame(run, owner, key, at), at, call_frame)
    names, unknown = names_in(run, key, at)
    if unknown:
        run.escape(key if not isinstance(key, Sequence | View) else None, at, "names columns in a way we cannot follow")
        left = column_names.picked(key, owner.state)
        single = all(option is TOP or column_names.is_name(option) for option in options)
        return traces.vague(run, rows.partly(run, owner, listed=left is None, single=single, left=left))
    return select(run, owner, names, at, call_frame, "raises" if absent.is_plain(key) else "skipped")


def _data_item(run: Interpreter, owner: Data, key: Value, at: Place, call_frame: CallFrame) -> Value:
    for option in options_of(run.look_at(key, at, "is an index")):
        if isinstance(option, Data):
            run.use(option, at, "filters rows")
        elif isinstance(option, Sequence):
            for item in option.items or ():
                if isinstance(item, Data):
                    run.use(item, at, "filters rows")
    bits = traces.choosing(run, key, at, call_frame)
    part = traces.vague_part(run, rows.taken_data(run, owner, key, at), key)
    if not bits & ~part.bits:
        return part
    return Data(part.bits | bits, part.type, part.predictions, part.decisions, part.name, part.origin)


def copy(run: Interpreter, frame: Frame) -> Frame:
    return Frame(run.world.heap.next_serial(), frame.type, frame.state)


def select(
    run: Interpreter, frame: Frame, names: list[tuple[str, Place]], at: Place, call_frame: CallFrame | None, missing: str = "skipped"
) -> Frame:
    """A table of these columns only; what is left behind is an event. `missing` says what becomes of a name that is not there."""
    state = frame.state
    columns: dict[str, int] = {}
    for name, place in names:
        found = column(run, frame, name, at, call_frame).bits
        if not found and missing != "skipped" and absent.is_absent(state, name):
            found = absent.absent(run, frame, name, place, at, call_frame, missing)
        columns[name] = columns.get(name, 0) | found
    kept = 0
    for bits in columns.values():
        kept |= bits
    narrowed(run, state.all_bits() & ~kept, at, call_frame, "selected away")
    numbers = run.world.rows.listed(state.rows, at)
    return Frame(run.world.heap.next_serial(), frame.type, state.changed(columns, open_=False, hidden=0, rows=numbers))


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
    else:
        state = traces.vague(run, copy(run, frame)).state
        columns = dict(state.columns)
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
    predictions = value.predictions | decided | world.predictions_in(value.bits) | world.predictions_in(value.bits, "mask")
    same_row = 0 if value.origin.moved or value.origin.aggregates else value.bits
    made = world.column(name, at, value.bits, True, call_frame, predictions, same_row)
    if codes := value.origin.rows & world.rows.codes:
        world.coded[made.bit_length() - 1] = world.coded.get(made.bit_length() - 1, 0) | codes
    return made | traces.of_values(world, name, value, predictions, at, call_frame)


def indexer(run: Interpreter, owner: Method, key: Value, at: Place, call_frame: CallFrame) -> Value:
    """`frame.loc[rows, columns]` and its kin; anything else that is subscripted stays what it was."""
    receiver = owner.receiver
    if owner.name not in INDEXERS or not isinstance(receiver, Frame | Data):
        run.escape(key, at, "is a key of something unknown")
        return receiver if isinstance(receiver, Data) else TOP
    chosen, columns = rows_and_columns(key)
    run.use(chosen if not isinstance(chosen, SliceValue) else None, at, "filters rows")
    if isinstance(receiver, Data):
        return _data_item(run, receiver, chosen, at, call_frame)
    part = rows.taken_frame(run, receiver, chosen, at)
    kept = traces.chosen(run, part, traces.choosing(run, chosen, at, call_frame))
    if isinstance(chosen, SliceValue) and any(bound is not None for bound in chosen.parts):
        kept = traces.cut(run, kept, at, call_frame)
    if columns is None or (isinstance(columns, SliceValue) and all(bound is None for bound in columns.parts)):
        return kept
    if isinstance(columns, SliceValue | Data) or owner.name in ("iloc", "iat"):
        return traces.vague(run, rows.partly(run, kept, listed=owner.name == "iloc" and rows.is_bounded(columns)))
    return load_item(run, kept, columns, at, call_frame)


def rows_and_columns(key: Value) -> tuple[Value, Value | None]:
    if isinstance(key, Sequence) and key.kind == "tuple" and key.items is not None and len(key.items) == 2:
        return key.items[0], key.items[1]
    return key, None


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
    aggregates = state.aggregates
    for selected in grouped.selected:
        aggregates |= state.marks.get(selected, 0)
    origin = Origin(state.rows, aggregates)
    return Data(bits | state.hidden, _column_type(run, grouped.frame), name=name, origin=origin, names=(name,) if name else ())


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
