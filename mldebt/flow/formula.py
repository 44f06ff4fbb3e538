"""Column expressions as values: what `pl.col("a") * 2` says of a table that is not there yet."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any

from mldebt.flow.values import Data, Place, Value

EACH = "*"
"""The name of a part that stands for columns under their own names."""


@dataclass(frozen=True, slots=True)
class Part:
    """One column that comes out: `name` is "" where nobody can tell, None while it is not given yet (a condition without its values)."""

    name: str | None
    at: Place
    reads: tuple[str, ...] = ()
    plain: bool = False  # the column as it is, only moved or renamed
    every: bool = False  # it stands for any columns of the table
    whole: bool = False  # one column that may be made of all of them
    without: tuple[str, ...] = ()  # the columns that `every` leaves out


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison with something fixed: a decision, should a prediction be read."""

    parts: tuple[Part, ...]
    fixed: Value
    at: Place
    name: str


class Formula(Value):
    """A column expression: columns by name, resolved when it meets a table. `data` are rows that it brings along."""

    __slots__ = ("aggregates", "comparisons", "data", "functions", "mentions", "parts", "type")

    def __init__(
        self,
        type_name: str,
        parts: tuple[Part, ...],
        data: Data | None = None,
        mentions: tuple[str, ...] = (),
        functions: tuple[Value, ...] = (),
        comparisons: tuple[Comparison, ...] = (),
        aggregates: bool = False,
    ) -> None:
        self.type = type_name
        self.parts = parts
        self.data = data
        self.mentions = mentions  # texts that may name columns
        self.functions = functions  # get the values of the columns
        self.comparisons = comparisons
        self.aggregates = aggregates

    def __repr__(self) -> str:
        return f"formula({', '.join(str(part.name) for part in self.parts)})"

    def with_parts(self, parts: tuple[Part, ...], comparisons: tuple[Comparison, ...] | None = None) -> Formula:
        kept = self.comparisons if comparisons is None else comparisons
        return Formula(self.type, parts, self.data, self.mentions, self.functions, kept, self.aggregates)

    def named(self, name: str, at: Place) -> Formula:
        """Under another name; several columns under one name are one made of them all."""
        if len(self.parts) == 1 and not self.parts[0].every:
            return self.with_parts((replace(self.parts[0], name=name, at=at),))
        return self.with_parts((folded(self.parts, name, at),))

    def key(self, key_of: Callable[[Value], Hashable]) -> Hashable:
        return (
            "formula",
            self.type,
            self.parts,
            key_of(self.data) if self.data is not None else None,
            self.mentions,
            tuple(map(key_of, self.functions)),
            tuple((item.at, item.parts, key_of(item.fixed)) for item in self.comparisons),
        )

    def copied(self, copy: Callable[[Any], Any]) -> Formula:
        """The same with the cells in it copied."""
        if not self.functions:
            return self
        functions = tuple(map(copy, self.functions))
        return Formula(self.type, self.parts, self.data, self.mentions, functions, self.comparisons, self.aggregates)


def folded(parts: tuple[Part, ...], name: str | None, at: Place) -> Part:
    """One column made of several."""
    reads = tuple(dict.fromkeys(read for part in parts for read in part.reads))
    return Part(name, at, reads, whole=any(part.every or part.whole for part in parts))
