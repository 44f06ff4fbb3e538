"""Features that say the same twice (catalogue MLD206)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location, Step
from mldebt.flow.events import Fitted, Loaded
from mldebt.flow.forms import Form
from mldebt.flow.origin import ones
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct

MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class RedundantFeature:
    """`name` says no more than `other`. `why`: equal | order (the model sees only the order of values, and that is the same)."""

    name: str
    other: str
    why: str
    model: str
    at: Location
    key: str
    evidence: tuple[Step, ...]


class Redundancy:
    def __init__(self, world: World, reach: Reach, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails

    def all(self) -> Iterator[RedundantFeature]:
        """By place, each feature once: of two that are equal the one that is made later."""
        found: dict[int, RedundantFeature] = {}
        for fit in self._fits:
            by_order = self._sees_order(fit)
            rows = self._world.rows.closure(fit.origin.rows)
            told = sum(1 << number for number in ones(fit.features) if self._stands_in(number, rows, 0))
            for number, other in self._pairs(told, by_order):
                equal = self._expanded(number, 0) == self._expanded(other, 0)
                if number in found or (not equal and self._seen_by_another(number, other)):
                    continue
                found[number] = self._found(fit, number, other, "equal" if equal else "order")
        yield from sorted(found.values(), key=lambda feature: (feature.at, feature.name))

    @cached_property
    def _fits(self) -> list[Fitted]:
        """Fits of models whose features are certainly there, outside tests."""
        return [
            event
            for number, root in enumerate(self._world.roots)
            if "test" not in self._reach.colours[number]
            for event in root.events
            if isinstance(event, Fitted) and event.kind == "fitted" and event.model >= 0 and self._reach.judged(event.at)
        ]

    def _sees_order(self, fit: Fitted) -> bool:
        return self._world.knowledge.learns(self._world.models[fit.model].type) == "order"

    def _seen_by_another(self, number: int, other: int) -> bool:
        """Whether a model that may see more than the order of values gets both."""
        both = 1 << number | 1 << other
        return any(fit.features & both == both and not self._sees_order(fit) for fit in self._fits)

    def _pairs(self, features: int, by_order: bool) -> Iterator[tuple[int, int]]:
        """(redundant, what it repeats) among the features of a fit."""
        kept: dict[Form, int] = {}
        columns = self._world.columns
        candidates = sorted(
            ones(features), key=lambda number: (columns[number].made, self._steps(number), self._trails.location(columns[number].at))
        )
        for number in candidates:
            form = self._expanded(number, 0)
            if form is None:
                continue
            essence = self._essence(form) if by_order else form
            other = kept.setdefault(essence, number)
            if other != number and columns[other].name != columns[number].name and columns[number].made and self._may_meet(number, other):
                yield number, other

    def _stands_in(self, number: int, rows: int, depth: int) -> bool:
        """Whether all that a column is made by stands in certain rows, not in another table that the same code reads."""
        form = self._world.forms.get(number, (None, ()))[0]
        if not self._world.columns[number].made or form is None or depth > MAX_DEPTH:
            return True
        waiting: list[Form] = [form]
        while waiting:
            part = waiting.pop()
            if part[0] == "column":
                if not part[2] & rows or part[2] & self._ambiguous or not self._stands_in(part[1], rows, depth + 1):
                    return False
            elif part[0] != "constant":
                waiting.extend(inner for inner in part if isinstance(inner, tuple))
        return True

    @cached_property
    def _ambiguous(self) -> int:
        """Rows without a name of their own that are read for several callers: they may be those of several files."""
        callers: dict[Place, set[Place]] = defaultdict(set)
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Loaded) and event.frame.caller is not None:
                    callers[event.at].add(event.frame.at)
        tokens = enumerate(self._world.rows.tokens)
        return sum(1 << n for n, token in tokens if token.kind == "source" and not token.name and len(callers[token.at]) > 1)

    def _steps(self, number: int) -> int:
        form = self._expanded(number, 0)
        return len(repr(form)) if form is not None else 0

    def _may_meet(self, first: int, second: int) -> bool:
        """Whether both columns can be there at once: they stand in no two arms of one condition."""
        forms = self._world.forms
        ways: dict[Place, bool] = dict(forms[first][1]) if first in forms else {}
        return all(ways.get(place, way) == way for place, way in (forms[second][1] if second in forms else ()))

    def _expanded(self, number: int, depth: int) -> Form | None:
        """What a column is made by, down to columns that were read; for those the column itself. None where it cannot be told."""
        column = self._world.columns[number]
        if not column.made:
            return ("column", number)
        form = self._world.forms.get(number, (None, ()))[0]
        if form is None or depth > MAX_DEPTH:
            return ("column", number)
        return self._inside(form, depth)

    def _inside(self, form: Form, depth: int) -> Form | None:
        if form[0] == "column":
            return self._expanded(form[1], depth + 1)
        if form[0] == "constant":
            return form
        parts = [self._inside(part, depth) if isinstance(part, tuple) and part and part[0] != "named" else part for part in form]
        return None if None in parts else tuple(parts)

    def _essence(self, form: Form) -> Form:
        """A form without the steps that keep the order of values, or turn it round."""
        match form:
            case ("+" | "*", ("constant", text), inner) | ("+" | "*" | "-" | "/", inner, ("constant", text)) if _is_number(text, form[0]):
                return self._essence(inner)
            case ("+" | "*", inner, ("constant", text)) | ("-", ("constant", text), inner) if _is_number(text, form[0]):
                return self._essence(inner)
            case ("unary -" | "unary +", inner):
                return self._essence(inner)
            case ("call", str() as name, tuple() as inner) if self._keeps_order(name):
                return self._essence(inner)
        return form

    def _keeps_order(self, name: str) -> bool:
        model = self._world.knowledge.call(name)
        return model is not None and bool(model.verbs) and all(getattr(verb, "keeps_order", False) for verb in model.verbs)

    def _found(self, fit: Fitted, number: int, other: int, why: str) -> RedundantFeature:
        columns = self._world.columns
        column, same = columns[number], columns[other]
        model = self._world.models[fit.model].name or "the model"
        step = self._trails.step
        return RedundantFeature(
            name=column.name,
            other=same.name,
            why=why,
            model=model,
            at=self._trails.location(column.at),
            key=f"{self._trails.scope(column.function)}:{column.name}={same.name}",
            evidence=distinct(
                [
                    step(same.at, f"'{same.name}' is {'computed' if same.made else 'read'}"),
                    step(column.at, f"'{column.name}' is computed"),
                    *self._trails.calls(fit.frame),
                    step(fit.at, f"{model} learns from both"),
                ]
            ),
        )


def _is_number(text: str, operator: str) -> bool:
    """Whether a constant changes values without making any two of them equal."""
    kind, _, digits = text.partition(" ")
    return kind in ("int", "float") and (operator in ("+", "-") or float(digits) != 0.0)
