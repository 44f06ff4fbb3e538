"""The parts of a value that several names are bound to at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow import access
from mldebt.flow.events import CallFrame
from mldebt.flow.values import (
    Choice,
    Leaf,
    Library,
    Place,
    Sequence,
    Value,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def unpacked(run: Interpreter, value: Value, count: int, star: int, at: Place, frame: CallFrame) -> list[Value]:
    """The parts of `a, b, *c = value`."""
    inner = (
        run.leaf_inside(value, at) if isinstance(value, Leaf) else access.of_library(run, value) if isinstance(value, Library) else value
    )
    if isinstance(inner, Sequence) and inner.items is not None and not inner.state[2]:
        items = inner.items
        if star < 0 and len(items) == count:
            return list(items)
        if star >= 0 and len(items) >= count - 1:
            after = count - star - 1
            middle = items[star : len(items) - after]
            return [*items[:star], run.world.heap.list(tuple(middle)), *items[len(items) - after :]]
    if isinstance(inner, Choice):
        columns = [unpacked(run, option, count, star, at, frame) for option in inner.options]
        return [run.choice(parts) for parts in zip(*columns, strict=True)]
    part = access.element(run, inner, at)
    return [run.world.heap.list(None, part) if index == star else part for index in range(count)]
