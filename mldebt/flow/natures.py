"""What kind of call an entry of the library knowledge is; found once for each entry."""

from __future__ import annotations

from dataclasses import fields

from mldebt.libraries.types import Argument, CallModel, Configures, Converts, Creates, DeclaresOption, Filters, Logs, Places, Verb

MOVES = frozenset({"array", "tensor", "list", "dict", "frame", "dataset"})

_natures: dict[int, tuple[CallModel, tuple[bool, bool]]] = {}
_glances: dict[int, tuple[CallModel, str]] = {}
_arguments_of: dict[int, tuple[Verb, list[Argument]]] = {}


def nature(model: CallModel) -> tuple[bool, bool]:
    """Whether a call declares options or settings, and whether it only logs."""
    known = _natures.get(id(model))
    if known is None:
        declares = any(isinstance(verb, DeclaresOption | Configures) for verb in model.verbs)
        known = _natures[id(model)] = (model, (declares, any(isinstance(verb, Logs) for verb in model.verbs)))
    return known[1]


def glance(model: CallModel) -> str:
    """Whether a call only looks: "peek" where it gives no more of what it gets than some rows, names or sizes, else ""."""
    known = _glances.get(id(model))
    if known is None:
        peeks = bool(model.verbs) and not model.mutates and all(_peeks(verb) for verb in model.verbs)
        known = _glances[id(model)] = (model, "peek" if peeks else "")
    return known[1]


def _peeks(verb: Verb) -> bool:
    if isinstance(verb, Filters):
        return verb.condition is None and verb.subset is None
    return isinstance(verb, Converts) and verb.to in ("schema", "column_names")


def named(verb: Verb) -> list[Argument]:
    """The arguments a verb speaks of."""
    known = _arguments_of.get(id(verb))
    if known is not None:
        return known[1]
    found: list[Argument] = []
    if isinstance(verb, Places):
        return found  # it looks at the device only
    for field in fields(verb):
        value = getattr(verb, field.name)
        if isinstance(value, Argument):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(item for item in value if isinstance(item, Argument))
    _arguments_of[id(verb)] = (verb, found)
    return found


def only_moves(model: CallModel) -> bool:
    """Whether a call only changes the shape that values are held in, wherever they are kept."""
    kinds = [
        (isinstance(verb, Converts) and verb.to in MOVES) or (isinstance(verb, Creates) and verb.kind == "dataset")
        for verb in model.verbs
        if not isinstance(verb, Places)
    ]
    return bool(kinds) and all(kinds) and not model.hyperparameters
