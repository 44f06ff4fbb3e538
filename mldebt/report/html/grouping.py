"""Ways to fold the graph's nodes into groups: by module, by package, by stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mldebt.graph.vocabulary import GraphNode


@dataclass(frozen=True, slots=True)
class Grouping:
    """`names` are the groups, sorted; `of` the number of each node's group."""

    by: str
    names: tuple[str, ...]
    of: tuple[int, ...]


def groupings(nodes: Sequence[GraphNode]) -> tuple[Grouping, ...]:
    """Only the ways that part the nodes at all; by module always, and first."""
    ways = [_grouping(by, nodes, group_of) for by, group_of in _WAYS]
    return tuple(way for number, way in enumerate(ways) if number == 0 or len(way.names) > 1)


def _grouping(by: str, nodes: Sequence[GraphNode], group_of: Callable[[GraphNode], str]) -> Grouping:
    groups = [group_of(node) for node in nodes]
    names = tuple(sorted(set(groups)))
    number = {name: index for index, name in enumerate(names)}
    return Grouping(by, names, tuple(number[group] for group in groups))


def _module(node: GraphNode) -> str:
    return node.group or "no module"


def _package(node: GraphNode) -> str:
    """The package of a module, the folder of a config file; what stands at the top is its own."""
    group = _module(node)
    separator = "/" if node.at is not None and node.group == node.at.path else "."
    return group.rpartition(separator)[0] or group


def _stage(node: GraphNode) -> str:
    return node.stage or "no stage"


_WAYS: tuple[tuple[str, Callable[[GraphNode], str]], ...] = (("module", _module), ("package", _package), ("stage", _stage))
