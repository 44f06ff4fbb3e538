"""Tables that are joined as one: which columns come along, beside the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow import tables
from mldebt.flow.absent import is_plain
from mldebt.flow.arguments import Arguments
from mldebt.flow.events import Joined
from mldebt.flow.frame_state import FrameState
from mldebt.flow.values import Const, Frame, unwrap
from mldebt.libraries.types import Joins

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def joined(run: Interpreter, verb: Joins, left: FrameState, right: Frame, arguments: Arguments) -> None:
    """Tells which columns a join brings, where all of them and the keys are known."""
    state = right.state
    complete = not (state.open or state.hidden or state.partial) and bool(state.columns) and not any(HOLE in name for name in state.columns)
    keys, unknown = _keys(run, verb, arguments)
    if not complete or unknown or arguments.frame is None or arguments.get(verb.marks) is not None:
        return
    if not keys:
        if left.open or left.hidden:
            return
        keys = frozenset(left.columns) & frozenset(state.columns)
    brought = tuple(sorted((name, bits) for name, bits in state.columns.items() if name not in keys))
    how = unwrap(arguments.get(verb.how) or Const(None))
    word = how.value if isinstance(how, Const) and isinstance(how.value, str) else ""
    world = run.world
    if brought:
        world.emit(Joined("joined", arguments.at, arguments.frame, world.stamp(), world.guards, brought, word))


def _keys(run: Interpreter, verb: Joins, arguments: Arguments) -> tuple[frozenset[str], bool]:
    found: set[str] = set()
    unknown = False
    for argument in (verb.on, verb.right_on):
        value = arguments.get(argument)
        if value is not None:
            names, hidden = tables.names_in(run, value, arguments.at)
            found.update(name for name, _ in names)
            unknown = unknown or hidden or not is_plain(value)
    return frozenset(found), unknown
