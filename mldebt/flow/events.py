"""What flow tells the graph: one append-only list of events per root, and the tables that they point into."""

from __future__ import annotations

from dataclasses import dataclass, field

from mldebt.core import Location
from mldebt.flow.origin import NOWHERE, Origin
from mldebt.flow.values import Place


@dataclass(frozen=True, slots=True)
class CallFrame:
    """How the program got somewhere: who called, where, and which function (qualified, with its module)."""

    caller: CallFrame | None
    at: Place
    module: int
    function: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """A setting or option. `name` is the dotted path or the destination; `owner` the config file, or the script's path."""

    kind: str  # option | setting | environment | field
    name: str
    owner: str
    at: Location
    declared: str = ""  # as written: "--drop-connect", "train.lr"
    traits: frozenset[str] = frozenset()  # suppressed, version, positional, choices
    value: object = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column at the place that makes it; `deps` are the bits of the columns its values are made of."""

    name: str
    at: Place
    deps: int
    made: bool  # by code here; else read from a file
    function: str = ""
    predictions: frozenset[int] = frozenset()
    frame: CallFrame | None = None
    same_row: int = 0  # those of `deps` whose values stand in the same row


@dataclass(frozen=True, slots=True)
class ModelSite:
    at: Place
    type: str
    name: str


@dataclass(frozen=True, slots=True)
class Prediction:
    model: int
    kind: str
    at: Place
    frame: CallFrame | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a place, in a root, under guards; `sequence` grows within a root."""

    kind: str
    at: Place
    frame: CallFrame
    sequence: int
    guards: tuple[tuple[Place, bool], ...]


@dataclass(frozen=True, slots=True)
class Fitted(Event):
    model: int
    inputs: int
    target: int
    library: str
    by: str  # fit | train | backward
    origin: Origin = NOWHERE  # of the features
    features: int = 0  # bits of what is learned from, without target, weights and data to watch
    target_origin: Origin = NOWHERE
    subject: int = -1  # the number of the object that learned, apart from others made at the same place


@dataclass(frozen=True, slots=True)
class Predicted(Event):
    model: int
    inputs: int
    prediction: int
    library: str
    origin: Origin = NOWHERE


@dataclass(frozen=True, slots=True)
class Evaluated(Event):
    """A model is scored (`kind` evaluated), watched while it learns (monitored), or fitted until it is best there (stopping): on data of its own (`score`), or through its predictions. `inside`: the call divides by itself (cross-validation)."""

    models: frozenset[int]
    origin: Origin
    metric: str
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Selected(Event):
    """Scores are compared with each other: `scores` are their numbers among the aggregates, as bits."""

    scores: int


@dataclass(frozen=True, slots=True)
class Converted(Event):
    into: str
    callee: str


@dataclass(frozen=True, slots=True)
class Compared(Event):
    """A prediction against something fixed; `leaf` is the setting it comes from, or -1; `constant` the name of a constant, if any."""

    decision: int
    predictions: frozenset[int]
    threshold: object
    leaf: int
    name: str
    variable: str


@dataclass(frozen=True, slots=True)
class Decided(Event):
    decision: int
    how: str


@dataclass(frozen=True, slots=True)
class Tuned(Event):
    """A hyperparameter got its value; `literal` is the place of the literal, if it is one."""

    callee: str
    parameter: str
    value: object
    literal: Place | None
    leaf: int


@dataclass(frozen=True, slots=True)
class Branched(Event):
    """A condition on settings, options or parameters; `taken` is what it is under the present values (None: unknown)."""

    leaves: frozenset[int]
    parameters: frozenset[tuple[int, str, str]]  # (module, function, parameter)
    taken: bool | None
    then_size: int
    else_size: int
    then_span: tuple[int, int]
    else_span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stored(Event):
    """A file or table is written. `bits` are its columns, `whole` says that it is an object (a model, a bundle)."""

    path: str
    format: str
    bits: int
    predictions: frozenset[int]
    models: frozenset[int]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded(Event):
    """A file or table is read; `sources` are the places that write it in this repository, with the proof of the join."""

    path: str
    format: str
    sources: tuple[tuple[Place, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Narrowed(Event):
    """Columns were left behind: selected away or dropped."""

    bits: int
    by: str


@dataclass(frozen=True, slots=True)
class Moved(Event):
    """A leaf was handed to a parameter of a repository function."""

    leaf: int
    module: int
    function: str
    parameter: str


@dataclass(frozen=True, slots=True)
class Acted(Event):
    callee: str
    predictions: frozenset[int]


@dataclass(frozen=True, slots=True)
class Learned(Event):
    """Thresholds were computed from validation data (roc_curve and its kin)."""

    callee: str


@dataclass(frozen=True, slots=True)
class Moving(Event):
    """A statement on ML values; `only` says that it only converts or moves them."""

    only: bool


@dataclass(slots=True)
class Root:
    """One way to start code: `kind` main | script | notebook | test | hook | uncalled | command | import."""

    kind: str
    module: int
    name: str
    at: Place
    command: str = ""
    events: list[Event] = field(default_factory=list)
    functions: set[tuple[int, str]] = field(default_factory=set)
