"""Remembered calls: what a function gave and did to its arguments, for every later call of the same shape, in any root."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import replace
from typing import Any

from mldebt.flow.activation import Activation
from mldebt.flow.copies import Copying
from mldebt.flow.events import Event, Loaded
from mldebt.flow.heap import Heap
from mldebt.flow.paths import same_path
from mldebt.flow.shapes import Outlines, Shape
from mldebt.flow.values import Cell, Class, Function, Library, Module, Value
from mldebt.flow.world import Snapshot, World

MAX_COPIED = 250
_STAYING = (Function, Class, Library, Module)


class Recording:
    """One run of a function: where the heap and the events stood, the calls in it, and the variables of modules that it looked at."""

    __slots__ = ("born", "calls", "function", "mark", "outside", "shape", "snapshots", "started")

    def __init__(self, world: World, shape: Shape, function: tuple[int, str]) -> None:
        self.function = function
        self.shape = shape
        self.mark = len(world.heap.trail)
        self.born = world.heap.serial
        self.started = len(world.root.events)
        self.snapshots = len(world.snapshots)
        self.calls: list[tuple[Remembered, bool]] = []
        self.outside: dict[tuple[int, int], Outside] = {}


class Outside:
    """A variable of a module as a function found it, with the state of the cell that it held."""

    __slots__ = ("act", "slot", "state", "value")

    def __init__(self, act: Activation, slot: int, value: Value) -> None:
        self.act, self.slot, self.value = act, slot, value
        self.state = value.state if isinstance(value, Cell) else None

    def is_unchanged(self) -> bool:
        value = self.act.registers[self.slot]
        return value is self.value and (not isinstance(value, Cell) or value.state is self.state)


class Remembered:
    """A result with the writes to the arguments' cells (by their number in the shape), the events and the files; `roots` have these already."""

    __slots__ = ("born", "calls", "cells", "events", "function", "outside", "reads", "result", "roots", "snapshots", "writes")

    def __init__(self, recording: Recording, events: list[Event], snapshots: list[Snapshot], root: int) -> None:
        self.cells = recording.shape.cells
        self.calls = recording.calls
        self.function = recording.function
        self.events = events
        self.snapshots = snapshots
        self.reads: frozenset[str] = frozenset(event.path for event in events if isinstance(event, Loaded)).union(
            *(inner.reads for inner, _ in recording.calls)
        )
        self.outside: dict[tuple[int, int], Outside] = {
            **recording.outside,
            **{place: seen for inner, _ in recording.calls for place, seen in inner.outside.items()},
        }
        self.roots = {root}
        self.result: Any = None
        self.born = recording.born
        self.writes: list[tuple[int, Cell, Any]] = []

    def touches(self, module: int) -> bool:
        """Whether the call, or one in it, is of a module."""
        return self.function[0] == module or any(inner.touches(module) for inner, _ in self.calls)


class Memory:
    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[Hashable, Remembered] = {}
        self.outlines = Outlines()
        self._recordings: list[Recording] = []

    def interrupt(self) -> None:
        """No call that is being recorded will come to its end."""
        self._recordings.clear()

    def forget(self, changed: Collection[str]) -> None:
        """Drops what read one of these files."""
        stale: dict[str, bool] = {}
        for key, call in list(self._known.items()):
            for path in call.reads:
                if path not in stale:
                    stale[path] = any(same_path(other, path) for other in changed)
            if any(stale[path] for path in call.reads):
                del self._known[key]

    def forget_modules(self, modules: Collection[int]) -> None:
        """Drops what functions of these modules did."""
        self._known = {key: call for key, call in self._known.items() if not any(call.touches(module) for module in modules)}

    def recall(self, key: Hashable, root: int, number: int) -> Remembered | None:
        """The remembered call, told to the root (its run, its number) and to whoever records at present; None if what it looked at has changed."""
        found = self._known.get(key)
        if found is None or not all(seen.is_unchanged() for seen in found.outside.values()):
            return None
        told = root not in found.roots
        self._tell(found, root, number, events=True)
        if self._recordings:
            self._recordings[-1].calls.append((found, told))
        return found

    def _tell(self, call: Remembered, root: int, number: int, events: bool) -> None:
        """A root gets the events of a remembered call and of the calls in it; `events` is false where it has its own already."""
        if root in call.roots:
            return
        call.roots.add(root)
        world = self._world
        world.root.functions.add(call.function)
        if events:
            world.root.events.extend(call.events)
            for event in call.events:
                if isinstance(event, Loaded):
                    world.readers.setdefault(number, set()).add(event.path)
            for snapshot in call.snapshots:
                world.keep(replace(snapshot, root=number))
        for inner, inside in call.calls:
            self._tell(inner, root, number, events=not inside)

    def replay(self, call: Remembered, shape: Shape) -> Value:
        """The result and the writes, on the cells of this call."""
        if call.result is None:
            raise AssertionError("a remembered call has a result")
        if not call.writes and not isinstance(call.result, Cell) and not shape.cells:
            return Copying(self._world.heap, call.born, {}).value(call.result)  # type: ignore[no-any-return]  # copies keep kinds
        heap = self._world.heap
        replaced = {old.serial: new for old, new in zip(call.cells, shape.cells, strict=True)}
        copying = Copying(heap, call.born, replaced)
        result: Value = copying.value(call.result)
        for number, cell, state in call.writes:
            heap.write(shape.cells[number], copying.state(cell, state))
        return result

    def look_outside(self, act: Activation, slot: int, value: Value) -> None:
        """A function looks at a variable of a module; what defines and imports bind is taken to stay."""
        if self._recordings and not isinstance(value, _STAYING):
            self._recordings[-1].outside.setdefault((act.module.number, slot), Outside(act, slot, value))

    def begin(self, shape: Shape, function: tuple[int, str]) -> Recording:
        recording = Recording(self._world, shape, function)
        self._recordings.append(recording)
        return recording

    def end(self, recording: Recording, key: Hashable | None, result: Value, root: int) -> None:
        """Remembers the run, unless it wrote to cells that were not handed to it; then its inner calls belong to its caller."""
        self._recordings.pop()
        writes = self._writes(recording)
        outer = self._recordings[-1] if self._recordings else None
        if key is None or writes is None or not self._keep(recording, key, writes, result, root):
            if outer is not None:
                outer.calls.extend(recording.calls)
                outer.outside = {**recording.outside, **outer.outside}
            return
        if outer is not None:
            outer.calls.append((self._known[key], True))

    def _writes(self, recording: Recording) -> dict[int, Cell] | None:
        """The older cells that a run changed, by serial; None where one of them is not among the arguments."""
        found: dict[int, Cell] = {}
        for cell, _, _ in self._world.heap.trail[recording.mark :]:
            if cell.serial <= recording.born and cell.serial not in found:
                if not recording.shape.holds(cell):
                    return None
                found[cell.serial] = cell
        return found

    def _keep(self, recording: Recording, key: Hashable, writes: dict[int, Cell], result: Value, root: int) -> bool:
        """Keeps a copy: the caller may go on to change what it got."""
        heap: Heap = self._world.heap
        events = self._world.root.events[recording.started :]
        call = Remembered(recording, events, self._world.snapshots[recording.snapshots :], root)
        copying = Copying(heap, recording.born, {})
        call.result = copying.value(result)
        numbers = {cell.serial: number for number, cell in enumerate(call.cells)}
        call.writes = [(numbers[serial], cell, copying.state(cell, cell.state)) for serial, cell in writes.items()]
        if copying.count > MAX_COPIED:
            return False
        self._known[key] = call
        return True
