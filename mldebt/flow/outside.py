"""What is followed by its name outside the repository: models of a hub, registries, artifacts, URLs; and content that is checked by a hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow import registry
from mldebt.flow.arguments import Arguments
from mldebt.flow.events import Fetched, Fingerprinted, Registered
from mldebt.flow.values import Const, Leaf, Object, Value, options_of
from mldebt.libraries.types import Argument, Fetches, Fingerprints, Registers, When

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

MANY = 8


def apply(run: Interpreter, verb: Fetches | Fingerprints | Registers, arguments: Arguments, name: str) -> Value | None:
    """An event for each name that is known; a name of which nothing is known says nothing."""
    world = run.world
    assert arguments.frame is not None
    if isinstance(verb, Fingerprints):
        world.emit(Fingerprinted("fingerprinted", arguments.at, arguments.frame, world.stamp(), world.guards))
        return None
    if isinstance(verb, Registers):
        world.emit(Registered("registered", arguments.at, arguments.frame, world.stamp(), world.guards))
        return registry.register(run, verb, arguments)
    value = arguments.get(verb.name)
    if value is None or (verb.when is not None and not _must_hold(run, verb.when, arguments)):
        return None
    pin = _pin(run, verb.pin, arguments)
    leaves = frozenset(option.key for option in options_of(value) if isinstance(option, Leaf))
    own = isinstance(value, Const) and isinstance(value.value, bool)  # a switch: the call itself names what comes
    names = [name.rpartition(".")[2]] if own and not name.endswith("__") else [] if own else _texts(run, value, arguments)[:MANY]
    for place in _texts(run, arguments.get(verb.within), arguments) if verb.within is not None else [""]:
        for text in names:
            full = f"{place}:{text}" if place else text
            event = Fetched("fetched", arguments.at, arguments.frame, world.stamp(), world.guards, verb.host, full, pin, name, leaves)
            world.emit(event)
    return None


def _must_hold(run: Interpreter, when: When, arguments: Arguments) -> bool:
    """Whether a condition certainly holds; an unknown argument does not."""
    value = arguments.get(when.argument)
    if when.absent or when.given:
        return (value is None) == when.absent and arguments.others is None
    options = options_of(run.look_at(value, arguments.at, "is looked at")) if value is not None else (Const(None),)
    return all(isinstance(option, Const) and option.value in when.is_ for option in options)


def _texts(run: Interpreter, value: Value | None, arguments: Arguments) -> list[str]:
    found: list[str] = []
    for option in options_of(run.look_at(value, arguments.at, "names something outside")) if value is not None else ():
        if isinstance(option, Object) and "path" in option.state:
            found.extend(_texts(run, option.state["path"], arguments))
        elif isinstance(option, Const) and isinstance(option.value, str):
            found.append(option.value)
    return list(dict.fromkeys(found))


def _pin(run: Interpreter, wanted: tuple[Argument, ...], arguments: Arguments) -> str | None:
    """The version asked for: its text, a hole where it is there and unknown, None where nobody asks for one."""
    if wanted and (arguments.others is not None or arguments.rest is not None):
        return HOLE
    for argument in wanted:
        value = arguments.get(argument)
        if value is None:
            continue
        for option in options_of(run.look_at(value, arguments.at, "is a version")):
            if not isinstance(option, Const):
                return HOLE
            if option.value is not None:
                return str(option.value)
    return None
