"""Where rows come from: sets of row tokens, statistics of other rows in a value, and how a mask or an index picks rows.

A token names rows: those of a file, of one part of a split, of a resampling. A value carries the tokens that its rows belong to (catalogue: row
origin) and the numbers of the statistics that went into it (an aggregate is a number computed over rows: a mean, a fitted scaler). Both are ints
whose ones are numbers in the tables of `RowTable`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

Place = tuple[int, int]


class Origin:
    """`rest`: reads whose unnamed columns are in the value, with the names that are surely gone; `pick`: what taking rows by this value means;
    `moved`: values may stand beside other rows than their own (lags, windows, slices); `partial`: columns may be missing that the value seems to hold."""

    __slots__ = ("aggregates", "moved", "partial", "pick", "rest", "rows")

    def __init__(
        self,
        rows: int = 0,
        aggregates: int = 0,
        rest: frozenset[Rest] = frozenset(),
        pick: Pick | None = None,
        moved: bool = False,
        partial: bool = False,
    ) -> None:
        self.rows = rows
        self.aggregates = aggregates
        self.rest = rest
        self.pick = pick
        self.moved = moved
        self.partial = partial

    def key(self) -> Hashable:
        return (self.rows, self.aggregates, self.rest, self.pick, self.moved, self.partial)

    def changed(self, *, rows: int | None = None, aggregates: int = 0, moved: bool = False, partial: bool = False) -> Origin:
        """Other rows, more statistics, moved values or missing columns; without a meaning as a mask or index."""
        kept = 0 if partial else self.aggregates
        return Origin(self.rows if rows is None else rows, kept | aggregates, self.rest, None, self.moved or moved, self.partial or partial)

    def beside(self, other: Origin) -> Origin:
        """Of a value made of both."""
        if other is self or other is NOWHERE:
            return self
        if self is NOWHERE:
            return other
        moved, partial = self.moved or other.moved, self.partial or other.partial
        return Origin(self.rows | other.rows, self.aggregates | other.aggregates, self.rest | other.rest, None, moved, partial)

    def or_else(self, other: Origin) -> Origin:
        """Of a value that is one or the other: rows only where both agree, statistics of either."""
        if other is self or self.key() == other.key():
            return self
        rest = self.rest if self.rest == other.rest else frozenset()
        partial = self.partial or other.partial
        return Origin(self.rows & other.rows, self.aggregates | other.aggregates, rest, None, self.moved or other.moved, partial)

    def plain(self) -> Origin:
        """The same rows, without a meaning as a mask or index."""
        return self.changed() if self.pick is not None else self


NOWHERE = Origin()


@dataclass(frozen=True, slots=True)
class Pick:
    """Taking rows by a mask or index: `split` says which division of rows, `part` which side of it."""

    split: Hashable
    part: str

    def other_side(self) -> Pick:
        return Pick(self.split, OTHER_SIDE.get(self.part, f"not {self.part}"))


OTHER_SIDE = {"inside": "outside", "outside": "inside", "head": "tail", "tail": "head"}


@dataclass(frozen=True, slots=True)
class Rest:
    """All columns of a read that nobody named, but for some that are gone; `at` is where the last of them was taken away."""

    source: int
    gone: frozenset[str]


@dataclass(frozen=True, slots=True)
class RowToken:
    """Rows by name. `kind`: source | part | resampled | value. Parts of equal `split` are sides of one division of the rows `parents`.

    Two kinds are no rows but say what was done to them: encoded (values became codes or columns of their own, by the values in `of`) and listed
    (after that the columns were picked by a list). They are in `RowTable.codes`, and end where rows are divided.
    """

    kind: str
    at: Place
    name: str
    parents: int = 0
    split: Hashable = None
    of: int = 0  # encoded: the rows whose values gave the codes


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A statistic of rows. `kind`: fitted (a transformer) | statistic | grouped (one for each group, of `keys`) | window (of neighbours in time) | numbered (by the rows before in a group) | score; `what` is the class or method; `bits` the columns it is computed of."""

    kind: str
    at: Place
    what: str
    rows: int
    bits: int
    target: int = 0
    table: bool = False  # of a column or table as a whole, not of groups or of one array
    keys: tuple[str, ...] = ()  # of groups: the columns that make them


