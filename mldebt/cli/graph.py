"""`mldebt graph`: the dependency graph, asked from the command line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from mldebt.core import MldebtError

if TYPE_CHECKING:
    from mldebt.graph.lineage import Branch, Lineage
    from mldebt.graph.vocabulary import GraphNode
    from mldebt.report.contents import Contents
    from mldebt.settings import Settings

FORMATS = ("graphml", "json", "dot", "mermaid")  # the keys of mldebt.graph.export, which --help must not import
HEADINGS = {
    "feature": "Features",
    "column": "Columns",
    "model": "Models",
    "prediction": "Predictions",
    "decision": "Decisions",
    "asset": "Files and tables",
    "entry_point": "Entry points",
    "consumer": "Readers",
}

_COMMON = (
    click.option("--root", metavar="DIR", help="What is analysed; else the project around the working directory."),
    click.option("--config", metavar="FILE", help="The settings file, instead of the root's own."),
    click.option("--jobs", "-j", type=click.IntRange(min=0), default=0, help="Worker processes; 0 = by machine."),
    click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
)


def _with_common(function: Any) -> Any:
    for parameter in reversed(_COMMON):
        function = parameter(function)
    return function


@click.group("graph", short_help="Ask the dependency graph: where things come from and go.")
def command() -> None:
    """Ask the graph of sources, columns, features, models, predictions, settings and files.

    NAME is a column, a setting or option, a model, or a file as it is written in the code; the last part of its path is enough.
    """


@command.command("export")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="json", show_default=True)
@click.option("--output", "-o", metavar="FILE", help="Write to a file instead of stdout.")
@_with_common
def export(format_: str, output: str | None, **common: Any) -> None:
    """Write the whole graph for other programs."""
    from mldebt.cli.style import write_file, write_out
    from mldebt.graph import export as exports

    text = exports.FORMATS[format_](_contents(**common)[0].picture)
    if output:
        write_file(output, text)
    else:
        write_out(text)


@command.command("trace")
@click.argument("name")
@_with_common
def trace(name: str, **common: Any) -> None:
    """Show where NAME comes from and where it goes, as trees with places."""
    from mldebt.cli.style import write_out
    from mldebt.graph.lineage import Lineage

    lineage = Lineage(_contents(**common)[0].picture)
    blocks = []
    for node in _meant(lineage, name):
        lines = [_line(node)]
        for heading, direction in (("comes from", "upstream"), ("goes to", "downstream")):
            tree = lineage.tree(node, direction)  # type: ignore[arg-type]  # the two directions there are
            lines += [f"  {heading}", *(_drawn(tree) if tree.after else ["    nothing that is known"])]
        blocks.append("\n".join(lines))
    write_out(_visible("\n\n".join(blocks) + "\n"))


@command.command("impact")
@click.argument("name")
@_with_common
def impact(name: str, **common: Any) -> None:
    """List what may change when NAME changes: features, models, predictions, files, entry points, readers."""
    from mldebt.cli.style import write_out
    from mldebt.graph.lineage import Lineage

    lineage = Lineage(_contents(**common)[0].picture)
    nodes = _meant(lineage, name)
    reached: dict[str, list[GraphNode]] = defaultdict(list)
    for node in lineage.reached(nodes):
        reached[node.kind].append(node)
    lines = [f"A change of {name} ({', '.join(sorted({node.kind.replace('_', ' ') for node in nodes}))}) may change"]
    for kind, heading in HEADINGS.items():
        if reached[kind]:
            lines += [f"  {heading} ({len(reached[kind])})", *(f"    {_line(node)}" for node in reached[kind])]
    write_out(_visible("\n".join(lines if len(lines) > 1 else [*lines, "  nothing that is known"]) + "\n"))


@command.command("unused")
@_with_common
def unused(**common: Any) -> None:
    """List what leads nowhere: features no model gets, options nothing reads, files nobody here reads."""
    from mldebt.cli.style import write_out
    from mldebt.graph.lineage import Lineage

    contents, _ = _contents(**common)
    lines = [
        f"{finding.at.path}:{finding.at.line}: {finding.message}"
        for finding in contents.findings
        if finding.rule.name.startswith("unused-")
    ]
    known = {(finding.at.path, finding.symbol) for finding in contents.findings}
    for node in Lineage(contents.picture).leading_nowhere():
        if node.at is not None and node.kind == "asset":
            lines.append(f"{node.at.path}:{node.at.line}: '{node.label}' is written, and nothing in this repository reads it.")
        elif node.at is not None and (node.at.path, node.label) not in known:
            lines.append(f"{node.at.path}:{node.at.line}: '{node.label}' reaches no model, decision or file that is known.")
    write_out(_visible("\n".join(lines) + "\n" if lines else "Nothing leads nowhere, as far as it is known.\n"))


@command.command("manifest")
@_with_common
def manifest_(**common: Any) -> None:
    """Draft the data manifest: [sources] and [features] for mldebt.toml, without what is annotated already."""
    from mldebt.cli.style import write_out
    from mldebt.graph.manifest import manifest

    contents, settings = _contents(**common)
    write_out(manifest(contents.picture, settings.sources, settings.features))


def _contents(root: str | None, config: str | None, jobs: int, no_cache: bool) -> tuple[Contents, Settings]:
    """The outcome of a scan of the root, recalled where nothing has changed."""
    from mldebt.analysis import ScanRequest, analyze
    from mldebt.cli.style import progress, say, wants_progress
    from mldebt.plugins import load_checks
    from mldebt.settings import find_root, load_settings

    top = find_root((".",) if root is None else (), root)
    settings = load_settings(top, config)
    with progress(wants_progress()) as report:
        request = ScanRequest(
            root=top, settings=settings, jobs=jobs, cache=not no_cache, progress=report, warn=lambda text: say(f"mldebt: warning: {text}")
        )
        result = analyze(request, load_checks())
    if not result.contents.coverage.files:
        raise MldebtError(f"{root or '.'}: nothing to analyse, no Python file and no notebook")
    return result.contents, settings


def _meant(lineage: Lineage, name: str) -> tuple[GraphNode, ...]:
    from mldebt.settings import near_miss

    nodes = lineage.named(name)
    if not nodes:
        raise MldebtError(f"nothing in the graph is called '{name[:80]}'{near_miss(name, lineage.labels())}")
    return nodes


def _line(node: GraphNode) -> str:
    place = f"  {node.at.path}:{node.at.line}" if node.at is not None else ""
    return f"{node.kind.replace('_', ' ')} {node.label}{place}"


def _drawn(branch: Branch, prefix: str = "    ") -> Iterator[str]:
    for index, after in enumerate(branch.after):
        last = index == len(branch.after) - 1
        again = " (as above)" if after.again else ""
        yield f"{prefix}{'└─' if last else '├─'} {after.edge}: {_line(after.node)}{again}"
        yield from _drawn(after, prefix + ("   " if last else "│  "))


def _visible(text: str) -> str:
    from mldebt.report.wording import visible

    return visible(text, keep="\n")
