"""The facts of the Python files and notebooks, and what to say of those that have none."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mldebt.analysis.configs import TEMPLATE
from mldebt.analysis.reading import Reading
from mldebt.configs.read import looks_like_template
from mldebt.core import Location
from mldebt.facts.pool import facts_of
from mldebt.facts.store import Store
from mldebt.facts.types import Code, FileFacts, Instruction, Op, Unreadable
from mldebt.graph.vocabulary import UnreadableFile
from mldebt.workspace.types import SourceFile, Workspace

CODE = ("python", "notebook")
BROKEN_INPUT = "a broken test input"
_MOST_JOBS = 8
_TEST_INPUTS = frozenset(
    {"data", "testdata", "test_data", "test-data", "fixtures", "fixture", "resources", "assets", "inputs", "samples", "cases"}
)
_TEST_FOLDERS = frozenset({"tests", "test", "testing"})
_PLACEHOLDER = re.compile(r"\{\{.*\}\}|\{%.*%\}")


@dataclass(frozen=True, slots=True)
class Sources:
    """`left_out` counts the files that are not worth a finding, by reason."""

    facts: Mapping[str, FileFacts]
    unreadable: tuple[UnreadableFile, ...]
    beyond_limits: int
    left_out: Counter[str]


def read_sources(workspace: Workspace, reading: Reading, jobs: int, store: Store | None, most_bytes: int) -> Sources:
    """The facts of all Python files and notebooks; `jobs` 0 is as many workers as the machine has cores."""
    asked = [file for file in workspace.files if file.kind in CODE]
    small = [(file.path, str(file.kind)) for file in asked if file.kind == "notebook" or file.size <= most_bytes]
    facts: dict[str, FileFacts] = {}
    failed: dict[str, Unreadable] = {}
    for path, read in facts_of(reading.tree, small, jobs or _cores(), store).items():
        reading.hashes[path] = read.hash
        if isinstance(read.facts, FileFacts):
            facts[path] = read.facts
        else:
            failed[path] = read.facts
    for file in asked:
        if file.path not in facts and file.path not in failed:
            reading.content(file.path)
            failed[file.path] = Unreadable(f"the file is larger than {most_bytes:,} bytes", limit=True)
    return _judged(asked, facts, failed, reading)


def _cores() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(available, _MOST_JOBS)


def _judged(asked: Sequence[SourceFile], facts: Mapping[str, FileFacts], failed: Mapping[str, Unreadable], reading: Reading) -> Sources:
    unreadable: list[UnreadableFile] = []
    left_out: Counter[str] = Counter()
    for file in asked:
        if (why := failed.get(file.path)) is None:
            continue
        if not why.limit and _is_template(file.path, reading):
            left_out[TEMPLATE] += 1
        elif is_test_input(file.path) and not _is_imported(file.path, facts):
            left_out[BROKEN_INPUT] += 1
        else:
            unreadable.append(UnreadableFile(Location(file.path, why.line, why.column), why.reason))
    reported = {file.at.path for file in unreadable}
    beyond = sum(why.limit for path, why in failed.items() if path in reported)
    return Sources(facts, tuple(unreadable), beyond, left_out)


def _is_template(path: str, reading: Reading) -> bool:
    if _PLACEHOLDER.search(path):
        return True
    content = reading.content(path)
    return isinstance(content, bytes) and looks_like_template(content)


def is_test_input(path: str) -> bool:
    """Whether a file lies where tests keep what they read: `tests/data/x.py`, `testdata/x.yaml`."""
    folders = path.split("/")[:-1]
    after = next((at for at, name in enumerate(folders) if name in _TEST_FOLDERS), None)
    if after is not None and _TEST_INPUTS.intersection(folders[after + 1 :]):
        return True
    return bool({"testdata", "test_data", "test-data"}.intersection(folders))


def _is_imported(path: str, facts: Mapping[str, FileFacts]) -> bool:
    """Whether some import may mean this file. A name without dots counts in the file's own folder only: elsewhere it is somebody else's."""
    parts = tuple(path.rpartition(".")[0].removesuffix("/__init__").split("/"))
    folder = path.rpartition("/")[0]
    for importer, found in facts.items():
        for name in _imports(found.code):
            if name == parts[-len(name) :] and (len(name) > 1 or importer.rpartition("/")[0] == folder):
                return True
    return False


def _imports(code: Code) -> Iterator[tuple[str, ...]]:
    for instruction in _instructions(code.body):
        match instruction:
            case (Op.IMPORT, _, _, str(dotted), *_):
                yield tuple(dotted.split("."))
            case (Op.IMPORT_FROM, _, _, _, str(module), str(name)):
                base = tuple(module.split(".")) if module else ()
                yield from (found for found in (base, (*base, name)) if found)
            case (Op.IMPORT_STAR, _, _, str(module)) if module:
                yield tuple(module.split("."))
    for child in code.children:
        yield from _imports(child)


def _instructions(block: Sequence[object]) -> Iterator[Instruction]:
    """Every instruction of a block and of the blocks in it; blocks are told by what they hold."""
    waiting: list[object] = [block]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list | tuple):
            if item and isinstance(item[0], int):
                yield tuple(item)
            waiting.extend(part for part in item if isinstance(part, list | tuple))
