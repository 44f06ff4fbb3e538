"""What people ask about: features, columns, assets, models, settings, options, entry points, as plain values; and the picture of them."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.core import Location


@dataclass(frozen=True, slots=True)
class GraphNode:
    """`kind`: source | column | feature | model | prediction | decision | asset | consumer | entry_point | setting | option | stage.

    A source is a file that nobody here writes, an asset one that is written here. `group` is the module or config file it belongs to,
    `stage` the declared stages that start the program, joined by commas.
    """

    id: str
    kind: str
    label: str
    group: str
    at: Location | None = None
    note: str = ""
    stage: str = ""


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """`kind`: reads | writes | derives | fits | predicts | decides | sets | runs | uses."""

    source: str
    target: str
    kind: str


@dataclass(frozen=True, slots=True)
class GraphPicture:
    """The dependency graph as reports draw and export it; nodes and edges in a stable order. `left_out` columns were too many."""

    nodes: tuple[GraphNode, ...] = ()
    edges: tuple[GraphEdge, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Unresolved:
    """What could not be followed. `kind`: call | path | config load.

    `name` is the dotted callee, `.method` where the type of the receiver is unknown, "" where the callee is, and of paths and config loads the
    file they stand in. `values` are the columns, settings and options that go out of sight there; of `count` places the first are kept.
    """

    kind: str
    name: str
    values: int
    count: int
    places: tuple[Location, ...]


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
