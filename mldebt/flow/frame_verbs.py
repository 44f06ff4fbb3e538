"""What library verbs do to tables: exact columns where the call spells them, an open table where it does not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mldebt.declarations.types import HOLE
from mldebt.flow import absent, access, arithmetic, bundles, column_names, expressed, rows, summaries, table_stores, tables, traces
from mldebt.flow.arguments import Arguments
from mldebt.flow.frame_making import new_frame
from mldebt.flow.joins import combined, common_source, join_frames, merged
from mldebt.flow.values import (
    NONE,
    TOP,
    Bound,
    Const,
    Data,
    Frame,
    FrameState,
    Function,
    Grouped,
    Mapping,
    Partial,
    Place,
    Sequence,
    Value,
    View,
    options_of,
    unwrap,
)
from mldebt.libraries.types import (
    Adds,
    Aggregates,
    CallModel,
    Concatenates,
    Drops,
    Filters,
    Groups,
    Joins,
    Renames,
    Reshapes,
    Samples,
    Selects,
    Sorts,
    Validates,
    Verb,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def apply(run: Interpreter, verb: Verb, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value | None:
    """The table a verb makes; None for verbs that leave values alone."""
    if isinstance(receiver, Frame | Grouped) and expressed.speaks(verb):
        return expressed.apply(run, verb, model, receiver, arguments)
    if isinstance(receiver, Grouped) and isinstance(verb, Aggregates | Filters | Sorts | Adds):
        return summaries.aggregate(run, receiver, verb, model, arguments) if isinstance(verb, Aggregates) else receiver
    if isinstance(verb, Joins):
        return joined(run, verb, model, receiver, arguments)
    if isinstance(verb, Concatenates):
        return concatenated(run, verb, model, receiver, arguments)
    if isinstance(verb, Samples):
        return rows.sampled(run, verb, model, receiver, arguments)
    if isinstance(verb, Aggregates) and not isinstance(receiver, Frame | Grouped):
        return summaries.of_values(run, verb, model, receiver, arguments)
    if isinstance(verb, Validates):
        checked = [*arguments.every(), *((receiver,) if receiver is not None else ())]
        column_names.check_tables(run, checked, arguments.at, arguments.frame)
        for value in arguments.every():
            run.use(value, arguments.at, "is validated")
        run.use(receiver, arguments.at, "is validated")
        return receiver if model.returns == "self" else None
    if isinstance(receiver, Frame):
        return _on_frame(run, verb, model, receiver, expressed.against(run, receiver, arguments))
    if isinstance(verb, Reshapes):
        return reshaped(run, verb, model, receiver, arguments)
    if isinstance(receiver, Data):
        return _on_data(run, verb, model, receiver, arguments)
    return None


def _on_data(run: Interpreter, verb: Verb, model: CallModel, receiver: Data, arguments: Arguments) -> Value:
    for value in arguments.every():
        run.use(value, arguments.at, "goes into a column")
    kind = run.world.knowledge.kind(model.returns) if model.returns else ""
    if isinstance(verb, Renames):
        new = unwrap(arguments.get(verb.columns) or NONE)
        return receiver.with_names((new.value,) if isinstance(new, Const) and isinstance(new.value, str) else ())
    if isinstance(verb, Filters):
        origin = receiver.origin
        return receiver.from_rows(origin.changed(rows=rows.without(run, origin.rows, arguments.get(verb.without), arguments.at)))
    if kind == "frame":
        return new_frame(run, model.returns, receiver, arguments)
    return receiver


def _on_frame(run: Interpreter, verb: Verb, model: CallModel, frame: Frame, arguments: Arguments) -> Value | None:
    at = arguments.at
    match verb:
        case Selects():
            return _selected(run, verb, frame, arguments)
        case Adds():
            return _kept(run, model, frame, added(run, verb, frame, arguments), arguments)
        case Drops():
            return _dropped(run, verb, model, frame, arguments)
        case Renames():
            return _kept(run, model, frame, renamed(run, verb, frame, arguments), arguments)
        case Filters():
            return _filtered(run, verb, model, frame, arguments)
        case Sorts():
            ordered = tables.use_columns(run, frame, arguments.get(verb.by), at, "orders rows")
            order = traces.choosing(run, Data(ordered), at, arguments.frame, "order")
            return _kept(run, model, frame, traces.chosen(run, tables.copy(run, frame), order), arguments)
        case Groups():
            return summaries.grouped(run, verb, model, frame, arguments)
        case Aggregates():
            return summaries.of_table(run, verb, model, frame, arguments)
        case Reshapes():
            return reshaped(run, verb, model, frame, arguments)
    return tables.copy(run, frame) if run.world.knowledge.kind(model.returns) == "frame" else None


def _filtered(run: Interpreter, verb: Filters, model: CallModel, frame: Frame, arguments: Arguments) -> Value | None:
    """Fewer rows: those of a condition, or all but those with given labels."""
    at = arguments.at
    if verb.without is not None and arguments.get(verb.without) is None:
        return None
    choice = _filter_columns(run, verb, frame, arguments)
    left = rows.without(run, frame.state.rows, arguments.get(verb.without), at)
    kept = traces.chosen(run, Frame(run.world.heap.next_serial(), frame.type, frame.state.changed(rows=left)), choice)
    return _kept(run, model, frame, kept if choice else traces.cut(run, kept, at, arguments.frame), arguments)


def _dropped(run: Interpreter, verb: Drops, model: CallModel, frame: Frame, arguments: Arguments) -> Value | None:
    key, at = arguments.get(verb.columns), arguments.at
    if key is None:
        return None
    if verb.gives == "column":
        found = tables.load_item(run, frame, key, at, arguments.frame)  # type: ignore[arg-type]  # calls have a frame
        tables.drop_columns(run, frame, key, at, arguments.frame, in_place=True)
        return found
    return _kept(run, model, frame, tables.drop_columns(run, frame, key, at, arguments.frame, in_place=False), arguments)


def _kept(run: Interpreter, model: CallModel, frame: Frame, result: Frame, arguments: Arguments) -> Value:
    """In place where the call says so, else a new table."""
    if model.mutates is not False and run.verbs.holds(model.mutates, arguments):
        certain = model.mutates is True or all(
            isinstance(o, Const) for o in options_of(arguments.get(getattr(model.mutates, "argument", None)) or TOP)
        )
        run.world.heap.write(frame, result.state if certain else join_frames(frame.state, result.state))
        return frame if model.returns == "self" else NONE if certain else run.choice((NONE, result))
    return result


def _selected(run: Interpreter, verb: Selects, frame: Frame, arguments: Arguments) -> Value:
    value = arguments.get(verb.columns)
    at = arguments.at
    if value is None or verb.by != "names":
        return traces.vague(run, rows.partly(run, frame))
    names, unknown = tables.names_in(run, value, at)
    if unknown:
        return traces.vague(run, rows.partly(run, frame, listed=True))
    return tables.select(run, frame, names, at, arguments.frame, verb.absent if absent.is_plain(value) else "skipped")


def added(run: Interpreter, verb: Adds, frame: Frame, arguments: Arguments) -> Frame:
    """`assign(a=..., b=lambda d: ...)`, `insert(i, name, value)`: columns at their own places."""
    result = tables.copy(run, frame)
    call_frame = arguments.frame
    assert call_frame is not None
    if verb.columns.name == "**":
        for name, value in arguments.keywords.items():
            table_stores.store_column(
                run, result, Const(name), _column_value(run, value, result, arguments), arguments.keyword_places[name], call_frame
            )
        if arguments.others is not None:
            more = tables.data_of(run, arguments.others, arguments.at)
            state = result.state
            result.state = state.changed(open_=True, hidden=state.hidden | more.bits, aggregates=state.aggregates | more.origin.aggregates)
        return result
    key = arguments.get(verb.columns) or TOP
    given = arguments.get(verb.value) if verb.value is not None else TOP
    table_stores.store_column(run, result, key, given if given is not None else TOP, arguments.place_of(verb.columns), call_frame)
    return result


def _column_value(run: Interpreter, value: Value, frame: Frame, arguments: Arguments) -> Value:
    if any(isinstance(option, Function | Bound | Partial) for option in options_of(value)):
        return run.choice(
            run.call_with(option, (frame,), arguments.at, arguments.frame) if isinstance(option, Function | Bound | Partial) else option
            for option in options_of(value)
        )
    return value


def renamed(run: Interpreter, verb: Renames, frame: Frame, arguments: Arguments) -> Frame:
    """Old names to new ones; a function or an unknown mapping leaves the table open with everything hidden in it."""
    value = unwrap(arguments.get(verb.columns) or NONE)
    state = frame.state
    if verb.to is not None and isinstance(value, Const):
        value = run.world.heap.mapping({value.value: unwrap(arguments.get(verb.to) or TOP)})
    if isinstance(value, Const) and value.value is None:
        return tables.copy(run, frame)
    if isinstance(value, View):
        known, _, open_ = run.settings.entries(value, arguments.at)
        value = run.world.heap.mapping({k: run.look_at(v, arguments.at, "names a column") for k, v in known.items()}, None, open_)
    if isinstance(value, Mapping) and value.state[1] is None and not value.state[2]:
        columns: dict[str, int] = {}
        for name, bits in state.columns.items():
            new = value.state[0].get(name)
            new_name = new.value if isinstance(new, Const) and isinstance(new.value, str) else HOLE if new is not None else name
            columns[new_name] = columns.get(new_name, 0) | bits
        for old, new in value.state[0].items():
            if old not in state.columns and isinstance(old, str) and isinstance(new, Const) and isinstance(new.value, str) and state.open:
                columns[new.value] = tables.column(run, frame, old, arguments.at, arguments.frame).bits
        return Frame(run.world.heap.next_serial(), frame.type, _renamed_state(state, columns, value.state[0]))
    return _scrambled(run, frame)


def _scrambled(run: Interpreter, frame: Frame) -> Frame:
    """The same columns under names we cannot tell."""
    return Frame(run.world.heap.next_serial(), frame.type, frame.state.scrambled())


def _renamed_state(state: FrameState, columns: dict[str, int], names: dict[Any, Value]) -> FrameState:
    """The table under new names; statistics go along with their columns."""
    marks = {}
    for name, mark in state.marks.items():
        new = names.get(name)
        marks[new.value if isinstance(new, Const) else name] = mark
    return state.changed(columns, marks=marks, gone=state.gone | {name for name in names if isinstance(name, str)})


def _filter_columns(run: Interpreter, verb: Filters, frame: Frame, arguments: Arguments) -> int:
    """Uses what the filter looks at; the traces that it leaves on the rows."""
    rows = 0
    for argument in (verb.condition, verb.subset):
        value = arguments.get(argument)
        if value is None:
            continue
        for option in options_of(value):
            if isinstance(option, Const) and isinstance(option.value, str) and argument is verb.condition:
                looked = Data(_use_mentioned(run, frame, option.value, arguments.at))
            elif isinstance(option, Data):
                run.use(option, arguments.at, "filters rows")
                looked = option
            else:
                looked = Data(tables.use_columns(run, frame, option, arguments.at, "filters rows"))
            rows |= traces.choosing(run, looked, arguments.at, arguments.frame)
    return rows


def _use_mentioned(run: Interpreter, frame: Frame, text: str, at: Place) -> int:
    """The columns that a query text names."""
    found = 0
    for name, bits in frame.state.columns.items():
        if name in text or HOLE in name or HOLE in text:
            run.world.use_bits(bits, at, "filters rows")
            found |= bits if re.search(rf"\b{re.escape(name)}\b", text) else 0
    run.world.use_bits(frame.state.hidden, at, "filters rows")
    return found


def reshaped(run: Interpreter, verb: Reshapes, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value:
    value = arguments.get(verb.value) if verb.value is not None else receiver
    bits = 0
    for option in options_of(value) if value is not None else ():
        option = option.frame if isinstance(option, Grouped) else option
        bits |= option.state.all_bits() if isinstance(option, Frame) else option.bits if isinstance(option, Data) else 0
        if isinstance(option, Frame) and verb.columns is not None:
            tables.use_columns(run, option, arguments.get(verb.columns), arguments.at, "reshapes the table")
    type_name = model.returns if run.world.knowledge.kind(model.returns) == "frame" else "pandas.DataFrame"
    held = arithmetic.data_in(run, *options_of(value)) if value is not None else None
    state = rows.made_of(FrameState({}, True, bits), held)
    if verb.encodes:
        state = _encoded(run, state, value, model.call.rpartition(".")[2], arguments.at)
    if isinstance(receiver, Grouped):
        return Grouped(Frame(run.world.heap.next_serial(), receiver.frame.type, state), None, None, receiver.type)
    return Frame(run.world.heap.next_serial(), type_name, state)


def _encoded(run: Interpreter, state: FrameState, value: Value | None, name: str, at: Place) -> FrameState:
    """A table in which values became columns: the other columns are still there, of whatever read they were."""
    numbers = state.rows or run.world.rows.value(at)
    state = state.changed(rows=numbers | run.world.rows.encoded(at, name, numbers))
    frame = tables.as_frame(run, value)
    return (
        state.changed(source=frame.state.source, gone=frame.state.gone, partial=frame.state.partial)
        if frame and frame.state.open
        else state
    )


def joined(run: Interpreter, verb: Joins, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value:
    """Both tables side by side; the keys are used; equal names have both producers, with suffixes beside."""
    left = tables.as_frame(run, arguments.get(verb.left) if verb.left is not None else receiver)
    right_value = arguments.get(verb.right)
    rights = [f for f in _frames(run, right_value)]
    if left is None or not rights or any(f is None for f in rights):
        for value in (receiver, *arguments.every()):
            run.escape(value, arguments.at, "is joined with something unknown")
        return Frame(run.world.heap.next_serial(), "pandas.DataFrame", FrameState({}, True))
    state = left.state
    for right in rights:
        assert right is not None
        for frame, keys in ((left, (verb.on, verb.left_on)), (right, (verb.on, verb.right_on))):
            for key in keys:
                tables.use_columns(run, frame, arguments.get(key), arguments.at, "joins tables")
        if all(arguments.get(key) is None for key in (verb.on, verb.left_on, verb.right_on)):
            common = set(state.columns) & set(right.state.columns)
            for name in sorted(common):
                run.world.use_bits(state.columns[name] | right.state.columns[name], arguments.at, "joins tables")
        bundles.joined(run, verb, state, right, arguments)
        state = _side_by_side(run, state, right.state)
    if not _keeps_rows(run, verb, arguments):
        state = state.changed(rows=run.world.rows.some(arguments.at, "joined", state.rows))
    return Frame(run.world.heap.next_serial(), left.type, state)


def _keeps_rows(run: Interpreter, verb: Joins, arguments: Arguments) -> bool:
    """Whether all rows of the left table come out of a join."""
    how = arguments.get(verb.how)
    return how is not None and all(isinstance(o, Const) and o.value in ("left", "outer") for o in options_of(unwrap(how)))


def _side_by_side(run: Interpreter, left: FrameState, right: FrameState, below: bool = False) -> FrameState:
    """`below`: the rows of both, else those of the left."""
    columns = dict(left.columns)
    for name, bits in right.columns.items():
        if name in columns and columns[name] != bits and HOLE not in name:
            columns[f"{name}{HOLE}"] = columns.get(f"{name}{HOLE}", 0) | columns[name] | bits
        columns[name] = columns.get(name, 0) | bits
    made = FrameState(columns, left.open or right.open, left.hidden | right.hidden, common_source(left, right), left.index | right.index)
    made.doubtful = merged(left.doubtful, right.doubtful)
    made.partial = left.partial or right.partial
    return made.changed(
        rows=left.rows | right.rows if below else left.rows,
        aggregates=left.aggregates | right.aggregates,
        marks=merged(left.marks, right.marks),
        gone=left.gone | right.gone,
        moved=left.moved or right.moved,
        partial=left.partial or right.partial,
    )


def _frames(run: Interpreter, value: Value | None) -> list[Frame | None]:
    if isinstance(value, Sequence):
        return [tables.as_frame(run, item) for item in value.items] if value.items is not None else [None]
    if isinstance(value, Data):
        named = len(value.names) == 1
        state = FrameState({value.names[0]: value.bits}, False) if named else FrameState({}, True, value.bits)
        state = state.changed(rows=value.origin.rows, aggregates=value.origin.aggregates)
        return [Frame(run.world.heap.next_serial(), "pandas.DataFrame", state)]
    return [tables.as_frame(run, value)]


def concatenated(run: Interpreter, verb: Concatenates, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value:
    """Tables below each other or side by side: every column of each, under its name."""
    value = arguments.get(verb.inputs) if verb.inputs.name != "*" else run.world.heap.list(tuple(arguments.positional))
    known = run.known_elements(value, arguments.at) if value is not None else None
    parts = list(known) if known is not None else [_element(run, value, arguments.at)] if value is not None else []
    if receiver is not None:
        parts = [receiver, *parts]
    state: FrameState | None = None
    other: Data | None = None
    frames: list[FrameState] = []
    arrays: list[Data] = []
    for part in parts:
        for option in options_of(part):
            if isinstance(option, Frame):
                frames.append(option.state)
                state = option.state if state is None else _side_by_side(run, state, option.state, below=True)
            elif isinstance(option, Data):
                arrays.append(option)
                other = option if other is None else combined(other, option)
            elif not isinstance(option, Const):
                run.escape(option, arguments.at, "is concatenated")
                state = FrameState({}, True) if state is None else state.changed(open_=True)
    if state is None and other is not None and rows.along_columns(run, verb.axis, arguments):
        state, other = rows.made_of(FrameState({}, True), other), None
    if state is None:
        return traces.mix_arrays(run, other, arrays, arguments) or TOP
    state = traces.mix(run, verb, state, frames, arguments)
    if other is not None:
        aggregates = state.aggregates | other.origin.aggregates
        state = state.changed(hidden=state.hidden | other.bits, rows=state.rows | other.origin.rows, aggregates=aggregates)
    type_name = model.returns if run.world.knowledge.kind(model.returns) == "frame" else "pandas.DataFrame"
    return Frame(run.world.heap.next_serial(), type_name, state.changed(open_=state.open or known is None or other is not None))


def _element(run: Interpreter, value: Value, at: Place) -> Value:
    return access.element(run, value, at)
