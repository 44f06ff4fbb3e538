"""Arguments to parameters, as Python binds them; what is missing is its default, what is unknown may be anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.facts.types import Parameter, ParameterKind
from mldebt.flow.arguments import Arguments
from mldebt.flow.escape import escape
from mldebt.flow.events import Leaf as LeafInfo
from mldebt.flow.events import Moved
from mldebt.flow.joins import join
from mldebt.flow.values import TOP, Const, Function, Leaf, Value, options_of

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def bind(run: Interpreter, function: Function, arguments: Arguments, receiver: Value | None) -> list[Value]:
    """One value for each parameter, in declaration order."""
    positional = list(arguments.positional)
    if receiver is not None:
        positional.insert(0, receiver)
    keywords = dict(arguments.keywords)
    values = []
    for index, parameter in enumerate(function.code.parameters):
        value = _take(run, function, index, parameter, positional, keywords, arguments)
        if not (receiver is not None and index == 0):
            _note(run, function, parameter, value, arguments)
        if isinstance(value, Const) and isinstance(value.value, bool):
            value = Leaf(_parameter_leaf(run, function, parameter), value)
        values.append(value)
    for extra in (*positional, *keywords.values()):
        escape(run, extra, arguments.at, "no parameter takes it")
    return values


def _parameter_leaf(run: Interpreter, function: Function, parameter: Parameter) -> int:
    """A switch handed to a parameter stays recognisable, so that conditions on it can name it."""
    key = (function.module, function.code.qualname, parameter.name)
    number = run.parameter_leaves.get(key)
    if number is None:
        at = run.world.location((function.module, parameter.at))
        index = [p.name for p in function.code.parameters].index(parameter.name)
        default = function.defaults.get(index)
        value = default.value if isinstance(default, Const) else None
        parts = function.code.qualname.split(".")
        owner = parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]
        name = f"{owner}.{parameter.name}"
        declared = f"{function.code.qualname}.{parameter.name}"
        number = run.parameter_leaves[key] = run.world.leaf(LeafInfo("parameter", name, at.path, at, declared, frozenset(), value))
    return number


def _take(
    run: Interpreter,
    function: Function,
    index: int,
    parameter: Parameter,
    positional: list[Value],
    keywords: dict[str, Value],
    arguments: Arguments,
) -> Value:
    kind = parameter.kind
    if kind == ParameterKind.VARIADIC:
        taken = tuple(positional)
        positional.clear()
        if arguments.unknown or arguments.rest is not None:
            return run.world.heap.list(None, join(arguments.rest, TOP), "tuple", open_=True)
        return run.world.heap.tuple(taken)
    if kind == ParameterKind.KEYWORDS:
        entries = dict(keywords)
        keywords.clear()
        unknown = arguments.unknown or arguments.others is not None
        return run.world.heap.mapping(entries, join(arguments.others, TOP) if unknown else None, open_=unknown)
    if kind in (ParameterKind.POSITIONAL_ONLY, ParameterKind.NORMAL) and positional:
        return positional.pop(0)
    if parameter.name in keywords and kind != ParameterKind.POSITIONAL_ONLY:
        return keywords.pop(parameter.name)
    return _missing(run, function, index, parameter, arguments)


def _missing(run: Interpreter, function: Function, index: int, parameter: Parameter, arguments: Arguments) -> Value:
    default = function.defaults.get(index)
    if isinstance(default, Const) and default.at is not None:
        default = Const(default.value)
    outside = arguments.rest if parameter.kind == ParameterKind.NORMAL else None
    for extra in (outside, arguments.others):
        if extra is not None:
            return join(join(default, extra), TOP) if default is not None else extra
    if not arguments.unknown:
        return default if default is not None else TOP
    typed = run.names.of_annotation(function, parameter)
    return join(default, typed) if default is not None else typed


def _note(run: Interpreter, function: Function, parameter: Parameter, value: Value, arguments: Arguments) -> None:
    """Keeps the values a parameter ever had, and the leaves it was handed."""
    parameters = run.world.parameters
    key = (function.module, function.code.qualname, parameter.name)
    if key not in parameters:
        parameters[key] = set()
    seen = parameters[key]
    for option in options_of(value):
        kind = type(option)
        if kind is Leaf:
            _moved(run, function, parameter, option.key, arguments)  # type: ignore[attr-defined]  # by its type
            if run.world.leaves[option.key].kind == "parameter":  # type: ignore[attr-defined]
                option = option.value  # type: ignore[attr-defined]
                kind = type(option)
        if seen is None:
            continue
        if kind is Const and isinstance(option.value, bool | int | float | str | type(None)):  # type: ignore[attr-defined]
            known = option.value  # type: ignore[attr-defined]
            seen.add(known if type(known) is not bool else ("bool", known))
        else:
            parameters[key] = seen = None


def _moved(run: Interpreter, function: Function, parameter: Parameter, leaf: int, arguments: Arguments) -> None:
    world = run.world
    assert arguments.frame is not None  # calls of functions have one
    frame, stamp = arguments.frame, world.stamp()
    world.emit(Moved("moved", arguments.at, frame, stamp, world.guards, leaf, function.module, function.code.qualname, parameter.name))
