"""Parses the Python of a tree with LibCST and does nothing else with it: what `measure.py` calls 1.00.

    python benchmarks/bare_parse.py ROOT

The files are those that a scan reads, notebook code cells included, and the guards have let them through. Finding, reading and decoding
them, and a first parse that warms the process up, happen before the clock starts. Prints one JSON object.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import libcst

from mldebt.facts.decode import decoded
from mldebt.facts.files import Disk, source_of
from mldebt.facts.guards import RefusedError, check_size
from mldebt.facts.notebooks import joined
from mldebt.facts.positions import outline
from mldebt.facts.read import RECURSION, parsed
from mldebt.facts.types import Unreadable
from mldebt.settings import load_settings
from mldebt.workspace.discover import discover
from mldebt.workspace.types import SourceFile

STACK = 256 * 1024 * 1024  # as in a scan's workers


def sources(root: Path) -> Iterator[tuple[SourceFile, str]]:
    """Every file that can be parsed, with its text."""
    settings, disk = load_settings(root), Disk(root)
    for file in discover(root, settings.exclude).files:
        if file.kind not in ("python", "notebook"):
            continue
        content = source_of(disk, file.path, file.kind)
        if isinstance(content, Unreadable):
            continue
        try:
            if file.kind == "python":
                check_size(content, settings.size_limit)
            text = decoded(content) if file.kind == "python" else joined(content).text
            parsed(outline(text))
        except (RefusedError, RecursionError):
            continue
        yield file, text


def seconds(texts: list[str]) -> tuple[float, float]:
    """CPU and wall seconds of parsing all texts, without the collector: a scan switches it off too."""
    gc.collect()
    gc.disable()
    wall, cpu = time.perf_counter(), time.process_time()
    for text in texts:
        libcst.parse_module(text)
    return time.process_time() - cpu, time.perf_counter() - wall


def report(root: Path) -> None:
    found = list(sources(root.resolve()))
    texts = [text for _, text in found]
    cpu, wall = seconds(texts)
    modules = sorted((file.size, file.path) for file, _ in found if file.kind == "python")
    answer = {
        "cpu": cpu,
        "wall": wall,
        "files": len(texts),
        "lines": sum(len(text.splitlines()) for text in texts),
        "bytes": sum(len(text.encode("utf-8", "surrogatepass")) for text in texts),
        "median_module": modules[len(modules) // 2][1] if modules else None,
    }
    print(json.dumps(answer))


def main() -> None:
    sys.setrecursionlimit(RECURSION)
    threading.stack_size(STACK)
    thread = threading.Thread(target=report, args=(Path(sys.argv[1]),))
    thread.start()
    thread.join()


if __name__ == "__main__":
    main()
