"""Runs an analysis for a command: a bar while it works, warnings and times on stderr, an error where there was nothing to analyse."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mldebt.core import MldebtError

if TYPE_CHECKING:
    from mldebt.analysis import ScanRequest, ScanResult
    from mldebt.api import Check

Report = Callable[[str, int, int], None]


def run(request: ScanRequest, checks: Sequence[Check], named: str, *, quiet: bool = False, timing: bool = False) -> ScanResult:
    """The result of a request; `named` is what the caller asked about, for the error. `timing` says afterwards where the time went."""
    from mldebt.analysis import analyze
    from mldebt.cli.style import progress, say, wants_progress

    warnings: dict[str, None] = {}
    watch = Stopwatch()
    with progress(wants_progress() and not quiet) as report:
        result = analyze(
            replace(request, progress=watch.beside(report) if timing else report, warn=lambda text: warnings.setdefault(text)), checks
        )
    if not quiet:
        for text in warnings:
            say(f"mldebt: warning: {text}")
    if timing:
        say(watch.told())
    if not result.contents.coverage.files:
        raise MldebtError(f"{named}: nothing to scan, no Python file and no notebook")
    return result


class Stopwatch:
    """Seconds of each stage, in the order in which they began; a stage that comes back adds up."""

    def __init__(self) -> None:
        self._start = self._since = time.perf_counter()
        self._stage = "starting"
        self._seconds: dict[str, float] = {}

    def beside(self, report: Report | None) -> Report:
        def heard(stage: str, done: int, total: int) -> None:
            if stage != self._stage:
                self._turn_to(stage)
            if report is not None:
                report(stage, done, total)

        return heard

    def _turn_to(self, stage: str) -> None:
        now = time.perf_counter()
        self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now

    def told(self) -> str:
        """One line; a tree that has not changed has no stages but the first."""
        scanned = self._stage != "starting"
        self._turn_to("")
        stages = ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in self._seconds.items())
        total = f"{time.perf_counter() - self._start:.2f} s"
        return f"Time: {stages}; {total} in all" if scanned else f"Time: {total}, all of it recalled from the cache"
