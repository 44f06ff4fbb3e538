"""The picture of the dependencies: what is drawn at first, and the data its script redraws from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mldebt.core import Finding
from mldebt.graph.vocabulary import GraphPicture
from mldebt.report.html.boxes import KINDS, Box, group_box, node_box, spoken
from mldebt.report.html.grouping import Grouping, groupings
from mldebt.report.html.layout import Edge, Point, components, layered
from mldebt.report.html.listing import Section, sections_of
from mldebt.report.html.marks import Marks, marks_of, node_names
from mldebt.report.wording import counted, place, visible

COLLAPSE_ABOVE = 80  # nodes; a larger graph starts with one box for each group
_CONFIGURING = ("setting", "option")  # kinds of which a larger graph shows at first only those with findings
_ISLAND = 2  # nodes; smaller components are folded away at first
_MARGIN = 24.0
_SMALLEST_VIEW = (960.0, 380.0)

_Arrow = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Line:
    """An edge, as the path that draws it."""

    source: str
    target: str
    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of node, for the legend."""

    kind: str
    name: str
    number: int


@dataclass(frozen=True, slots=True)
class NodeLink:
    """A node as a finding links to it."""

    name: str
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class GraphView:
    """`data` is what the script gets: nodes, groups and edges as lists of plain values; `links` are the nodes of each finding."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    view_box: str
    width: float
    height: float
    kinds: tuple[Kind, ...]
    ways: tuple[str, ...]
    nodes: int
    size: str
    left_out: int
    collapsed: bool
    islands: int
    marked: int
    sections: tuple[Section, ...]
    links: tuple[tuple[NodeLink, ...], ...]
    data: dict[str, object]


def graph_view(picture: GraphPicture, findings: Sequence[Finding] = ()) -> GraphView:
    number = {node.id: index for index, node in enumerate(picture.nodes)}
    edges = [*_edges(picture, number)]
    marks, names, ways = marks_of(picture.nodes, findings), node_names(picture.nodes), groupings(picture.nodes)
    nodes = [node_box(index, node, [findings[one] for one in marks.about[index]]) for index, node in enumerate(picture.nodes)]
    groups = [_group_boxes(way, marks, findings) for way in ways]
    present = {box.kind for box in nodes}
    quiet = [kind for kind in _CONFIGURING if kind in present and present != {kind} and len(nodes) > COLLAPSE_ABOVE]
    candidates = [index for index, box in enumerate(nodes) if box.kind not in quiet or box.findings]
    islands = _islands(candidates, edges, marks)
    kept = [index for index in candidates if index not in islands]
    collapsed = len(kept) > COLLAPSE_ABOVE and len(ways[0].names) > 1
    drawn, stands_for = (groups[0], ways[0].of) if collapsed else (nodes, range(len(nodes)))
    standing = {index: stands_for[index] for index in kept}
    boxes, lines, corner, size = _drawn(
        drawn, sorted(set(standing.values())), [(standing[a], standing[b], kind) for a, b, kind in edges if a in standing and b in standing]
    )
    return GraphView(
        boxes=boxes,
        lines=lines,
        view_box=f"{corner[0]:.1f} {corner[1]:.1f} {size[0]:.1f} {size[1]:.1f}",
        width=round(size[0]),
        height=round(size[1]),
        kinds=tuple(_kinds([box.kind for box in nodes])),
        ways=tuple(way.by for way in ways),
        nodes=len(nodes),
        size=f"{counted(len(nodes), 'node')}, {counted(len(edges), 'edge')}",
        left_out=picture.left_out,
        collapsed=collapsed,
        islands=len(islands),
        marked=sum(1 for box in nodes if box.findings),
        sections=sections_of(picture.nodes, edges, names, marks, findings),
        links=tuple(
            tuple(NodeLink(names[node], nodes[node].kind, f"{spoken(nodes[node].kind)} {visible(picture.nodes[node].label)}") for node in of)
            for of in marks.nodes
        ),
        data={
            "collapsed": collapsed,
            "quiet": quiet,
            "nodes": [
                [*_plain(box), place(node.at) if node.at else "", visible(node.note), visible(node.label), names[index],
                 visible(node.group), visible(node.stage), marks.about[index], marks.mentioned[index]]
                for index, (box, node) in enumerate(zip(nodes, picture.nodes, strict=True))
            ],
            "ways": [[way.by, way.of, [_plain(box) for box in boxes]] for way, boxes in zip(ways, groups, strict=True)],
            "edges": edges,
            "findings": [[finding.fingerprint, finding.severity, visible(finding.message)] for finding in findings],
        },
    )  # fmt: skip


def _edges(picture: GraphPicture, number: dict[str, int]) -> Iterator[_Arrow]:
    """Each pair of different nodes once, with the first kind; edges to nodes that are not in the picture are left out."""
    seen: set[Edge] = set()
    for edge in picture.edges:
        if edge.source not in number or edge.target not in number:
            continue
        pair = (number[edge.source], number[edge.target])
        if pair[0] != pair[1] and pair not in seen:
            seen.add(pair)
            yield (*pair, edge.kind)


def _group_boxes(way: Grouping, marks: Marks, findings: Sequence[Finding]) -> list[Box]:
    members: list[list[int]] = [[] for _ in way.names]
    for node, group in enumerate(way.of):
        members[group].append(node)
    return [
        group_box(
            index,
            name,
            len(members[index]),
            [findings[one] for one in dict.fromkeys(f for node in members[index] for f in marks.about[node])],
        )
        for index, name in enumerate(way.names)
    ]


def _islands(candidates: Sequence[int], edges: Sequence[_Arrow], marks: Marks) -> set[int]:
    """The nodes of tiny components without a finding, unless there is nothing else to see."""
    local = {node: position for position, node in enumerate(candidates)}
    pairs = [(local[source], local[target]) for source, target, _ in edges if source in local and target in local]
    parts = [[candidates[position] for position in part] for part in components(len(candidates), pairs)]
    small = {node for part in parts if len(part) <= _ISLAND and not any(marks.about[node] for node in part) for node in part}
    return small if len(small) < len(candidates) else set()


def _kinds(kinds: Sequence[str]) -> Iterator[Kind]:
    for kind in (*KINDS, "other"):
        if kind in kinds:
            yield Kind(kind, spoken(kind), kinds.count(kind))


def _plain(box: Box) -> list[object]:
    return [box.kind, box.label, box.caption, box.title, box.width, box.findings, box.severity or ""]


def _drawn(
    candidates: Sequence[Box], kept: Sequence[int], edges: Sequence[_Arrow]
) -> tuple[tuple[Box, ...], tuple[Line, ...], Point, tuple[float, float]]:
    number = {index: position for position, index in enumerate(kept)}
    boxes = [candidates[index] for index in kept]
    kinds = {(number[source], number[target]): kind for source, target, kind in reversed(edges) if source != target}
    pairs = sorted(kinds)
    drawing = layered([box.width for box in boxes], pairs)
    placed = tuple(replace(box, x=round(x, 1), y=round(y, 1)) for box, (x, y) in zip(boxes, drawing.corners, strict=True))
    lines = tuple(
        Line(boxes[source].key, boxes[target].key, kinds[source, target], _path(route))
        for (source, target), route in zip(pairs, drawing.routes, strict=True)
    )
    wide, high = max(drawing.width + 2 * _MARGIN, _SMALLEST_VIEW[0]), max(drawing.height + 2 * _MARGIN, _SMALLEST_VIEW[1])
    return placed, lines, ((drawing.width - wide) / 2, (drawing.height - high) / 2), (wide, high)


def _path(points: Sequence[Point]) -> str:
    """Curves in the gaps between layers, straight lines across them."""
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for number, ((x0, y0), (x1, y1)) in enumerate(itertools.pairwise(points)):
        bend = (x1 - x0) / 2
        curve = f"C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        parts.append(curve if number % 2 == 0 else f"L{x1:.1f} {y1:.1f}")
    return "".join(parts)
