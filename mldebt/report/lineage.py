"""Answers of `mldebt graph` as text and as data: trees with places, lists by kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mldebt.core import Finding
from mldebt.graph.export import facts_of
from mldebt.graph.lineage import Branch
from mldebt.graph.vocabulary import GraphNode
from mldebt.report.wording import counted, json_text, visible

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


@dataclass(frozen=True, slots=True)
class Trace:
    """A node with its trees; None for a direction that was not asked for."""

    node: GraphNode
    upstream: Branch | None
    downstream: Branch | None


def trace_text(traces: Sequence[Trace], more: int) -> str:
    """One block for each node; `more` other nodes of the name are left out."""
    blocks = []
    for trace in traces:
        lines = [line_of(trace.node)]
        for heading, tree in (("comes from", trace.upstream), ("goes to", trace.downstream)):
            if tree is not None:
                lines += [f"  {heading}", *(_drawn(tree, "    ") if tree.after or tree.cut else ["    nothing that is known"])]
        blocks.append("\n".join(lines) + "\n")
    if more:
        blocks.append(
            f"{counted(more, 'more node')} of this name; --kind, a longer name or the name that `--format json` gives chooses among them\n"
        )
    return visible("\n".join(blocks), keep="\n")


def trace_json(traces: Sequence[Trace], more: int) -> str:
    return json_text(
        {
            "nodes": [
                facts_of(trace.node)
                | {
                    name: _tree(tree)["after"]
                    for name, tree in (("upstream", trace.upstream), ("downstream", trace.downstream))
                    if tree is not None
                }
                for trace in traces
            ],
            "left_out": more,
        }
    )


def impact_text(name: str, nodes: Sequence[GraphNode], reached: Iterable[GraphNode]) -> str:
    by_kind: dict[str, list[GraphNode]] = defaultdict(list)
    for node in reached:
        by_kind[node.kind].append(node)
    lines = [f"A change of {name} ({', '.join(sorted({_kind(node) for node in nodes}))}) may change"]
    for kind, heading in HEADINGS.items():
        if by_kind[kind]:
            lines += [f"  {heading} ({len(by_kind[kind])})", *(f"    {line_of(node)}" for node in by_kind[kind])]
    return visible("\n".join(lines if by_kind else [*lines, "  nothing that is known"]) + "\n", keep="\n")


def impact_json(nodes: Sequence[GraphNode], reached: Iterable[GraphNode]) -> str:
    return json_text({"of": [facts_of(node) for node in nodes], "may_change": [facts_of(node) for node in reached]})


def unused_text(findings: Sequence[Finding], unread: Sequence[GraphNode]) -> str:
    lines = [f"{_place(finding.at.path, finding.at.cell)}:{finding.at.line}: {finding.message}" for finding in findings]
    lines += [f"{where(node)}: '{node.label}' is written, and nothing in this repository reads it." for node in unread]
    return visible("\n".join(lines) + "\n" if lines else "Nothing leads nowhere, as far as it is known.\n", keep="\n")


def unused_json(findings: Sequence[Finding], unread: Sequence[GraphNode]) -> str:
    found = [
        {
            "check": one.rule.name,
            "symbol": one.symbol,
            "message": one.message,
            "path": one.at.path,
            "line": one.at.line,
            "cell": one.at.cell,
        }
        for one in findings
    ]
    return json_text({"findings": found, "unread_files": [facts_of(node) for node in unread]})


def line_of(node: GraphNode) -> str:
    """A node as it stands in a list: kind, name, place."""
    place, kind = where(node), _kind(node)
    name = node.label if node.label.startswith(f"{kind} ") else f"{kind} {node.label}"
    return name + (f"  {place}" if place else "")


def where(node: GraphNode) -> str:
    return f"{_place(node.at.path, node.at.cell)}:{node.at.line}" if node.at is not None else ""


def _place(path: str, cell: int | None) -> str:
    return path if cell is None else f"{path}:cell {cell}"


def _kind(node: GraphNode) -> str:
    return node.kind.replace("_", " ")


def _drawn(branch: Branch, prefix: str) -> Iterator[str]:
    for index, after in enumerate(branch.after):
        last = index == len(branch.after) - 1 and not branch.cut
        yield f"{prefix}{'└─' if last else '├─'} {after.edge}: {line_of(after.node)}{' (also elsewhere in this tree)' if after.again else ''}"
        yield from _drawn(after, prefix + ("   " if last else "│  "))
    if branch.cut:
        yield f"{prefix}└─ … {branch.cut:,} more, not shown"


def _tree(branch: Branch) -> dict[str, object]:
    after = [{**_tree(one), "edge": one.edge, "again": one.again} for one in branch.after]
    return {**facts_of(branch.node), "after": after, "cut": branch.cut}
