"""Models and transformers: made, fitted, asked, scored, kept, loaded; predictions that remember their model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mldebt.flow import arithmetic, feature_names, fitting, lessons, registry, tables
from mldebt.flow.arguments import Arguments
from mldebt.flow.escape import members
from mldebt.flow.events import Converted, Fitted, Learned, Lesson, Predicted
from mldebt.flow.frame_making import new_frame
from mldebt.flow.joins import combined, whole
from mldebt.flow.origin import NOWHERE, Origin
from mldebt.flow.rows import rows_of
from mldebt.flow.values import (
    TOP,
    TRUE,
    Cell,
    Choice,
    Const,
    Data,
    Frame,
    Instance,
    Mapping,
    Object,
    Sequence,
    Value,
    options_of,
    unwrap,
)
from mldebt.libraries.types import (
    Argument,
    Backpropagates,
    CallModel,
    Creates,
    Fits,
    Loads,
    Persists,
    Predicts,
    Scores,
    Steps,
    Transforms,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

LearningVerb = Creates | Fits | Transforms | Predicts | Scores | Persists | Loads | Backpropagates | Steps


def apply(run: Interpreter, verb: LearningVerb, model: CallModel, receiver: Value | None, arguments: Arguments, name: str) -> Value | None:
    match verb:
        case Creates():
            if model.mutates is True and isinstance(receiver, Object):
                return lessons.added(run, verb, receiver, arguments)
            return create(run, verb, model, arguments, name)
        case Fits():
            return fit(run, verb, model, receiver, arguments)
        case Transforms():
            return fitting.transformed(receiver, data_of(run, inputs_of(verb.inputs, receiver, arguments)))
        case Predicts():
            subject = arguments.get(verb.model) if verb.model is not None else receiver
            given = inputs_of(verb.inputs, receiver, arguments)
            run.world.use_bits(bits_of(run, given), arguments.at, "is an input of a prediction")
            asked, names = subject if subject is not None else TOP, feature_names.of_inputs(given)
            return predicted(run, asked, data_of(run, given), arguments, verb.kind, library_of(model), names)
        case Scores():
            return score(run, verb, model, receiver, arguments, name)
        case Persists():
            return registry.persist(run, verb, receiver, arguments)
        case Loads():
            return registry.load(run, verb, model, receiver, arguments)
        case Backpropagates() | Steps():
            return trained(run, verb, receiver, arguments)


def library_of(model: CallModel) -> str:
    """The library a call belongs to: the first part of its dotted name."""
    return model.call.lstrip(".").partition(".")[0]


def inputs_of(wanted: tuple[Argument, ...], receiver: Value | None, arguments: Arguments) -> list[Value]:
    found: list[Value] = []
    for argument in wanted:
        if argument.name == "receiver" and receiver is not None:
            found.append(receiver)
        else:
            found.extend(value for value, _ in arguments.many(argument))
    return found


def data_of(run: Interpreter, values: Iterable[Value]) -> Data:
    """All the data in some values, through containers and datasets."""
    found = Data()
    pending = list(values)
    seen: set[int] = set()
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Data):
            found = combined(found, value)
        elif isinstance(value, Frame):
            held = whole(value)
            found = combined(found, Data(held.bits, "", run.world.predictions_in(held.bits), origin=held.origin))
        elif isinstance(value, Choice):
            pending.extend(value.options)
        elif isinstance(value, Sequence | Mapping):
            pending.extend(members(value))
        elif isinstance(value, Object):
            pending.extend(v for k, v in value.state.items() if k.startswith("#data"))
    return found


def bits_of(run: Interpreter, values: Iterable[Value]) -> int:
    return data_of(run, values).bits


def predictions_of(run: Interpreter, values: Iterable[Value]) -> frozenset[int]:
    data = data_of(run, values)
    return data.predictions | run.world.predictions_in(data.bits)


def _numbered(run: Interpreter, type_name: str, parts: list[Value], arguments: Arguments) -> int:
    """The number of a new model; with the models in it it is one bundle."""
    number = run.world.model(arguments.at, type_name, type_name.rpartition(".")[2], arguments.frame)
    if parts and (inner := lessons.models_in(run, parts)):
        run.world.bundles.add(inner | {number})
    return number


def create(run: Interpreter, verb: Creates, model: CallModel, arguments: Arguments, name: str) -> Value:
    """A new object; models have a number, datasets hold their data, the parts of a pipeline belong to it."""
    type_name = model.returns or name
    if verb.kind == "frame":
        return tables_from(run, type_name, verb, arguments)
    made = Object(run.world.heap.next_serial(), type_name, arguments.at)
    state: dict[str, Value] = {}
    for index, argument in enumerate(verb.data):
        for value, _ in arguments.many(argument):
            state[f"#data{index}"] = value
    lessons.keep_roles(verb, arguments, state)
    parts = [value for argument in verb.parts for value, _ in arguments.many(argument)]
    if parts:
        state["#parts"] = run.world.heap.list(tuple(parts))
    for key, wanted in (("#shuffle", verb.shuffle), *(("#stops", argument) for argument in verb.stops)):
        if (given := arguments.get(wanted)) is not None:
            state[key] = given
    if verb.kind in ("model", "pipeline", "search"):
        state["#model"] = Const(_numbered(run, type_name, parts, arguments))
    for argument in verb.columns:
        for value, place in arguments.many(argument):
            run.use(value, place, "names columns")
    if verb.columns and fitting.names_all(run, verb, arguments):
        state[fitting.CHOOSES] = TRUE
    made.state = state
    if verb.kind == "dataset" and arguments.frame is not None and data_of(run, state.values()) is not None:
        world = run.world
        package = name.partition(".")[0]
        world.emit(Converted("converted", arguments.at, arguments.frame, world.stamp(), world.guards, package, name))
    return made


def tables_from(run: Interpreter, type_name: str, verb: Creates, arguments: Arguments) -> Value:
    value = next((v for argument in verb.data for v, _ in arguments.many(argument)), None)
    made = new_frame(run, type_name, value, arguments)
    named = [given for argument in verb.columns for given, _ in arguments.many(argument)]
    if len(named) == 1 and isinstance(made, Frame):
        names, unknown = tables.names_in(run, named[0], arguments.at)
        if names and not unknown and made.state.open and not made.state.columns and made.state.source < 0:
            run.world.heap.write(
                made, made.state.changed(dict.fromkeys((name for name, _ in names), made.state.hidden), open_=False, hidden=0)
            )
    return made


def fit(run: Interpreter, verb: Fits, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value:
    """Learning uses every column it gets; an event says which model, from what."""
    world = run.world
    wanted = (*verb.inputs, *(a for a in (verb.evaluation, verb.weight, verb.base) if a is not None))
    inputs = data_of(run, inputs_of(wanted, receiver, arguments))
    target = data_of(run, [v for v, _ in arguments.many(verb.target)])
    if not verb.inputs:
        inputs = data_of(run, arguments.every())
    lesson = lessons.lesson(run, verb, inputs_of(verb.inputs, receiver, arguments) if verb.inputs else [*arguments.every()], arguments)
    world.use_bits(inputs.bits | target.bits, arguments.at, "is learned from")
    subject: Value | None = arguments.get(verb.model) if verb.model is not None else receiver
    if verb.gives == "model":
        subject = Object(world.heap.next_serial(), model.returns or "model", arguments.at)
        subject.state = {"#model": Const(world.model(arguments.at, subject.type, subject.type.rpartition(".")[2], arguments.frame))}
    rows = rows_of(run, inputs, arguments.at)
    learned = data_of(run, inputs_of(verb.inputs, receiver, arguments)) if verb.inputs else inputs
    origin = learned.origin.changed(rows=learned.origin.rows or rows)
    origin = fitting.side(run, model, fitting.chosen(subject, origin), "train", arguments)
    fitted = 0
    names = feature_names.of_inputs(inputs_of(verb.inputs, receiver, arguments))
    for option in options_of(subject) if subject is not None else (TOP,):
        _tell_fit(run, verb, model, option, (inputs, learned, target), origin, arguments, lesson, names)
        fitted |= fitting.learned(run, option, verb, inputs, target, arguments)
        _watched(run, verb, model, option, arguments)
    if verb.gives == "transformed":
        more = inputs.origin
        rows |= fitting.codes_of(subject)
        return Data(inputs.bits, "", inputs.predictions, origin=Origin(rows, more.aggregates | fitted, origin.rest, partial=more.partial))
    if verb.gives == "prediction":
        return predicted(run, subject or TOP, inputs, arguments, "label", library_of(model))
    return subject if subject is not None else TOP


def _watched(run: Interpreter, verb: Fits, model: CallModel, subject: Value, arguments: Arguments) -> None:
    """The rows that a fit is watched on, each set of them apart."""
    models = frozenset({run.verbs.model_of(subject)})
    kind = "stopping" if fitting.stops_early(run, verb, subject, arguments) else "monitored"
    for value, _ in arguments.many(verb.evaluation):
        inner = unwrap(value)
        sets = inner.items if isinstance(inner, Sequence) and inner.kind == "list" and inner.items else (value,)
        for watched in sets:
            fitting.evaluated(run, kind, models, data_of(run, [watched]).origin, arguments, library_of(model))
    if arguments.get(verb.held_out) is not None:
        fitting.evaluated(run, "monitored", models, NOWHERE, arguments, library_of(model), True)


def _tell_fit(
    run: Interpreter,
    verb: Fits,
    model: CallModel,
    subject: Value,
    given: tuple[Data, Data, Data],
    origin: Origin,
    arguments: Arguments,
    lesson: Lesson | None,
    names: feature_names.Names,
) -> None:
    world = run.world
    inputs, learned, target = given
    assert arguments.frame is not None
    world.emit(
        Fitted(
            "fitted" if _kind(run, subject) != "transformer" else "transformer fitted",
            arguments.at,
            arguments.frame,
            world.stamp(),
            world.guards,
            run.verbs.model_of(subject),
            inputs.bits,
            target.bits,
            library_of(model),
            "train" if verb.gives == "model" else "fit",
            origin,
            learned.bits,
            target.origin,
            subject.serial if isinstance(subject, Cell) else -1,
            lesson,
            *names,
        )
    )


def trained(run: Interpreter, verb: object, receiver: Value | None, arguments: Arguments) -> Value:
    """A step of a training loop of one's own: the code trains, which model is not said here."""
    world = run.world
    assert arguments.frame is not None
    world.use_bits(bits_of(run, [receiver] if receiver is not None else []), arguments.at, "is learned from")
    world.emit(Fitted("fitted", arguments.at, arguments.frame, world.stamp(), world.guards, -1, 0, 0, "", "backward", loops=world.loops))
    return TOP


