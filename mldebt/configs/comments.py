"""Comments that speak to mldebt: suppressions and the markers of fixtures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from mldebt.configs.text import LINE_BREAK, Places
from mldebt.configs.types import ConfigComment

_MARK = re.compile(r"mldebt(?::|\s+ignore)|expect(?:-not-yet)?:", re.IGNORECASE)
_ONLY_COMMENT = re.compile(r"[ \t]*(?:#|//|/\*|;)")


def may_speak(text: str) -> bool:
    """Whether looking for comments is worth the while."""
    return _MARK.search(text) is not None


def hash_comments(text: str, is_content: Callable[[int], bool] | None = None) -> Iterator[tuple[int, str]]:
    """Offset and text of the `#` comments that hold a mark; `is_content` knows which offsets lie inside a value."""
    places = Places(text)
    for line, start in enumerate(places.starts):
        end = places.starts[line + 1] if line + 1 < len(places.starts) else len(text)
        row = text[start:end].rstrip("\r\n")
        if "#" not in row or not may_speak(row):
            continue
        for found in re.finditer("#", row):
            opens = found.start() == 0 or row[found.start() - 1] in " \t"
            if opens and not (is_content and is_content(start + found.start())):
                yield start + found.start(), row[found.start() :]
                break


def comments_at(text: str, found: Iterable[tuple[int, str]]) -> tuple[ConfigComment, ...]:
    """The comments that hold a mark, each with the line it covers."""
    marked = [(offset, comment) for offset, comment in found if may_speak(comment)]
    if not marked:
        return ()
    rows = LINE_BREAK.split(text)
    places = Places(text)
    return tuple(_comment(rows, comment, *places.at(offset)) for offset, comment in marked)


def _comment(rows: list[str], text: str, line: int, column: int) -> ConfigComment:
    covers = line
    if not rows[line - 1][: column - 1].strip():
        following = range(line + 1, len(rows) + 1)
        covers = next((number for number in following if rows[number - 1].strip() and not _ONLY_COMMENT.match(rows[number - 1])), line)
    return ConfigComment(text, line, column, covers)
