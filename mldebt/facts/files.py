"""The bytes of one file of the repository; never of a file outside it, never of a device or pipe."""

from __future__ import annotations

import os
import stat
from hashlib import blake2b
from pathlib import Path

from .types import Unreadable

MOST_BYTES = {"python": 1_000_000, "notebook": 20_000_000}


def read_bytes(root: Path, path: str, kind: str) -> bytes | Unreadable:
    """The content of `path` below the real path `root`."""
    return _read(root, path, MOST_BYTES[kind], whole=True)


def read_beginning(root: Path, path: str, count: int) -> bytes | Unreadable:
    """The first bytes of a file of any size."""
    return _read(root, path, count, whole=False)


def _read(root: Path, path: str, most: int, whole: bool) -> bytes | Unreadable:
    place = Path(os.path.realpath(root / path))
    if not place.is_relative_to(root):
        return Unreadable("the file is a link that leads out of the repository")
    try:
        status = place.stat()
        if not stat.S_ISREG(status.st_mode):
            return Unreadable("this is not a regular file")
        if whole and status.st_size > most:
            return Unreadable(f"the file is larger than {most // 1_000_000} MB", limit=True)
        with place.open("rb") as file:
            return file.read(most + 1 if whole else most)
    except OSError as error:
        return Unreadable(f"the file cannot be read: {(error.strerror or type(error).__name__).lower()}")


def content_hash(content: bytes | Unreadable) -> str:
    """Identity of a content; of a file without readable content, that of the reason."""
    return blake2b(content if isinstance(content, bytes) else content.reason.encode(), digest_size=16).hexdigest()
