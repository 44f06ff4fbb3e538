"""What a scan is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mldebt.baseline import Known
from mldebt.report.contents import Contents
from mldebt.settings import Settings


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """`paths` relative to the root say what is reported, () all; `progress` hears (stage, done, total), `warn` one line each.

    `baseline` are findings to hold back; `since` is a revision whose findings are held back too. `unsaved` are the contents of files that differ
    from those on disk. `alone` is the only Python file or notebook that is looked at.
    """

    root: Path
    settings: Settings
    paths: tuple[str, ...] = ()
    jobs: int = 0
    cache: bool = True
    explain: str = ""
    baseline: tuple[Known, ...] = ()
    since: str = ""
    unsaved: Mapping[str, bytes] = field(default_factory=dict)
    alone: str = ""
    progress: Callable[[str, int, int], None] | None = None
    warn: Callable[[str], None] | None = None


@dataclass(frozen=True, slots=True)
class ScanResult:
    """`notes` are lines for stderr; `vanished` are findings of the baseline that are there no more, `fixed` those of the revision."""

    contents: Contents
    notes: tuple[str, ...]
    explanation: str = ""
    vanished: tuple[Known, ...] = ()
    fixed: tuple[Known, ...] = ()
