"""Reading declarations out of config trees: what is missing or of another shape is simply not there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mldebt.configs.types import ConfigNode, Entry, MappingNode, ScalarNode, SequenceNode

_BLOCK = re.compile(r"(?:[&!]\S*\s+)*([|>])")


@dataclass(frozen=True, slots=True)
class Script:
    """Shell text in a config file; text that the format folds to one line `spreads` over no lines."""

    text: str
    line: int
    spreads: bool


def entries(node: ConfigNode | None) -> Iterator[Entry]:
    """The entries of a mapping as a loader gives them, merged ones last; none for anything else."""
    if isinstance(node, MappingNode):
        last = {entry.key: entry for entry in (*node.merged, *node.entries)}
        yield from (entry for entry in (*node.entries, *node.merged) if last[entry.key] is entry)


def child(node: ConfigNode | None, *keys: str) -> ConfigNode | None:
    """The value behind keys."""
    for key in keys:
        entry = node.entry(key) if isinstance(node, MappingNode) else None
        node = entry.value if entry else None
    return node


def items(node: ConfigNode | None) -> Sequence[ConfigNode]:
    """The items of a sequence; a scalar is a sequence of one, as most tools take it."""
    match node:
        case SequenceNode():
            return node.items
        case ScalarNode():
            return (node,)
        case _:
            return ()


def scalars(node: ConfigNode | None) -> Iterator[ScalarNode]:
    """The scalars of a sequence and of those nested in it; an aliased sequence is entered once."""
    pending, entered = list(reversed(items(node))), {id(node)}
    while pending:
        item = pending.pop()
        if isinstance(item, ScalarNode):
            yield item
        elif id(item) not in entered:
            entered.add(id(item))
            pending.extend(reversed(items(item)))


def text_of(node: ConfigNode | None) -> str | None:
    """A scalar as text, as YAML writes it."""
    if not isinstance(node, ScalarNode) or node.value is None:
        return None
    return str(node.value).lower() if isinstance(node.value, bool) else str(node.value)


def script_of(node: ScalarNode, source: str | None) -> Script:
    """The shell text of a scalar and the line of its first line; `source` is the text of the file, if it is at hand."""
    text = text_of(node) or ""
    if source is None:
        literal = node.at.end_line > node.at.line and "\n" in text.strip()
        return Script(text, node.at.line + literal, literal)
    lines = source.splitlines()
    opening = lines[node.at.line - 1][node.at.column - 1 :] if node.at.line <= len(lines) else ""
    block = _BLOCK.match(opening)
    return Script(text, node.at.line + bool(block), block is not None and block.group(1) == "|")


def joined_scripts(scripts: Sequence[Script]) -> Iterator[Script]:
    """Scripts that one shell runs one after the other as one text, as long as they follow each other in the file line by line."""
    text, start, end = "", 0, 0
    for script in scripts:
        follows = script.spreads or "\n" not in script.text.strip("\n")
        if text and follows and script.line > end:
            text += "\n" * (script.line - end) + script.text
        else:
            if text:
                yield Script(text, start, True)
            text, start = script.text, script.line
        if not follows:
            yield script
            text = ""
        end = script.line + script.text.count("\n")
    if text:
        yield Script(text, start, True)
