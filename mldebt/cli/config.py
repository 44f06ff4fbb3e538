"""`mldebt config`: the settings of a repository as programs get them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mldebt.core import MldebtError

if TYPE_CHECKING:
    from mldebt.analysis.resolved import ConfigReader, Readers
    from mldebt.core import Location
    from mldebt.report.configs import ResolvedConfig

_COMMON = (
    click.option("--root", metavar="DIR", help="What is analysed; else the project around the working directory."),
    click.option("--config", metavar="FILE", help="The settings file of mldebt, instead of the root's own."),
    click.option("--jobs", "-j", type=click.IntRange(min=0), default=0, help="Worker processes; 0 = by machine."),
    click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
)
_OUTPUT = click.option("--output", "-o", metavar="FILE", help="Write to a file instead of stdout; .html, .md and .json name the format.")
_SUFFIXES = {".html": "html", ".htm": "html", ".md": "markdown", ".json": "json"}


def _with_common(function: Any) -> Any:
    for parameter in reversed(_COMMON):
        function = parameter(function)
    return function


@click.group("config", short_help="Show, compare and describe the settings of the repository.")
def command() -> None:
    """Ask the config files of the repository: what a program gets, where each value comes from, who reads it.

    FILE is a YAML, JSON or TOML file; REV:FILE is the file of a git revision. A file with a Hydra defaults list is composed; a file of a config group
    is composed into the primary config that it changes.
    """


@command.command("show")
@click.argument("file")
@click.argument("overrides", nargs=-1)
@click.option("--format", "format_", type=click.Choice(["text", "json", "html"]), help="[default: text, or what --output says]")
@_OUTPUT
@_with_common
def show(file: str, overrides: tuple[str, ...], format_: str | None, output: str | None, **common: Any) -> None:
    """Show every key of FILE with its value, the place that sets it and the code that reads it; OVERRIDES are Hydra's, as experiment=wide."""
    from mldebt.report.configs import config_json, config_text

    config = _Files(common).resolve(file, overrides)
    match _format(format_, output):
        case "html":
            from mldebt.report.html.configs import config_page

            _write(config_page(config), output)
        case "json":
            _write(config_json(config), output)
        case _:
            _write(config_text(config), output)


@command.command("diff")
@click.argument("left")
@click.argument("right")
@click.option("--format", "format_", type=click.Choice(["text", "markdown", "json", "html"]), help="[default: text, or what --output says]")
@_OUTPUT
@_with_common
def diff(left: str, right: str, format_: str | None, output: str | None, **common: Any) -> None:
    """Compare two configs, two experiments, or two revisions of one: key by key, own or inherited, and the code that reads what differs.

    LEFT and RIGHT are FILE or REV:FILE. Exit code 0: compared, whether they differ or not; 2: mldebt could not run.
    """
    from mldebt.cli.style import say
    from mldebt.report.configs import diff_json, diff_markdown, diff_text, differences, tally

    files = _Files(common)
    one, other = files.resolve(left, ()), files.resolve(right, ())
    match _format(format_, output):
        case "html":
            from mldebt.report.html.configs import diff_page

            _write(diff_page(one, other), output)
        case "markdown":
            _write(diff_markdown(one, other), output)
        case "json":
            _write(diff_json(one, other), output)
        case _:
            _write(diff_text(one, other), output)
    say(tally(differences(one, other)))


@command.command("unused")
@_with_common
def unused(**common: Any) -> None:
    """List the settings that nothing reads: keys of config files, options of command lines, parameters that a stage declares."""
    from mldebt.cli.places import seen_from_here
    from mldebt.cli.style import say, write_out
    from mldebt.report.text import findings_text
    from mldebt.report.wording import counted

    files = _Files(common)
    found = [finding for finding in files.contents.findings if finding.rule.name in _UNUSED]
    base, inside = seen_from_here(files.root)
    write_out(findings_text(found, base=base, inside=inside))
    say(f"{counted(len(found), 'setting')} that nothing reads")


