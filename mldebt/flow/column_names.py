"""The names that code takes from an open table's columns: lists of them, what filters leave out, and comparisons that fix them.

Nobody can tell such names, but what is picked by them is told apart from what is picked by a list of one's own: `frame[[c for c in frame.columns
if c != "y"]]` is every column but one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow.arguments import Arguments
from mldebt.flow.events import CallFrame, Checked
from mldebt.flow.frame_state import FrameState
from mldebt.flow.joins import choice_of
from mldebt.flow.table_names import TableNames
from mldebt.flow.values import TOP, Choice, Const, Expression, Frame, Place, Sequence, Value, options_of, unwrap
from mldebt.libraries.types import Drops, Filters, Validates

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

KIND = "column name"
INDEX = "pandas.Index"


def of_open(state: FrameState) -> Value:
    """What `frame.columns` holds of a table of which only the read is known: any name."""
    return Expression(KIND, TableNames(state.source))


def own(value: Value, left: frozenset[str] = frozenset(), listed: bool = False) -> Value:
    """A name like those in a value, told apart from them; without some, or matched with wanted names."""
    if type(value) is not Expression and type(value) is not Choice:
        return value
    made = tuple(
        Expression(KIND, option.payload.changed(left, listed)) if isinstance(option, Expression) and option.kind == KIND else option
        for option in options_of(value)
    )
    return made[0] if len(made) == 1 else choice_of(made)


def _other_list(run: Interpreter, owner: Sequence, left: frozenset[str] = frozenset(), listed: bool = False) -> Sequence:
    """A list of the same names, maybe without some."""
    items, element, open_ = owner.state
    kept = tuple(own(item, left, listed) for item in items) if items is not None else None
    return run.world.heap.list(kept, own(element, left, listed) if element is not None else None, owner.kind, open_)


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
    """What is left out of a table by a choice among its own names, and not named beside it; None where the key is no such choice, or one by wanted
    names."""
    found = held(key)
    if not found or any(isinstance(unwrap(option), Expression) for option in options_of(key)):
        return None
    if any(names.listed or names.source != state.source or names.source < 0 for names in found):
        return None
    added = [part for part in _members(key) if not isinstance(part, Expression)]
    if not all(isinstance(part, Const) and isinstance(part.value, str) for part in added):
        return None
    left = [names.left for names in found]
    return left[0].intersection(*left[1:]).difference(part.value for part in added if isinstance(part, Const))


def compared(run: Interpreter, operator: str, first: Value, second: Value, at: Place, frame: CallFrame) -> Value | None:
    """Notes what a comparison says of a name; the mask that `frame.columns != "y"` is, None where a comparison gives plain truth."""
    if type(first) is not Expression and type(first) is not Sequence and type(second) is not Expression and type(second) is not Sequence:
        return None
    for value, other in ((first, second), (second, first)):
        names = held(value)
        if not names:
            continue
        inner = unwrap(value)
        if isinstance(inner, Sequence):
            if isinstance(unwrap(other), Sequence) and operator in ("==", "!=", "<=", ">=", "<", ">"):
                checked(run, frozenset(item.source for item in names if item.source >= 0), at, frame)
                return None
            return _other_list(run, inner, texts(other)) if operator == "!=" else None
        if operator != "in" or value is first:
            _note(names, operator, other)
        return None
    return None


def _note(names: list[TableNames], operator: str, other: Value) -> None:
    for item in names:
        if operator in ("!=", "not in"):
            item.left |= texts(other)
        elif operator in ("in", "=="):
            item.listed = True


def is_property(run: Interpreter, owner: Sequence, name: str) -> bool:
    """Whether `frame.columns.values` and its kin give the names again."""
    model = run.world.knowledge.method(INDEX, name) if owner.items is None and held(owner) else None
    return model is not None and model.property


def _members(value: Value) -> list[Value]:
    """A value, or what the lists that it is hold."""
    found: list[Value] = []
    for option in options_of(value):
        inner = unwrap(option)
        items, element, _ = inner.state if isinstance(inner, Sequence) else ((inner,), None, False)
        found.extend(unwrap(part) for item in (*(items or ()), *([element] if element is not None else ())) for part in options_of(item))
    return found


def texts(value: Value) -> frozenset[str]:
    """The texts that a value surely spells."""
    inner = unwrap(value)
    items = inner.items if isinstance(inner, Sequence) else (inner,)
    return frozenset(text.value for item in items or () if isinstance(text := unwrap(item), Const) and isinstance(text.value, str))


def remove(run: Interpreter, owner: Sequence, gone: Value) -> None:
    """`names.remove("y")`: a list of names is without some from now on."""
    if held(owner):
        run.world.heap.write(owner, _other_list(run, owner, texts(gone)).state)


def method(run: Interpreter, owner: Sequence, name: str, arguments: Arguments) -> Value:
    """A method of `frame.columns`: the names again, maybe without some; what matches them with wanted names lists them."""
    model = run.world.knowledge.method(INDEX, name)
    if model is None:
        return TOP
    left: frozenset[str] = frozenset()
    for verb in model.verbs:
        if isinstance(verb, Drops):
            gone = arguments.get(verb.columns)
            left |= texts(gone) if gone is not None else frozenset()
        elif isinstance(verb, Validates) and arguments.frame is not None:
            checked(run, frozenset(names.source for names in held(owner)), arguments.at, arguments.frame)
            return TOP
    return _other_list(run, owner, left, any(isinstance(verb, Filters) for verb in model.verbs))


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
