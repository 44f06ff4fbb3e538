"""Measures what a scan costs, as ratios to the bare parse of the same Python in the same run.

    python benchmarks/measure.py DIR [DIR …] [--jobs N] [--runs N]

Copies the folders into one temporary tree (a single one as it is, several side by side) and leaves the originals alone. README.md says what
each line means.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from processes import Cost, FailedError, least, run

HERE = Path(__file__).resolve().parent
CACHE = ".mldebt_cache"
TWIN = "second_tree"
LEFT_OUT = (".git", CACHE, ".venv", "venv", "__pycache__", "node_modules")
HEAVY_MODULES = ("libcst", "networkx")
HELP_RUNS = 3
QUIET = 1.1  # how far apart the bare parses may be before the table says so
COULD_NOT_RUN = 2

COLD_BAR, MANY_BAR, WARM_BAR, CHANGED_BAR, STORED_ROOTS_BAR, GROWTH_BAR = 2.0, 1.25, 0.15, 0.6, 0.25, 2.2
WARM_SECONDS, WARM_FILES, CHANGED_SECONDS, HELP_SECONDS, MEMORY_MB = 1.0, 500, 0.8, 0.15, 400


@dataclass(frozen=True, slots=True)
class Bare:
    """The parse alone, and what was parsed."""

    cpu: float
    wall: float
    files: int
    lines: int
    bytes: int
    median_module: str | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; costs by the name of the run. `noise` is the slowest bare parse by the fastest."""

    bare: Bare
    noise: float
    costs: dict[str, Cost]
    jobs: int
    coverage: dict[str, int]
    findings: int
    imported: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    measured: str
    ratio: str = ""
    bar: str = ""
    held: bool | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        verdict = "" if self.held is None else "held" if self.held else "MISSED"
        return (self.what, self.measured, self.ratio, self.bar, verdict)


@dataclass(slots=True)
class Bench:
    """The trees of one benchmark below a temporary folder, and the runs over them."""

    tree: Path
    doubled: Path
    jobs: int
    bare: list[Bare] = field(default_factory=list)
    costs: dict[str, list[Cost]] = field(default_factory=lambda: defaultdict(list))

    def round(self, number: int) -> None:
        """Everything once, one after the other: what slows the machine down for a while slows all of it down."""
        self.bare.append(bare_parse(self.tree))
        module = self.bare[-1].median_module
        forget(self.tree)
        self._scan("cold", self.tree, "--jobs", "1")
        self._scan("unchanged", self.tree, "--jobs", "1")
        if module is not None:
            with changed(self.tree / module, number):
                self._scan("changed", self.tree, "--jobs", "1")
        forget(self.tree)
        self._scan("many", self.tree, "--jobs", str(self.jobs))
        forget(self.tree)
        self._scan("single", self.tree, "--jobs", "1", "--no-cache")
        self._scan("doubled", self.doubled, "--jobs", "1", "--no-cache")
        for _ in range(HELP_RUNS):
            self.costs["help"].append(run([*mldebt(), "--help"], self.tree.parent, environment()))
            self.costs["python"].append(run([sys.executable, "-c", "pass"], self.tree.parent, environment()))

    def _scan(self, name: str, tree: Path, *options: str) -> None:
        self.costs[name].append(run(scan(tree, *options), tree.parent, environment()))


# -- commands ---------------------------------------------------------------------------------------------------------


def mldebt() -> list[str]:
    return [sys.executable, "-m", "mldebt"]


def scan(tree: Path, *options: str) -> list[str]:
    return [*mldebt(), "scan", str(tree), "--root", str(tree), "--exit-zero", *options]


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MLDEBT_")}


def output_of(command: Sequence[str], directory: Path) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(command, cwd=directory, env=environment(), capture_output=True, text=True, check=False)
    if ended.returncode:
        raise FailedError(f"{' '.join(command)} ended with {ended.returncode}: {ended.stderr.strip()[-2000:]}")
    return ended


def bare_parse(tree: Path) -> Bare:
    return Bare(**json.loads(output_of([sys.executable, str(HERE / "bare_parse.py"), str(tree)], tree.parent).stdout))


def report(tree: Path) -> dict[str, Any]:
    """The JSON report. This run also fills the store, and writes the compiled modules that the measured runs find."""
    answer: dict[str, Any] = json.loads(output_of(scan(tree, "--format", "json"), tree.parent).stdout)
    return answer


