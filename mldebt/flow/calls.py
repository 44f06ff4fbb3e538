"""Calls: every callable value through one door."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mldebt.flow import access, builtins, constructors, decorators, global_flags, learning, records
from mldebt.flow.arguments import Arguments
from mldebt.flow.global_flags import Flags
from mldebt.flow.joins import join
from mldebt.flow.values import (
    NONE,
    TOP,
    Bound,
    Choice,
    Class,
    Const,
    Data,
    Expression,
    Frame,
    Function,
    Grouped,
    Instance,
    Leaf,
    Library,
    Mapping,
    Method,
    Namespace,
    Object,
    Parser,
    Partial,
    Sequence,
    Super,
    Value,
    View,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def call(run: Interpreter, callee: Value, arguments: Arguments) -> Value:
    """The result of calling any value; what cannot be followed gets its arguments as escapes."""
    return _CALLS.get(type(callee), _call_object)(run, callee, arguments)


def _call_function(run: Interpreter, callee: Function, arguments: Arguments) -> Value:
    return _resolved(run, arguments, run.call_function(callee, arguments))


def _call_class(run: Interpreter, callee: Class, arguments: Arguments) -> Value:
    return _resolved(run, arguments, constructors.construct(run, callee, arguments))


def _call_leaf(run: Interpreter, callee: Leaf, arguments: Arguments) -> Value:
    return call(run, run.look_at(callee, arguments.at, "is called"), arguments)


def _call_expression(run: Interpreter, callee: Expression, arguments: Arguments) -> Value:
    return _resolved(run, arguments, decorators.apply_expression(run, callee, arguments))


def _resolved(run: Interpreter, arguments: Arguments, result: Value) -> Value:
    run.world.calls[arguments.at] = True
    return result


def _unresolved(run: Interpreter, arguments: Arguments, name: str) -> Value:
    """A call nobody can follow: all it gets escapes; what comes out may be made of the data that went in."""
    tracked = False
    for value in arguments.every():
        tracked = tracked or not isinstance(value, Const)
        learning.give_away(run, value)
        run.escape(value, arguments.at, f"goes into {name or 'a call'} that is not followed")
    if tracked:
        run.world.calls.setdefault(arguments.at, False)
        if name and run.world.unresolved.get(arguments.at, ".").startswith("."):
            run.world.unresolved[arguments.at] = name
    return TOP


def _call_choice(run: Interpreter, callee: Choice, arguments: Arguments) -> Value:
    results = []
    mark = len(run.world.heap.trail)
    changes = []
    for option in callee.options:
        if isinstance(option, Const):
            continue
        results.append(call(run, option, arguments))
        changes.append(run.world.heap.undo_to(mark))
    run.world.heap.apply(changes)
    return run.choice(results) if results else TOP


def _call_bound(run: Interpreter, callee: Bound, arguments: Arguments) -> Value:
    target = callee.function
    if isinstance(target, Function):
        return _resolved(run, arguments, run.call_function(target, arguments, callee.receiver))
    return call(run, target, with_first(arguments, callee.receiver))


def with_first(arguments: Arguments, *first: Value) -> Arguments:
    """The same call with more values in front."""
    longer = Arguments(arguments.at, arguments.frame)
    longer.positional = [*first, *arguments.positional]
    longer.places = [*(arguments.at for _ in first), *arguments.places]
    longer.keywords = arguments.keywords
    longer.keyword_places = arguments.keyword_places
    longer.rest, longer.others, longer.unknown = arguments.rest, arguments.others, arguments.unknown
    return longer


def _call_partial(run: Interpreter, callee: Partial, arguments: Arguments) -> Value:
    longer = with_first(arguments, *callee.arguments)
    longer.keywords = {**dict(callee.keywords), **arguments.keywords}
    longer.keyword_places = {**{name: arguments.at for name, _ in callee.keywords}, **arguments.keyword_places}
    return call(run, callee.target, longer)


def _call_library(run: Interpreter, callee: Library, arguments: Arguments) -> Value:
    name = run.world.knowledge.canonical(callee.name)
    if name.startswith(("builtins.", "functools.")):
        handler = builtins.HANDLERS.get(name.removeprefix("builtins."))
        if handler is not None:
            return _resolved(run, arguments, handler(run, arguments))
    if name == "functools.wraps":
        return _resolved(run, arguments, Expression("unchanged"))
    model = run.world.knowledge.call(name)
    if model is not None:
        return _resolved(run, arguments, run.verbs.call(model, None, arguments, name))
    kind = run.world.knowledge.kind(name)
    if kind == "schema":
        return _resolved(run, arguments, Expression("schema"))
    if kind:
        for value in arguments.every():
            run.escape(value, arguments.at, f"is given to {name}")
        return _resolved(run, arguments, run.verbs.instance_of(name, arguments.at))
    return _unresolved(run, arguments, name)


def _call_object(run: Interpreter, callee: Value, arguments: Arguments) -> Value:
    if isinstance(callee, Instance):
        for name in ("__call__", "forward"):
            method = run.names.class_attribute(callee.cls, name)
            if isinstance(method, Function):
                return _resolved(run, arguments, _as_model(run, callee, run.call_function(method, arguments, callee), arguments))
        bases = run.names.library_bases(callee.cls)
        if bases and bases[0] != "?":
            return call_library_method(run, Method(callee, bases[0], "__call__"), arguments)
    if isinstance(callee, Object):
        return call_library_method(run, Method(callee, callee.type, "__call__"), arguments)
    if isinstance(callee, Data):
        for value in arguments.every():
            run.use(value, arguments.at, "goes into a call on data")
        return callee.of_type("")
    run.escape(callee, arguments.at, "is called in a way we cannot follow")
    return _unresolved(run, arguments, "")


def _as_model(run: Interpreter, callee: Instance, result: Value, arguments: Arguments) -> Value:
    """What a repository network gives when called is a prediction of it."""
    for base in run.names.library_bases(callee.cls):
        if base != "?" and run.world.knowledge.kind(base) == "model":
            return run.verbs.prediction_of(callee, result, arguments)
    return result


def call_method(run: Interpreter, owner: Value, name: str, arguments: Arguments) -> Value:
    """`owner.name(...)`."""
    kind = type(owner)
    if kind is Choice:
        return _method_of_choice(run, owner, name, arguments)  # type: ignore[arg-type]  # by its type
    if kind is Leaf:
        return call_method(run, run.leaf_inside(owner, arguments.at), name, arguments)
    own = _METHODS.get(kind)
    if own is not None:
        return _resolved(run, arguments, own(run, owner, name, arguments))
    if isinstance(owner, Const) and isinstance(owner.value, str):
        return _resolved(run, arguments, run.files.text_method(owner, name, arguments))
    if isinstance(owner, Super) and name == "__init__" and not any(isinstance(b, Class) for b in owner.cls.bases):
        return _super_init(run, owner, arguments)
    assert arguments.frame is not None
    if owner is TOP:
        run.world.unresolved.setdefault(arguments.at, f".{name}")
    return call(run, access.load_attribute(run, owner, name, arguments.at, arguments.frame), arguments)


_METHODS: dict[type, Callable[[Interpreter, Any, str, Arguments], Value]] = {
    Mapping: records.mapping_method,
    Sequence: records.sequence_method,
    View: lambda run, owner, name, arguments: run.settings.method(owner, name, arguments),
    Parser: lambda run, owner, name, arguments: run.options.method(owner, name, arguments),
}


def _super_init(run: Interpreter, owner: Super, arguments: Arguments) -> Value:
    """A library base's constructor: what it gets escapes, the instance stays ours."""
    for value in arguments.every():
        run.escape(value, arguments.at, "goes to the constructor of a library class")
    run.world.calls[arguments.at] = True
    return NONE


