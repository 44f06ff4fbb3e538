"""Runs a command and says what it cost: wall, CPU of all its processes, and their memory together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROCESSES = Path("/proc")
_PAUSE = 0.1  # seconds between two looks at the memory
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
_IN_STAT = 3  # the session, counted from behind the name


class FailedError(Exception):
    """A command of the benchmark did not end as it should."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the clock, CPU seconds of all processes, peak memory in bytes summed over them."""

    wall: float
    cpu: float
    memory: int


def run(
    command: Sequence[str], directory: Path, environment: Mapping[str, str], *, output: str = os.devnull, successes: Container[int] = (0,)
) -> Cost:
    """The cost of a command that must succeed; its output goes to a file."""
    with tempfile.TemporaryFile() as complaints, Path(output).open("wb") as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=directory, env=environment, stdout=said, stderr=complaints, start_new_session=True)
        memory = _Memory(process.pid)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            wall = time.perf_counter() - started
            seen = memory.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in successes:
            complaints.seek(0)
            why = complaints.read().decode("utf-8", "replace").strip()[-2000:]
            raise FailedError(f"{' '.join(command)} ended with {process.returncode}: {why}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, max(seen, usage.ru_maxrss * _MAXRSS_UNIT))


def least(costs: Iterable[Cost]) -> Cost:
    """The least time and the greatest memory of several runs."""
    costs = list(costs)
    return Cost(min(cost.wall for cost in costs), min(cost.cpu for cost in costs), max(cost.memory for cost in costs))


class _Memory:
    """Looks at the resident memory of a session's processes every now and then. Without procfs only the largest process is known."""

    def __init__(self, session: int) -> None:
        self._session, self._peak = session, 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._ended.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        while _PROCESSES.is_dir() and not self._ended.wait(_PAUSE):
            self._peak = max(self._peak, page * sum(_resident_pages(self._session)))


def _resident_pages(session: int) -> Iterator[int]:
    for entry in os.scandir(_PROCESSES):
        if not entry.name.isdigit() or int(entry.name) < session:
            continue
        try:
            fields = Path(entry.path, "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if int(fields[_IN_STAT]) == session:
                yield int(Path(entry.path, "statm").read_text(encoding="ascii").split()[1])
        except (OSError, IndexError, ValueError):
            continue  # it has just ended
