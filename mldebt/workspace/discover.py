"""Finds the files of a root: the walk, what it leaves out and why."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mldebt.core import MldebtError
from mldebt.workspace.git import git_facts
from mldebt.workspace.ignores import IgnoreRules
from mldebt.workspace.listing import DiskListing, Entry, Listing
from mldebt.workspace.printable import printable
from mldebt.workspace.types import GitFacts, Skipped, SourceFile, Workspace

# fmt: off
_NEVER_SOURCE = frozenset({
    ".git", ".hg", ".svn", ".bzr", ".tox", ".nox", ".eggs", ".venv", "node_modules", "bower_components", "site-packages", "dist-packages", "__pycache__",
    "__pypackages__", ".cache", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".pytype", ".pyre", ".hypothesis", ".ipynb_checkpoints", ".terraform", ".mldebt_cache", "htmlcov", "_build",
})
# fmt: on
_BUILD_OUTPUT = frozenset({"build", "dist"})  # unless the index has files below: then it is a folder like any other
_THIRD_PARTY = frozenset({"vendor", "vendored", "_vendor", "third_party", "thirdparty", "third-party", "3rdparty"})
_ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
_DEEPEST = 100
_SUBMODULE_PATH = re.compile(r"^\s*path\s*=\s*(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _PlacedRules:
    """Rules with the place they are written for: a path loses `cut` characters in front and gets `above` instead."""

    rules: IgnoreRules
    cut: int
    above: str = ""


@dataclass(frozen=True, slots=True)
class _Folder:
    path: str  # "" or "a/b/"
    depth: int
    ignored: bool  # entered only for the tracked files below
    rules: tuple[_PlacedRules, ...]  # nearest first


def discover(root: Path, exclude: Sequence[str] = ()) -> Workspace:
    """All files of `root` that belong to the project; `exclude` are lines in gitignore syntax, `!` brings back what is left out by default."""
    if not root.is_dir():
        raise MldebtError(f"{printable(str(root))}: not a directory")
    root = Path(os.path.realpath(root))
    git = git_facts(root)
    above = _rules_above(root, git) if git else ()
    walk = _Walk(DiskListing(root), git, IgnoreRules.parse(exclude), above, in_git=git is not None or (root / ".git").exists())
    return _walked(root, git, walk)


def committed(root: Path, git: GitFacts, listing: Listing, exclude: Sequence[str] = ()) -> Workspace:
    """The same for the files of a commit, which `git` describes."""
    return _walked(root, git, _Walk(listing, git, IgnoreRules.parse(exclude), (), in_git=True))


def _walked(root: Path, git: GitFacts | None, walk: _Walk) -> Workspace:
    found = list(walk.entries())
    files = sorted((f for f in found if isinstance(f, SourceFile)), key=lambda f: f.path)
    skipped = sorted((s for s in found if isinstance(s, Skipped)), key=lambda s: (s.path, s.reason))
    return Workspace(root, tuple(files), tuple(skipped), git)


class _Walk:
    def __init__(
        self, listing: Listing, git: GitFacts | None, exclude: IgnoreRules, above: tuple[_PlacedRules, ...], *, in_git: bool
    ) -> None:
        self._listing, self._exclude, self._above, self._in_git = listing, exclude, above, in_git
        self._tracked = git.tracked if git else frozenset()
        self._tracked_folders = frozenset(_folders_of(self._tracked))
        self._submodules = frozenset(_submodules(listing.text(".gitmodules")))

    def entries(self) -> Iterator[SourceFile | Skipped]:
        pending = [_Folder("", 0, False, self._above)]
        while pending:
            folder = pending.pop()
            try:
                entries = self._listing.entries(folder.path)
            except OSError as error:
                yield Skipped(printable(folder.path), f"cannot be opened: {error.strerror}")
                continue
            if folder.path and (reason := self._foreign(folder, {entry.name for entry in entries})):
                if reason != "an environment":
                    yield Skipped(printable(folder.path), reason)
                continue
            folder = self._with_own_rules(folder, entries)
            for entry in entries:
                yield from self._entry(folder, entry, pending)

    def _with_own_rules(self, folder: _Folder, entries: Sequence[Entry]) -> _Folder:
        own = next((entry for entry in entries if entry.name == ".gitignore" and entry.is_regular), None)
        rules = own and _parsed(self._listing.text(folder.path + own.name))
        return replace(folder, rules=(_PlacedRules(rules, len(folder.path)), *folder.rules)) if rules else folder

    def _foreign(self, folder: _Folder, names: set[str]) -> str:
        """Why a directory is no part of the project, as far as its listing tells."""
        if names & _ENVIRONMENT_MARKS:
            return "an environment"
        if ".git" in names and self._in_git:
            return "another git repository"
        return "nested too deeply" if folder.depth > _DEEPEST else ""

    def _entry(self, folder: _Folder, entry: Entry, pending: list[_Folder]) -> Iterator[SourceFile | Skipped]:
        path = folder.path + entry.name
        is_folder = entry.is_folder
        excluded = self._exclude.ignores(path, entry.name, is_folder)
        if excluded:
            return
        ignored = folder.ignored or _ignored(folder.rules, path, entry.name, is_folder)
        if not is_folder:
            if not ignored or path in self._tracked:
                yield from self._listing.file(path)
            return
        has_tracked = path in self._tracked_folders
        if ignored and not has_tracked:
            return
        if excluded is None:
            if (
                entry.name in _NEVER_SOURCE
                or entry.name.endswith((".egg-info", ".dist-info"))
                or (entry.name in _BUILD_OUTPUT and not has_tracked)
            ):
                return
            if reason := self._third_party(path, entry.name):
                yield Skipped(printable(path) + "/", reason)
                return
        pending.append(_Folder(path + "/", folder.depth + 1, ignored, folder.rules))

    def _third_party(self, path: str, name: str) -> str:
        if path in self._submodules:
            return "a git submodule"
        return "third-party code" if name in _THIRD_PARTY else ""


def _ignored(rules: tuple[_PlacedRules, ...], path: str, name: str, is_folder: bool) -> bool:
    for placed in rules:
        decided = placed.rules.ignores(placed.above + path[placed.cut :], name, is_folder)
        if decided is not None:
            return decided
    return False


def _parsed(text: str | None) -> IgnoreRules | None:
    rules = IgnoreRules.parse(text.removeprefix("\ufeff").split("\n")) if text else None
    return rules if rules and rules.rules else None


def _rules_above(root: Path, git: GitFacts) -> tuple[_PlacedRules, ...]:
    """Ignore files between the git top level and the root, nearest first; none counts if they ignore the root itself."""
    parts = git.prefix.rstrip("/").split("/") if git.prefix else []
    found: list[_PlacedRules] = []
    for up in range(1, len(parts) + 1):
        if rules := _parsed(DiskListing(root.parents[up - 1]).text(".gitignore")):
            below = parts[-up:]
            if any(rules.ignores("/".join(below[: n + 1]), below[n], True) for n in range(len(below))):
                return ()
            found.append(_PlacedRules(rules, 0, "/".join(below) + "/"))
    return tuple(found)


def _folders_of(paths: frozenset[str]) -> Iterator[str]:
    seen: set[str] = set()
    for path in paths:
        while (path := path.rpartition("/")[0]) and path not in seen:
            seen.add(path)
            yield path


def _submodules(listing: str | None) -> Iterator[str]:
    yield from (match.group(1).strip('"').rstrip("/") for match in _SUBMODULE_PATH.finditer(listing or ""))
