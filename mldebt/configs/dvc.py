"""Parameter files of DVC: every key that a stage can name under `params:`."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.configs.tree import effective, entry_at
from mldebt.configs.types import ConfigNode, ConfigPath, ConfigTree, Entry, MappingNode


def params_leaves(tree: ConfigTree) -> Iterator[tuple[str, Entry]]:
    """The dotted name and the entry of every parameter that is no table of others; a list is one parameter."""
    if tree.root is not None:
        for path, entry in _leaves(tree.root, ()):
            yield ".".join(str(step) for step in path), entry


def _leaves(node: ConfigNode, path: ConfigPath) -> Iterator[tuple[ConfigPath, Entry]]:
    if not isinstance(node, MappingNode):
        return
    for key, entry in effective(node).items():
        if isinstance(entry.value, MappingNode) and effective(entry.value):
            yield from _leaves(entry.value, (*path, key))
        else:
            yield (*path, key), entry


def parameter(tree: ConfigTree, name: str) -> Entry | None:
    """The entry that a dotted name under `params:` means: a leaf or a table; also where steps are numbers."""
    if tree.root is None:
        return None
    steps = tuple(name.split("."))
    numbers = tuple(int(step) if step.isdecimal() else step for step in steps)
    return entry_at(tree.root, steps) or entry_at(tree.root, numbers)
