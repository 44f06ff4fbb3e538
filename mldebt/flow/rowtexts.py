"""Rows as texts (JSON lines): a row keeps its fields while it is text, and a reader gets them by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow import tables
from mldebt.flow.arguments import Arguments
from mldebt.flow.dumping import is_whole
from mldebt.flow.escape import give
from mldebt.flow.values import TOP, Data, Mapping, Value, options_of
from mldebt.flow.world import numbers

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def text_of(run: Interpreter, row: Mapping, arguments: Arguments) -> Value:
    """The text of a record; what predictions say stays in it under the name of its field."""
    bits = 0
    for name, value in row.state[0].items():
        found = [option for option in options_of(value) if isinstance(option, Data)]
        if isinstance(name, str) and arguments.frame is not None:
            for data in found:
                if data.predictions or run.world.predictions_in(data.bits):
                    bits |= tables.made_column(run, name, data, arguments.at, arguments.frame)
    if not is_whole(run, row):
        give(run, row, arguments.at, "is converted")
    run.world.use_bits(bits, arguments.at, "is converted")
    return Data(bits) if bits else TOP


def fields_of(run: Interpreter, stored: Value | None) -> dict[str, int]:
    """The fields of rows that were written as text."""
    columns: dict[str, int] = {}
    for option in options_of(stored) if stored is not None else ():
        for number in numbers(option.bits) if isinstance(option, Data) else ():
            column = run.world.columns[number]
            if column.name and (column.made or column.role == "value"):
                columns[column.name] = columns.get(column.name, 0) | 1 << number
    return columns
