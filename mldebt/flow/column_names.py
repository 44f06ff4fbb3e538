"""The names that code takes from an open table's columns: lists of them, what filters leave out, and comparisons that fix them.

Nobody can tell such names, but what is picked by them is told apart from what is picked by a list of one's own: `frame[[c for c in frame.columns
if c != "y"]]` is every column but one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mldebt.flow.arguments import Arguments
from mldebt.flow.events import CallFrame, Checked
from mldebt.flow.frame_state import FrameState
from mldebt.flow.values import TOP, Const, Expression, Frame, Place, Sequence, Value, options_of, unwrap
from mldebt.libraries.types import Drops, Filters, Validates

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

KIND = "column name"
INDEX = "pandas.Index"


@dataclass(slots=True)
class TableNames:
    """Names read off one table at one place. `left`: what filters leave out of them; `listed`: they are matched with a list of wanted names."""

    source: int
    left: set[str] = field(default_factory=set)
    listed: bool = False


def of_open(run: Interpreter, state: FrameState, at: Place) -> Value:
    """What `frame.columns` holds of a table of which only the read is known: any name."""
    known = run.world.table_names.get((at, state.source))
    if known is None:
        known = run.world.table_names[at, state.source] = Expression(KIND, TableNames(state.source))
    return known


def held(value: Value | None) -> list[TableNames]:
    """The tables whose names a value holds: a name, a list of them, a mask over them."""
    found: list[TableNames] = []
    for option in options_of(value) if value is not None else ():
        inner = unwrap(option)
        if isinstance(inner, Expression) and inner.kind == KIND:
            found.append(inner.payload)
        elif isinstance(inner, Sequence):
            items, element, _ = inner.state
            parts = (*(items or ()), *((element,) if element is not None else ()))
            found.extend(part.payload for item in parts for part in options_of(item) if isinstance(part, Expression) and part.kind == KIND)
    return found


def picked(key: Value, state: FrameState) -> frozenset[str] | None:
    """What is left out of a table by a choice among its own names; None where the key is no such choice, or one by wanted names."""
    found = held(key)
    if not found or any(isinstance(unwrap(option), Expression) for option in options_of(key)):
        return None
    if any(names.listed or names.source != state.source or names.source < 0 for names in found):
        return None
    left = [names.left for names in found]
    return frozenset(left[0].intersection(*left[1:]))


def compared(run: Interpreter, operator: str, first: Value, second: Value, at: Place, frame: CallFrame) -> Value | None:
    """Notes what a comparison says of names; the mask that `frame.columns != "y"` is, None where a comparison gives plain truth."""
    if type(first) is not Expression and type(first) is not Sequence and type(second) is not Expression and type(second) is not Sequence:
        return None
    for names, value, other in ((held(first), first, second), (held(second), second, first)):
        if not names:
            continue
        one = isinstance(unwrap(value), Expression)
        if not one and isinstance(unwrap(other), Sequence) and operator in ("==", "!=", "<=", ">=", "<", ">"):
            checked(run, frozenset(item.source for item in names if item.source >= 0), at, frame)
            return None
        if operator != "in" or value is first:
            _note(names, operator, other, one)
        return value if not one and operator == "!=" else None
    return None


def _note(names: list[TableNames], operator: str, other: Value, one: bool) -> None:
    for item in names:
        if operator in ("!=", "not in") and (one or operator == "!="):
            item.left |= texts(other)
        elif one and operator in ("in", "=="):
            item.listed = True


def is_property(run: Interpreter, owner: Sequence, name: str) -> bool:
    """Whether `frame.columns.values` and its kin give the names again."""
    model = run.world.knowledge.method(INDEX, name) if owner.items is None and held(owner) else None
    return model is not None and model.property


def texts(value: Value) -> set[str]:
    """The texts that a value surely spells."""
    inner = unwrap(value)
    items = inner.items if isinstance(inner, Sequence) else (inner,)
    return {text.value for item in items or () if isinstance(text := unwrap(item), Const) and isinstance(text.value, str)}


def without(value: Value, gone: Value | None) -> None:
    """`columns.drop(["y"])`, `names.remove("y")`: a list of names is taken without some."""
    for names in held(value):
        names.left |= texts(gone) if gone is not None else set()


def method(run: Interpreter, owner: Sequence, name: str, arguments: Arguments) -> Value:
    """A method of `frame.columns`: the names again, maybe without some; what matches them with wanted names lists them."""
    model = run.world.knowledge.method(INDEX, name)
    if model is None:
        return TOP
    for verb in model.verbs:
        if isinstance(verb, Drops):
            without(owner, arguments.get(verb.columns))
        elif isinstance(verb, Validates) and arguments.frame is not None:
            checked(run, frozenset(names.source for names in held(owner)), arguments.at, arguments.frame)
            return TOP
        elif isinstance(verb, Filters):
            for names in held(owner):
                names.listed = True
    return owner


def checked(run: Interpreter, sources: frozenset[int], at: Place, frame: CallFrame) -> None:
    """Something stops the program when the columns of a read are others than expected."""
    if sources:
        world = run.world
        world.emit(Checked("checked", at, frame, world.stamp(), world.guards, sources))


def check_tables(run: Interpreter, values: list[Value], at: Place, frame: CallFrame | None) -> None:
    """Tables that a schema was held against."""
    tables = [option for value in values for option in options_of(value) if isinstance(option, Frame)]
    if frame is not None:
        checked(run, frozenset(table.state.source for table in tables if table.state.source >= 0), at, frame)


def is_name(value: Value) -> bool:
    """Whether a value is one name, whichever, of a table's own."""
    return isinstance(value, Expression) and value.kind == KIND
