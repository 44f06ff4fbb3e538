"""One file that is read in ways that give different values (catalogue MLD209)."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location, Step
from mldebt.flow.events import Parsed
from mldebt.flow.values import Place
from mldebt.flow.world import World, numbers
from mldebt.graph.assets import Assets
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct

PROJECT = re.compile(
    r"(pyproject\.toml|setup\.(py|cfg)|requirements[^/]*\.txt|environment[^/]*\.ya?ml|dvc\.yaml|Makefile|Pipfile|README[^/]*)", re.I
)
Key = tuple[str, str]
"""(option, column; "" for all columns)"""


@dataclass(frozen=True, slots=True)
class DivergentRead:
    """At `at` the file is read in another way than at `other`; `difference` says how, in words. `readers` is how many places read the file."""

    path: str
    at: Location
    other: Location
    difference: str
    readers: int
    in_notebook: bool
    evidence: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    event: Parsed
    options: dict[Key, str | None]
    at: Location


class Parsing:
    def __init__(self, world: World, reach: Reach, trails: Trails, assets: Assets) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._assets = assets

    def divergent(self) -> Iterator[DivergentRead]:
        """One for each file, at the read that says least of how the file is to be understood."""
        for path, readers in sorted(self._readers.items()):
            pairs = [
                (poorer, richer, keys)
                for poorer in readers
                for richer in readers
                if poorer is not richer and self._is_one_file(path, poorer, richer) and (keys := self._lacks(poorer, richer))
            ]
            if pairs:
                poorer, richer, keys = max(
                    pairs, key=lambda pair: (len(pair[2]), -len(pair[0].options), not _in_notebook(pair[0]), pair[0].at)
                )
                yield self._found(path, poorer, richer, keys, len(readers))

    @cached_property
    def _readers(self) -> dict[str, list[Reader]]:
        """Who reads each path, by place; tests, looks at some rows, and reads whose options change from call to call are left out."""
        events: dict[tuple[str, Place], list[Parsed]] = defaultdict(list)
        for number, root in enumerate(self._world.roots):
            for event in root.events:
                if isinstance(event, Parsed) and "test" not in self._reach.colours[number] and self._reach.judged(event.at):
                    events[event.path, event.at].append(event)
        found: dict[str, list[Reader]] = defaultdict(list)
        for (path, place), same in events.items():
            if len({(event.options, event.columns, event.whole) for event in same}) == 1 and same[0].whole:
                options = {(option, column): text for option, column, text in same[0].options}
                found[path].append(Reader(same[0], options, self._trails.location(place)))
        return {path: sorted(readers, key=lambda reader: reader.at) for path, readers in found.items()}

    def _is_one_file(self, path: str, first: Reader, second: Reader) -> bool:
        """Whether equal texts name one file: a path from the root, or code of one project; two tries in one function are none."""
        if (first.event.frame.module, first.event.frame.function) == (second.event.frame.module, second.event.frame.function):
            return False
        if first.event.callee != second.event.callee:
            return False
        if "://" in path or path.startswith(("/", "~")) or self._assets.is_tracked(path):
            return True
        folders = [posixpath.dirname(reader.at.path) for reader in (first, second)]
        if "/" not in path or path.startswith(".."):
            return folders[0] == folders[1]
        return self._project(folders[0]) == self._project(folders[1])

    def _project(self, folder: str) -> str:
        """The nearest folder that looks like one that programs are started in."""
        while folder and folder not in self._projects:
            folder = posixpath.dirname(folder)
        return folder

    @cached_property
    def _projects(self) -> frozenset[str]:
        files = self._world.repository.files
        return frozenset(posixpath.dirname(path) for path in files if PROJECT.fullmatch(posixpath.basename(path)))

    def _lacks(self, poorer: Reader, richer: Reader) -> list[Key]:
        """What the richer read says and the poorer does not, or says otherwise, of columns that it reads and does not convert itself."""
        found: list[Key] = []
        for key, text in richer.options.items():
            option, column = key
            given = poorer.options.get(key, "")
            if (
                text is None
                or given is None
                or text == given
                or _is_said_for_all(poorer, option)
                or _is_said_for_all(richer, option, column)
            ):
                continue
            if column and (poorer.event.columns and column not in poorer.event.columns):
                continue
            if column and (self._converts(poorer, column) or self._converts(richer, column)):
                continue
            found.append(key)
        return found

    def _converts(self, reader: Reader, column: str) -> bool:
        """Whether code makes a column anew from itself after this read, as `table[c] = to_datetime(table[c])` does."""
        return bool(self._read_columns.get((reader.event.at, column), 0) & self._made_anew)

    @cached_property
    def _read_columns(self) -> dict[tuple[Place, str], int]:
        found: dict[tuple[Place, str], int] = defaultdict(int)
        for number, column in enumerate(self._world.columns):
            if not column.made:
                found[column.at, column.name] |= 1 << number
        return found

    @cached_property
    def _made_anew(self) -> int:
        """Columns that another one of the same name is made of."""
        columns = self._world.columns
        bits = 0
        for column in columns:
            for dep in numbers(column.deps) if column.made else ():
                bits |= (1 << dep) if columns[dep].name == column.name else 0
        return bits

    def _found(self, path: str, poorer: Reader, richer: Reader, keys: list[Key], readers: int) -> DivergentRead:
        differences = [_difference(key, poorer.options.get(key, ""), richer.options[key]) for key in sorted(keys)]
        step = self._trails.step
        return DivergentRead(
            path=path,
            at=poorer.at,
            other=richer.at,
            difference="; ".join(differences[:3]) + (", and more" if len(differences) > 3 else ""),
            readers=readers,
            in_notebook=_in_notebook(poorer),
            evidence=distinct(
                [
                    *self._trails.calls(richer.event.frame),
                    step(richer.event.at, f"'{path}' is read with {_said(richer)}"),
                    *self._trails.calls(poorer.event.frame),
                    step(poorer.event.at, f"it is read with {_said(poorer)}"),
                ]
            ),
        )


def _is_said_for_all(reader: Reader, option: str, column: str = "x") -> bool:
    """Whether an option is given for all columns at once, so that it cannot be compared with one for a single column."""
    return bool(column) and (option, "") in reader.options


def _in_notebook(reader: Reader) -> bool:
    return reader.at.path.endswith(".ipynb")


def _difference(key: Key, given: str | None, other: str | None) -> str:
    option, column = key
    what = f"{option} of '{column}'" if column else option
    return f"{what} is {other!r} there and {given!r} here" if given else f"{what} is {other!r} there"


def _said(reader: Reader) -> str:
    said = [f"{option}{f' of {column!r}' if column else ''} {text!r}" for (option, column), text in sorted(reader.options.items())]
    return ", ".join(said[:6]) or "nothing said of how to understand it"
