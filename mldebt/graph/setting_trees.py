"""The config files that programs load, key by key: where each stands, and what nobody can say of it."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.configs.composition import Composed
from mldebt.configs.interpolation import targets, texts_below
from mldebt.configs.read import format_of
from mldebt.configs.tree import effective, node_at, nodes_below
from mldebt.configs.types import ConfigNode, ConfigPath, MappingNode, ScalarNode
from mldebt.core import Location
from mldebt.flow.follow import Followed
from mldebt.flow.instantiation import FRAMEWORK_KEYS
from mldebt.flow.paths import same_path
from mldebt.flow.program import ModuleInfo
from mldebt.flow.setting_events import Configured, KeyAsked, KeyRead
from mldebt.flow.values import Place
from mldebt.graph.assets import covers
from mldebt.graph.reach import QUIET_ROLES, Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.workspace.roles import role_of

OF_TOOLS = re.compile(
    r"pyproject\.toml|setup\.cfg|tox\.ini|package(-lock)?\.json|dvc\.(yaml|lock)|MLproject|.*environment\.ya?ml|conda.*\.ya?ml|.*compose.*\.ya?ml|"
    r"mkdocs\.ya?ml|neptune\.ya?ml|\..*|Chart\.yaml|values.*\.yaml|serverless\.ya?ml|app\.ya?ml|.*sweep.*\.ya?ml|tsconfig.*\.json|Pipfile|"
    r"(accelerate|deepspeed|ds)_.*|kustomization\.ya?ml|dbt_project\.yml|profiles\.yml|catalog.*\.ya?ml"
)
"""Names of files that tools read by themselves, whatever else reads them."""

Spot = tuple[str, int, int]
"""Where a value stands: anchors, merges and compositions that repeat it share the spot."""


@dataclass(frozen=True, slots=True)
class TreeKey:
    """An entry of a mapping in a loaded tree, with the entries below it."""

    source: int
    path: ConfigPath
    at: Location
    node: ConfigNode
    below: tuple[TreeKey, ...]

    @property
    def name(self) -> str:
        return ".".join(map(str, self.path))

    @property
    def is_section(self) -> bool:
        return isinstance(self.node, MappingNode) and bool(self.below)

    @property
    def leaves(self) -> int:
        return sum(key.leaves for key in self.below) or 1


class SettingTrees:
    def __init__(self, followed: Followed, reach: Reach, around: Surroundings) -> None:
        self._world = followed.world
        self._sources = followed.interpreter.settings.sources
        self._reach = reach
        self._around = around

    @cached_property
    def judged(self) -> tuple[int, ...]:
        """The sources that a program of the repository loads as its settings."""
        return tuple(number for number in range(len(self._sources.composed)) if self._is_judged(number))

    @cached_property
    def composed_by_hydra(self) -> tuple[int, ...]:
        """The compositions that a program starts with, whether anything reads them or not."""
        loaded = (source for source in sorted(self._sources.variants) if self._sources.loaded_at.get(source, set()) & self._started)
        return tuple(source for source in loaded if source not in self._packed_otherwise)

    @cached_property
    def _packed_otherwise(self) -> frozenset[int]:
        """Compositions whose groups code finds elsewhere than we put them: old releases of Hydra laid them at the top."""
        found: set[int] = set()
        for root in self._world.roots:
            for event in root.events:
                if not isinstance(event, KeyAsked) or event.found or event.guards or event.how not in ("attribute", "item"):
                    continue
                if event.source not in self._sources.variants:
                    continue
                choosing = self._sources.variants[event.source]
                groups = {
                    tuple(group.partition("@")[0].split("/")) for group in choosing.configs.groups_of(choosing.name, choosing.overrides)
                }
                if any(node_at(self.composed(event.source).root, (*group, *event.key)) is not None for group in groups):
                    found.add(event.source)
        return frozenset(found)

    def _is_judged(self, number: int) -> bool:
        places = self._sources.loaded_at.get(number, set())
        files = self._sources.composed[number].files
        if (
            number in self._packed_otherwise
            or not places & self._started
            or any(role_of(file) in QUIET_ROLES or OF_TOOLS.fullmatch(posixpath.basename(file)) for file in files)
        ):
            return False
        return not any(self._is_made(file) for file in files) and number in self._read

    @cached_property
    def _read(self) -> frozenset[int]:
        """Sources of which code looks at some key; where it looks at none it is a skeleton, or we do not see how."""
        return frozenset(source for (source, _), number in self._sources.leaves.items() if number in self._world.used_leaves)

    def _is_made(self, file: str) -> bool:
        """Whether programs of the repository write the file: then it is data."""
        if any(same_path(path, file) for path in self._world.stored) or file not in self._around.tracked:
            return True
        return any(covers(stage.outputs, file) for stage in self._around.stages)

    @cached_property
    def _started(self) -> frozenset[Place]:
        """Places that load settings in something that people start, outside tests."""
        found: set[Place] = set()
        for number, root in enumerate(self._world.roots):
            if self._reach.is_entry(number) and "test" not in self._reach.colours[number]:
                found.update(event.at for event in root.events if isinstance(event, Configured) and self._reach.judged(event.at))
        return frozenset(found)

    @cached_property
    def loaded_files(self) -> dict[str, bool]:
        """The config files that programs load, those that a composition may choose included; whether Hydra does."""
        found: dict[str, bool] = {}
        for source, composed in enumerate(self._sources.composed):
            if not self._sources.loaded_at.get(source, set()) & self._started:
                continue
            choosing = self._sources.variants.get(source)
            files = composed.files if choosing is None else tuple(tree.path for tree in choosing.configs.trees.values())
            found.update((file, found.get(file, False) or choosing is not None) for file in files)
        return {file: by_hydra for file, by_hydra in found.items() if role_of(file) not in QUIET_ROLES and not self._is_made(file)}

    def beside(self, source: int, path: ConfigPath) -> tuple[TreeKey, ...]:
        """The keys of the section that holds a path."""
        node = node_at(self.composed(source).root, path[:-1])
        return tuple(self._keys(source, path[:-1], node)) if isinstance(node, MappingNode) else ()

    def composed(self, source: int) -> Composed:
        return self._sources.composed[source]

    def format_of(self, source: int) -> str:
        file = self.composed(source).files[0]
        return format_of(file, "") or ""

    def keys(self, source: int) -> tuple[TreeKey, ...]:
        """The keys at the top of a tree, those of frameworks left out."""
        return tuple(self._keys(source, (), self.composed(source).root))

    def _keys(self, source: int, path: ConfigPath, node: MappingNode) -> Iterator[TreeKey]:
        composed = self.composed(source)
        for key, entry in effective(node).items():
            if key in FRAMEWORK_KEYS:
                continue
            below = tuple(self._keys(source, (*path, key), entry.value)) if isinstance(entry.value, MappingNode) else ()
            origin = composed.lookup((*path, key))
            file = origin.file if origin is not None and origin.file else composed.files[0]
            at = Location(file, entry.key_at.line, entry.key_at.column, entry.key_at.end_line, entry.key_at.end_column)
            yield TreeKey(source, (*path, key), at, entry.value, below)

    def spot(self, source: int, path: ConfigPath, node: ConfigNode) -> Spot:
        origin = self.composed(source).lookup(path)
        file = origin.file if origin is not None and origin.file else self.composed(source).files[0]
        return file, node.at.line, node.at.column

    # -- what is used -------------------------------------------------------------------------------------------------

    @cached_property
    def used(self) -> frozenset[Spot]:
        """The values that somebody may look at; of lists, also those that were only taken out."""
        found: set[Spot] = set()
        sources = self._sources
        used = {key for key, number in sources.leaves.items() if number in self._world.used_leaves}
        for source, path in (*used, *sources.looked, *sources.handed):
            node = node_at(self.composed(source).root, path)
            if node is not None and ((source, path) in used or not (isinstance(node, MappingNode) and effective(node))):
                found.add(self.spot(source, path, node))
        for number in range(len(sources.composed)):
            found.update(self._interpolated(number))
        return frozenset(found)

    def _interpolated(self, source: int) -> Iterator[Spot]:
        """What `${...}` anywhere in a tree refers to, all below it included."""
        root = self.composed(source).root
        referred = {target for path, text in texts_below((), root) for target in targets(text, path)}
        if source in self._sources.variants:
            referred.update(self._sources.variants[source].configs.referred())
        for target in sorted(referred, key=str):
            node = node_at(root, target)
            if node is not None:
                yield from (self.spot(source, (*target, *below), part) for below, part in nodes_below((), node))

    def is_section_seen(self, key: TreeKey) -> bool:
        """Whether an operation saw the section as a whole."""
        return (key.source, key.path) in self._sources.looked

    def is_used(self, key: TreeKey) -> bool:
        """Whether a value at the key or below it may be looked at."""
        if self.is_section_seen(key) or any(self.is_named(inner) or self.is_used(inner) for inner in key.below):
            return True
        return any(self.spot(key.source, path, node) in self.used for path, node in nodes_below(key.path, key.node))

    def is_named(self, key: TreeKey) -> bool:
        """Whether a loop goes through the names beside this one and may want them; one that only logs what it meets does not."""
        number = self.number(key)
        named = (key.source, key.path) in self._sources.named or number in self._sources.named_leaves
        return named and (number is None or number not in self._sources.shown)

    def is_named_as_row(self, key: TreeKey) -> bool:
        """Whether the section that holds the key is one that a loop goes through beside others."""
        return (key.source, key.path[:-1]) in self._sources.named

    def holds_values(self, key: TreeKey) -> bool:
        """Whether there is a value at the key or below it; an empty section says nothing yet."""
        return any(isinstance(node, ScalarNode) for _, node in nodes_below(key.path, key.node))

    def is_taken_out(self, key: TreeKey) -> bool:
        """Whether somebody asked for the section by its name."""
        return (key.source, key.path) in self._sources.handed

    def number(self, key: TreeKey) -> int | None:
        """The leaf that the key is to the flow, None where nobody met it."""
        return self._sources.leaves.get((key.source, key.path))

    # -- what nobody can say ------------------------------------------------------------------------------------------

    def may_be_loaded_unseen(self, source: int, name: str) -> bool:
        """Whether code that is not seen to load this tree knows the name: it may load it by a path that nobody can tell."""
        known = frozenset().union(*(self._modules_of[file] for file in self.composed(source).files))
        own = self._sources.loaded_at.get(source, set())
        formats = {"", self.format_of(source)}
        if any(place not in own and kind in formats for place, kind in self._sources.unresolved.items()):
            known = frozenset()
        return any(name in module.words for module in self._judged_modules if module.number not in known)

    @cached_property
    def _judged_modules(self) -> tuple[ModuleInfo, ...]:
        return tuple(module for module in self._world.program.modules if module.role not in QUIET_ROLES)

    @cached_property
    def _modules_of(self) -> dict[str, set[int]]:
        """The modules that run in programs which load a file, by its path."""
        found: dict[str, set[int]] = defaultdict(set)
        for root in self._world.roots:
            loaded = {event.path for event in root.events if isinstance(event, Configured | KeyRead)}
            for source in {event.source for event in root.events if isinstance(event, KeyAsked)}:
                loaded.update(self.composed(source).files)
            for path in loaded:
                found[path].update((root.module, *(module for module, _ in root.functions)))
                found[path].update(event.at[0] for event in root.events)
        return found
