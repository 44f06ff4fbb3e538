"""Composition of Hydra configs: defaults lists, packages, overrides, and every variant that the config directory offers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from mldebt.configs import interpolation
from mldebt.configs.composition import MANDATORY, START, Composed, Draft, Layer, Missing
from mldebt.configs.defaults import GLOBAL, Default, defaults_of
from mldebt.configs.overrides import Override, parse_override
from mldebt.configs.scalars import omegaconf_value
from mldebt.configs.tree import effective, node_at
from mldebt.configs.types import ConfigNode, ConfigPath, ConfigTree, MappingNode, Scalar, ScalarNode, Span

_SUFFIXES = (".yaml", ".yml")
_HYDRA = "hydra"
_MAX_CONFIGS = 2_000

Variant = tuple[str, tuple[str, ...]]


def interpolate(composed: Composed, path: ConfigPath) -> ConfigNode | None:
    """The node at a path with its `${...}` filled in; HOLE for what only a run can tell."""
    return interpolation.resolve(composed.root, path)


class HydraConfigs:
    """The YAML files of one Hydra config directory; `trees` by path relative to the root, those elsewhere are passed over.

    `unreadable` are paths of files that exist and have no tree: they are left out of a composition, and not called missing.
    """

    def __init__(self, trees: Mapping[str, ConfigTree], config_dir: str, unreadable: Collection[str] = ()) -> None:
        prefix = "" if config_dir in ("", ".") else config_dir.rstrip("/") + "/"
        self.trees: dict[str, ConfigTree] = {}
        for path in sorted(trees):
            if path.startswith(prefix) and path.endswith(_SUFFIXES):
                self.trees.setdefault(path.removeprefix(prefix).rpartition(".")[0], trees[path])
        self.unreadable = {path.removeprefix(prefix).rpartition(".")[0] for path in unreadable if path.startswith(prefix)}
        self.groups = {name[:end] for name in self.trees for end, mark in enumerate(name) if mark == "/"}
        self._composed: dict[Variant, Composed] = {}
        self._placements: dict[str, set[ConfigPath]] = {}

    def compose(self, config_name: str, overrides: Sequence[str] = ()) -> Composed:
        """The config that a command line gets. What points at nothing is left out and named in `missing`."""
        key = (_without_suffix(config_name), tuple(overrides))
        if key not in self._composed:
            self._composed[key] = self._compose(*key)
        return self._composed[key]

    @property
    def primaries(self) -> list[str]:
        """The configs in no group: a command line may start with any of them."""
        return [name for name in self.trees if "/" not in name]

    def variants(self) -> list[Variant]:
        """The primary configs (those in no group), each alone and with each config that changes the whole (`@package _global_` in a group)."""
        listed = {name: self._walk(name, ()).known for name in self.primaries}
        found: list[Variant] = [(name, ()) for name in self.primaries]
        for name, tree in self.trees.items():
            if "/" in name and tree.package == GLOBAL:
                found.extend(_choices_of(name, listed))
        return found

    def groups_of(self, config_name: str, words: Sequence[str] = ()) -> Mapping[str, str | None]:
        """The groups in the defaults lists of a composition, each with what is chosen."""
        return self._walk(_without_suffix(config_name), words).known

    def choices(self, config_name: str, words: Sequence[str] = ()) -> list[tuple[str, ...]]:
        """The command lines that choose another option of one group, the given one first."""
        groups = self.groups_of(config_name, words)
        found: list[tuple[str, ...]] = [tuple(words)]
        for key, chosen in groups.items():
            folder = key.partition("@")[0]
            for name in self.trees:
                if name.rpartition("/")[0] == folder and name.rpartition("/")[2] != chosen and not _belongs_to_hydra(name):
                    found.append((*words, f"{key}={name.rpartition('/')[2]}"))
        return found

    def values_of(self, path: ConfigPath) -> tuple[tuple[Scalar, str, Span], ...]:
        """Every scalar that a file of the directory sets at this path of the composed config, with the file and the place."""
        return tuple(self._values_of(path))

    def _values_of(self, path: ConfigPath) -> Iterator[tuple[Scalar, str, Span]]:
        placements = self._all_placements()
        for name, tree in self.trees.items():
            for package in sorted(placements[name]):
                node = node_at(tree.root, path[len(package) :]) if tree.root and path[: len(package)] == package else None
                if isinstance(node, ScalarNode):
                    yield omegaconf_value(node), tree.path, node.at

    def referred(self) -> Iterator[ConfigPath]:
        """Every path of the composed config that some file of the directory refers to with `${...}`."""
        placements = self._all_placements()
        for name, tree in self.trees.items():
            for path, text in interpolation.texts_below((), tree.root) if tree.root is not None else ():
                for package in sorted(placements[name]):
                    yield from interpolation.targets(text, (*package, *path))

    def _all_placements(self) -> dict[str, set[ConfigPath]]:
        """The packages under which each config lands over all variants; the usual one where none reaches it."""
        if not self._placements:
            reached: dict[str, set[ConfigPath]] = {name: set() for name in self.trees}
            for config_name, overrides in self.variants():
                for name, package in self._walk(config_name, overrides).order:
                    reached[name].add(package)
            self._placements = {name: found or {self._usual_package(name)} for name, found in reached.items()}
        return self._placements

    def _usual_package(self, name: str) -> ConfigPath:
        alone = Default(None, f"/{name}", None, False, False, name, START)
        return _dotted(alone.final_package(self.trees[name].package))

    def _walk(self, config_name: str, overrides: Sequence[str]) -> _Walk:
        walk = _Walk(self, [override for word in overrides if (override := parse_override(word)) is not None])
        walk.run(config_name)
        return walk

    def _compose(self, config_name: str, words: tuple[str, ...]) -> Composed:
        walk = self._walk(config_name, words)
        draft = Draft()
        for name, package in walk.order:
            draft.lay(Layer(self.trees[name].path, package, _content(self.trees[name].root)))
        missing = walk.missing if not draft.has((_HYDRA, "searchpath")) else []
        for override in walk.values:
            if override.sign == "~":
                draft.remove(override.path)
            elif override.sign or _belongs_to_hydra(override.key) or draft.has(override.path):
                draft.put(override.path, override.value, "")
            else:
                missing.append(Missing("", START, override.key))
        files = tuple(dict.fromkeys(self.trees[name].path for name, _ in walk.order))
        return draft.composed(files, tuple(missing))


@dataclass(slots=True)
class _Walk:
    """One way through the defaults lists; `order` is the order of merging, `known` what each group was set to."""

    configs: HydraConfigs
    words: list[Override]
    order: list[tuple[str, ConfigPath]] = field(default_factory=list)
    known: dict[str, str | None] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)
    values: list[Override] = field(default_factory=list)
    choices: dict[str, str | tuple[str, ...] | None] = field(default_factory=dict)
    choosers: dict[str, Missing] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    added: list[Default] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    visits: int = 0

    def run(self, config_name: str) -> None:
        self._sort_words()
        primary = Default(None, config_name, None, False, False, "", START)
        if config_name not in self.configs.trees:
            self.missing.append(Missing("", START, config_name))
            return
        self.order = self._visit(primary, is_primary=True)
        unused = [chooser for key, chooser in self.choosers.items() if key not in self.used and not _belongs_to_hydra(key)]
        self.missing.extend(unused)

    def _sort_words(self) -> None:
        """Overrides of groups choose or add configs; the others set values once everything is merged."""
        for override in self.words:
            group, _, package = override.key.partition("@")
            if group not in self.configs.groups or (override.text or "")[:1] == "{":
                self.values.append(override)
            elif override.sign == "~":
                self.deleted.add(override.key)
            elif override.sign:
                self.added.append(Default(group, _options(override), package or None, False, False, "", START))
            else:
                self.choices[override.key] = _options(override)
                self.choosers[override.key] = Missing("", START, override.key)

    def _visit(self, default: Default, is_primary: bool = False) -> list[tuple[str, ConfigPath]]:
        """The configs that an entry brings in, in the order of merging."""
        name = default.config_path
        if default.group is not None:
            if default.key in self.deleted:
                return []
            self.known.setdefault(default.key, name.rpartition("/")[2] if name else None)
        if name is None or MANDATORY in name or "${" in name:
            return []
        tree = self.configs.trees.get(name)
        if tree is None:
            self._miss(default, name)
            return []
        self.visits += 1
        if name in self.open or self.visits > _MAX_CONFIGS:
            return []
        self.open.append(name)
        order = self._children(default, tree, is_primary)
        self.open.pop()
        own = (name, _dotted(default.final_package(tree.package)))
        return [own if entry is None else entry for entry in order]

    def _children(self, default: Default, tree: ConfigTree, is_primary: bool) -> list[tuple[str, ConfigPath] | None]:
        """What stands in a config's own defaults list, in order of merging; None is the config itself.

        Visited from the end, so that what later entries override is known when the earlier ones are read; open options come last.
        """
        parts: list[Sequence[tuple[str, ConfigPath] | None]] = []
        waiting: list[tuple[int, Default]] = []
        for entry in reversed(self._placed(default, tree, is_primary)):
            chosen = self._chosen(entry)
            if chosen.is_open:
                waiting.append((len(parts), chosen))
            parts.append([None] if chosen.is_self else [] if chosen.is_open else self._entry(chosen))
        for index, chosen in waiting:
            parts[index] = self._entry(replace(chosen, option=self._filled(str(chosen.option))))
        return list(chain.from_iterable(reversed(parts))) or [None]

    def _placed(self, default: Default, tree: ConfigTree, is_primary: bool) -> list[Default]:
        """The entries of a config's defaults list; the overrides among them are noted, not returned."""
        listed = defaults_of(tree.root, tree.path) + (self.added if is_primary else [])
        placed = [entry if entry.is_self else entry.below(default, tree.package) for entry in listed]
        for entry in placed:
            if entry.override:
                self._choose(entry)
        return [entry for entry in placed if not entry.override]

    def _entry(self, entry: Default) -> Sequence[tuple[str, ConfigPath]]:
        if not isinstance(entry.option, tuple):
            return self._visit(entry)
        singles = [replace(entry, group=None, option=f"{entry.group}/{option}") for option in entry.option]
        visited = [self._visit(single) for single in reversed(singles)]
        return [item for part in reversed(visited) for item in part]

    def _choose(self, entry: Default) -> None:
        """What an `override` entry says counts unless a command line or an earlier one spoke."""
        if entry.key not in self.choices:
            self.choices[entry.key] = entry.option
            self.choosers[entry.key] = Missing(entry.file, entry.at, f"override {entry.key}")

    def _chosen(self, entry: Default) -> Default:
        if entry.group is None or entry.key not in self.choices:
            return entry
        self.used.add(entry.key)
        chooser = self.choosers[entry.key]
        return replace(entry, option=self.choices[entry.key], file=chooser.file, at=chooser.at)

    def _filled(self, option: str) -> str:
        """`${group}` in an option, from what the groups were set to; as it was where that is not known."""
        for key, chosen in self.known.items():
            option = option.replace(f"${{{key}}}", chosen or "")
        return option

    def _miss(self, default: Default, name: str) -> None:
        if not default.optional and not _belongs_to_hydra(name) and name not in self.configs.unreadable:
            self.missing.append(Missing(default.file, default.at, name))


