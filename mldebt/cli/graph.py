"""`mldebt graph`: the dependency graph, asked from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mldebt.core import MldebtError

if TYPE_CHECKING:
    from mldebt.graph.lineage import Lineage
    from mldebt.graph.vocabulary import GraphNode
    from mldebt.report.contents import Contents
    from mldebt.settings import Settings

FORMATS = ("graphml", "json", "dot", "mermaid")  # the keys of mldebt.graph.export, which --help must not import
KINDS = (
    "source", "column", "feature", "model", "prediction", "decision", "asset", "consumer", "entry_point", "setting", "option", "stage",
)  # fmt: skip
MOST_NODES = 12
MOST_MERMAID_EDGES = 500

_COMMON = (
    click.option("--root", metavar="DIR", help="What is analysed; else the project around the working directory."),
    click.option("--config", metavar="FILE", help="The settings file, instead of the root's own."),
    click.option("--jobs", "-j", type=click.IntRange(min=0), default=0, help="Worker processes; 0 = by machine."),
    click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
)
_KIND = click.option("--kind", type=click.Choice(KINDS), help="Only nodes of this kind are meant by NAME.")
_AS = click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)


def _with_common(function: Any) -> Any:
    for parameter in reversed(_COMMON):
        function = parameter(function)
    return function


@click.group("graph", short_help="Ask the dependency graph: where things come from and go.")
def command() -> None:
    """Ask the graph of sources, columns, features, models, predictions, settings and files.

    NAME is a column, a setting (`train.rate`, `params.yaml:train.rate`, or the section `train`), an option (`--rate`), a model, or a file as it
    is written in the code; the last part of its path is enough. Exit code 0: answered; 2: nothing is called NAME, or mldebt could not run.
    """


@command.command("export")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="json", show_default=True)
@click.option("--output", "-o", metavar="FILE", help="Write to a file instead of stdout.")
@click.option("--around", metavar="NAME", help="Only what leads to NAME or comes from it.")
@_KIND
@_with_common
def export(format_: str, output: str | None, around: str | None, kind: str | None, **common: Any) -> None:
    """Write the graph for other programs: networkx and Gephi (graphml, json), Graphviz (dot), Markdown (mermaid)."""
    from mldebt.cli.style import say, write_file, write_out
    from mldebt.graph import export as exports
    from mldebt.graph.lineage import Lineage

    if kind and not around:
        raise MldebtError("--kind says which NAME is meant: it needs --around")
    picture = _contents(**common)[0].picture
    if around:
        lineage = Lineage(picture)
        picture = lineage.around(_meant(lineage, around, kind))
    text = exports.FORMATS[format_](picture)
    if output:
        write_file(output, text)
    else:
        write_out(text)
    if picture.left_out:
        say(f"mldebt: warning: {picture.left_out:,} columns are left out, the graph has too many")
    if format_ == "mermaid" and len(picture.edges) > MOST_MERMAID_EDGES:
        say(
            f"mldebt: warning: {len(picture.edges):,} edges; Mermaid draws {MOST_MERMAID_EDGES} unless told otherwise, --around NAME gives fewer"
        )


@command.command("trace")
@click.argument("name")
@click.option("--upstream", is_flag=True, help="Only where it comes from.")
@click.option("--downstream", is_flag=True, help="Only where it goes.")
@click.option("--depth", type=click.IntRange(min=1), default=200, metavar="N", help="How many steps away; else all.")
@click.option("--limit", type=click.IntRange(min=0), default=60, show_default=True, metavar="N", help="Most lines of a tree; 0 = all.")
@_KIND
@_AS
@_with_common
def trace(name: str, upstream: bool, downstream: bool, depth: int, limit: int, kind: str | None, format_: str, **common: Any) -> None:
    """Show where NAME comes from and where it goes, as trees with places."""
    from mldebt.cli.style import write_out
    from mldebt.graph.lineage import Lineage
    from mldebt.report import lineage as texts

    lineage = Lineage(_contents(**common)[0].picture)
    nodes = _meant(lineage, name, kind)
    shown = nodes[:MOST_NODES] if limit else nodes
    both = upstream == downstream
    traces = [
        texts.Trace(
            node,
            lineage.tree(node, "upstream", depth, limit) if upstream or both else None,
            lineage.tree(node, "downstream", depth, limit) if downstream or both else None,
        )
        for node in shown
    ]
    write_out((texts.trace_json if format_ == "json" else texts.trace_text)(traces, len(nodes) - len(shown)))


@command.command("impact")
@click.argument("name")
@_KIND
@_AS
@_with_common
def impact(name: str, kind: str | None, format_: str, **common: Any) -> None:
    """List what may change when NAME changes: features, models, predictions, files, entry points, readers."""
    from mldebt.cli.style import write_out
    from mldebt.graph.lineage import Lineage
    from mldebt.report.lineage import impact_json, impact_text

    lineage = Lineage(_contents(**common)[0].picture)
    nodes = _meant(lineage, name, kind)
    reached = lineage.impact(nodes)
    write_out(impact_json(nodes, reached) if format_ == "json" else impact_text(name, nodes, reached))


@command.command("unused")
@_AS
@_with_common
def unused(format_: str, **common: Any) -> None:
    """List what leads nowhere: findings of the unused-… checks, and files that are written here and that nobody here reads."""
    from mldebt.cli.style import write_out
    from mldebt.graph.lineage import Lineage
    from mldebt.report.lineage import unused_json, unused_text

    contents, _ = _contents(**common)
    findings = [one for one in contents.findings if one.rule.name.startswith("unused-") and one.rule.family != "analysis"]
    unread = Lineage(contents.picture).unread()
    write_out((unused_json if format_ == "json" else unused_text)(findings, unread))


@command.command("manifest")
@_with_common
def manifest_(**common: Any) -> None:
    """Draft the data manifest: [sources] and [features] for mldebt.toml, without what is annotated already."""
    from mldebt.cli.style import write_out
    from mldebt.graph.manifest import manifest

    contents, settings = _contents(**common)
    write_out(manifest(contents.picture, settings.sources, settings.features, settings.file))


def _contents(root: str | None, config: str | None, jobs: int, no_cache: bool) -> tuple[Contents, Settings]:
    """The outcome of a scan of the root, recalled where nothing has changed."""
    from mldebt.analysis import ScanRequest
    from mldebt.cli.running import run
    from mldebt.cli.style import require_stdout
    from mldebt.plugins import load_checks, select_checks
    from mldebt.settings import find_root, load_settings

    require_stdout()
    top = find_root((".",) if root is None else (), root)
    settings = load_settings(top, config)
    request = ScanRequest(root=top, settings=settings, jobs=jobs, cache=not no_cache)
    return run(request, select_checks(load_checks(), settings), root or ".").contents, settings


def _meant(lineage: Lineage, name: str, kind: str | None) -> tuple[GraphNode, ...]:
    from mldebt.settings import near_miss

    nodes = lineage.named(name, kind or "")
    if not nodes:
        what = f"no {kind.replace('_', ' ')}" if kind else "nothing"
        raise MldebtError(f"{what} in the graph is called '{name[:80]}'{near_miss(name, lineage.labels())}")
    return nodes
