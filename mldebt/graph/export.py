"""The picture of the graph for other programs: GraphML, JSON, DOT, Mermaid."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from mldebt.graph.vocabulary import GraphNode, GraphPicture

SHAPES = {"source": "cylinder", "asset": "cylinder", "model": "box3d", "decision": "diamond", "stage": "folder", "consumer": "component"}
BRACKETS = {"source": ("[(", ")]"), "asset": ("[(", ")]"), "model": ("[[", "]]"), "decision": ("{{", "}}")}


def as_json(picture: GraphPicture) -> str:
    """Node-link data (`networkx.node_link_graph(data, edges="links")` reads it)."""
    data = {
        "directed": True,
        "multigraph": False,
        "nodes": [_facts(node) for node in picture.nodes],
        "links": [{"source": edge.source, "target": edge.target, "kind": edge.kind} for edge in picture.edges],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def as_graphml(picture: GraphPicture) -> str:
    """GraphML 1.0, written by networkx."""
    import networkx

    graph = networkx.DiGraph()
    for node in picture.nodes:
        graph.add_node(
            _clean(node.id), **{key: _clean(str(value)) for key, value in _facts(node).items() if key != "id" and value is not None}
        )
    for edge in picture.edges:
        graph.add_edge(_clean(edge.source), _clean(edge.target), kind=edge.kind)
    lines: Iterable[str] = networkx.generate_graphml(graph, prettyprint=True)  # type: ignore[func-returns-value, assignment]  # a generator, stubs say None
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


def _facts(node: GraphNode) -> dict[str, str | int | None]:
    return {
        "id": node.id,
        "kind": node.kind,
        "label": node.label,
        "group": node.group,
        "stage": node.stage,
        "note": node.note,
        "path": node.at.path if node.at else None,
        "line": node.at.line if node.at else None,
        "cell": node.at.cell if node.at else None,
    }


def _place(node: GraphNode) -> str:
    return f"{node.kind}, {node.at.path}:{node.at.line}" if node.at else node.kind


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _quoted(text: str) -> str:
    return '"' + _clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _for_mermaid(text: str) -> str:
    return (
        _clean(text)
        .replace("&", "&amp;")
        .replace('"', "&quot;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("#", "&num;")
        .replace("`", "&#96;")
    )
