"""Which data from outside and which features somebody describes and answers for (Sculley 2015, section 3; McMahan 2013, section 8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location
from mldebt.declarations.types import HOLE
from mldebt.flow.events import Loaded, Stored
from mldebt.flow.paths import TABLE, normal, same_path
from mldebt.flow.world import World
from mldebt.graph.consumers import is_meant
from mldebt.graph.features import Features
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails
from mldebt.settings import Annotation

DOCUMENTED = 4  # the flag of code with a docstring


@dataclass(frozen=True, slots=True)
class Described:
    """A source or a feature, and whether anything says who owns it, what it is, how fresh or which version, and who reads it."""

    name: str
    at: Location
    owner: bool
    description: bool
    freshness: bool = False
    consumers: bool = False


class Annotations:
    def __init__(self, world: World, reach: Reach, trails: Trails, around: Surroundings, features: Features) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._around = around
        self._features = features

    @cached_property
    def sources(self) -> tuple[Described, ...]:
        """Tables that code outside of tests reads from files that nothing in the repository writes or holds, by place of the first read."""
        first: dict[str, Loaded] = {}
        for event in sorted(self._reads(), key=lambda event: self._trails.location(event.at)):
            first.setdefault(normal(event.path), event)
        return tuple(self._source(path, event) for path, event in first.items() if self._is_external(path))

    def _reads(self) -> Iterator[Loaded]:
        tables = {column.at for column in self._world.columns if not column.made}
        written = {event.at for root in self._world.roots for event in root.events if isinstance(event, Loaded) and event.sources}
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            for event in root.events:
                if isinstance(event, Loaded) and event.at in tables - written and self._reach.judged(event.at):
                    yield event

    def _is_external(self, path: str) -> bool:
        """Whether a path names something that git does not hold and no stage puts out; SQL and mere holes name nothing."""
        if not path.strip(HOLE + "/.") or any(character.isspace() for character in path) or self._is_written(path):
            return False
        if HOLE not in path:
            return path not in self._around.tracked and not self._is_put_out(path)
        pattern = re.compile(".*".join(map(re.escape, path.split(HOLE))))
        return not any(pattern.fullmatch(tracked) for tracked in self._around.tracked)

    def _is_written(self, path: str) -> bool:
        """Whether code here writes the file, if only as text."""
        return any(path == written or same_path(written, path) for written in self._written)

    @cached_property
    def _written(self) -> tuple[str, ...]:
        paths = {normal(event.path) for root in self._world.roots for event in root.events if isinstance(event, Stored)}
        return tuple(sorted(path for path in paths if path.strip(HOLE + "/.")))

    def _is_put_out(self, path: str) -> bool:
        return any(path == out or path.startswith(f"{out}/") for stage in self._around.stages for out in stage.outputs)

    def _source(self, path: str, event: Loaded) -> Described:
        path = path.removeprefix(TABLE)
        said = [annotation for name, annotation in self._around.settings_sources.items() if is_meant(name, path)]
        said += [one for one in self._around.annotations if one.name == path or path.startswith(f"{one.name}/")]
        return Described(
            path.replace(HOLE, "*"),
            self._trails.location(event.at),
            owner=any(one.owner for one in said) or self._is_owned(path),
            description=any(one.description for one in said)
            or self._is_mentioned(path)
            or self._has_docstring(event.at[0], event.frame.function),
            freshness=any(one.freshness or one.version for one in said),
            consumers=any(one.consumers for one in said),
        )

    @cached_property
    def features(self) -> tuple[Described, ...]:
        """Features by name: those of one name are one."""
        found: dict[str, Described] = {}
        for feature in sorted(self._features.all(), key=lambda feature: feature.produced_at):
            said = self._around.settings_features.get(feature.name, Annotation(feature.name, ""))
            column = next(column for number, column in enumerate(self._world.columns) if (feature.columns >> number) & 1)
            owner = bool(said.owner) or self._is_owned(feature.produced_at.path)
            description = bool(said.description) or self._has_docstring(column.at[0], column.function)
            found.setdefault(feature.name, Described(feature.name, feature.produced_at, owner, description))
        return tuple(found.values())

    def _is_owned(self, path: str) -> bool:
        is_local = "://" not in path and not path.startswith(("/", "~", HOLE))
        return is_local and self._around.owners is not None and bool(self._around.owners.owner_of(path.replace(HOLE, "*")))

    def _is_mentioned(self, path: str) -> bool:
        """Whether the documentation names the file."""
        name = path.rpartition("/")[2]
        return HOLE not in name and "." in name and name in self._around.documentation

    def _has_docstring(self, module: int, function: str) -> bool:
        return bool(function) and any(code.flags & DOCUMENTED for code in self._world.program.modules[module].codes(function))
