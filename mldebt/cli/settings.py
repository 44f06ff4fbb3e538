"""`mldebt settings`: which settings hold for a file, and their schema for editors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mldebt.core import MldebtError

if TYPE_CHECKING:
    from mldebt.api import Rule
    from mldebt.settings import Settings
    from mldebt.workspace.types import SourceFile, Workspace

Row = tuple[str, str]


@click.group("settings", short_help="Show which settings hold for a file; print their JSON Schema.")
def command() -> None:
    """Settings come from mldebt.toml or [tool.mldebt] of pyproject.toml; docs/settings.md lists them all."""


@command.command("schema")
def schema() -> None:
    """Print the JSON Schema of mldebt.toml, with the installed checks and their options."""
    from mldebt.cli.style import write_out
    from mldebt.plugins import load_checks, settings_schema
    from mldebt.report.wording import json_text

    write_out(json_text(settings_schema(load_checks())))


@command.command("show")
@click.argument("file", type=click.Path(readable=False))
@click.option("--root", metavar="DIR", help="The root; else the project around FILE.")
@click.option("--config", metavar="FILE", help="The settings file, instead of the root's own.")
def show(file: str, root: str | None, config: str | None) -> None:
    """Say what holds for FILE: root, settings files, profile, checks, severities, suppressions, owners."""
    from mldebt.cli.places import within
    from mldebt.cli.style import write_out
    from mldebt.report.wording import visible
    from mldebt.settings import find_root, load_settings
    from mldebt.workspace.discover import discover

    top = find_root((file,), root)
    path = (within(top, (file,)) or ("",))[0]
    if not path or Path(file).is_dir():
        raise MldebtError(f"{file}: a directory; name a file")
    settings = load_settings(top, config)
    rows = [("root", str(top)), *_rows(path, settings, discover(top, settings.exclude))]
    write_out("".join(f"{title:<13} {visible(text)}\n" if title else f"{'':<13} {visible(text)}\n" for title, text in rows))


def _rows(path: str, settings: Settings, workspace: Workspace) -> Iterator[Row]:
    yield "settings", settings.file or "none: the defaults"
    found = next((file for file in workspace.files if file.path == path), None)
    yield "file", path
    yield "analysed", _why_not(path, settings, workspace) if found is None else _as_what(found)
    if found is not None and _is_quiet(path, settings, workspace):
        yield "quiet", "nothing is reported of it unless a PATH names it, or code elsewhere calls it"
    yield "owners", " ".join(_owners(path, settings, workspace)) or "nobody"
    yield from _reporting(path, settings)
    if settings.baseline:
        yield "baseline", settings.baseline
    yield "fails on", settings.fail_on


def _as_what(file: SourceFile) -> str:
    return f"yes, {file.kind}, {file.role}" if file.kind not in ("data", "other") else f"no, {file.kind}"


def _why_not(path: str, settings: Settings, workspace: Workspace) -> str:
    from mldebt.settings import path_matcher

    for skipped in workspace.skipped:
        if f"{path}/".startswith(f"{skipped.path.rstrip('/')}/"):
            return f"no: {skipped.reason}"
    if path_matcher(settings.exclude)(path):
        return f"no: excluded by the settings in {settings.file}"
    return "no: git ignores it, or it is build output, a cache or an environment"


def _is_quiet(path: str, settings: Settings, workspace: Workspace) -> bool:
    from mldebt.analysis.quiet import Quiet
    from mldebt.analysis.reading import Reading
    from mldebt.analysis.snapshot import Snapshot
    from mldebt.facts.files import Disk

    return Quiet(workspace, settings, Reading(Snapshot(workspace, Disk(workspace.root)))).may_be_quiet(path)


def _owners(path: str, settings: Settings, workspace: Workspace) -> tuple[str, ...]:
    from mldebt.analysis.declared import owners_of
    from mldebt.analysis.reading import Reading
    from mldebt.analysis.snapshot import Snapshot
    from mldebt.facts.files import Disk

    owners = owners_of(Reading(Snapshot(workspace, Disk(workspace.root))), settings)
    return owners.owner_of(path) if owners is not None else ()


def _reporting(path: str, settings: Settings) -> Iterator[Row]:
    """Profile, checks and severities here, each with the setting that says so."""
    from mldebt.plugins import load_checks, select_checks
    from mldebt.settings import path_matcher

    installed = load_checks()
    running = [check.rule for check in select_checks(installed, settings)]
    here = [rule for rule in settings.per_path if path_matcher((rule.pattern,))(path)]
    profile = next((rule for rule in reversed(here) if rule.profile), None)
    yield (
        "profile",
        settings.profile + (f", narrowed to {profile.profile} by per-path {profile.pattern!r} ({profile.at})" if profile else ""),
    )
    ignored = {rule.name: one.pattern for one in here for rule in running if _is_named(rule, one.ignore)}
    reporting = [rule for rule in running if rule.name not in ignored]
    yield "checks", f"{len(reporting)} of {len(installed)} report here: {', '.join(rule.name for rule in reporting) or 'none'}"
    yield from (("ignored", f"{name} by per-path {pattern!r}") for name, pattern in sorted(ignored.items()))
    severity = next((rule for rule in reversed(here) if rule.severity), None)
    if severity is not None:
        yield "severity", f"{severity.severity} by per-path {severity.pattern!r} ({severity.at})"
    else:
        configured = (settings.checks.get(rule.name) for rule in reporting)
        yield from (("severity", f"{one.name} is {one.severity} ({one.at})") for one in configured if one is not None and one.severity)
    for one in settings.suppressions:
        if path_matcher((one.path,))(path):
            about = f" of {one.symbol!r}" if one.symbol else ""
            yield "suppressed", f"{one.name}{about} ({one.file}:{one.line}){f': {one.reason}' if one.reason else ''}"


def _is_named(rule: Rule, words: tuple[str, ...]) -> bool:
    return not {rule.name, rule.code, rule.family}.isdisjoint(words)