UNTOLD = frozenset({"taken", "filtered", "joined", "read"})
"""Choices of rows of which nobody can tell what they leave."""

STATISTICS = frozenset({"fitted", "statistic", "grouped"})
"""Aggregates that tell about rows other than their own."""


class RowTable:
    """All tokens and aggregates of a scan, numbered in the order they were met."""

    def __init__(self) -> None:
        self.tokens: list[RowToken] = []
        self.codes = 0
        self.reads: dict[int, set[Place]] = {}  # by token: where rows of that name are read
        self._numbers: dict[Hashable, int] = {}
        self._ancestors: dict[int, int] = {}
        self.aggregates: list[Aggregate] = []
        self._aggregate_numbers: dict[Aggregate, int] = {}

    def source(self, key: Hashable, at: Place, name: str) -> int:
        made = self._token(("source", key), RowToken("source", at, name))
        self.reads.setdefault(made.bit_length() - 1, set()).add(at)
        return made

    def value(self, at: Place) -> int:
        """Rows of a value that nothing is known of."""
        return self._token(("value", at), RowToken("value", at, ""))

    def encoded(self, at: Place, name: str, rows: int) -> int:
        """The mark of values that became codes by the values in some rows."""
        made = self._token(("encoded", at, rows & ~self.codes), RowToken("encoded", at, name, of=rows & ~self.codes))
        self.codes |= made
        return made

    def listed(self, rows: int, at: Place) -> int:
        """Encoded rows whose columns are picked by a list; others as they are."""
        if not rows & self.codes:
            return rows
        made = self._token(("listed", at), RowToken("listed", at, ""))
        self.codes |= made
        return rows | made

    def some(self, at: Place, how: str, parents: int) -> int:
        """Fewer rows, nobody can tell which; the same place makes the same choice."""
        return self.part((how, at), at, "inside", parents) if parents else 0

    def resampled(self, at: Place, name: str, parents: int) -> int:
        """Rows of which some come out more than once, or are made up from others."""
        parents &= ~self.codes
        return self._token(("resampled", at, parents), RowToken("resampled", at, name, parents))

    def part(self, split: Hashable, at: Place, name: str, parents: int) -> int:
        """One side of a division; dividing a side in the same way again gives it back (loops)."""
        parents &= ~self.codes
        for number in ones(self.closure(parents)):
            if self.tokens[number].split == split and split is not None:
                return 1 << number if self.tokens[number].name == name else parents
        return self._token(("part", split, name, parents), RowToken("part", at, name, parents, split))

    def _token(self, key: Hashable, token: RowToken) -> int:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.tokens)
            self.tokens.append(token)
        return 1 << number

    def aggregate(self, aggregate: Aggregate) -> int:
        number = self._aggregate_numbers.get(aggregate)
        if number is None:
            number = self._aggregate_numbers[aggregate] = len(self.aggregates)
            self.aggregates.append(aggregate)
        return 1 << number

    def before_choices(self, rows: int) -> int:
        """The tokens without the choices of rows that nobody can tell."""
        found = 0
        for number in ones(rows):
            token = self.tokens[number]
            chosen = token.kind == "part" and isinstance(token.split, tuple) and token.split[0] in UNTOLD
            found |= self.before_choices(token.parents) if chosen else 1 << number
        return found

    def closure(self, rows: int) -> int:
        """The tokens and all that they are part of."""
        found = 0
        for number in ones(rows):
            known = self._ancestors.get(number)
            if known is None:
                known = self._ancestors[number] = (1 << number) | self.closure(self.tokens[number].parents)
            found |= known
        return found

    def above(self, rows: int) -> int:
        """What the tokens are part of, without themselves."""
        found = 0
        for number in ones(rows):
            found |= self.closure(self.tokens[number].parents)
        return found

    def named(self, rows: int) -> Iterable[RowToken]:
        return [self.tokens[number] for number in ones(rows)]


def ones(bits: int) -> Iterator[int]:
    """The positions of the ones."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
