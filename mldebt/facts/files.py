"""The bytes of the repository's files: as they lie on disk, with the text of an editor over them, or wherever else a tree has them."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from .types import Unreadable

MOST_BYTES = {"python": 1_000_000, "notebook": 20_000_000}


class Tree(Protocol):
    """Where the contents of files come from; paths are relative to the root, with forward slashes."""

    @property
    def root(self) -> Path:
        """The real path of the folder that the files lie in, or would."""

    def read(self, path: str, most: int, *, whole: bool) -> bytes | Unreadable:
        """At most so many bytes; of a file that has to come `whole` and is larger, the reason why it does not."""

    def is_on_disk(self, path: str) -> bool:
        """Whether another process that knows the root finds the same content there."""


@dataclass(frozen=True, slots=True)
class Disk:
    """The files as they lie below a real path; never a file outside it, never a device or pipe."""

    root: Path

    def is_on_disk(self, path: str) -> bool:  # noqa: ARG002 - one answer for all
        return True

    def read(self, path: str, most: int, *, whole: bool) -> bytes | Unreadable:
        place = Path(os.path.realpath(self.root / path))
        if not place.is_relative_to(self.root):
            return Unreadable("the file is a link that leads out of the repository")
        try:
            status = place.stat()
            if not stat.S_ISREG(status.st_mode):
                return Unreadable("this is not a regular file")
            if whole and status.st_size > most:
                return too_large(most)
            with place.open("rb") as file:
                return file.read(most + 1 if whole else most)
        except OSError as error:
            return Unreadable(f"the file cannot be read: {(error.strerror or type(error).__name__).lower()}")


@dataclass(frozen=True, slots=True)
class Overlaid:
    """A tree in which some files have other contents, such as the text that an editor has not saved."""

    below: Tree
    contents: Mapping[str, bytes]

    @property
    def root(self) -> Path:
        return self.below.root

    def is_on_disk(self, path: str) -> bool:
        return path not in self.contents and self.below.is_on_disk(path)

    def read(self, path: str, most: int, *, whole: bool) -> bytes | Unreadable:
        content = self.contents.get(path)
        return self.below.read(path, most, whole=whole) if content is None else cut(content, most, whole=whole)


def cut(content: bytes, most: int, *, whole: bool) -> bytes | Unreadable:
    """A content as `Tree.read` gives it."""
    if whole and len(content) > most:
        return too_large(most)
    return content[:most]


def too_large(most: int) -> Unreadable:
    return Unreadable(f"the file is larger than {most // 1_000_000} MB", limit=True)


def source_of(tree: Tree, path: str, kind: str) -> bytes | Unreadable:
    """The whole content of a Python file or notebook."""
    return tree.read(path, MOST_BYTES[kind], whole=True)


def content_hash(content: bytes | Unreadable) -> str:
    """Identity of a content; of a file without readable content, that of the reason."""
    return blake2b(content if isinstance(content, bytes) else content.reason.encode(), digest_size=16).hexdigest()
