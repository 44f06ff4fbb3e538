"""One library file (YAML) to one `Library`; whatever is wrong in it is said with file, entry and the nearest known word."""

from __future__ import annotations

import functools
import re
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, replace
from typing import Any

from mldebt.core import MldebtError
from mldebt.libraries.document import parse_document
from mldebt.libraries.expect import (
    WrongError,
    as_argument,
    as_arguments,
    as_condition,
    as_constant,
    as_flag,
    as_hyperparameters,
    as_mapping,
    as_mutation,
    as_optional_text,
    as_parse_options,
    as_text,
    as_texts,
    as_word,
    check_keys,
    described,
    shown,
)  # fmt: skip
from mldebt.libraries.types import Acts, Argument, CallModel, Constant, Escapes, Library, Logs, ParseOption, TypeModel, Verb, When

VERBS: dict[str, type[Verb]] = {re.sub(r"(?<!^)(?=[A-Z])", "_", verb.__name__).lower(): verb for verb in typing.get_args(Verb)}

TYPE_KINDS = (
    "frame", "column", "grouped", "array", "tensor", "model", "transformer", "search", "pipeline", "dataset", "optimizer", "scheduler", "loss",
    "layer", "parser", "options", "config", "handle", "path", "module", "schema", "expression", "selector", "stopper", "other",
)  # fmt: skip

# Words that a text field may hold; the flow has one branch for each.
WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("reads", "gives"): ("frame", "array", "text", "lines", "handle", "object", "dataset"),
    ("fetches", "host"): ("hub", "registry", "artifact", "git", "weights", "numbered", "url", "bucket", "repository"),
    ("selects", "by"): ("names", "regex", "like", "dtype", "position", "sql"),
    ("selects", "absent"): ("raises", "filled", "skipped"),
    ("splits", "gives"): ("parts", "indices", "inside"),
    ("drops", "gives"): ("receiver", "column"),
    ("converts", "to"): (
        "same", "array", "tensor", "frame", "list", "dict", "text", "number", "dataset", "path", "joined_path", "parent", "name", "stem", "suffix",
        "absolute", "with_name", "column_names", "schema", "rows", "numbered_rows", "probability", "similarity", "moved", "lagged", "each", "row_labels", "membership",
    ),
    ("creates", "kind"): ("model", "transformer", "pipeline", "search", "optimizer", "scheduler", "loss", "layer", "dataset", "frame", "other"),
    ("fits", "gives"): ("self", "transformed", "prediction", "model"),
    ("predicts", "kind"): ("label", "probability", "score", "regression", "label_or_number", "unknown"),
    ("configures", "role"): (
        "load", "dump", "create", "merge", "container", "select", "set", "instantiate", "target", "keep", "main", "compose", "environment",
    ),
    ("declares_option", "role"): (
        "words", "parser", "option", "group", "subparsers", "subparser", "parse", "parse_known", "set_defaults", "command", "command_option", "command_group", "typed_command",
        "flags", "flag", "switch_flag", "flag_read", "flag_set", "flags_whole", "flag_main",
    ),
    ("steps", "what"): ("optimizer", "scheduler"),
    ("expresses", "role"): ("columns", "every", "computed", "folded", "condition", "named", "sql", "function", "piped"),
    ("sets_mode", "mode"): ("train", "eval", "no_grad"),
}  # fmt: skip

# The field that a bare word fills: `creates: model` is `creates: {kind: model}`.
SHORT_FORMS = {
    "creates": "kind", "converts": "to", "predicts": "kind", "configures": "role", "declares_option": "role", "sets_mode": "mode", "seeds": "library",
    "steps": "what", "expresses": "role", "places": "device",
}  # fmt: skip

# `logs: true` takes everything it gets.
_EVERYTHING: dict[str, tuple[Verb, ...]] = {
    "logs": (Logs(Argument("*")), Logs(Argument("**"))),
    "acts": (Acts(Argument("*")), Acts(Argument("**"))),
    "escapes": (Escapes(Argument("*")), Escapes(Argument("**"))),
}

_ENTRY_KEYS = ("call", "calls", "under", "returns", "mutates", "hyperparameters", "property")
_TOP_KEYS = ("library", "requires", "types", "aliases", "calls")


def read_library(text: str, file: str) -> Library:
    """The knowledge in one file; raises `MldebtError` with the file, the number of the entry and what is wrong."""
    try:
        data = as_mapping(parse_document(text), "a library file")
        check_keys(data, _TOP_KEYS)
        name = as_text(data.get("library"), "'library' is")
        as_optional_text(data.get("requires"), "'requires' is")
        declared = tuple(_types(data.get("types")))
        aliases = tuple(
            (other, as_text(target, f"alias {other!r} is")) for other, target in as_mapping(data.get("aliases") or {}, "'aliases'").items()
        )
    except WrongError as wrong:
        raise MldebtError(f"{file}: {wrong}") from wrong
    names = {model.name for model in declared}
    calls = tuple(_entries(data.get("calls"), name, names, file))
    return Library(name, file, declared, calls, aliases)


