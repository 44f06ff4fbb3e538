"""Tables of libraries with column expressions: select, with_columns, filter, group_by, agg. An expression is resolved against the table here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow import arithmetic, comparisons, expressing, rows, tables
from mldebt.flow.arguments import Arguments
from mldebt.flow.events import CallFrame
from mldebt.flow.formula import EACH, Formula, Part
from mldebt.flow.joins import combined, whole
from mldebt.flow.origin import Origin
from mldebt.flow.values import (
    Choice,
    Const,
    Data,
    Frame,
    FrameState,
    Grouped,
    Leaf,
    Mapping,
    Place,
    Sequence,
    Value,
    View,
    options_of,
)
from mldebt.libraries.types import Adds, Aggregates, Argument, CallModel, Drops, Filters, Groups, Selects, Sorts, Verb

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

Given = tuple[Formula, bool]
"""An expression, and whether it is one of several that may stand there."""


def argument_of(verb: Verb) -> Argument | None:
    """The argument of a table's verb that holds columns."""
    match verb:
        case Selects() | Adds() | Drops():
            return verb.columns
        case Filters():
            return verb.condition or verb.subset
        case Groups() | Sorts():
            return verb.by
        case Aggregates():
            return verb.how
    return None


def speaks(verb: Verb) -> bool:
    """Whether a verb takes columns as expressions, any number of them."""
    argument = argument_of(verb)
    return argument is not None and argument.name == "*"


def apply(run: Interpreter, verb: Verb, model: CallModel, receiver: Frame | Grouped, arguments: Arguments) -> Value | None:
    frame = receiver.frame if isinstance(receiver, Grouped) else receiver
    at = arguments.at
    match verb:
        case Selects():
            return _selected(run, frame, _queried(run, arguments) if verb.by == "sql" else _given(run, arguments, True), arguments)
        case Adds():
            state = frame.state
            columns = dict(state.columns)
            hidden, open_ = _lay_out(run, frame, _given(run, arguments, True), columns, arguments)
            return _table(run, frame, state.changed(columns, open_=state.open or open_, hidden=state.hidden | hidden))
        case Drops():
            key = arguments.positional[0] if len(arguments.positional) == 1 else run.world.heap.list(tuple(arguments.positional))
            return tables.drop_columns(run, frame, key, at, arguments.frame, in_place=False)
        case Groups():
            columns = {}
            hidden, _ = _lay_out(run, frame, _given(run, arguments, True), columns, arguments)
            for bits in (*columns.values(), hidden):
                run.world.use_bits(bits, at, "groups rows")
            return Grouped(frame, None if hidden else columns, None, model.returns or f"{frame.type}GroupBy")
        case Aggregates():
            return _summarised(run, receiver, frame, arguments)
    why = "orders rows" if isinstance(verb, Sorts) else "filters rows"
    for formula, _ in _given(run, arguments, False):
        run.world.use_bits(bits_in(run, formula, frame, arguments), at, why)
    if isinstance(verb, Filters):
        for name in arguments.keywords:
            run.world.use_bits(tables.matching(frame.state.columns, name), at, why)
    return tables.copy(run, frame)


def _table(run: Interpreter, frame: Frame, state: FrameState) -> Frame:
    return Frame(run.world.heap.next_serial(), frame.type, state)


def _selected(run: Interpreter, frame: Frame, given: list[Given], arguments: Arguments) -> Frame:
    columns: dict[str, int] = {}
    hidden, open_ = _lay_out(run, frame, given, columns, arguments)
    state = frame.state
    tables.narrowed(run, state.all_bits() & ~hidden & ~bits_under(columns), arguments.at, arguments.frame, "selected away")
    return _table(run, frame, state.changed(columns, open_=open_, hidden=hidden, source=state.source if open_ else -1))


def _summarised(run: Interpreter, receiver: Frame | Grouped, frame: Frame, arguments: Arguments) -> Frame:
    """`group_by(...).agg(...)`: the keys and what the expressions make; nothing else comes out."""
    keys = receiver.keys if isinstance(receiver, Grouped) else {}
    columns = dict(keys or {})
    by_name = any(isinstance(value, Mapping) for value in arguments.positional)  # agg({"amount": "max"})
    given = _anything(arguments.at) if by_name else _given(run, arguments, True)
    hidden, open_ = _lay_out(run, frame, given, columns, arguments)
    if keys is None:
        hidden |= frame.state.all_bits() | bits_under(columns)
        return _table(run, frame, FrameState({}, True, hidden, frame.state.source).changed(aggregates=_statistic(run, frame, arguments)))
    tables.narrowed(run, frame.state.all_bits() & ~hidden & ~bits_under(columns), arguments.at, arguments.frame, "summarised away")
    return _table(run, frame, FrameState(columns, open_, hidden, frame.state.source).changed(aggregates=_statistic(run, frame, arguments)))


