"""Tables in databases: which ones a query text reads and writes, and which columns it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow import tables
from mldebt.flow.arguments import Arguments
from mldebt.flow.values import Const, Data, Frame, FrameState, Mapping, Place, Sequence, Value, options_of

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

TABLE = "table:"
MIN_NAME = 3
_NAME = r"([\w.`\"\[\]" + HOLE + r"]+)"
_READ = re.compile(r"\b(?:from|join)\s+" + _NAME, re.IGNORECASE)
_WRITTEN = re.compile(r"\b(?:insert\s+(?:or\s+\w+\s+)?into|replace\s+into|merge\s+into|update)\s+" + _NAME, re.IGNORECASE)
_COLUMNS = re.compile(r"\binto\s+" + _NAME + r"\s*\(([^()]*)\)", re.IGNORECASE)
_LIST = re.compile(r"^\s*select\s+(?:distinct\s+)?(.*?)\s+from\s", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")


def names(run: Interpreter, value: Value | None, at: Place, pattern: re.Pattern[str] = _READ) -> Value | None:
    """The tables of a query, each as a path of its own kind; None where the value is no such text."""
    found: dict[str, None] = {}
    for option in options_of(run.look_at(value, at, "is a query")) if value is not None else ():
        if isinstance(option, Const) and isinstance(option.value, str):
            found.update(dict.fromkeys(_names(option.value, pattern)))
    return run.choice(Const(name) for name in found) if found else None


def _names(text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    matches = [match.group(1) for match in pattern.finditer(text)]
    if not matches and pattern is _READ and not re.search(r"\s", text.strip()):
        matches = [text.strip()]
    for match in matches:
        name = match.rpartition(".")[2].strip('`"[]').lower()
        if len(name.replace(HOLE, "")) >= MIN_NAME:
            yield TABLE + name


def asked(run: Interpreter, frame: Value, query: Value | None, at: Place) -> Value:
    """The table with the columns that a query lists; all of them where it does not spell a list."""
    texts = [o.value for o in options_of(query) if isinstance(o, Const) and isinstance(o.value, str)] if query is not None else []
    if not isinstance(frame, Frame) or len(texts) != 1 or (match := _LIST.search(texts[0])) is None:
        return frame
    items = _items(match.group(1))
    if any("*" in item or HOLE in item for item in items):
        return frame
    state = frame.state
    columns: dict[str, int] = {}
    for item in items:
        words = _WORD.findall(item)
        bits = 0
        for word in words:
            bits |= state.columns.get(word, 0)
        if words and bits:
            columns[words[-1]] = columns.get(words[-1], 0) | bits
    return Frame(run.world.heap.next_serial(), frame.type, FrameState(columns, state.open, state.hidden, state.source, state.index))


def spells(query: Value | None) -> bool:
    """Whether a query says which columns come; true in doubt, false for everything of a table."""
    if query is None:
        return False
    for option in options_of(query):
        text = option.value if isinstance(option, Const) and isinstance(option.value, str) else HOLE
        match = _LIST.search(text)
        if match is None and not (text.strip(HOLE) == "" or "select" in text.lower()):
            return False
        if match is not None and any(item.strip() == "*" or item.strip().endswith(".*") for item in _items(match.group(1))):
            return False
    return True


def _items(text: str) -> list[str]:
    """The list between SELECT and FROM, cut at the commas outside parentheses."""
    items, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            items.append("")
        else:
            items[-1] += character
    return items


def insert(run: Interpreter, query: Value | None, arguments: Arguments) -> None:
    """An INSERT or UPDATE writes its parameters under the columns that it names, or what it selects."""
    at, frame = arguments.at, arguments.frame
    target = names(run, query, at, _WRITTEN)
    if target is None or frame is None or query is None:
        return
    given = _given(query, arguments)
    if given is None:
        source = names(run, query, at)
        stored = run.files.read(source, "sql", at, frame) if source is not None else None
        row = next((option for option in options_of(stored) if isinstance(option, Frame)), None) if stored is not None else None
    else:
        text = next((o.value for o in options_of(query) if isinstance(o, Const) and isinstance(o.value, str)), "")
        row = _row(run, text, given, arguments)
    if row is not None:
        run.files.write(target, row, "sql", at, frame)


def _given(query: Value, arguments: Arguments) -> Value | None:
    """What stands after the query among the arguments."""
    after = next((index + 1 for index, value in enumerate(arguments.positional) if value is query), len(arguments.positional))
    return arguments.positional[after] if after < len(arguments.positional) else arguments.keywords.get("parameters")


def _row(run: Interpreter, text: str, given: Value, arguments: Arguments) -> Frame:
    match = _COLUMNS.search(text)
    spelled = [column.strip(' `"\n\t') for column in match.group(2).split(",")] if match else []
    made = Frame(run.world.heap.next_serial(), "pandas.DataFrame", FrameState({}, True))
    assert arguments.frame is not None
    row = _first_row(given)
    if isinstance(row, Mapping):
        entries = {str(key): value for key, value in row.state[0].items()}
    elif isinstance(row, Sequence) and row.items is not None and len(row.items) == len(spelled):
        entries = dict(zip(spelled, row.items, strict=True))
    else:
        return Frame(made.serial, made.type, FrameState({}, True, tables.data_of(run, given, arguments.at).bits))
    for name, value in entries.items():
        data = tables.data_of(run, value, arguments.at) if not isinstance(value, Const) else Data()
        made.state.columns[name] = tables.made_column(run, name, data, arguments.at, arguments.frame)
    return made


def _first_row(given: Value) -> Value:
    """One row of many."""
    if isinstance(given, Sequence) and given.kind == "list":
        rows = given.items if given.items is not None else ((given.state[1],) if given.state[1] is not None else ())
        if rows and isinstance(rows[0], Mapping | Sequence):
            return rows[0]
    return given
