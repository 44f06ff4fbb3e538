"""The files of a commit, listed and read from git's objects: nothing is checked out."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path

from mldebt.workspace.git import Blobs, CommittedFile, committed_files
from mldebt.workspace.listing import BROKEN_LINK, LARGEST_LIST, OUTWARD_LINK, Entry, linked, regular
from mldebt.workspace.printable import printable
from mldebt.workspace.types import Skipped, SourceFile

_LINK, _SUBMODULE = "120000", "160000"
_MOST_LINKS = 20


class CommittedListing:
    """What a walk asks, answered for a commit; `blobs` must stay open as long as contents are read."""

    def __init__(self, root: Path, commit: str, blobs: Blobs) -> None:
        self._blobs = blobs
        self._files = {file.path: file for file in committed_files(root, commit)}
        self._folders: dict[str, dict[str, Entry]] = {"": {}}
        for file in self._files.values():
            self._place(file)

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(path for path, file in self._files.items() if file.mode != _SUBMODULE)

    def _place(self, file: CommittedFile) -> None:
        folder, _, name = file.path.rpartition("/")
        is_folder = file.mode == _SUBMODULE
        self._folder(folder)[name] = Entry(name, is_folder, not is_folder and file.mode != _LINK)

    def _folder(self, path: str) -> dict[str, Entry]:
        if path not in self._folders:
            above, _, name = path.rpartition("/")
            self._folder(above)[name] = Entry(name, True, False)
            self._folders[path] = {}
        return self._folders[path]

    def entries(self, folder: str) -> Sequence[Entry]:
        return tuple(self._folders.get(folder.rstrip("/"), {}).values())

    def text(self, path: str) -> str | None:
        file = self._files.get(path)
        content = self._blobs.read(file.object_id) if file is not None and file.mode not in (_LINK, _SUBMODULE) else None
        return None if content is None else content[:LARGEST_LIST].decode(errors="surrogateescape")

    def file(self, path: str) -> Iterator[SourceFile | Skipped]:
        file = self._files[path]
        if file.mode != _LINK:
            yield from regular(path, file.size)
            return
        target = self._target(path)
        if target is None:
            yield Skipped(printable(path), OUTWARD_LINK)
        elif target in self._files:
            yield from linked(path, target, self._files[target].size)
        elif target in self._folders:
            yield from linked(path, target, None)
        else:
            yield Skipped(printable(path), BROKEN_LINK)

    def read(self, path: str) -> bytes | None:
        """The content of a file, through links; None where there is none."""
        file = self._files.get(self._target(path) or "")
        return None if file is None or file.mode == _SUBMODULE else self._blobs.read(file.object_id)

    def _target(self, path: str) -> str | None:
        """Where a chain of links ends; "" where it does not, None outside the root."""
        for _ in range(_MOST_LINKS):
            file = self._files.get(path)
            if file is None or file.mode != _LINK:
                return path
            pointer = (self._blobs.read(file.object_id) or b"").decode(errors="surrogateescape")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), pointer))
            if path.startswith(("/", "../")) or path == "..":
                return None
        return ""
