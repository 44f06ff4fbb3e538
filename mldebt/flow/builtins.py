"""Python's own functions on abstract values."""

from __future__ import annotations

import builtins as python
from collections.abc import Callable
from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow import access, arithmetic, asking, fitting, handles, stores, tables, unpacking
from mldebt.flow.arguments import Arguments
from mldebt.flow.joins import join, join_all
from mldebt.flow.values import (
    FALSE,
    NONE,
    TOP,
    TRUE,
    Bound,
    Class,
    Const,
    Data,
    Frame,
    Function,
    Instance,
    Library,
    Mapping,
    Namespace,
    Partial,
    Sequence,
    Super,
    Value,
    options_of,
    unwrap,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

NAME = Const("\ue001__name__")
MAIN = Const("__main__?")
BUILTINS: dict[str, Value] = {name: Library(f"builtins.{name}") for name in dir(python) if not name.startswith("_")}
BUILTINS["__name__"] = NAME
BUILTINS["__import__"] = Library("builtins.__import__")
KNOWN_LENGTH = 24


def _same_data(run: Interpreter, arguments: Arguments) -> Value | None:
    return arithmetic.data_in(run, *(run.look_at(value, arguments.at, "is computed with") for value in arguments.every()))


def computed(run: Interpreter, arguments: Arguments) -> Value:
    """len, sum, abs, ...: leaves are used; data stays data; anything else is a new plain value."""
    data = _same_data(run, arguments)
    for value in arguments.every():
        look = run.look_at(value, arguments.at, "is computed with")
        if isinstance(look, Sequence | Mapping):
            run.use(look, arguments.at, "is computed with")
        elif not isinstance(look, Const | Data | Frame):
            run.escape_unless_view(look, arguments.at, "is computed with")
    return data if data is not None else TOP


def length(run: Interpreter, arguments: Arguments) -> Value:
    value = unwrap(arguments.positional[0]) if arguments.positional else TOP
    if isinstance(value, Sequence) and value.items is not None and not value.state[2]:
        return Const(len(value.items))
    run.look_at(value, arguments.at, "is measured")
    run.world.glanced(arguments.at, "peek")
    return TOP


def printed(run: Interpreter, arguments: Arguments) -> Value:
    run.world.glanced(arguments.at, "shown")
    for value in arguments.every():
        run.shown(value, arguments.at)
    return NONE


def range_(run: Interpreter, arguments: Arguments) -> Value:
    values = [run.look_at(value, arguments.at, "is a bound") for value in arguments.positional]
    if values and all(isinstance(v, Const) and isinstance(v.value, int) for v in values):
        bounds = [v.value for v in values if isinstance(v, Const)]
        if len(bounds) < 3 or bounds[2] != 0:
            numbers = range(*bounds[:3])
            if len(numbers) <= KNOWN_LENGTH:
                return run.world.heap.list(tuple(map(Const, numbers)))
    for value in values:
        run.use(value, arguments.at, "is a bound")
    return run.world.heap.list(None, TOP)


def enumerate_(run: Interpreter, arguments: Arguments) -> Value:
    heap = run.world.heap
    known = run.known_elements(arguments.positional[0], arguments.at) if arguments.positional else None
    if known is not None and len(known) <= KNOWN_LENGTH and len(arguments.positional) == 1 and not arguments.keywords:
        return heap.list(tuple(heap.tuple((Const(index), value)) for index, value in enumerate(known)))
    element = access.element(run, arguments.positional[0], arguments.at) if arguments.positional else TOP
    return heap.list(None, heap.tuple((TOP, element)))


def zip_(run: Interpreter, arguments: Arguments) -> Value:
    heap = run.world.heap
    lists = [run.known_elements(value, arguments.at) for value in arguments.positional]
    if lists and arguments.rest is None and all(known is not None and len(known) <= KNOWN_LENGTH for known in lists):
        rows = zip(*(known or () for known in lists), strict=False)
        return heap.list(tuple(heap.tuple(tuple(row)) for row in rows))
    parts = tuple(access.element(run, value, arguments.at) for value in arguments.positional)
    return heap.list(None, heap.tuple(parts) if arguments.rest is None else join(arguments.rest, TOP))


def container(kind: str) -> Callable[[Interpreter, Arguments], Value]:
    def make(run: Interpreter, arguments: Arguments) -> Value:
        heap = run.world.heap
        if not arguments.positional:
            return heap.list((), None, kind)
        value = arguments.positional[0]
        inner = unwrap(value)
        if isinstance(inner, Data | Frame) and kind == "list":
            return tables.names_list(run, inner) if isinstance(inner, Frame) else heap.list(None, inner)
        known = run.known_elements(value, arguments.at)
        if known is not None and kind != "set":
            return heap.list(known, None, kind)
        return heap.list(None, access.element(run, value, arguments.at), kind)

    return make


def dict_(run: Interpreter, arguments: Arguments) -> Value:
    entries: dict[object, Value] = {}
    element: Value | None = arguments.others
    open_ = arguments.others is not None
    for value in arguments.positional:
        inner = unwrap(value)
        if isinstance(inner, Sequence):
            more, rest = _pairs(run, inner, arguments)
            more_open = rest is not None
        else:
            more, rest, more_open = access.entries(run, value, arguments.at)
        entries.update(more)
        element = join(element, rest) if rest is not None else element
        open_ = open_ or more_open
    entries.update(arguments.keywords)
    return run.world.heap.mapping(dict(entries), element, open_)


def _pairs(run: Interpreter, pairs: Sequence, arguments: Arguments) -> tuple[dict[object, Value], Value | None]:
    known: dict[object, Value] = {}
    if pairs.items is not None and not pairs.state[2]:
        for pair in pairs.items:
            if not (isinstance(pair, Sequence) and pair.items is not None and len(pair.items) == 2 and isinstance(pair.items[0], Const)):
                break
            known[pair.items[0].value] = pair.items[1]
        else:
            return known, None
    element = access.element(run, pairs, arguments.at)
    return {}, unpacking.unpacked(run, element, 2, -1, arguments.at, arguments.frame)[1]  # type: ignore[arg-type]  # calls have a frame


def sorted_(run: Interpreter, arguments: Arguments) -> Value:
    if not arguments.positional:
        return TOP
    fitting.chosen_by(run, [arguments.positional[0], _call_key(run, arguments)], arguments.at, arguments.frame)
    return run.world.heap.list(None, access.element(run, arguments.positional[0], arguments.at))


def _call_key(run: Interpreter, arguments: Arguments) -> Value:
    """What the function gives that elements are compared by."""
    key = arguments.keywords.get("key")
    if key is None or not arguments.positional:
        return TOP
    return run.call_with(key, (access.element(run, arguments.positional[0], arguments.at),), arguments.at, arguments.frame)


def same(run: Interpreter, arguments: Arguments) -> Value:
    return arguments.positional[0] if arguments.positional else TOP


def extreme(run: Interpreter, arguments: Arguments) -> Value:
    """min, max: one of the arguments or elements; leaves are looked at."""
    values = [run.look_at(value, arguments.at, "is compared") for value in arguments.positional]
    fitting.chosen_by(run, [*values, _call_key(run, arguments)], arguments.at, arguments.frame)
    if len(values) == 1:
        return access.element(run, values[0], arguments.at)
    data = arithmetic.data_in(run, *values)
    if data is not None:
        return data
    return run.choice(Const(o.value) if isinstance(o, Const) else o for value in values for o in options_of(value)) if values else TOP


def partial(run: Interpreter, arguments: Arguments) -> Value:
    """`functools.partial(f, ...)`: the call, some arguments given."""
    if not arguments.positional or arguments.rest is not None or arguments.others is not None:
        for value in arguments.every():
            run.escape(value, arguments.at, "goes into a partial call we cannot follow")
        return TOP
    target, *given = arguments.positional
    function = target.function if isinstance(target, Bound) else target
    if isinstance(function, Function):
        for name in arguments.keywords:  # set here, for calls that we may not see
            run.world.parameters[function.module, function.code.qualname, name] = None
    return Partial(target, tuple(given), tuple(arguments.keywords.items()))


def converted(run: Interpreter, arguments: Arguments) -> Value:
    """int, float, str, bool: the value is looked at, its constant kept."""
    if not arguments.positional:
        return TOP
    value = run.look_at(arguments.positional[0], arguments.at, "is converted")
    data = arithmetic.data_in(run, value)
    if data is not None:
        return data
    return value if all(isinstance(o, Const) for o in options_of(value)) else TOP


def text(run: Interpreter, arguments: Arguments) -> Value:
    if not arguments.positional:
        return Const("")
    inner, keys = arithmetic.unlisted(arguments.positional[0])
    value = run.look_at(inner, arguments.at, "is put into a text")
    data = arithmetic.data_in(run, value)
    if data is not None:
        return data
    parts = [
        Const(o.value if isinstance(o.value, str) else str(o.value)) if isinstance(o, Const) else Const(HOLE) for o in options_of(value)
    ]
    for option in options_of(value):
        run.shown(option, arguments.at)
    return arithmetic.relisted(run.choice(parts), keys)


def isinstance_(run: Interpreter, arguments: Arguments) -> Value:
    """A look at the type only; known for constants and instances where the answer is plain."""
    if len(arguments.positional) == 2:
        value, wanted = unwrap(arguments.positional[0]), arguments.positional[1]
        if isinstance(value, Instance) and isinstance(wanted, Class):
            return TRUE if wanted in run.names.lineage(value.cls) else FALSE
        if isinstance(value, Const) and value.value is None and isinstance(wanted, Library | Class):
            return FALSE
    return run.choice((TRUE, FALSE))


def getattr_(run: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) < 2:
        return TOP
    owner, name = arguments.positional[0], run.look_at(arguments.positional[1], arguments.at, "names an attribute")
    default = arguments.positional[2] if len(arguments.positional) > 2 else None
    found: list[Value] = []
    for option in options_of(name):
        if isinstance(option, Const) and isinstance(option.value, str) and HOLE not in option.value:
            run.settings.fallback = default
            found.append(access.load_attribute(run, owner, option.value, arguments.at, arguments.frame))  # type: ignore[arg-type]
            run.settings.fallback = None
        else:
            run.escape(owner, arguments.at, "has an attribute read by a computed name")
            found.append(TOP)
    value = run.choice(found)
    return join(value, default) if default is not None else value


def setattr_(run: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) == 3:
        owner, name, value = arguments.positional
        for option in options_of(name):
            if isinstance(option, Const) and isinstance(option.value, str):
                stores.store_attribute(run, owner, option.value, value, arguments.at, arguments.frame)  # type: ignore[arg-type]
            else:
                run.escape(owner, arguments.at, "has an attribute set by a computed name")
                run.escape(value, arguments.at, "is set by a computed name")
    return NONE


def vars_(run: Interpreter, arguments: Arguments) -> Value:
    if not arguments.positional:
        return locals_(run, arguments)
    owner = unwrap(arguments.positional[0])
    if isinstance(owner, Namespace | Instance):
        return run.world.heap.mapping(dict(owner.state), None)
    return TOP


def locals_(run: Interpreter, arguments: Arguments) -> Value:
    run.escape_locals(arguments)
    return TOP


def super_(run: Interpreter, arguments: Arguments) -> Value:
    act = run.current
    if act is None or not act.code.parameters:
        return TOP
    receiver = act.registers[0]
    owner = run.owner_of(act)
    if owner is None or receiver is None:
        return TOP
    return Super(owner, receiver)


def map_(run: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) < 2:
        return TOP
    function, *lists = arguments.positional
    known = run.known_elements(lists[0], arguments.at) if len(lists) == 1 else None
    if known is not None and len(known) <= KNOWN_LENGTH:
        return run.world.heap.list(tuple(run.call_with(function, (value,), arguments.at, arguments.frame) for value in known))
    elements = tuple(access.element(run, value, arguments.at) for value in lists)
    return run.world.heap.list(None, run.call_with(function, elements, arguments.at, arguments.frame))


def filter_(run: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) < 2:
        return TOP
    element = access.element(run, arguments.positional[1], arguments.at)
    run.call_with(arguments.positional[0], (element,), arguments.at, arguments.frame)
    return run.world.heap.list(None, element)


def next_(run: Interpreter, arguments: Arguments) -> Value:
    found = [access.element(run, arguments.positional[0], arguments.at)] if arguments.positional else []
    return join_all([*found, *arguments.positional[1:2]]) or TOP


def type_(run: Interpreter, arguments: Arguments) -> Value:
    return value.cls if arguments.positional and isinstance(value := unwrap(arguments.positional[0]), Instance) else TOP


def evaluated(run: Interpreter, arguments: Arguments) -> Value:
    """eval, exec, __import__, globals: anything may happen with what the caller can see."""
    for value in arguments.every():
        run.escape(value, arguments.at, "is evaluated")
    run.escape_locals(arguments)
    return TOP


def raised(run: Interpreter, arguments: Arguments) -> Value:
    for value in arguments.every():
        run.use(value, arguments.at, "is in a message")
    return TOP


HANDLERS: dict[str, Callable[[Interpreter, Arguments], Value]] = {
    **dict.fromkeys(
        ("sum", "abs", "round", "pow", "divmod", "any", "all", "hash", "ord", "chr", "hex", "bin", "format", "bytes", "complex"), computed
    ),
    **dict.fromkeys(("int", "float", "bool"), converted),
    **dict.fromkeys(("min", "max"), extreme),
    **dict.fromkeys(("iter", "reversed", "aiter"), same),
    **dict.fromkeys(("eval", "exec", "__import__", "globals", "compile"), evaluated),
    **{
        name: raised for name in dir(python) if isinstance(getattr(python, name), type) and issubclass(getattr(python, name), BaseException)
    },
    "functools.partial": partial,
    "len": length,
    "print": printed,
    "range": range_,
    "enumerate": enumerate_,
    "zip": zip_,
    "list": container("list"),
    "tuple": container("tuple"),
    "set": container("set"),
    "frozenset": container("set"),
    "dict": dict_,
    "sorted": sorted_,
    "str": text,
    "repr": text,
    "isinstance": isinstance_,
    "issubclass": isinstance_,
    "callable": isinstance_,
    "getattr": getattr_,
    "setattr": setattr_,
    "hasattr": asking.has,
    "vars": vars_,
    "locals": locals_,
    "super": super_,
    "map": map_,
    "filter": filter_,
    "next": next_,
    "anext": next_,
    "type": type_,
    "open": handles.opened,
    "id": isinstance_,
    "input": raised,
    "object": raised,
}
