"""Finds the root and its settings file, and reads it with all it extends."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from stat import S_ISREG
from typing import Any

from mldebt.core import MldebtError
from mldebt.settings.read import READERS, Place, read_table, relative, texts
from mldebt.settings.types import CheckSettings, Settings

SETTINGS_FILE = "mldebt.toml"
LARGEST_SETTINGS_FILE = 500_000
MOST_DOTS = 300
MOST_EXTENDED = 20


def path_matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether a path relative to the root matches one of the gitignore-style patterns."""
    if not patterns:
        return lambda _: False
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(patterns).match_file
    except ValueError as error:
        raise MldebtError(f"settings: not a path pattern: {error}") from error


def find_root(paths: Sequence[str], explicit_root: str | None = None) -> Path:
    """The directory that is analysed: the given one, else the nearest project directory at or above the first path, else that path."""
    for path in paths:
        if not os.path.lexists(path):
            raise MldebtError(f"{path}: no such file or directory")
    if explicit_root is not None:
        return _readable_root(explicit_root)
    first = _absolute(paths[0] if paths else ".")
    start = first if first.is_dir() else first.parent
    return next((folder for folder in (start, *start.parents) if _is_project(folder)), None) or _readable_root(str(start))


def load_settings(root: Path, config_file: str | None = None) -> Settings:
    """The settings of a root: those of `config_file`, else its `mldebt.toml`, else `[tool.mldebt]` of its `pyproject.toml`, else the defaults."""
    if config_file is not None:
        path: Path | None = _absolute(config_file)
    else:
        path = next((root / name for name in (SETTINGS_FILE, "pyproject.toml") if _has_settings(root / name)), None)
    if path is None:
        return Settings()
    merged: dict[str, Any] = {}
    for values in _layers(path, root, (), set()):
        merged = _merge(merged, values)
    return Settings(file=relative(path, root), **merged)


def _absolute(path: str) -> Path:
    try:
        return Path(os.path.abspath(path))  # noqa: PTH100  Path.resolve would follow the links that the user named
    except OSError as error:
        raise MldebtError(f"the working directory is gone: {error.strerror or error}") from error


def _readable_root(path: str) -> Path:
    try:
        if not Path(path).is_dir():
            raise MldebtError(f"{path}: the root is not a directory")
        os.scandir(path).close()
    except OSError as error:
        raise MldebtError(f"{path}: {error.strerror or error}") from error
    return _absolute(path)


def _is_project(folder: Path) -> bool:
    return any(map(_has_settings, (folder / SETTINGS_FILE, folder / "pyproject.toml"))) or os.path.exists(folder / ".git")  # noqa: PTH110


def _has_settings(path: Path) -> bool:
    """A broken `pyproject.toml` without a word about mldebt is somebody else's file; what cannot be reached is no settings file."""
    if path.name == SETTINGS_FILE:
        return os.path.isfile(path)  # noqa: PTH113
    try:
        text = _read(path)
    except MldebtError:
        return False
    if "mldebt" not in text:
        return False
    try:
        return _tool_table(_toml(path.name, text)) is not None
    except MldebtError:
        return "tool.mldebt" in text


def _read(path: Path) -> str:
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise MldebtError(f"{path}: not a regular file")
        if status.st_size > LARGEST_SETTINGS_FILE:
            raise MldebtError(f"{path}: settings files are at most {LARGEST_SETTINGS_FILE:,} bytes")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise MldebtError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise MldebtError(f"{path}: not UTF-8 (byte {error.start + 1})") from error


def _toml(name: str, text: str) -> dict[str, Any]:
    if any(line.count(".") > MOST_DOTS for line in text.split("\n")):  # tomllib is quadratic in the parts of a key
        raise MldebtError(f"{name}: a line with more than {MOST_DOTS} dots")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MldebtError(f"{name}: not TOML: {error}") from error
    except (RecursionError, ValueError, OverflowError) as error:
        raise MldebtError(f"{name}: TOML beyond the parser's limits") from error


def _tool_table(document: Mapping[str, Any]) -> object:
    tools = document.get("tool")
    return tools.get("mldebt") if isinstance(tools, dict) else None


def _layers(path: Path, root: Path, chain: tuple[Path, ...], read: set[Path]) -> Iterator[dict[str, Any]]:
    """The settings of a file, those it extends first, each file once."""
    read.add(path)
    name, text = relative(path, root), _read(path)
    document: object = _toml(name, text)
    prefix: tuple[str, ...] = ()
    if path.name == "pyproject.toml" and isinstance(document, dict):
        prefix, document = ("tool", "mldebt"), _tool_table(document)
        if document is None:
            raise MldebtError(f"{name}: no [tool.mldebt] in it")
    place = Place(name, prefix, _lines_of_keys(text), path.parent, root)
    values = read_table(place, document, {**READERS, "extend": texts})
    for base in values.pop("extend", ()):
        target = _absolute(str(path.parent / base))
        if target in (path, *chain):
            raise (place / "extend").error(f"'{base}' extends itself")
        if not os.path.isfile(target):  # noqa: PTH113
            raise (place / "extend").error(f"no such file: '{base}'")
        if target in read:
            continue
        if len(read) > MOST_EXTENDED:
            raise (place / "extend").error(f"more than {MOST_EXTENDED} settings files extend each other")
        yield from _layers(target, root, (path, *chain), read)
    yield values


_ADDED = frozenset({"ignore", "exclude", "quiet", "libraries", "suppressions", "per_path"})


def _merge(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    """Tables merge, the lists of `_ADDED` add up, all else is replaced."""
    merged = {**base, **top}
    for name in base.keys() & top.keys():
        if name in _ADDED:
            merged[name] = base[name] + top[name]
        elif name == "checks":
            merged[name] = {**base[name], **{key: _merged_check(base[name].get(key), value) for key, value in top[name].items()}}
        elif isinstance(top[name], Mapping):
            merged[name] = {**base[name], **top[name]}
    return merged


def _merged_check(base: CheckSettings | None, top: CheckSettings) -> CheckSettings:
    if base is None:
        return top
    options = {option.name: option for option in (*base.options, *top.options)}
    return replace(top, severity=top.severity or base.severity, options=tuple(options.values()))


_KEY_PART = re.compile(r"""\s*(?:([A-Za-z0-9_-]+)|"((?:[^"\\]|\\.)*)"|'([^']*)')\s*""")


def _lines_of_keys(text: str) -> dict[tuple[str | int, ...], int]:
    """Line numbers of tables and keys; tomllib keeps none. The n-th `[[suppressions]]` is `("suppressions", n)`."""
    lines: dict[tuple[str | int, ...], int] = {}
    table: tuple[str | int, ...] = ()
    seen: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        start = line.lstrip()
        brackets = 2 if start.startswith("[[") else 1 if start.startswith("[") else 0
        keys, rest = _dotted_key(start[brackets:])
        if not keys or not rest.startswith("]" if brackets else "="):
            continue
        if brackets == 2:
            seen[keys] = seen.get(keys, -1) + 1
            keys = (*keys, seen[keys])
        if brackets:
            table = keys
        lines.setdefault(keys if brackets else table + keys, number)
    return lines


def _dotted_key(text: str) -> tuple[tuple[str | int, ...], str]:
    """The parts of a dotted key at the start of a text, and what follows it."""
    keys: list[str | int] = []
    position = 0
    while match := _KEY_PART.match(text, position):
        keys.append(next((part for part in match.groups() if part is not None), ""))
        position = match.end()
        if text[position : position + 1] != ".":
            break
        position += 1
    return tuple(keys), text[position:]
