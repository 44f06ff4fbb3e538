"""The heap: cells with an undo trail, so that branches run on write sets and not on copies."""

from __future__ import annotations

from typing import Any

from mldebt.flow.joins import join_states
from mldebt.flow.values import Cell, Mapping, Sequence, Value

Changes = dict[int, tuple[Cell, Any]]


class Heap:
    def __init__(self) -> None:
        self._serial = 0
        self.version = 0
        self.trail: list[tuple[Cell, Any, int]] = []

    def next_serial(self) -> int:
        self._serial += 1
        return self._serial

    @property
    def serial(self) -> int:
        return self._serial

    def write(self, cell: Cell, state: Any) -> None:
        self.trail.append((cell, cell.state, cell.version))
        self.version += 1
        cell.state = state
        cell.version = self.version

    def undo_to(self, mark: int) -> Changes:
        """Takes back everything since `mark` and returns what the changed cells had become."""
        changes: Changes = {}
        trail = self.trail
        if len(trail) > mark:
            self.version += 1
        while len(trail) > mark:
            cell, state, version = trail.pop()
            if cell.serial not in changes:
                changes[cell.serial] = (cell, cell.state)
            cell.state = state
            cell.version = version
        return changes

    def apply(self, arms: list[Changes]) -> None:
        """The join of several arms; a cell that an arm left alone keeps its present state there."""
        if not any(arms):
            return
        touched: dict[int, Cell] = {}
        for changes in arms:
            for serial, (cell, _) in changes.items():
                touched[serial] = cell
        for serial, cell in touched.items():
            state: Any = None
            for changes in arms:
                after = changes[serial][1] if serial in changes else cell.state
                state = after if state is None else join_states(cell, state, after)
            if state is not cell.state:
                self.write(cell, state)

    def list(self, items: tuple[Value, ...] | None, element: Value | None = None, kind: str = "list", open_: bool = False) -> Sequence:
        return Sequence(self.next_serial(), kind, items, element, open_)

    def tuple(self, items: tuple[Value, ...]) -> Sequence:
        return Sequence(self.next_serial(), "tuple", items)

    def mapping(self, entries: dict[Any, Value], element: Value | None = None, open_: bool = False) -> Mapping:
        return Mapping(self.next_serial(), (entries, element, open_))
