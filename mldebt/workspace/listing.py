"""What lies in the folders of a repository on disk: entries, links, special files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mldebt.workspace.kinds import kind_of
from mldebt.workspace.printable import is_text, printable
from mldebt.workspace.roles import role_of
from mldebt.workspace.types import Skipped, SourceFile

LARGEST_LIST = 1_000_000  # bytes of an ignore file, of .gitmodules
_SPECIAL = {stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a folder; a link is neither a folder nor regular."""

    name: str
    is_folder: bool
    is_regular: bool


class Listing(Protocol):
    """Where the walk looks; paths are relative to the root, those of folders end with a slash."""

    def entries(self, folder: str) -> Sequence[Entry]:
        """What lies in a folder; an OSError where it cannot be opened."""

    def file(self, path: str) -> Iterator[SourceFile | Skipped]:
        """What an entry that is no folder is to the project; nothing where it is of no interest."""

    def text(self, path: str) -> str | None:
        """The beginning of a list of paths such as an ignore file; None where there is no such regular file."""


@dataclass(frozen=True, slots=True)
class DiskListing:
    root: Path  # real

    def entries(self, folder: str) -> Sequence[Entry]:
        with os.scandir(f"{self.root}/{folder}") as listing:
            return [Entry(found.name, found.is_dir(follow_symlinks=False), found.is_file(follow_symlinks=False)) for found in listing]

    def text(self, path: str) -> str | None:
        place = self.root / path
        try:
            if not stat.S_ISREG(place.lstat().st_mode):
                return None
            with place.open("rb") as file:
                return file.read(LARGEST_LIST).decode(errors="surrogateescape")
        except OSError:
            return None

    def file(self, path: str) -> Iterator[SourceFile | Skipped]:
        try:
            status = os.lstat(f"{self.root}/{path}")
            if stat.S_ISLNK(status.st_mode):
                yield from self._link(path)
            elif stat.S_ISREG(status.st_mode):
                yield from regular(path, status.st_size)
            else:
                yield Skipped(printable(path), f"{_SPECIAL.get(stat.S_IFMT(status.st_mode), 'a special file')}, not a regular file")
        except OSError as error:
            yield Skipped(printable(path), f"cannot be opened: {error.strerror}")

    def _link(self, path: str) -> Iterator[SourceFile | Skipped]:
        absolute = f"{self.root}/{path}"
        target = os.path.realpath(absolute)
        if not f"{target}/".startswith(f"{self.root}/"):
            yield Skipped(printable(path), OUTWARD_LINK)
            return
        try:
            status = Path(absolute).stat()
        except OSError:
            yield Skipped(printable(path), BROKEN_LINK)
            return
        yield from linked(path, target[len(str(self.root)) + 1 :], status.st_size if stat.S_ISREG(status.st_mode) else None)


OUTWARD_LINK = "a link out of the repository"
BROKEN_LINK = "a broken link"


def linked(path: str, target: str, size: int | None) -> Iterator[SourceFile | Skipped]:
    """A link to a file of the root is that file under another name; code is read once, at its own place. `size` is None for no regular file."""
    if size is not None and kind_of(path) not in {"python", "notebook"}:
        yield from regular(path, size)
    else:
        yield Skipped(printable(path), f"a link to {printable(target) or '.'}")


def regular(path: str, size: int) -> Iterator[SourceFile | Skipped]:
    kind = kind_of(path)
    if is_text(path):
        yield SourceFile(path, kind, role_of(path), size)
    elif kind not in {"data", "other"}:
        yield Skipped(printable(path), "its name is not UTF-8")
