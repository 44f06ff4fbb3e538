"""Traces travel with columns and say where values and rows go back to: predictions, choices by predictions, mixtures, randomness.

They are bits like columns, but no columns: two tables that went through the same function keep their own traces.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mldebt.flow.arguments import Arguments
from mldebt.flow.events import CallFrame
from mldebt.flow.joins import join_data
from mldebt.flow.values import Const, Data, Frame, FrameState, Place, Sequence, SliceValue, Value, options_of
from mldebt.libraries.types import CallModel, Concatenates, ConsumesRandomness, Converts, Samples

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter
    from mldebt.flow.world import World

RIDING = ("mixed", "residual", "random")


def of_values(world: World, name: str, value: Data, predictions: frozenset[int], at: Place, frame: CallFrame) -> int:
    """The traces of a column whose values are made of these."""
    riding = value.bits & sum(world.traces.get(role, 0) for role in RIDING)
    before = value.bits & world.traces.get("value", 0)
    for prediction in sorted(predictions):
        riding |= world.trace("value", name, at, frame, prediction, before)
    return riding


def of_difference(run: Interpreter, sides: tuple[Value, Value], at: Place) -> int:
    """The trace of what is left when a prediction is taken from something else that is no plain number."""
    world = run.world
    said: list[frozenset[int]] = []
    for side in sides:
        said.append(frozenset().union(*(item.predictions | world.predictions_in(item.bits) for item in _data_of(side))))
        if isinstance(side, Const):
            return 0
    if bool(said[0]) == bool(said[1]):
        return 0
    return world.trace("residual", "", at, run.activations[-1].frame if run.activations else CallFrame(None, at, at[0], ""))


def of_mask(world: World, data: Data, at: Place, frame: CallFrame) -> int:
    """The traces of an order comparison of predictions."""
    bits = 0
    for prediction in sorted(data.predictions | world.predictions_in(data.bits)):
        bits |= world.trace("mask", data.name, at, frame, prediction, data.bits & world.traces.get("value", 0))
    return bits


def choosing(run: Interpreter, value: Value, at: Place, frame: CallFrame | None, role: str = "rows") -> int:
    """The traces of rows that this value chooses (a mask, row numbers, a column to order by)."""
    world = run.world
    bits = 0
    for data in _data_of(value):
        bits |= data.bits & world.traces.get("random", 0)
        predictions = data.predictions | world.predictions_in(data.bits) | world.predictions_in(data.bits, "mask")
        for number in data.decisions:
            predictions |= world.decided.get(number, frozenset())
        if frame is not None:
            before = data.bits & (world.traces.get("value", 0) | world.traces.get("mask", 0))
            for prediction in sorted(predictions):
                bits |= world.trace(role, data.name, at, frame, prediction, before)
    return bits


def _data_of(value: Value) -> Iterable[Data]:
    for option in options_of(value):
        if isinstance(option, Data):
            yield option
        elif isinstance(option, Sequence):
            for item in option.items or ():
                yield from _data_of(item)


def chosen(run: Interpreter, frame: Frame, bits: int) -> Frame:
    """The table with traces on its rows."""
    state = frame.state
    if bits & ~state.index:
        frame.state = state.changed(index=state.index | bits)
    return frame


def vague(run: Interpreter, frame: Frame) -> Frame:
    """A table of which some columns are left out that we cannot name: no trace is certain to be still there."""
    state = frame.state
    mask = ~certain(run)
    columns = {name: bits & mask for name, bits in state.columns.items()}
    frame.state = state.changed(columns, hidden=state.hidden & mask)
    return frame


def vague_part(run: Interpreter, data: Data, key: Value) -> Data:
    """Some columns of an array: where it holds more than predictions, they may be the others."""
    parts = key.items if isinstance(key, Sequence) and key.kind == "tuple" else None
    whole = parts is None or len(parts) < 2 or (isinstance(parts[1], SliceValue) and not any(p is not None for p in parts[1].parts))
    mask = certain(run)
    if whole or not data.bits & (mask | ~sum(run.world.traces.values())):
        return data
    return Data(data.bits & ~mask, data.type, frozenset(), data.decisions, data.name, data.origin)


def certain(run: Interpreter) -> int:
    """The traces that only a column has which is surely there."""
    return sum(run.world.traces.get(role, 0) for role in ("value", "mixed", "residual"))


def cut(run: Interpreter, frame: Frame, at: Place, call_frame: CallFrame | None) -> Frame:
    """The first or last rows: what put them in order has chosen them."""
    world = run.world
    ordered = frame.state.index & world.traces.get("order", 0)
    bits = 0
    if ordered and call_frame is not None:
        for prediction in sorted(world.predictions_in(ordered, "order")):
            bits |= world.trace("rows", "", at, call_frame, prediction, ordered)
    return chosen(run, frame, bits)


def mixing(run: Interpreter, parts: list[FrameState], at: Place, frame: CallFrame | None) -> dict[str, int]:
    """By column: the traces of predictions put below values that are none, unless a column made by hand says which is which."""
    world = run.world
    if frame is None or len(parts) < 2 or any(_is_mark(world, bits) for part in parts for bits in part.columns.values()):
        return {}
    found: dict[str, int] = {}
    for name in sorted({name for part in parts for name in part.columns}):
        predicted = [world.predictions_in(part.columns.get(name, 0)) for part in parts]
        real = any(not said and (name in part.columns or part.open) for said, part in zip(predicted, parts, strict=True))
        for prediction in sorted(frozenset().union(*predicted)) if real else ():
            found[name] = found.get(name, 0) | world.trace("mixed", name, at, frame, prediction)
    return found


def mix_arrays(run: Interpreter, whole: Data | None, parts: list[Data], arguments: Arguments) -> Data | None:
    """The same for arrays; side by side or below each other, the predictions are no longer alone."""
    world = run.world
    predicted = [part.predictions | world.predictions_in(part.bits) for part in parts]
    if whole is None or arguments.frame is None or all(predicted) or not any(predicted):
        return whole
    bits = 0
    for prediction in sorted(frozenset().union(*predicted)):
        bits |= world.trace("mixed", "", arguments.at, arguments.frame, prediction)
    return join_data(whole, Data(bits, whole.type))


def _is_mark(world: World, bits: int) -> bool:
    """Whether a column is a constant written by hand, as provenance and weights are."""
    from mldebt.flow.world import numbers

    columns = [world.columns[number] for number in numbers(bits)]
    return bool(columns) and all(column.made and not column.deps and not column.predictions for column in columns)


def of_generator(run: Interpreter, model: CallModel, receiver: Value | None, arguments: Arguments) -> Data | None:
    """What a random generator gives; None where the call does more than draw."""
    others = [verb for verb in model.verbs if not isinstance(verb, ConsumesRandomness)]
    draws = all(isinstance(verb, Converts) and verb.to == "same" for verb in others)
    given = [item for value in arguments.every() for item in _data_of(value)]
    kind = run.world.knowledge.kind(model.returns) if model.returns else "array"
    if kind not in ("array", "tensor", "column") or arguments.frame is None or isinstance(receiver, Frame | Data):
        return None
    if not draws and not (given and all(isinstance(verb, Samples) for verb in others)):
        return None
    drawn = Data(run.world.trace("random", "", arguments.at, arguments.frame), "numpy.ndarray")
    for data in given:
        drawn = join_data(drawn, data)
    return drawn


def mix(run: Interpreter, verb: Concatenates, state: FrameState, parts: list[FrameState], arguments: Arguments) -> FrameState:
    """Tables put below each other: the columns in which predictions now stand among other values."""
    axis = arguments.get(verb.axis)
    below = axis is None or (isinstance(axis, Const) and axis.value in (0, "index", "rows", None))
    if not below or arguments.get(verb.keys) is not None:
        return state
    columns = dict(state.columns)
    for name, bits in mixing(run, parts, arguments.at, arguments.frame).items():
        columns[name] |= bits
    return state.changed(columns)
