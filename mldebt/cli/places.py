"""Where a scan stands: the working directory, the root, and the PATHs in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from mldebt.core import MldebtError
from mldebt.settings import Settings

_NOT_ANALYSED = frozenset({"data", "other", "markdown", "lock"})


def working_directory() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise MldebtError(f"the working directory is gone: {error.strerror or error}") from error


def by_project(paths: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The paths of each project, in the order in which the projects are named; one empty group where there are no paths."""
    from functools import cache

    from mldebt.settings import find_root

    root_of = cache(lambda folder: find_root((folder,)))
    projects: dict[Path, list[str]] = {}
    for path in paths:
        folder = path if os.path.isdir(path) or not os.path.lexists(path) else os.path.dirname(path) or "."  # noqa: PTH112, PTH120 - never raise
        projects.setdefault(root_of(folder), []).append(path)
    return tuple(map(tuple, projects.values())) or ((),)


def within(root: Path, paths: Sequence[str]) -> tuple[str, ...]:
    """The paths relative to the root; none where one of them is the root itself."""
    relative = []
    for path in paths:
        try:
            inside = Path(os.path.abspath(path)).relative_to(root)  # noqa: PTH100 - links stay links
        except ValueError:
            try:
                inside = Path(path).resolve().relative_to(root.resolve())
            except ValueError:
                raise MldebtError(f"{path}: lies outside the root {root}") from None
        relative.append(inside.as_posix())
    return () if "." in relative else tuple(relative)


def seen_from_here(root: Path) -> tuple[str, str]:
    """The root as seen from the working directory, or the working directory as seen from the root if it lies inside."""
    here = working_directory()
    if here.is_relative_to(root):
        return "", "" if here == root else here.relative_to(root).as_posix()
    try:
        return Path(os.path.relpath(root, here)).as_posix(), ""
    except ValueError:  # another drive
        return root.as_posix(), ""


def root_worth_naming(root: Path, paths: Sequence[str]) -> bool:
    """Whether nobody named the root: it is neither one of the paths nor the working directory."""
    return bool(paths) and not root.samefile(working_directory())


def require_files(root: Path, given: Sequence[str], settings: Settings, added: Sequence[str], *, forgiving: bool) -> tuple[str, ...] | None:
    """The PATHS relative to the root, () for all of it. Each has something to analyse, else a clean report would be a lie.

    If `forgiving`, those that have nothing are left out, and None says that none is left. `added` are the last patterns of
    `settings.exclude`, those of --exclude.
    """
    inside = within(root, given)
    idle = _without_files(root, inside, settings.exclude)
    if not idle or forgiving:
        return tuple(path for path in inside if path not in idle) if len(idle) < len(inside) or not inside else None
    first = next(iter(idle))
    path = given[inside.index(first)]
    meant = f"'{path}', which is '{first}' in {root}" if path == "." else f"'{path}'"
    of_file = settings.exclude[: len(settings.exclude) - len(added)]
    if added and not _without_files(root, [first], of_file):
        why = "excluded by --exclude"
    elif of_file and not _without_files(root, [first], ()):
        why = f"excluded by the settings in {settings.file}"
    else:
        why = _reason(root, first, settings.exclude)
    raise MldebtError(f"nothing to scan under {meant}: {why}")


def _without_files(root: Path, paths: Sequence[str], exclude: Sequence[str]) -> dict[str, None]:
    """Those of the paths under which no file is analysed, in their order."""
    if not paths:
        return {}
    from mldebt.workspace.discover import discover

    analysed: set[str] = set()
    for file in discover(root, exclude).files:
        place = "" if file.kind in _NOT_ANALYSED else file.path
        while place and place not in analysed:
            analysed.add(place)
            place = place.rpartition("/")[0]
    return dict.fromkeys(path for path in paths if path not in analysed)


def _reason(root: Path, path: str, exclude: Sequence[str]) -> str:
    """Why nothing under a path is analysed, as far as the walk tells."""
    from mldebt.workspace.discover import discover

    for skipped in discover(root, exclude).skipped:
        if f"{path}/".startswith(f"{skipped.path.rstrip('/')}/"):
            return skipped.reason
    if _holds_code(root / path):
        return "git ignores it, or it is build output, a cache or an environment"
    return "no Python file, notebook or config there"


def _holds_code(path: Path) -> bool:
    from mldebt.workspace.kinds import kind_of

    below = (file for _, _, files in os.walk(path) for file in files) if path.is_dir() else (path.name,)
    return any(kind_of(file) not in _NOT_ANALYSED for file in below)
