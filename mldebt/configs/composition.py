"""Several config trees laid over each other, as OmegaConf merges them, with the file that each key comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from mldebt.configs.scalars import omegaconf_value
from mldebt.configs.text import MAX_DEPTH
from mldebt.configs.tree import effective, entry_at, node_at
from mldebt.configs.types import ConfigNode, ConfigPath, Entry, MappingNode, Scalar, ScalarNode, SequenceNode, Span

START = Span(1, 1, 1, 1)
MANDATORY = "???"


@dataclass(frozen=True, slots=True)
class Layer:
    """A mapping of one file, to be laid under the key path `package`."""

    file: str
    package: ConfigPath
    node: ConfigNode


@dataclass(frozen=True, slots=True)
class Origin:
    """What stands at a path of a composed config: the file it comes from, the place of its key (of the item, in a list), its value."""

    file: str
    at: Span
    value: ConfigNode


@dataclass(frozen=True, slots=True)
class Missing:
    """A defaults-list entry, or an override, that points at nothing in the config directory."""

    file: str
    at: Span
    target: str


@dataclass(frozen=True, slots=True)
class Composed:
    """A composed config. Spans inside `root` belong to different files: `lookup` and `leaves` say which.

    `files` is in the order of merging; the file of what a command line sets is "".
    """

    root: MappingNode
    files: tuple[str, ...]
    missing: tuple[Missing, ...] = ()
    sources: Mapping[ConfigPath, str] = field(default_factory=dict)

    def lookup(self, path: ConfigPath) -> Origin | None:
        node = node_at(self.root, path)
        if node is None:
            return None
        entry = entry_at(self.root, path)
        return Origin(self._file(path), entry.key_at if entry else node.at, node)

    def leaves(self) -> Iterator[tuple[ConfigPath, Origin]]:
        """Every scalar and every empty collection, in merged order."""
        return self._leaves((), self.root, START)

    def _leaves(self, path: ConfigPath, node: ConfigNode, at: Span) -> Iterator[tuple[ConfigPath, Origin]]:
        entries: list[tuple[str | int, ConfigNode, Span]] = []
        match node:
            case MappingNode():
                entries = [(entry.key, entry.value, entry.key_at) for entry in effective(node).values()]
            case SequenceNode():
                entries = [(index, item, item.at) for index, item in enumerate(node.items)]
        if not entries and path:
            yield path, Origin(self._file(path), at, node)
        for key, value, key_at in entries:
            yield from self._leaves((*path, key), value, key_at)

    def _file(self, path: ConfigPath) -> str:
        return next((self.sources[path[:length]] for length in range(len(path), 0, -1) if path[:length] in self.sources), "")


def combine(layers: Iterable[Layer], missing: Iterable[Missing] = ()) -> Composed:
    """Later layers win; mappings are merged, lists replaced; `???` replaces nothing; plain scalars are read as OmegaConf reads them."""
    draft = Draft()
    files: dict[str, None] = {}
    for layer in layers:
        files[layer.file] = None
        draft.lay(layer)
    return draft.composed(tuple(files), tuple(missing))


def merge(base: ConfigNode, over: ConfigNode) -> ConfigNode:
    """`OmegaConf.merge` of two nodes."""
    if not isinstance(base, MappingNode) or not isinstance(over, MappingNode):
        return over
    return combine((Layer("", (), base), Layer("", (), over))).root


@dataclass(slots=True)
class _Slot:
    """A key of a draft; `inner` holds the keys below it where it is a mapping."""

    file: str
    at: Span
    value: ConfigNode
    inner: dict[str | int, _Slot] | None = None


class Draft:
    """A composed config in the making."""

    def __init__(self) -> None:
        self.slots: dict[str | int, _Slot] = {}

    def lay(self, layer: Layer) -> None:
        slots = self.slots
        at = layer.node.at
        if not isinstance(layer.node, MappingNode) or len(layer.package) > MAX_DEPTH:
            return
        for step in layer.package:
            slots = _opened(slots, step, layer.file, Span(at.line, at.column, at.line, at.column))
        _lay(slots, layer.node, layer.file)

    def put(self, path: ConfigPath, value: ConfigNode, file: str) -> None:
        """Set a path as a command line does."""
        if len(path) > MAX_DEPTH:
            return
        slots = self.slots
        for step in path[:-1]:
            slots = _opened(slots, step, file, START)
        _lay(slots, MappingNode((Entry(path[-1], START, value),), START), file)

    def remove(self, path: ConfigPath) -> bool:
        """Take a path away; false where nothing stands there."""
        slots: dict[str | int, _Slot] | None = self.slots
        for step in path[:-1]:
            slot = slots.get(step) if slots is not None else None
            slots = slot.inner if slot else None
        return slots is not None and slots.pop(path[-1], None) is not None

    def has(self, path: ConfigPath) -> bool:
        return node_at(_frozen(self.slots, START), path) is not None

    def composed(self, files: tuple[str, ...], missing: tuple[Missing, ...]) -> Composed:
        return Composed(_frozen(self.slots, START), files, missing, dict(_sources(self.slots, ())))


def _opened(slots: dict[str | int, _Slot], step: str | int, file: str, at: Span) -> dict[str | int, _Slot]:
    slot = slots.get(step)
    if slot is None or slot.inner is None:
        slot = slots[step] = _Slot(file, at, MappingNode((), at), {})
    assert slot.inner is not None
    return slot.inner


def _lay(slots: dict[str | int, _Slot], node: MappingNode, file: str) -> None:
    for key, entry in effective(node).items():
        known = slots.get(key)
        value = entry.value
        if isinstance(value, MappingNode):
            if known is None or known.inner is None:
                known = slots[key] = _Slot(file, entry.key_at, MappingNode((), value.at), {})
            assert known.inner is not None
            _lay(known.inner, value, file)
        elif known is None or not (isinstance(value, ScalarNode) and value.value == MANDATORY):
            slots[key] = _Slot(file, entry.key_at, as_omegaconf(value))


def as_omegaconf(node: ConfigNode) -> ConfigNode:
    """The same tree with its plain scalars as OmegaConf reads them."""
    match node:
        case ScalarNode():
            value: Scalar = omegaconf_value(node)
            return node if value is node.value else replace(node, value=value)
        case SequenceNode():
            return replace(node, items=tuple(as_omegaconf(item) for item in node.items))
        case MappingNode():
            entries = tuple(Entry(entry.key, entry.key_at, as_omegaconf(entry.value)) for entry in effective(node).values())
            return MappingNode(entries, node.at)


def _frozen(slots: dict[str | int, _Slot], at: Span) -> MappingNode:
    return MappingNode(
        tuple(Entry(key, slot.at, slot.value if slot.inner is None else _frozen(slot.inner, slot.value.at)) for key, slot in slots.items()),
        at,
    )


def _sources(slots: dict[str | int, _Slot], path: ConfigPath) -> Iterator[tuple[ConfigPath, str]]:
    for key, slot in slots.items():
        yield (*path, key), slot.file
        if slot.inner is not None:
            yield from _sources(slot.inner, (*path, key))
