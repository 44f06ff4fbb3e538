"""What a fit learns from, by role; which models are one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mldebt.flow.arguments import Arguments
from mldebt.flow.escape import members
from mldebt.flow.events import Lesson
from mldebt.flow.joins import join_data
from mldebt.flow.values import Choice, Const, Data, Frame, Instance, Mapping, Object, Sequence, Value, options_of
from mldebt.libraries.types import Creates, Fits

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

ROLES = ("target", "base", "weight")


def keep_roles(verb: Creates, arguments: Arguments, state: dict[str, Value]) -> None:
    """A dataset holds what it is made of by role, so that a fit on it can tell."""
    for role, argument in zip(ROLES, (verb.target, verb.base, verb.weight), strict=True):
        for value, _ in arguments.many(argument):
            state[f"#data {role}"] = value


def added(run: Interpreter, verb: Creates, receiver: Object, arguments: Arguments) -> Object:
    """A dataset gets a label, a weight or a margin afterwards."""
    state = dict(receiver.state)
    keep_roles(verb, arguments, state)
    run.world.heap.write(receiver, state)
    return receiver


def lesson(run: Interpreter, verb: Fits, given: list[Value], arguments: Arguments) -> Lesson:
    features, target, base, weight = _Part(run), _Part(run), _Part(run), _Part(run)
    parts = {"target": target, "base": base, "weight": weight}
    for value in given:
        features.add(value, parts)
    for role, argument in zip(ROLES, (verb.target, verb.base, verb.weight), strict=True):
        for value, _ in arguments.many(argument):
            parts[role].add(value, {})
    continued = models_in(run, [value for value, _ in arguments.many(verb.continues)])
    return Lesson(
        features=features.bits,
        feature_predictions=features.predictions,
        target=target.bits,
        target_predictions=target.predictions,
        base=base.bits,
        base_predictions=base.predictions,
        weight=weight.bits,
        weighted=weight.given,
        supervised=target.given and not (target.bits and target.bits == features.bits),
        more=features.more,
        continued=continued,
        loops=run.world.loops,
    )


class _Part:
    """The data of one role."""

    def __init__(self, run: Interpreter) -> None:
        self._run = run
        self._data = Data()
        self.given = False
        self.more = False  # a table among it may have columns that nobody named

    @property
    def bits(self) -> int:
        return self._data.bits

    @property
    def predictions(self) -> frozenset[int]:
        return self._data.predictions

    def add(self, value: Value, others: dict[str, _Part]) -> None:
        """Takes what a value holds; what a dataset holds in another role goes there."""
        pending, seen = [value], set[int]()
        while pending:
            item = pending.pop()
            if id(item) in seen or (isinstance(item, Const) and item.value is None):
                continue
            seen.add(id(item))
            self.given = True
            if isinstance(item, Data):
                self._data = join_data(self._data, item) if self._data.bits or self._data.predictions else item
            elif isinstance(item, Frame):
                self._data = join_data(self._data, Data(item.state.all_bits()))
                self.more = self.more or item.state.open
            elif isinstance(item, Choice):
                pending.extend(item.options)
            elif isinstance(item, Sequence | Mapping):
                pending.extend(members(item))
            elif isinstance(item, Object):
                for key, held in item.state.items():
                    role = key.removeprefix("#data ")
                    if role in others:
                        others[role].add(held, {})
                    elif key.startswith("#data"):
                        pending.append(held)


def models_in(run: Interpreter, values: Iterable[Value], depth: int = 4) -> frozenset[int]:
    """The models among values, in containers too; objects from outside by the place that loads them."""
    found: set[int] = set()
    for value in values:
        for option in options_of(value):
            if isinstance(option, Sequence | Mapping) and depth:
                found |= models_in(run, members(option), depth - 1)
            elif isinstance(option, Object | Instance):
                loaded = isinstance(option, Object) and option.site in run.world.loaded_from
                number = run.verbs.model_of(option, create=loaded)
                found.update({number} if number >= 0 else ())
                held = option.state.get("#parts") if isinstance(option, Object) else None
                if held is not None and depth:
                    found |= models_in(run, [held], depth - 1)
    return frozenset(found)
