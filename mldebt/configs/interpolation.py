"""`${...}` of OmegaConf: which keys a text refers to, and what it becomes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.configs.scalars import omegaconf_value
from mldebt.configs.tree import node_at, nodes_below
from mldebt.configs.types import ConfigNode, ConfigPath, ScalarNode

HOLE = "\ue000"
"""The private-use character that stands for an unknown piece of a text."""

_KEY_STEP = re.compile(r"[^.\[\]]+")
_ESCAPED = re.compile(r"(\\+)(?=\$\{)")
_MAX_CHAIN = 50
_MAX_STEPS = 1_000
_MAX_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class Reference:
    """One `${...}` of a text: the absolute path it names, or none where a resolver (`oc.env`, `now`, ...) gives the value.

    `start` and `end` are its offsets in the text.
    """

    target: ConfigPath | None
    resolver: str
    start: int
    end: int


def references(text: str, holder: ConfigPath) -> tuple[Reference, ...]:
    """The interpolations of a text that stands at the path `holder`, outermost only; `${oc.select:a.b}` names `a.b`."""
    return tuple(_reference(text, start, end, holder) for start, end in _outermost(text))


def targets(text: str, holder: ConfigPath) -> tuple[ConfigPath, ...]:
    """Every path that a text refers to, nested interpolations included."""
    found: list[ConfigPath] = []
    for reference in references(text, holder):
        if reference.target is not None:
            found.append(reference.target)
        found.extend(targets(text[reference.start + 2 : reference.end - 1], holder))
    return tuple(found)


def texts_below(path: ConfigPath, node: ConfigNode) -> Iterator[tuple[ConfigPath, str]]:
    """The texts that refer to other keys, by the path of what holds them."""
    for inner, part in nodes_below(path, node):
        if isinstance(part, ScalarNode) and isinstance(part.value, str) and "${" in part.value:
            yield inner, part.value


def resolve(root: ConfigNode, path: ConfigPath) -> ConfigNode | None:
    """The node at a path with its interpolations filled in; HOLE for what only a run can tell. None where nothing stands there.

    A text that is one interpolation as a whole becomes the node it refers to.
    """
    return _Resolver(root).node(path, ())


class _Resolver:
    """One question; it gives up (HOLE) on circles, and after so many steps that only a hostile file needs them."""

    def __init__(self, root: ConfigNode) -> None:
        self.root = root
        self.steps = 0

    def node(self, path: ConfigPath, chain: tuple[ConfigPath, ...]) -> ConfigNode | None:
        self.steps += 1
        node = self._through(path, chain)
        if not isinstance(node, ScalarNode):
            return node
        value = omegaconf_value(node)
        if not isinstance(value, str) or "${" not in value:
            return node if value is node.value else ScalarNode(value, node.at, node.quoted)
        hole = ScalarNode(HOLE, node.at, node.quoted)
        if self._is_spent(path, chain):
            return hole
        found = references(value, path)
        if len(found) == 1 and (found[0].start, found[0].end) == (0, len(value)):
            return self._target(found[0], (*chain, path)) or hole
        text = "".join(self._pieces(value, found, (*chain, path)))
        return hole if len(text) > _MAX_TEXT else ScalarNode(text, node.at, node.quoted)

    def _is_spent(self, path: ConfigPath, chain: tuple[ConfigPath, ...]) -> bool:
        return path in chain or len(chain) >= _MAX_CHAIN or self.steps > _MAX_STEPS

    def _through(self, path: ConfigPath, chain: tuple[ConfigPath, ...]) -> ConfigNode | None:
        """The node at a path, also where a step on the way is itself an interpolation (`a: ${b}`, then `a.x`)."""
        direct = node_at(self.root, path)
        if direct is not None or self._is_spent(path, chain):
            return direct
        for length in range(1, len(path)):
            if isinstance(node_at(self.root, path[:length]), ScalarNode):
                inner = self.node(path[:length], (*chain, path))
                return None if inner is None else node_at(inner, path[length:])
        return None

    def _target(self, reference: Reference, chain: tuple[ConfigPath, ...]) -> ConfigNode | None:
        return None if reference.target is None else self.node(reference.target, chain)

    def _pieces(self, text: str, found: tuple[Reference, ...], chain: tuple[ConfigPath, ...]) -> Iterator[str]:
        position = 0
        for reference in found:
            yield _unescaped(text[position : reference.start])
            node = self._target(reference, chain)
            yield str(node.value) if isinstance(node, ScalarNode) and node.value != "???" else HOLE
            position = reference.end
        yield _unescaped(text[position:])


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda slashes: "\\" * (len(slashes[1]) // 2), text)


def _outermost(text: str) -> Iterator[tuple[int, int]]:
    """The offsets of each `${...}` that no other encloses and no backslash escapes."""
    start = text.find("${")
    while start >= 0:
        before = text[:start]
        escaped = (len(before) - len(before.rstrip("\\"))) % 2 == 1
        end = start + 2 if escaped else _closing(text, start)
        if end is None:
            return
        if not escaped:
            yield start, end
        start = text.find("${", end)


def _closing(text: str, start: int) -> int | None:
    depth = 0
    for found in re.compile(r"\$?\{|\}").finditer(text, start):
        depth += -1 if found[0] == "}" else 1
        if depth == 0:
            return found.end()
    return None


def _reference(text: str, start: int, end: int, holder: ConfigPath) -> Reference:
    inner = text[start + 2 : end - 1].strip()
    resolver, colon, arguments = inner.partition(":")
    if colon and resolver.strip() != "oc.select":
        return Reference(None, resolver.strip(), start, end)
    key = arguments.partition(",")[0].strip() if colon else inner
    resolver = resolver.strip() if colon else ""
    target = None if "${" in key or not key else _absolute(key, holder)
    return Reference(target, resolver, start, end)


def _absolute(key: str, holder: ConfigPath) -> ConfigPath | None:
    """`a.b[0]` from the root; each leading dot goes one level up, the first one to the mapping that holds the text."""
    levels = len(key) - len(key.lstrip("."))
    steps = tuple(int(step) if step.isdecimal() else step for step in _KEY_STEP.findall(key))
    if levels == 0:
        return steps
    if levels > len(holder):
        return None
    return (*holder[: len(holder) - levels], *steps)
