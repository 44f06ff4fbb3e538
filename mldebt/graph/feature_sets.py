"""Which columns models learn from: sets that nobody listed (catalogue MLD102)."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Confidence, Location, Step
from mldebt.declarations.types import HOLE
from mldebt.flow.events import Checked, Fitted, Loaded, Stored
from mldebt.flow.origin import Rest, ones
from mldebt.flow.paths import same_path
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.assets import Assets, covers
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails, distinct

EXAMPLES = frozenset({"seaborn", "openml", "sklearn"})
"""Formats of data sets that come with a library: their columns do not change."""


@dataclass(frozen=True, slots=True)
class ImplicitSet:
    """A model learns from whatever columns a table of others has, but for those in `gone`; `by_choice`: a position, type or pattern leaves out more.

    `others` are names in `gone` that are not the label; `columns` is how many columns code here knows by name.
    """

    table: str
    read_at: Location
    at: Location
    model: str
    gone: tuple[str, ...]
    others: tuple[str, ...]
    by_choice: bool
    columns: int
    confidence: Confidence
    evidence: tuple[Step, ...]


class FeatureSets:
    def __init__(self, world: World, reach: Reach, trails: Trails, assets: Assets, around: Surroundings) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._assets = assets
        self._around = around

    def implicit(self) -> Iterator[ImplicitSet]:
        """One for each read and what is taken from it, at the first fit. Where a loop fits again and again, what no pass gets is what is taken."""
        if self._around.teaches:
            return
        fits: dict[tuple[int, Place], list[tuple[Fitted, Rest]]] = defaultdict(list)
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            checks = [event for event in root.events if isinstance(event, Checked)]
            for event in root.events:
                if isinstance(event, Fitted) and event.kind == "fitted" and self._is_judged(event.at):
                    for rest in self._unlisted(event, checks):
                        fits[rest.source, event.at].append((event, rest))
        groups: dict[tuple[int, frozenset[str]], list[tuple[Fitted, Rest]]] = defaultdict(list)
        for (source, _), cases in fits.items():
            gone = frozenset.intersection(*(rest.gone for _, rest in cases))
            groups[source, gone].extend((event, Rest(source, gone)) for event, _ in cases)
        found = [self._answer(cases) for _, cases in sorted(groups.items(), key=lambda item: (item[0][0], sorted(item[0][1])))]
        yield from sorted(found, key=lambda answer: (answer.at, answer.read_at))

    def _is_judged(self, place: Place) -> bool:
        """Examples and lessons choose columns for their readers."""
        return self._world.program.modules[place[0]].role == "source"

    def _unlisted(self, fit: Fitted, checks: list[Checked]) -> Iterator[Rest]:
        """The tables of others of which the model gets columns that nobody named: all but some, or those that a choice leaves."""
        for rest in fit.origin.rest:
            checked = any(rest.source in check.sources for check in checks)
            gone = self._left_out(fit, rest)
            if (gone or fit.origin.partial) and not checked and self._is_of_others(self._world.sources[rest.source][1]):
                yield Rest(rest.source, gone)

    def _left_out(self, fit: Fitted, rest: Rest) -> frozenset[str]:
        """The columns of the read that the model does not get; one that has another name now is not left out."""
        read = self._world.sources[rest.source][1]
        columns = (self._world.columns[number] for number in ones(fit.features))
        return rest.gone - {column.name for column in columns if column.at == read}

    # -- whose table it is --------------------------------------------------------------------------------------------

    @cached_property
    def _loads(self) -> dict[Place, list[Loaded]]:
        found: dict[Place, list[Loaded]] = defaultdict(list)
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Loaded):
                    found[event.at].append(event)
        return found

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(map(_basename, self._around.tracked))

    @cached_property
    def _outputs(self) -> tuple[str, ...]:
        return tuple(sorted({output for stage in self._around.stages for output in stage.outputs}))

    def _is_of_others(self, read: Place) -> bool:
        """Whether nothing in the repository makes or holds the table, or says its columns; false in doubt."""
        loads = self._loads.get(read, [])
        return bool(loads) and all(self._is_open(load) for load in loads)

    def _is_open(self, load: Loaded) -> bool:
        path = load.path
        if load.sources or load.format in EXAMPLES or path.strip(HOLE + "./") == "":
            return False
        if load.format == "sql":
            return HOLE not in path and not any(_may_be_named(table, path) for table in self._tables)
        return "://" in path or not self._is_ours(path)

    @cached_property
    def _tables(self) -> tuple[str, ...]:
        """The database tables that code here writes."""
        events = (event for root in self._world.roots for event in root.events if isinstance(event, Stored) and event.format == "sql")
        return tuple(sorted({event.path for event in events}))

    @cached_property
    def _written(self) -> tuple[frozenset[str], tuple[str, ...]]:
        """The names of the files that code here writes, and the texts of modules that write under names nobody can tell."""
        names: set[str] = set()
        modules: set[int] = set()
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Stored):
                    name = _basename(event.path)
                    names.add(name)
                    modules |= {event.at[0], event.frame.module, root.module} if HOLE in name else set()
        return frozenset(names), tuple(text for number in sorted(modules) for text in self._world.program.modules[number].strings)

    def _is_ours(self, path: str) -> bool:
        """Whether git holds the file, so that its columns can be looked up, or code or a stage makes it; true in doubt."""
        name = _basename(path)
        written, texts = self._written
        if name in self._names or name in written or any(name in text for text in texts) or covers(self._outputs, path):
            return True
        return HOLE in path and any(same_path(tracked, path) for tracked in self._around.tracked)

    # -- answers ------------------------------------------------------------------------------------------------------

    def _answer(self, cases: list[tuple[Fitted, Rest]]) -> ImplicitSet:
        trails = self._trails
        fit, rest = min(cases, key=lambda case: trails.location(case[0].at))
        read = self._world.sources[rest.source][1]
        labels = {self._world.columns[number].name for number in ones(fit.target)}
        gone = tuple(sorted(rest.gone))
        near = read[0] == fit.at[0] and all(load.frame.function == fit.frame.function for load in self._loads[read])
        table = self._loads[read][0].path
        what = ", ".join(f"'{name}'" for name in gone)
        steps = [
            trails.step(read, f"'{_shown(table)}' is read, with whatever columns it has"),
            *trails.calls(fit.frame),
            trails.step(
                fit.at, f"the model learns from all of them but {what}" if gone else "the model learns from those that a choice leaves"
            ),
            *(trails.step(case.at, "so does another fit") for case, _ in cases[1:8] if case.at != fit.at),
        ]
        return ImplicitSet(
            table=_shown(table),
            read_at=trails.location(read),
            at=trails.location(fit.at),
            model=self._world.models[fit.model].name if fit.model >= 0 and self._world.models[fit.model].type != "model" else "",
            gone=gone,
            others=tuple(name for name in gone if name not in labels),
            by_choice=fit.origin.partial,
            columns=len({self._world.columns[number].name for number in ones(fit.features)}),
            confidence="certain" if near else "firm",
            evidence=distinct(steps),
        )


def _basename(path: str) -> str:
    return posixpath.basename(path.replace("\\", "/"))


def _may_be_named(table: str, read: str) -> bool:
    """Whether a table that is read may be one that is written; true in doubt."""
    return re.search(".*".join(map(re.escape, table.split(HOLE))), read) is not None


def _shown(path: str) -> str:
    return " ".join(path.removeprefix("table:").replace(HOLE, "*").split())
