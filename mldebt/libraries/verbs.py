"""What a library call does, in a closed list of verbs. One verb = one frozen dataclass here = one `case` in `flow`.

An `Argument` names a parameter and, where it may be positional, its position (the receiver of a method does not count).
Special names: "*" all positional arguments, "**" all keyword arguments, "receiver" the object a method is called on.
Unless said otherwise an `Argument | None` field that is None means "not there" or, for the main value, the receiver.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mldebt.libraries.fields import Argument, Constant, ParseOption, When
from mldebt.libraries.table_verbs import (
    Adds,
    Aggregates,
    Concatenates,
    Drops,
    Filters,
    Groups,
    Joins,
    Renames,
    Reshapes,
    Samples,
    Selects,
    Shuffles,
    Sorts,
    Splits,
)


@dataclass(frozen=True, slots=True)
class Reads:
    """A file, table or query becomes a value. `gives`: frame | array | text | lines | handle | object | dataset."""

    path: Argument | None = None
    query: Argument | None = None
    format: Constant | Argument = None
    columns: Argument | None = None  # the only columns read (usecols, columns)
    names: Argument | None = None  # the names given to all columns (names=)
    some: tuple[Argument, ...] = ()  # arguments that leave rows out (nrows, skiprows, filters)
    gives: str = "frame"
    when: When | None = None
    separated_by: str = ""  # a text table whose first line names the columns: the character between fields, where none is given
    separator: Argument | None = None
    header: Argument | None = None  # may say that the names stand in another line
    plain: tuple[str, ...] = ()  # the other arguments that leave the names alone
    flat: tuple[str, ...] = ()  # those that do so where they are lists of constants
    parses: tuple[ParseOption, ...] = ()
    within: Argument | None = None  # what is read of the file (a sheet): another one is another table
    part: Argument | None = None  # where it is given, only some rows are read, to look at them (nrows)
    variables: bool = False  # the query may name variables of the calling code as tables


@dataclass(frozen=True, slots=True)
class Writes:
    """`value` (or the receiver) goes to a file, table, topic or bucket."""

    path: Argument | None = None
    value: Argument | None = None
    format: Constant | Argument = None
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Fetches:
    """Something outside the repository is followed by its `name` (inside `within`); `host` says how such names are read, `pin` what fixes a version."""

    name: Argument
    host: str
    pin: tuple[Argument, ...] = ()
    within: Argument | None = None
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Converts:
    """The same values in another shape; `row_labels`: the index of rows; `membership`: a mask of the rows that are in `value`. `to`: same | array | tensor | frame | list | dict | text | number | dataset | path |
    joined_path | rows | numbered_rows | probability | similarity | moved | lagged | each | row_labels | membership | parent | name | stem | suffix | absolute | with_name | column_names | schema.

    `each`: as same, and functions among the arguments get one value or row at a time. `moved`: values stand beside other rows than their own; `lagged`: of neighbours in time (lags, windows). `schema` and `column_names` look at names and types only: no use of the data. `into` names the package whose data type comes out, for glue code.
    """

    value: Argument | None = None
    to: str = "same"
    into: str = ""
    when: When | None = None
    keeps_order: bool = False  # a larger value gives a larger result, another value another result


@dataclass(frozen=True, slots=True)
class Creates:
    """A new object. `kind`: model | transformer | pipeline | search | optimizer | scheduler | loss | layer | dataset | frame | other.

    `parts` are arguments that hold the models or transformers inside (pipelines, searches, ensembles); `columns` those that name columns, `remainder` what becomes of the others.
    `data` are arguments with training data (a DMatrix), `target` the label among them.
    """

    kind: str
    parts: tuple[Argument, ...] = ()
    data: tuple[Argument, ...] = ()
    target: Argument | None = None
    columns: tuple[Argument, ...] = ()
    base: Argument | None = None  # as in `fits`
    weight: Argument | None = None
    remainder: Argument | None = None  # what becomes of columns that `columns` does not name; absent: they go
    shuffle: Argument | None = None  # of a splitter: whether it divides by chance
    stops: tuple[Argument, ...] = ()  # of a model: fitting stops early, by what it is watched on


@dataclass(frozen=True, slots=True)
class Fits:
    """A model or transformer (the receiver, or `model`) learns from `inputs` and `target`."""

    inputs: tuple[Argument, ...] = ()
    target: Argument | None = None
    evaluation: Argument | None = None
    weight: Argument | None = None
    base: Argument | None = None  # init_score, base_margin, baseline: what another model said
    continues: Argument | None = None  # a model that this one goes on from (init_model, xgb_model)
    model: Argument | None = None
    stops: tuple[Argument, ...] = ()  # a number of rounds, or callbacks of which some choose by `evaluation`
    held_out: Argument | None = None  # the share of the inputs that the call keeps to watch itself
    gives: str = "self"  # "transformed": fit_transform; "prediction": fit_predict; "model": a new model (xgboost.train)


@dataclass(frozen=True, slots=True)
class Transforms:
    inputs: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Predicts:
    """`kind`: label | probability | score | regression | label_or_number (predict() of an estimator of unknown type) | unknown."""

    inputs: tuple[Argument, ...] = ()
    kind: str = "unknown"
    model: Argument | None = None
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """A metric of predictions and truth, or of a model on data. `learns_threshold`: the result holds thresholds (roc_curve)."""

    inputs: tuple[Argument, ...] = ()
    model: Argument | None = None
    learns_threshold: bool = False


@dataclass(frozen=True, slots=True)
class Calibrates:
    inputs: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Persists:
    """A model or any object is kept whole in a file."""

    value: Argument | None = None
    path: Argument | None = None
    within: str = ""  # where the path lies: "runs" of a tracker


@dataclass(frozen=True, slots=True)
class Loads:
    """The object that was kept comes back; `adopts`: the receiver becomes it (Booster.load_model)."""

    path: Argument | None = None
    adopts: bool = False
    pretrained: bool = False  # made by others, for everybody (a hub)


@dataclass(frozen=True, slots=True)
class Registers:
    value: Argument | None = None
    name: Argument | None = None


@dataclass(frozen=True, slots=True)
class Seeds:
    library: str
    seed: Argument | None = None


@dataclass(frozen=True, slots=True)
class ConsumesRandomness:
    library: str = ""
    seed: Argument | None = None
    when: When | None = None


@dataclass(frozen=True, slots=True)
class ReadsClock:
    pass


@dataclass(frozen=True, slots=True)
class Fingerprints:
    pass


@dataclass(frozen=True, slots=True)
class Configures:
    """Settings. `role`: load (of a stream, a path or a text) | dump | create | merge | container | select | set | instantiate | target | keep (the arguments of the method that calls, on its object) | main | compose | environment."""

    role: str
    source: Argument | None = None
    format: Constant = None
    key: Argument | None = None
    default: Argument | None = None
    path: Argument | None = None  # hydra: config_path
    name: Argument | None = None  # hydra: config_name
    overrides: Argument | None = None
    attribute: Constant = None  # keep: where the object has them afterwards


@dataclass(frozen=True, slots=True)
class DeclaresOption:
    """Command lines. `role`: words (the command line itself) | parser | option | group | subparsers | subparser | parse | parse_known | set_defaults | command (a decorator whose
    function's parameters are the options) | command_option (a decorator that declares one) | command_group | typed_command (all parameters of the function are options) |
    flags (the namespace that a program shares) | flag | switch_flag | flag_read and flag_set (by name) | flags_whole | flag_main (starts the program)."""

    role: str
    default: Argument | None = None
    destination: Argument | None = None
    parents: Argument | None = None


@dataclass(frozen=True, slots=True)
class Logs:
    """Printed, plotted or tracked. A column or prediction shown to people is used; a settings object dumped whole is neither used nor escaped."""

    values: Argument = field(default=Argument("*"))
    whole_settings: bool = True


@dataclass(frozen=True, slots=True)
class Validates:
    value: Argument | None = None
    columns: Argument | None = None


@dataclass(frozen=True, slots=True)
class Raises:
    pass


@dataclass(frozen=True, slots=True)
class Acts:
    """An effect on the world outside: HTTP write, message, actuator."""

    values: Argument = field(default=Argument("*"))


@dataclass(frozen=True, slots=True)
class Deprecates:
    """A function is out of use: the one that is decorated, or, where the call has a `category`, the one that makes the call with one `of` these."""

    category: Argument | None = None
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Routes:
    """A decorator or call that makes a function a serving entry point."""

    function: Argument | None = None


@dataclass(frozen=True, slots=True)
class Schedules:
    """A decorator or call that makes a function a task of a pipeline. `function` where it is an argument."""

    function: Argument | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    what: str = "optimizer"  # optimizer | scheduler


@dataclass(frozen=True, slots=True)
class Zeroes:
    pass


@dataclass(frozen=True, slots=True)
class Backpropagates:
    pass


@dataclass(frozen=True, slots=True)
class SetsMode:
    mode: str  # train | eval | no_grad
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Expresses:
    """A column expression: what to make of a table that is not there yet. `role`: columns (the named ones) | every (some of all columns) |
    computed (of the receiver and all arguments) | folded (several become one) | condition (read, but the result has its name from what follows) |
    named | sql (a text of SQL) | function (rows go through a function) | piped (a function gets the receiver, an expression or a table).

    `columns`: arguments whose texts are names of columns. `without`: names that `every` leaves out.
    """

    role: str
    columns: tuple[Argument, ...] = ()
    without: tuple[Argument, ...] = ()
    name: Argument | None = None
    prefix: Argument | None = None
    suffix: Argument | None = None
    function: Argument | None = None
    named: bool = True  # the result is called like the first column in it
    aggregates: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """Data or a model goes to a `device`, named by a text, a number, or a text and a number (`index`)."""

    device: Argument
    index: Argument | None = None


@dataclass(frozen=True, slots=True)
class Escapes:
    values: Argument = field(default=Argument("*"))


Verb = (
    Reads | Writes | Selects | Adds | Drops | Renames | Joins | Concatenates | Groups | Aggregates | Reshapes | Filters | Sorts | Splits
    | Samples | Shuffles | Converts | Creates | Fits | Transforms | Predicts | Scores | Calibrates | Persists | Loads | Registers | Seeds
    | ConsumesRandomness | ReadsClock | Configures | DeclaresOption | Logs | Validates | Raises | Acts | Routes | Schedules | Steps | Zeroes
    | Backpropagates | SetsMode | Expresses | Escapes | Fetches | Fingerprints | Deprecates | Places
)  # fmt: skip