def _statistic(run: Interpreter, frame: Frame, arguments: Arguments) -> int:
    return rows.statistic(run, whole(frame), arguments.at, "agg")


def bits_under(columns: dict[str, int]) -> int:
    found = 0
    for bits in columns.values():
        found |= bits
    return found


# -- expressions ------------------------------------------------------------------------------------------------------


def _given(run: Interpreter, arguments: Arguments, named: bool) -> list[Given]:
    """The expressions of a call in order; keywords name theirs."""
    found: list[Given] = []
    for value, place in arguments.many(Argument("*")):
        found.extend(_expressions(run, value, place, False))
    for name, value in arguments.keywords.items() if named else ():
        if isinstance(value, Const) and isinstance(value.value, bool | None):  # an option of the call
            continue
        place = arguments.keyword_places[name]
        found.extend((formula.named(name, place), weak) for formula, weak in _expressions(run, value, place, False))
    if named and arguments.others is not None:
        found.extend((formula.named("", arguments.at), True) for formula, _ in _expressions(run, arguments.others, arguments.at, True))
    return found


def _queried(run: Interpreter, arguments: Arguments) -> list[Given]:
    """The expressions that texts of SQL mean."""
    return [(expressing.of_sql(run, [value], "", place), False) for value, place in arguments.many(Argument("*"))]


def _expressions(run: Interpreter, value: Value, at: Place, weak: bool) -> list[Given]:
    match value:
        case Formula():
            return [(value, weak)]
        case Choice():
            return [pair for option in value.options for pair in _expressions(run, option, at, True)]
        case Leaf():
            return _expressions(run, run.look_at(value, at, "names columns"), at, weak)
        case Const():
            if isinstance(value.value, str):
                return [(expressing.of_names(run, [value], "", value.at or at), weak)]
            return [(Formula("", (Part("", at),)), weak)] if value.value is not None else []
        case View():
            return [(expressing.of_names(run, [value], "", at), weak)]
        case Data():
            return [(Formula("", (Part("", at),), value), weak)]  # nobody follows its name
        case Sequence():
            items, element, open_ = value.state
            pairs = [pair for item in items or () for pair in _expressions(run, item, at, weak)]
            pairs.extend(_expressions(run, element, at, True) if element is not None else ())
            return [*pairs, *(_anything(at) if open_ or (items is None and element is None) else ())]
        case Mapping() if value.state[1] is None and not value.state[2]:
            return [
                (formula.named(str(name), at), weak)
                for name, member in value.state[0].items()
                for formula, _ in _expressions(run, member, at, weak)
            ]
    run.escape(value, at, "names columns in a way we cannot follow")
    return _anything(at)


def _anything(at: Place) -> list[Given]:
    """Something we know nothing of: any column may stay, any column may be made of all."""
    return [(Formula("", (Part(EACH, at, plain=True, every=True), Part("", at, whole=True))), True)]


def _lay_out(run: Interpreter, frame: Frame, given: list[Given], columns: dict[str, int], arguments: Arguments) -> tuple[int, bool]:
    """Puts the columns that expressions make beside others; what has no name is hidden. All read the table as it was."""
    state = frame.state
    hidden, open_ = 0, False
    fresh: set[str] = set()
    for formula, weak in given:
        for part in formula.parts:
            data = resolved(run, formula, part, frame, arguments)
            if part.every:
                _lay_every(part, frame, data, columns)
                hidden |= state.hidden if part.name == EACH else state.all_bits() | data.bits
                open_ = open_ or state.open or part.name != EACH
                continue
            bits = data.bits if part.plain else _made(run, part, data, arguments)
            if not part.name:
                hidden |= bits
                continue
            before = columns.get(part.name, 0) if weak or part.name in fresh else 0
            columns[part.name] = before | bits
            fresh.add(part.name)
    return hidden, open_


def _lay_every(part: Part, frame: Frame, data: Data, columns: dict[str, int]) -> None:
    for name, bits in frame.state.columns.items() if part.name == EACH else ():
        if name not in part.without:
            columns[name] = columns.get(name, 0) | bits | data.bits


def _made(run: Interpreter, part: Part, data: Data, arguments: Arguments) -> int:
    assert arguments.frame is not None
    return tables.made_column(run, part.name or "*", data, part.at, arguments.frame)


