"""Statistics that transformers learn and pass on, and what a call that divides rows by itself learns from and is scored on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mldebt.flow import column_names
from mldebt.flow.arguments import Arguments
from mldebt.flow.escape import members
from mldebt.flow.events import CallFrame, Evaluated, Selected
from mldebt.flow.origin import Aggregate, Origin, ones
from mldebt.flow.rows import rows_of, statistic, statistics_in
from mldebt.flow.values import Const, Data, Instance, Object, Place, Sequence, Value, options_of, unwrap
from mldebt.libraries.types import CallModel, Creates, Fits, Scores, Splits

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

FITTED = "#fitted"
CODES = "#codes"
CHOOSES = "#chooses"
PASSING_ON = ("transformer", "pipeline")


def learned(run: Interpreter, subject: Value, verb: Fits, inputs: Data, target: Data, arguments: Arguments) -> int:
    """The statistic that a transformer has after a fit, in place of what it had; 0 where it learns no numbers of the rows."""
    if not isinstance(subject, Object):
        return 0
    what = subject.type.rpartition(".")[2]
    knowledge = run.world.knowledge
    if knowledge.kind(subject.type) == "transformer" and knowledge.learns(subject.type) == "categories":
        made = run.world.rows.encoded(arguments.at, what, rows_of(run, inputs, arguments.at))
        run.world.heap.write(subject, {**subject.state, CODES: Const(made)})
    if not learns_numbers(run, subject):
        return 0
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


def names_all(run: Interpreter, verb: Creates, arguments: Arguments) -> bool:
    """Whether a transformer takes the columns that it names and no others; true in doubt."""
    rest = arguments.get(verb.remainder)
    if rest is not None and any(not (isinstance(option, Const) and option.value == "drop") for option in options_of(unwrap(rest))):
        return False
    named = [value for argument in verb.columns for value, _ in arguments.many(argument)]
    return not any(_picks(run, value) for value in named)


def _picks(run: Interpreter, value: Value, depth: int = 4) -> bool:
    """Whether a list of transformers chooses columns by type, pattern or among a table's own names."""
    if column_names.held(value):
        return not any(names.listed for names in column_names.held(value))
    if isinstance(value, Object):
        return run.world.knowledge.kind(value.type) == "selector"
    return depth > 0 and isinstance(value, Sequence) and any(_picks(run, item, depth - 1) for item in members(value))


def chosen(subject: Value | None, origin: Origin) -> Origin:
    """What reaches a model: nothing unnamed, where something in its pipeline may take named columns only."""
    if not origin.rest or subject is None or not any(_may_choose(option) for option in options_of(subject)):
        return origin
    return Origin(origin.rows, origin.aggregates, pick=origin.pick, moved=origin.moved, partial=origin.partial)


def _may_choose(value: Value, depth: int = 6) -> bool:
    if isinstance(value, Object):
        parts = value.state.get("#parts")
        return CHOOSES in value.state or (parts is not None and depth > 0 and _may_choose(parts, depth - 1))
    if isinstance(value, Sequence):
        return depth > 0 and any(_may_choose(item, depth - 1) for item in members(value))
    return isinstance(value, Instance)


def fitted_statistics(subject: Value | None) -> int:
    """The statistics in a fitted transformer."""
    found = 0
    for option in options_of(subject) if subject is not None else ():
        if isinstance(option, Object):
            for state in options_of(option.state.get(FITTED) or Const(0)):
                found |= int(state.value) if isinstance(state, Const) and state.value else 0
    return found


def codes_of(subject: Value | None) -> int:
    """The mark of the codes in a fitted encoder."""
    found = 0
    for option in options_of(subject) if subject is not None else ():
        for state in options_of(option.state.get(CODES) or Const(0)) if isinstance(option, Object) else ():
            found |= int(state.value) if isinstance(state, Const) and state.value else 0
    return found


def transformed(subject: Value | None, data: Data) -> Data:
    """Rows after a fitted transformer: the same rows, with what it learned from others in them."""
    more, codes = fitted_statistics(subject), codes_of(subject)
    origin = chosen(subject, data.origin)
    if not (more or codes) and origin.pick is None:
        return data if origin is data.origin else data.from_rows(origin)
    return data.from_rows(origin.changed(rows=origin.rows | codes, aggregates=more))


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