def heavy_imports(tree: Path) -> tuple[str, ...]:
    """Which heavy libraries a scan of a tree imports that the store knows."""
    command = [sys.executable, "-X", "importtime", *scan(tree)[1:]]
    lines = output_of(command, tree.parent).stderr.splitlines()
    imported = {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}
    return tuple(name for name in HEAVY_MODULES if name in imported)


# -- trees ------------------------------------------------------------------------------------------------------------


def copy(folders: Sequence[Path], tree: Path) -> None:
    """One folder becomes the tree; several lie in it side by side."""
    ignore = shutil.ignore_patterns(*LEFT_OUT)
    for number, folder in enumerate(folders):
        place = tree / folder.name if len(folders) > 1 else tree
        if place.exists():
            place = tree / f"{folder.name}_{number}"
        shutil.copytree(folder, place, symlinks=True, ignore=ignore)


def double(tree: Path, doubled: Path) -> None:
    """The tree, and in it once more under another name, each Python file with a comment of its own so that no content is met twice."""
    shutil.copytree(tree, doubled, symlinks=True)
    shutil.copytree(tree, doubled / TWIN, symlinks=True)
    for number, module in enumerate(sorted((doubled / TWIN).rglob("*.py"))):
        if module.is_file() and not module.is_symlink():
            with module.open("ab") as file:
                file.write(f"\n# twin {number}\n".encode())


def forget(tree: Path) -> None:
    shutil.rmtree(tree / CACHE, ignore_errors=True)


@contextmanager
def changed(module: Path, number: int) -> Iterator[None]:
    """One module with one more assignment at its end; afterwards as it was."""
    before = module.read_bytes()
    module.write_bytes(before + f"\nCHANGED_{number} = {number}\n".encode())
    try:
        yield
    finally:
        module.write_bytes(before)


def measure(folders: Sequence[Path], jobs: int, runs: int, say: Callable[[str], None]) -> Figures:
    with tempfile.TemporaryDirectory(prefix="mldebt-benchmark-") as place:
        name = folders[0].name if len(folders) == 1 else "tree"
        bench = Bench(Path(place, name), Path(place, "doubled"), jobs)
        copy(folders, bench.tree)
        double(bench.tree, bench.doubled)
        say("one scan for the coverage")
        seen = report(bench.tree)
        imported = heavy_imports(bench.tree)
        for number in range(1, runs + 1):
            say(f"round {number} of {runs}")
            bench.round(number)
    best = replace(min(bench.bare, key=lambda bare: bare.cpu), wall=min(bare.wall for bare in bench.bare))
    noise = max(bare.cpu for bare in bench.bare) / best.cpu
    costs = {name: least(costs) for name, costs in bench.costs.items()}
    return Figures(best, noise, costs, jobs, seen["coverage"], len(seen["findings"]), imported)


# -- the table --------------------------------------------------------------------------------------------------------


def rows(figures: Figures) -> Iterator[Row]:
    bare, costs = figures.bare, figures.costs
    yield Row("bare libcst.parse_module, one process", cpu_of(bare.cpu), "1.00")
    yield against(f"cold scan, one process, {figures.findings} findings", costs["cold"].cpu, bare.cpu, COLD_BAR)
    many = costs["many"].wall / bare.wall
    yield Row(f"cold scan, {figures.jobs} processes", f"{costs['many'].wall:.2f} s wall", times(many), f"≤ {MANY_BAR}", many <= MANY_BAR)
    yield from warm_rows(figures)
    yield from changed_rows(figures)
    yield from growth_rows(costs["single"], costs["doubled"])
    more = costs["help"].cpu - costs["python"].cpu
    yield Row("mldebt --help, more than bare Python", cpu_of(more), "", f"≤ {HELP_SECONDS} s", more <= HELP_SECONDS)
    yield memory_row("peak memory, cold, one process", costs["cold"])
    yield memory_row(f"peak memory, cold, {figures.jobs} processes", costs["many"])


