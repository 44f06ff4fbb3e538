"""Tables in databases: what a query text reads becomes a table with the columns that it lists, what it writes is kept for its readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow import frame_making
from mldebt.flow.arguments import Arguments
from mldebt.flow.paths import TABLE
from mldebt.flow.query_answers import Answers
from mldebt.flow.query_text import Statement, statements, table_name
from mldebt.flow.query_writes import given_row
from mldebt.flow.values import Const, Frame, FrameState, Object, Place, Value, options_of
from mldebt.libraries.types import CallModel, Reads

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

MIN_NAME = 3
ROWS = "#rows"
"""What the state of a cursor holds between `execute` and `fetch`."""


def paths(run: Interpreter, value: Value | None, at: Place) -> Value | None:
    """Names of tables as paths of their own kind; None where the value is no such text."""
    found: dict[str, None] = {}
    for option in options_of(run.look_at(value, at, "names a table")) if value is not None else ():
        if isinstance(option, Const) and isinstance(option.value, str) and len(option.value.replace(HOLE, "")) >= MIN_NAME:
            found[TABLE + table_name(option.value)] = None
    return run.choice(Const(name) for name in found) if found else None


def answered(run: Interpreter, verb: Reads, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value:
    """What a call gets for its query: the last table that the statements give."""
    query = arguments.get(verb.query) if verb.query is not None else None
    named = query is None and verb.path is not None
    value = arguments.get(verb.path) if named else query
    answers = Answers(run, arguments, verb.variables)
    state: FrameState | None = None
    for text, place in _texts(run, value, arguments.at):
        found = (Statement(loose=(table_name(text),)),) if named else statements(text)
        if not found:
            run.world.unseen_queries.add(arguments.at)
        for statement in found:
            state = _one(run, statement, answers.at_place(place), query, arguments) or state
    result = _result(run, verb, model, state, answers.joined, arguments)
    if model.mutates is True and isinstance(receiver, Object) and isinstance(result, Frame):
        run.world.heap.write(receiver, {**receiver.state, ROWS: result})
    return result


def _texts(run: Interpreter, value: Value | None, at: Place) -> list[tuple[str, Place]]:
    """The texts that a query may be; where there may be others, any table may be read."""
    found: dict[str, Place] = {}
    for option in options_of(run.look_at(value, at, "is a query")) if value is not None else ():
        if isinstance(option, Const) and isinstance(option.value, str):
            found[option.value] = option.at or at
        elif not isinstance(option, Const):
            run.world.unseen_queries.add(at)
    return list(found.items())


def _one(run: Interpreter, statement: Statement, answers: Answers, query: Value | None, arguments: Arguments) -> FrameState | None:
    state = answers.state(statement)
    if not statement.target:
        return state
    if state is None and statement.given:
        state = given_row(run, statement.columns, query, arguments)
    target = paths(run, Const(statement.target), arguments.at)
    if state is not None and target is not None and arguments.frame is not None:
        frame = Frame(run.world.heap.next_serial(), "pandas.DataFrame", state)
        run.files.write(target, frame, "sql", arguments.at, arguments.frame)
    return None


def fetched(receiver: Value) -> Value:
    """The rows that a cursor holds, the receiver itself where it is none."""
    return receiver.state.get(ROWS, receiver) if isinstance(receiver, Object) else receiver


def _result(run: Interpreter, verb: Reads, model: CallModel, state: FrameState | None, joined: bool, arguments: Arguments) -> Value:
    if state is None:
        return frame_making.read_table(run, verb, model, None, None, arguments)
    if verb.gives in ("array", "object") and not joined:
        return frame_making.read_table(run, verb, model, None, None, arguments)
    return Frame(run.world.heap.next_serial(), model.returns or "pandas.DataFrame", state)
