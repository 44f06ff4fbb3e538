"""The picture of the graph for other programs: GraphML, JSON, DOT, Mermaid."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from mldebt.declarations.types import HOLE
from mldebt.graph.vocabulary import GraphNode, GraphPicture
from mldebt.workspace.printable import printable

SHAPES = {"source": "cylinder", "asset": "cylinder", "model": "box3d", "decision": "diamond", "stage": "folder", "consumer": "component"}
BRACKETS = {"source": ("[(", ")]"), "asset": ("[(", ")]"), "model": ("[[", "]]"), "decision": ("{{", "}}")}
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _./()*,=+-")
"""What Mermaid takes as it is between quotes."""


def as_json(picture: GraphPicture) -> str:
    """Node-link data (`networkx.node_link_graph(data, edges="links")` reads it)."""
    data = {
        "directed": True,
        "multigraph": True,
        "graph": {"columns_left_out": picture.left_out},
        "nodes": [facts_of(node) for node in picture.nodes],
        "links": [{"source": _id(edge.source), "target": _id(edge.target), "key": edge.kind, "kind": edge.kind} for edge in picture.edges],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def as_graphml(picture: GraphPicture) -> str:
    """GraphML 1.0, written by networkx."""
    import networkx

    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    for node in picture.nodes:
        graph.add_node(_id(node.id), **{key: value for key, value in facts_of(node).items() if key != "id" and value not in (None, "")})
    for edge in picture.edges:
        graph.add_edge(_id(edge.source), _id(edge.target), key=edge.kind, kind=edge.kind)
    lines: Iterable[str] = networkx.generate_graphml(graph, prettyprint=True)
    return "\n".join(lines) + "\n"


def as_dot(picture: GraphPicture) -> str:
    """Graphviz, left to right."""
    names = {node.id: f"n{number}" for number, node in enumerate(picture.nodes)}
    lines = ["digraph mldebt {", "  rankdir=LR;", '  node [fontname="sans-serif", shape=box];']
    for node in picture.nodes:
        lines.append(
            f"  {names[node.id]} [label={_quoted(node.label)}, tooltip={_quoted(_place(node))}, shape={SHAPES.get(node.kind, 'box')}];"
        )
    for edge in picture.edges:
        if edge.source in names and edge.target in names:
            lines.append(f"  {names[edge.source]} -> {names[edge.target]} [label={_quoted(edge.kind)}];")
    return "\n".join([*lines, "}"]) + "\n"


def as_mermaid(picture: GraphPicture) -> str:
    """A flowchart that GitHub and GitLab draw inside Markdown."""
    names = {node.id: f"n{number}" for number, node in enumerate(picture.nodes)}
    lines = ["flowchart LR"]
    for node in picture.nodes:
        opening, closing = BRACKETS.get(node.kind, ("[", "]"))
        lines.append(f'  {names[node.id]}{opening}"{_for_mermaid(node.label)}"{closing}')
    for edge in picture.edges:
        if edge.source in names and edge.target in names:
            lines.append(f"  {names[edge.source]} -->|{edge.kind}| {names[edge.target]}")
    return "\n".join(lines) + "\n"


FORMATS: dict[str, Callable[[GraphPicture], str]] = {"graphml": as_graphml, "json": as_json, "dot": as_dot, "mermaid": as_mermaid}


def facts_of(node: GraphNode) -> dict[str, str | int | None]:
    """What is known of a node, as JSON and GraphML have it."""
    return {
        "id": _id(node.id),
        "kind": node.kind,
        "label": printable(node.label),
        "group": printable(node.group),
        "stage": printable(node.stage),
        "note": printable(node.note),
        "path": printable(node.at.path) if node.at else None,
        "line": node.at.line if node.at else None,
        "cell": node.at.cell if node.at else None,
    }


def _id(text: str) -> str:
    """The name of a node, with `*` for what is unknown of a path."""
    return printable(text.replace(HOLE, "*"))


def _place(node: GraphNode) -> str:
    return f"{node.kind}, {node.at.path}:{node.at.line}" if node.at else node.kind


def _quoted(text: str) -> str:
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _for_mermaid(text: str) -> str:
    """Mermaid's own escapes, by number, of all that it or HTML may take for more than a letter."""
    return "".join(c if c in PLAIN or (not c.isascii() and c.isalnum()) else f"#{ord(c)};" for c in printable(text))
