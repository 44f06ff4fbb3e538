"""What people ask about: features, columns, assets, models, settings, options, entry points, as plain values; and the picture of them."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.core import Location


@dataclass(frozen=True, slots=True)
class GraphNode:
    """`kind`: source | asset | feature | model | prediction | setting | option | stage | entry_point | consumer. `group` is the module or stage it belongs to."""

    id: str
    kind: str
    label: str
    group: str
    at: Location | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """`kind`: reads | writes | derives | fits | predicts | sets | runs | uses."""

    source: str
    target: str
    kind: str


@dataclass(frozen=True, slots=True)
class GraphPicture:
    """The dependency graph as reports draw and export it; nodes and edges in a stable order."""

    nodes: tuple[GraphNode, ...] = ()
    edges: tuple[GraphEdge, ...] = ()


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A file that could not be decoded or parsed, or that is beyond a limit."""

    at: Location
    reason: str


@dataclass(frozen=True, slots=True)
class IdleSuppression:
    """A suppression that holds nothing back. `cause`: unmatched | unknown | expired | malformed | unexplained (it works, but gives no reason)."""

    at: Location
    name: str
    cause: str
    detail: str = ""
