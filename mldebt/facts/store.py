"""What earlier scans found out, by content: one SQLite file in the cache directory, safe with several scans at once.

Nothing in here is ever needed: an entry that is damaged, or a store that cannot be opened, is a miss.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from types import TracebackType

import msgspec

from .types import FACTS_VERSION, FileFacts, Unreadable

MOST_BYTES = 512_000_000
_RECURSION = 20_000  # of decoding: deep blocks are deep tuples
_FILE = "store.sqlite"
_CHECK = 16
_PENDING = 8_000_000
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# This directory holds results that can be thrown away.\n"
_TABLE = "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB NOT NULL, size INTEGER NOT NULL, day INTEGER NOT NULL)"


def cache_directory(root: Path, environ: Mapping[str, str]) -> Path | None:
    """Where the cache of a repository is: in its root, else where MLDEBT_CACHE_DIR says, else nowhere."""
    inside = root / ".mldebt_cache"
    if (
        not inside.is_symlink()
        and os.access(inside if inside.is_dir() else root, os.W_OK | os.X_OK)
        and (inside.is_dir() or not inside.exists())
    ):
        return inside
    named = environ.get("MLDEBT_CACHE_DIR")
    return Path(named) if named else None


def encode_facts(facts: FileFacts | Unreadable) -> bytes:
    return (b"F" if isinstance(facts, FileFacts) else b"U") + msgspec.msgpack.encode(facts)


def decode_facts(data: bytes) -> FileFacts | Unreadable:
    """The opposite of `encode_facts`; a ValueError where the bytes are no facts."""
    kind: type[FileFacts] | type[Unreadable] = FileFacts if data[:1] == b"F" else Unreadable
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION))
    return msgspec.msgpack.decode(memoryview(data)[1:], type=kind)


def facts_key(content_hash: str, kind: str) -> str:
    return f"facts/{FACTS_VERSION}/{sys.version_info[0]}.{sys.version_info[1]}/{kind}/{content_hash}"


@contextlib.contextmanager
def no_collection() -> Iterator[None]:
    """Facts have no cycles: the collector would walk them for nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Store:
    """Keys to bytes. Use it in a `with`; entries are written at its end, or when many are waiting."""

    def __init__(self, directory: Path, warn: Callable[[str], None], most_bytes: int = MOST_BYTES) -> None:
        self._directory, self._warn, self._most_bytes = directory, warn, most_bytes
        self._warned = False
        self._pending: dict[str, bytes] = {}
        self._pending_bytes = 0
        self._used: set[str] = set()
        self._today = int(time.time()) // 86_400
        self._connection = self._open()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def get(self, key: str) -> bytes | None:
        """What was put under the key, or None."""
        waiting = self._pending.get(key)
        if waiting is not None or self._connection is None:
            return waiting
        try:
            row = self._connection.execute("SELECT value, day FROM entries WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            self._give_up(error)
            return None
        if row is None:
            return None
        value, day = row
        if not isinstance(value, bytes) or value[:_CHECK] != _check(key, value[_CHECK:]):
            self.damaged(key)
            return None
        if day != self._today:
            self._used.add(key)
        return value[_CHECK:]

    def put(self, key: str, value: bytes) -> None:
        if self._connection is None:
            return
        self._pending[key] = value
        self._pending_bytes += len(value)
        if self._pending_bytes > _PENDING:
            self._flush()

    def facts(self, content_hash: str, kind: str) -> FileFacts | Unreadable | None:
        """The facts of a content, if they are known."""
        key = facts_key(content_hash, kind)
        data = self.get(key)
        if data is None:
            return None
        try:
            return decode_facts(data)
        except (ValueError, RecursionError, msgspec.MsgspecError):
            self.damaged(key)
            return None

    def damaged(self, key: str) -> None:
        """Forget an entry that cannot be used."""
        self._say("an entry of the cache is damaged; it is made again")
        self._pending.pop(key, None)
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error), self._connection:
                self._connection.execute("DELETE FROM entries WHERE key = ?", (key,))

    def close(self) -> None:
        """Write what waits and drop the oldest entries beyond the size allowed."""
        self._flush()
        if self._connection is not None:
            try:
                self._touch()
                self._shrink()
                self._connection.close()
            except sqlite3.Error as error:
                self._give_up(error)
        self._connection = None

    def _open(self) -> sqlite3.Connection | None:
        try:
            _prepare(self._directory)
        except OSError as error:
            self._say(f"the cache cannot be used: {(error.strerror or type(error).__name__).lower()}")
            return None
        for last in (False, True):
            try:
                return _connect(self._directory / _FILE)
            except sqlite3.OperationalError as error:
                self._say(f"the cache cannot be used: {error}")
                return None
            except sqlite3.DatabaseError as error:
                self._say("the cache is damaged; it is made again" if not last else f"the cache cannot be used: {error}")
                for suffix in ("", "-wal", "-shm"):
                    with contextlib.suppress(OSError):
                        (self._directory / f"{_FILE}{suffix}").unlink()
        return None

    def _flush(self) -> None:
        rows = [(key, _check(key, value) + value, len(value), self._today) for key, value in self._pending.items()]
        self._pending, self._pending_bytes = {}, 0
        if self._connection is None or not rows:
            return
        try:
            with self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            self._give_up(error)

    def _touch(self) -> None:
        if self._used and self._connection is not None:
            with self._connection:
                self._connection.executemany("UPDATE entries SET day = ? WHERE key = ?", [(self._today, key) for key in sorted(self._used)])

    def _shrink(self) -> None:
        assert self._connection is not None
        total = self._connection.execute("SELECT total(size) FROM entries").fetchone()[0]
        if total <= self._most_bytes:
            return
        doomed = []
        for key, size in self._connection.execute("SELECT key, size FROM entries ORDER BY day, rowid"):
            if total <= self._most_bytes * 3 // 4:
                break
            doomed.append((key,))
            total -= size
        with self._connection:
            self._connection.executemany("DELETE FROM entries WHERE key = ?", doomed)
        self._connection.execute("VACUUM")

    def _give_up(self, error: sqlite3.Error) -> None:
        self._say(f"the cache cannot be used: {error}")
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None

    def _say(self, text: str) -> None:
        if not self._warned:
            self._warned = True
            self._warn(text)


def _check(key: str, value: bytes) -> bytes:
    return blake2b(value, digest_size=_CHECK, key=key.encode()[-64:]).digest()


def _prepare(directory: Path) -> None:
    """Make the directory, unseen by git and by backups."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _TAG)):
        if not (directory / name).exists():
            (directory / name).write_text(text, encoding="utf-8")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=20)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        with connection:
            connection.execute(_TABLE)
        columns = connection.execute("SELECT count(*) FROM pragma_table_info('entries')").fetchone()[0]
        if columns != 4:
            raise sqlite3.DatabaseError("other columns")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
