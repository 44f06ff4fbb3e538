"""Questions about config trees: what stands at a path, and which plain values a loader would give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mldebt.configs.types import ConfigNode, ConfigPath, Entry, MappingNode, ScalarNode, SequenceNode


def effective(node: MappingNode) -> dict[str | int, Entry]:
    """The entries a loader gives, in its order: merged ones first, own ones over them, the last of equals."""
    return {entry.key: entry for entry in (*node.merged, *node.entries)}


def node_at(node: ConfigNode, path: ConfigPath) -> ConfigNode | None:
    for step in path:
        match node:
            case MappingNode():
                entry = node.entry(step)
                if entry is None:
                    return None
                node = entry.value
            case SequenceNode() if isinstance(step, int) and -len(node.items) <= step < len(node.items):
                node = node.items[step]
            case _:
                return None
    return node


def entry_at(node: ConfigNode, path: ConfigPath) -> Entry | None:
    """The mapping entry at a path; none where the path ends in a sequence or leads nowhere."""
    if not path:
        return None
    parent = node_at(node, path[:-1])
    return parent.entry(path[-1]) if isinstance(parent, MappingNode) else None


def plain(node: ConfigNode | None) -> Any:
    """Dicts, lists and scalars, as a loader would return them."""
    match node:
        case MappingNode():
            return {key: plain(entry.value) for key, entry in effective(node).items()}
        case SequenceNode():
            return [plain(item) for item in node.items]
        case ScalarNode():
            return node.value
        case None:
            return None


def repeated(path: ConfigPath, node: ConfigNode) -> Iterator[tuple[ConfigPath, Entry, Entry]]:
    """The keys that a mapping sets more than once, at or below a node: the first and the last entry."""
    if isinstance(node, MappingNode):
        first: dict[str | int, Entry] = {}
        for entry in node.entries:
            if first.setdefault(entry.key, entry) is not entry and node.entry(entry.key) is entry:
                yield (*path, entry.key), first[entry.key], entry
            yield from repeated((*path, entry.key), entry.value)
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.items):
            yield from repeated((*path, index), item)


def nodes_below(path: ConfigPath, node: ConfigNode) -> Iterator[tuple[ConfigPath, ConfigNode]]:
    """A node and all below it, by path."""
    yield path, node
    if isinstance(node, MappingNode):
        for key, entry in effective(node).items():
            yield from nodes_below((*path, key), entry.value)
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.items):
            yield from nodes_below((*path, index), item)
