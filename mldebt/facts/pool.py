"""The facts of many files: from the store where the content is known, else from worker processes.

LibCST is not imported here: a scan of an unchanged tree starts no worker.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from mldebt.core import MldebtError

from .files import Tree, content_hash, source_of
from .messages import receive, send
from .store import Store, decode_facts, facts_key, no_collection
from .types import FileFacts, Unreadable

WATCHDOG_SECONDS = 120.0  # for one file; it only ends parsers that hang
_BATCH = 16
_HASH = 32  # characters of a content hash
_START = "import sys; sys.path[:] = sys.argv.pop().split({sep!r}); from mldebt.facts.worker import main; main()"

Asked = tuple[str, str, bytes | None]  # path, kind, and the content where the worker cannot read it by itself


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file as it was read: the hash of its content, and what it says."""

    hash: str
    facts: FileFacts | Unreadable


def facts_of(tree: Tree, paths: Sequence[tuple[str, str]], jobs: int, store: Store | None) -> dict[str, FileRead]:
    """The facts of all files, in the order asked; `paths` are (path, "python" | "notebook")."""
    found: dict[str, FileRead] = {}
    missing: list[Asked] = []
    with no_collection():
        for path, kind in paths:
            content = source_of(tree, path, kind)
            known = _known(content, kind, store)
            if known is None:
                missing.append((path, kind, None if tree.is_on_disk(path) or isinstance(content, Unreadable) else content))
            else:
                found[path] = known
        if missing:
            nothing_yet = not any(isinstance(read.facts, FileFacts) for read in found.values())
            found |= _read(tree, missing, jobs, store, others_fail=nothing_yet)
    return {path: found[path] for path, _ in paths}


def _known(content: bytes | Unreadable, kind: str, store: Store | None) -> FileRead | None:
    digest = content_hash(content)
    if not isinstance(content, bytes):
        return FileRead(digest, content)
    facts = store.facts(digest, kind) if store is not None else None
    return None if facts is None else FileRead(digest, facts)


def _read(tree: Tree, missing: Sequence[Asked], jobs: int, store: Store | None, *, others_fail: bool) -> dict[str, FileRead]:
    """`others_fail` says that no other file could be read either: then a parser that dies on all of these is no matter of the files."""
    found: dict[str, FileRead] = {}
    workers = Workers(worker_command(tree.root), jobs)
    answers = workers.ask(missing)
    if not workers.started:
        raise MldebtError(f"no process that reads Python files could be started: {workers.complaint}")
    if others_fail and all(isinstance(answer, Unreadable) for answer in answers.values()):
        raise MldebtError("the parser died on every file")
    for path, kind, _ in missing:
        answer = answers[path]
        if isinstance(answer, Unreadable):
            found[path] = FileRead(content_hash(source_of(tree, path, kind)), answer)
            continue
        digest, encoded = answer[:_HASH].decode(), answer[_HASH:]
        found[path] = FileRead(digest, decode_facts(encoded))
        if store is not None:
            store.put(facts_key(digest, kind), encoded)
    return found


def worker_command(root: Path) -> list[str]:
    """The command line of a worker; it never looks for modules in the working directory."""
    home = str(Path(__file__).resolve().parents[2])
    here = os.path.realpath(Path.cwd())
    places = [home, *(place for place in sys.path if place and os.path.realpath(place) not in (here, home))]
    return [sys.executable, "-I", "-c", _START.format(sep=os.pathsep), str(root), os.pathsep.join(places)]


class Workers:
    """Processes that answer one message per file. The file at which a process dies is asked once more, alone; then it is given up."""

    def __init__(self, command: Sequence[str], jobs: int, watchdog_seconds: float = WATCHDOG_SECONDS) -> None:
        self._command, self._jobs, self._watchdog_seconds = command, max(jobs, 1), watchdog_seconds
        self._batches: queue.SimpleQueue[list[Asked]] = queue.SimpleQueue()
        self._answers: dict[str, bytes | Unreadable] = {}
        self._deaths: dict[str, int] = {}
        self._stopped = False
        self.started = False
        self.complaint = ""

    def ask(self, paths: Sequence[Asked]) -> dict[str, bytes | Unreadable]:
        """An answer, or why there is none, for each path."""
        for start in range(0, len(paths), _BATCH):
            self._batches.put(list(paths[start : start + _BATCH]))
        workers = min(self._jobs, self._batches.qsize())
        threads: list[threading.Thread] = []
        try:
            with self._told():
                for _ in range(workers):
                    thread = threading.Thread(target=self._run, daemon=True)
                    thread.start()
                    threads.append(thread)
            for thread in threads:
                thread.join()
        finally:
            self._stopped = True
        for path, _, _ in paths:
            self._answers.setdefault(path, Unreadable("the reader could not be started", limit=True))
        return self._answers

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """The machine has no process or thread left for us: what it says is kept."""
        try:
            yield
        except (OSError, RuntimeError) as error:
            self.complaint = getattr(error, "strerror", None) or str(error)

    def _run(self) -> None:
        """One worker after the other, until no batch is left."""
        while not self._stopped and not self._batches.empty():
            ended = False
            with self._told(), _Process(self._command, self._watchdog_seconds) as process:
                self.started = True
                self._feed(process)
                ended = True
            if not ended:
                return

    def _feed(self, process: _Process) -> None:
        while not self._stopped:
            try:
                batch = self._batches.get_nowait()
            except queue.Empty:
                return
            answered = process.ask(batch)
            self._answers.update(answered)
            left = batch[len(answered) :]
            if left:
                self._bury(left)
                return

    def _bury(self, left: list[Asked]) -> None:
        """The process died at the first of these files."""
        culprit = left[0]
        deaths = self._deaths[culprit[0]] = self._deaths.get(culprit[0], 0) + 1
        if deaths > 1:
            self._answers[culprit[0]] = Unreadable("the parser died on this file twice", limit=True)
        else:
            self._batches.put([culprit])
        if left[1:]:
            self._batches.put(left[1:])


class _Process:
    """A worker process and the watchdog over it."""

    def __init__(self, command: Sequence[str], watchdog_seconds: float) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._seconds = watchdog_seconds
        self._deadline = time.monotonic() + watchdog_seconds
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def __enter__(self) -> _Process:
        if receive(_stream(self._process.stdout)) is None:
            self.__exit__()
            raise OSError("the worker did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def ask(self, batch: list[Asked]) -> list[tuple[str, bytes]]:
        """The answers in order, as many as the process gave before it died."""
        answers: list[tuple[str, bytes]] = []
        try:
            self._deadline = time.monotonic() + self._seconds
            send(_stream(self._process.stdin), msgspec.msgpack.encode(batch))
            for path, _, _ in batch:
                self._deadline = time.monotonic() + self._seconds
                answer = receive(_stream(self._process.stdout))
                if answer is None:
                    break
                answers.append((path, answer))
        except OSError:
            pass
        return answers

    def _watch(self) -> None:
        while not self._ended.wait(min(1.0, self._seconds / 4)):
            if time.monotonic() > self._deadline:
                self._process.kill()
                return


def _stream(stream: object) -> BinaryIO:
    return stream  # type: ignore[return-value]
