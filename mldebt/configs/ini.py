"""INI files (`.ini`, `.cfg`) as configparser reads them, with places; values are texts, option names lower case, duplicates kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mldebt.configs.comments import comments_at
from mldebt.configs.text import LINE_BREAK, Places
from mldebt.configs.types import ConfigTree, Entry, MappingNode, ScalarNode, Span

_SECTION = re.compile(r"\[(?P<name>.+)\]")
_OPTION = re.compile(r"(?P<name>.*?)\s*(?P<delimiter>[=:])\s*(?P<value>.*)$")
_DEFAULTS = "DEFAULT"


def parse_ini(path: str, text: str) -> ConfigTree:
    reader = _Reader(text)
    reader.read()
    root = MappingNode(tuple(reader.sections()), reader.places.span(0, len(text)))
    return ConfigTree(path, "ini", (root,), comments_at(text, reader.comments))


@dataclass(slots=True)
class _Option:
    name: str
    name_at: Span
    start: int
    end: int
    indent: int
    lines: list[str]

    def entry(self, places: Places) -> Entry:
        return Entry(self.name, self.name_at, ScalarNode("\n".join(self.lines).rstrip(), places.span(self.start, self.end)))


@dataclass(slots=True)
class _Section:
    name: str
    at: Span
    options: list[_Option] = field(default_factory=list)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.places = Places(text)
        self.found: list[_Section] = []
        self.option: _Option | None = None
        self.comments: list[tuple[int, str]] = []

    def read(self) -> None:
        for start, row in zip(self.places.starts, LINE_BREAK.split(self.text), strict=True):
            stripped = row.strip()
            if stripped.startswith(("#", ";")):
                self.comments.append((start + len(row) - len(row.lstrip()), stripped))
            elif not stripped:
                if self.option is not None:
                    self.option.lines.append("")
            else:
                self._content(start + len(row) - len(row.lstrip()), len(row) - len(row.lstrip()), stripped)

    def sections(self) -> list[Entry]:
        """One entry a section header; the options of DEFAULT are merged into every other section."""
        built = [(section, tuple(option.entry(self.places) for option in section.options)) for section in self.found]
        latest = {entry.key: entry for section, entries in built if section.name == _DEFAULTS for entry in entries}
        defaults = tuple(latest.values())
        return [
            Entry(section.name, section.at, MappingNode(entries, section.at, () if section.name == _DEFAULTS else defaults))
            for section, entries in built
        ]

    def _content(self, start: int, indent: int, content: str) -> None:
        if self.option is not None and indent > self.option.indent:
            self.option.lines.append(content)
            self.option.end = start + len(content)
        elif (header := _SECTION.match(content)) is not None:
            self.option = None
            self.found.append(_Section(header["name"], self.places.span(start + header.start("name"), start + header.end("name"))))
        elif not self.found:
            raise self.places.error("an option before the first section", start)
        elif (option := _OPTION.match(content)) is not None and option["name"]:
            name_at = self.places.span(start, start + option.end("name"))
            value_start, value_end = start + option.start("value"), start + option.end("value")
            self.option = _Option(option["name"].lower(), name_at, value_start, value_end, indent, [option["value"]])
            self.found[-1].options.append(self.option)
        else:
            raise self.places.error("neither a section nor an option", start)
