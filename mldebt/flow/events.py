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


def chain_of(frame: CallFrame | None) -> tuple[Place, ...]:
    """The places of the calls that lead into a frame, outermost first."""
    places: list[Place] = []
    while frame is not None and frame.caller is not None:
        places.append(frame.at)
        frame = frame.caller
    return tuple(reversed(places))


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
    role: str = ""  # of a trace, which travels with columns and is none: value | mask | rows | order | mixed | residual | random


@dataclass(frozen=True, slots=True)
class ModelSite:
    at: Place
    type: str
    name: str
    loops: tuple[Place, ...] = ()  # the loops that run while it is made
    chain: tuple[Place, ...] = ()  # the calls that lead there


@dataclass(frozen=True, slots=True)
class Prediction:
    model: int
    kind: str
    at: Place
    frame: CallFrame | None


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a fit learns from, by role: columns as bits, and predictions that are no column.

    `supervised`: a target is given. `more`: there may be features that nobody named. `continued` are models that it goes on from, `loops` the loops that run.
    """

    features: int
    feature_predictions: frozenset[int]
    target: int
    target_predictions: frozenset[int]
    base: int
    base_predictions: frozenset[int]
    weight: int
    weighted: bool
    supervised: bool
    more: bool
    continued: frozenset[int]
    loops: tuple[Place, ...]


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
    lesson: Lesson | None = None
    names: tuple[str, ...] = ()  # of the features, in order; () where they cannot be told
    positional: bool = False  # an array or a list: the names are not seen by the model
    loops: tuple[Place, ...] = ()  # those around a step of a training loop


@dataclass(frozen=True, slots=True)
class Predicted(Event):
    model: int
    inputs: int
    prediction: int
    library: str
    origin: Origin = NOWHERE
    loops: tuple[Place, ...] = ()
    names: tuple[str, ...] = ()
    positional: bool = False


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
    threshold: float
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
class Parsed(Event):
    """How a read makes values of a file: options that change them as (option, column or "", value as text; None where it cannot be told).

    `columns` are the only columns that are read, () for all; `whole` is false for a look at some rows, and for options that cannot be told.
    """

    path: str
    callee: str
    options: tuple[tuple[str, str, str | None], ...]
    columns: tuple[str, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Fetched(Event):
    """Something outside is followed by its name. `pin` is the version the call asks for: a text, None for none, HOLE for one that we cannot tell."""

    host: str
    name: str
    pin: str | None
    callee: str
    leaves: frozenset[int]


@dataclass(frozen=True, slots=True)
class Anchored(Event):
    """A call gets a path from the root of a file system, or a device, that literals spell and nothing else: each that it may be, with its place."""

    use: str  # read | write | load | device
    callee: str
    spelled: tuple[tuple[str, Place], ...]


@dataclass(frozen=True, slots=True)
class Registered(Event):
    """A model gets a name or a stage in a registry."""


@dataclass(frozen=True, slots=True)
class Fingerprinted(Event):
    """Content is reduced to a hash."""


@dataclass(frozen=True, slots=True)
class Deprecated(Event):
    """A function of the repository is marked as out of use; `function` is its qualified name."""

    module: int
    function: str


@dataclass(frozen=True, slots=True)
class Narrowed(Event):
    """Columns were left behind: selected away or dropped."""

    bits: int
    by: str


@dataclass(frozen=True, slots=True)
class Joined(Event):
    """A table all of whose columns are known is joined to another: those it brings beside the keys, as (name, bits). `how` is "" where it is not said."""

    columns: tuple[tuple[str, int], ...]
    how: str


@dataclass(frozen=True, slots=True)
class Absent(Event):
    """A name was asked of a table that certainly has no such column; `column` stands for it, `known` are those that are there. `how`: raises | filled."""

    name: str
    column: int
    known: tuple[str, ...]
    how: str


@dataclass(frozen=True, slots=True)
class Moved(Event):
    """A leaf was handed to a parameter of a repository function."""

    leaf: int
    module: int
    function: str
    parameter: str


@dataclass(frozen=True, slots=True)
class Acted(Event):
    """The world outside is changed, with predictions or on a condition."""

    callee: str
    predictions: frozenset[int]


@dataclass(frozen=True, slots=True)
class Answered(Event):
    """A route has run. `predictions` may be in its answer or in what it did; `guarded`: a parameter may ask who calls."""

    function: str
    predictions: frozenset[int]
    guarded: bool


@dataclass(frozen=True, slots=True)
class Learned(Event):
    """Thresholds were computed from validation data (roc_curve and its kin)."""

    callee: str


@dataclass(frozen=True, slots=True)
class Checked(Event):
    """The columns of some reads (their numbers) were held against a schema or a list of names."""

    sources: frozenset[int]


@dataclass(frozen=True, slots=True)
class Iterated(Event):
    """Something gives the batches of a data set one by one, of a loader that was made at `made`."""

    made: Place


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