def _kind(run: Interpreter, value: Value) -> str:
    if isinstance(value, Object):
        return run.world.knowledge.kind(value.type)
    if isinstance(value, Instance):
        kinds = {run.world.knowledge.kind(base) for base in run.names.library_bases(value.cls) if base != "?"}
        return "model" if "model" in kinds else "transformer" if "transformer" in kinds else ""
    return ""


def predicted(
    run: Interpreter,
    model: Value,
    result: Value,
    arguments: Arguments,
    kind: str,
    library: str,
    names: feature_names.Names = feature_names.UNKNOWN,
) -> Value:
    """Data that is a prediction of a model; what a layer gives inside a network is not one."""
    world = run.world
    if library == "torch" and _inside_network(run):
        return result if isinstance(result, Data) else Data(0, "torch.Tensor")
    assert arguments.frame is not None
    numbers = [number for option in options_of(model) if (number := run.verbs.model_of(option)) >= 0]
    if not numbers:
        numbers = [world.model(arguments.at, "", "")]
    inputs = arithmetic.data_in(run, result)
    origin = inputs.origin.plain() if inputs is not None else NOWHERE
    made: frozenset[int] = frozenset()
    for number in numbers:
        prediction = world.prediction(number, kind, arguments.at, arguments.frame)
        made |= {prediction}
        world.emit(
            Predicted(
                "predicted",
                arguments.at,
                arguments.frame,
                world.stamp(),
                world.guards,
                number,
                inputs.bits if inputs else 0,
                prediction,
                library,
                origin,
                world.loops,
                *names,
            )
        )
    return Data(0, "numpy.ndarray" if library != "torch" else "torch.Tensor", made, origin=origin)


