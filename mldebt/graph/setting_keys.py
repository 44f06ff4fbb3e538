"""Keys of settings that nothing reads, in any variant that the same program may load."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from mldebt.configs.types import ConfigPath
from mldebt.core import Confidence, Location, Step
from mldebt.flow.events import Moved
from mldebt.flow.follow import Followed
from mldebt.flow.values import Place
from mldebt.graph.setting_trees import SettingTrees, TreeKey
from mldebt.graph.stages import StageRuns
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails, distinct
from mldebt.workspace.kinds import kind_of

FOR_PEOPLE = re.compile(
    r"[_.$].*|x-.*|.*\$schema|(schema_?|config_?|format_?|file_?)?version|desc(ription)?|notes?|(_*|doc_?)comments?|authors?|licen[cs]e|docs?|help|citation|homepage|task_name|tags"
)
"""Names of keys that say something to whoever reads the file."""
SHOWN = 4
ROWS = 2


@dataclass(frozen=True, slots=True)
class UnusedKey:
    """A key or section that nothing reads; `count` are the values at and below it, `taken` says that somebody asks for it by name."""

    name: str
    at: Location
    count: int
    files: tuple[str, ...]
    handed_to: str
    confidence: Confidence
    evidence: tuple[Step, ...]


class SettingKeys:
    def __init__(self, followed: Followed, trees: SettingTrees, runs: StageRuns, trails: Trails, around: Surroundings) -> None:
        self._world = followed.world
        self._sources = followed.interpreter.settings.sources
        self._trees = trees
        self._runs = runs
        self._trails = trails
        self._around = around

    def unused(self) -> Iterator[UnusedKey]:
        """The highest keys below which nothing may be read, once for all variants, by place."""
        found: dict[Location, UnusedKey] = {}
        for family in self.families:
            tops = self._by_name(key for source in family for key in self._trees.keys(source))
            for keys in self._in_rows([keys for same in tops for keys in self._highest(same)]):
                found.setdefault(keys[0].at, self._unused(keys))
        yield from (found[at] for at in sorted(found))

    def _in_rows(self, found: list[list[TreeKey]]) -> Iterator[list[TreeKey]]:
        """The same key of all entries of a table is told once."""
        rows: dict[tuple[ConfigPath, str | int], list[list[TreeKey]]] = defaultdict(list)
        for keys in found:
            path = keys[0].path
            rows[path[:-2], path[-1]].append(keys)
        for same in rows.values():
            if len(same) >= ROWS and self._trees.is_named_as_row(same[0][0]):
                yield [key for keys in same for key in keys]
            else:
                yield from same

    # -- variants -----------------------------------------------------------------------------------------------------

    @cached_property
    def families(self) -> list[list[int]]:
        """Sources that one program may load in place of each other: those that share a load."""
        families: list[tuple[set[Place | tuple[str, str]], list[int]]] = []
        for source in self._trees.judged:
            marks: set[Place | tuple[str, str]] = set(self._sources.loaded_at.get(source, ()))
            if source in self._sources.variants:
                choosing = self._sources.variants[source]
                marks.add((choosing.directory, choosing.name))
            joined = [family for family in families if family[0] & marks]
            families = [family for family in families if not family[0] & marks]
            families.append(
                (marks.union(*(family[0] for family in joined)), sorted([source, *(n for family in joined for n in family[1])]))
            )
        return sorted(sources for _, sources in families)

    def _by_name(self, keys: Iterator[TreeKey]) -> list[list[TreeKey]]:
        found: dict[str | int, list[TreeKey]] = defaultdict(list)
        for key in keys:
            found[key.path[-1]].append(key)
        return [sorted(same, key=lambda key: key.at) for same in found.values()]

    def _highest(self, same: list[TreeKey]) -> Iterator[list[TreeKey]]:
        if any(self._is_read_elsewhere(key) for key in same):
            return
        if not any(self._trees.is_used(key) or self._trees.is_named(key) for key in same):
            if any(self._trees.holds_values(key) for key in same) and not self._is_left_alone(same):
                yield same
            return
        for below in self._by_name(inner for key in same for inner in key.below):
            yield from self._highest(below)

    def _is_left_alone(self, same: Sequence[TreeKey]) -> bool:
        return FOR_PEOPLE.fullmatch(str(same[0].path[-1]).lower()) is not None or any(self._may_be_unseen(key) for key in same)

    def _may_be_unseen(self, key: TreeKey) -> bool:
        if self._trees.may_be_loaded_unseen(key.source, str(key.path[-1])):
            return True
        return any(self._may_be_unseen(inner) for inner in key.below)

    # -- other readers ------------------------------------------------------------------------------------------------

    def _is_read_elsewhere(self, key: TreeKey) -> bool:
        """Whether something other than Python reads the key, or one above it, by name."""
        return key.name in self._around.shell_keys or self._is_parameter(key) or self._is_spelled_by_a_script(key)

    def _is_parameter(self, key: TreeKey) -> bool:
        """Whether a stage declares just this key, or runs a program that nobody can follow and gets one above it."""
        for stage in self._around.stages:
            for parameter in stage.parameters:
                file, _, name = parameter.rpartition(":")
                if file != key.at.path:
                    continue
                if name == key.name and not key.is_section:
                    return True
                if (name in ("", key.name) or key.name.startswith(f"{name}.")) and (stage.path, stage.name) not in self._followed:
                    return True
        return False

    @cached_property
    def _followed(self) -> frozenset[tuple[str, str]]:
        return frozenset((run.stage.path, run.stage.name) for run in self._runs.all if run.scripts)

    def _is_spelled_by_a_script(self, key: TreeKey) -> bool:
        """Whether a shell line that names the file names the key as well."""
        base = posixpath.basename(key.at.path)
        word = re.compile(rf"\b{re.escape(str(key.path[-1]))}\b")
        return any(word.search(text) for text in self._naming(base))

    def _naming(self, base: str) -> list[str]:
        if base not in self._texts:
            self._texts[base] = [
                line
                for path, text in self._around.texts.items()
                if kind_of(path) != "markdown"
                for line in text.replace("\\\n", " ").splitlines()
                if base in line
            ]
        return self._texts[base]

    @cached_property
    def _texts(self) -> dict[str, list[str]]:
        return {}

    # -- evidence -----------------------------------------------------------------------------------------------------

    @cached_property
    def _moved(self) -> dict[int, list[Moved]]:
        found: dict[int, list[Moved]] = defaultdict(list)
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Moved):
                    found[event.leaf].append(event)
        return found

    def _unused(self, same: list[TreeKey]) -> UnusedKey:
        first = same[0]
        moved = [event for key in same for event in self._moved.get(self._number(key), ())]
        taken = bool(moved) or any(self._number(key) >= 0 or self._trees.is_taken_out(key) for key in same)
        files = tuple(dict.fromkeys(key.at.path for key in same))
        loads = sorted(place for key in same for place in self._sources.loaded_at.get(key.source, ()))
        steps = [
            *(self._trails.step(place, f"'{posixpath.basename(first.at.path)}' is loaded here") for place in loads[:1]),
            Step(first.at, f"'{first.name}' is set here"),
            *(Step(key.at, "it is set here as well") for key in same[1:SHOWN]),
            *(
                self._trails.step(
                    event.at, f"it is passed to {event.function.rpartition('.')[2]}() as '{event.parameter}', which does not use it"
                )
                for event in moved[:SHOWN]
            ),
        ]
        handed = self._trails.function(moved[-1].module, moved[-1].function) if moved else ""
        return UnusedKey(first.name, first.at, first.leaves, files, handed, "firm" if taken else "certain", distinct(steps))

    def _number(self, key: TreeKey) -> int:
        number = self._trees.number(key)
        return -1 if number is None else number
