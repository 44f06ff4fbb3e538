"""YAML to trees: parser events put together by hand, so that nothing is constructed, duplicates stay and depth is bounded."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.reader import Reader

from mldebt.configs.comments import comments_at, hash_comments, may_speak
from mldebt.configs.scalars import MERGE, resolve
from mldebt.configs.text import BEYOND_LIMITS, MAX_DEPTH, Places
from mldebt.configs.tree import effective
from mldebt.configs.types import ConfigError, ConfigNode, ConfigTree, Entry, MappingNode, ScalarNode, SequenceNode, Span

MAX_ALIASED = 100_000
"""Nodes that aliases may repeat in one file; aliases share their node, but whoever walks the tree meets it each time."""

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+){1,2}")

Event = Any
_FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(path: str, text: str, loader: Any = _FASTEST) -> ConfigTree:
    if (bad := Reader.NON_PRINTABLE.search(text)) is not None:
        raise Places(text).error("a control character", bad.start())
    composer = _Composer(text, loader)
    try:
        documents = tuple(composer.documents())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Places(text).error(error.problem or error.context or "not YAML", min(mark.index, len(text)) if mark else 0) from None
    except yaml.YAMLError:
        raise ConfigError("not YAML") from None
    comments = hash_comments(text, composer.is_content) if may_speak(text) else ()
    return ConfigTree(path, "yaml", documents, comments_at(text, comments), _package(text))


def _package(text: str) -> str | None:
    """The package of a Hydra header: the lines `# @key value` before anything else."""
    for line in text.splitlines():
        if not line.strip():
            continue
        words = line.strip().lstrip("#").split()
        if not line.strip().startswith("#") or not words or not words[0].startswith("@"):
            return None
        if words[0] == "@package" and len(words) == 2:
            return words[1]
    return None


@dataclass(slots=True)
class _Built:
    """A finished node with what its parent must know of it."""

    node: ConfigNode
    size: int = 1
    height: int = 0
    tag: str = ""
    text: str = ""


@dataclass(slots=True)
class _Open:
    """A collection whose end is still to come; `children` of a mapping alternate between key and value."""

    event: Event
    children: list[tuple[_Built, Span]] = field(default_factory=list)
    size: int = 1
    height: int = 0


class _Composer:
    def __init__(self, text: str, loader: Any) -> None:
        self.text = text
        self.loader = loader
        self.places = Places(text)
        self.scalars: list[tuple[int, int]] = []
        self.stack: list[_Open] = []
        self.anchors: dict[str, _Built | None] = {}
        self.aliased = 0
        self.roots: list[ConfigNode] = []

    def documents(self) -> Iterator[ConfigNode]:
        loader = self.loader(self.text)
        try:
            while not loader.check_event(yaml.StreamEndEvent):
                self._take(loader.get_event())
                yield from self.roots
                self.roots.clear()
        finally:
            loader.dispose()

    def is_content(self, offset: int) -> bool:
        """Whether an offset lies inside a scalar."""
        index = bisect_right(self.scalars, (offset, len(self.text)))
        return index > 0 and offset < self.scalars[index - 1][1]

    def _take(self, event: Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.anchors = {}
            case yaml.AliasEvent():
                self._add(self._alias(event), _span(event.start_mark, event.end_mark))
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._declare(event, None)
                self.stack.append(_Open(event))
                if len(self.stack) > MAX_DEPTH:
                    raise _error(BEYOND_LIMITS, event.start_mark)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._close(event)

    def _declare(self, event: Event, built: _Built | None) -> None:
        if event.anchor is not None:
            if event.anchor in self.anchors:
                raise _error("the same anchor twice", event.start_mark)
            self.anchors[event.anchor] = built

    def _alias(self, event: Event) -> _Built:
        if event.anchor not in self.anchors:
            raise _error("an alias without its anchor", event.start_mark)
        built = self.anchors[event.anchor]
        if built is None:
            raise _error("an alias inside its own anchor", event.start_mark)
        self.aliased += built.size
        if self.aliased > MAX_ALIASED or len(self.stack) + built.height > MAX_DEPTH:
            raise _error(BEYOND_LIMITS, event.start_mark)
        return built

    def _scalar(self, event: Event) -> None:
        tag, value = resolve(event.tag, event.value, event.implicit)
        at = self._at(event, event.end_mark)
        built = _Built(ScalarNode(value, at, quoted=bool(event.style)), tag=tag, text=event.value)
        self._declare(event, built)
        self.scalars.append((self._content_start(event), event.end_mark.index))
        self._add(built, at)

    def _at(self, event: Event, end: Any) -> Span:
        """The place of a node without the anchor and the tag before it."""
        at = _span(event.start_mark, end)
        if event.anchor is None and event.tag is None:
            return at
        properties = _PROPERTIES.match(self.text, event.start_mark.index)
        if properties is None or properties.end() > end.index:
            return at
        line, column = self.places.at(properties.end())
        return Span(line, column, at.end_line, at.end_column)

    def _content_start(self, event: Event) -> int:
        """Where a comment is no longer one: for a block scalar the line after its header."""
        start: int = event.start_mark.index
        return start if event.style not in ("|", ">") else max(self.text.find("\n", start), start)

    def _add(self, built: _Built, at: Span) -> None:
        if not self.stack:
            self.roots.append(built.node)
            return
        top = self.stack[-1]
        top.children.append((built, at))
        top.size += built.size
        top.height = max(top.height, built.height + 1)

    def _close(self, event: Event) -> None:
        done = self.stack.pop()
        at = self._at(done.event, event.end_mark)
        if not done.event.flow_style and done.children:
            last = done.children[-1][1]
            at = Span(at.line, at.column, last.end_line, last.end_column)
        if isinstance(event, yaml.SequenceEndEvent):
            node: ConfigNode = SequenceNode(tuple(child.node for child, _ in done.children), at)
        else:
            node = _mapping(done.children, at)
        built = _Built(node, done.size, done.height)
        if done.event.anchor is not None:
            self.anchors[done.event.anchor] = built
        self._add(built, at)


def _mapping(children: list[tuple[_Built, Span]], at: Span) -> MappingNode:
    entries: list[Entry] = []
    merged: dict[str | int, Entry] = {}
    for (key, key_at), (value, value_at) in zip(children[::2], children[1::2], strict=True):
        if key.tag == MERGE:
            for source in _merge_sources(value.node, value_at):
                merged.update(effective(source))
        else:
            entries.append(Entry(_key(key, key_at), key_at, value.node))
    return MappingNode(tuple(entries), at, tuple(merged.values()))


def _merge_sources(node: ConfigNode, at: Span) -> list[MappingNode]:
    """The mappings a merge key brings in, the one that wins last."""
    candidates = (node,) if isinstance(node, MappingNode) else tuple(reversed(node.items)) if isinstance(node, SequenceNode) else ()
    sources = [candidate for candidate in candidates if isinstance(candidate, MappingNode)]
    if len(sources) != len(candidates) or isinstance(node, ScalarNode):
        raise ConfigError("a merge key that brings in no mapping", at.line, at.column)
    return sources


def _key(built: _Built, at: Span) -> str | int:
    """A key as the safe loader gives it; the text of booleans, nulls, floats and dates."""
    if not isinstance(built.node, ScalarNode):
        raise ConfigError("a mapping or a list as a key", at.line, at.column)
    value = built.node.value
    return value if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)) else built.text


def _span(start: Any, end: Any) -> Span:
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _error(reason: str, mark: Any) -> ConfigError:
    return ConfigError(reason, mark.line + 1, mark.column + 1)
