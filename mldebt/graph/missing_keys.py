"""Keys that code requires of settings, and that no variant, or not every one, defines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.configs.composition import MANDATORY
from mldebt.configs.tree import effective, node_at
from mldebt.configs.types import ConfigPath, MappingNode
from mldebt.core import Confidence, Location, Step
from mldebt.flow.follow import Followed
from mldebt.flow.setting_events import KeyAsked
from mldebt.flow.setting_sources import Choosing
from mldebt.flow.values import Place
from mldebt.graph.reach import Reach
from mldebt.graph.setting_keys import SettingKeys
from mldebt.graph.setting_trees import SettingTrees
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails, distinct

MAX_VARIANTS = 60
INNER = ("_", "hydra")


@dataclass(frozen=True, slots=True)
class UndefinedKey:
    """`lacking` are the variants without the key, `defining` those with it; both as people name them."""

    name: str
    at: Location
    lacking: tuple[str, ...]
    defining: tuple[str, ...]
    confidence: Confidence
    evidence: tuple[Step, ...]


class MissingKeys:
    def __init__(
        self, followed: Followed, reach: Reach, trees: SettingTrees, keys: SettingKeys, trails: Trails, around: Surroundings
    ) -> None:
        self._world = followed.world
        self._sources = followed.interpreter.settings.sources
        self._reach = reach
        self._trees = trees
        self._keys = keys
        self._trails = trails
        self._around = around

    def undefined(self) -> Iterator[UndefinedKey]:
        """Required reads of keys that certainly are not there, each key once for all variants, by place."""
        found: dict[tuple[int, ConfigPath], UndefinedKey] = {}
        for event in sorted(self._required, key=lambda event: self._trails.location(event.at)):
            family = self.family(event.source)
            if (family[0], event.key) in found:
                continue
            lacking, defining = self._variants(event, family)
            if lacking:
                found[family[0], event.key] = self._undefined(event, lacking, defining)
        yield from sorted(found.values(), key=lambda key: (key.at, key.name))

    # -- what is asked ------------------------------------------------------------------------------------------------

    @cached_property
    def _events(self) -> list[KeyAsked]:
        """Keys asked for by name in code that people start."""
        judged = set(self._trees.judged)
        return [
            event
            for number, root in enumerate(self._world.roots)
            if "test" not in self._reach.colours[number]
            for event in root.events
            if isinstance(event, KeyAsked) and event.source in judged and self._reach.judged(event.at)
        ]

    @cached_property
    def _required(self) -> list[KeyAsked]:
        """Reads that nothing guards, of keys whose presence nobody asks for."""
        return [event for event in self._events if self._is_required(event)]

    @property
    def optional(self) -> list[KeyAsked]:
        """Reads with a default of keys that are not there."""
        return [event for event in self._events if event.how == "optional" and not event.found]

    def _is_required(self, event: KeyAsked) -> bool:
        if event.guarded or event.guards or event.how not in ("attribute", "item") or str(event.key[-1]).startswith(INNER):
            return False
        if event.how == "attribute" and event.source not in self._dotted:
            return False
        family = self.family(event.source)[0]
        return not any((family, event.key[:length]) in self._doubtful for length in range(1, len(event.key) + 1))

    @cached_property
    def _dotted(self) -> frozenset[int]:
        """Sources whose keys are read as attributes."""
        found = {event.source for event in self._events if event.how == "attribute" and event.found}
        return frozenset(found | set(self._sources.variants))

    @cached_property
    def _doubtful(self) -> frozenset[tuple[int, ConfigPath]]:
        """Keys that some code looks for or has a default for, by family; a loop that goes through several names is not about one of them."""
        names: dict[Place, set[str | int]] = defaultdict(set)
        for event in self._events:
            names[event.at].add(event.key[-1])
        asked = {
            (event.source, event.key)
            for event in self._events
            if event.how == "optional" or event.guarded or (event.how == "tested" and len(names[event.at]) == 1)
        }
        return frozenset((self.family(source)[0], key) for source, key in asked)

    def family(self, source: int) -> list[int]:
        """The sources that are variants of each other."""
        return self._families[source]

    @cached_property
    def _families(self) -> dict[int, list[int]]:
        return {source: family for family in self._keys.families for source in family}

    # -- which variants have it ---------------------------------------------------------------------------------------

    def _variants(self, event: KeyAsked, family: list[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The variants that lack the key, and those that have it."""
        if self.is_set_elsewhere(event, family):
            return (), ()
        if event.source in self._sources.variants:
            return self._choices(event.key, self._sources.variants[event.source])
        if event.found:
            return (), ()
        files = {source: self._trees.composed(source).files[0] for source in family}
        defining = [source for source in family if self._has(source, event.key)]
        lacking = {other.source for other in self._required if other.key == event.key and other.source in files and not other.found}
        if defining and not self._are_alike([*lacking, *defining], event.at):
            return (), ()
        return tuple(sorted(files[source] for source in lacking)), tuple(sorted(files[source] for source in defining))

    def _has(self, source: int, path: ConfigPath) -> bool:
        return node_at(self._trees.composed(source).root, path) is not None

    def _are_alike(self, sources: Iterable[int], at: Place) -> bool:
        """Whether several files are variants of each other: no other file is seen where the key is read, and most keys are theirs together."""
        known = set(sources)
        if {event.source for event in self._events if event.at == at} - known:
            return False
        names = [set(effective(self._trees.composed(source).root)) for source in sorted(known)]
        return all(2 * len(one & other) >= max(len(one), len(other)) for one in names for other in names)

    def is_set_elsewhere(self, event: KeyAsked, family: list[int]) -> bool:
        """Whether the program, a command line or people who read the documentation set the key."""
        written = self._sources.written
        if any((source, event.key[:length]) in written for source in family for length in range(len(event.key) + 1)):
            return True
        name = ".".join(map(str, event.key))
        words = (word for command in self._around.commands for word in command.arguments)
        if any(word.lstrip("+").partition("=")[0] == name for word in words):
            return True
        return f"{name}=" in self._around.documentation

    def _choices(self, key: ConfigPath, choosing: Choosing) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The compositions that lack a key, and those that have it; none where one cannot be told."""
        lacking: list[str] = []
        defining: list[str] = []
        groups = choosing.configs.groups_of(choosing.name, choosing.overrides)
        is_open = any(group.split("/")[0] == key[0] and chosen is None for group, chosen in groups.items())
        if is_open or choosing.directory in self._sources.unsettled:
            return (), ()
        for words in choosing.configs.choices(choosing.name, choosing.overrides)[:MAX_VARIANTS]:
            composed = choosing.configs.compose(choosing.name, words)
            is_broken = bool(composed.missing) and (self._sources.structured or words != choosing.overrides)
            if is_broken or composed.lookup(("hydra", "searchpath")) or not _is_plain(composed.root, key):
                continue
            shown = " ".join(words) or f"{choosing.name.removesuffix('.yaml')}.yaml"
            if composed.lookup(key) is not None:
                defining.append(shown)
            elif not _has_another(choosing, words, key):
                lacking.append(shown)
        if not defining and _has_another(choosing, (), key):
            return (), ()
        return tuple(lacking if defining else lacking[:1]), tuple(defining)

    # -- evidence -----------------------------------------------------------------------------------------------------

    def _undefined(self, event: KeyAsked, lacking: tuple[str, ...], defining: tuple[str, ...]) -> UndefinedKey:
        name = ".".join(map(str, event.key))
        loads = sorted(self._sources.loaded_at.get(event.source, ()))
        at = self._trails.location(event.at)
        steps = [
            *(self._trails.step(place, f"'{self._file(event.source)}' is loaded here") for place in loads[:1]),
            *self._trails.calls(event.frame),
            Step(at, f"'{name}' is read here, without a default"),
        ]
        return UndefinedKey(name, at, lacking, defining, "firm" if defining else "certain", distinct(steps))

    def _file(self, source: int) -> str:
        """The file that a program names: of a composition that with which it starts, whatever is merged before it."""
        choosing = self._sources.variants.get(source)
        tree = choosing.configs.trees.get(choosing.name.removesuffix(".yaml")) if choosing is not None else None
        return tree.path if tree is not None else self._trees.composed(source).files[0]


def _has_another(choosing: Choosing, words: tuple[str, ...], key: ConfigPath) -> bool:
    """Whether the same words give the key to a program that starts with another config of the directory, as people may have it do."""
    others = (name for name in choosing.configs.primaries if name != choosing.name.removesuffix(".yaml"))
    composed = (choosing.configs.compose(name, words) for name in others)
    return any(not other.missing and other.lookup(key) is not None for other in composed)


def _is_plain(root: MappingNode, key: ConfigPath) -> bool:
    """Whether the section that should hold the key stands there by itself, given by no interpolation and not left to be filled in."""
    node = node_at(root, key[:-1])
    return isinstance(node, MappingNode) and MANDATORY not in str(key)
