"""Summaries: of values, of a whole table, of each group; statistics remember the rows that went into them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow import arithmetic, learning, rows, tables
from mldebt.flow.arguments import Arguments
from mldebt.flow.escape import give
from mldebt.flow.joins import whole
from mldebt.flow.origin import NOWHERE, Origin
from mldebt.flow.values import (
    NONE,
    Bound,
    Const,
    Data,
    Frame,
    FrameState,
    Function,
    Grouped,
    Mapping,
    Object,
    Partial,
    Place,
    Sequence,
    Value,
    options_of,
    unwrap,
)
from mldebt.libraries.types import Aggregates, CallModel, Groups

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

WHOLE_GROUP = frozenset({"mean", "median", "std", "var", "sum", "min", "max", "size", "skew", "prod", "sem"})
"""Names of summaries that a group's every row goes into, put back on each row (pandas, numpy and polars name them alike)."""


def of_values(run: Interpreter, verb: Aggregates, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value | None:
    """`values.mean()`, `numpy.mean(values)`: None where nothing is known of the values."""
    if isinstance(receiver, Data):
        return rows.summarised(run, verb, model, receiver, arguments)
    if verb.value is None:
        return None
    values = [value for value, _ in arguments.many(verb.value)]
    data = learning.data_of(run, values)
    for value in values:
        give(run, value, arguments.at, "is summed up") if isinstance(value, Sequence | Mapping) else None
    if data.origin is NOWHERE and not data.bits and not any(isinstance(o, Data | Frame) for value in values for o in options_of(value)):
        return None
    kind = run.world.knowledge.kind(model.returns) if model.returns else ""
    made = rows.summarised(run, verb, model, data, arguments)
    return made.of_type(model.returns if kind in ("column", "array", "tensor") else "")


def grouped(run: Interpreter, verb: Groups, model: CallModel, frame: Frame, arguments: Arguments) -> Value:
    by = arguments.get(verb.by)
    tables.use_columns(run, frame, by, arguments.at, "groups rows")
    names, unknown = tables.names_in(run, by, arguments.at) if by is not None else ([], True)
    keys = None if unknown else {name: tables.column(run, frame, name, arguments.at, arguments.frame).bits for name, _ in names}
    return Grouped(frame, keys, None, model.returns or f"{frame.type}GroupBy")


def aggregate(run: Interpreter, group: Grouped, verb: Aggregates, model: CallModel, arguments: Arguments) -> Value:
    """A summary of each group: named aggregations make their columns, others keep the names of what they sum up."""
    frame = group.frame
    call_frame = arguments.frame
    assert call_frame is not None
    source = tables.group_frame(run, group)
    inside = arithmetic.data_in(run, source) or Data()
    bits = inside.bits
    summary = inside.origin.aggregates
    if verb.statistic and _is_statistic(run, verb, arguments):
        summary |= rows.statistic(run, inside, arguments.at, model.call.rpartition(".")[2], "grouped", keys=tuple(group.keys or ()))
    numbers = frame.state.rows if verb.rowwise else 0
    named = {name: value for name, value in arguments.keywords.items() if _is_named_aggregation(value)}
    if named:
        columns = dict(group.keys or {})
        for name, value in named.items():
            made = _aggregated(run, frame, value, bits, arguments)
            columns[name] = tables.made_column(run, name, Data(made), arguments.keyword_places[name], call_frame)
        marks = dict.fromkeys(named, summary)
        state = FrameState(columns, group.keys is None).changed(rows=numbers, marks=marks)
        return Frame(run.world.heap.next_serial(), frame.type, state)
    if group.single and group.selected is not None and not isinstance(unwrap(_how(verb, arguments)), Sequence | Mapping):
        type_name = model.returns if run.world.knowledge.kind(model.returns) == "column" else "pandas.Series"
        return Data(bits, type_name, name=group.selected[0], origin=Origin(numbers, summary))
    hidden = bits
    for key_bits in (group.keys or {}).values():
        hidden |= key_bits
    names = group.selected if group.selected is not None else ()
    plain = isinstance(unwrap(_how(verb, arguments)), Const)
    columns = {name: tables.matching(frame.state.columns, name) for name in names} if plain else {}
    state = FrameState({**(group.keys or {}), **columns}, True, hidden, frame.state.source).changed(rows=numbers, aggregates=summary)
    return Frame(run.world.heap.next_serial(), frame.type, state)


def _is_statistic(run: Interpreter, verb: Aggregates, arguments: Arguments) -> bool:
    """Whether the summary is surely one of all the rows of a group: a function of one's own may look at earlier rows only."""
    how = verb.how is not None and run.look_at(_how(verb, arguments), arguments.at, "sums up")
    if not how or verb.rowwise is False:
        return True
    return all(isinstance(option, Const) and option.value in WHOLE_GROUP for option in options_of(how))


def _how(verb: Aggregates, arguments: Arguments) -> Value:
    return arguments.get(verb.how) or NONE


def _is_named_aggregation(value: Value) -> bool:
    inner = unwrap(value)
    if isinstance(inner, Sequence):
        return inner.kind == "tuple" and inner.items is not None and len(inner.items) == 2
    return isinstance(inner, Object) and "NamedAgg" in inner.type


def _aggregated(run: Interpreter, frame: Frame, value: Value, bits: int, arguments: Arguments) -> int:
    inner = unwrap(value)
    if isinstance(inner, Sequence) and inner.items:
        first, how = inner.items[0], inner.items[-1]
        names, unknown = tables.names_in(run, first, arguments.at)
        found = bits if unknown else 0
        for name, _ in names:
            found |= tables.column(run, frame, name, arguments.at, arguments.frame).bits
        if isinstance(how, Function | Bound | Partial):
            run.call_with(how, (Data(found, "pandas.Series"),), arguments.at, arguments.frame)
        return found
    return bits


def of_table(run: Interpreter, verb: Aggregates, model: CallModel, frame: Frame, arguments: Arguments) -> Value:
    """A summary of a whole table: of every column, under their names."""
    kind = run.world.knowledge.kind(model.returns) if model.returns else ""
    if kind == "frame":
        return (
            Frame(run.world.heap.next_serial(), frame.type, frame.state.scrambled())
            if verb.rowwise
            else _summary_table(run, model, frame, arguments.at)
        )
    data = whole(frame).of_type(model.returns if kind in ("column", "array") else "pandas.Series")
    return rows.summarised(run, verb, model, data, arguments)


def _summary_table(run: Interpreter, model: CallModel, frame: Frame, at: Place) -> Frame:
    state = frame.state.scrambled()
    aggregates = rows.statistic(run, whole(frame), at, model.call.rpartition(".")[2])
    return Frame(run.world.heap.next_serial(), frame.type, state.changed(rows=0, aggregates=aggregates))
