"""Parsers, commands, routes: library calls that declare options and decorate functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mldebt.facts.types import ParameterKind
from mldebt.flow import deprecation, expressing, global_flags
from mldebt.flow.arguments import Arguments
from mldebt.flow.escape import members
from mldebt.flow.events import Leaf as LeafInfo
from mldebt.flow.joins import join
from mldebt.flow.options import click_destination, decorated_command
from mldebt.flow.values import (
    NONE,
    TOP,
    Bound,
    Class,
    Const,
    Expression,
    Function,
    Instance,
    Leaf,
    Mapping,
    Parser,
    Partial,
    Value,
)
from mldebt.libraries.types import CallModel, DeclaresOption, Routes, Schedules

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

STARTED = ("route", "task")
"""What frameworks start."""


def declares(run: Interpreter, verb: DeclaresOption, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value:
    if "flag" in verb.role:
        return global_flags.declares(run, verb, model.returns, arguments)
    match verb.role:
        case "parser":
            return run.options.parser(arguments)
        case "command" | "command_group" if arguments.positional and isinstance(arguments.positional[0], Function):
            decorated_command(run, arguments.positional[0], {})
            return arguments.positional[0]
        case "typed_command" if arguments.positional and isinstance(arguments.positional[0], Function):
            decorated_command(run, arguments.positional[0], _typed_options(run, arguments.positional[0]))
            return NONE
        case "typed_command" if arguments.positional and isinstance(arguments.positional[0], Mapping | Class | Instance | Bound):
            _commands_in(run, arguments.positional[0], arguments)
            return NONE
        case "command" | "command_group" | "command_option" | "typed_command":
            return Expression(verb.role, arguments)
    if isinstance(receiver, Parser):
        return run.options.method(receiver, verb.role, arguments)
    for value in arguments.every():
        run.escape(value, arguments.at, "is given to a parser we cannot follow")
    return Expression("parameter", arguments) if verb.role == "option" else TOP


def _commands_in(run: Interpreter, held: Value, arguments: Arguments) -> None:
    """Functions by name are commands each; the methods of an object may all be called."""
    for value in members(held) if isinstance(held, Mapping) else (held,):
        if isinstance(value, Function):
            decorated_command(run, value, _typed_options(run, value))
        else:
            run.escape(value, arguments.at, "becomes commands")


def starts(run: Interpreter, verb: Routes | Schedules, model: CallModel, arguments: Arguments) -> Value | None:
    """A framework gets a function to start: named by the call, decorated bare (`@step`), or decorated by what the call gives (`@step()`)."""
    kind = "route" if isinstance(verb, Routes) else "task"
    function = arguments.get(verb.function)
    if function is not None:
        run.register_root(function, kind)
        return None if model.returns else NONE
    if arguments.positional and isinstance(target := arguments.positional[0], Function | Class):
        _start(run, target, kind)
        return target
    return Expression(kind)


def _start(run: Interpreter, target: Function | Class, kind: str) -> None:
    """A class is started by calling its one object, or by methods that are decorated themselves."""
    run.register_root(target, kind)
    if isinstance(target, Class) and isinstance(called := run.names.class_attribute(target, "__call__"), Function):
        run.register_root(called, kind)


def apply_expression(run: Interpreter, expression: Expression, arguments: Arguments) -> Value:
    """A decorator made by a library call meets its function."""
    if expression.kind == "column_function":
        function, type_name = expression.payload
        if function is None:
            return Expression("column_function", (arguments.positional[0] if arguments.positional else TOP, type_name))
        return expressing.applied_function(run, function, type_name, arguments)
    target = arguments.positional[0] if arguments.positional else TOP
    if expression.kind == "unchanged":
        return target
    if isinstance(target, Class) and expression.kind in STARTED:
        _start(run, target, expression.kind)
        return target
    if not isinstance(target, Function):
        run.escape(target, arguments.at, "is decorated")
        return target
    match expression.kind:
        case "command" | "command_group":
            decorated_command(run, target, {})
        case "typed_command":
            decorated_command(run, target, _typed_options(run, target))
        case "command_option":
            _click_option(run, target, expression.payload)
        case "hydra":
            run.register_root(target, "hydra", expression.payload)
            return Partial(target, (expression.payload,), ())
        case "deprecated":
            deprecation.marked(run, target, arguments)
        case kind:
            run.register_root(target, kind)
    return target


def _typed_options(run: Interpreter, function: Function) -> dict[str, Value]:
    """One option for each parameter, at the parameter."""
    found: dict[str, Value] = {}
    for index, parameter in enumerate(function.code.parameters):
        if parameter.annotation.rpartition(".")[2] == "Context" or parameter.kind in (ParameterKind.VARIADIC, ParameterKind.KEYWORDS):
            continue
        at = run.world.location((function.module, parameter.at))
        default = function.defaults.get(index)
        word = parameter.name if default is None else "--" + parameter.name.replace("_", "-")
        number = run.world.leaf(LeafInfo("option", parameter.name, at.path, at, word, frozenset({"store"})))
        if _has_callback(default, parameter.annotation):
            run.world.use_leaf(number, (function.module, parameter.at), "is given to a callback")
        found[parameter.name] = Leaf(number, TOP)
    return found


def _has_callback(default: Value | None, annotation: str) -> bool:
    """Whether the declaration of an option, as default or in the annotation, names a function that looks at it."""
    declared = default.payload if isinstance(default, Expression) and default.kind == "parameter" else None
    return (declared is not None and "callback" in declared.keywords) or bool(re.search(r"\(.*\bcallback\s*=", annotation, re.DOTALL))


def _click_option(run: Interpreter, function: Function, declared: Arguments) -> None:
    words = tuple(v.value for v in declared.positional if isinstance(v, Const) and isinstance(v.value, str))
    if not words:
        return
    name = click_destination(words)
    action = "store_true" if isinstance(flag := declared.keywords.get("is_flag"), Const) and flag.value else "store"
    traits = {action}
    if isinstance(exposed := declared.keywords.get("expose_value"), Const) and exposed.value is False:
        traits.add("suppressed")
    if "callback" in declared.keywords:
        traits.add("suppressed")
    number = run.options.option(name, declared.places[0], words, frozenset(traits), declared, action)
    decorated_command(run, function, {name: Leaf(number, join(run.options.defaults[number], TOP))})
