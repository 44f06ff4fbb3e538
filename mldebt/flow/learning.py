"""Models and transformers: made, fitted, asked, scored, kept, loaded; predictions that remember their model."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

from mldebt.flow import arithmetic, fitting
from mldebt.flow.arguments import Arguments
from mldebt.flow.escape import members
from mldebt.flow.events import Converted, Fitted, Learned, Predicted
from mldebt.flow.frame_making import new_frame
from mldebt.flow.joins import combined, whole
from mldebt.flow.origin import NOWHERE, Origin, Pick
from mldebt.flow.rows import rows_of
from mldebt.flow.values import TOP, Cell, Choice, Const, Data, Frame, Instance, Mapping, Object, Place, Sequence, Value, options_of, unwrap
from mldebt.libraries.types import Argument, CallModel, Creates, Fits, Loads, Persists, Predicts, Scores, Splits, Transforms

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

LearningVerb = Creates | Fits | Transforms | Predicts | Scores | Persists | Loads


def apply(run: Interpreter, verb: LearningVerb, model: CallModel, receiver: Value | None, arguments: Arguments, name: str) -> Value | None:
    match verb:
        case Creates():
            return create(run, verb, model, arguments, name)
        case Fits():
            return fit(run, verb, model, receiver, arguments)
        case Transforms():
            return fitting.transformed(receiver, data_of(run, inputs_of(verb.inputs, receiver, arguments)))
        case Predicts():
            subject = arguments.get(verb.model) if verb.model is not None else receiver
            given = inputs_of(verb.inputs, receiver, arguments)
            run.world.use_bits(bits_of(run, given), arguments.at, "is an input of a prediction")
            return predicted(run, subject if subject is not None else TOP, data_of(run, given), arguments, verb.kind, library_of(model))
        case Scores():
            return score(run, verb, model, receiver, arguments, name)
        case Persists():
            return persist(run, verb, receiver, arguments)
        case Loads():
            return load(run, verb, model, receiver, arguments)


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


def create(run: Interpreter, verb: Creates, model: CallModel, arguments: Arguments, name: str) -> Value:
    """A new object; models have a number, datasets hold their data, the parts of a pipeline belong to it."""
    type_name = model.returns or name
    if verb.kind == "frame":
        return tables_from(run, type_name, verb, arguments)
    made = Object(run.world.heap.next_serial(), type_name, arguments.at)
    state: dict[str, Value] = {}
    for index, argument in enumerate((*verb.data, *([verb.target] if verb.target is not None else []))):
        for value, _ in arguments.many(argument):
            state[f"#data{index}"] = value
    parts = [value for argument in verb.parts for value, _ in arguments.many(argument)]
    if parts:
        state["#parts"] = run.world.heap.list(tuple(parts))
    for key, wanted in (("#shuffle", verb.shuffle), *(("#stops", argument) for argument in verb.stops)):
        if (given := arguments.get(wanted)) is not None:
            state[key] = given
    if verb.kind in ("model", "pipeline", "search"):
        state["#model"] = Const(run.world.model(arguments.at, type_name, type_name.rpartition(".")[2]))
    for argument in verb.columns:
        for value, place in arguments.many(argument):
            run.use(value, place, "names columns")
    made.state = state
    if verb.kind == "dataset" and arguments.frame is not None and data_of(run, state.values()) is not None:
        world = run.world
        package = name.partition(".")[0]
        world.emit(Converted("converted", arguments.at, arguments.frame, world.stamp(), world.guards, package, name))
    return made


def tables_from(run: Interpreter, type_name: str, verb: Creates, arguments: Arguments) -> Value:
    value = next((v for argument in verb.data for v, _ in arguments.many(argument)), None)
    return new_frame(run, type_name, value, arguments)


def fit(run: Interpreter, verb: Fits, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value:
    """Learning uses every column it gets; an event says which model, from what."""
    world = run.world
    wanted = (*verb.inputs, *(a for a in (verb.evaluation, verb.weight, verb.base) if a is not None))
    inputs = data_of(run, inputs_of(wanted, receiver, arguments))
    target = data_of(run, [v for v, _ in arguments.many(verb.target)])
    if not verb.inputs:
        inputs = data_of(run, arguments.every())
    world.use_bits(inputs.bits | target.bits, arguments.at, "is learned from")
    subject: Value | None = arguments.get(verb.model) if verb.model is not None else receiver
    if verb.gives == "model":
        subject = Object(world.heap.next_serial(), model.returns or "model", arguments.at)
        subject.state = {"#model": Const(world.model(arguments.at, subject.type, subject.type.rpartition(".")[2]))}
    rows = rows_of(run, inputs, arguments.at)
    learned = data_of(run, inputs_of(verb.inputs, receiver, arguments)) if verb.inputs else inputs
    origin = learned.origin.changed(rows=learned.origin.rows or rows)
    origin = fitting.side(run, model, origin, "train", arguments)
    fitted = 0
    for option in options_of(subject) if subject is not None else (TOP,):
        _tell_fit(run, verb, model, option, (inputs, learned, target), origin, arguments)
        fitted |= fitting.learned(run, option, verb, inputs, target, arguments)
        _watched(run, verb, model, option, arguments)
    if verb.gives == "transformed":
        return Data(inputs.bits, "", inputs.predictions, origin=Origin(rows, inputs.origin.aggregates | fitted))
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
    run: Interpreter, verb: Fits, model: CallModel, subject: Value, given: tuple[Data, Data, Data], origin: Origin, arguments: Arguments
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
        )
    )


def trained(run: Interpreter, verb: object, receiver: Value | None, arguments: Arguments) -> Value:
    """A step of a training loop of one's own: the code trains, which model is not said here."""
    world = run.world
    assert arguments.frame is not None
    world.use_bits(bits_of(run, [receiver] if receiver is not None else []), arguments.at, "is learned from")
    world.emit(Fitted("fitted", arguments.at, arguments.frame, world.stamp(), world.guards, -1, 0, 0, "", "backward"))
    return TOP


