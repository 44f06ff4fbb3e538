"""What ties a call to one machine: paths from the root of a file system, and devices, where literals spell them and nothing can set them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mldebt.flow.arguments import Arguments
from mldebt.flow.events import Anchored
from mldebt.flow.values import Const, Place, Value, options_of
from mldebt.libraries.types import CallModel, Configures, Fetches, Loads, Persists, Places, Reads, Writes

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

AnchoredVerb = Reads | Writes | Loads | Persists | Configures | Places
ANCHORED: Final = (Reads, Writes, Loads, Persists, Configures, Places)
_USES = {Reads: "read", Writes: "write", Loads: "load", Persists: "write", Configures: "load", Places: "device"}
_FROM_THE_ROOT = re.compile(r"/[^/]|[A-Za-z]:[\\/]")

Spelled = tuple[str, Place]


def anchored(run: Interpreter, model: CallModel, receiver: Value | None, arguments: Arguments, name: str) -> None:
    """An event where every value that the call may get is spelled in the code; what is chosen among settings and literals is none."""
    if arguments.frame is None:
        return
    world = run.world
    addresses = [verb.name for verb in model.verbs if isinstance(verb, Fetches) and verb.host == "url"]
    for verb in model.verbs:
        if not isinstance(verb, ANCHORED) or getattr(verb, "path", None) in addresses:
            continue
        spelled = _device(verb, arguments) if isinstance(verb, Places) else _paths(_path(verb, receiver, arguments))
        if spelled and run.verbs.holds(getattr(verb, "when", None), arguments):
            use = _USES[type(verb)]
            world.emit(Anchored("anchored", arguments.at, arguments.frame, world.stamp(), world.guards, use, name, spelled))


def opened(run: Interpreter, path: Value, mode: Value, arguments: Arguments) -> None:
    """The same for a file that is opened."""
    spelled = _paths(path)
    if spelled and arguments.frame is not None:
        world = run.world
        use = "write" if isinstance(mode, Const) and str(mode.value)[:1] in ("w", "a", "x") else "read"
        world.emit(Anchored("anchored", arguments.at, arguments.frame, world.stamp(), world.guards, use, "open", spelled))


def _path(verb: AnchoredVerb, receiver: Value | None, arguments: Arguments) -> Value | None:
    if isinstance(verb, Configures):
        return arguments.get(verb.source) if verb.role == "load" else None
    if isinstance(verb, Places) or verb.path is None:
        return None
    return receiver if verb.path.name == "receiver" else arguments.get(verb.path)


def _paths(value: Value | None) -> tuple[Spelled, ...]:
    found: list[Spelled] = []
    for option in options_of(value) if value is not None else ():
        if not isinstance(option, Const) or option.written is None or not _FROM_THE_ROOT.match(option.value):
            return ()
        found.append((option.value, option.written))
    return tuple(found)


def _device(verb: Places, arguments: Arguments) -> tuple[Spelled, ...]:
    value = arguments.get(verb.device)
    index = arguments.get(verb.index) if verb.index is not None else None
    if value is None or (index is not None and not isinstance(index, Const)):
        return ()
    found: list[Spelled] = []
    for option in options_of(value):
        place = _place_of(option)
        if not isinstance(option, Const) or place is None:
            return ()
        found.append(
            (f"{option.value}:{index.value}" if isinstance(index, Const) and index.value is not None else str(option.value), place)
        )
    return tuple(found)


def _place_of(value: Value) -> Place | None:
    """Where a device is written; a number says nothing once it was computed with."""
    if not isinstance(value, Const):
        return None
    return value.written if isinstance(value.value, str) else value.at if type(value.value) is int else None
