"""The picture of the dependencies: what is drawn at first, and the data its script redraws from."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mldebt.graph.vocabulary import GraphNode, GraphPicture
from mldebt.report.html.layout import Edge, Point, components, layered
from mldebt.report.wording import counted, place, visible

KINDS = ("source", "asset", "feature", "model", "prediction", "consumer", "setting", "option", "stage", "entry_point")
COLLAPSE_ABOVE = 150  # nodes; a larger graph starts with one box for each group
_LABEL_LENGTH = 24
_ISLAND = 2  # nodes; smaller components are folded away at first
_SEARCHED = ("feature", "model", "setting", "asset", "source", "prediction", "stage", "entry_point")
_MARGIN = 24.0
_SMALLEST_VIEW = (960.0, 380.0)


@dataclass(frozen=True, slots=True)
class Box:
    """What stands in one box of the drawing: a node, or a group of nodes."""

    key: str  # "n12" or "g3"
    kind: str
    label: str
    caption: str
    title: str
    width: float
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """An edge, as the path that draws it."""

    source: str
    target: str
    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class GraphView:
    """`data` is what the script gets: nodes, groups and edges as lists of plain values."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    view_box: str
    kinds: tuple[tuple[str, str, int], ...]
    nodes: int
    edges: int
    collapsed: bool
    islands: int
    searched: str
    data: dict[str, object]


def graph_view(picture: GraphPicture) -> GraphView:
    number = {node.id: index for index, node in enumerate(picture.nodes)}
    edges = [*_edges(picture, number)]
    groups = sorted({node.group for node in picture.nodes})
    nodes = [_node_box(index, node) for index, node in enumerate(picture.nodes)]
    of_group = [groups.index(node.group) for node in picture.nodes]
    boxes_of_groups = [_group_box(index, group, of_group.count(index)) for index, group in enumerate(groups)]
    islands = _islands(len(nodes), edges)
    kept = [index for index in range(len(nodes)) if index not in islands]
    collapsed = len(kept) > COLLAPSE_ABOVE and len(groups) > 1
    drawn, stands_for = (boxes_of_groups, of_group) if collapsed else (nodes, list(range(len(nodes))))
    boxes, lines, view_box = _drawn(
        drawn, sorted({stands_for[index] for index in kept}), [(stands_for[a], stands_for[b], k) for a, b, k in edges]
    )
    kinds = [node.kind for node in picture.nodes]
    return GraphView(
        boxes=boxes,
        lines=lines,
        view_box=view_box,
        kinds=tuple((kind, kind.replace("_", " "), kinds.count(kind)) for kind in (*KINDS, "other") if kind in {_known(k) for k in kinds}),
        nodes=len(nodes),
        edges=len(edges),
        collapsed=collapsed,
        islands=len(islands),
        searched=", ".join([kind.replace("_", " ") for kind in _SEARCHED if kind in kinds][:3]) or "node",
        data={
            "collapsed": collapsed,
            "islands": sorted(islands),
            "nodes": [
                [*_plain(box), of_group[index], place(node.at) if node.at else "", visible(node.note), visible(node.label)]
                for index, (box, node) in enumerate(zip(nodes, picture.nodes, strict=True))
            ],
            "groups": [_plain(box) for box in boxes_of_groups],
            "edges": edges,
        },
    )


def _edges(picture: GraphPicture, number: dict[str, int]) -> Iterator[tuple[int, int, str]]:
    """Each pair of different nodes once, with the first kind; edges to nodes that are not in the picture are left out."""
    seen: set[Edge] = set()
    for edge in picture.edges:
        if edge.source not in number or edge.target not in number:
            continue
        pair = (number[edge.source], number[edge.target])
        if pair[0] != pair[1] and pair not in seen:
            seen.add(pair)
            yield (*pair, edge.kind)


def _islands(nodes: int, edges: Sequence[tuple[int, int, str]]) -> set[int]:
    """The nodes of tiny components, unless there is nothing else to see."""
    parts = components(nodes, [(source, target) for source, target, _ in edges])
    small = {node for part in parts if len(part) <= _ISLAND for node in part}
    return small if len(small) < nodes else set()


def _node_box(index: int, node: GraphNode) -> Box:
    caption = f"{_known(node.kind).replace('_', ' ')} · {_tail(visible(node.group))}" if node.group else _known(node.kind).replace("_", " ")
    return _box(
        f"n{index}", _known(node.kind), visible(node.label), caption, visible(node.label) + (f" — {place(node.at)}" if node.at else "")
    )


def _group_box(index: int, group: str, members: int) -> Box:
    label = visible(group) or "no module"
    return _box(f"g{index}", "group", label, counted(members, "node"), f"{label}: {counted(members, 'node')}, click to open")


def _box(key: str, kind: str, label: str, caption: str, title: str) -> Box:
    shown = _shortened(label)
    width = 30 + max((8.4 if kind == "group" else 6.8) * _columns(shown), 6.1 * _columns(caption))  # the widths of common system fonts
    return Box(key, kind, shown, caption, title, float(round(max(width, 84))))


def _shortened(text: str) -> str:
    """A path keeps its last parts, anything else its two ends."""
    if len(text) <= _LABEL_LENGTH:
        return text
    tail = text[1 - _LABEL_LENGTH :]
    if "/" in tail:
        return f"…{tail[tail.index('/') :]}"
    name = text.rpartition("/")[2]
    half = _LABEL_LENGTH // 2
    return f"{name[: half - 1]}…{name[-half:]}"


def _tail(text: str) -> str:
    return text if len(text) <= _LABEL_LENGTH else f"…{text[1 - _LABEL_LENGTH :]}"


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _known(kind: str) -> str:
    return kind if kind in KINDS else "other"


def _plain(box: Box) -> list[object]:
    return [box.kind, box.label, box.caption, box.title, box.width]


def _drawn(
    candidates: Sequence[Box], kept: Sequence[int], edges: Sequence[tuple[int, int, str]]
) -> tuple[tuple[Box, ...], tuple[Line, ...], str]:
    number = {index: position for position, index in enumerate(kept)}
    boxes = [candidates[index] for index in kept]
    among = [edge for edge in reversed(edges) if edge[0] != edge[1] and edge[0] in number and edge[1] in number]
    kinds = {(number[source], number[target]): kind for source, target, kind in among}
    pairs = sorted(kinds)
    drawing = layered([box.width for box in boxes], pairs)
    placed = tuple(
        Box(box.key, box.kind, box.label, box.caption, box.title, box.width, round(x, 1), round(y, 1))
        for box, (x, y) in zip(boxes, drawing.corners, strict=True)
    )
    lines = tuple(
        Line(boxes[source].key, boxes[target].key, kinds[source, target], _path(route))
        for (source, target), route in zip(pairs, drawing.routes, strict=True)
    )
    return placed, lines, _view_box(drawing.width, drawing.height)


def _path(points: Sequence[Point]) -> str:
    """Curves in the gaps between layers, straight lines across them."""
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for number, ((x0, y0), (x1, y1)) in enumerate(itertools.pairwise(points)):
        bend = (x1 - x0) / 2
        curve = f"C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        parts.append(curve if number % 2 == 0 else f"L{x1:.1f} {y1:.1f}")
    return "".join(parts)


def _view_box(width: float, height: float) -> str:
    """The whole drawing with a margin, and never so small that boxes grow large."""
    wide, high = max(width + 2 * _MARGIN, _SMALLEST_VIEW[0]), max(height + 2 * _MARGIN, _SMALLEST_VIEW[1])
    return f"{(width - wide) / 2:.1f} {(height - high) / 2:.1f} {wide:.1f} {high:.1f}"
