"""Keys that one section of a configuration file sets twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.configs.defaults import defaults_of
from mldebt.configs.tree import repeated
from mldebt.configs.types import ConfigTree, ScalarNode, Span
from mldebt.core import Location, Step
from mldebt.flow.follow import Followed
from mldebt.graph.setting_trees import SettingTrees


@dataclass(frozen=True, slots=True)
class RepeatedKey:
    """`at` is the last place, which counts. `values` are what the first and the last say, None for a section; `refused`: the loader does not take such a file."""

    name: str
    at: Location
    first: Location
    values: tuple[object, object]
    equal: bool
    refused: bool
    evidence: tuple[Step, ...]


class RepeatedKeys:
    def __init__(self, followed: Followed, trees: SettingTrees) -> None:
        self._world = followed.world
        self._sources = followed.interpreter.settings.sources
        self._trees = trees

    def all(self) -> Iterator[RepeatedKey]:
        """In the files that programs load, by place."""
        found: dict[Location, RepeatedKey] = {}
        for path, by_hydra in sorted(self._trees.loaded_files.items()):
            tree = self._world.repository.config(path)
            if tree is not None and tree.root is not None:
                for key in (*_keys(tree, by_hydra), *(_groups(tree) if by_hydra else ())):
                    found.setdefault(key.at, key)
        yield from (found[at] for at in sorted(found))


def _keys(tree: ConfigTree, refused: bool) -> Iterator[RepeatedKey]:
    for root in tree.documents:
        for path, first, last in repeated((), root):
            name = ".".join(map(str, path))
            values = tuple(entry.value.value if isinstance(entry.value, ScalarNode) else None for entry in (first, last))
            equal = isinstance(first.value, ScalarNode) and isinstance(last.value, ScalarNode) and values[0] == values[1]
            yield _repeated(tree, name, first.key_at, last.key_at, (values[0], values[1]), equal, refused)


def _groups(tree: ConfigTree) -> Iterator[RepeatedKey]:
    """Groups that a defaults list names twice, which Hydra does not take."""
    first: dict[str, Span] = {}
    for default in defaults_of(tree.root, tree.path):
        if default.group is None or default.override:
            continue
        if default.key in first:
            yield _repeated(tree, f"defaults.{default.key}", first[default.key], default.at, (None, None), False, True)
        first.setdefault(default.key, default.at)


def _repeated(
    tree: ConfigTree, name: str, first: Span, last: Span, values: tuple[object, object], equal: bool, refused: bool
) -> RepeatedKey:
    places = [Location(tree.path, at.line, at.column, at.end_line, at.end_column) for at in (first, last)]
    steps = (Step(places[0], f"'{name}' is set here"), Step(places[1], "and again here"))
    return RepeatedKey(name, places[1], places[0], values, equal, refused, steps)
