"""From a request to everything a report may show.

The whole root is analysed, or its outcome recalled where nothing has changed; the paths of the request only choose what is reported. What an
unchanged tree does not need (parsers, flow, graph) is imported by `scan` alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from gc import collect

from mldebt.analysis.contents import held_back, lies_in, narrowed
from mldebt.analysis.request import ScanRequest, ScanResult
from mldebt.analysis.snapshot import Snapshot, at_revision, of_one_file, on_disk
from mldebt.analysis.warm import Question
from mldebt.api import Check
from mldebt.baseline import Known, known_of
from mldebt.facts.store import Store, cache_directory, no_collection
from mldebt.workspace.types import Workspace

__all__ = ["ScanRequest", "ScanResult", "analyze"]

BASELINE = "baseline"
NO_CACHE = "Nothing is kept for the next scan: the root cannot be written to, and MLDEBT_CACHE_DIR names no directory"


def analyze(request: ScanRequest, checks: Sequence[Check]) -> ScanResult:
    """Scans a repository with these checks."""
    checks = sorted(checks, key=lambda check: check.rule.code)
    with no_collection():
        now = _asked_about(request)
        with _store(request, now.workspace) as store:
            before = _before(request, checks, now.workspace, store) if request.since else ()
            result = _answered(request, checks, now, store)
    contents, fixed = held_back(result.contents, before, f"in {request.since}") if request.since else (result.contents, ())
    contents, vanished = held_back(contents, request.baseline, BASELINE) if request.baseline else (contents, ())
    kept_nowhere = (NO_CACHE,) if request.cache and store is None and _has_code(now.workspace) else ()
    vanished = tuple(one for one in vanished if lies_in(one.path, request.paths))
    fixed = tuple(one for one in fixed if lies_in(one.path, request.paths))
    return ScanResult(narrowed(contents, request.paths), (*result.notes, *kept_nowhere), result.explanation, vanished, fixed)


def _asked_about(request: ScanRequest) -> Snapshot:
    """The files on disk, with unsaved text over them. One that stands alone where nobody has declared a project has no neighbours worth a walk."""
    if not request.alone:
        return on_disk(request.root, request.settings.exclude, request.unsaved)
    in_project = bool(request.settings.file) or (request.root / ".git").exists()
    return of_one_file(request.root, request.alone, request.settings.exclude if in_project else None, request.unsaved)


def _before(request: ScanRequest, checks: Sequence[Check], now: Workspace, store: Store | None) -> tuple[Known, ...]:
    """What a scan of the revision reports."""
    with at_revision(now, request.since, request.settings.exclude) as then:
        result = _answered(replace(request, explain="", unsaved={}), checks, then, store)
    collect()  # the other side's graph is full of rings
    return tuple(known_of(finding) for finding in result.contents.findings)


def _answered(request: ScanRequest, checks: Sequence[Check], snapshot: Snapshot, store: Store | None) -> ScanResult:
    """The outcome of an earlier scan of the same, else of one made now and kept."""
    question = Question(snapshot, request.settings, checks, store, request.paths) if store is not None else None
    if question is not None and not request.explain:  # what explains is not kept
        recalled = question.recall([check.rule for check in checks])
        if recalled is not None:
            return ScanResult(*recalled)
    from mldebt.analysis.scan import scan

    scanned = scan(request, checks, snapshot, store)
    if question is not None and not request.unsaved:
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
