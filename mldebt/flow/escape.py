"""Leaving our sight: what an unknown callee, a widening or a budget gets counts as used, members and all. And looking: where leaves are used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from mldebt.flow import global_flags
from mldebt.flow.formula import Formula
from mldebt.flow.values import (
    Bound,
    Choice,
    Class,
    Const,
    Data,
    Expression,
    Frame,
    Function,
    Grouped,
    Instance,
    Leaf,
    Library,
    Mapping,
    Method,
    Module,
    Namespace,
    Object,
    Parser,
    Partial,
    Place,
    Sequence,
    SliceValue,
    Super,
    Top,
    Value,
    View,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

INERT = frozenset({Const, Top, Library, Module})
"""Kinds that hold nothing we follow."""
CELLS = frozenset({Sequence, Mapping, Instance, Object, Frame, Parser, Namespace})


def look(run: Interpreter, value: Value, at: Place, why: str) -> Value:
    """The value as an operation sees it: leaves in it are used and taken off."""
    kind = type(value)
    if kind is Leaf:
        run.world.use_leaf(value.key, at, why)  # type: ignore[attr-defined]  # by its type
        return look(run, value.value, at, why)  # type: ignore[attr-defined]
    if kind is View:
        run.settings.sources.looked.add((value.source, value.path))  # type: ignore[attr-defined]
    elif kind is Choice:
        for option in value.options:  # type: ignore[attr-defined]
            if type(option) is View:
                run.settings.sources.looked.add((option.source, option.path))
            if type(option) is Leaf:
                return run.choice(look(run, each, at, why) for each in value.options)  # type: ignore[attr-defined]
    return value


def use(run: Interpreter, value: Value | None, at: Place, why: str) -> None:
    """The value matters to somebody: its columns and leaves are used, through containers however deep; what it holds is not given away."""
    if value is None or type(value) in INERT:
        return
    world = run.world
    pending: list[Value] = [value]
    seen: set[int] = set()
    while pending:
        item = pending.pop()
        if isinstance(item, Leaf):
            world.use_leaf(item.key, at, why)
            pending.append(item.value)
        elif isinstance(item, Choice):
            pending.extend(item.options)
        elif isinstance(item, Data):
            world.use_bits(item.bits, at, why)
        elif isinstance(item, Frame):
            world.use_bits(item.state.all_bits(), at, why)
        elif isinstance(item, Grouped):
            pending.append(item.frame)
        elif isinstance(item, Partial):
            escape(run, item, at, why)
        elif isinstance(item, Formula) and item.data is not None:
            pending.append(item.data)
        elif isinstance(item, Sequence | Mapping) and item.serial not in seen:
            seen.add(item.serial)
            pending.extend(member for member in members(item) if type(member) not in INERT)


ACTING = (Function, Bound, Partial, Class, Instance, Namespace, View, Parser)
"""Kinds that code may act on or with, once it has them."""


def give(run: Interpreter, value: Value | None, at: Place, why: str) -> None:
    """A library gets the value and gives nothing of it back: what is only data is used, what can act leaves our sight, through containers."""
    pending: list[Value] = [value] if value is not None else []
    seen: set[int] = set()
    while pending:
        item = pending.pop()
        if type(item) in INERT:
            continue
        if isinstance(item, Instance):
            hand_over(run, item, at, why)
        elif isinstance(item, ACTING):
            escape(run, item, at, why)
        elif isinstance(item, Choice):
            pending.extend(item.options)
        elif isinstance(item, Leaf):
            run.world.use_leaf(item.key, at, why)
            pending.append(item.value)
        elif isinstance(item, Sequence | Mapping):
            if item.serial not in seen:
                seen.add(item.serial)
                pending.extend(members(item))
        else:
            use(run, item, at, why)


def members(value: Value) -> list[Value]:
    if isinstance(value, Sequence):
        held = list(value.state[0] or ())
    elif isinstance(value, Mapping):
        held = list(value.state[0].values())
    else:
        return []
    if value.state[1] is not None:
        held.append(value.state[1])
    return held


def hand_over(run: Interpreter, value: Value, at: Place, why: str) -> None:
    """A library that is known gets an object of the repository: it calls methods, and looks into no settings that the object keeps whole."""
    held: list[Value] = [value]
    seen: set[int] = set()
    while held:
        item = held.pop()
        if isinstance(item, Instance):
            if item.serial not in seen:
                seen.add(item.serial)
                held.extend(member for member in _instance(run, item, at, why) if type(member) is not View)
        else:
            escape(run, item, at, why)


def escape(run: Interpreter, value: Value | None, at: Place, why: str) -> None:
    """The value goes where we cannot see, with all it holds. What has left since the heap last changed is not walked again."""
    if value is None or type(value) in INERT:
        return
    heap = run.world.heap
    if run.escaped_at != heap.version:
        run.escaped.clear()
    escaped = run.escaped
    pending: list[Value] = [value]
    while pending:
        item = pending.pop()
        kind = type(item)
        if kind in CELLS:
            serial = item.serial  # type: ignore[attr-defined]  # by its type
            if serial in escaped:
                continue
            escaped.add(serial)
        walk = _ESCAPES.get(kind)
        if walk is not None:
            pending += [held for held in walk(run, item, at, why) if type(held) not in INERT]
    run.escaped_at = heap.version


def _leaf(run: Interpreter, value: Leaf, at: Place, why: str) -> tuple[Value, ...]:
    run.world.use_leaf(value.key, at, why)
    return (value.value,)


def _data(run: Interpreter, value: Data, at: Place, why: str) -> tuple[Value, ...]:
    run.world.use_bits(value.bits, at, why)
    return ()


def _frame(run: Interpreter, value: Frame, at: Place, why: str) -> tuple[Value, ...]:
    state = value.state
    run.world.use_bits(state.all_bits(), at, why)
    if not state.open:
        run.world.heap.write(value, state.changed(open_=True))
    return ()


def _view(run: Interpreter, value: View, at: Place, why: str) -> tuple[Value, ...]:
    run.settings.escape(value, at, why)
    return ()


def _function(run: Interpreter, value: Function, at: Place, why: str) -> tuple[Value, ...]:
    run.world.escaped_functions.setdefault(value.serial, (value, None))
    return ()


def _flags(run: Interpreter, value: global_flags.Flags, at: Place, why: str) -> tuple[Value, ...]:
    global_flags.use_all(run, value, at, why)
    return ()


def _class(run: Interpreter, value: Class, at: Place, why: str) -> tuple[Value, ...]:
    """The methods of a class that is handed away run on its one blank instance."""
    return (run.blank_instance(value),) if run.methods_of(value) else ()


def _bound(run: Interpreter, value: Bound, at: Place, why: str) -> tuple[Value, ...]:
    if isinstance(value.function, Function):
        run.world.escaped_functions[value.function.serial] = (value.function, value.receiver)
    return (value.receiver,)


def _instance(run: Interpreter, value: Instance, at: Place, why: str) -> Iterable[Value]:
    escaped = run.world.escaped_functions
    for method in value.cls.attributes.values():
        if type(method) is Function:
            escaped[method.serial] = (method, value)
    return value.state.values()


def _object(run: Interpreter, value: Object, at: Place, why: str) -> list[Value]:
    """What an object of a library holds was handed to that library."""
    held: list[Value] = []
    for member in value.state.values():
        parts = members(member) if isinstance(member, Sequence) else [member]
        if value.type and any(isinstance(part, Instance) for part in parts):
            for part in parts:
                hand_over(run, part, at, why)
        else:
            held.append(member)
    return held


def _container(run: Interpreter, value: Sequence | Mapping, at: Place, why: str) -> list[Value]:
    held = members(value)
    if not value.state[2] and getattr(value, "kind", "") != "tuple":
        run.world.heap.write(value, (value.state[0], value.state[1], True))
    return held


_ESCAPES: dict[type, Callable[[Interpreter, Any, Place, str], Any]] = {
    Leaf: _leaf,
    Choice: lambda run, value, at, why: value.options,
    Data: _data,
    Frame: _frame,
    View: _view,
    Function: _function,
    Class: _class,
    Bound: _bound,
    Partial: lambda run, value, at, why: [value.target, *value.arguments, *(v for _, v in value.keywords)],
    Method: lambda run, value, at, why: (value.receiver,),
    Super: lambda run, value, at, why: (value.receiver,),
    Grouped: lambda run, value, at, why: (value.frame,),
    SliceValue: lambda run, value, at, why: [part for part in value.parts if part is not None],
    Sequence: _container,
    Mapping: _container,
    Instance: _instance,
    Parser: lambda run, value, at, why: run.options.escape(value),
    Namespace: lambda run, value, at, why: value.state.values(),
    global_flags.Flags: _flags,
    Object: _object,
    Formula: lambda run, value, at, why: [*value.functions, *([value.data] if value.data is not None else [])],
    Expression: lambda run, value, at, why: (value.payload,) if isinstance(value.payload, Value) else (),
}
