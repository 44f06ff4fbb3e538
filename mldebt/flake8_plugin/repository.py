"""The findings of the repository around a file, once in a process and once for all processes of a run."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mldebt.core import Finding, MldebtError
from mldebt.flake8_plugin.turns import turn
from mldebt.flake8_plugin.wishes import Wishes

if TYPE_CHECKING:
    from mldebt.analysis import ScanRequest
    from mldebt.api import Check

Findings = Mapping[str, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class Placed:
    """A file in its project; where there is no project, `root` is its folder and the file stands alone."""

    root: Path
    path: str
    alone: bool


def prepare(filenames: Sequence[str], wishes: Wishes) -> None:
    """Analyses the repository of the first file: processes that are forked later have the answer, others find it in the store."""
    from mldebt.settings import find_root

    first = filenames[0]
    if not os.path.lexists(first):
        return  # flake8 says so itself
    root = find_root((first,))
    _share_a_store(root)
    if _is_project(root, wishes.config) or root in wishes.folders:
        _of_repository(root, wishes)


def forget() -> None:
    """A run begins: editors make many of them in one process, and the files have changed in between."""
    for remembered in (_request, _of_repository, _of_lone_file, _is_project):
        remembered.cache_clear()


def findings_of(filename: str, wishes: Wishes) -> tuple[Finding, ...]:
    """Those in a file as it lies on disk; none where it is no file of the project."""
    placed = placed_in_project(filename, wishes)
    if placed is None:
        return ()
    found = _of_lone_file(placed, wishes) if placed.alone else _of_repository(placed.root, wishes)
    return found.get(placed.path, ())


def placed_in_project(filename: str, wishes: Wishes) -> Placed | None:
    """Where a file lies; None for a name without a file."""
    from mldebt.cli.places import within
    from mldebt.settings import find_root

    if not Path(filename).is_file():
        return None
    root = find_root((filename,))
    if _is_project(root, wishes.config):
        return Placed(root, within(root, (filename,))[0], alone=False)
    named = next((folder for folder in wishes.folders if (root / "file").is_relative_to(folder)), None)
    return Placed(named or root, within(named or root, (filename,))[0], alone=named is None)


def scanned(
    root: Path, wishes: Wishes, checks: Sequence[Check] | None = None, alone: str = "", unsaved: Mapping[str, bytes] | None = None
) -> Findings:
    """The findings of Python files by path, as `mldebt scan` has them. Notebooks are left out: flake8 does not know them."""
    from mldebt.analysis import analyze

    request, selected = _request(root, wishes)
    request = replace(request, alone=alone, unsaved=unsaved or {})
    by_path: dict[str, list[Finding]] = defaultdict(list)
    for finding in analyze(request, selected if checks is None else checks).contents.findings:
        if finding.at.cell is None:
            by_path[finding.at.path].append(finding)
    return {path: tuple(findings) for path, findings in by_path.items()}


@cache
def _request(root: Path, wishes: Wishes) -> tuple[ScanRequest, tuple[Check, ...]]:
    """What `mldebt scan` would be asked, and the checks that its settings select."""
    from mldebt.analysis import ScanRequest
    from mldebt.baseline import read_baseline
    from mldebt.plugins import load_checks, select_checks
    from mldebt.settings import load_settings

    settings = load_settings(root, wishes.config)
    settings = replace(settings, profile=wishes.profile or settings.profile)
    checks = tuple(select_checks(load_checks(), settings))
    if not checks:
        raise MldebtError("no check is selected")
    baseline = read_baseline(os.path.relpath(root / settings.baseline)) if settings.baseline else ()
    return ScanRequest(root, settings, jobs=0 if multiprocessing.parent_process() is None else 1, baseline=baseline), checks


def checks_of(root: Path, wishes: Wishes) -> tuple[Check, ...]:
    """Those that the settings select."""
    return _request(root, wishes)[1]


@cache
def _of_repository(root: Path, wishes: Wishes) -> Findings:
    from mldebt.facts.store import cache_directory

    with turn(cache_directory(root, os.environ)):
        return scanned(root, wishes)


@cache
def _of_lone_file(placed: Placed, wishes: Wishes) -> Findings:
    return scanned(placed.root, wishes, alone=placed.path)


@cache
def _is_project(root: Path, config: str | None) -> bool:
    """Whether somebody has said that this is the root of something; else a stray file would have its whole folder analysed."""
    from mldebt.settings import load_settings

    return bool(load_settings(root, None).file) or (root / ".git").exists() or config is not None


def _share_a_store(root: Path) -> None:
    """Where nothing can be kept in the repository, the processes of this run share a directory of their own."""
    from mldebt.facts.store import cache_directory

    if cache_directory(root, os.environ) is None:
        directory = tempfile.mkdtemp(prefix="mldebt-")
        os.environ["MLDEBT_CACHE_DIR"] = directory
        atexit.register(shutil.rmtree, directory, ignore_errors=True)