def _kind(run: Interpreter, value: Value) -> str:
    if isinstance(value, Object):
        return run.world.knowledge.kind(value.type)
    if isinstance(value, Instance):
        kinds = {run.world.knowledge.kind(base) for base in run.names.library_bases(value.cls) if base != "?"}
        return "model" if "model" in kinds else "transformer" if "transformer" in kinds else ""
    return ""


def predicted(run: Interpreter, model: Value, result: Value, arguments: Arguments, kind: str, library: str) -> Value:
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


def persist(run: Interpreter, verb: Persists, receiver: Value | None, arguments: Arguments) -> Value:
    value = arguments.get(verb.value) if verb.value is not None and verb.value.name != "receiver" else receiver
    path = receiver if verb.path is not None and verb.path.name == "receiver" else arguments.get(verb.path)
    assert arguments.frame is not None
    if value is not None:
        run.files.write(path, value, "object", arguments.at, arguments.frame)
    return TOP


def load(run: Interpreter, verb: Loads, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value:
    """What was kept under the path comes back with its identity; else an object of which only the type may be known."""
    path = receiver if verb.path is not None and verb.path.name == "receiver" else arguments.get(verb.path)
    assert arguments.frame is not None
    found = run.files.read(path, "object", arguments.at, arguments.frame)
    if verb.adopts and isinstance(receiver, Object):
        models = [o for o in options_of(found) if isinstance(o, Object)] if found is not None else []
        if models:
            run.world.heap.write(receiver, {**receiver.state, **models[0].state})
        return receiver
    if found is not None:
        return found
    if model.returns and run.world.knowledge.kind(model.returns):
        return run.verbs.instance_of(model.returns, arguments.at)
    return Object(run.world.heap.next_serial(), "stored", arguments.at)


def split(run: Interpreter, verb: Splits, receiver: Value | None, arguments: Arguments) -> Value | None:
    """The parts of each input, in the order the library gives them."""
    heap = run.world.heap
    for argument in (verb.stratify, verb.groups):
        for value, place in arguments.many(argument):
            run.use(value, place, "decides the split")
    split_by = _division(run, verb, receiver, arguments)
    if verb.gives == "indices":
        picks = (Data(origin=Origin(pick=Pick(split_by, name))) for name in _part_names(run, verb, arguments))
        return heap.list(None, heap.tuple(tuple(picks)))
    inputs = arguments.many(verb.inputs)
    if arguments.rest is not None or not inputs:
        for value in arguments.every():
            run.use(value, arguments.at, "is split in a way we cannot follow")
        data = data_of(run, arguments.every())
        return heap.list(None, data if data.bits else TOP)
    if verb.gives == "inside":
        for value, _ in inputs:
            run.use(value, arguments.at, "is split inside the call")
        return None
    names = _part_names(run, verb, arguments)
    return heap.list(tuple(part_of(run, value, name, arguments.at, split_by) for value, _ in inputs for name in names))


def _part_names(run: Interpreter, verb: Splits, arguments: Arguments) -> tuple[str, ...]:
    """The names of the parts; as many as there are shares, where the call lists them."""
    shares = arguments.get(verb.share)
    if isinstance(shares, Sequence) and shares.items is not None and len(shares.items) == len(verb.into) + 1:
        return (*verb.into[:-1], "val", verb.into[-1])
    return verb.into


def _division(run: Interpreter, verb: Splits, receiver: Value | None, arguments: Arguments) -> Hashable:
    """The name of a division of rows; one by chance, where that is sure, is called so."""
    shuffle = arguments.get(verb.shuffle)
    if shuffle is None and isinstance(receiver, Object):
        shuffle = receiver.state.get("#shuffle")
    asked = shuffle is not None and all(isinstance(o, Const) and o.value is True for o in options_of(shuffle))
    random = asked or (verb.random and shuffle is None)
    return ("random split" if random and arguments.get(verb.groups) is None else "split", arguments.at)


def part_of(run: Interpreter, value: Value, name: str, at: Place, split_by: Hashable) -> Value:
    """Some of the rows."""
    table = run.world.rows
    if isinstance(value, Frame):
        state = value.state
        rows = table.part(split_by, at, name, state.rows or table.value(at))
        return Frame(run.world.heap.next_serial(), value.type, state.changed(rows=rows))
    if isinstance(value, Data):
        origin = value.origin
        return value.from_rows(origin.changed(rows=table.part(split_by, at, name, rows_of(run, value, at))))
    if isinstance(value, Choice):
        return run.choice(part_of(run, option, name, at, split_by) for option in value.options)
    if value is TOP or (isinstance(value, Sequence) and value.items is None and value.state[1] in (None, TOP)):
        return Data(origin=Origin(table.part(split_by, at, name, table.value(at))))
    return value