def resolved(run: Interpreter, formula: Formula, part: Part, frame: Frame, arguments: Arguments) -> Data:
    """The rows that one column of an expression is made of, in this table."""
    at = arguments.at
    bits = _read(run, part, frame, arguments) | _mentioned(formula, frame.state)
    data = Data(bits, "", run.world.predictions_in(bits), origin=_origin(run, formula, part, frame, bits, at))
    if formula.data is not None:
        data = combined(data, formula.data)
    for comparison in formula.comparisons:
        data = _decided(run, comparison.parts, comparison.fixed, comparison.at, comparison.name, data, frame, arguments)
    for function in formula.functions:
        result = arithmetic.data_in(run, run.call_with(function, (data,), at, arguments.frame))
        data = combined(data, result) if result is not None else data
    return data


def _origin(run: Interpreter, formula: Formula, part: Part, frame: Frame, bits: int, at: Place) -> Origin:
    """The rows of the table, with the statistics in what is read; one that sums up is a statistic itself, put back on each row."""
    state = frame.state
    aggregates = state.aggregates
    for name in part.reads:
        aggregates |= state.marks.get(name, 0)
    if formula.aggregates:
        aggregates |= rows.statistic(run, Data(bits, origin=Origin(state.rows)), at, "summary")
    return Origin(state.rows, aggregates, moved=not part.plain)


def _read(run: Interpreter, part: Part, frame: Frame, arguments: Arguments) -> int:
    state = frame.state
    bits = state.all_bits() if part.whole else 0
    for name in part.reads:
        pieces = {name.partition(".")[0], name.rpartition(".")[2]} if "." in name and not tables.matching(state.columns, name) else set()
        inside = 0
        for piece in pieces:
            inside |= tables.matching(state.columns, piece)
        bits |= inside or tables.column(run, frame, name, arguments.at, arguments.frame).bits
    return bits


def _mentioned(formula: Formula, state: FrameState) -> int:
    bits = state.hidden if formula.mentions else 0
    for name, column in state.columns.items() if formula.mentions else ():
        if expressing.mentions_any(formula.mentions, name):
            bits |= column
    return bits


def _decided(
    run: Interpreter, parts: tuple[Part, ...], fixed: Value, at: Place, name: str, data: Data, frame: Frame, arguments: Arguments
) -> Data:
    """A comparison in the expression that turns out to look at a prediction is a decision."""
    bits = 0
    for part in parts:
        bits |= _read(run, part, frame, arguments)
    compared = Data(bits, "", run.world.predictions_in(bits), name=next((part.name for part in parts if part.name), ""))
    assert arguments.frame is not None
    number = comparisons.decide(run, fixed, compared, at, arguments.frame, name, compared.name) if compared.predictions else None
    if number is None:
        return data
    return Data(data.bits, data.type, frozenset(), data.decisions | {number}, data.name, data.origin)


def bits_in(run: Interpreter, formula: Formula, frame: Frame, arguments: Arguments) -> int:
    """All that an expression reads of a table."""
    bits = 0
    for part in formula.parts:
        bits |= frame.state.all_bits() if part.every else resolved(run, formula, part, frame, arguments).bits
    return bits


def against(run: Interpreter, frame: Frame, arguments: Arguments) -> Arguments:
    """The same call with its expressions resolved against the table."""
    if not any(isinstance(option, Formula) for value in arguments.every() for option in options_of(value)):
        return arguments
    made = Arguments(arguments.at, arguments.frame)
    made.positional = [_as_data(run, value, frame, arguments) for value in arguments.positional]
    made.keywords = {name: _as_data(run, value, frame, arguments) for name, value in arguments.keywords.items()}
    made.places, made.keyword_places = arguments.places, arguments.keyword_places
    made.rest, made.others, made.unknown = arguments.rest, arguments.others, arguments.unknown
    return made


def _as_data(run: Interpreter, value: Value, frame: Frame, arguments: Arguments) -> Value:
    if isinstance(value, Choice):
        return run.choice(_as_data(run, option, frame, arguments) for option in value.options)
    if not isinstance(value, Formula):
        return value
    found = Data()
    for part in value.parts:
        more = whole(frame) if part.every else resolved(run, value, part, frame, arguments)
        found = combined(found, more)
    return found


def bits_of(run: Interpreter, value: Value, frame: Frame, at: Place) -> int:
    """All that some expressions read of a table, outside a call's own verb (keys of joins)."""
    arguments = Arguments(at, CallFrame(None, at, at[0], ""))
    bits = 0
    for formula, _ in _expressions(run, value, at, False):
        bits |= bits_in(run, formula, frame, arguments)
    return bits
