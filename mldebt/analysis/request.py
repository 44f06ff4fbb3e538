"""What a scan is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mldebt.report.contents import Contents
from mldebt.settings import Settings


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """`paths` relative to the root say what is reported, () all; `progress` hears (stage, done, total), `warn` one line each."""

    root: Path
    settings: Settings
    paths: tuple[str, ...] = ()
    jobs: int = 0
    cache: bool = True
    explain: str = ""
    progress: Callable[[str, int, int], None] | None = None
    warn: Callable[[str], None] | None = None


@dataclass(frozen=True, slots=True)
class ScanResult:
    """`notes` are lines for stderr."""

    contents: Contents
    notes: tuple[str, ...]
    explanation: str = ""
