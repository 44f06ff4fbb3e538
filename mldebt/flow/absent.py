"""Names that are asked of a table which certainly has no such column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow.events import Absent, CallFrame
from mldebt.flow.frame_state import FrameState
from mldebt.flow.values import Const, Frame, Place, Sequence, Value, View, options_of, unwrap

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def is_absent(state: FrameState, name: str) -> bool:
    """Whether all columns of a table are known by name and this is none of them; false in doubt."""
    if state.open or state.partial or state.hidden or not state.columns or name in state.columns or HOLE in name:
        return False
    return not any(HOLE in known for known in state.columns)


def is_plain(key: Value) -> bool:
    """Whether a key spells certain names: one text, or a list all of whose items are one text each."""
    options = options_of(unwrap(key))
    if len(options) != 1:
        return False
    only = options[0]
    if isinstance(only, Sequence):
        items, element, open_ = only.state
        return items is not None and element is None and not open_ and all(isinstance(unwrap(item), Const) for item in items)
    return isinstance(only, Const | View)


def absent(run: Interpreter, frame: Frame, name: str, place: Place, at: Place, call_frame: CallFrame | None, how: str) -> int:
    """The bit that stands for a column which is not there, so that it can be followed to whoever gets it."""
    if call_frame is None:
        return 0
    world = run.world
    bit = world.column(name, place, 0, False, call_frame)
    known = tuple(sorted(frame.state.columns))
    world.emit(Absent("absent", at, call_frame, world.stamp(), world.guards, name, bit.bit_length() - 1, known, how))
    return bit
