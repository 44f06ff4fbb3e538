"""Rounds over stored files: who reads what another root wrote runs again, writers before readers, until nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mldebt.flow.interpret import Interpreter
from mldebt.flow.paths import same_path
from mldebt.flow.world import World

MAX_ROUNDS = 4
SEEING = frozenset({"route", "task", "hook", "hydra", "command", "uncalled"})
Mark = tuple[object, ...]
"""(place, columns, root) of what stands under a path"""


class Rounds:
    def __init__(self, run: Interpreter, again: Callable[[int], None]) -> None:
        self._run = run
        self._world: World = run.world
        self._again = again
        self._given: dict[int, frozenset[tuple[str, Mark]]] = {}
        self._known: dict[str, frozenset[Mark]] = {}
        self._stale: set[int] = set()  # roots that see names of a module whose body has run again

    def all(self) -> None:
        """Deterministic: the order is fixed before a round begins, and each root sees the files as they are when it starts."""
        for _ in range(MAX_ROUNDS):
            self._run.whole_budget()
            ran = [number for number in self._ordered() if self._one(number)]
            ran.extend(number for number in sorted(self._stale) if self._one(number))
            if not ran:
                return

    def _one(self, number: int) -> bool:
        """Runs a root again if another root's files that it reads have changed since."""
        given = self._inputs(number)
        if (not given or given == self._given.get(number)) and number not in self._stale:
            return False
        world = self._world
        now = {path: marks for path in world.stored if (marks := self._marks(path))}
        changed = {path for path in now.keys() | self._known.keys() if now.get(path) != self._known.get(path)}
        self._run.memory.forget(changed)
        if number in self._stale:
            self._stale.discard(number)
            self._run.memory.forget_modules({module for module, _ in world.roots[number].functions})
        self._known = now
        self._given[number] = given
        world.previous = {path: list(snapshots) for path, snapshots in world.stored.items()}
        self._again(number)
        self._stale.update(self._seeing(number))
        return True

    def _seeing(self, number: int) -> set[int]:
        """The hooks and functions that see the names of a module whose body has just run."""
        root = self._world.roots[number]
        if root.kind != "script":
            return set()
        return {
            other
            for other, seeing in enumerate(self._world.roots)
            if seeing.kind in SEEING and any(module == root.module for module, _ in seeing.functions)
        }

    def _marks(self, path: str) -> frozenset[Mark]:
        headed = any(same_path(path, text) for text in self._world.headed)  # then whatever is written there matters
        return frozenset((kept.at, kept.bits, kept.root) for kept in self._world.stored[path] if kept.tracked or headed)

    def _inputs(self, number: int) -> frozenset[tuple[str, Mark]]:
        """What other roots keep under the paths that a root reads."""
        texts = self._world.readers.get(number)
        if not texts:
            return frozenset()
        paths = (path for path in self._world.stored if any(same_path(path, text) for text in texts))
        return frozenset((path, mark) for path in paths for mark in self._marks(path) if mark[2] != number)

    def _ordered(self) -> list[int]:
        """The reading roots: those they depend on first; in a ring the smaller number is first."""
        world = self._world
        before = {
            number: sorted({mark[2] for _, mark in self._inputs(number) if isinstance(mark[2], int)}) for number in sorted(world.readers)
        }
        order: dict[int, None] = {}
        for number in before:
            _visit(number, before, order, set())
        return [number for number in order if number in before]


def _visit(number: int, before: dict[int, list[int]], order: dict[int, None], open_: set[int]) -> None:
    """Depth first, without recursion: a root comes after the roots that write what it reads."""
    pending: list[tuple[int, Iterable[int]]] = [(number, iter(before.get(number, ())))]
    open_.add(number)
    while pending:
        current, rest = pending[-1]
        following = next((other for other in rest if other not in order and other not in open_), None)
        if following is None:
            pending.pop()
            order[current] = None
        else:
            open_.add(following)
            pending.append((following, iter(before.get(following, ()))))
