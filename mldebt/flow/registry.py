"""Models in files and registries: kept under a path or a name, and back again with their identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow.arguments import Arguments
from mldebt.flow.paths import same_path
from mldebt.flow.values import TOP, Const, Object, Value, options_of
from mldebt.libraries.types import CallModel, Loads, Persists, Registers

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

VERSIONS = ("/", "@")
"""What stands between a registered name and a version, stage or alias."""


def persist(run: Interpreter, verb: Persists, receiver: Value | None, arguments: Arguments) -> Value:
    value = arguments.get(verb.value) if verb.value is not None and verb.value.name != "receiver" else receiver
    path = receiver if verb.path is not None and verb.path.name == "receiver" else arguments.get(verb.path)
    assert arguments.frame is not None
    if value is not None:
        if verb.within == "runs":
            path = run.choice([Const(_in_run(text)) for text in run.files.texts(path, arguments.at)] or [Const(HOLE)])
        run.files.write(path, value, "object", arguments.at, arguments.frame)
    return TOP


def _in_run(artifact: str) -> str:
    return f"runs:/{HOLE}/{artifact}"


def register(run: Interpreter, verb: Registers, arguments: Arguments) -> Value | None:
    """A model gets a name: itself, or what was kept under the address that is given."""
    name = arguments.get(verb.name)
    value = arguments.get(verb.value)
    if name is None or value is None or (isinstance(name, Const) and name.value is None):
        return None
    at, frame = arguments.at, arguments.frame
    assert frame is not None
    if any(isinstance(option, Const) for option in options_of(value)):
        value = _kept(run, run.files.texts(value, at))
    if value is not None:
        for text in run.files.texts(name, at):
            for mark in VERSIONS:
                run.files.write(Const(f"models:/{text}{mark}{HOLE}"), value, "object", at, frame)
    return None


def _kept(run: Interpreter, addresses: list[str]) -> Value | None:
    """What this program itself has kept under an address, or others have."""
    found: list[Value] = []
    for kept in (run.world.stored, run.world.previous):
        for path, snapshots in sorted(kept.items()):
            if any(same_path(path, address) for address in addresses):
                found.extend(run.thawed(snapshot.value) for snapshot in snapshots)
    return run.choice(found) if found else None


def load(run: Interpreter, verb: Loads, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value:
    """What was kept under the path comes back with its identity; else an object of which only the type may be known."""
    path = receiver if verb.path is not None and verb.path.name == "receiver" else arguments.get(verb.path)
    world, at = run.world, arguments.at
    assert arguments.frame is not None
    found = run.files.read(path, "object", at, arguments.frame)
    if verb.adopts and isinstance(receiver, Object):
        world.adopted_from.setdefault(run.verbs.model_of(receiver), set()).update(run.files.texts(path, at))
        models = [o for o in options_of(found) if isinstance(o, Object)] if found is not None else []
        if models:
            world.heap.write(receiver, {**receiver.state, **models[0].state})
        return receiver
    if found is not None:
        return found
    if not verb.pretrained:
        world.loaded_from.setdefault(at, set()).update(run.files.texts(path, at))
    if model.returns and world.knowledge.kind(model.returns):
        return run.verbs.instance_of(model.returns, at)
    return Object(world.heap.next_serial(), "stored", at)