def warm_rows(figures: Figures) -> Iterator[Row]:
    cost, files = figures.costs["unchanged"], figures.bare.files
    yield against("unchanged tree, warm store", cost.cpu, figures.bare.cpu, WARM_BAR)
    held = cost.wall < WARM_SECONDS if files <= WARM_FILES else None
    yield Row("", f"{cost.wall:.2f} s wall", "", f"< {WARM_SECONDS:g} s for {WARM_FILES} files, here {files}", held)
    imported = " and ".join(figures.imported) or "neither"
    yield Row("", f"imports {imported}", "", f"neither {' nor '.join(HEAVY_MODULES)}", not figures.imported)


def changed_rows(figures: Figures) -> Iterator[Row]:
    cost = figures.costs.get("changed")
    if cost is None:
        yield Row("one file changed, warm", "no Python file")
        return
    ratio = cost.cpu / figures.bare.cpu
    held = ratio <= CHANGED_BAR or cost.cpu <= CHANGED_SECONDS
    yield Row("one file changed, warm", cpu_of(cost.cpu), times(ratio), f"≤ {CHANGED_BAR} or {CHANGED_SECONDS} s", held)
    yield Row("", "", "", f"≤ {STORED_ROOTS_BAR} once results of roots are stored", None)


def growth_rows(single: Cost, doubled: Cost) -> Iterator[Row]:
    for what, before, after, text in (
        ("growth, two trees instead of one, time", single.cpu, doubled.cpu, f"{single.cpu:.2f} → {cpu_of(doubled.cpu)}"),
        (
            "growth, two trees instead of one, memory",
            single.memory,
            doubled.memory,
            f"{megabytes(single):.0f} → {megabytes(doubled):.0f} MB",
        ),
    ):
        yield Row(what, text, times(after / before), f"≤ {GROWTH_BAR}", after / before <= GROWTH_BAR)


def memory_row(what: str, cost: Cost) -> Row:
    return Row(what, f"{megabytes(cost):.0f} MB", "", f"≤ {MEMORY_MB} MB", megabytes(cost) <= MEMORY_MB)


def against(what: str, cpu: float, bare: float, bar: float) -> Row:
    return Row(what, cpu_of(cpu), times(cpu / bare), f"≤ {bar}", cpu / bare <= bar)


def cpu_of(seconds: float) -> str:
    return f"{seconds:.2f} s CPU"


def times(ratio: float) -> str:
    return f"{ratio:.2f}"


def megabytes(cost: Cost) -> float:
    return cost.memory / 1_000_000


def table(figures: Figures) -> Iterator[str]:
    """The lines of the table, then what the scan saw: a bar met by seeing less is not met."""
    bare = figures.bare
    yield f"{bare.files:,} files, {bare.lines:,} lines, {bare.bytes / 1_000_000:.2f} MB of Python"
    lines = [("what", "measured", "ratio", "bar", ""), *(row.cells for row in rows(figures))]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    for what, measured, ratio, bar, held in lines:
        yield f"{what:<{widths[0]}}  {measured:>{widths[1]}}  {ratio:>{widths[2]}}  {bar:<{widths[3]}}  {held}".rstrip()
    if figures.noise > QUIET:
        yield f"noisy: the slowest bare parse took {figures.noise:.2f} times the fastest"
    seen = figures.coverage
    yield f"files read {seen['files'] - seen['unreadable']:,} of {seen['files']:,}"
    for what, total in (("calls", seen["calls"]), ("paths", seen["paths"]), ("config_loads", seen["config_loads"])):
        share = f" ({seen[f'{what}_resolved'] / total:.0%})" if total else ""
        yield f"{what.replace('_', ' ')} followed {seen[f'{what}_resolved']:,} of {total:,}{share}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure what a scan costs, against the bare parse of the same Python.")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="a folder with Python in it; it is copied")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes of the parallel scan (2)")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="how often everything is run; the least counts (3)")
    given = parser.parse_args()
    for folder in given.folders:
        if not folder.is_dir():
            parser.error(f"{folder}: not a directory")
    if min(given.jobs, given.runs) < 1:
        parser.error("--jobs and --runs must be at least 1")
    return given


def main() -> int:
    given = arguments()
    try:
        figures = measure([folder.resolve() for folder in given.folders], given.jobs, given.runs, lambda text: print(text, file=sys.stderr))
    except FailedError as error:
        print(error, file=sys.stderr)
        return COULD_NOT_RUN
    for line in table(figures):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
