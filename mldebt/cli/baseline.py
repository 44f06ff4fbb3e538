"""`mldebt baseline`: the findings a team lives with for now."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from mldebt.analysis import ScanResult
    from mldebt.baseline import Known
    from mldebt.settings import Settings

_PARAMETERS = (
    click.option("--root", metavar="DIR", help="What is analysed; else the project around the working directory."),
    click.option("--config", metavar="FILE", help="The settings file, instead of the root's own."),
    click.option(
        "--baseline", metavar="FILE", help="The baseline; else the one that the settings name, else mldebt-baseline.json in the root."
    ),
    click.option("--jobs", "-j", type=click.IntRange(min=0), default=0, help="Worker processes; 0 = by machine."),
    click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
)


def _with_parameters(function: Any) -> Any:
    for parameter in reversed(_PARAMETERS):
        function = parameter(function)
    return function


@click.group("baseline", short_help="Keep the findings you live with for now.")
def command() -> None:
    """A baseline freezes the findings of today: a scan with it reports only new ones.

    It is a JSON file to commit, one finding per line. It holds no line numbers: moved lines and renamed files stay known.
    """


@command.command("update")
@click.option("--prune", is_flag=True, help="Only take out what is found no more; add nothing.")
@_with_parameters
def update(prune: bool, **common: Any) -> None:
    """Write the findings of the whole root into the baseline."""
    from mldebt.baseline import known_of, read_baseline, written
    from mldebt.cli.style import say, write_file
    from mldebt.report.wording import counted

    root, settings, file = _asked(common)
    before = read_baseline(file) if prune or os.path.exists(file) else ()  # noqa: PTH110 - never raises
    result = _result(root, settings, before, common)
    known = [one.finding for one in result.contents.suppressed if one.reason == _reason()]
    added = () if prune else result.contents.findings
    unasked = _of_other_checks(before, result)
    write_file(file, written([*map(known_of, (*known, *added)), *unasked]))
    say(f"{file}: {counted(len(known) + len(added) + len(unasked), 'finding')} ({len(added):,} added, {len(result.vanished):,} gone)")
    named = os.path.realpath(root / settings.baseline) == os.path.realpath(file) if settings.baseline else False
    if not named:
        say(f'Every scan uses it once the settings name it: baseline = "{Path(os.path.relpath(file, root)).as_posix()}"')


@command.command("show")
@_with_parameters
def show(**common: Any) -> None:
    """List the findings of the baseline, where they are today; and those that are there no more."""
    from mldebt.baseline import read_baseline
    from mldebt.cli.places import seen_from_here
    from mldebt.cli.style import say, write_out
    from mldebt.report import text
    from mldebt.report.wording import counted, visible

    root, settings, file = _asked(common)
    result = _result(root, settings, read_baseline(file), common)
    known = tuple(one.finding for one in result.contents.suppressed if one.reason == _reason())
    base, inside = seen_from_here(root)
    write_out(text.findings_text(known, base=base, inside=inside))
    write_out(
        "".join(f"gone: {visible(one.path)}: {visible(f'{one.code} {one.message}')} [{visible(one.name)}]\n" for one in result.vanished)
    )
    say(f"{file}: {counted(len(known), 'finding')} still there, {len(result.vanished):,} gone")


def _asked(common: dict[str, Any]) -> tuple[Path, Settings, str]:
    """The root, its settings, and the baseline file as seen from the working directory."""
    from mldebt.baseline import BASELINE_FILE
    from mldebt.settings import find_root, load_settings

    root = find_root((".",) if common["root"] is None else (), common["root"])
    settings = load_settings(root, common["config"])
    file = common["baseline"] or os.path.relpath(root / (settings.baseline or BASELINE_FILE))
    return root, settings, file


def _result(root: Path, settings: Settings, before: Sequence[Known], common: dict[str, Any]) -> ScanResult:
    from mldebt.analysis import ScanRequest
    from mldebt.cli.running import run
    from mldebt.plugins import load_checks, select_checks

    request = ScanRequest(root=root, settings=settings, jobs=common["jobs"], cache=not common["no_cache"], baseline=tuple(before))
    return run(request, select_checks(load_checks(), settings), common["root"] or ".")


def _of_other_checks(before: Sequence[Known], result: ScanResult) -> list[Known]:
    """Findings of checks that did not run: nobody knows whether they are still there."""
    ran = {rule.code for rule in result.contents.rules}
    return [one for one in before if one.code not in ran]


def _reason() -> str:
    from mldebt.analysis import BASELINE

    return BASELINE
