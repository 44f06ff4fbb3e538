"""Where a file of the repository comes from: git, a *.dvc file, an output of a stage."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from functools import cached_property

from mldebt.declarations.types import HOLE
from mldebt.flow.paths import same_path
from mldebt.graph.surroundings import Surroundings


class Assets:
    def __init__(self, around: Surroundings) -> None:
        self._around = around

    @cached_property
    def _folders(self) -> frozenset[str]:
        """The folders that tracked files lie in."""
        found: set[str] = set()
        for path in self._around.tracked:
            folder = posixpath.dirname(path)
            while folder and folder not in found:
                found.add(folder)
                folder = posixpath.dirname(folder)
        return frozenset(found)

    @cached_property
    def _outputs(self) -> tuple[str, ...]:
        return tuple(sorted({output for stage in self._around.stages for output in stage.outputs}))

    def is_tracked(self, path: str) -> bool:
        """Whether git (the disk, where there is no git) holds the file, or files below it."""
        return path in self._around.tracked or path in self._folders

    def is_versioned(self, path: str) -> bool:
        """Whether git, a *.dvc file or a stage accounts for the file; true in doubt."""
        return self.is_tracked(path) or covers(self._around.versioned, path) or covers(self._outputs, path)


def covers(names: Iterable[str], path: str) -> bool:
    """Whether a path may be one of these names, lie below one, or hold one; true in doubt."""
    return any(_may_cover(name, path) for name in names)


def _may_cover(name: str, path: str) -> bool:
    if HOLE in name:
        return path.startswith(name.partition(HOLE)[0])
    return bool(same_path(name, path)) or path.startswith(f"{name}/") or name.startswith(f"{path}/") or name in ("", ".")
