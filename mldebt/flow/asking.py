"""Keys of settings that code asks for by their names, and whether they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.configs.types import MappingNode
from mldebt.flow.arguments import Arguments
from mldebt.flow.events import CallFrame
from mldebt.flow.setting_events import KeyAsked
from mldebt.flow.values import FALSE, TOP, TRUE, Const, Leaf, Place, Value, View, options_of, unwrap

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def asked(run: Interpreter, view: View, key: object, at: Place, frame: CallFrame | None, how: str, found: bool) -> None:
    """A section is asked for a key."""
    if not isinstance(view.node, MappingNode) or not isinstance(key, str):
        return
    world = run.world
    default = unwrap(run.settings.fallback) if run.settings.fallback is not None else None
    fallback = default.value if isinstance(default, Const) else ...
    frame = frame or CallFrame(None, at, at[0], "")
    path = (*view.path, key)
    guarded = world.handlers > 0
    world.emit(KeyAsked("key asked", at, frame, world.stamp(), world.guards, view.source, path, found, how, fallback, guarded))


def tested(run: Interpreter, view: View, key: Value, at: Place, frame: CallFrame | None) -> None:
    """Code looks whether a key is there."""
    for option in options_of(unwrap(key)):
        if isinstance(option, Const) and isinstance(view.node, MappingNode):
            asked(run, view, option.value, at, frame, "tested", view.node.entry(str(option.value)) is not None)


def choose(run: Interpreter, view: View, key: Value, at: Place) -> None:
    """A key that a setting gives, or that is put together: another run may take any of its neighbours."""
    if not isinstance(view.node, MappingNode):
        return
    for option in options_of(key):
        inner = unwrap(option)
        if not isinstance(inner, Const) or not isinstance(inner.value, str):
            continue
        is_met = (view.source, (*view.path, inner.value)) in run.settings.sources.named
        if isinstance(option, Leaf) or (inner.value not in run.world.program.texts and not is_met):
            for name, neighbour in run.settings.entries(view, at)[0].items():
                if name != inner.value:
                    run.escape(neighbour, at, "may be chosen in place of its neighbour")


def has(run: Interpreter, arguments: Arguments) -> Value:
    """`hasattr`: nobody can tell."""
    owner = arguments.positional[0] if len(arguments.positional) == 2 else TOP
    if isinstance(owner, View):
        tested(run, owner, arguments.positional[1], arguments.at, arguments.frame)
    return run.choice((TRUE, FALSE))
