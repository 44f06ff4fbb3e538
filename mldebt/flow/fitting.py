"""Statistics that transformers learn and pass on, and what a call that divides rows by itself learns from and is scored on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mldebt.flow.arguments import Arguments
from mldebt.flow.escape import members
from mldebt.flow.events import CallFrame, Evaluated, Selected
from mldebt.flow.origin import Aggregate, Origin, ones
from mldebt.flow.rows import statistic, statistics_in
from mldebt.flow.values import Const, Data, Instance, Object, Place, Sequence, Value, options_of, unwrap
from mldebt.libraries.types import CallModel, Fits, Scores, Splits

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

FITTED = "#fitted"
PASSING_ON = ("transformer", "pipeline")


def learned(run: Interpreter, subject: Value, verb: Fits, inputs: Data, target: Data, arguments: Arguments) -> int:
    """The statistic that a transformer has after a fit, in place of what it had; 0 where it learns no numbers of the rows."""
    if not isinstance(subject, Object) or not learns_numbers(run, subject):
        return 0
    what = subject.type.rpartition(".")[2]
    made = statistic(run, inputs, arguments.at, what, "fitted", target.bits)
    run.world.heap.write(subject, {**subject.state, FITTED: Const(made)})
    return made


def learns_numbers(run: Interpreter, value: Value) -> bool:
    """Whether fitting surely keeps numbers about the rows: scales, means, vocabularies, but not mere category codes."""
    if isinstance(value, Sequence):
        return any(learns_numbers(run, item) for item in value.items or ())
    if not isinstance(value, Object):
        return False
    knowledge = run.world.knowledge
    kind = knowledge.kind(value.type)
    if kind == "pipeline":
        parts = value.state.get("#parts")
        return parts is not None and any(learns_numbers(run, part) for part in members(parts) if isinstance(part, Sequence | Object))
    return kind == "transformer" and knowledge.learns(value.type) == "numbers"


def fitted_statistics(subject: Value | None) -> int:
    """The statistics in a fitted transformer."""
    found = 0
    for option in options_of(subject) if subject is not None else ():
        if isinstance(option, Object):
            for state in options_of(option.state.get(FITTED) or Const(0)):
                found |= int(state.value) if isinstance(state, Const) and state.value else 0
    return found


def transformed(subject: Value | None, data: Data) -> Data:
    """Rows after a fitted transformer: the same rows, with what it learned from others in them."""
    more = fitted_statistics(subject)
    origin = data.origin
    if not more and origin.pick is None:
        return data
    return data.from_rows(origin.changed(aggregates=more))


def is_cross_validation(model: CallModel) -> bool:
    """Whether a call divides rows, fits a model that it was given and scores it: `cross_val_score` and its kin."""
    verbs = model.verbs
    return (
        any(isinstance(verb, Splits) and verb.gives == "inside" for verb in verbs)
        and any(isinstance(verb, Fits) and verb.model is not None for verb in verbs)
        and any(isinstance(verb, Scores) for verb in verbs)
    )


def side(run: Interpreter, model: CallModel, origin: Origin, name: str, arguments: Arguments) -> Origin:
    """The rows that a fit or a score in a call sees: all, or one side of the division that the call makes."""
    if not is_cross_validation(model):
        return origin
    rows = origin.rows or run.world.rows.value(arguments.at)
    return origin.changed(rows=run.world.rows.part(("inside", arguments.at), arguments.at, name, rows))


def evaluated(
    run: Interpreter, kind: str, models: frozenset[int], origin: Origin, arguments: Arguments, metric: str, inside: bool = False
) -> None:
    world = run.world
    if models and arguments.frame is not None:
        world.emit(
            Evaluated(kind, arguments.at, arguments.frame, world.stamp(), world.guards, models, origin, metric.rpartition(".")[2], inside)
        )


def stops_early(run: Interpreter, verb: Fits, subject: Value, arguments: Arguments) -> bool:
    """Whether a fit surely chooses by what it is watched on: a number of rounds, or a callback that stops or keeps the best."""
    given = [value for argument in verb.stops if (value := arguments.get(argument)) is not None]
    if isinstance(subject, Object) and (value := subject.state.get("#stops")) is not None:
        given.append(value)
    return any(_is_stopper(run, value) for value in given)


def _is_stopper(run: Interpreter, value: Value) -> bool:
    inner = unwrap(value)
    if isinstance(inner, Sequence):
        return any(_is_stopper(run, item) for item in members(inner))
    if isinstance(inner, Object):
        return run.world.knowledge.kind(inner.type) == "stopper"
    return isinstance(inner, Const) and isinstance(inner.value, int) and inner.value > 0


def score_of(run: Interpreter, origin: Origin, at: Place, name: str) -> Data:
    """A score remembers the rows that it is of."""
    if not origin.rows:
        return Data()
    made = run.world.rows.aggregate(Aggregate("score", at, name.rpartition(".")[2], origin.rows, 0))
    return Data(origin=Origin(0, made))


def chosen_by(run: Interpreter, values: Iterable[Value], at: Place, frame: CallFrame | None) -> None:
    """Scores decide which of several things is kept."""
    world = run.world
    scores = 0
    for number in ones(statistics_in(list(values), 3)):
        scores |= (1 << number) if world.rows.aggregates[number].kind == "score" else 0
    if scores and frame is not None:
        world.emit(Selected("selected", at, frame, world.stamp(), world.guards, scores))


def is_trained_model(run: Interpreter, value: Value) -> bool:
    """Whether a value is a model of a library or a repository class that is one."""
    if isinstance(value, Object):
        return run.world.knowledge.kind(value.type) in ("model", "pipeline", "search")
    return isinstance(value, Instance)
