"""Hyperparameters: which values library calls get for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow.access import entries
from mldebt.flow.arguments import Arguments
from mldebt.flow.events import Tuned
from mldebt.flow.values import Const, Leaf, Mapping, Value, View, options_of
from mldebt.libraries.types import Argument, CallModel, Hyperparameter

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def tuned(run: Interpreter, model: CallModel, arguments: Arguments, name: str) -> None:
    """An event for each hyperparameter that a call gives a known value."""
    for parameter in model.hyperparameters:
        value = _given(run, parameter, arguments)
        options = options_of(value) if value is not None else ()
        written = len(options) == 1 and isinstance(options[0], Const) and options[0].at is not None  # else something chooses among them
        for option in options:
            inner = option.value if isinstance(option, Leaf) else option
            if isinstance(inner, Const):
                _emit(run, parameter, option, inner if written else Const(inner.value), arguments, name)


def _given(run: Interpreter, parameter: Hyperparameter, arguments: Arguments) -> Value | None:
    """The value of the argument; of `params.eta` that of a key of the argument `params`."""
    holder, dot, key = parameter.name.partition(".")
    position = parameter.position if not dot or parameter.position is not None else 0  # train(params, data)
    value = arguments.get(Argument(holder, position))
    if not dot or value is None:
        return value
    return entries(run, value, arguments.at)[0].get(key) if isinstance(value, Mapping | View) else None


def _emit(run: Interpreter, parameter: Hyperparameter, option: Value, inner: Const, arguments: Arguments, name: str) -> None:
    world = run.world
    leaf = option.key if isinstance(option, Leaf) else -1
    is_default = parameter.default is not None and inner.value == parameter.default
    literal = None if leaf >= 0 or is_default else inner.at
    assert arguments.frame is not None
    world.emit(Tuned("tuned", arguments.at, arguments.frame, world.stamp(), world.guards, name, parameter.name, inner.value, literal, leaf))
