"""A config as a program gets it: every key with its value, the file that sets it, and the code that reads it.

A file with a defaults list is composed as Hydra does; a file of a group is composed into the primary config that it changes.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mldebt.analysis.configs import Configs
from mldebt.analysis.reading import Reading
from mldebt.analysis.snapshot import Snapshot
from mldebt.configs.composition import Composed, Missing
from mldebt.configs.defaults import GLOBAL
from mldebt.configs.hydra import HydraConfigs, Variant, interpolate
from mldebt.configs.tree import node_at, plain
from mldebt.configs.types import ConfigNode, ConfigPath, ConfigTree, MappingNode, ScalarNode, SequenceNode
from mldebt.core import Location, MldebtError
from mldebt.declarations.types import HOLE
from mldebt.report.configs import ResolvedConfig, ResolvedKey
from mldebt.settings import Settings

_YAML = (".yaml", ".yml")


Readers = Mapping[tuple[str, str], tuple[Location, ...]]
"""(file, dotted key) -> where code reads it."""


class ConfigReader:
    """Resolves the config files of one snapshot."""

    def __init__(self, snapshot: Snapshot, settings: Settings, label: str = "") -> None:
        self._label = label
        self._reading = Reading(snapshot)
        self._configs = Configs(self._reading, settings.size_limit)

    def resolve(self, path: str, words: Sequence[str], readers: Readers) -> ResolvedConfig:
        """The config of a file, with Hydra overrides such as `experiment=wide` or `model.rate=0.1`."""
        tree = self._tree(path)
        directory = self._directory(path)
        if directory is None:
            if words:
                raise MldebtError(f"{path}: '{words[0]}' is a Hydra override, and this file has no defaults list")
            return self._resolved(path, path, _as_composed(tree), readers)
        configs = HydraConfigs(self._trees_in(directory), directory, [])
        name, found = _variant(configs, _inside(path, directory), path)
        every = (*found, *words)
        label = " ".join((posixpath.join(directory, f"{name}.yaml"), *every))
        return self._resolved(label, path, configs.compose(name, every), readers)

    def values(self, path: str, words: Sequence[str]) -> dict[str, Any]:
        """The same as plain values, with what an interpolation refers to in its place."""
        tree, directory = self._tree(path), self._directory(path)
        if directory is None:
            composed = _as_composed(tree)
        else:
            configs = HydraConfigs(self._trees_in(directory), directory, [])
            name, found = _variant(configs, _inside(path, directory), path)
            composed = configs.compose(name, (*found, *words))
        values: dict[str, Any] = {}
        for key in _paths(composed):
            section = values
            for step in key[:-1]:
                section = section.setdefault(str(step), {})
            section[str(key[-1])] = plain(interpolate(composed, key))
        return values

    def _tree(self, path: str) -> ConfigTree:
        if path not in self._reading.kinds:
            raise MldebtError(f"{self._label}{path}: no such file in the repository")
        tree = self._configs(path)
        if tree is None:
            failure = self._configs.failures.get(path)
            why = f"{failure.at.line}: {failure.reason}" if failure is not None else " no config file that can be read"
            raise MldebtError(f"{self._label}{path}:{why}")
        return tree

    def _directory(self, path: str) -> str | None:
        """The Hydra config directory that a YAML file lies in: the outermost one with a primary config."""
        if not path.endswith(_YAML):
            return None
        folders = [posixpath.dirname(path)]
        while folders[-1]:
            folders.append(posixpath.dirname(folders[-1]))
        return next((folder for folder in reversed(folders) if self._has_primary(folder)), None)

    def _has_primary(self, folder: str) -> bool:
        return any(posixpath.dirname(path) == folder and _has_defaults(self._configs(path)) for path in self._yaml_files(folder))

    def _yaml_files(self, folder: str) -> Iterator[str]:
        prefix = f"{folder}/" if folder else ""
        yield from (path for path in sorted(self._reading.kinds) if path.startswith(prefix) and path.endswith(_YAML))

    def _trees_in(self, folder: str) -> dict[str, ConfigTree]:
        return {path: tree for path in self._yaml_files(folder) if (tree := self._configs(path)) is not None}

    def _resolved(self, label: str, own: str, composed: Composed, readers: Readers) -> ResolvedConfig:
        keys = tuple(self._key(composed, path, readers) for path in _paths(composed))
        missing = tuple(_missing(one) for one in composed.missing)
        return ResolvedConfig(f"{self._label}{label}", own, composed.files, keys, missing)

    def _key(self, composed: Composed, path: ConfigPath, readers: Readers) -> ResolvedKey:
        origin = composed.lookup(path)
        name = ".".join(map(str, path))
        node = origin.value if origin is not None else None
        written = _shown(node)
        value = _shown(interpolate(composed, path)) if isinstance(node, ScalarNode) and "${" in written else written
        at = Location(origin.file, origin.at.line, origin.at.column) if origin is not None and origin.file else None
        return ResolvedKey(name, written if HOLE in value else value, written, at, _readers_of(name, composed.files, readers))


def _readers_of(name: str, files: Iterable[str], readers: Readers) -> tuple[Location, ...]:
    """Of the key, else of the section around it that code reads as a whole."""
    files = tuple(files)
    while name:
        found = {(place.path, place.cell, place.line): place for file in files for place in readers.get((file, name), ())}
        if found:
            return tuple(sorted(found.values()))
        name = name.rpartition(".")[0]
    return ()


def _as_composed(tree: ConfigTree) -> Composed:
    if not isinstance(tree.root, MappingNode):
        raise MldebtError(f"{tree.path}: holds no keys at its top")
    return Composed(tree.root, (tree.path,), (), {(entry.key,): tree.path for entry in (*tree.root.entries, *tree.root.merged)})


def _has_defaults(tree: ConfigTree | None) -> bool:
    return tree is not None and isinstance(tree.root, MappingNode) and isinstance(node_at(tree.root, ("defaults",)), SequenceNode)


def _inside(path: str, directory: str) -> str:
    return path.removeprefix(f"{directory}/" if directory else "").rpartition(".")[0]


def _variant(configs: HydraConfigs, name: str, path: str) -> Variant:
    """How a program gets a config of the directory: as its primary config, or as what a group is set to."""
    if "/" not in name:
        return name, ()
    group, _, option = name.rpartition("/")
    tree = configs.trees[name]
    primaries = [primary for primary, words in configs.variants() if not words and _has_defaults(configs.trees[primary])]
    for primary in primaries:
        for key in (group, f"{group}@{GLOBAL}"):
            if key in configs.groups_of(primary):
                return primary, (f"{key}={option}",)
    if not primaries:
        raise MldebtError(f"{path}: no primary config reaches it")
    if tree.package == GLOBAL:
        return primaries[0], (f"+{group}={option}",)
    raise MldebtError(
        f"{path}: no primary config has the group '{group}'; name the primary config and the choice: {primaries[0]} +{group}={option}"
    )


def _paths(composed: Composed) -> Iterator[ConfigPath]:
    """Every scalar, and every list as a whole."""
    seen: set[ConfigPath] = set()
    for path, _ in composed.leaves():
        while path and isinstance(path[-1], int):
            path = path[:-1]
        if path and path not in seen and not any(isinstance(step, int) for step in path):
            seen.add(path)
            yield path


def _shown(node: ConfigNode | None) -> str:
    """A value on one line, as YAML's flow style writes it."""
    return _flow(plain(node))


def _flow(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(_flow(item) for item in value) + "]"
        case None:
            return "null"
        case bool():
            return str(value).lower()
    return str(value)


def _missing(one: Missing) -> str:
    where = f"{one.file}:{one.at.line}: " if one.file else ""
    return f"{where}'{one.target}' points at nothing"
