"""requirements.txt: one text a requirement or option line, continuations joined, comments left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.configs.comments import comments_at, hash_comments, may_speak
from mldebt.configs.text import Places
from mldebt.configs.types import ConfigTree, ScalarNode, SequenceNode

_LOGICAL_LINE = re.compile(r"(?:[^\r\n\\]|\\\r?\n|\\)+")
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[^\r\n]*", re.MULTILINE)
_CONTINUATION = re.compile(r"\\\r?\n")


def parse_requirements(path: str, text: str) -> ConfigTree:
    places = Places(text)
    comments = hash_comments(text) if may_speak(text) else ()
    blank = _COMMENT.sub(lambda found: " " * len(found[0]), text)
    root = SequenceNode(tuple(_lines(blank, places)), places.span(0, len(text)))
    return ConfigTree(path, "requirements", (root,), comments_at(text, comments))


def _lines(text: str, places: Places) -> Iterator[ScalarNode]:
    for found in _LOGICAL_LINE.finditer(text):
        content = found[0].rstrip()
        start = found.start() + len(content) - len(content.lstrip())
        if content.strip():
            value = " ".join(_CONTINUATION.sub(" ", content).split())
            yield ScalarNode(value, places.span(start, found.start() + len(content)))
