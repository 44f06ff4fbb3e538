"""Library tables as bytes (msgpack), so that a scan need not read YAML again."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, get_args

import msgspec

from mldebt.core import MldebtError
from mldebt.libraries.types import CallModel, Hyperparameter, Library, TypeModel, Verb, When


class _Entry(msgspec.Struct, array_like=True):
    """Calls that stand next to each other and differ in name and result only; one record per verb, see `_verb_record`."""

    library: str
    names: tuple[str, ...]
    returns: tuple[str, ...]
    verbs: tuple[Any, ...]
    mutates: When | bool
    hyperparameters: tuple[Hyperparameter, ...]
    property: bool


class _Table(msgspec.Struct, array_like=True):
    name: str
    file: str
    types: tuple[TypeModel, ...]
    entries: tuple[_Entry, ...]
    aliases: tuple[tuple[str, str], ...]


def encode(libraries: Iterable[Library]) -> bytes:
    """The libraries as bytes that `decode` takes back."""
    return msgspec.msgpack.encode([_plain_library(library) for library in libraries])


def decode(data: bytes) -> tuple[Library, ...]:
    """What `encode` was given; raises `MldebtError` on anything else (a cache takes that as a miss)."""
    try:
        return tuple(_library(table) for table in _decoder().decode(data))
    except msgspec.MsgspecError as error:
        raise MldebtError(f"library tables in the cache cannot be read: {error}") from error


def _library(table: _Table) -> Library:
    calls = tuple(call for entry in table.entries for call in _calls(entry))
    return Library(table.name, table.file, table.types, calls, table.aliases)


def _calls(entry: _Entry) -> Iterable[CallModel]:
    verbs = tuple(getattr(record, record.verb) for record in entry.verbs)
    for name, returns in zip(entry.names, entry.returns, strict=True):
        yield CallModel(name, entry.library, verbs, returns, entry.mutates, entry.hyperparameters, entry.property)


@functools.cache
def _decoder() -> msgspec.msgpack.Decoder[tuple[_Table, ...]]:
    """Decodes dataclasses in C; msgspec takes one dataclass per field, hence the record with one field for each verb."""
    verbs = [(verb.__name__, verb | None, None) for verb in get_args(Verb)]
    record = msgspec.defstruct("_verb_record", [("verb", str), *verbs])
    entry: Any = msgspec.defstruct("_entry", [("verbs", tuple[record, ...])], bases=(_Entry,), array_like=True)  # type: ignore[valid-type]
    table: Any = msgspec.defstruct("_table", [("entries", tuple[entry, ...])], bases=(_Table,), array_like=True)
    return msgspec.msgpack.Decoder(tuple[table, ...])


def _plain_library(library: Library) -> list[Any]:
    groups = itertools.groupby(library.calls, key=_effect)
    entries = [_plain_entry(tuple(group)) for _, group in groups]
    return [library.name, library.file, _plain(library.types), entries, library.aliases]


def _effect(call: CallModel) -> str:
    """As text, because 1 and True are equal otherwise."""
    return repr((call.library, call.verbs, call.mutates, call.hyperparameters, call.property))


def _plain_entry(calls: tuple[CallModel, ...]) -> list[Any]:
    first = calls[0]
    verbs = [{"verb": type(verb).__name__, type(verb).__name__: _plain(verb)} for verb in first.verbs]
    names, returns = [call.call for call in calls], [call.returns for call in calls]
    return [first.library, names, returns, verbs, _plain(first.mutates), _plain(first.hyperparameters), first.property]


def _plain(value: Any) -> Any:
    """A dataclass as a mapping of what differs from its defaults."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if not is_dataclass(value):
        return value
    items = ((part, getattr(value, part.name)) for part in fields(value))
    return {part.name: _plain(item) for part, item in items if part.default is MISSING or item != part.default}