def _inside_network(run: Interpreter) -> bool:
    """Whether the running function is a method of a network, or was called by one."""
    for act in reversed(run.activations):
        receiver = act.registers[0] if act.code.parameters else None
        if isinstance(receiver, Instance):
            kinds = {run.world.knowledge.kind(base) for base in run.names.library_bases(receiver.cls) if base != "?"}
            if kinds & {"model", "layer", "loss"}:
                return True
    return False


def give_away(run: Interpreter, value: Value) -> None:
    """A call that we cannot follow gets the models in a value: it may do anything with them, score them too. What has gone before is not walked again."""
    heap = run.world.heap
    if run.given_at != heap.version:
        run.given.clear()
        run.given_at = heap.version
    pending = list(options_of(value))
    while pending:
        item = pending.pop()
        if not isinstance(item, Object | Instance | Sequence | Mapping) or item.serial in run.given:
            continue
        run.given.add(item.serial)
        if isinstance(item, Object | Instance):
            number = run.verbs.model_of(item, create=False)
            run.world.given_away.update((number,) if number >= 0 else ())
            held = list(item.state.values())
        else:
            held = members(item)
        for member in held:
            pending.extend(options_of(member))


def score(run: Interpreter, verb: Scores, model: CallModel, receiver: Value | None, arguments: Arguments, name: str) -> Value:
    """A metric uses what it gets; thresholds that it gives are learned ones."""
    world = run.world
    for value in arguments.every():
        run.use(value, arguments.at, "is scored")
    if verb.learns_threshold:
        assert arguments.frame is not None
        world.emit(Learned("learned", arguments.at, arguments.frame, world.stamp(), world.guards, name))
    origin = _tell_score(run, verb, model, receiver, arguments, name)
    return Data() if verb.learns_threshold else fitting.score_of(run, origin, arguments.at, name)


