"""Columns, sources and functions that are marked as out of use, and the models that still get them (McMahan 2013, section 8)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Confidence, Location, Step
from mldebt.flow.events import Branched, Deprecated, Fitted, Loaded, Predicted
from mldebt.flow.values import Place
from mldebt.flow.world import World, numbers
from mldebt.graph.consumers import is_meant
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails, distinct
from mldebt.settings import Annotation

_STRUCTURED = re.compile(
    r"#\s*deprecated:\s*[`'\"]?(?P<name>\w[\w.-]*?)[`'\"]?(?:\s*\(\))?\s*[,;:-]?\s+use\s+[`'\"]?(?P<other>\w[\w.-]*\w|\w)", re.IGNORECASE
)
_MOST_EVIDENCE = 3


@dataclass(frozen=True, slots=True)
class DeprecatedUse:
    """Something out of use that models still get. `what`: feature | source | function; `migrated` are models that get the replacement alone."""

    what: str
    name: str
    identity: str
    replacement: str
    since: str
    at: Location
    models: tuple[str, ...]
    migrated: tuple[str, ...]
    confidence: Confidence
    evidence: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Mark:
    """What is marked: its columns, and where it is said."""

    what: str
    name: str
    identity: str
    columns: int
    said: Step | None
    replacement: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class _Consumption:
    """A fit or a prediction outside of tests."""

    event: Fitted | Predicted
    bits: int
    model: str

    @property
    def module(self) -> int:
        return self.event.at[0]


class Deprecations:
    def __init__(self, world: World, reach: Reach, trails: Trails, around: Surroundings) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._around = around

    def consumed(self) -> Iterator[DeprecatedUse]:
        """What is out of use and still reaches a fit or a prediction, by kind and name; what is being migrated under a flag is not."""
        for mark in sorted(self._marks(), key=lambda mark: (mark.what, mark.identity)):
            replaced = self._columns_named(mark.replacement) & ~mark.columns
            reached = self._made_of(mark.columns, replaced)
            uses = [use for use in self._consumptions if use.bits & reached and not self._is_migrating(use, replaced)]
            if uses:
                yield self._use(mark, uses, reached, replaced)

    def _use(self, mark: _Mark, uses: list[_Consumption], reached: int, replaced: int) -> DeprecatedUse:
        models = tuple(dict.fromkeys(use.model for use in uses))
        new = self._made_of(replaced, 0)
        migrated = {use.model for use in self._consumptions if use.bits & new and not use.bits & reached} - set(models)
        return DeprecatedUse(
            mark.what,
            mark.name,
            mark.identity,
            mark.replacement,
            mark.since,
            self._trails.location(uses[0].event.at),
            models,
            tuple(sorted(migrated)),
            "certain" if uses[0].bits & mark.columns else "firm",
            self._evidence(mark, uses, reached),
        )

    def _evidence(self, mark: _Mark, uses: list[_Consumption], reached: int) -> tuple[Step, ...]:
        steps = [mark.said] if mark.said is not None else []
        for number in [n for n in numbers(mark.columns) if self._leads_to(n, uses[0])][:_MOST_EVIDENCE]:
            column = self._world.columns[number]
            steps.extend(self._trails.calls(column.frame))
            steps.append(self._trails.step(column.at, f"'{column.name}' is {'computed' if column.made else 'read from a file'}"))
        for use in uses[:_MOST_EVIDENCE]:
            steps.extend(self._trails.calls(use.event.frame))
            names = [self._world.columns[n].name for n in numbers(use.bits & reached)]
            does = "is fitted on" if isinstance(use.event, Fitted) else "predicts from"
            steps.append(self._trails.step(use.event.at, f"{use.model} {does} '{names[0]}'"))
        return distinct(steps)

    def _leads_to(self, column: int, use: _Consumption) -> bool:
        return bool(use.bits & self._made_of(1 << column, 0))

    # -- what is marked -----------------------------------------------------------------------------------------------

    def _marks(self) -> Iterator[_Mark]:
        """One mark for each thing; what the settings say stands over comments."""
        known: dict[tuple[str, str], _Mark] = {}
        for mark in (*self._declared(), *self._commented(), *self._said_by_code()):
            if mark.columns:
                known.setdefault((mark.what, mark.identity), mark)
        yield from known.values()

    def _declared(self) -> Iterator[_Mark]:
        for kind, table in (("feature", self._around.settings_features), ("source", self._around.settings_sources)):
            for name, said in table.items():
                if said.deprecated or said.replaced_by:
                    columns = self._columns_named(name) if kind == "feature" else self._columns_of_source(name)
                    yield _Mark(kind, name, name, columns, _said_in_settings(said), said.replaced_by, said.since)

    def _commented(self) -> Iterator[_Mark]:
        """`# deprecated: <name> use <other>`: a column of this name anywhere, or a function of it in the same file."""
        for module in self._world.program.modules:
            if module.is_test:
                continue
            for remark in module.facts.remarks:
                match = _STRUCTURED.match(remark.text)
                if match is None:
                    continue
                line, cell = module.facts.in_cell(remark.line)
                said = Step(Location(module.path, line, remark.column, cell=cell), f"'{match['name']}' is marked as deprecated")
                yield _Mark("feature", match["name"], match["name"], self._columns_named(match["name"]), said, match["other"])
                for function in sorted({column.function for column in self._world.columns if column.at[0] == module.number}):
                    if match["name"] in (function, function.rpartition(".")[2]):
                        yield self._function(module.number, function, said, match["other"])

    def _said_by_code(self) -> Iterator[_Mark]:
        found: dict[tuple[int, str], Place] = {}
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Deprecated):
                    found.setdefault((event.module, event.function), event.at)
        for (module, function), at in sorted(found.items()):
            if self._reach.judged(at):
                name = self._trails.function(module, function)
                yield self._function(module, function, self._trails.step(at, f"{name} says that it is deprecated"), "")

    def _function(self, module: int, function: str, said: Step, replacement: str) -> _Mark:
        columns = 0
        for number, column in enumerate(self._world.columns):
            if column.made and (column.at[0], column.function) == (module, function):
                columns |= 1 << number
        name = self._trails.function(module, function)
        return _Mark("function", name, name, columns, said, replacement)

    # -- columns ------------------------------------------------------------------------------------------------------

    @cached_property
    def _named(self) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for number, column in enumerate(self._world.columns):
            if not self._world.program.modules[column.at[0]].is_test:
                found[column.name] |= 1 << number
        return found

    def _columns_named(self, name: str) -> int:
        return self._named.get(name, 0) if name else 0

    def _columns_of_source(self, name: str) -> int:
        places = {
            event.at
            for root in self._world.roots
            for event in root.events
            if isinstance(event, Loaded) and self._reach.judged(event.at) and is_meant(name, event.path)
        }
        return sum(1 << number for number, column in enumerate(self._world.columns) if not column.made and column.at in places)

    def _made_of(self, bits: int, without: int) -> int:
        """The columns and all that are made of them, over no column of `without`: a replacement is made of whatever it needs."""
        found = bits
        while True:
            more = found
            for number, column in enumerate(self._world.columns):
                if column.deps & more and not (without >> number) & 1:
                    more |= 1 << number
            if more == found:
                return found
            found = more

    # -- who consumes -------------------------------------------------------------------------------------------------

    @cached_property
    def _consumptions(self) -> list[_Consumption]:
        """Fits and predictions by place, each once."""
        found: dict[tuple[Place, int], _Consumption] = {}
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            for event in root.events:
                fits = isinstance(event, Fitted) and event.kind == "fitted"
                if (fits or isinstance(event, Predicted)) and self._reach.judged(event.at):
                    assert isinstance(event, Fitted | Predicted)
                    use = _Consumption(event, event.inputs | (event.target if isinstance(event, Fitted) else 0), self._model(event))
                    key = (event.at, use.bits)
                    found.setdefault(key, use)
        return sorted(found.values(), key=lambda use: (self._trails.location(use.event.at), use.bits))

    def _model(self, event: Fitted | Predicted) -> str:
        """A model by its class and the module that makes it."""
        if not 0 <= event.model < len(self._world.models):
            return f"a model of {self._world.program.modules[event.at[0]].dotted}"
        site = self._world.models[event.model]
        name = site.name if site.name[:1].isupper() else site.type.rpartition(".")[2]
        return f"{name or 'a model'} of {self._world.program.modules[site.at[0]].dotted}"

    def _is_migrating(self, use: _Consumption, replaced: int) -> bool:
        """Whether the module of a fit or prediction also gives the replacement to one, and a condition on settings or parameters stands in it."""
        if not replaced or use.module not in self._branching:
            return False
        new = self._made_of(replaced, 0)
        return any(other.module == use.module and other.bits & new for other in self._consumptions)

    @cached_property
    def _branching(self) -> frozenset[int]:
        return frozenset(
            event.at[0]
            for root in self._world.roots
            for event in root.events
            if isinstance(event, Branched) and (event.leaves or event.parameters)
        )


def _said_in_settings(said: Annotation) -> Step | None:
    """The place in the settings, where it lies below the root."""
    path, _, line = said.at.rpartition(":")
    if not path or not line.isdecimal() or path.startswith(("..", "/")):
        return None
    return Step(Location(path, int(line)), f"'{said.name}' is declared as deprecated" + (f" since {said.since}" if said.since else ""))
