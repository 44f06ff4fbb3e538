"""From a request to everything a report may show.

The whole root is analysed, or its outcome recalled where nothing has changed; the paths of the request only choose what is reported. What an
unchanged tree does not need (parsers, flow, graph) is imported by `scan` alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mldebt.analysis.contents import narrowed
from mldebt.analysis.request import ScanRequest, ScanResult
from mldebt.analysis.warm import Question
from mldebt.api import Check
from mldebt.facts.store import Store, cache_directory, no_collection
from mldebt.workspace.discover import discover
from mldebt.workspace.types import Workspace

__all__ = ["ScanRequest", "ScanResult", "analyze"]

NO_CACHE = "Nothing is kept for the next scan: the root cannot be written to, and MLDEBT_CACHE_DIR names no directory"


def analyze(request: ScanRequest, checks: Sequence[Check]) -> ScanResult:
    """Scans a repository with these checks."""
    checks = sorted(checks, key=lambda check: check.rule.code)
    with no_collection():
        workspace = discover(request.root, request.settings.exclude)
        with _store(request, workspace) as store:
            result = _answered(request, checks, workspace, store)
    kept_nowhere = (NO_CACHE,) if request.cache and store is None and _has_code(workspace) else ()
    return ScanResult(narrowed(result.contents, request.paths), (*result.notes, *kept_nowhere), result.explanation)


def _answered(request: ScanRequest, checks: Sequence[Check], workspace: Workspace, store: Store | None) -> ScanResult:
    """The outcome of an earlier scan of the same, else of one made now and kept."""
    question = Question(workspace, request.settings, checks, store) if store is not None else None
    if question is not None and not request.explain:  # what explains is not kept
        recalled = question.recall([check.rule for check in checks])
        if recalled is not None:
            return ScanResult(*recalled)
    from mldebt.analysis.scan import scan

    scanned = scan(request, checks, workspace, store)
    if question is not None:
        question.keep((scanned.contents, scanned.notes), scanned.hashes, dated=scanned.dated)
    return ScanResult(scanned.contents, scanned.notes, scanned.explanation)


@contextmanager
def _store(request: ScanRequest, workspace: Workspace) -> Iterator[Store | None]:
    """None where nothing is to be kept, nothing can be, or nothing is there to keep."""
    directory = cache_directory(workspace.root, os.environ) if request.cache and _has_code(workspace) else None
    if directory is None:
        yield None
        return
    with Store(directory, request.warn or _unheard) as store:
        yield store


def _has_code(workspace: Workspace) -> bool:
    return any(file.kind in ("python", "notebook") for file in workspace.files)


def _unheard(_: str) -> None:
    """Nobody listens to warnings."""
