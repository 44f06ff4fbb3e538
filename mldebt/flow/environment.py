"""Variables of the environment: what reads them by a name that we know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow.events import CallFrame
from mldebt.flow.setting_events import EnvironmentRead
from mldebt.flow.values import Const, Place, Value
from mldebt.libraries.types import CallModel, Configures

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def read_item(run: Interpreter, model: CallModel | None, key: Value, at: Place, frame: CallFrame) -> None:
    """`environ[key]`, if that is what the entry of a library is."""
    if model is not None and any(isinstance(verb, Configures) and verb.role == "environment" for verb in model.verbs):
        read(run, key, True, at, frame)


def read(run: Interpreter, key: Value | None, required: bool, at: Place, frame: CallFrame | None) -> None:
    world = run.world
    if isinstance(key, Const) and isinstance(key.value, str) and key.value:
        held = frame if frame is not None else CallFrame(None, at, at[0], "")
        world.emit(EnvironmentRead("environment read", at, held, world.stamp(), world.guards, key.value, required))
