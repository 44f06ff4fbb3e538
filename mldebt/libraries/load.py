"""Library files to one table, and the questions the flow asks of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from mldebt.libraries.store import decode, encode
from mldebt.libraries.types import (
    Aggregates,
    Argument,
    CallModel,
    Converts,
    Filters,
    Library,
    Reshapes,
    Samples,
    Shuffles,
    Sorts,
    TypeModel,
    Verb,
)

__all__ = ["Knowledge", "decode", "encode", "libraries_digest", "load_knowledge", "read_library", "shipped_libraries"]

_SHIPPED = Path(__file__).parent


class Knowledge:
    """What library calls do; later libraries replace earlier ones call by call."""

    def __init__(self, libraries: Iterable[Library]) -> None:
        self._types: dict[str, TypeModel] = {}
        self._calls: dict[str, CallModel] = {}
        self._below: dict[str, CallModel] = {}
        self._aliases: dict[str, str] = {}
        self._canonical: dict[str, str] = {}
        self._functions: dict[str, CallModel | None] = {}
        self._methods: dict[tuple[str, str], CallModel | None] = {}
        self._kinds: dict[str, str] = {}
        for library in libraries:
            self._add(library)

    def _add(self, library: Library) -> None:
        self._types.update((model.name, model) for model in library.types)
        self._aliases.update(library.aliases)
        for call in library.calls:
            if call.call.endswith(".*"):
                self._below[call.call[:-2]] = call
            else:
                self._calls[call.call] = call

    def canonical(self, dotted: str) -> str:
        """The name the tables use for a dotted name (aliases resolved)."""
        found = self._canonical.get(dotted)
        if found is None:
            found = self._canonical[dotted] = self._resolve(dotted)
        return found

    def _resolve(self, dotted: str) -> str:
        """Follows aliases, the longest prefix first, each at most once: they may form a ring."""
        used: set[str] = set()
        while alias := next((prefix for prefix in _prefixes(dotted) if prefix in self._aliases and prefix not in used), None):
            used.add(alias)
            dotted = self._aliases[alias] + dotted[len(alias) :]
        return dotted

    def call(self, dotted: str) -> CallModel | None:
        """The entry of a function or class by its canonical name; exact, else that of a class it inherits from, else the longest `prefix.*`.

        Without a receiver, a verb that names no value works on all positional arguments.
        """
        if dotted not in self._functions:
            owner, _, name = dotted.rpartition(".")
            found = self._calls.get(dotted) or (self.method(owner, name) if owner in self._types else None) or self._wildcard(owner)
            self._functions[dotted] = replace(found, verbs=tuple(map(_of_a_function, found.verbs))) if found else None
        return self._functions[dotted]

    def spells(self, dotted: str) -> bool:
        """Whether an entry speaks of this very name, not only of all names below a prefix."""
        name = self.canonical(dotted)
        return name in self._calls or name in self._types

    def method(self, type_name: str, name: str) -> CallModel | None:
        """The entry of a method or property of a type, through `extends`; for the type "*" (unknown) that of a bare `.method`."""
        key = (type_name, name)
        if key not in self._methods:
            self._methods[key] = self._find_method(type_name, name)
        return self._methods[key]

    def _find_method(self, type_name: str, name: str) -> CallModel | None:
        if type_name == "*":
            return self._calls.get(f".{name}")
        ancestry = self.ancestry(type_name)
        exact = (self._calls.get(f"{ancestor}.{name}") for ancestor in ancestry)
        below = (self._wildcard(ancestor) for ancestor in ancestry if ancestor)
        return next(filter(None, exact), None) or next(filter(None, below), None)

    def ancestry(self, type_name: str) -> tuple[str, ...]:
        """A type and what it extends, depth first, each once."""
        order: dict[str, None] = {}
        waiting = [type_name]
        while waiting:
            current = waiting.pop()
            if current not in order:
                order[current] = None
                model = self._types.get(current)
                waiting.extend(reversed(model.extends if model else ()))
        return tuple(order)

    def mixes(self, type_name: str) -> bool:
        """Whether a transformer makes each column that comes out of several that go in."""
        return any((model := self._types.get(ancestor)) is not None and model.mixes for ancestor in self.ancestry(type_name))

    def kind(self, type_name: str) -> str:
        """The kind of a type, its own or inherited; "" where it is unknown."""
        found = self._kinds.get(type_name)
        if found is None:
            models = (self._types.get(ancestor) for ancestor in self.ancestry(type_name))
            found = self._kinds[type_name] = next((model.kind for model in models if model and model.kind), "")
        return found

    def learns(self, type_name: str) -> str:
        """What fitting a transformer keeps of the rows: numbers where its library file says nothing else."""
        models = (self._types.get(ancestor) for ancestor in self.ancestry(type_name))
        return next((model.learns for model in models if model and model.learns), "numbers")

    def _wildcard(self, dotted: str) -> CallModel | None:
        return next((self._below[prefix] for prefix in _prefixes(dotted) if prefix in self._below), None)


def _of_a_function(verb: Verb) -> Verb:
    if isinstance(verb, Aggregates | Converts | Filters | Reshapes | Samples | Shuffles | Sorts) and verb.value is None:
        return replace(verb, value=Argument("*"))
    return verb


def _prefixes(dotted: str) -> Iterator[str]:
    """`a.b.c`, `a.b`, `a`."""
    while dotted:
        yield dotted
        dotted = dotted.rpartition(".")[0]


def read_library(text: str, file: str) -> Library:
    """The knowledge in one YAML file; raises `MldebtError` with the file, the number of the entry and what is wrong."""
    from mldebt.libraries import read  # yaml stays out of a scan that finds its tables in the store

    return read.read_library(text, file)


def shipped_libraries() -> tuple[Library, ...]:
    """The libraries that come with mldebt, read from their YAML."""
    return tuple(read_library(path.read_text(encoding="utf-8"), path.name) for path in _shipped_files())


def libraries_digest() -> str:
    """A hash over the shipped YAML files: the key under which the caller keeps what `encode` made of them."""
    digest = hashlib.blake2b(digest_size=16)
    for path in _shipped_files():
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def load_knowledge(project_files: Sequence[tuple[str, str]] = (), shipped: Sequence[Library] | None = None) -> Knowledge:
    """Shipped knowledge (or the tables that `decode` gave), then the project's files as (name, text) in their order."""
    project = [read_library(text, file) for file, text in project_files]
    return Knowledge([*(shipped_libraries() if shipped is None else shipped), *project])


def _shipped_files() -> list[Path]:
    return sorted(_SHIPPED.glob("*.yaml"))
