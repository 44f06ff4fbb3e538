"""Instructions on values: moves, containers, texts, operators, calls, stores."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mldebt.facts.types import Instruction, Op
from mldebt.flow import access, arithmetic, comparisons, forms, rows, stores, unpacking
from mldebt.flow.activation import Activation
from mldebt.flow.arguments import Arguments
from mldebt.flow.calls import call, call_method
from mldebt.flow.joins import join, join_data
from mldebt.flow.values import (
    NONE,
    TOP,
    Choice,
    Const,
    Data,
    Method,
    Sequence,
    SliceValue,
    Value,
    literal,
    options_of,
    unwrap,
    unwritten,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def unsupported(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    return None


def move(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, register, operand = instruction
    if operand < 0 and act.code.kind not in ("module", "class"):
        act.registers[register] = run.literal(act, operand, at)
        return
    value = run.written(act, operand, at)
    if isinstance(value, Data) and register < len(act.code.names) and value.name != act.code.names[register]:
        value = value.named(act.code.names[register])
    act.registers[register] = value


def collect(run: Interpreter, act: Activation, elements: tuple[Any, ...]) -> tuple[tuple[Value, ...] | None, Value | None]:
    """The items of a display, or the joined element where a starred one is unknown."""
    items: list[Value] = []
    unknown: Value | None = None
    for operand, place, starred in elements:
        value = run.literal(act, operand, place)
        if not starred:
            items.append(value)
            continue
        inner = unwrap(value)
        if isinstance(inner, Sequence) and inner.items is not None and not inner.state[2]:
            items.extend(inner.items)
        else:
            unknown = join(unknown, access.element(run, value, run.place(act, place)))
    if unknown is None:
        return tuple(items), None
    for item in items:
        unknown = join(unknown, item)
    return None, unknown


def display(kind: str) -> Callable[[Interpreter, Activation, Instruction], None]:
    def build(run: Interpreter, act: Activation, instruction: Instruction) -> None:
        _, _at, register, elements = instruction
        items, element = collect(run, act, elements)
        act.registers[register] = run.world.heap.list(items, element, kind)

    return build


def dictionary(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, _at, register, entries = instruction
    known: dict[Any, Value] = {}
    unknown: Value | None = None
    open_ = False
    for key, operand, place in entries:
        value = run.literal(act, operand, place)
        if key is None:
            more, rest, more_open = access.entries(run, value, run.place(act, place))
            if rest is not None or more_open:
                known = {name: unwritten(entry) for name, entry in known.items()}
            known.update(more)
            unknown = join(unknown, rest) if rest is not None else unknown
            open_ = open_ or more_open
            continue
        name = run.look(act, run.value(act, key), place, "is a key")
        if isinstance(name, Const) and name.value.__hash__:
            known[name.value] = value
        else:
            unknown = join(unknown, value)
    act.registers[register] = run.world.heap.mapping(known, unknown, open_)


def text(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, register, parts = instruction
    values = [run.written(act, part, at) for part in parts]
    act.registers[register] = arithmetic.text_of_parts(run, values, run.place(act, at))


def slice_value(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, register, *parts = instruction
    values = tuple(None if part is None else run.look(act, run.value(act, part), at, "is a bound") for part in parts)
    act.registers[register] = SliceValue(values)


def binary(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, register, operator, left, right = instruction
    first, second = run.written(act, left, at), run.written(act, right, at)
    act.registers[register] = arithmetic.binary(run, operator, first, second, run.place(act, at))


def unary(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, register, operator, operand = instruction
    act.registers[register] = arithmetic.unary(run, operator, run.value(act, operand), run.place(act, at))


def compare(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    act.registers[instruction[2]] = comparisons.compare(run, act, instruction)


def attribute(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, register, owner, name = instruction
    found = access.load_attribute(run, run.value(act, owner), name, run.place(act, at), act.frame)
    act.registers[register] = _field_of_data(run, found) if isinstance(found, Method | Choice) else found


def _field_of_data(run: Interpreter, found: Value) -> Value:
    """A name of data that no entry spells and that is not called here (`outputs.logits`) is a field: the same data."""
    if isinstance(found, Choice):
        return run.choice(_field_of_data(run, option) for option in found.options)
    if isinstance(found, Method) and isinstance(found.receiver, Data):
        model = run.world.knowledge.method(found.type, found.name)
        if model is not None and model.call.endswith(".*"):
            data = found.receiver
            return Data(data.bits, data.type, data.predictions, data.decisions, data.name)
    return found


def item(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, register, owner, key = instruction
    act.registers[register] = access.load_item(run, run.value(act, owner), run.literal(act, key, at), run.place(act, at), act.frame)


def set_attribute(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, owner, name, operand = instruction
    stores.store_attribute(run, run.value(act, owner), name, run.written(act, operand, at), run.place(act, at), act.frame)


def set_item(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, owner, key, operand = instruction
    holder, name = run.value(act, owner), run.value(act, key)
    form = forms.formed(run, act, holder, name, operand)
    value = run.literal(act, operand, at)
    stores.store_item(run, holder, name, value, run.place(act, at), act.frame)
    forms.keep(run, holder, name, form)
    if isinstance(holder, Data) and isinstance(value, Data) and (value.predictions or value.decisions):
        act.registers[owner] = join_data(holder, value)  # an array filled part by part
    elif isinstance(holder, Data) and run.world.rows.aggregates and 0 <= owner < len(act.registers):
        act.registers[owner] = rows.stored_into(holder, value)


def delete_item(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, owner, key = instruction
    stores.delete_item(run, run.value(act, owner), run.value(act, key), run.place(act, at), act.frame)


def delete_name(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    act.registers[instruction[2]] = None


def arguments_of(run: Interpreter, act: Activation, at: int, positional: Any, keywords: Any) -> Arguments:
    module, registers, constants = act.module.number, act.registers, act.constants
    arguments = Arguments((module, at), act.frame)
    for operand, token, starred in positional:
        place = (module, token)
        value = literal(constants[-operand - 1].value, place) if operand < 0 else registers[operand] or TOP
        if starred:
            _spread(run, arguments, value, place)
        else:
            arguments.positional.append(value)
            arguments.places.append(place)
    for name, operand, token in keywords:
        place = (module, token)
        value = literal(constants[-operand - 1].value, place) if operand < 0 else registers[operand] or TOP
        if name is None:
            _expand(run, arguments, value, place)
        else:
            arguments.keywords[name] = value
            arguments.keyword_places[name] = place
    return arguments


def _spread(run: Interpreter, arguments: Arguments, value: Value, place: tuple[int, int]) -> None:
    inner = unwrap(value)
    if isinstance(inner, Sequence) and inner.items is not None and not inner.state[2] and arguments.rest is None:
        for member in inner.items:
            arguments.add(member, place)
    else:
        arguments.rest = join(arguments.rest, access.element(run, value, place))


def _expand(run: Interpreter, arguments: Arguments, value: Value, place: tuple[int, int]) -> None:
    for option in options_of(value):
        known, rest, open_ = access.entries(run, option, place)
        for key, member in known.items():
            if isinstance(key, str):
                arguments.name(key, join(arguments.keywords.get(key), member), place)
        if rest is not None or open_:
            arguments.others = join(arguments.others, rest if rest is not None else TOP)


def call_value(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, register, callee, positional, keywords = instruction
    arguments = arguments_of(run, act, at, positional, keywords)
    act.registers[register] = call(run, run.value(act, callee), arguments)


def call_method_value(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, register, owner, name, positional, keywords = instruction
    arguments = arguments_of(run, act, at, positional, keywords)
    act.registers[register] = call_method(run, run.value(act, owner), name, arguments)


def yielded(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, _at, register, operand = instruction
    act.yielded = join(act.yielded, NONE if operand is None else run.value(act, operand))
    act.registers[register] = TOP


def yield_from(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, register, operand = instruction
    act.yielded = join(act.yielded, access.element(run, run.value(act, operand), run.place(act, at)))
    act.registers[register] = TOP


def append(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, _at, container, operand = instruction
    cell = run.value(act, container)
    if isinstance(cell, Sequence):
        stores.append(run, cell, run.value(act, operand))


def set_key(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, container, key, operand = instruction
    stores.store_item(run, run.value(act, container), run.value(act, key), run.value(act, operand), run.place(act, at), act.frame)


def store_global(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, _at, name, operand = instruction
    module = run.names.module(act.module.number)
    slot = module.slot(name)
    if slot is None:
        slot = len(module.registers)
        module.registers.append(None)
        assert module.names is not None
        module.names[name] = slot
    module.registers[slot] = join(module.registers[slot], run.value(act, operand))


def store_outer(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, _at, depth, slot, operand = instruction
    outer: Activation | None = act.outer
    for _ in range(depth - 1):
        outer = outer.outer if outer is not None else None
    if outer is not None:
        outer.registers[slot] = join(outer.registers[slot], run.value(act, operand))


def assertion(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, condition, message = instruction
    run.use(run.value(act, condition), run.place(act, at), "is asserted")
    if message is not None:
        run.use(run.value(act, message), run.place(act, at), "is in a message")


def unpack(run: Interpreter, act: Activation, instruction: Instruction) -> None:
    _, at, source, targets, star = instruction
    value = run.value(act, source)
    parts = unpacking.unpacked(run, value, len(targets), star, run.place(act, at), act.frame)
    for register, part in zip(targets, parts, strict=True):
        act.registers[register] = part


HANDLERS = {
    Op.MOVE: move,
    Op.ATTRIBUTE: attribute,
    Op.ITEM: item,
    Op.SLICE: slice_value,
    Op.TUPLE: display("tuple"),
    Op.LIST: display("list"),
    Op.SET: display("set"),
    Op.DICT: dictionary,
    Op.TEXT: text,
    Op.BINARY: binary,
    Op.UNARY: unary,
    Op.COMPARE: compare,
    Op.CALL: call_value,
    Op.METHOD: call_method_value,
    Op.YIELD: yielded,
    Op.YIELD_FROM: yield_from,
    Op.SET_ATTRIBUTE: set_attribute,
    Op.SET_ITEM: set_item,
    Op.DELETE_NAME: delete_name,
    Op.DELETE_ITEM: delete_item,
    Op.UNPACK: unpack,
    Op.ASSERT: assertion,
    Op.APPEND: append,
    Op.SET_KEY: set_key,
    Op.STORE_GLOBAL: store_global,
    Op.STORE_OUTER: store_outer,
}
