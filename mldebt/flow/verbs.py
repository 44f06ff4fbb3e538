"""Library calls: each verb of a call's model is one case here or in the rooms it hands on to (tables, learning, files, settings, options)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow import (
    anchors,
    arithmetic,
    column_names,
    decorators,
    deprecation,
    divisions,
    effects,
    expressing,
    frame_making,
    frame_verbs,
    learning,
    outside,
    parsing,
    queries,
    query_files,
    rows,
    tables,
    traces,
)
from mldebt.flow.arguments import Arguments
from mldebt.flow.escape import INERT, give, hand_over, members
from mldebt.flow.events import CallFrame, Converted
from mldebt.flow.joins import combined, join
from mldebt.flow.natures import glance, named, nature, only_moves
from mldebt.flow.tuning import tuned
from mldebt.flow.values import (
    NONE,
    TOP,
    Bound,
    Class,
    Const,
    Data,
    Frame,
    FrameState,
    Function,
    Grouped,
    Instance,
    Mapping,
    Namespace,
    Object,
    Parser,
    Partial,
    Place,
    Sequence,
    Value,
    View,
    options_of,
)
from mldebt.libraries.types import (
    Acts,
    Backpropagates,
    CallModel,
    Configures,
    ConsumesRandomness,
    Converts,
    Creates,
    DeclaresOption,
    Deprecates,
    Escapes,
    Expresses,
    Fetches,
    Fingerprints,
    Fits,
    Loads,
    Logs,
    Persists,
    Predicts,
    Reads,
    Registers,
    Routes,
    Schedules,
    Scores,
    Splits,
    Steps,
    Transforms,
    Verb,
    When,
    Writes,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

ROWS = (Data, Frame)


class Verbs:
    def __init__(self, run: Interpreter) -> None:
        self._run = run

    # -- calls --------------------------------------------------------------------------------------------------------

    def call(self, model: CallModel, receiver: Value | None, arguments: Arguments, name: str) -> Value:
        """Applies a model: leaves among the arguments are used, every verb acts, what no verb covers is used or called back."""
        run = self._run
        run.world.glanced(arguments.at, glance(model))
        if model.verbs and isinstance(model.verbs[0], Expresses):
            return expressing.express(run, model.verbs[0], model, receiver, arguments)
        declares, logs = nature(model)
        if model.hyperparameters:
            tuned(run, model, arguments, name)
        if not declares and not logs:
            for value in arguments.every():
                run.look_at(value, arguments.at, f"is given to {name}")
        called_back = self._uncovered(model, receiver, arguments, name) if not declares else None
        anchors.anchored(run, model, receiver, arguments, name)
        result: Value | None = None
        for verb in model.verbs:
            if not self.holds(getattr(verb, "when", None), arguments):
                continue
            found = self._apply(verb, model, receiver, arguments, name)
            result = found if found is not None else result
        if result is None:
            result = self._plain_result(model, receiver, arguments)
        if run.world.rows.aggregates:
            result = rows.with_statistics_of(run, result, receiver, arguments)
            if (
                isinstance(receiver, Data)
                and receiver.home is not None
                and model.mutates is not False
                and self.holds(model.mutates, arguments)
            ):
                rows.changed_in_place(run, receiver, result)
        if isinstance(receiver, ROWS) or any(isinstance(value, ROWS) for value in arguments.positional):
            run.world.handled[arguments.at] = run.world.handled.get(arguments.at, True) and only_moves(model)
        if isinstance(result, Frame) and isinstance(receiver, Frame) and self._goes_row_by_row(model, arguments):
            result = Frame(result.serial, result.type, result.state.changed(marks={}, aggregates=0))
        return self._with_callback(result, called_back)

    def _goes_row_by_row(self, model: CallModel, arguments: Arguments) -> bool:
        """Whether a function makes the result of single rows: which of their columns' statistics are in it only the function tells."""
        each = any(isinstance(verb, Converts) and verb.to == "each" and self.holds(verb.when, arguments) for verb in model.verbs)
        return each and any(isinstance(option, Function | Bound | Partial) for value in arguments.every() for option in options_of(value))

    def _apply(self, verb: Verb, model: CallModel, receiver: Value | None, arguments: Arguments, name: str) -> Value | None:
        run = self._run
        match verb:
            case Reads():
                return self._reads(verb, model, receiver, arguments)
            case Writes():
                return self._writes(verb, receiver, arguments)
            case Persists() | Loads() | Creates() | Fits() | Transforms() | Scores() | Predicts() | Backpropagates() | Steps():
                return learning.apply(run, verb, model, receiver, arguments, name)
            case Splits():
                return divisions.split(run, verb, receiver, arguments)
            case Converts():
                return self._converts(verb, model, receiver, arguments, name)
            case ConsumesRandomness():
                return traces.of_generator(run, model, receiver, arguments)
            case Fetches() | Fingerprints() | Registers():
                return outside.apply(run, verb, arguments, name)
            case Deprecates():
                return deprecation.apply(run, verb, arguments)
            case Configures():
                return run.settings.apply(verb, receiver, arguments, name)
            case DeclaresOption():
                return decorators.declares(run, verb, model, receiver, arguments)
            case Logs() | Acts() | Escapes() | Routes() | Schedules():
                return effects.affects(run, verb, model, receiver, arguments, name)
        return frame_verbs.apply(run, verb, model, receiver, arguments)

    def holds(self, when: When | bool | None, arguments: Arguments) -> bool:
        """Whether a condition on an argument may hold; an unknown argument may."""
        if when is None or when is True:
            return True
        if when is False:
            return False
        value = arguments.get(when.argument)
        if when.absent or when.given:
            return (value is None) == when.absent
        if value is None:
            return None in when.is_
        return any(
            not isinstance(o, Const) or o.value in when.is_ for o in options_of(self._run.look_at(value, arguments.at, "is looked at"))
        )

    def _uncovered(self, model: CallModel, receiver: Value | None, arguments: Arguments, name: str) -> Data | None:
        """Arguments no verb speaks of: data is used, functions are called back with the receiver's rows, the rest escapes where it can act."""
        run = self._run
        if all(type(value) in INERT for value in arguments.every()):
            return None
        each = self._goes_row_by_row(model, arguments)
        covered = {id(value) for verb in model.verbs for argument in named(verb) for value, _ in arguments.many(argument)}
        learns = any(isinstance(verb, Fits | Transforms | Predicts | Scores) for verb in model.verbs)
        found: Data | None = None
        for value in arguments.every():
            for option in options_of(value):
                if type(option) in INERT:
                    continue
                if isinstance(option, Function | Bound | Partial) and receiver is not None:
                    found = self._called_back(option, receiver, arguments, found, each)
                elif id(value) in covered or isinstance(option, Const):
                    if learns and isinstance(option, Instance):
                        hand_over(run, option, arguments.at, f"is given to {name}")
                elif isinstance(option, Data | Frame | Grouped):
                    run.use(option, arguments.at, f"is given to {name}")
                elif isinstance(option, Instance):
                    hand_over(run, option, arguments.at, f"is given to {name}")
                elif isinstance(option, Function | Bound | Partial | Namespace | View | Parser | Class):
                    run.escape(option, arguments.at, f"is given to {name}")
                elif isinstance(option, Sequence | Mapping):
                    found = self._called_back_members(option, receiver, arguments, found)
        return found

    def _called_back_members(
        self, holder: Sequence | Mapping, receiver: Value | None, arguments: Arguments, found: Data | None
    ) -> Data | None:
        for member in members(holder):
            if isinstance(member, Function | Bound | Partial) and receiver is not None:
                found = self._called_back(member, receiver, arguments, found)
        give(self._run, holder, arguments.at, "is given to a library")
        return found

    def _called_back(self, function: Value, receiver: Value, arguments: Arguments, found: Data | None, each: bool = False) -> Data | None:
        """`apply(f)`, `pipe(f)`, `agg(f)`: f gets rows of the receiver, or `each` value or row alone; data it gives joins the result."""
        run = self._run
        given: Value = receiver
        if isinstance(receiver, Grouped):
            given = tables.group_frame(run, receiver)
        elif isinstance(receiver, Frame):
            given = tables.copy(run, receiver)
        if each:
            given = rows.one_of(run, given)
        result = run.call_with(function, (given,), arguments.at, arguments.frame)
        data = arithmetic.data_in(run, result)
        if data is None:
            run.use(given, arguments.at, "goes into a function whose result is not followed")
            return found
        return data if found is None else combined(found, data)

    def _with_callback(self, result: Value, called_back: Data | None) -> Value:
        if called_back is None:
            return result
        if isinstance(result, Data):
            return combined(result, called_back)
        if isinstance(result, Frame):
            state = result.state
            more = called_back.origin.aggregates
            changed = state.changed(open_=True, hidden=state.hidden | called_back.bits, aggregates=state.aggregates | more)
            return Frame(result.serial, result.type, changed)
        return called_back if result is TOP else join(result, called_back)

    def _plain_result(self, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value:
        """Without a verb that speaks of the result: the receiver, a new object of the type, or something made of what went in."""
        if model.returns == "self":
            return receiver if receiver is not None else TOP
        kind = self._run.world.knowledge.kind(model.returns) if model.returns else ""
        data = self._data_of_call(receiver, arguments)
        if kind in ("column", "array", "tensor"):
            return Data(data.bits, model.returns, data.predictions, origin=data.origin.plain()) if data else Data(0, model.returns)
        if kind == "frame":
            return Frame(self._run.world.heap.next_serial(), model.returns, rows.made_of(FrameState({}, True), data))
        if kind:
            return self.instance_of(model.returns, arguments.at)
        return data if data is not None else TOP

    def _data_of_call(self, receiver: Value | None, arguments: Arguments) -> Data | None:
        """The data that a call gets, in lists too (`np.mean([a, b])`); None where it gets none."""
        values = [value for value in (receiver, *arguments.every()) if value is not None]
        data = arithmetic.data_in(self._run, *values)
        lists = [value for value in values if isinstance(value, Sequence)]
        held = learning.data_of(self._run, lists) if lists else Data()
        if held.bits or held.predictions or held.decisions:
            data = held if data is None else combined(data, held)
        return data

    # -- properties ---------------------------------------------------------------------------------------------------

    def property(self, model: CallModel, receiver: Value, at: Place, frame: CallFrame | None) -> Value:
        run = self._run
        run.world.glanced(at, glance(model))
        if isinstance(receiver, Frame) and any(isinstance(v, Converts) and v.to in ("column_names", "schema") for v in model.verbs):
            return (
                frame_making.column_names(run, receiver, at)
                if any(isinstance(v, Converts) and v.to == "column_names" for v in model.verbs)
                else TOP
            )
        return self.call(model, receiver, Arguments(at, frame or CallFrame(None, at, at[0], "")), model.call)

    def data_method(self, receiver: Data, name: str, arguments: Arguments) -> Value:
        """An unmodelled method of data gives data; its other arguments are used, functions called back."""
        run = self._run
        found = receiver.of_type("")
        for value in arguments.every():
            for option in options_of(run.look_at(value, arguments.at, f"is given to {name}()")):
                if isinstance(option, Data):
                    found = combined(found, option)
                elif isinstance(option, Function | Bound | Partial):
                    found = self._called_back(option, receiver, arguments, found) or found
                else:
                    run.use(option, arguments.at, f"is given to {name}()")
        return found

    # -- results ------------------------------------------------------------------------------------------------------

    def instance_of(self, type_name: str, at: Place) -> Value:
        run = self._run
        kind = run.world.knowledge.kind(type_name)
        if kind == "frame":
            return Frame(run.world.heap.next_serial(), type_name, FrameState({}, True, rows=run.world.rows.value(at)))
        if kind in ("column", "array", "tensor"):
            return Data(0, type_name)
        if kind == "expression":
            return expressing.any_expression(type_name, at)
        if kind == "parser":
            return Parser(run.world.heap.next_serial())
        made = Object(run.world.heap.next_serial(), type_name, at)
        if kind in ("model", "pipeline", "search"):
            made.state = {"#model": Const(run.world.model(at, type_name, type_name.rpartition(".")[2]))}
        return made

    def model_of(self, value: Value | None, create: bool = True) -> int:
        """The number of the model a value is; -1 where it is none."""
        if isinstance(value, Object):
            number = value.state.get("#model")
            if isinstance(number, Const):
                return int(number.value)
            name = value.type.rpartition(".")[2] if value.type != "stored" else ""
            return self._run.world.model(value.site, value.type, name) if create else -1
        if isinstance(value, Instance):
            bases = self._run.names.library_bases(value.cls)
            if create or any(self._run.world.knowledge.kind(base) in ("model", "transformer") for base in bases if base != "?"):
                return self._run.world.model((value.cls.module, value.cls.code.at), value.cls.code.name, value.cls.code.name)
        return -1

    def prediction_of(self, model: Value, result: Value, arguments: Arguments) -> Value:
        return learning.predicted(self._run, model, result, arguments, "unknown", "torch")

    # -- files --------------------------------------------------------------------------------------------------------

    def _reads(self, verb: Reads, model: CallModel, receiver: Value | None, arguments: Arguments) -> Value | None:
        run = self._run
        path = receiver if verb.path is not None and verb.path.name == "receiver" else arguments.get(verb.path)
        at, frame = arguments.at, arguments.frame
        assert frame is not None
        if verb.gives == "text" and (text := query_files.text_of(run, path, at)) is not None:
            return text
        if verb.gives in ("handle", "text", "lines"):
            state: dict[str, Value] = {"path": run.look_at(path, at, "is a path")} if path is not None else {}
            if isinstance(path, Object):
                state = {"path": path.state.get("path", TOP)}
            return Object(run.world.heap.next_serial(), "io.TextIOWrapper", at, state)
        format_ = verb.format if isinstance(verb.format, str) else ""
        if model.returns or verb.gives in ("array", "dataset"):
            run.world.loads.add(at)
        if verb.query is not None or format_ == "sql":
            value = queries.answered(run, verb, model, receiver, arguments)
            if isinstance(value, Frame) and not value.state.open:
                column_names.check_tables(run, [value], at, frame)
        else:
            stored = run.files.read(path, format_, at, frame)
            parsing.parsed(run, verb, path, model.call, arguments)
            value = frame_making.read_table(run, verb, model, stored, path, arguments)
        for given in (verb.columns, verb.names):
            if given is not None and isinstance(value, Frame) and (columns := arguments.get(given)) is not None:
                names, unknown = tables.names_in(run, columns, at)
                if not unknown and names:
                    return tables.select(run, value, names, at, frame)
                column_names.check_tables(run, [value], at, frame)
        return value

    def _writes(self, verb: Writes, receiver: Value | None, arguments: Arguments) -> Value:
        run = self._run
        value = arguments.get(verb.value) if verb.value is not None and verb.value.name != "receiver" else receiver
        path = receiver if verb.path is not None and verb.path.name == "receiver" else arguments.get(verb.path)
        format_ = verb.format if isinstance(verb.format, str) else ""
        assert arguments.frame is not None
        if format_ == "sql":
            path = queries.paths(run, path, arguments.at) or path
        for option in options_of(value) if value is not None else ():
            run.files.write(path, option, format_, arguments.at, arguments.frame)
        return NONE

    def _converts(self, verb: Converts, model: CallModel, receiver: Value | None, arguments: Arguments, name: str) -> Value:
        run = self._run
        if verb.value is None or verb.value.name == "receiver":
            values = [queries.fetched(receiver)] if receiver is not None else []
        else:
            values = [value for value, _ in arguments.many(verb.value)]
        if verb.into or verb.to in ("array", "tensor", "list", "dataset"):
            self._converted(verb, values, arguments, name)
        if verb.to == "membership":
            return rows.membership(run, receiver, values, model, arguments.at)
        path = run.files.converted(verb.to, values, arguments)
        return path if path is not None else frame_making.converted(run, verb, model, values, arguments)

    def _converted(self, verb: Converts, values: list[Value], arguments: Arguments, name: str) -> None:
        world = self._run.world
        if any(isinstance(option, Data | Frame) for value in values for option in options_of(value)) and arguments.frame is not None:
            world.emit(Converted("converted", arguments.at, arguments.frame, world.stamp(), world.guards, verb.into, name))
