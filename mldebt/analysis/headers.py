"""Header lines of text tables on demand: of files that exist for everybody, and never more of them than their beginning."""

from __future__ import annotations

from functools import cache

from mldebt.analysis.reading import Reading
from mldebt.facts.types import Unreadable
from mldebt.workspace.headers import header_names
from mldebt.workspace.types import Workspace

_TEXT_TABLES = (".csv", ".tsv")


class Headers:
    """The names of a file's columns. A file exists if it is in the git index; on disk, where the root is no git repository."""

    def __init__(self, workspace: Workspace, reading: Reading) -> None:
        self._tracked = workspace.git.tracked if workspace.git is not None else None
        self._reading = reading
        self._found = cache(self._read)

    def __call__(self, path: str, separator: str) -> tuple[str, ...] | None:
        return self._found(path, separator)

    def _read(self, path: str, separator: str) -> tuple[str, ...] | None:
        exists = path in self._reading.kinds if self._tracked is None else path in self._tracked and path in self._reading.kinds
        if not exists or not path.lower().endswith(_TEXT_TABLES):
            return None
        content = self._reading.content(path)
        return None if isinstance(content, Unreadable) else header_names(content, separator)
