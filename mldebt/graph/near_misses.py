"""Keys that code asks for with a default and that nothing defines, where the configuration has one of nearly the same name that nothing reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.configs.tree import node_at
from mldebt.configs.types import ConfigPath, MappingNode
from mldebt.core import Location, Step
from mldebt.flow.setting_events import KeyAsked
from mldebt.graph.missing_keys import MissingKeys
from mldebt.graph.setting_trees import SettingTrees, TreeKey
from mldebt.graph.trails import Trails, distinct

SHORTEST = 4
SHORTEST_FOR_TWO = 7
SHORTEST_WORD = 4


@dataclass(frozen=True, slots=True)
class NearMiss:
    """`asked` is what code asks for, `at` where; `written` is what the configuration says instead. `fallback` is the default, `...` where it is computed."""

    asked: str
    written: str
    at: Location
    written_at: Location
    fallback: object
    value: object
    evidence: tuple[Step, ...]


class NearMisses:
    def __init__(self, trees: SettingTrees, missing: MissingKeys, trails: Trails) -> None:
        self._trees = trees
        self._missing = missing
        self._trails = trails

    def all(self) -> list[NearMiss]:
        """Each pair once, at the first read."""
        return [found for found, _ in self._pairs]

    @cached_property
    def written(self) -> frozenset[Location]:
        """Where the keys stand that are written instead of others."""
        return frozenset(key.at for _, key in self._pairs)

    @cached_property
    def _pairs(self) -> list[tuple[NearMiss, TreeKey]]:
        found: dict[tuple[ConfigPath, Location], tuple[NearMiss, TreeKey]] = {}
        for event in sorted(self._missing.optional, key=lambda event: self._trails.location(event.at)):
            for key in self._instead_of(event):
                found.setdefault((event.key, key.at), (self._near_miss(event, key), key))
        return [found[pair] for pair in sorted(found, key=str)]

    def _instead_of(self, event: KeyAsked) -> Iterator[TreeKey]:
        """The unread key beside the one that is asked for, if there is just one of nearly its name."""
        family = self._missing.family(event.source)
        if any(node_at(self._trees.composed(source).root, event.key) is not None for source in family):
            return
        if self._missing.is_set_elsewhere(event, family):
            return
        beside = [key for key in self._trees.beside(event.source, event.key) if is_near(str(event.key[-1]), str(key.path[-1]))]
        if len(beside) == 1 and not self._trees.is_used(beside[0]) and not self._trees.is_named(beside[0]):
            if not isinstance(beside[0].node, MappingNode):
                yield beside[0]

    def _near_miss(self, event: KeyAsked, key: TreeKey) -> NearMiss:
        asked = ".".join(map(str, event.key))
        at = self._trails.location(event.at)
        steps = (Step(key.at, f"'{key.name}' is set here, and nothing reads it"), Step(at, f"'{asked}' is asked for here, with a default"))
        value = getattr(key.node, "value", ...)
        return NearMiss(asked, key.name, at, key.at, event.fallback, value, distinct(steps))


def is_near(asked: str, written: str) -> bool:
    """Whether one name may be a slip for the other: other case or joints, one or two letters, or a word cut short."""
    one, other = (re.sub(r"[-_ .]", "", name).lower() for name in (asked, written))
    if asked == written or min(len(one), len(other)) < SHORTEST:
        return False
    if one == other:
        return True
    if re.sub(r"\D", "", one) != re.sub(r"\D", "", other):
        return False
    allowed = 2 if min(len(one), len(other)) >= SHORTEST_FOR_TWO else 1
    return _distance(one, other) <= allowed or _is_cut_short(asked, written)


def _is_cut_short(asked: str, written: str) -> bool:
    pairs = [re.split(r"[-_ .]", name.lower()) for name in (asked, written)]
    if len(pairs[0]) != len(pairs[1]) or len(pairs[0]) < 2:
        return False
    different = [(a, b) for a, b in zip(*pairs, strict=True) if a != b]
    return len(different) == 1 and all(min(len(a), len(b)) >= SHORTEST_WORD and (a.startswith(b) or b.startswith(a)) for a, b in different)


def _distance(one: str, other: str) -> int:
    """Letters to insert, delete, replace or swap with the next."""
    if abs(len(one) - len(other)) > 2:
        return 3
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            best = min(rows[-1][j] + 1, row[j - 1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
