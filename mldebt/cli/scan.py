"""`mldebt scan`: analyses a repository and reports what it finds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from mldebt.cli.gate import exceeds, fails
from mldebt.core import SEVERITIES, MldebtError, Severity

if TYPE_CHECKING:
    from mldebt.analysis import ScanResult
    from mldebt.baseline import Known
    from mldebt.report.contents import Contents
    from mldebt.settings import DebtLimit, Profile, Settings

FORMATS = (
    "text",
    "json",
    "sarif",
    "html",
    "github",
    "gitlab",
    "junit",
    "azure",
    "markdown",
)  # the keys of mldebt.report.formats, which --help must not import


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """The command line, as click gives it."""

    paths: tuple[str, ...]
    root: str | None
    format: str
    output: tuple[str, ...]
    full: bool
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    exclude: tuple[str, ...]
    force_exclude: bool
    profile: Profile | None
    fail_on: Severity | None
    exit_zero: bool
    baseline: str | None
    no_baseline: bool
    diff: str
    fail_on_new: str | None
    group_by: Literal["owner", "check"] | None
    statistics: bool
    timing: bool
    jobs: int
    no_cache: bool
    config: str | None
    explain: str
    unresolved: bool
    draft_library: str | None
    sarif_full: bool
    quiet: bool
    color: Literal["auto", "always", "never"]


_PARAMETERS = (
    click.argument("paths", nargs=-1, type=click.Path(readable=False)),
    click.option("--root", metavar="DIR", help="What is analysed; else the project around the first PATH."),
    click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True, help="What stdout gets."),
    click.option("--output", "-o", multiple=True, metavar="[FORMAT=]FILE", help="Write a report to a file too; may be repeated."),
    click.option("--full", is_flag=True, help="Text with source lines, evidence and advice."),
    click.option("--select", multiple=True, metavar="NAMES", help="Only these checks: names, codes, families, separated by commas."),
    click.option("--ignore", multiple=True, metavar="NAMES", help="Without these checks."),
    click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave files out (gitignore pattern)."),
    click.option("--force-exclude", is_flag=True, help="Pass over PATHS that are left out of the analysis (for hooks that name files)."),
    click.option("--profile", type=click.Choice(["default", "strict", "all"]), help="How much to report."),
    click.option("--fail-on", type=click.Choice(SEVERITIES[:-1]), help="The least severity that ends with exit code 1 (minor)."),
    click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found."),
    click.option("--baseline", metavar="FILE", help="Hold back the findings of this file, which `mldebt baseline update` writes."),
    click.option("--no-baseline", is_flag=True, help="See through the baseline that the settings name."),
    click.option(
        "--diff", default="", metavar="REV", help="Only findings that are not in the newest commit shared with this git revision."
    ),
    click.option(
        "--fail-on-new", metavar="LIMIT", help="With --baseline or --diff: a severity, or how much new debt may come in (60min, 2h)."
    ),
    click.option("--group-by", type=click.Choice(["owner", "check"]), help="Text in groups; owners are those of CODEOWNERS."),
    click.option("--statistics", is_flag=True, help="Text with the number of findings of each check instead."),
    click.option("--timing", is_flag=True, help="Say where the time went."),
    click.option("--jobs", "-j", type=click.IntRange(min=0), default=0, help="Worker processes; 0 = by machine."),
    click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
    click.option("--config", metavar="FILE", help="The settings file, instead of the root's own."),
    click.option("--explain", default="", metavar="VALUE", help="Say what is known of a value, and why something is unknown."),
    click.option("--unresolved", is_flag=True, help="List what could not be followed, the most costly first."),
    click.option("--draft-library", metavar="FILE", help="Write a library file to fill in, with the calls that could not be followed."),
    click.option("--sarif-full", is_flag=True, help="SARIF with suppressed findings."),
    click.option("--quiet", "-q", is_flag=True, help="Write errors only; stdout stays empty."),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True),
)


def _with_parameters(function: Callable[..., None]) -> Callable[..., None]:
    for parameter in reversed(_PARAMETERS):
        function = parameter(function)
    return function


@click.command("scan", short_help="Analyse a repository and report its debt.")
@_with_parameters
@click.pass_context
def command(context: click.Context, /, **given: Any) -> None:
    """Analyse the repository around PATHS (by default the working directory) and report what lies in PATHS.

    Exit code 0: nothing at or above --fail-on; 1: findings; 2: mldebt could not run.
    """
    context.exit(scan(ScanOptions(**given)))


def scan(options: ScanOptions) -> int:
    """Scans each project that PATHS lie in, and returns the highest exit code."""
    from mldebt.cli.places import by_project

    projects = (options.paths,) if options.root else by_project(options.paths)
    if len(projects) > 1 and (options.format != "text" or options.output or options.draft_library):
        named = ", ".join(paths[0] for paths in projects[:3])
        raise MldebtError(
            f"PATHS lie in {len(projects)} projects ({named}, …): a report is about one; scan them one by one, or name --root"
        )
    return max(_scan(replace(options, paths=paths)) for paths in projects)


def _scan(options: ScanOptions) -> int:
    """Runs a scan, writes all reports, and returns the exit code."""
    from mldebt.analysis import ScanRequest
    from mldebt.cli.places import require_files, root_worth_naming, working_directory
    from mldebt.cli.running import run
    from mldebt.cli.style import require_stdout, say
    from mldebt.plugins import load_checks, select_checks
    from mldebt.settings import find_root

    working_directory()
    if not options.quiet:
        require_stdout()
    if options.format != "text" and (options.statistics or options.group_by):
        raise MldebtError(f"--{'statistics' if options.statistics else 'group-by'} is for text, not for --format {options.format}")
    files = _outputs(options.output)
    if options.draft_library is not None and (why := _unwritable(options.draft_library) or _taken(options.draft_library)):
        raise MldebtError(f"--draft-library {options.draft_library}: {why}")
    given = options.paths or (() if options.root else (".",))
    root = find_root(given, options.root)
    settings = _settings(root, options)
    checks = select_checks(load_checks(), settings, _words(options.select), _words(options.ignore))
    if not checks:
        raise MldebtError("no check is selected")
    paths = require_files(root, given, settings, options.exclude, forgiving=options.force_exclude)
    if paths is None:
        return 0
    known = _known(root, options, settings)
    limit = _limit(options, settings, compares=known is not None or bool(options.diff))
    request = ScanRequest(
        root=root,
        settings=settings,
        paths=paths,
        jobs=options.jobs,
        cache=not options.no_cache,
        explain=options.explain,
        baseline=known or (),
        since=options.diff,
    )
    named = options.root or (*options.paths, ".")[0]
    result = run(request, checks, named, quiet=options.quiet, timing=options.timing)
    _publish(result, options, files, root)
    if not options.quiet and root_worth_naming(root, paths):
        say(f"Root: {root}")
    if options.exit_zero:
        return 0
    return int(fails(result.contents, settings.fail_on) if limit is None else exceeds(result.contents, limit))


def _known(root: Path, options: ScanOptions, settings: Settings) -> tuple[Known, ...] | None:
    """The findings of the baseline; None where none is asked for."""
    from mldebt.baseline import read_baseline

    if options.baseline is not None:
        return read_baseline(options.baseline)
    if settings.baseline and not options.no_baseline:
        return read_baseline(os.path.relpath(root / settings.baseline))
    return None


def _limit(options: ScanOptions, settings: Settings, *, compares: bool) -> DebtLimit | None:
    from mldebt.settings import debt_limit

    if options.fail_on_new is None:
        return settings.fail_on_new if compares else None
    limit = debt_limit(options.fail_on_new)
    if limit is None:
        raise MldebtError(
            f"--fail-on-new {options.fail_on_new}: neither a severity ({', '.join(SEVERITIES[:-1])}) nor a time such as 60min"
        )
    if not compares:
        raise MldebtError("--fail-on-new tells new findings from known ones: it needs --baseline FILE or --diff REV")
    return limit


def _words(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(word.strip() for text in given for word in text.split(",") if word.strip())


def _settings(root: Path, options: ScanOptions) -> Settings:
    """The settings file, overridden by the command line."""
    from mldebt.settings import load_settings

    settings = load_settings(root, options.config)
    return replace(
        settings,
        profile=options.profile or settings.profile,
        fail_on=options.fail_on or settings.fail_on,
        exclude=(*settings.exclude, *options.exclude),
    )


def _outputs(given: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(format, file) of each `--output`; the folder must be there before the scan, not after it."""
    from mldebt.report.formats import format_of

    outputs = []
    for text in given:
        name, equals, file = text.partition("=")
        named = equals and name in FORMATS
        file = file if named else text
        if not file:
            raise MldebtError(f"--output {text}: no file name")
        if why := _unwritable(file):
            raise MldebtError(f"--output {text}: {why}")
        format_name = name if named else format_of(text)
        outputs.append((format_name, file))
    return tuple(outputs)


