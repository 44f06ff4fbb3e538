"""What a table is at one time: its columns by name, whether there may be others, and where its rows come from."""

from __future__ import annotations

from mldebt.flow.origin import NOWHERE, Origin, Rest


class FrameState:
    """Columns by name as bits (joins give a name several producers); `hidden` are columns under unknown names.

    `open`: there may be columns nobody named yet; then `source` says of which read they are (-1: of none), and `gone` which of them are not there.
    `rows` are the row tokens, `aggregates` the statistics in any column, `marks` those in the columns of a name; `moved`: values may stand in other rows
    than their own; `partial`: columns may be missing that stand here (a choice by dtype, position, or names nobody can tell); `doubtful` are then the
    statistics in columns that may be missing: in a column that is taken by its name they are.
    """

    __slots__ = ("aggregates", "columns", "doubtful", "gone", "hidden", "index", "marks", "moved", "open", "partial", "rows", "source")

    def __init__(self, columns: dict[str, int], open_: bool, hidden: int = 0, source: int = -1, index: int = 0, rows: int = 0) -> None:
        self.columns = columns
        self.open = open_
        self.hidden = hidden
        self.source = source
        self.index = index
        self.rows = rows
        self.aggregates = 0
        self.marks: dict[str, int] = {}
        self.doubtful: dict[str, int] = {}
        self.gone: frozenset[str] = frozenset()
        self.moved = False
        self.partial = False

    def changed(
        self,
        columns: dict[str, int] | None = None,
        *,
        open_: bool | None = None,
        hidden: int | None = None,
        source: int | None = None,
        index: int | None = None,
        rows: int | None = None,
        aggregates: int | None = None,
        marks: dict[str, int] | None = None,
        gone: frozenset[str] | None = None,
        moved: bool = False,
        partial: bool = False,
    ) -> FrameState:
        """The same but for what is given; marks of columns that are no longer there go."""
        made = FrameState(
            self.columns if columns is None else columns,
            self.open if open_ is None else open_,
            self.hidden if hidden is None else hidden,
            self.source if source is None else source,
            self.index if index is None else index,
            self.rows if rows is None else rows,
        )
        made.aggregates = self.aggregates if aggregates is None else aggregates
        made.marks = self.marks if marks is None else marks
        if made.marks and columns is not None:
            made.marks = {name: mark for name, mark in made.marks.items() if name in columns}
        made.doubtful = self.doubtful
        if partial:
            made.doubtful = {**made.doubtful, **made.marks}
            made.marks, made.aggregates = {}, 0
        made.gone = self.gone if gone is None else gone
        made.moved = self.moved or moved
        made.partial = self.partial or partial
        return made

    def scrambled(self) -> FrameState:
        """Everything in the table under names we cannot tell; one that had a list of columns has no others now."""
        source = None if self.open else -1
        return self.changed({}, open_=True, hidden=self.all_bits(), aggregates=self.all_aggregates(), source=source)

    def all_bits(self) -> int:
        bits = self.hidden | self.index
        for column in self.columns.values():
            bits |= column
        return bits

    def all_aggregates(self) -> int:
        found = self.aggregates
        for mark in self.marks.values():
            found |= mark
        return found

    def origin(self) -> Origin:
        """Of all values in the table."""
        rest = frozenset({Rest(self.source, self.gone)}) if self.open and self.source >= 0 else frozenset()
        if not (self.rows or self.marks or self.aggregates or rest or self.moved or self.partial):
            return NOWHERE
        return Origin(self.rows, self.all_aggregates(), rest, None, self.moved, self.partial)
