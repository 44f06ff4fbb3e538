"""Leaving our sight: what an unknown callee, a widening or a budget gets counts as used, members and all. And looking: where leaves are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow.values import (
    Bound,
    Choice,
    Class,
    Const,
    Data,
    Expression,
    Frame,
    FrameState,
    Function,
    Grouped,
    Instance,
    Leaf,
    Mapping,
    Method,
    Namespace,
    Object,
    Parser,
    Partial,
    Place,
    Sequence,
    SliceValue,
    Super,
    Value,
    View,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

LOOSE = ("text",)


def look(run: Interpreter, value: Value, at: Place, why: str) -> Value:
    """The value as an operation sees it: leaves in it are used and taken off."""
    if isinstance(value, Leaf):
        run.world.use_leaf(value.key, at, why)
        return look(run, value.value, at, why)
    if isinstance(value, Choice):
        if not any(isinstance(option, Leaf) for option in value.options):
            return value
        return run.choice(look(run, option, at, why) for option in value.options)
    return value


def use(run: Interpreter, value: Value | None, at: Place, why: str) -> None:
    """The value matters to somebody: its columns and leaves are used; what it holds is not given away."""
    if value is None or isinstance(value, Const):
        return
    value = look(run, value, at, why)
    if isinstance(value, Choice):
        for option in value.options:
            use(run, option, at, why)
    elif isinstance(value, Data):
        run.world.use_bits(value.bits, at, why)
    elif isinstance(value, Frame):
        run.world.use_bits(value.state.all_bits(), at, why)
    elif isinstance(value, Grouped):
        use(run, value.frame, at, why)
    elif isinstance(value, Sequence | Mapping):
        for member in members(value):
            if not isinstance(member, Sequence | Mapping) or member is not value:
                use_shallow(run, member, at, why)


def use_shallow(run: Interpreter, value: Value, at: Place, why: str, depth: int = 3) -> None:
    """As `use`, through nested containers up to a depth; deeper ones escape."""
    if isinstance(value, Sequence | Mapping):
        if depth == 0:
            escape(run, value, at, why)
            return
        for member in members(value):
            use_shallow(run, member, at, why, depth - 1)
    else:
        use(run, value, at, why)


def members(value: Value) -> list[Value]:
    if isinstance(value, Sequence):
        return [*(value.state[0] or ()), *([value.state[1]] if value.state[1] is not None else ())]
    if isinstance(value, Mapping):
        return [*value.state[0].values(), *([value.state[1]] if value.state[1] is not None else ())]
    return []


def escape(run: Interpreter, value: Value | None, at: Place, why: str) -> None:
    """The value goes where we cannot see; a visited set instead of a depth limit."""
    if value is None or isinstance(value, Const):
        return
    pending: list[Value] = [value]
    seen: set[int] = set()
    while pending:
        item = pending.pop()
        if isinstance(item, Const) or id(item) in seen:
            continue
        seen.add(id(item))
        pending.extend(_escape_one(run, item, at, why))


def _escape_one(run: Interpreter, value: Value, at: Place, why: str) -> list[Value]:
    """Marks one value and returns what goes with it."""
    if isinstance(value, Leaf):
        run.world.use_leaf(value.key, at, why)
        return [value.value]
    if isinstance(value, Choice):
        return list(value.options)
    if isinstance(value, Data):
        run.world.use_bits(value.bits, at, why)
        return []
    if isinstance(value, Frame):
        run.world.use_bits(value.state.all_bits(), at, why)
        _open_frame(run, value)
        return []
    if isinstance(value, View):
        run.settings.escape(value, at, why)
        return []
    if isinstance(value, Function | Class):
        return _escape_code(run, value)
    return _escape_holder(run, value)


def _escape_code(run: Interpreter, value: Function | Class) -> list[Value]:
    if isinstance(value, Function):
        run.world.escaped_functions.setdefault(value.serial, (value, None))
        return []
    return [Bound(member, run.blank_instance(value)) for member in value.attributes.values() if isinstance(member, Function)]


def _escape_holder(run: Interpreter, value: Value) -> list[Value]:
    heap = run.world.heap
    if isinstance(value, Bound):
        if isinstance(value.function, Function):
            run.world.escaped_functions[value.function.serial] = (value.function, value.receiver)
        return [value.receiver]
    if isinstance(value, Partial):
        return [value.target, *value.arguments, *(v for _, v in value.keywords)]
    if isinstance(value, Method | Super):
        return [value.receiver]
    if isinstance(value, Grouped):
        return [value.frame]
    if isinstance(value, SliceValue):
        return [part for part in value.parts if part is not None]
    if isinstance(value, Sequence | Mapping):
        held = members(value)
        if not value.state[2] and getattr(value, "kind", "") != "tuple":
            heap.write(value, (value.state[0], value.state[1], True))
        return held
    if isinstance(value, Instance):
        methods = [Bound(f, value) for f in run.methods_of(value.cls)]
        return [*value.state.values(), *methods]
    if isinstance(value, Parser):
        return run.options.escape(value)
    if isinstance(value, Namespace | Object):
        return list(value.state.values())
    if isinstance(value, Expression) and isinstance(value.payload, Value):
        return [value.payload]
    return []


def _open_frame(run: Interpreter, frame: Frame) -> None:
    state = frame.state
    if not state.open:
        run.world.heap.write(frame, FrameState(state.columns, True, state.hidden, state.source, state.index))
