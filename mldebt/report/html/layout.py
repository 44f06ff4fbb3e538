"""A layered drawing of a directed graph, from left to right, the same for the same input.

Components stand apart on shelves. In each: edges that close a cycle are turned round, nodes take their longest-path layer,
edges over several layers get waypoints, barycentre sweeps order the layers, and isotonic regression sets the heights.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

NODE_HEIGHT = 40.0
_NODE_GAP = 14.0
_WAYPOINT_GAP = 5.0
_LAYER_GAP = 52.0
_COMPONENT_GAP = 36.0
_SHELF_WIDTH = 1_100.0
_ASPECT = 2.2  # of the whole, where components can be put beside each other
_SWEEPS = 8

Edge = tuple[int, int]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """`corners` are the upper left corners of the nodes; `routes` the points of each edge, from its source to its target."""

    corners: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]
    width: float
    height: float


def layered(widths: Sequence[float], edges: Sequence[Edge]) -> Drawing:
    """`edges` are pairs of node numbers, each pair once and no node with itself."""
    corners: list[Point] = [(0.0, 0.0)] * len(widths)
    routes: dict[Edge, tuple[Point, ...]] = {}
    x = y = shelf = right = 0.0
    parts = [_Component(members, widths, edges) for members in components(len(widths), edges)]
    area = sum((part.width + _COMPONENT_GAP) * (part.height + _COMPONENT_GAP) for part in parts)
    shelf_width = max([_SHELF_WIDTH, math.sqrt(area * _ASPECT), *(part.width for part in parts)])
    for part in parts:
        if x and x + part.width > shelf_width:
            x, y, shelf = 0.0, y + shelf + _COMPONENT_GAP, 0.0
        for node, (left, top) in part.corners():
            corners[node] = (left + x, top + y)
        for edge, points in part.routes():
            routes[edge] = tuple((left + x, top + y) for left, top in points)
        x, shelf, right = x + part.width + _COMPONENT_GAP, max(shelf, part.height), max(right, x + part.width)
    return Drawing(tuple(corners), tuple(routes[edge] for edge in edges), right, y + shelf)


def components(number: int, edges: Sequence[Edge]) -> list[list[int]]:
    """Connected nodes, the largest component first."""
    root = list(range(number))

    def find(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for source, target in edges:
        first, second = sorted((find(source), find(target)))
        root[second] = first
    members: dict[int, list[int]] = {}
    for node in range(number):
        members.setdefault(find(node), []).append(node)
    return sorted(members.values(), key=lambda nodes: (-len(nodes), nodes[0]))


class _Component:
    """One connected part. Numbers below `len(members)` are its nodes, those above are waypoints of long edges."""

    def __init__(self, members: Sequence[int], widths: Sequence[float], edges: Sequence[Edge]) -> None:
        self._members = members
        local = {node: number for number, node in enumerate(members)}
        self._edges = [(source, target) for source, target in edges if source in local]
        forward = _acyclic(len(members), [(local[source], local[target]) for source, target in self._edges])
        self._layer = _layers(len(members), forward)
        self._widths = [widths[node] for node in members]
        self._chains = [self._chain(low, high) for low, high in forward]
        neighbours = _neighbours(len(self._layer), [pair for chain in self._chains for pair in itertools.pairwise(chain)])
        self._rows = _ordered(self._layer, neighbours)
        self._middles = self._heights(neighbours)
        self._lefts, self.width = self._columns()
        self.height = max(middle + self._half(node) for node, middle in enumerate(self._middles))

    def corners(self) -> Iterator[tuple[int, Point]]:
        for number, node in enumerate(self._members):
            yield node, (self._lefts[self._layer[number]], self._middles[number] - NODE_HEIGHT / 2)

    def routes(self) -> Iterator[tuple[Edge, tuple[Point, ...]]]:
        local = {node: number for number, node in enumerate(self._members)}
        for edge, chain in zip(self._edges, self._chains, strict=True):
            points = [*self._points(chain)]
            yield edge, tuple(points if chain[0] == local[edge[0]] else reversed(points))

    def _points(self, chain: Sequence[int]) -> Iterator[Point]:
        """From the right side of the first node, straight across the layers between, to the left side of the last."""
        first, last = chain[0], chain[-1]
        yield self._lefts[self._layer[first]] + self._widths[first], self._middles[first]
        for waypoint in chain[1:-1]:
            left = self._lefts[self._layer[waypoint]]
            yield left, self._middles[waypoint]
            yield self._lefts[self._layer[waypoint] + 1] - _LAYER_GAP, self._middles[waypoint]
        yield self._lefts[self._layer[last]], self._middles[last]

    def _chain(self, low: int, high: int) -> list[int]:
        between = range(self._layer[low] + 1, self._layer[high])
        first = len(self._layer)
        self._layer.extend(between)
        return [low, *range(first, first + len(between)), high]

    def _columns(self) -> tuple[list[float], float]:
        widest = [0.0] * (max(self._layer) + 1)
        for number, width in enumerate(self._widths):
            widest[self._layer[number]] = max(widest[self._layer[number]], width)
        lefts = [0.0]
        for width in widest:
            lefts.append(lefts[-1] + width + _LAYER_GAP)
        return lefts, lefts[-1] - _LAYER_GAP

    def _half(self, node: int) -> float:
        return NODE_HEIGHT / 2 if node < len(self._members) else 0.0

    def _gap(self, above: int, below: int) -> float:
        """Waypoints stand closer, so that long edges run in bundles."""
        if max(above, below) < len(self._members):
            return _NODE_GAP
        return _NODE_GAP * 0.75 if min(above, below) < len(self._members) else _WAYPOINT_GAP

    def _heights(self, neighbours: _Neighbours) -> list[float]:
        """Middles that come as near to those of the neighbours as the order and the gaps allow."""
        middles = [0.0] * len(self._layer)
        for row in self._rows:
            self._place(row, [0.0] * len(row), middles)
        for sweep in range(_SWEEPS):
            before, after = neighbours
            for row in self._rows if sweep % 2 == 0 else reversed(self._rows):
                sides = (before, after) if sweep >= _SWEEPS - 2 else (before,) if sweep % 2 == 0 else (after,)
                wanted = [_mean([middles[near] for side in sides for near in side[node]], middles[node]) for node in row]
                self._place(row, wanted, middles)
        top = min(middle - self._half(node) for node, middle in enumerate(middles))
        return [middle - top for middle in middles]

    def _place(self, row: Sequence[int], wanted: Sequence[float], middles: list[float]) -> None:
        offsets = [0.0]
        for above, below in itertools.pairwise(row):
            offsets.append(offsets[-1] + self._half(above) + self._half(below) + self._gap(above, below))
        for node, level, offset in zip(
            row, _isotonic([want - offset for want, offset in zip(wanted, offsets, strict=True)]), offsets, strict=True
        ):
            middles[node] = level + offset


_Neighbours = tuple[list[list[int]], list[list[int]]]


def _acyclic(number: int, edges: Sequence[Edge]) -> list[Edge]:
    """The same edges, those that close a cycle turned round; nodes without predecessors are entered first."""
    before, after = _neighbours(number, edges)
    state = [0] * number  # 0 new, 1 on the path, 2 done
    turned: set[Edge] = set()
    for root in sorted(range(number), key=lambda node: (bool(before[node]), node)):
        path = [(root, iter(after[root]))] if not state[root] else []
        state[root] = state[root] or 1
        while path:
            node, targets = path[-1]
            target = next(targets, None)
            if target is None:
                state[node] = 2
                path.pop()
            elif state[target] == 1:
                turned.add((node, target))
            elif state[target] == 0:
                state[target] = 1
                path.append((target, iter(after[target])))
    return [(target, source) if (source, target) in turned else (source, target) for source, target in edges]


def _layers(number: int, edges: Iterable[Edge]) -> list[int]:
    """Longest paths from the left; then what has no predecessor moves right, next to its first reader."""
    before, after = _neighbours(number, edges)
    waiting = [len(sources) for sources in before]
    layer = [0] * number
    ready = [node for node in range(number) if not waiting[node]]
    for node in ready:
        for target in after[node]:
            layer[target] = max(layer[target], layer[node] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    for node in range(number):
        if not before[node] and after[node]:
            layer[node] = min(layer[target] for target in after[node]) - 1
    return layer


def _neighbours(number: int, edges: Iterable[Edge]) -> _Neighbours:
    before: list[list[int]] = [[] for _ in range(number)]
    after: list[list[int]] = [[] for _ in range(number)]
    for source, target in edges:
        after[source].append(target)
        before[target].append(source)
    return before, after


def _ordered(layer: Sequence[int], neighbours: _Neighbours) -> list[list[int]]:
    """The layers, each in the order of the sweep that crosses the fewest edges."""
    rows: list[list[int]] = [[] for _ in range(max(layer) + 1)]
    for node, number in enumerate(layer):
        rows[number].append(node)
    best, fewest = [list(row) for row in rows], _crossings(rows, neighbours[1])
    for sweep in range(_SWEEPS):
        position = {node: index / len(row) for row in rows for index, node in enumerate(row)}
        side = neighbours[sweep % 2]
        for row in rows if sweep % 2 == 0 else reversed(rows):
            row.sort(key=lambda node: _mean([position[near] for near in side[node]], position[node]))
            position.update({node: index / len(row) for index, node in enumerate(row)})
        crossings = _crossings(rows, neighbours[1])
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _crossings(rows: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> int:
    """Pairs of edges between two layers whose ends stand in opposite order, counted with a Fenwick tree."""
    total = 0
    for left, right in itertools.pairwise(rows):
        position = {node: index for index, node in enumerate(right)}
        counts, seen = [0] * (len(right) + 1), 0
        for node in left:
            ends = [position[target] for target in after[node]]
            total += sum(seen - _up_to(counts, end + 1) for end in ends)
            for end in ends:
                _add(counts, end + 1)
            seen += len(ends)
    return total


def _up_to(counts: Sequence[int], index: int) -> int:
    total = 0
    while index:
        total += counts[index]
        index &= index - 1
    return total


def _add(counts: list[int], index: int) -> None:
    while index < len(counts):
        counts[index] += 1
        index += index & -index


def _isotonic(values: Sequence[float]) -> list[float]:
    """The non-decreasing sequence nearest to the values (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for value in values:
        total, size = value, 1
        while pools and pools[-1][0] / pools[-1][1] > total / size:
            before, count = pools.pop()
            total, size = total + before, size + count
        pools.append((total, size))
    return [total / size for total, size in pools for _ in range(size)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