def _unwritable(file: str) -> str:
    """Why nothing can be written there, "" where it may be; the scan is not for nothing then."""
    folder = os.path.dirname(os.path.realpath(file))  # noqa: PTH120 - these functions of `os` never raise
    if os.path.isdir(file) or file.endswith(os.sep):  # noqa: PTH112
        return "is a directory; name a file"
    if not os.path.isdir(folder):  # noqa: PTH112
        return "no such folder"
    is_device = os.path.exists(file) and not os.path.isfile(file)  # noqa: PTH110, PTH113
    return "" if is_device or os.path.abspath(file).startswith(("/dev/", "/proc/")) or os.access(folder, os.W_OK) else "permission denied"  # noqa: PTH100


def _taken(file: str) -> str:
    """A draft is filled in by hand: it never replaces a file."""
    return "is there already; name a new file" if os.path.isfile(file) else ""  # noqa: PTH113 - never raises


def _publish(result: ScanResult, options: ScanOptions, files: Sequence[tuple[str, str]], root: Path) -> None:
    """Files first: a reader of stdout may leave early."""
    from mldebt.cli.style import say, wants_colour, write_file, write_out
    from mldebt.report import text

    if options.draft_library:
        from mldebt.report.unresolved import library_draft

        write_file(options.draft_library, library_draft(result.contents))
    for name, file in files:
        write_file(file, _rendered(name, result.contents, options, root, colour=False))
    if options.quiet:
        return
    as_text = options.format == "text"
    report = _rendered(options.format, result.contents, options, root, colour=as_text and wants_colour(options.color))
    explanation = _explanation(result, options)
    write_out(report + (explanation if as_text else ""), _terminal_encoding() if as_text else "utf-8")
    if not as_text and explanation:
        say(explanation.rstrip("\n"), keep="\n")
    say(text.summary(result.contents).rstrip("\n"), keep="\n")
    for note in (*_compared(result, options), *result.notes):
        say(note)


