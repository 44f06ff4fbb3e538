"""The outcome of an earlier scan, if everything that was asked is as it was.

Two entries of the store: under what is asked, the files that the scan read; under that and their contents, what came out. A scan is a pure
function of both, so whoever reads the same files with the same contents would find the same.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path

import mldebt
from mldebt.analysis.knowledge import added_files
from mldebt.analysis.quiet import Quiet
from mldebt.analysis.reading import Reading, content_at
from mldebt.analysis.snapshot import Snapshot
from mldebt.api import Check, Gauge
from mldebt.core import Rule
from mldebt.facts.files import content_hash
from mldebt.facts.store import Store
from mldebt.facts.types import FACTS_VERSION
from mldebt.libraries.load import libraries_digest
from mldebt.plugins import load_measures
from mldebt.report.contents import Contents
from mldebt.report.packed import pack, unpack
from mldebt.settings import Settings
from mldebt.workspace.types import Workspace

Outcome = tuple[Contents, tuple[str, ...]]


def today_of(workspace: Workspace) -> date:
    """HEAD's date; the present one only where there is none."""
    head = workspace.git.head_time if workspace.git else 0
    return datetime.fromtimestamp(head, UTC).date() if head else date.today()


class Question:
    """What a scan is asked: under its key the store keeps which files the answer rests on."""

    def __init__(
        self, snapshot: Snapshot, settings: Settings, checks: Sequence[Check], outcome_of: Store, paths: Sequence[str] = ()
    ) -> None:
        workspace = snapshot.workspace
        self._snapshot, self._store = snapshot, outcome_of
        self._kinds = {file.path: file.kind for file in workspace.files}
        self._has_head = bool(workspace.git and workspace.git.head_time)
        named = Quiet(workspace, settings, Reading(snapshot)).asked(paths)
        self._key = _digest((*_asked(workspace, settings, checks), *(f"named {path}" for path in named)))

    def recall(self, rules: Sequence[Rule]) -> Outcome | None:
        """What came out of the last scan that was asked the same of the same contents."""
        manifest = self._store.get(f"asked/{self._key}")
        if manifest is None:
            return None
        try:
            paths, dated = json.loads(manifest)
            hashes = {path: content_hash(content_at(self._snapshot.tree, path, self._kinds[path])) for path in paths}
            found = self._store.get(self._found_key(hashes, dated))
            return None if found is None else unpack(found, rules)
        except (ValueError, KeyError, TypeError):
            self._store.damaged(f"asked/{self._key}")
            return None

    def keep(self, outcome: Outcome, hashes: Mapping[str, str], *, dated: bool) -> None:
        """`hashes` are those of every file read; `dated` says that the outcome depends on today's date where there is no HEAD."""
        try:
            found = pack(*outcome)
        except UnicodeEncodeError:
            return
        self._store.put(f"asked/{self._key}", json.dumps([sorted(hashes), dated]).encode())
        self._store.put(self._found_key(hashes, dated), found)

    def _found_key(self, hashes: Mapping[str, str], dated: bool) -> str:
        day = today_of(self._snapshot.workspace).isoformat() if dated and not self._has_head else ""
        return f"found/{_digest([self._key, day, *(f'{path}={hashes[path]}' for path in sorted(hashes))])}"


def _digest(parts: Iterable[str]) -> str:
    digest = blake2b(digest_size=16)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    return digest.hexdigest()


def _asked(workspace: Workspace, settings: Settings, checks: Sequence[Check]) -> Iterator[str]:
    """Everything but the contents of files: versions, settings, checks, knowledge, every path, git."""
    yield f"{mldebt.__version__} {FACTS_VERSION} {sys.version_info}"
    gauges = load_measures()
    yield from _code_of([*checks, *gauges])
    yield from (f"{check.rule.code} {check.run.__module__}.{check.run.__qualname__}" for check in checks)
    yield from (f"{gauge.code} {gauge.run.__module__}.{gauge.run.__qualname__}" for gauge in gauges)
    yield repr(settings)
    yield libraries_digest()
    yield from (f"{name}\0{text}" for name, text in added_files(workspace.root, settings))
    yield workspace.root.name
    yield from (f"{file.kind} {file.path}" for file in workspace.files)
    yield from (f"left out {skipped.path}\0{skipped.reason}" for skipped in workspace.skipped)
    if (git := workspace.git) is not None:
        yield f"{git.top_level} {git.prefix} {git.head} {git.head_time} {git.shallow}"
        yield from sorted(git.tracked)


def _code_of(checks: Sequence[Check | Gauge]) -> Iterator[str]:
    """Which program it is: sizes and times of the modules of mldebt and of the packages that the checks come from."""
    packages = {check.run.__module__.partition(".")[0] for check in checks}
    files = {Path(file) for name in (*packages, mldebt.__name__) if (file := getattr(sys.modules.get(name), "__file__", None))}
    for file in sorted(files):
        modules = sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]
        for module in modules:
            status = module.stat()
            yield f"{module.relative_to(file.parent)} {status.st_size} {status.st_mtime_ns}"
