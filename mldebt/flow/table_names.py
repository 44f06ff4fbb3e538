"""Names read off a table whose columns nobody can tell: what code leaves out of them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(slots=True)
class TableNames:
    """Names read off one table. `left`: what filters leave out of them; `listed`: they are matched with a list of wanted names.

    Only the name that a loop took out of a list is written into, never a list: each loop, copy and choice has names of its own.
    """

    source: int
    left: frozenset[str] = frozenset()
    listed: bool = False

    def key(self) -> Hashable:
        return ("names", self.source, self.left, self.listed)

    def changed(self, left: frozenset[str] = frozenset(), listed: bool = False) -> TableNames:
        return TableNames(self.source, self.left | left, self.listed or listed)
