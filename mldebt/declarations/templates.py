"""The `${…}` of dvc.yaml: values looked up in vars, params files and the item of a loop."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mldebt.configs.types import ConfigNode, Entry, MappingNode, ScalarNode, SequenceNode
from mldebt.declarations.nodes import child, entries, text_of
from mldebt.declarations.types import HOLE

_REFERENCE = re.compile(r"\\?\$\{([^{}]*)\}")
_KEY = re.compile(r"[^.\[\]]+")
_MOST_ARGUMENTS = 1_000
_LONGEST_TEMPLATE = 20_000
_LONGEST_VALUE = 1_000


@dataclass(frozen=True, slots=True)
class Scope:
    """Mappings in which names are looked up, nearest first."""

    layers: tuple[ConfigNode, ...] = ()

    def within(self, *layers: ConfigNode) -> Scope:
        return Scope((*layers, *self.layers))

    def find(self, reference: str) -> ConfigNode | None:
        keys = _KEY.findall(reference)
        for layer in self.layers:
            node: ConfigNode | None = layer
            for key in keys:
                node = _step(node, key)
            if node is not None and keys:
                return node
        return None

    def text(self, template: str, *, command: bool = False) -> str:
        """The template with its references replaced; in a command a mapping becomes options, as DVC has it."""

        def value(match: re.Match[str]) -> str:
            if match.group().startswith("\\"):
                return match.group()[1:]
            node = self.find(match.group(1))
            if command and isinstance(node, MappingNode):
                return " ".join(option for option in itertools.islice(_options(node, ""), _MOST_ARGUMENTS) if option)
            known = text_of(node)
            return HOLE if known is None or len(known) > _LONGEST_VALUE else known

        return HOLE if len(template) > _LONGEST_TEMPLATE else _REFERENCE.sub(value, template)[:_LONGEST_TEMPLATE]

    def node(self, node: ConfigNode | None) -> ConfigNode | None:
        """The node, or what a scalar that is one reference stands for."""
        if isinstance(node, ScalarNode) and isinstance(node.value, str) and (match := _REFERENCE.fullmatch(node.value)):
            return self.find(match.group(1))
        return node


def layer(near: ConfigNode, **values: ConfigNode) -> MappingNode:
    """A mapping made up for a loop; its entries stand where `near` stands."""
    return MappingNode(tuple(Entry(name, near.at, value) for name, value in values.items()), near.at)


def selected(node: ConfigNode, keys: Sequence[str]) -> ConfigNode:
    """`file.yaml:a,b` gives the top-level keys a and b only."""
    found = {key: value for key in keys if (value := child(node, key)) is not None}
    return layer(node, **found)


def references(node: ConfigNode) -> frozenset[str]:
    """The names that the `${…}` of a node and everything below it look up."""
    found: set[str] = set()
    pending, entered = [node], set[int]()
    while pending:
        item = pending.pop()
        if id(item) in entered:
            continue
        entered.add(id(item))
        if isinstance(item, ScalarNode):
            found.update(match.group(1).strip() for match in _REFERENCE.finditer(str(item.value)) if not match.group().startswith("\\"))
        elif isinstance(item, SequenceNode):
            pending.extend(item.items)
        else:
            for entry in item.entries:
                found.update(match.group(1).strip() for match in _REFERENCE.finditer(str(entry.key)))
                pending.append(entry.value)
    return frozenset(found)


def _step(node: ConfigNode | None, key: str) -> ConfigNode | None:
    if isinstance(node, SequenceNode):
        return node.items[int(key)] if key.isdigit() and int(key) < len(node.items) else None
    return next((entry.value for entry in entries(node) if str(entry.key) == key), None)


def _options(node: MappingNode, prefix: str, depth: int = 5) -> Iterator[str]:
    """The pieces of a command line; an empty one for each mapping entered, so that a cut at a number of pieces ends the walk."""
    yield ""
    for entry in entries(node):
        name = f"{prefix}{entry.key}"
        match entry.value:
            case MappingNode():
                if depth:
                    yield from _options(entry.value, f"{name}.", depth - 1)
            case SequenceNode():
                yield f"--{name}"
                yield from (_quoted(text_of(item)) for item in entry.value.items)
            case ScalarNode(value=bool() as switch):
                if switch:
                    yield f"--{name}"
            case ScalarNode():
                yield f"--{name} {_quoted(text_of(entry.value))}"


def _quoted(text: str | None) -> str:
    if text is None:
        return HOLE
    return text if re.fullmatch(r"[\w./:@%+=,-]+", text) else "'" + text.replace("'", "'\\''") + "'"
