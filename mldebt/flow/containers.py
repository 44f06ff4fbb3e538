"""Settings in containers of libraries: dictionaries with attributes, and arguments that an object keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow import access
from mldebt.flow.arguments import Arguments
from mldebt.flow.values import NONE, TOP, Const, Instance, Mapping, Namespace, Value, View, options_of, unwrap

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def kept(run: Interpreter, receiver: Value | None, attribute: str, arguments: Arguments) -> Value:
    """The arguments of the running method, or those that are named or given, become an attribute of its object."""
    act = run.current
    given = [unwrap(value) for value in arguments.positional]
    names = {option.value for value in given for option in options_of(value) if isinstance(option, Const)}
    state: dict[str, Value] = {}
    if act is not None and act.code.parameters and act.registers[0] is receiver:
        own = {parameter.name for parameter in act.code.parameters[1:]}
        state = {name: value for name, value in act.named().items() if name in own and (not names or name in names)}
    for value in given:
        if isinstance(value, Mapping | View | Namespace):
            state.update({str(name): member for name, member in access.entries(run, value, arguments.at)[0].items()})
    for parameter in [value for value in state.values() if isinstance(value, Mapping)]:
        state = {**{str(name): member for name, member in parameter.state[0].items()}, **state}
    if not isinstance(receiver, Instance):
        for value in state.values():
            run.escape(value, arguments.at, "is kept by something unknown")
        return TOP
    before = receiver.state.get(attribute)
    if isinstance(before, Namespace):
        state = {**before.state, **state}
    run.world.heap.write(receiver, {**receiver.state, attribute: Namespace(run.world.heap.next_serial(), state)})
    return NONE


def namespace_item(run: Interpreter, owner: Namespace, key: Value) -> Value:
    """`owner[key]` where a namespace is a dictionary as well."""
    found: list[Value] = []
    for option in options_of(key):
        if isinstance(option, Const):
            found.append(owner.state.get(str(option.value), TOP))
        else:
            found.extend((*owner.state.values(), TOP))
    return run.choice(found)