_UNUSED = frozenset({"unused-config-key", "unused-cli-flag", "unused-declared-dependency"})


@command.command("schema")
@click.argument("file")
@click.argument("overrides", nargs=-1)
@click.option("--as", "as_", type=click.Choice(["json-schema", "dataclass", "pydantic"]), default="json-schema", show_default=True)
@_with_common
def schema(file: str, overrides: tuple[str, ...], as_: str, **common: Any) -> None:
    """Draft a schema of FILE from its values: a JSON Schema, or Python classes that refuse unknown keys and wrong types."""
    from mldebt.cli.style import write_out
    from mldebt.report.schemas import dataclasses_of, json_schema_of, pydantic_of

    draft = {"json-schema": json_schema_of, "dataclass": dataclasses_of, "pydantic": pydantic_of}[as_]
    config, tree = _Files(common).values(file, overrides)
    write_out(draft(config, tree))


class _Files:
    """The config files of the repository, of the working tree and of revisions, with what a scan knows of their readers."""

    def __init__(self, common: dict[str, Any]) -> None:
        from mldebt.analysis import ScanRequest
        from mldebt.cli.running import run
        from mldebt.plugins import load_checks, select_checks
        from mldebt.settings import find_root, load_settings

        self.root = find_root((".",) if common["root"] is None else (), common["root"])
        self._settings = load_settings(self.root, common["config"])
        request = ScanRequest(root=self.root, settings=self._settings, jobs=common["jobs"], cache=not common["no_cache"])
        self.contents = run(request, select_checks(load_checks(), self._settings), common["root"] or ".").contents

    def resolve(self, named: str, overrides: tuple[str, ...]) -> ResolvedConfig:
        with self._reader(named) as (reader, path):
            return reader.resolve(path, overrides, self._readers())

    def values(self, named: str, overrides: tuple[str, ...]) -> tuple[ResolvedConfig, dict[str, Any]]:
        """The config, and its values as a loader gives them."""
        with self._reader(named) as (reader, path):
            return reader.resolve(path, overrides, self._readers()), reader.values(path, overrides)

    @contextmanager
    def _reader(self, named: str) -> Iterator[tuple[ConfigReader, str]]:
        """A reader of the snapshot that FILE or REV:FILE means, and the path in it."""
        from mldebt.analysis.resolved import ConfigReader
        from mldebt.analysis.snapshot import at_commit, on_disk

        now = on_disk(self.root, self._settings.exclude, {})
        revision, colon, path = named.rpartition(":")
        if not colon or os.path.exists(named):  # noqa: PTH110 - never raises
            yield ConfigReader(now, self._settings), self._inside(named)
            return
        with at_commit(now.workspace, revision, self._settings.exclude) as then:
            yield ConfigReader(then, self._settings, f"{revision}:"), self._inside(path)

    def _inside(self, path: str) -> str:
        """The path relative to the root; the file of a revision need not be there today."""
        place = Path(os.path.abspath(path))  # noqa: PTH100 - links stay links
        if not place.is_relative_to(self.root):
            raise MldebtError(f"{path}: lies outside the root {self.root}")
        return place.relative_to(self.root).as_posix()

    def _readers(self) -> Readers:
        """Each line once."""
        found: dict[tuple[str, str], dict[tuple[str, int | None, int], Location]] = {}
        for one in self.contents.key_readings:
            found.setdefault((one.file, one.key), {}).setdefault((one.at.path, one.at.cell, one.at.line), one.at)
        return {key: tuple(places.values()) for key, places in found.items()}


def _format(given: str | None, output: str | None) -> str:
    """What --format says, else what the suffix of --output says."""
    return given or _SUFFIXES.get(Path(output or "").suffix.lower(), "text")


def _write(text: str, output: str | None) -> None:
    from mldebt.cli.style import write_file, write_out

    if output is None:
        write_out(text)
    else:
        write_file(output, text)