def _method_of_choice(run: Interpreter, owner: Choice, name: str, arguments: Arguments) -> Value:
    results: list[Value] = []
    mark = len(run.world.heap.trail)
    changes = []
    for option in owner.options:
        if isinstance(option, Const) and option.value is None:
            continue
        results.append(call_method(run, option, name, correlated(arguments, owner, option)))
        changes.append(run.world.heap.undo_to(mark))
    run.world.heap.apply(changes)
    return run.choice(results) if results else TOP


def correlated(arguments: Arguments, choice: Choice, option: Value) -> Arguments:
    """The same call where an argument that is the very choice is this option of it (`args.func(args)`)."""
    if not any(value is choice for value in arguments.positional):
        return arguments
    chosen = with_first(arguments)
    chosen.positional = [option if value is choice else value for value in chosen.positional]
    return chosen


def call_library_method(run: Interpreter, method: Method, arguments: Arguments) -> Value:
    """A method of a library type on its receiver; unknown ones take receiver and arguments out of sight."""
    receiver = method.receiver
    model = run.world.knowledge.method(method.type, method.name)
    if model is not None and not model.property:
        return _resolved(run, arguments, run.verbs.call(model, receiver, arguments, f"{method.type}.{method.name}"))
    if isinstance(receiver, Data) and method.name != "__call__":
        return run.verbs.data_method(receiver, method.name, arguments)
    if isinstance(receiver, Namespace) and method.name == "_get_kwargs":
        run.escape(receiver, arguments.at, "is read as a whole")
        return TOP
    bare = run.world.knowledge.method("*", method.name) if _is_unknown(receiver) else None
    if bare is not None:
        return _resolved(run, arguments, run.verbs.call(bare, receiver, arguments, method.name))
    if isinstance(receiver, Frame | Grouped | Object | Instance):
        learning.give_away(run, receiver)
        run.escape(receiver, arguments.at, f"is the receiver of {method.name}(), which is not modelled")
        if isinstance(receiver, Instance):
            run.world.calls.setdefault(arguments.at, False)
    if method.type.startswith("builtins.object"):
        return _resolved(run, arguments, TOP)
    result = _unresolved(run, arguments, f"{method.type}.{method.name}" if method.type else "")
    return join(result, TOP)


def _is_unknown(receiver: Value) -> bool:
    """Whether nothing says what type a receiver has: anything, or an object from a file that no code here writes."""
    return receiver is TOP or (isinstance(receiver, Object) and receiver.type == "stored")


_CALLS: dict[type, Callable[[Interpreter, Any, Arguments], Value]] = {
    Function: _call_function,
    Bound: _call_bound,
    Class: _call_class,
    Library: _call_library,
    Method: call_library_method,
    Choice: _call_choice,
    Leaf: _call_leaf,
    Partial: _call_partial,
    Expression: _call_expression,
    Flags: lambda run, callee, arguments: _resolved(run, arguments, global_flags.called(run, callee, arguments)),
}
