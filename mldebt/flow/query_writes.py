"""Rows that an INSERT or UPDATE gets as parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow import tables
from mldebt.flow.arguments import Arguments
from mldebt.flow.values import Const, Data, FrameState, Mapping, Sequence, Value

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def given_row(run: Interpreter, spelled: tuple[str, ...], query: Value | None, arguments: Arguments) -> FrameState | None:
    """The values under the columns that the statement spells. They are used: single rows are written for whoever looks at the table."""
    given = _given(query, arguments)
    if given is None or arguments.frame is None:
        return None
    row = _first_row(given)
    if isinstance(row, Mapping):
        entries = {str(key): value for key, value in row.state[0].items()}
    elif isinstance(row, Sequence) and row.items is not None and len(row.items) >= len(spelled) > 0:
        entries = dict(zip(spelled, row.items, strict=False))
    else:
        return FrameState({}, True, tables.data_of(run, given, arguments.at).bits)
    columns: dict[str, int] = {}
    for name, value in entries.items():
        data = tables.data_of(run, value, arguments.at) if not isinstance(value, Const) else Data()
        columns[name] = tables.made_column(run, name, data, arguments.at, arguments.frame)
        run.world.use_bits(columns[name], arguments.at, "is written into a table")
    return FrameState(columns, True)


def _given(query: Value | None, arguments: Arguments) -> Value | None:
    """What stands after the query among the arguments."""
    after = next((index + 1 for index, value in enumerate(arguments.positional) if value is query), len(arguments.positional))
    return arguments.positional[after] if after < len(arguments.positional) else arguments.keywords.get("parameters")


def _first_row(given: Value) -> Value:
    """One row of many."""
    if isinstance(given, Sequence) and given.kind == "list":
        rows = given.items if given.items is not None else ((given.state[1],) if given.state[1] is not None else ())
        if rows and isinstance(rows[0], Mapping | Sequence):
            return rows[0]
    return given
