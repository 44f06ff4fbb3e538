"""`.env` files: names and texts; what is no assignment is passed over, as the loaders do."""

from __future__ import annotations

import re

from mldebt.configs.comments import comments_at, hash_comments, may_speak
from mldebt.configs.text import Places
from mldebt.configs.types import ConfigTree, Entry, MappingNode, ScalarNode

_ASSIGNMENT = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*
        (?: "(?P<double>(?:[^"\\]|\\[\s\S])*)"
          | '(?P<single>(?:[^'\\]|\\[\s\S])*)'
          | (?P<bare>[^\r\n]*?)(?=[ \t]+\#|[ \t]*(?:\r|\n|\Z)) )""",
    re.VERBOSE | re.MULTILINE,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def parse_environment(path: str, text: str) -> ConfigTree:
    places = Places(text)
    found = list(_ASSIGNMENT.finditer(text))
    root = MappingNode(tuple(_entry(match, places) for match in found), places.span(0, len(text)))
    ranges = [match.span() for match in found]
    comments = hash_comments(text, lambda offset: any(start <= offset < end for start, end in ranges)) if may_speak(text) else ()
    return ConfigTree(path, "env", (root,), comments_at(text, comments))


def _entry(match: re.Match[str], places: Places) -> Entry:
    style = match.lastgroup or "bare"
    value = match[style]
    if style == "double":
        value = re.sub(r"\\([\s\S])", lambda escape: _ESCAPES.get(escape[1], escape[1]), value)
    elif style == "single":
        value = re.sub(r"\\([\\'])", r"\1", value)
    return Entry(match["name"], places.span(*match.span("name")), ScalarNode(value, places.span(*match.span(style))))
