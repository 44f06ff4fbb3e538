"""One after the other: of several processes that want the same scan one makes it, the others read what it kept."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

LOCK = "flake8.lock"


@contextmanager
def turn(directory: Path | None) -> Iterator[None]:
    """Waits until nobody else has a turn in this directory; a process that dies gives its turn back. Without a directory, or where it takes no lock, nobody waits."""
    lock = _opened(directory)
    if lock is None:
        yield
        return
    with lock:
        held = _locked(lock)
        try:
            yield
        finally:
            if held:
                _unlocked(lock)


def _opened(directory: Path | None) -> BinaryIO | None:
    if directory is None:
        return None
    try:
        directory.mkdir(parents=True, exist_ok=True)
        return (directory / LOCK).open("a+b")
    except OSError:
        return None


if sys.platform == "win32":
    import msvcrt

    def _locked(lock: BinaryIO) -> bool:
        while True:
            try:
                lock.seek(0)
                msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)  # gives up after ten seconds
            except OSError as error:
                if error.errno != 36:  # EDEADLOCK: somebody still has it
                    return False
            else:
                return True

    def _unlocked(lock: BinaryIO) -> None:
        lock.seek(0)
        msvcrt.locking(lock.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _locked(lock: BinaryIO) -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:
            return False
        return True

    def _unlocked(lock: BinaryIO) -> None:
        fcntl.flock(lock, fcntl.LOCK_UN)
