"""What command lines tell Hydra itself: which config a program starts with, and where it looks for it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mldebt.declarations.types import HOLE, Command

_NAME = ("--config-name", "-cn")
_PATH = ("--config-path", "-cp")
_FOLDER = ("--config-dir", "-cd")


@dataclass(frozen=True, slots=True)
class Primary:
    """What one command line says; None where it leaves it to the code. `folder` is added to the search path, seen from the root."""

    name: str | None = None
    path: str | None = None
    folder: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether what it names can be composed: no unknown pieces, no place outside, and no config of a group as the whole."""
        words = [word for word in (self.name, self.path, self.folder) if word is not None]
        return not any(HOLE in word or "://" in word or word.startswith(("/", "~")) for word in words) and "/" not in (self.name or "")


def primaries(commands: Iterable[Command], module: str) -> tuple[Primary, ...]:
    """What the command lines of a file say, each once, by their order; examples in documentation count."""
    return tuple(dict.fromkeys(_primary(command) for command in commands if command.module == module))


def started(
    found: Iterable[Primary], config_path: str | None, config_name: str | None, directory_of: Callable[[str | None, str], str]
) -> tuple[list[tuple[str | None, str | None]], set[str]]:
    """What a program may start with, as (path, name), the decorator's own first; and the directories of which nobody can tell with which config."""
    asked = {(config_path, config_name): None}
    unsettled: set[str] = set()
    for primary in found:
        path, name = primary.path or config_path, primary.name or config_name
        directory = directory_of(path, name or "")
        if not primary.is_plain or primary.folder not in (None, directory or "."):
            unsettled |= {directory, directory_of(config_path, name or "")}
        else:
            asked[path, name] = None
    return list(asked), unsettled


def _primary(command: Command) -> Primary:
    folder = _given(command.arguments, _FOLDER)
    inside = posixpath.normpath(posixpath.join(command.working_directory, folder)) if folder is not None else None
    return Primary(_given(command.arguments, _NAME), _given(command.arguments, _PATH), inside)


def _given(words: tuple[str, ...], names: tuple[str, str]) -> str | None:
    """What an option is given; the last counts."""
    found: str | None = None
    for index, word in enumerate(words):
        name, equals, text = word.partition("=")
        if name in names:
            found = text.strip("'\"") if equals else words[index + 1].strip("'\"") if index + 1 < len(words) else HOLE
    return found
