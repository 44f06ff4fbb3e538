"""The verbs of tables: which columns and rows come out of a call."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.libraries.fields import Argument, When


@dataclass(frozen=True, slots=True)
class Selects:
    """Keeps these columns only; `columns` may be a name, a list, or (`by`: names | regex | like | dtype | position | sql)."""

    columns: Argument
    by: str = "names"
    when: When | None = None
    absent: str = "raises"  # what becomes of a name that is not there: raises | filled (with nothing but missing values) | skipped


@dataclass(frozen=True, slots=True)
class Adds:
    """New columns: one called `column` with `value`; or every keyword argument (`columns: "**"`)."""

    columns: Argument
    value: Argument | None = None
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Drops:
    columns: Argument
    gives: str = "receiver"  # "column": the dropped column is the result (pop)
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Renames:
    columns: Argument  # a mapping old -> new, or a list of all new names where `all` is set
    all: bool = False
    to: Argument | None = None  # the new name, where `columns` is one old name
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Joins:
    right: Argument
    on: Argument | None = None
    left_on: Argument | None = None
    right_on: Argument | None = None
    how: Argument | None = None
    suffixes: Argument | None = None
    left: Argument | None = None  # None: the receiver
    when: When | None = None
    marks: Argument | None = None  # asks for a column that says which rows found a partner


@dataclass(frozen=True, slots=True)
class Concatenates:
    """Puts tables below each other (axis 0) or side by side (axis 1)."""

    inputs: Argument
    axis: Argument | None = None
    keys: Argument | None = None  # names of the parts, which stay with the rows
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Groups:
    by: Argument | None = None


@dataclass(frozen=True, slots=True)
class Aggregates:
    """Rows become a summary: of a table, a column, or each group. Part of `groups` in the vocabulary: what follows a group."""

    how: Argument | None = None
    rowwise: bool = False  # groupby.transform: a summary, put back on each row
    when: When | None = None
    value: Argument | None = None  # of a function: the table or the values it works on
    axis: Argument | None = None  # along the columns of a row it is no summary of rows
    statistic: bool = True  # False: names or codes of values only (unique, factorize), nothing that other rows teach


@dataclass(frozen=True, slots=True)
class Reshapes:
    """Columns come out that the call does not spell (pivot, melt, get_dummies, stack): an open table made of the old columns."""

    value: Argument | None = None
    columns: Argument | None = None
    when: When | None = None
    encodes: bool = False  # values become columns, which ones the rows decide (get_dummies); the other columns stay


@dataclass(frozen=True, slots=True)
class Filters:
    """Fewer rows, the same columns; columns that `condition` looks at (a mask, or a text as in query) are read. `without`: labels of rows left out."""

    condition: Argument | None = None
    subset: Argument | None = None
    without: Argument | None = None
    when: When | None = None
    value: Argument | None = None  # of a function: the table or the values it works on


@dataclass(frozen=True, slots=True)
class Sorts:
    by: Argument | None = None
    value: Argument | None = None  # of a function: the table or the values it works on


@dataclass(frozen=True, slots=True)
class Splits:
    inputs: Argument
    into: tuple[str, ...] = ("train", "test")
    share: Argument | None = None
    seed: Argument | None = None
    shuffle: Argument | None = None
    stratify: Argument | None = None
    groups: Argument | None = None
    random: bool = False  # rows are divided by chance, unless `shuffle` says otherwise
    gives: str = (
        "parts"  # "indices": pairs of row numbers to iterate (KFold.split); "inside": the call keeps the parts to itself (cross_val_score)
    )


@dataclass(frozen=True, slots=True)
class Samples:
    seed: Argument | None = None
    replace: Argument | None = None
    share: Argument | None = None
    value: Argument | None = None  # of a function: the table or the values it works on
    duplicates: bool = False  # rows come out more than once, or made up from others (over-sampling)


@dataclass(frozen=True, slots=True)
class Shuffles:
    value: Argument | None = None
    seed: Argument | None = None
    when: When | None = None
