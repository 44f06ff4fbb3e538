"""`mldebt init`: a settings file with comments, written after a look at the repository."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mldebt.core import MldebtError

if TYPE_CHECKING:
    from mldebt.analysis import ScanResult
    from mldebt.workspace.types import Workspace

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Look:
    """What the repository is made of: files by kind, folders with notebooks, folders whose name says that they are over."""

    python: int
    notebooks: int
    configs: int
    notebook_folders: tuple[str, ...]
    attics: tuple[str, ...]
    has_owners: bool


@click.command("init", short_help="Write a settings file with comments.")
@click.option("--root", metavar="DIR", help="Where it is written; else the project around the working directory.")
@click.option("--baseline", "freeze", is_flag=True, help="Write a baseline too: only findings that are new from now on are reported.")
@click.option("--jobs", "-j", type=click.IntRange(min=0), default=0, help="Worker processes; 0 = by machine.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
def command(root: str | None, freeze: bool, jobs: int, no_cache: bool) -> None:
    """Look at the repository and write mldebt.toml: the settings that most teams touch, each with a comment.

    It never replaces settings that are there.
    """
    from mldebt.analysis import ScanRequest
    from mldebt.baseline import BASELINE_FILE, known_of, written
    from mldebt.cli.running import run
    from mldebt.cli.style import say, write_file
    from mldebt.plugins import load_checks, select_checks
    from mldebt.report.text import summary
    from mldebt.report.wording import counted
    from mldebt.settings import SETTINGS_FILE, find_root, load_settings

    top = find_root((".",) if root is None else (), root)
    settings = load_settings(top)
    if settings.file:
        raise MldebtError(f"{settings.file}: the settings are there already; mldebt settings show FILE tells what they say")
    for name in (SETTINGS_FILE, *((BASELINE_FILE,) if freeze else ())):
        if os.path.lexists(top / name):
            raise MldebtError(f"{os.path.relpath(top / name)}: is there already")
    result = run(
        ScanRequest(root=top, settings=settings, jobs=jobs, cache=not no_cache), select_checks(load_checks(), settings), root or "."
    )
    findings = result.contents.findings
    frozen = BASELINE_FILE if freeze else ""
    if frozen:
        write_file(os.path.relpath(top / frozen), written(map(known_of, findings)))
    write_file(os.path.relpath(top / SETTINGS_FILE), "".join(f"{line}\n" for line in _lines(_look(top), result, frozen)))
    say(summary(result.contents).rstrip("\n"), keep="\n")
    say(f"Written: {SETTINGS_FILE}" + (f", {frozen} with {counted(len(findings), 'finding')}" if frozen else ""))
    if findings and not frozen:
        say('To start quiet: mldebt baseline update, then baseline = "mldebt-baseline.json" in mldebt.toml; both are to be committed')
    say("Next: mldebt scan --full, mldebt scan --output report.html")


def _look(root: Path) -> _Look:
    from mldebt.workspace.discover import discover

    workspace = discover(root)
    kinds = Counter(file.kind for file in workspace.files)
    folders = Counter(file.path.rpartition("/")[0].partition("/")[0] for file in workspace.files if file.kind == "notebook")
    return _Look(
        python=kinds["python"],
        notebooks=kinds["notebook"],
        configs=sum(kinds[kind] for kind in ("yaml", "json", "toml", "ini", "dvc")),
        notebook_folders=tuple(folder for folder, _ in sorted(folders.items(), key=lambda item: (-item[1], item[0])) if folder)[
            :_MOST_NAMED
        ],
        attics=tuple(sorted(set(_attics(workspace)))[:_MOST_NAMED]),
        has_owners=bool(kinds["owners"]),
    )


def _attics(workspace: Workspace) -> Iterator[str]:
    from mldebt.workspace.roles import says_over

    for file in workspace.files:
        parts = file.path.split("/")[:-1]
        at = next((number for number, part in enumerate(parts) if says_over(part)), None)
        if at is not None and file.kind in ("python", "notebook"):
            yield "/".join(parts[: at + 1])


def _lines(look: _Look, result: ScanResult, baseline: str) -> Iterator[str]:
    from mldebt.report.wording import counted, visible

    counts = [counted(look.python, "Python file"), counted(look.notebooks, "notebook"), counted(look.configs, "config")]
    yield f"# Settings of mldebt. Written after a look at {', '.join(counts)}."
    yield "# All keys: docs/settings.md of mldebt; what holds for a file: mldebt settings show FILE"
    yield ""
    yield '# How much is reported: "default" speaks of what is certain or firm, "strict" of more kinds of debt, "all" of guesses too.'
    yield 'profile = "default"'
    yield ""
    yield "# The least severity that ends a scan with exit code 1: blocker, critical, major, minor."
    yield 'fail-on = "minor"'
    yield ""
    yield "# Findings to live with for now; `mldebt baseline update` writes the file, which is to be committed."
    yield f'baseline = "{baseline}"' if baseline else '# baseline = "mldebt-baseline.json"'
    yield "# How much new debt may come in beside it: a severity, or a time."
    yield '# fail-on-new = "30min"'
    yield ""
    yield "# Files to leave out, as in .gitignore. Environments, caches, build output and what git ignores are left out anyway."
    attics = ", ".join(_quoted(visible(f"{folder}/")) for folder in look.attics)
    yield f"# exclude = [{attics or _quoted('legacy/')}]" + ("  # their names say that they are over" if attics else "")
    yield ""
    yield "# What in-house wrappers do, so that rows and columns can be followed through them; `mldebt scan --draft-library FILE` drafts one."
    yield '# libraries = ["mldebt-wrappers.yaml"]'
    yield ""
    if not look.has_owners:
        yield "# Who owns which files (there is no CODEOWNERS): `mldebt scan --group-by owner`."
        yield "# [owners]"
        yield '# "src/**" = ["@team"]'
        yield ""
    yield "# What holds for some files only."
    yield "# [per-path]"
    for folder in look.notebook_folders or ("notebooks",):
        yield f'# {_quoted(visible(f"{folder}/**"))} = {{ severity = "info" }}'
    yield ""
    yield from _frequent(result)
    yield "# What the team says of its data: `mldebt graph manifest` drafts [sources] and [features]."


def _frequent(result: ScanResult) -> Iterator[str]:
    from mldebt.report.wording import counted

    counts = Counter(finding.rule.name for finding in result.contents.findings)
    if counts:
        name, number = min(counts.items(), key=lambda item: (-item[1], item[0]))
        how_often = counted(number, "finding")
        yield f"# The most frequent check today ({how_often}): `mldebt explain {name}` says why it is debt."
        yield f"# [checks.{name}]"
        yield '# severity = "major"'
        yield ""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