def _tell_score(run: Interpreter, verb: Scores, model: CallModel, receiver: Value | None, arguments: Arguments, name: str) -> Origin:
    """Which models were scored, on which rows: those of the given data, or of the predictions among them."""
    given = [data_of(run, [value]) for value, _ in (pair for argument in verb.inputs for pair in arguments.many(argument))]
    if verb.model is not None:
        subject = receiver if verb.model.name == "receiver" else arguments.get(verb.model)
        models = frozenset(number for option in options_of(subject or TOP) if (number := run.verbs.model_of(option)) >= 0)
        if not isinstance(receiver, Object) or run.world.knowledge.kind(receiver.type) != "search" or name.endswith("score"):
            origin = fitting.side(run, model, given[0].origin if given else NOWHERE, "test", arguments)
            fitting.evaluated(run, "evaluated", models, origin, arguments, name, fitting.is_cross_validation(model))
        return given[0].origin if given and not fitting.is_cross_validation(model) else NOWHERE
    scored = NOWHERE
    for data in given:
        predictions = data.predictions | run.world.predictions_in(data.bits)
        models = frozenset(run.world.predictions[number].model for number in predictions)
        fitting.evaluated(run, "evaluated", models, data.origin, arguments, name)
        scored = data.origin if models else scored
    return scored