def _types(data: object) -> Iterator[TypeModel]:
    for name, value in as_mapping(data or {}, "'types'").items():
        try:
            if isinstance(value, str):
                yield TypeModel(name, as_word(value, TYPE_KINDS, "kind is"))
                continue
            entry = as_mapping(value, "a kind, or {kind: ..., extends: [...]}")
            check_keys(entry, ("kind", "extends", "learns", "mixes"))
            kind = as_word(entry.get("kind", ""), (*TYPE_KINDS, ""), "kind is")
            learns = as_word(entry.get("learns", ""), ("numbers", "categories", "nothing", "order", ""), "'learns' is")
            yield TypeModel(name, kind, as_texts(entry.get("extends", []), "'extends' is"), learns, entry.get("mixes") is True)
        except WrongError as wrong:
            raise WrongError(f"type {name!r}: {wrong}") from wrong


def _entries(data: object, library: str, declared: set[str], file: str) -> Iterator[CallModel]:
    if not isinstance(data, list | types.NoneType):
        raise MldebtError(f"{file}: 'calls' is {described(data)}, expected a list of entries")
    for number, entry in enumerate(data or [], 1):
        names: tuple[str, ...] = ()
        try:
            entry = as_mapping(entry, "an entry")
            check_keys(entry, (*_ENTRY_KEYS, *VERBS), "verb or key")
            names = tuple(_names(entry))
            model = _model(entry, library)
        except WrongError as wrong:
            which = f" ({shown(names[0])})" if names else ""
            raise MldebtError(f"{file}: call {number}{which}: {wrong}") from wrong
        for name in names:
            yield replace(model, call=name, returns=model.returns or (name if name in declared else ""))


def _names(entry: dict[str, Any]) -> Iterator[str]:
    if "call" in entry and "calls" in entry:
        raise WrongError("'call' and 'calls' are the same key, use one")
    names = as_texts(entry.get("call", entry.get("calls")), "'call' is")
    if not names or not all(names):
        raise WrongError("'call' is missing: the dotted name of a function, a class or a method")
    for owner in as_texts(entry.get("under", [""]), "'under' is"):
        for name in names:
            yield f"{owner}.{name}" if owner else name


def _model(entry: dict[str, Any], library: str) -> CallModel:
    return CallModel(
        call="",
        library=library,
        verbs=tuple(_verbs(entry)),
        returns=as_optional_text(entry.get("returns"), "'returns' is"),
        mutates=as_mutation(entry.get("mutates", False)),
        hyperparameters=tuple(as_hyperparameters(entry.get("hyperparameters"))),
        property=as_flag(entry.get("property", False), "'property' is"),
    )


def _verbs(entry: dict[str, Any]) -> Iterator[Verb]:
    for name, value in entry.items():
        if name in VERBS:
            for effect in value if isinstance(value, list) else [value]:
                try:
                    yield from _EVERYTHING[name] if effect is True and name in _EVERYTHING else (_verb(name, effect),)
                except WrongError as wrong:
                    raise WrongError(f"{name}: {wrong}") from wrong


def _verb(name: str, effect: object) -> Verb:
    if effect is True or effect is None:
        effect = {}
    elif isinstance(effect, str) and name in SHORT_FORMS:
        effect = {SHORT_FORMS[name]: effect}
    entry = as_mapping(effect, "its fields")
    readers, needed = _field_readers(name)
    check_keys(entry, tuple(readers), "field")
    if missing := [key for key in needed if key not in entry]:
        raise WrongError(f"field {missing[0]!r} is missing")
    values: dict[str, Any] = {}
    for key, value in entry.items():
        try:
            values[key] = readers[key](value)
        except WrongError as wrong:
            raise WrongError(f"field {key!r} {wrong}") from wrong
    return VERBS[name](**values)


@functools.cache
def _field_readers(name: str) -> tuple[dict[str, Callable[[Any], Any]], tuple[str, ...]]:
    """How each field of a verb is read, and which fields must be there."""
    hints = typing.get_type_hints(VERBS[name])
    parts = fields(VERBS[name])
    readers = {part.name: _reader_of(hints[part.name], WORDS.get((name, part.name), ())) for part in parts}
    return readers, tuple(part.name for part in parts if part.default is MISSING and part.default_factory is MISSING)


def _reader_of(hint: Any, words: tuple[str, ...]) -> Callable[[Any], Any]:
    if words:
        return lambda value: as_word(value, words, "is")
    readers: dict[Any, Callable[[Any], Any]] = {
        str: lambda value: as_text(value, "is"),
        bool: lambda value: as_flag(value, "is"),
        Argument: as_argument,
        Argument | None: as_argument,
        When | None: as_condition,
        Constant: as_constant,
        Constant | Argument: lambda value: as_argument(value) if isinstance(value, dict) else as_constant(value),
        tuple[str, ...]: lambda value: as_texts(value, "is"),
        tuple[Argument, ...]: as_arguments,
        tuple[ParseOption, ...]: as_parse_options,
    }
    return readers[hint]
