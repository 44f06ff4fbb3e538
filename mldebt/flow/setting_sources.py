"""The config trees that a program loads: files and Hydra compositions by number, and what was asked of them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mldebt.configs.composition import Composed, Layer, combine
from mldebt.configs.hydra import HydraConfigs
from mldebt.configs.types import ConfigPath, MappingNode, ScalarNode, SequenceNode
from mldebt.declarations.types import HOLE
from mldebt.flow.values import Const, Leaf, Place, Value, View, options_of, unwrap

if TYPE_CHECKING:
    from mldebt.flow.world import World

Key = tuple[int, ConfigPath]
"""A path below a source, by the number of that."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """What a Hydra composition is a variant of: the directory, the name of its primary config, the words that were given."""

    configs: HydraConfigs
    directory: str
    name: str
    overrides: tuple[str, ...] = ()


class SettingSources:
    """What programs load, and how they go about it.

    `leaves` are the numbers of the scalars that somebody met, `handed` the sections and lists that were taken out, `looked` those that an operation
    saw. `named` are entries, and `named_leaves` scalars, whose names a loop over all of them met; `shown` are leaves that were only logged one by one.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.composed: list[Composed] = []
        self.variants: dict[int, Choosing] = {}
        self.loaded_at: dict[int, set[Place]] = {}
        self.leaves: dict[Key, int] = {}
        self.handed: set[Key] = set()
        self.looked: set[Key] = set()
        self.named: set[Key] = set()
        self.named_leaves: set[int] = set()
        self.shown: set[int] = set()
        self.structured = False  # whether code adds configs of its own to those in files
        self.unsettled: set[str] = set()  # config directories of programs that a command line starts with a config nobody can compose
        self.written: set[Key] = set()  # what programs add to their settings; a section stands for any key of it
        self.unresolved: dict[Place, str] = {}  # loads whose file nobody can tell, with the format
        self._by_file: dict[str, int] = {}
        self._hydra: dict[str, HydraConfigs] = {}
        self._by_choice: dict[tuple[str, str, tuple[str, ...]], int] = {}

    def name_all(self, view: View, keys: Iterable[str | int]) -> None:
        """A loop goes through the names of a section."""
        self.named.update((view.source, (*view.path, key)) for key in keys)

    def name_members(self, values: Iterable[Value]) -> None:
        """A loop goes through the names of a mapping that holds settings."""
        for value in values:
            if isinstance(value, View):
                self.named.add((value.source, value.path))
            elif isinstance(value, Leaf):
                self.named_leaves.add(value.key)

    def show(self, leaf: Leaf, beside: Iterable[Value]) -> None:
        """A setting that a loop met is logged: as a setting where its name is logged with it, else as something people want to see."""
        name = self._world.leaves[leaf.key].name.rpartition(".")[2]
        texts = [unwrap(option).value for value in (leaf, *beside) for option in options_of(value) if isinstance(unwrap(option), Const)]  # type: ignore[attr-defined]  # just asked
        if any(isinstance(text, str) and name in text for text in texts):
            self.shown.add(leaf.key)

    def file(self, path: str, at: Place | None = None) -> int | None:
        """The source number of one config file, None where it is no readable mapping or list."""
        if path not in self._by_file:
            self._by_file[path] = self._read(path)
        number = self._by_file[path]
        if number >= 0 and at is not None:
            self.loaded_at.setdefault(number, set()).add(at)
        return number if number >= 0 else None

    def _read(self, path: str) -> int:
        tree = self._world.repository.config(path)
        if tree is None or tree.root is None or isinstance(tree.root, ScalarNode):
            return -1
        if isinstance(tree.root, SequenceNode):
            composed = Composed(MappingNode((), tree.root.at), (path,))
        elif tree.format == "omegaconf":
            composed = combine([Layer(path, (), tree.root)])
        else:
            composed = Composed(tree.root, (path,), sources=_Everywhere(path))
        self.composed.append(composed)
        return len(self.composed) - 1

    def hydra(self, directory: str, name: str, words: tuple[str, ...], at: Place) -> int | None:
        """The source number of a composition, None where there is no such config."""
        key = (directory, name, words)
        if key not in self._by_choice:
            configs = self._configs_in(directory)
            composed = configs.compose(name, words)
            if not composed.files:
                self._by_choice[key] = -1
            else:
                self._by_choice[key] = len(self.composed)
                self.variants[len(self.composed)] = Choosing(configs, directory, name, words)
                self.composed.append(composed)
        number = self._by_choice[key]
        if number >= 0:
            self.loaded_at.setdefault(number, set()).add(at)
        return number if number >= 0 else None

    def _configs_in(self, directory: str) -> HydraConfigs:
        if directory not in self._hydra:
            repository = self._world.repository
            prefix = f"{directory}/" if directory else ""
            paths = sorted(path for path in repository.files if path.startswith(prefix) and path.endswith((".yaml", ".yml")))
            trees = {path: tree for path in paths if (tree := repository.config(path)) is not None}
            self._hydra[directory] = HydraConfigs(trees, directory, [path for path in paths if path not in trees])
        return self._hydra[directory]


def directory_of(files: frozenset[str], folder: tuple[str, ...], config_path: str | None, name: str) -> str:
    """A config directory relative to the root, as Hydra finds it from the module that asks; behind an unknown start the nearest that has the config."""
    if config_path is None or HOLE not in config_path:
        return _plain(posixpath.join("/".join(folder), config_path or "."))
    tail = config_path.rpartition(HOLE)[2].strip("/")
    if not tail:
        return config_path
    file = f"{name.removesuffix('.yaml')}.yaml"
    above = (_plain(posixpath.join("/".join(folder[:depth]), tail)) for depth in range(len(folder), -1, -1))
    return next((directory for directory in above if posixpath.join(directory, file) in files), config_path)


def _plain(path: str) -> str:
    normal = posixpath.normpath(path)
    return "" if normal == "." else normal


class _Everywhere(dict[ConfigPath, str]):
    """All paths of a tree belong to one file."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file

    def __contains__(self, path: object) -> bool:
        return True

    def __getitem__(self, path: ConfigPath) -> str:
        return self._file