def _compared(result: ScanResult, options: ScanOptions) -> Iterator[str]:
    """What the other side of a comparison has and this one has not."""
    from mldebt.report.wording import counted

    if result.fixed:
        yield f"Fixed: {counted(len(result.fixed), 'finding')} of {options.diff}"
    if result.vanished:
        yield f"Gone: {counted(len(result.vanished), 'finding')} of the baseline; mldebt baseline update --prune takes them out"


def _explanation(result: ScanResult, options: ScanOptions) -> str:
    """What is said beside the findings, where it is asked for."""
    from mldebt.report.unresolved import unresolved_text
    from mldebt.report.wording import visible

    said = f"{visible(result.explanation.rstrip(), keep=chr(10))}\n" if result.explanation else ""
    return said + (unresolved_text(result.contents, full=options.full) if options.unresolved else "")


def _terminal_encoding() -> str:
    import sys

    return (sys.stdout and sys.stdout.encoding) or "utf-8"


def _rendered(name: str, contents: Contents, options: ScanOptions, root: Path, *, colour: bool) -> str:
    from mldebt.report import sarif, text
    from mldebt.report.formats import FORMATS as RENDERERS

    if name == "text":
        from mldebt.cli.places import seen_from_here

        base, inside = seen_from_here(root)
        if options.statistics:
            return text.statistics(contents)
        return text.render(contents, full=options.full, colour=colour, base=base, inside=inside, group_by=options.group_by)
    if name == "sarif":
        return sarif.render(contents, full=options.sarif_full)
    return RENDERERS[name](contents)
