"""Functions that say of themselves that they are out of use: by a decorator, or by a warning that every call of them gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.facts.types import Block, Op
from mldebt.flow.arguments import Arguments
from mldebt.flow.events import Deprecated
from mldebt.flow.values import Class, Expression, Function, Library, Value
from mldebt.libraries.types import Deprecates

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def apply(run: Interpreter, verb: Deprecates, arguments: Arguments) -> Value | None:
    """A decorator with or without arguments; or a call in the function itself."""
    if verb.category is not None:
        category = arguments.get(verb.category)
        if isinstance(category, Library) and category.name.rpartition(".")[2] in verb.of:
            _said_by_itself(run, arguments)
        return None
    first = arguments.positional[0] if arguments.positional else None
    if isinstance(first, Function | Class):
        marked(run, first, arguments)
        return first
    return Expression("deprecated")


def marked(run: Interpreter, target: Value, arguments: Arguments) -> None:
    """A decorator has met its function; of a class the constructor is meant."""
    if isinstance(target, Function):
        _emit(run, arguments, target.module, target.code.qualname)


def _said_by_itself(run: Interpreter, arguments: Arguments) -> None:
    """A warning under a condition is about an argument or a way of calling, not about the function."""
    frame = arguments.frame
    assert frame is not None
    module = run.world.program.modules[frame.module]
    if (
        frame.function
        and arguments.at[0] == frame.module
        and any(_is_call_at(code.body, arguments.at[1]) for code in module.codes(frame.function))
    ):
        _emit(run, arguments, frame.module, frame.function)


def _is_call_at(body: Block, token: int) -> bool:
    """Whether a call stands in the body itself, in none of its inner blocks."""
    return any(instruction[0] in (Op.CALL, Op.METHOD) and instruction[1] == token for instruction in body)


def _emit(run: Interpreter, arguments: Arguments, module: int, function: str) -> None:
    assert arguments.frame is not None
    world = run.world
    world.emit(Deprecated("deprecated", arguments.at, arguments.frame, world.stamp(), world.guards, module, function))
