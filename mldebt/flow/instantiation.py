"""Hydra's `instantiate`: sections of settings become objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.configs.types import MappingNode
from mldebt.flow.arguments import Arguments
from mldebt.flow.values import TOP, Const, Leaf, Value, View

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

FRAMEWORK_KEYS = frozenset({"defaults", "hydra", "_target_", "_partial_", "_recursive_", "_convert_", "_args_", "_self_"})


def apply(run: Interpreter, role: str, source: Value | None, arguments: Arguments) -> Value:
    """A name becomes what it means, a section the object that it describes."""
    if role == "instantiate":
        return instantiate(run, source, arguments)
    text = run.look_at(source, arguments.at, "names a class") if source is not None else TOP
    meaning = run.names.target(text.value) if isinstance(text, Const) and isinstance(text.value, str) else None
    return meaning if meaning is not None else TOP


def instantiate(run: Interpreter, source: Value | None, arguments: Arguments) -> Value:
    """Hydra's `instantiate`: the class or function that `_target_` names is called with the section's keys."""
    section = source.value if isinstance(source, Leaf) else source
    if not isinstance(section, View):
        run.escape(section, arguments.at, "is instantiated")
        return TOP
    known = run.settings.entries(section, arguments.at)[0]
    target = known.pop("_target_", None)
    text = run.look_at(target, arguments.at, "names a class") if target is not None else None
    if not isinstance(text, Const) or not isinstance(text.value, str):
        run.settings.escape(section, arguments.at, "is instantiated")
        return TOP
    meaning = run.names.target(text.value)
    call = Arguments(arguments.at, arguments.frame)
    call.positional, call.places = arguments.positional[1:], arguments.places[1:]
    for key, value in known.items():
        if key not in FRAMEWORK_KEYS:
            call.name(str(key), _nested(run, value, arguments), arguments.at)
    call.keywords.update(arguments.keywords)
    for key in arguments.keywords:
        call.keyword_places[key] = arguments.keyword_places[key]
    if meaning is None:
        run.settings.escape(section, arguments.at, "is instantiated")
        return TOP
    result: Value = run.call_value(meaning, call)
    return result if "_partial_" not in run.settings.entries(section, arguments.at)[0] else TOP


def _nested(run: Interpreter, value: Value, arguments: Arguments) -> Value:
    if isinstance(value, View) and isinstance(value.node, MappingNode) and value.node.entry("_target_") is not None:
        return instantiate(run, value, Arguments(arguments.at, arguments.frame))
    return value
