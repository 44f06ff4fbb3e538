"""What is known of libraries: the shipped tables, kept decoded in the store, then installed and project files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from mldebt.core import MldebtError
from mldebt.facts.store import Store
from mldebt.libraries.load import Knowledge, decode, encode, libraries_digest, load_knowledge, shipped_libraries
from mldebt.libraries.types import Library
from mldebt.plugins import library_files
from mldebt.settings import Settings

_MOST_BYTES = 1_000_000


def knowledge_of(root: Path, settings: Settings, store: Store | None) -> Knowledge:
    return load_knowledge(tuple(added_files(root, settings)), _shipped(store))


def added_files(root: Path, settings: Settings) -> Iterator[tuple[str, str]]:
    """Name and text of the library files of installed distributions, then of the project's own."""
    for file in library_files():
        yield file.name, _text(file, file.name)
    for name in settings.libraries:
        yield name, _text(root / name, name)


def _text(file: Path, name: str) -> str:
    try:
        if not file.is_file() or file.stat().st_size > _MOST_BYTES:
            raise MldebtError(f"{name}: not a library file of at most {_MOST_BYTES:,} bytes")
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MldebtError(f"{name}: {error.strerror or type(error).__name__}") from error
    except UnicodeDecodeError as error:
        raise MldebtError(f"{name}: not UTF-8 (byte {error.start + 1})") from error


def _shipped(store: Store | None) -> tuple[Library, ...]:
    if store is None:
        return _read_shipped()
    key = f"libraries/{libraries_digest()}"
    data = store.get(key)
    if data is not None:
        try:
            return decode(data)
        except MldebtError:
            store.damaged(key)
    libraries = _read_shipped()
    store.put(key, encode(libraries))
    return libraries


@cache
def _read_shipped() -> tuple[Library, ...]:
    """Once in a process: they do not change while it runs."""
    return shipped_libraries()
