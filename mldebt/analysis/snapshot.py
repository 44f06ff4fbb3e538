"""The repository at one moment: which files it has, and where their contents come from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from mldebt.facts.files import Disk, Overlaid, Tree, cut
from mldebt.facts.types import Unreadable
from mldebt.workspace.committed import CommittedListing
from mldebt.workspace.discover import committed, discover
from mldebt.workspace.git import Blobs, common_commit, git_facts, named_commit
from mldebt.workspace.listing import DiskListing
from mldebt.workspace.types import SourceFile, Workspace

CODE = ("python", "notebook")


@dataclass(frozen=True, slots=True)
class Snapshot:
    workspace: Workspace
    tree: Tree


def on_disk(root: Path, exclude: Sequence[str], unsaved: Mapping[str, bytes]) -> Snapshot:
    """The files as they lie on disk; `unsaved` are the contents of those that an editor has changed."""
    workspace = discover(root, exclude)
    disk = Disk(workspace.root)
    return Snapshot(workspace, Overlaid(disk, unsaved) if unsaved else disk)


def of_one_file(root: Path, path: str, exclude: Sequence[str] | None, unsaved: Mapping[str, bytes]) -> Snapshot:
    """The same with one file of code, amid all that is no code; without `exclude` nothing else is looked for."""
    if exclude is None:
        root = Path(os.path.realpath(root))
        files = tuple(one for one in DiskListing(root).file(path) if isinstance(one, SourceFile))
        workspace = Workspace(root, files, (), None)
    else:
        workspace = discover(root, exclude)
        workspace = replace(workspace, files=tuple(file for file in workspace.files if file.path == path or file.kind not in CODE))
    disk = Disk(workspace.root)
    return Snapshot(workspace, Overlaid(disk, unsaved) if unsaved else disk)


@contextmanager
def at_commit(now: Workspace, revision: str, exclude: Sequence[str]) -> Iterator[Snapshot]:
    """The files as they were in the commit that a revision names."""
    with _committed(now, named_commit(now.root, revision), exclude) as then:
        yield then


@contextmanager
def at_revision(now: Workspace, revision: str, exclude: Sequence[str]) -> Iterator[Snapshot]:
    """The files as they were in the newest commit that the revision and HEAD have in common.

    Ages are still told from HEAD: what only grew older since then is no news.
    """
    with _committed(now, common_commit(now.root, revision), exclude) as then:
        yield then


@contextmanager
def _committed(now: Workspace, commit: str, exclude: Sequence[str]) -> Iterator[Snapshot]:
    git = git_facts(now.root)
    assert git is not None  # or there were no commit
    with Blobs(now.root) as blobs:
        listing = CommittedListing(now.root, commit, blobs)
        then = replace(git, head=commit, tracked=listing.paths)
        yield Snapshot(committed(now.root, then, listing, exclude), _Committed(now.root, listing))


@dataclass(frozen=True, slots=True)
class _Committed:
    """A commit as a tree of contents."""

    root: Path
    listing: CommittedListing

    def is_on_disk(self, path: str) -> bool:  # noqa: ARG002 - one answer for all
        return False

    def read(self, path: str, most: int, *, whole: bool) -> bytes | Unreadable:
        content = self.listing.read(path)
        return Unreadable("git has no content of this file") if content is None else cut(content, most, whole=whole)
