"""What happens to rows: read, divided, picked, sampled, summed up. Row tokens and statistics go along with tables and data."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow.arguments import Arguments
from mldebt.flow.escape import members
from mldebt.flow.frame_state import FrameState
from mldebt.flow.joins import combined, key_of, whole
from mldebt.flow.origin import NOWHERE, Aggregate, Origin, Pick, Rest
from mldebt.flow.values import TOP, Choice, Const, Data, Frame, Leaf, Mapping, Place, Sequence, SliceValue, Value, options_of
from mldebt.libraries.types import Aggregates, Argument, CallModel, Samples

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

SIDES = {"<": "inside", ">=": "outside", "<=": "inside", ">": "outside", "==": "inside", "!=": "outside"}
SAME_CUT = {"<": "<", ">=": "<", "<=": "<=", ">": "<=", "==": "==", "!=": "=="}
ALONG_COLUMNS = (1, -1, "columns", "index 1")


def column_origin(state: FrameState, name: str) -> Origin:
    """Of one column of a table."""
    aggregates = state.aggregates | state.marks.get(name, 0) | state.doubtful.get(name, 0)
    return Origin(state.rows, aggregates, moved=state.moved) if state.rows or aggregates or state.moved else NOWHERE


def with_columns(state: FrameState, columns: dict[str, int], names: list[str], origin: Origin, kept: bool = False) -> FrameState:
    """The table after values were stored under names; `kept`: only some rows were replaced."""
    marks = state.marks
    if origin.aggregates or any(name in marks for name in names):
        marks = dict(marks)
        for name in names:
            mark = origin.aggregates | (marks.get(name, 0) if kept else 0)
            marks.pop(name, None)
            if mark:
                marks[name] = mark
    return state.changed(columns, rows=state.rows or origin.rows, marks=marks, gone=state.gone - frozenset(names) if state.gone else None)


def with_hidden(state: FrameState, data: Data) -> FrameState:
    """The table after values were stored under names nobody knows."""
    more = data.origin.aggregates
    made = state.changed(hidden=state.hidden | data.bits, aggregates=state.aggregates | more)
    if more:
        made.doubtful = {**made.doubtful, HOLE: made.doubtful.get(HOLE, 0) | more}
    return made


def made_of(state: FrameState, data: Data | None) -> FrameState:
    """A table that holds these values under names nobody knows."""
    if data is None:
        return state
    return state.changed(hidden=state.hidden | data.bits, rows=data.origin.rows, aggregates=data.origin.aggregates)


def picking(data: Data, operator: str, sides: tuple[Value, Value]) -> Origin:
    """What taking rows by a comparison means: `a < b` and `a >= b` are the two sides of one division."""
    side = SIDES.get(operator)
    if side is None:
        return data.origin.plain()
    origin = data.origin
    split = ("mask", SAME_CUT[operator], tuple(_key_of_side(value) for value in sides))
    return Origin(origin.rows, origin.aggregates, frozenset(), Pick(split, side), origin.moved, origin.partial)


def _key_of_side(value: Value) -> Hashable:
    while isinstance(value, Leaf):
        value = value.value
    if isinstance(value, Frame):
        value = whole(value)
    if isinstance(value, Data):
        return ("data", value.bits, value.type)
    return key_of(value)


def flipped(data: Data) -> Data:
    """`~mask`."""
    pick = data.origin.pick
    if pick is None:
        return data
    origin = data.origin
    return data.from_rows(Origin(origin.rows, origin.aggregates, origin.rest, pick.other_side(), origin.moved, origin.partial))


def pick_of(key: Value) -> Pick | None:
    """How a key chooses rows: a mask, an index of a split, a slice."""
    if isinstance(key, Choice):
        picks = {pick_of(option) for option in key.options}
        return picks.pop() if len(picks) == 1 else None
    if isinstance(key, Data):
        return key.origin.pick
    if isinstance(key, Sequence) and key.kind == "tuple" and key.items:
        return pick_of(key.items[0])
    if isinstance(key, SliceValue):
        return _pick_of_slice(key)
    return None


def row_labels(run: Interpreter, values: list[Value], model: CallModel) -> Value:
    """The labels of rows: taking by them gives the part that they are of."""
    held = _held_in(values)
    parts = [token for token in run.world.rows.named(held.origin.rows) if token.kind == "part"]
    pick = Pick(parts[0].split, parts[0].name) if len(parts) == 1 and held.origin.rows.bit_count() == 1 else None
    return Data(held.bits, model.returns, name=held.name, origin=Origin(held.origin.rows, pick=pick))


def membership(run: Interpreter, receiver: Value | None, values: list[Value], model: CallModel, at: Place) -> Value:
    """A mask of the rows that are among given ones."""
    held, wanted = _held_in([receiver] if receiver is not None else []), _held_in(values)
    for value in values:
        run.use(value, at, "is looked up")
    return Data(held.bits, model.returns, name=held.name, origin=Origin(held.origin.rows, held.origin.aggregates, pick=wanted.origin.pick))


def _held_in(values: list[Value]) -> Data:
    """The data of tables and columns, with its meaning as an index where there is one of it only."""
    found: Data | None = None
    for value in values:
        for option in options_of(value):
            item = whole(option) if isinstance(option, Frame) else option
            if isinstance(item, Data):
                found = item if found is None else combined(found, item)
    return found if found is not None else Data()


def without(run: Interpreter, rows: int, key: Value | None, at: Place) -> int:
    """The rows that are left when those with some labels go, or that some condition takes."""
    pick = pick_of(key) if key is not None else None
    if pick is None or not rows:
        return run.world.rows.some(at, "filtered", rows)
    return run.world.rows.part(pick.split, at, pick.other_side().part, rows)


def _pick_of_slice(key: SliceValue) -> Pick | None:
    """`[:n]` and `[n:]` divide; any other slice is just some rows."""
    start, stop = (_bound(part) for part in (*key.parts[:2], *(None,) * (2 - len(key.parts[:2]))))
    if len(key.parts) > 2 and _bound(key.parts[2]) is not None:
        return None
    if start is None and stop is not None:
        return Pick(("slice", stop), "head")
    if stop is None and start is not None:
        return Pick(("slice", start), "tail")
    return None


def _bound(part: Value | None) -> Hashable:
    while isinstance(part, Leaf):
        part = part.value
    if part is None or (isinstance(part, Const) and part.value in (None, 0)):
        return None
    return ("data", part.bits) if isinstance(part, Data) else key_of(part)


def taken(run: Interpreter, rows: int, key: Value, at: Place) -> int:
    """The rows that a key chooses from others."""
    pick = pick_of(key)
    if not rows:
        return rows
    if pick is None:
        return run.world.rows.some(at, "taken", rows) if _chooses(key) else rows
    return run.world.rows.part(pick.split, at, pick.part, rows)


def _chooses(key: Value) -> bool:
    """Whether a key takes some of the rows: a mask, a list of positions, a slice with bounds; not a column, nor one position."""
    if isinstance(key, Choice):
        return any(_chooses(option) for option in key.options)
    if isinstance(key, SliceValue):
        return any(_bound(part) is not None for part in key.parts)
    if isinstance(key, Sequence):
        return _chooses(key.items[0]) if key.kind == "tuple" and key.items else key.kind != "tuple"
    return isinstance(key, Data) or key is TOP


def taken_data(run: Interpreter, owner: Data, key: Value, at: Place) -> Data:
    origin = owner.origin
    rows = taken(run, origin.rows, key, at)
    moved = any(not isinstance(option, Data | Sequence) for option in options_of(key))
    narrowing = [option for option in options_of(key) if isinstance(option, Sequence) and option.kind == "tuple" and _narrows(option)]
    partial = bool(narrowing)
    if origin.rest and any(is_bounded(item) for option in narrowing for item in (option.items or ())[1:]):
        origin = Origin(origin.rows, origin.aggregates, pick=origin.pick, moved=origin.moved, partial=origin.partial)
    if rows == origin.rows and origin.pick is None and origin.moved >= moved and origin.partial >= partial:
        return owner if origin is owner.origin else owner.from_rows(origin)
    return owner.from_rows(origin.changed(rows=rows, moved=moved, partial=partial))


def _narrows(key: Sequence) -> bool:
    """Whether `[rows, columns]` takes fewer than all columns."""
    return any(not (isinstance(item, SliceValue) and all(_bound(part) is None for part in item.parts)) for item in (key.items or ())[1:])


def taken_frame(run: Interpreter, frame: Frame, key: Value, at: Place) -> Frame:
    state = frame.state
    rows = taken(run, state.rows, key, at)
    return Frame(run.world.heap.next_serial(), frame.type, state if rows == state.rows else state.changed(rows=rows))


def partly(run: Interpreter, frame: Frame, listed: bool = False, single: bool = False, left: frozenset[str] | None = None) -> Frame:
    """Some of the columns, nobody can tell which; `listed`: by names, so that nothing unnamed comes along. `single`: by one name, which is taken for that
    under which values were stored before (a loop over columns). `left`: names that surely stay behind."""
    gone = frame.state.gone | left if left else None
    numbers = run.world.rows.listed(frame.state.rows, run.here) if listed else None
    state = frame.state.changed(partial=True, source=-1 if listed else None, gone=gone, rows=numbers)
    if single and HOLE in state.doubtful:
        state.aggregates = state.doubtful[HOLE]
    return Frame(run.world.heap.next_serial(), frame.type, state)


def is_bounded(key: Value) -> bool:
    """Whether a position, a list of them or a slice with a fixed end picks columns: more columns at the end change nothing."""
    if isinstance(key, SliceValue):
        stop = key.parts[1] if len(key.parts) > 1 else None
        inner = stop.value if isinstance(stop, Leaf) else stop
        return inner is not None and not (
            isinstance(inner, Const) and (inner.value is None or (isinstance(inner.value, int) and inner.value < 0))
        )
    return isinstance(key, Const | Sequence | Leaf)


def rows_of(run: Interpreter, data: Data, at: Place) -> int:
    """The tokens of data that is learned from or divided; rows that nothing is known of get a name here."""
    return data.origin.rows or run.world.rows.value(at)


def moved(run: Interpreter, value: Value) -> Value:
    """Values that now stand beside other rows: lags, windows, running sums."""
    if isinstance(value, Frame):
        return Frame(run.world.heap.next_serial(), value.type, value.state.changed(moved=True))
    if isinstance(value, Data):
        return value.from_rows(value.origin.changed(moved=True))
    if isinstance(value, Choice):
        return run.choice(moved(run, option) for option in value.options)
    return value


def lagged(run: Interpreter, value: Value, at: Place, what: str, kind: str = "window", keys: tuple[str, ...] = ()) -> Value:
    """Values of neighbours in time, or of the rows before in a group of equal keys."""
    if isinstance(value, Choice):
        return run.choice(lagged(run, option, at, what, kind, keys) for option in value.options)
    if not isinstance(value, Frame | Data):
        return value
    data = whole(value) if isinstance(value, Frame) else value
    made = run.world.rows.aggregate(Aggregate(kind, at, what, rows_of(run, data, at), data.bits, keys=keys))
    if isinstance(value, Data):
        return value.from_rows(value.origin.changed(aggregates=made, moved=True))
    state = value.state.changed(aggregates=value.state.aggregates | made, moved=True)
    return Frame(run.world.heap.next_serial(), value.type, state)


def one_of(run: Interpreter, value: Value) -> Value:
    """One row or value of many: what is computed over it is no statistic of rows."""
    if isinstance(value, Frame):
        return Frame(run.world.heap.next_serial(), value.type, value.state.changed(rows=0))
    return value.from_rows(value.origin.changed(rows=0)) if isinstance(value, Data) else value


# -- statistics -----------------------------------------------------------------------------------------------------------


def statistic(
    run: Interpreter,
    data: Data,
    at: Place,
    what: str,
    kind: str = "statistic",
    target: int = 0,
    table: bool = False,
    keys: tuple[str, ...] = (),
) -> int:
    """The number of a statistic of some data, with the statistics that went into it."""
    known = rows_of(run, data, at)
    rows = known & ~run.world.rows.codes or run.world.rows.value(at)
    made = run.world.rows.aggregate(Aggregate(kind, at, what, rows, data.bits, target, table, keys))
    return made | data.origin.aggregates


def summarised(run: Interpreter, verb: Aggregates, model: CallModel, data: Data, arguments: Arguments) -> Data:
    """A statistic of data: of no rows, or put back on each of them; along the columns of a row it is none."""
    name = model.call.rpartition(".")[2] or "summary"
    if not verb.statistic or along_columns(run, verb.axis, arguments):
        codes = run.world.rows.encoded(arguments.at, name, rows_of(run, data, arguments.at)) if not verb.statistic and verb.rowwise else 0
        return data.from_rows(data.origin.changed(rows=data.origin.rows | codes))
    aggregates = statistic(run, data, arguments.at, name, table=run.world.knowledge.kind(data.type) == "column")
    return data.from_rows(Origin(data.origin.rows if verb.rowwise else 0, aggregates, moved=True))


def along_columns(run: Interpreter, axis: Argument | None, arguments: Arguments) -> bool:
    """Whether a call may work along the columns of a row."""
    value = arguments.get(axis) if axis is not None else None
    if value is None:
        return False
    return any(not isinstance(o, Const) or o.value in ALONG_COLUMNS for o in options_of(run.look_at(value, arguments.at, "is an axis")))


def with_statistics_of(run: Interpreter, result: Value, receiver: Value | None, arguments: Arguments) -> Value:
    """Rows that a call changes by a statistic carry it: `fillna(mean)`, `sub(mean)`, `clip(upper=quantile)`."""
    if not isinstance(receiver, Data | Frame):
        return result
    given = [value for value in arguments.every() if type(value) is not Const]
    found = statistics_in(given) if given else 0
    if not found:
        return result
    if isinstance(result, Frame):
        run.world.heap.write(result, result.state.changed(aggregates=result.state.aggregates | found))
    elif isinstance(result, Data):
        return result.from_rows(result.origin.changed(aggregates=found))
    elif isinstance(receiver, Frame) and isinstance(result, Const):
        run.world.heap.write(receiver, receiver.state.changed(aggregates=receiver.state.aggregates | found))
    return result


def changed_in_place(run: Interpreter, column: Data, result: Value) -> None:
    """A call changed a column inside its table."""
    home = column.home
    if home is not None and column.name and isinstance(result, Data) and result.origin.aggregates:
        columns = {**home.state.columns, column.name: column.bits}
        run.world.heap.write(home, with_columns(home.state, columns, [column.name], result.origin, kept=True))


def stored_into(array: Data, value: Value) -> Data:
    """An array after values were put into it."""
    more = statistics_in([value])
    if not more or array.origin.aggregates | more == array.origin.aggregates:
        return array
    return array.from_rows(array.origin.changed(aggregates=more))


def statistics_in(values: list[Value], depth: int = 2) -> int:
    """The statistics that values hold."""
    found = 0
    for value in values:
        for option in options_of(value):
            if isinstance(option, Data):
                found |= option.origin.aggregates
            elif isinstance(option, Frame):
                found |= option.state.all_aggregates()
            elif isinstance(option, Sequence | Mapping) and depth:
                found |= statistics_in(members(option), depth - 1)
    return found


# -- sampling -------------------------------------------------------------------------------------------------------------


def sampled(run: Interpreter, verb: Samples, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value | None:
    """Some of the rows; with replacement or made-up rows they are resampled, which no later division parts cleanly."""
    table = run.world.rows
    repeats = verb.duplicates or _may_be_true(arguments.get(verb.replace))
    name = model.call.rpartition(".")[2]

    def changed(rows: int) -> int:
        if repeats:
            return table.resampled(arguments.at, name, rows)
        return table.part(("sample", arguments.at), arguments.at, "inside", rows)

    if isinstance(receiver, Frame):
        state = receiver.state
        return Frame(run.world.heap.next_serial(), receiver.type, state.changed(rows=changed(state.rows)))
    if isinstance(receiver, Data):
        return receiver.from_rows(receiver.origin.changed(rows=changed(rows_of(run, receiver, arguments.at))))
    values = [value for value, _ in arguments.many(verb.value)] if verb.value is not None else []
    parts = [_sampled_part(run, value, changed, arguments.at) for value in values]
    return parts[0] if len(parts) == 1 else run.world.heap.list(tuple(parts), None, "tuple") if parts else None


def _sampled_part(run: Interpreter, value: Value, changed: object, at: Place) -> Value:
    assert callable(changed)
    options: list[Value] = []
    for option in options_of(value):
        if isinstance(option, Frame):
            state = option.state
            options.append(
                Frame(run.world.heap.next_serial(), option.type, state.changed(rows=changed(state.rows or run.world.rows.value(at))))
            )
        elif isinstance(option, Data):
            options.append(option.from_rows(option.origin.changed(rows=changed(rows_of(run, option, at)))))
        elif isinstance(option, Const):
            options.append(option)
        else:
            run.use(option, at, "is sampled")
            options.append(Data(origin=Origin(changed(run.world.rows.value(at)))))
    return run.choice(options)


def _may_be_true(value: Value | None) -> bool:
    return value is not None and any(isinstance(option, Const) and option.value is True for option in options_of(value))


def rest_of(rest: frozenset[Rest]) -> dict[int, frozenset[str]]:
    """By read, the names that are surely gone."""
    return {item.source: item.gone for item in rest}
