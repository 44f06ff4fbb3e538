"""Where the keys and values of a TOML text stand; the text is known to be valid."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field

STRING = (
    r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
)
_SPACE = re.compile(r"[ \t\r\n]+")
_COMMENT = re.compile(r"#[^\r\n]*")
_KEY = re.compile(rf"[A-Za-z0-9_-]+|{STRING}")
_TEXT = re.compile(STRING)
_BARE = re.compile(r"[^,\]}#\r\n]+")

Range = tuple[int, int]


@dataclass(slots=True)
class Place:
    """Offsets of a key and of its value; `raw` is the text of a scalar."""

    key: Range
    value: Range | None = None
    raw: str | None = None
    children: dict[str | int, Place] = field(default_factory=dict)

    def child(self, name: str | int, key: Range) -> Place:
        return self.children.setdefault(name, Place(key))


class TomlPlaces:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.root = Place((0, 0))
        self.comments: list[tuple[int, str]] = []

    def scan(self) -> Place:
        """The places of everything; of the part before it, where something is met that the scanner does not know."""
        table = self.root
        table.value = (0, len(self.text))
        try:
            while self._skip():
                if self.text[self.position] == "[":
                    table = self._header()
                else:
                    self._pair(table)
        except (_LostError, IndexError):
            pass
        return self.root

    def _skip(self) -> bool:
        """Go past space and comments; false at the end."""
        while self.position < len(self.text):
            if (comment := _COMMENT.match(self.text, self.position)) is not None:
                self.comments.append((self.position, comment[0]))
                self.position = comment.end()
            elif (space := _SPACE.match(self.text, self.position)) is not None:
                self.position = space.end()
            else:
                return True
        return False

    def _expect(self, mark: str) -> None:
        self._skip()
        if not self.text.startswith(mark, self.position):
            raise _LostError
        self.position += len(mark)

    def _header(self) -> Place:
        start = self.position
        is_array = self.text.startswith("[[", start)
        self._expect("[[" if is_array else "[")
        parts = self._key()
        self._expect("]]" if is_array else "]")
        table = _descend(self.root, parts[:-1])
        name, at = parts[-1]
        table = table.child(name, at)
        if is_array:
            table = table.child(len(table.children), at)
        else:
            table = _latest(table)
        table.value = (start, self.position)
        if not is_array:
            table.key = at
        return table

    def _pair(self, table: Place) -> None:
        parts = self._key()
        self._expect("=")
        self._skip()
        for name, at in parts:
            table = table.child(name, at)
        self._value(table)

    def _key(self) -> list[tuple[str, Range]]:
        parts: list[tuple[str, Range]] = []
        while True:
            self._skip()
            found = _KEY.match(self.text, self.position)
            if found is None:
                raise _LostError
            parts.append((key_text(found[0]), found.span()))
            self.position = found.end()
            self._skip()
            if self.text[self.position] != ".":
                return parts
            self.position += 1

    def _value(self, place: Place) -> None:
        start = self.position
        match self.text[start]:
            case "[":
                self._array(place)
            case "{":
                self._inline_table(place)
            case '"' | "'":
                self._scalar(place, _TEXT)
            case _:
                self._scalar(place, _BARE)
        place.value = (start, start + len(place.raw) if place.raw is not None else self.position)

    def _scalar(self, place: Place, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.position)
        if found is None:
            raise _LostError
        place.raw = found[0].rstrip()
        self.position = found.end()

    def _array(self, place: Place) -> None:
        self.position += 1
        self._skip()
        while self.text[self.position] != "]":
            item = place.child(len(place.children), (self.position, self.position))
            self._value(item)
            self._comma()
        self.position += 1

    def _inline_table(self, place: Place) -> None:
        self.position += 1
        self._skip()
        while self.text[self.position] != "}":
            self._pair(place)
            self._comma()
        self.position += 1

    def _comma(self) -> None:
        self._skip()
        if self.text[self.position] == ",":
            self.position += 1
            self._skip()


class _LostError(Exception):
    """The scanner met something it does not know."""


def _descend(table: Place, parts: list[tuple[str, Range]]) -> Place:
    for name, at in parts:
        table = _latest(table.child(name, at))
    return table


def _latest(table: Place) -> Place:
    """The last table of an array of tables, which a header below it means; else the table itself."""
    last = len(table.children) - 1
    return table.children.get(last, table)


def key_text(raw: str) -> str:
    """What a key or a text as written means."""
    if raw[0] not in "\"'":
        return raw
    return raw[1:-1] if "\\" not in raw and raw[:3] not in ('"""', "'''") else str(tomllib.loads(f"key = {raw}")["key"])
