"""Compares what mldebt says about leakage with the labels of Yang et al. (ASE 2022): `python benchmarks/leakage.py CHECKOUT`.

CHECKOUT is a checkout of the public repository `malusamayo/leakage-analysis`. Its `tests/test_*.py` name for each input the calls whose training data are tainted;
an input counts as positive if any is named. Each input is scanned in a folder of its own, for `tests/` paths are muted.
"""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKS = {
    "test_preprocessing.py": ("preprocessing-leakage", "fit-on-test", "target-leakage"),
    "test_overlap.py": ("overlap-leakage",),
}


@dataclass(frozen=True, slots=True)
class Case:
    kind: str
    file: str
    tainted: tuple[str, ...]
    checks: tuple[str, ...]


def cases(checkout: Path) -> Iterator[Case]:
    """Each `template(file, [calls])` of the labelled tests."""
    for test, checks in CHECKS.items():
        for node in ast.walk(ast.parse((checkout / "tests" / test).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "template" and len(node.args) == 2:
                file, tainted = (ast.literal_eval(argument) for argument in node.args)
                yield Case(test.removeprefix("test_").removesuffix(".py"), file, tuple(tainted), checks)


def scan(source: Path) -> list[dict[str, object]]:
    """All findings on one input alone."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(source, Path(folder) / "main.py")
        command = [
            sys.executable,
            "-m",
            "mldebt",
            "scan",
            folder,
            "--root",
            folder,
            "--no-cache",
            "--profile",
            "all",
            "--format",
            "json",
            "--exit-zero",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return list(json.loads(done.stdout)["findings"])


def main(checkout: Path) -> None:
    right = wrong = 0
    started = time.perf_counter()
    for case in cases(checkout):
        found = [item for item in scan(checkout / "tests" / "inputs" / case.file) if item["name"] in case.checks]
        good = bool(found) == bool(case.tainted)
        right, wrong = right + good, wrong + (not good)
        lines = sorted({f"{item['name']}:{item['line']}" for item in found})
        print(f"{'ok   ' if good else 'WRONG'} {case.kind:14} {case.file:62} labelled {len(case.tainted)}  found {' '.join(lines) or '-'}")
    print(f"{right} of {right + wrong} as labelled, {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
