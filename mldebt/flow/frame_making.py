"""Values become tables and tables other values: reads, constructors, conversions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow import arithmetic, feature_names, headers, rows, rowtexts, tables
from mldebt.flow import column_names as own_names
from mldebt.flow.arguments import Arguments
from mldebt.flow.escape import give
from mldebt.flow.joins import combined, join_all, join_frames
from mldebt.flow.origin import NOWHERE, Origin
from mldebt.flow.values import (
    NONE,
    TOP,
    Choice,
    Const,
    Data,
    Frame,
    FrameState,
    Grouped,
    Instance,
    Mapping,
    Place,
    Sequence,
    Value,
    options_of,
    unwrap,
)
from mldebt.libraries.types import (
    CallModel,
    Converts,
    Reads,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


DEGREES = {"probability": "probability", "similarity": "score"}  # what `converts` makes of a prediction

ARRAYS = frozenset({"array", "list", "tensor", "same"})


def read_table(run: Interpreter, verb: Reads, model: CallModel, stored: Value | None, path: Value | None, arguments: Arguments) -> Value:
    """A table from a file: what the repository stored there, and any column if others may write it too."""
    world = run.world
    type_name = model.returns or "pandas.DataFrame"
    frames = [option for option in options_of(stored) if isinstance(option, Frame)] if stored is not None else []
    if verb.gives in ("array", "object", "dataset") and not frames:
        data = [option for option in options_of(stored) if isinstance(option, Data)] if stored is not None else []
        return join_all([d for d in data]) or (
            Data(0, model.returns, origin=Origin(_rows_read(run, verb, path, arguments)))
            if verb.gives == "array"
            else run.verbs.instance_of(model.returns, arguments.at)
            if model.returns
            else TOP
        )
    number = world.source(arguments.at)
    names = headers.column_names(run, verb, path, arguments) if stored is None and verb.separated_by else None
    if names is not None and arguments.frame is not None:
        columns = {name: world.column(name, arguments.at, 0, False, arguments.frame) for name in names}
        return Frame(
            world.heap.next_serial(), type_name, FrameState(columns, False, 0, number, rows=_rows_read(run, verb, path, arguments))
        )
    if not frames:
        state = FrameState(rowtexts.fields_of(run, stored), True, 0, number, rows=_rows_read(run, verb, path, arguments))
        return Frame(world.heap.next_serial(), type_name, state)
    state = frames[0].state
    for frame in frames[1:]:
        state = join_frames(state, frame.state)
    state = state.changed(dict(state.columns), rows=state.rows or _rows_read(run, verb, path, arguments))
    return Frame(world.heap.next_serial(), type_name, state)


def _rows_read(run: Interpreter, verb: Reads, path: Value | None, arguments: Arguments) -> int:
    """The rows of a file: those of its path where that is exact, else those that this place reads."""
    texts = run.files.texts(path, arguments.at)
    name = texts[0] if len(texts) == 1 and HOLE not in texts[0] else ""
    found = run.world.rows.source(name or arguments.at, arguments.at, name)
    chosen = any(arguments.get(argument) is not None for argument in verb.some)
    return run.world.rows.some(arguments.at, "read", found) if chosen else found


def new_frame(run: Interpreter, type_name: str, value: Value | None, arguments: Arguments) -> Value:
    """`DataFrame({...})`: a closed table of the columns that the mapping spells; of anything else an open one."""
    inner = feature_names.spelled(value) or (unwrap(value) if value is not None else NONE)
    call_frame = arguments.frame
    assert call_frame is not None
    if isinstance(inner, Mapping) and inner.state[1] is None and not inner.state[2] and inner.state[0]:
        frame = Frame(run.world.heap.next_serial(), type_name, FrameState({}, False))
        origin = NOWHERE
        for key, member in inner.state[0].items():
            data = tables.data_of(run, member, arguments.at) if not isinstance(member, Const) else Data()
            bit = tables.made_column(
                run, str(key), data, member.at if isinstance(member, Const) and member.at else arguments.at, call_frame
            )
            frame.state.columns[str(key)] = bit
            origin = origin.beside(data.origin)
            if data.origin.aggregates:
                frame.state.marks[str(key)] = data.origin.aggregates
            run.world.use_bits(bit, arguments.at, "is part of a literal table")
        frame.state.rows = origin.rows or run.world.rows.value(arguments.at)
        return frame
    if isinstance(inner, Frame):
        return Frame(run.world.heap.next_serial(), type_name or inner.type, inner.state)
    held = arithmetic.data_in(run, inner) if not isinstance(inner, Sequence) else tables.data_of(run, inner, arguments.at)
    state = rows.made_of(FrameState({}, True), held)
    return Frame(run.world.heap.next_serial(), type_name, state.changed(rows=state.rows or run.world.rows.value(arguments.at)))


def column_names(run: Interpreter, frame: Frame, at: Place) -> Value:
    """`frame.columns`: a known list for a closed table."""
    state = frame.state
    if state.open or state.hidden or any(HOLE in name for name in state.columns):
        return run.world.heap.list(None, own_names.of_open(state))
    return run.world.heap.list(tuple(Const(name) for name in state.columns))


def converted(run: Interpreter, verb: Converts, model: CallModel, values: list[Value], arguments: Arguments) -> Value:
    """The same values in another shape; a look at names and types only is no use of the data."""
    if verb.to in ("schema", "column_names"):
        return TOP
    if verb.to == "row_labels":
        return rows.row_labels(run, values, model)
    if len(values) == 1 and verb.to in ("same", "moved", "lagged", "each"):
        return _kept(run, verb, model, values[0], arguments)
    if (record := _record(run, verb, values)) is not None:
        return record
    if verb.to == "text" and len(values) == 1 and isinstance(values[0], Mapping):
        return rowtexts.text_of(run, values[0], arguments)
    kind = run.world.knowledge.kind(model.returns) if model.returns else ""
    if verb.to == "frame":
        return new_frame(run, model.returns or "pandas.DataFrame", values[0] if values else None, arguments)
    if kind == "frame" and len(values) == 1 and isinstance(values[0], Frame):
        return _retyped(run, values[0], model)
    data: Data | None = None
    ordered = feature_names.of_inputs(values)[0] if verb.to in ARRAYS else ()
    for value in values:
        found = tables.data_of(run, value, arguments.at) if isinstance(unwrap(value), Sequence) else arithmetic.data_in(run, value)
        if found is None:
            give(run, value, arguments.at, "is converted")
        data = found if data is None else data if found is None else combined(data, found)
    if data is not None:
        predictions = data.predictions | run.world.predictions_in(data.bits)
        type_name = model.returns if kind in ("column", "array", "tensor") else ""
        if verb.to in DEGREES:
            predictions = frozenset(_as_degree(run, number, DEGREES[verb.to], arguments) for number in predictions)
        return Data(data.bits, type_name, predictions, data.decisions, data.name, data.origin.plain(), ordered)
    made = run.verbs.instance_of(model.returns, arguments.at) if kind else TOP
    return made.with_names(ordered) if isinstance(made, Data) else made


def _record(run: Interpreter, verb: Converts, values: list[Value]) -> Value | None:
    """The rows of a table one by one, or an object of a schema as a dictionary of its fields, where a method of its own makes one."""
    if verb.to in ("rows", "numbered_rows") and len(values) == 1:
        return _rows(run, values[0], verb.to == "numbered_rows")
    owner = values[0] if values and verb.to == "dict" and verb.value is not None and verb.value.name == "receiver" else None
    if not isinstance(owner, Instance) or not (fields := feature_names.fields_of(run, owner)):
        return None
    return run.world.heap.mapping({name: owner.state.get(name, TOP) for name in fields}, None)


def _kept(run: Interpreter, verb: Converts, model: CallModel, value: Value, arguments: Arguments) -> Value:
    """The same values, beside their own rows or beside others."""
    if isinstance(value, Grouped) and verb.to in ("moved", "lagged"):
        return _in_groups(run, value, verb, model, arguments)
    same = _same(run, value, model)
    if verb.to == "lagged":
        return rows.lagged(run, same, arguments.at, model.call.rpartition(".")[2])
    return rows.moved(run, same) if verb.to == "moved" else same


def _in_groups(run: Interpreter, value: Grouped, verb: Converts, model: CallModel, arguments: Arguments) -> Value:
    """Lags, running sums and numbers within each group, back on the rows."""
    kind = "window" if verb.to == "lagged" else "numbered"
    what, keys = model.call.rpartition(".")[2], tuple(value.keys or ())
    return rows.lagged(run, tables.group_frame(run, value), arguments.at, what, kind, keys)


def _rows(run: Interpreter, value: Value, numbered: bool) -> Value:
    """What a loop over the rows of a table gives: rows with the table's names, maybe numbered."""
    heap = run.world.heap
    row = tables.copy(run, value) if isinstance(value, Frame) else value
    return heap.list(None, heap.tuple((TOP, row)) if numbered else row)


def _as_degree(run: Interpreter, number: int, kind: str, arguments: Arguments) -> int:
    """The same prediction as a number that says how much: squeezed between 0 and 1, or the nearness of embeddings."""
    known = run.world.predictions[number]
    assert arguments.frame is not None
    return run.world.prediction(known.model, kind, arguments.at, arguments.frame)


def _retyped(run: Interpreter, frame: Frame, model: CallModel) -> Frame:
    """The same table, of the library that the call returns one of."""
    type_name = model.returns if run.world.knowledge.kind(model.returns) == "frame" else frame.type
    return Frame(run.world.heap.next_serial(), type_name, frame.state)


def _same(run: Interpreter, value: Value, model: CallModel) -> Value:
    if isinstance(value, Frame):
        return _retyped(run, value, model)
    if isinstance(value, Choice):
        return run.choice(_same(run, option, model) for option in value.options)
    if isinstance(value, Const) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
        return TOP
    if isinstance(value, Data) and run.world.knowledge.kind(model.returns) in ("column", "array", "tensor"):
        return value.of_type(model.returns)
    return value
