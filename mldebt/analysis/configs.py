"""Config files on demand: parsed when code or a known tool asks for them, and never because they are there."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping

from mldebt.analysis.reading import Reading
from mldebt.configs.read import format_of, looks_like_template, parse_config
from mldebt.configs.text import BEYOND_LIMITS
from mldebt.configs.types import ConfigError, ConfigTree
from mldebt.core import Location
from mldebt.facts.types import Unreadable
from mldebt.graph.vocabulary import UnreadableFile

TEMPLATE = "a template"
_NO_CONFIGS = frozenset({"python", "notebook"})


class Configs:
    """The trees of config files by path. `failures` are the files that were asked for and cannot be read, `left_out` counts those that are no configs."""

    def __init__(self, reading: Reading, most_bytes: int) -> None:
        self._reading, self._most_bytes = reading, most_bytes
        self._trees: dict[str, ConfigTree | None] = {}
        self.failures: dict[str, UnreadableFile] = {}
        self.left_out: Counter[str] = Counter()

    def __call__(self, path: str) -> ConfigTree | None:
        """The tree of a file, None where it is no config file or cannot be read."""
        if path not in self._trees:
            self._trees[path] = self._parsed(path)
        return self._trees[path]

    @property
    def trees(self) -> tuple[ConfigTree, ...]:
        """Those parsed so far, by path."""
        return tuple(tree for _, tree in sorted(self._trees.items()) if tree is not None)

    def _parsed(self, path: str) -> ConfigTree | None:
        kind = self._reading.kinds.get(path)
        if kind is None or kind in _NO_CONFIGS or format_of(path, kind) is None:
            return None
        content = self._reading.content(path)
        if isinstance(content, Unreadable):
            self.failures[path] = UnreadableFile(Location(path, 1), content.reason)
            return None
        if len(content) > self._most_bytes and format_of(path, kind) == "json":
            self.left_out["data beyond the size limit"] += 1
            return None
        try:
            return parse_config(path, kind, content, self._most_bytes)
        except ConfigError as error:
            if looks_like_template(content):
                self.left_out[TEMPLATE] += 1
            else:
                self.failures[path] = UnreadableFile(Location(path, error.line, error.column), error.reason)
        return None


class OnDemand(Mapping[str, ConfigTree]):
    """Lists the files that it was made with, and finds every other one that somebody looks up."""

    def __init__(self, configs: Configs, listed: tuple[str, ...]) -> None:
        self._configs = configs
        self._listed = tuple(path for path in listed if configs(path) is not None)

    def __getitem__(self, path: str) -> ConfigTree:
        tree = self._configs(path)
        if tree is None:
            raise KeyError(path)
        return tree

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)


def is_beyond_limits(failure: UnreadableFile) -> bool:
    return failure.reason == BEYOND_LIMITS


def lies_among(path: str, loaded: frozenset[str]) -> bool:
    """Whether a config that is loaded lies in the same folder, or in one around it below the root: a composition may choose this file."""
    folder = posixpath.dirname(path)
    folders = {posixpath.dirname(other) for other in loaded}
    while folder:
        if folder in folders:
            return True
        folder = posixpath.dirname(folder)
    return False
