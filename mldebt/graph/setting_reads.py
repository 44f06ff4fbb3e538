"""Where code reads which key of which config file."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.core import Location
from mldebt.flow.events import Moved
from mldebt.flow.follow import Followed
from mldebt.flow.setting_events import KeyAsked
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails


@dataclass(frozen=True, slots=True, order=True)
class SettingRead:
    """`file` is the config file, of a Hydra composition its primary config; `key` is dotted."""

    file: str
    key: str
    at: Location


class SettingReads:
    def __init__(self, followed: Followed, reach: Reach, trails: Trails) -> None:
        self._world = followed.world
        self._sources = followed.interpreter.settings.sources
        self._reach = reach
        self._trails = trails

    def all(self) -> tuple[SettingRead, ...]:
        """Every key that code asks for by its name, and every value that an operation uses or a function gets, tests left out; by file and key."""
        return tuple(sorted({*self._asked(), *self._used()}))

    def _asked(self) -> Iterator[SettingRead]:
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, KeyAsked) and event.found and self._reach.judged(event.at):
                    yield self._read(event.source, event.key, self._trails.location(event.at))

    def _used(self) -> Iterator[SettingRead]:
        moved: dict[int, list[Location]] = {}
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Moved) and self._reach.judged(event.at):
                    moved.setdefault(event.leaf, []).append(self._trails.location(event.at))
        for (source, path), number in self._sources.leaves.items():
            places = list(moved.get(number, ()))
            if number in self._world.used_leaves and self._reach.judged(self._world.used_leaves[number][0]):
                places.append(self._trails.location(self._world.used_leaves[number][0]))
            yield from (self._read(source, path, at) for at in places)

    def _read(self, source: int, path: tuple[str | int, ...], at: Location) -> SettingRead:
        names = [str(step) for step in path if not isinstance(step, int)]  # a list is one setting
        variant = self._sources.variants.get(source)
        file = (
            posixpath.join(variant.directory, f"{variant.name.removesuffix('.yaml')}.yaml")
            if variant is not None
            else self._sources.composed[source].files[0]
        )
        return SettingRead(file, ".".join(names), at)
