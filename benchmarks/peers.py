"""Compares what a scan costs with other linters on the same tree in the same run.

    python benchmarks/peers.py DIR [DIR …] [--peer NAME=COMMAND …] [--jobs N] [--runs N]

README.md says how to install the others beside mldebt, and what the table means.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from measure import COULD_NOT_RUN, QUIET, bare_parse, copy, environment, forget, megabytes, scan
from processes import Cost, FailedError, least, run

COLD, MANY, WARM = "mldebt, cold", "mldebt, cold, {} processes", "mldebt, unchanged tree"


@dataclass(frozen=True, slots=True)
class Peer:
    """How another linter looks at a whole tree in one process, with its own rules and no settings but its defaults.

    `successes` are the exit codes that only say whether something was found.
    """

    arguments: tuple[str, ...]
    successes: tuple[int, ...] = (0,)


PEERS: Mapping[str, Peer] = MappingProxyType(
    {
        "pylint": Peer(("--jobs=1", "--exit-zero", "--recursive=y", "--rcfile=/dev/null", "--persistent=n", "--score=n")),
        "flake8": Peer(("--isolated", "--jobs=1", "--exit-zero")),
        "ruff": Peer(("check", "--isolated", "--no-cache", "--exit-zero", "--output-format=concise")),
        "vulture": Peer(("--config=/dev/null",), (0, 3)),
        "torchfix": Peer(("--select=ALL", "--jobs=1"), (0, 1)),
    }
)


@dataclass(frozen=True, slots=True)
class Measured:
    """The least cost of a tool, how many lines it printed, and how far its CPU times were apart."""

    tool: str
    version: str
    cost: Cost
    lines: int
    noise: float


def found(named: Mapping[str, str]) -> dict[str, str]:
    """The command of each peer that is there: the named one, else that on PATH."""
    commands = {name: named.get(name) or shutil.which(name) for name in PEERS}
    return {name: command for name, command in commands.items() if command}


def version_of(name: str, command: str, directory: Path) -> str:
    ended = subprocess.run([command, "--version"], cwd=directory, env=environment(), capture_output=True, text=True, check=False)
    if ended.returncode:
        raise FailedError(f"{command} --version ended with {ended.returncode}: {ended.stderr.strip()[-500:]}")
    if "mldebt" in ended.stdout:
        raise FailedError(f"{command} has mldebt's plug-in: install {name} in an environment of its own")
    return next(iter(ended.stdout.split("(")[0].removeprefix(name).split()), "")


def measure(
    folders: Sequence[Path], commands: Mapping[str, str], jobs: int, runs: int, say: Callable[[str], None]
) -> tuple[float, list[Measured]]:
    """The CPU seconds of the bare parse, and every tool; each round runs them all once, so that busy spells hit all alike."""
    costs: dict[str, list[Cost]] = defaultdict(list)
    lines: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="mldebt-peers-") as place:
        tree, output = Path(place, folders[0].name if len(folders) == 1 else "tree"), f"{place}/output"
        copy(folders, tree)
        versions = {name: version_of(name, command, tree.parent) for name, command in commands.items()}

        def once(tool: str, command: Sequence[str], successes: Sequence[int] = (0,)) -> None:
            cost = run(command, tree.parent, environment(), output=output, successes=successes)
            costs[tool].append(cost)
            lines[tool] = Path(output).read_bytes().count(b"\n")
            say(f"  {tool}: {cost.cpu:.2f} s CPU, {cost.wall:.2f} s wall")

        parse = []
        for number in range(1, runs + 1):
            say(f"round {number} of {runs}")
            parse.append(bare_parse(tree).cpu)
            forget(tree)
            once(MANY.format(jobs), scan(tree, "--jobs", str(jobs)))
            forget(tree)
            once(COLD, scan(tree, "--jobs", "1"))
            once(WARM, scan(tree, "--jobs", "1"))
            forget(tree)
            for name, command in commands.items():
                once(name, [command, *PEERS[name].arguments, str(tree)], PEERS[name].successes)
    return min(parse), [
        Measured(tool, versions.get(tool, ""), least(made), lines[tool], max(cost.cpu for cost in made) / min(cost.cpu for cost in made))
        for tool, made in costs.items()
    ]


def table(measured: Sequence[Measured], bare: float) -> Iterator[str]:
    """A line for each tool, with what the cold scan costs in one process in terms of it."""
    cold = next(one.cost for one in measured if one.tool == COLD)
    rows = [("tool", "version", "CPU", "wall", "memory", "lines", "cold/CPU", "cold/wall")]
    for one in sorted(measured, key=lambda one: -one.cost.cpu):
        ratios = (f"{cold.cpu / one.cost.cpu:.2f}", f"{cold.wall / one.cost.wall:.2f}")
        memory = f"{megabytes(one.cost):.0f} MB"
        rows.append((one.tool, one.version, f"{one.cost.cpu:.2f} s", f"{one.cost.wall:.2f} s", memory, f"{one.lines:,}", *ratios))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        texts = zip(row, widths, strict=True)
        yield "  ".join(text.ljust(width) if column < 2 else text.rjust(width) for column, (text, width) in enumerate(texts)).rstrip()
    yield f"bare libcst.parse_module of the same files: {bare:.2f} s CPU"
    if noisy := [f"{one.tool} {one.noise:.2f}" for one in measured if one.noise > QUIET]:
        yield f"noisy, slowest by fastest run: {', '.join(noisy)}"


def _named(text: str) -> tuple[str, str]:
    name, equals, command = text.partition("=")
    if name not in PEERS or not equals or shutil.which(command) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=COMMAND with a NAME of {', '.join(PEERS)} and a program")
    return name, str(Path(command).absolute()) if "/" in command else command


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare what a scan costs with other linters on the same tree.")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="folders with Python; they are copied, never written to")
    parser.add_argument(
        "--peer", action="append", type=_named, default=[], metavar="NAME=COMMAND", help="where another linter is; else on PATH"
    )
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="worker processes of the parallel scan (2)")
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
    commands = found(dict(given.peer))
    try:
        folders = [folder.resolve() for folder in given.folders]
        bare, measured = measure(folders, commands, given.jobs, given.runs, lambda text: print(text, file=sys.stderr))
    except FailedError as error:
        print(error, file=sys.stderr)
        return COULD_NOT_RUN
    for line in table(measured, bare):
        print(line)
    if missing := [name for name in PEERS if name not in commands]:
        print(f"not found: {', '.join(missing)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
