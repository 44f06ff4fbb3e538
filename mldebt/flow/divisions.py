"""Rows divided by a library call: the parts of each input, indices to take rows by, or a division inside the call."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from mldebt.flow import learning
from mldebt.flow.arguments import Arguments
from mldebt.flow.origin import Origin, Pick
from mldebt.flow.rows import rows_of
from mldebt.flow.values import (
    TOP,
    Choice,
    Const,
    Data,
    Frame,
    Object,
    Place,
    Sequence,
    Value,
    options_of,
)
from mldebt.libraries.types import (
    Splits,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def split(run: Interpreter, verb: Splits, receiver: Value | None, arguments: Arguments) -> Value | None:
    """The parts of each input, in the order the library gives them."""
    heap = run.world.heap
    for argument in (verb.stratify, verb.groups):
        for value, place in arguments.many(argument):
            run.use(value, place, "decides the split")
    split_by = _division(run, verb, receiver, arguments)
    if verb.gives == "indices":
        picks = (Data(origin=Origin(pick=Pick(split_by, name))) for name in _part_names(run, verb, arguments))
        return heap.list(None, heap.tuple(tuple(picks)))
    inputs = arguments.many(verb.inputs)
    if arguments.rest is not None or not inputs:
        for value in arguments.every():
            run.use(value, arguments.at, "is split in a way we cannot follow")
        data = learning.data_of(run, arguments.every())
        return heap.list(None, data if data.bits else TOP)
    if verb.gives == "inside":
        for value, _ in inputs:
            run.use(value, arguments.at, "is split inside the call")
        return None
    names = _part_names(run, verb, arguments)
    return heap.list(tuple(part_of(run, value, name, arguments.at, split_by) for value, _ in inputs for name in names))


def _part_names(run: Interpreter, verb: Splits, arguments: Arguments) -> tuple[str, ...]:
    """The names of the parts; as many as there are shares, where the call lists them."""
    shares = arguments.get(verb.share)
    if isinstance(shares, Sequence) and shares.items is not None and len(shares.items) == len(verb.into) + 1:
        return (*verb.into[:-1], "val", verb.into[-1])
    return verb.into


def _division(run: Interpreter, verb: Splits, receiver: Value | None, arguments: Arguments) -> Hashable:
    """The name of a division of rows; one by chance, where that is sure, is called so."""
    shuffle = arguments.get(verb.shuffle)
    if shuffle is None and isinstance(receiver, Object):
        shuffle = receiver.state.get("#shuffle")
    asked = shuffle is not None and all(isinstance(o, Const) and o.value is True for o in options_of(shuffle))
    random = asked or (verb.random and shuffle is None)
    return ("random split" if random and arguments.get(verb.groups) is None else "split", arguments.at)


def part_of(run: Interpreter, value: Value, name: str, at: Place, split_by: Hashable) -> Value:
    """Some of the rows."""
    table = run.world.rows
    if isinstance(value, Frame):
        state = value.state
        rows = table.part(split_by, at, name, state.rows or table.value(at))
        return Frame(run.world.heap.next_serial(), value.type, state.changed(rows=rows))
    if isinstance(value, Data):
        origin = value.origin
        part = value.from_rows(origin.changed(rows=table.part(split_by, at, name, rows_of(run, value, at))))
        return part.with_names(value.names)
    if isinstance(value, Choice):
        return run.choice(part_of(run, option, name, at, split_by) for option in value.options)
    if value is TOP or (isinstance(value, Sequence) and value.items is None and value.state[1] in (None, TOP)):
        return Data(origin=Origin(table.part(split_by, at, name, table.value(at))))
    return value