def _choices_of(option: str, listed: Mapping[str, Mapping[str, str | None]]) -> Iterator[Variant]:
    """The command lines that choose an option of a group: where primaries list the group these, else all, with `+`."""
    group, _, name = option.rpartition("/")
    listing = [(primary, key) for primary, known in listed.items() for key in (group, f"{group}@{GLOBAL}") if key in known]
    for primary, key in listing:
        if listed[primary][key] != name:
            yield primary, (f"{key}={name}",)
    if not listing:
        for primary in listed:
            yield primary, (f"+{group}={name}",)


def _content(root: ConfigNode | None) -> ConfigNode:
    """A config without its defaults list."""
    if not isinstance(root, MappingNode):
        return MappingNode((), root.at if root else START)
    return MappingNode(tuple(entry for entry in effective(root).values() if entry.key != "defaults"), root.at)


def _options(override: Override) -> str | tuple[str, ...] | None:
    text = (override.text or "").strip()
    if text.startswith("[") and text.endswith("]"):
        return tuple(option.strip() for option in text[1:-1].split(",") if option.strip())
    return None if text == "null" else text.strip("'\"")


def _belongs_to_hydra(name: str) -> bool:
    """Configs of Hydra itself and of its plug-ins are installed, not in the repository."""
    return name == _HYDRA or name.startswith((f"{_HYDRA}/", f"{_HYDRA}."))


def _dotted(package: str) -> ConfigPath:
    return tuple(part for part in package.split(".") if part)


def _without_suffix(config_name: str) -> str:
    return config_name.removesuffix(".yaml").removesuffix(".yml")
