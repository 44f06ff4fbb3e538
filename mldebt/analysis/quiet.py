"""Files of which nothing is told unless somebody names them: folders that say that they are over, and code of others that lies in the tree.

They are read and followed like any other: what they call is called, what they read has a reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from mldebt.analysis.contents import lies_in
from mldebt.analysis.reading import Reading
from mldebt.api import DebtGraph
from mldebt.core import Finding
from mldebt.settings import Settings
from mldebt.workspace.ignores import IgnoreRules
from mldebt.workspace.roles import says_foreign, says_over
from mldebt.workspace.types import Workspace

_LICENCE = re.compile(r"(?:licen[cs]e|copying)(?:\.(?:txt|md|rst))?", re.IGNORECASE)
_HOLDER = re.compile(r"^\W*copyright\b(?:\s|\(c\)|©|\d|[,–-])*(?:by\s+)?([^\[{<\n]+)$", re.IGNORECASE | re.MULTILINE)
_OF_THE_TEXT = "free software foundation"
_ANY_WORD = re.compile(r"[^\W\d_]{3,}")
_MOST_CHARACTERS = 64_000
_NO_NAME = frozenset(
    {
        "all",
        "rights",
        "reserved",
        "and",
        "the",
        "inc",
        "its",
        "affiliates",
        "author",
        "authors",
        "contributors",
        "team",
        "project",
        "corporation",
    }
    | {"ltd", "llc", "notice", "license", "copyright"}
)


class Quiet:
    """Which files are quiet: by the settings, by the name of a folder around them, by a licence of others beside them."""

    def __init__(self, workspace: Workspace, settings: Settings, reading: Reading) -> None:
        self._workspace = workspace
        self._reading = reading
        self._rules = IgnoreRules.parse(settings.quiet)
        self._everything = settings.profile == "all"

    def asked(self, paths: Sequence[str]) -> tuple[str, ...]:
        """The paths of a request that name something quiet: of that all is told."""
        return tuple(path for path in paths if self._spoken(path) or self._is_foreign(path) or self._is_over(path))

    def may_be_quiet(self, path: str) -> bool:
        """Whether nothing is told of a file unless it is named, or code elsewhere calls it."""
        spoken = self._spoken(path)
        return spoken if spoken is not None else self._is_foreign(path) or self._is_over(path)

    def told(self, graph: DebtGraph, paths: Sequence[str]) -> Callable[[Finding], bool]:
        """Whether a finding is told; what is over by its name is not over while other code calls it."""
        named = self.asked(paths)

        def is_told(finding: Finding) -> bool:
            path = finding.at.path
            if self._everything or (named and lies_in(path, named)):
                return True
            spoken = self._spoken(path)
            if spoken is not None:
                return not spoken
            if self._is_foreign(path):
                return False
            return not self._is_over(path) or any(not self._is_over(caller) for caller in graph.callers_of(path))

        return is_told

    def _spoken(self, path: str) -> bool | None:
        """What the settings say of a path, the nearest line last; None where they say nothing."""
        spoken = None
        for prefix, name, folder in _prefixes(path):
            here = self._rules.ignores(prefix, name, folder)
            spoken = here if here is not None else spoken
        return spoken

    def _is_over(self, path: str) -> bool:
        return any(folder and says_over(name) for _, name, folder in _prefixes(path))

    def _is_foreign(self, path: str) -> bool:
        return any(folder and says_foreign(name) for _, name, folder in _prefixes(path)) or f"{path}/".startswith(self._licensed_by_others)

    @cached_property
    def _licensed_by_others(self) -> tuple[str, ...]:
        """Folders with a licence of their own, whose holders are none of those of the licence at the root; () where most code lies in such folders, as in
        a collection of what several teams wrote."""
        licences = [file.path for file in self._workspace.files if _LICENCE.fullmatch(file.path.rpartition("/")[2])]
        own = {word for path in licences if "/" not in path for word in self._holders(path)}
        nested = [path for path in licences if "/" in path] if own else []
        found = [(path, self._holders(path)) for path in nested]
        folders = tuple(path.rpartition("/")[0] + "/" for path, holders in found if holders and own.isdisjoint(holders))
        code = [file.path for file in self._workspace.files if file.kind in ("python", "notebook")]
        return folders if 2 * sum(path.startswith(folders) for path in code) < len(code) else ()

    def _holders(self, path: str) -> frozenset[str]:
        """The words in the names of those who hold the rights."""
        text = (self._reading.text(path) or "")[:_MOST_CHARACTERS]
        names = (match[1].lower() for match in _HOLDER.finditer(text))
        return frozenset(word for name in names if _OF_THE_TEXT not in name for word in _ANY_WORD.findall(name) if word not in _NO_NAME)


def _prefixes(path: str) -> Iterator[tuple[str, str, bool]]:
    """The folders around a path and the path itself: (path, name, is a folder), the outermost first. A path that is asked for may be a folder."""
    parts = path.rstrip("/").split("/")
    for number, name in enumerate(parts, 1):
        yield "/".join(parts[:number]), name, number < len(parts) or "." not in name.lstrip(".")
