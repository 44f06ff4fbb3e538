"""JSON to trees: a scanner of our own that keeps places and duplicates, and accepts comments and trailing commas."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from mldebt.configs.comments import comments_at
from mldebt.configs.text import BEYOND_LIMITS, MAX_DEPTH, Places
from mldebt.configs.types import ConfigNode, ConfigTree, Entry, MappingNode, Scalar, ScalarNode, SequenceNode, Span

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<comment>//[^\r\n]*|/\*(?s:.*?)\*/)
      | (?P<string>"[^"\\\x00-\x1f]*(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*)*")
      | (?P<number>-?(?:0|[1-9][0-9]*)(?P<fraction>(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?))
      | (?P<word>true|false|null|NaN|-?Infinity)
      | (?P<punctuation>[{}\[\],:])""",
    re.VERBOSE,
)
_WORDS: dict[str, Scalar] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}


def parse_json(path: str, text: str) -> ConfigTree:
    scanner = _Scanner(text)
    root = scanner.document()
    return ConfigTree(path, "json", (root,), comments_at(text, scanner.comments))


@dataclass(slots=True)
class _Open:
    """An object or array whose end is still to come."""

    start: int
    is_object: bool
    entries: list[Entry] = field(default_factory=list)
    items: list[ConfigNode] = field(default_factory=list)
    key: tuple[str, Span] | None = None
    wants_separator: bool = False


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.places = Places(text)
        self.position = 0
        self.stack: list[_Open] = []
        self.root: ConfigNode | None = None
        self.comments: list[tuple[int, str]] = []

    def document(self) -> ConfigNode:
        while (token := self._next()) is not None:
            if self.root is not None:
                raise self.places.error("text after the end of the document", token.start())
            if self.stack:
                self._inside(self.stack[-1], token)
            else:
                self._value(token)
        if self.root is None:
            raise self.places.error("an end of the file before the end of the document" if self.stack else "an empty file", len(self.text))
        return self.root

    def _inside(self, top: _Open, token: re.Match[str]) -> None:
        text = token[0]
        if text == ("}" if top.is_object else "]") and top.key is None:
            self._close(token.end())
        elif top.wants_separator:
            if text != ",":
                raise self.places.error(f"expected ',' or '{'}' if top.is_object else ']'}'", token.start())
            top.wants_separator = False
        elif top.is_object and top.key is None:
            top.key = self._key(token)
        else:
            self._value(token)

    def _key(self, token: re.Match[str]) -> tuple[str, Span]:
        if token.lastgroup != "string":
            raise self.places.error("expected a key in double quotes or '}'", token.start())
        colon = self._next()
        if colon is None or colon[0] != ":":
            raise self.places.error("expected ':' after the key", colon.start() if colon else len(self.text))
        return self._string(token), self._span(token)

    def _value(self, token: re.Match[str]) -> None:
        text = token[0]
        if text in ("{", "["):
            self.stack.append(_Open(token.start(), text == "{"))
            if len(self.stack) > MAX_DEPTH:
                raise self.places.error(BEYOND_LIMITS, token.start())
        else:
            self._add(ScalarNode(self._scalar(token), self._span(token)))

    def _close(self, end: int) -> None:
        done = self.stack.pop()
        at = self.places.span(done.start, end)
        self._add(MappingNode(tuple(done.entries), at) if done.is_object else SequenceNode(tuple(done.items), at))

    def _add(self, node: ConfigNode) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if top.key is not None:
            top.entries.append(Entry(*top.key, node))
        else:
            top.items.append(node)
        top.key, top.wants_separator = None, True

    def _next(self) -> re.Match[str] | None:
        """The next token that is neither space nor comment; none at the end."""
        while self.position < len(self.text):
            found = _TOKEN.match(self.text, self.position)
            if found is None:
                raise self.places.error(self._complaint(), self.position)
            self.position = found.end()
            if found.lastgroup == "comment":
                self.comments.append((found.start(), found[0]))
            elif found.lastgroup != "space":
                return found
        return None

    def _complaint(self) -> str:
        at = self.text[self.position]
        if at == '"':
            return "a text without its end, or with a control character in it"
        return "a comment without its end" if self.text.startswith("/*", self.position) else "expected a value"

    def _scalar(self, token: re.Match[str]) -> Scalar:
        if token.lastgroup == "string":
            return self._string(token)
        if token.lastgroup == "word":
            return _WORDS[token[0]]
        if token.lastgroup != "number":
            raise self.places.error("expected a value", token.start())
        try:
            return float(token[0]) if token["fraction"] else int(token[0])
        except ValueError:
            raise self.places.error(BEYOND_LIMITS, token.start()) from None

    def _string(self, token: re.Match[str]) -> str:
        if "\\" not in token[0]:
            return token[0][1:-1]
        try:
            value = str(json.loads(token[0]))
        except json.JSONDecodeError as error:
            raise self.places.error("an escape that JSON does not know", token.start() + error.pos) from None
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _span(self, token: re.Match[str]) -> Span:
        return self.places.span(*token.span())
