"""A config file as a tree with positions; nothing is constructed, duplicates are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Scalar = str | int | float | bool | None
ConfigPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """1-based line and column in characters, end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """`value` as the format's usual loader gives it (YAML: the safe loader's resolution); dates and the like stay text.

    `quoted` is true of a YAML scalar in quotes or in a block: other loaders resolve the plain ones differently (OmegaConf reads `1e-3` as a number).
    """

    value: Scalar
    at: Span
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class SequenceNode:
    items: tuple[ConfigNode, ...]
    at: Span


@dataclass(frozen=True, slots=True)
class Entry:
    key: str | int
    key_at: Span
    value: ConfigNode


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Entries in file order, duplicates kept; `merged` are the entries that YAML merge keys (`<<`) bring in."""

    entries: tuple[Entry, ...]
    at: Span
    merged: tuple[Entry, ...] = ()

    def entry(self, key: str | int) -> Entry | None:
        """The entry that a loader would give: the last of equals, own entries before merged ones."""
        own = next((e for e in reversed(self.entries) if e.key == key), None)
        return own or next((e for e in self.merged if e.key == key), None)


ConfigNode = ScalarNode | SequenceNode | MappingNode


@dataclass(frozen=True, slots=True)
class ConfigComment:
    """A comment that holds `mldebt:` or `expect:`, with the line it covers (its own, or the next one with content)."""

    text: str
    line: int
    column: int
    covers: int


@dataclass(frozen=True, slots=True)
class ConfigTree:
    """One file; `documents` has one root a YAML document (JSON and TOML: one)."""

    path: str
    format: str  # yaml | json | toml | ini | env | requirements
    documents: tuple[ConfigNode, ...]
    comments: tuple[ConfigComment, ...] = ()
    package: str | None = None  # what the header `# @package x` of a Hydra config says

    @property
    def root(self) -> ConfigNode | None:
        return self.documents[0] if self.documents else None

    def leaves(self) -> Iterator[tuple[ConfigPath, Entry | ScalarNode]]:
        """Every scalar of the first document with its path, in file order; the entry where a mapping holds it."""
        if self.root is not None:
            yield from _leaves((), self.root)


def _leaves(path: ConfigPath, node: ConfigNode) -> Iterator[tuple[ConfigPath, Entry | ScalarNode]]:
    match node:
        case ScalarNode():
            yield path, node
        case SequenceNode():
            for index, item in enumerate(node.items):
                yield from _leaves((*path, index), item)
        case MappingNode():
            for entry in node.entries:
                if isinstance(entry.value, ScalarNode):
                    yield (*path, entry.key), entry
                else:
                    yield from _leaves((*path, entry.key), entry.value)


class ConfigError(Exception):
    """A config file that cannot be read, with the reason and the place; becomes MLD001."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column = reason, line, column
