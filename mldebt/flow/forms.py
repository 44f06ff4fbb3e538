"""What the columns that code makes are made by: expressions over other columns, in one spelling, so that two can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mldebt.facts.types import Block, Code, Instruction, Op
from mldebt.flow.activation import Activation
from mldebt.flow.blocks import inner_blocks
from mldebt.flow.values import Const, Data, Frame, Library, Value, unwrap
from mldebt.libraries.types import CallModel, Converts

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

Form = tuple[Any, ...]
"""("column", bit, rows), ("constant", text), (operator, form, form), ("attribute", name, form), or ("call", name, form, ..., (keyword, form), ...)"""

COMMUTES = frozenset({"+", "*", "&", "|", "^", "==", "!="})
PLAIN = frozenset({"same", "array", "number"})
MAX_DEPTH = 12

_definitions: dict[int, tuple[Code, dict[int, Instruction | None]]] = {}


def formed(run: Interpreter, act: Activation, owner: Value, key: Value, operand: int) -> Form | None:
    """The form of what is about to be stored as `owner[key]`; None where it cannot be told."""
    if not isinstance(owner, Frame) or not isinstance(key, Const) or not isinstance(key.value, str):
        return None
    return _form(run, act, operand, 0)


def keep(run: Interpreter, owner: Value, key: Value, form: Form | None) -> None:
    """The column that now stands there has this form; one that is made in two ways has none."""
    if isinstance(owner, Frame) and isinstance(key, Const) and (bits := owner.state.columns.get(key.value, 0)) and bits.bit_count() == 1:
        forms = run.world.forms
        known = forms.setdefault(bits.bit_length() - 1, (form, run.world.guards))
        if known[0] != form:
            forms[bits.bit_length() - 1] = (None, known[1])


def definitions(code: Code) -> dict[int, Instruction | None]:
    """The instruction that gives each register its value; None where several do."""
    known = _definitions.get(id(code))
    if known is None:
        found: dict[int, Instruction | None] = dict.fromkeys(range(len(code.parameters)))
        for instruction in _all(code.body):
            for register in _targets(instruction):
                found[register] = None if register in found else instruction
        known = _definitions[id(code)] = (code, found)
    return known[1]


def _targets(instruction: Instruction) -> tuple[int, ...]:
    op = instruction[0]
    if op == Op.UNPACK:
        return tuple(instruction[3])
    if op <= Op.YIELD_FROM or op in (Op.FOR, Op.WITH, Op.IMPORT, Op.IMPORT_FROM, Op.DELETE_NAME):
        return (instruction[2],)
    if op == Op.TRY:
        return tuple(handler[2] for handler in instruction[3])
    return tuple(slot for case in instruction[3] for slot in case[1]) if op == Op.MATCH else ()


def _all(block: Block) -> Iterator[Instruction]:
    for instruction in block:
        yield instruction
        for inner in inner_blocks(instruction):
            yield from _all(inner)


def _form(run: Interpreter, act: Activation, operand: int, depth: int) -> Form | None:
    value = unwrap(run.value(act, operand))
    if isinstance(value, Const):
        return ("constant", f"{type(value.value).__name__} {value.value}") if isinstance(value.value, str | int | float | None) else None
    instruction = definitions(act.code).get(operand) if operand >= 0 else None
    if instruction is None or depth > MAX_DEPTH or not isinstance(value, Data):
        return None
    match instruction:
        case (Op.MOVE, _, _, source):
            return _form(run, act, source, depth)
        case (Op.ITEM | Op.ATTRIBUTE, _, _, owner, key):
            return _part(run, act, value, owner, key, depth)
        case (Op.BINARY, _, _, operator, left, right):
            return _operation(run, act, operator.removesuffix("=") if operator != "==" else operator, (left, right), depth)
        case (Op.COMPARE, _, _, operator, left, right, *_):
            return _operation(run, act, operator, (left, right), depth)
        case (Op.UNARY, _, _, operator, inner):
            return _operation(run, act, f"unary {operator}", (inner,), depth)
        case (Op.CALL, _, _, callee, positional, keywords):
            function = run.value(act, callee)
            return _call(run, act, function, None, (positional, keywords), depth) if isinstance(function, Library) else None
        case (Op.METHOD, _, _, owner, name, positional, keywords):
            receiver = unwrap(run.value(act, owner))
            if isinstance(receiver, Library):
                return _call(run, act, Library(f"{receiver.name}.{name}"), None, (positional, keywords), depth)
            return _method(run, act, receiver, owner, name, (positional, keywords), depth)
    return None


def _part(run: Interpreter, act: Activation, value: Data, owner: int, key: object, depth: int) -> Form | None:
    """A column of a table, or an attribute of one (`.dt.year`)."""
    holder = unwrap(run.value(act, owner))
    if isinstance(holder, Frame):
        single = value.bits.bit_count() == 1 and not value.origin.moved
        return ("column", value.bits.bit_length() - 1, value.origin.rows) if single else None
    if isinstance(holder, Data) and isinstance(key, str):
        inner = _form(run, act, owner, depth + 1)
        return ("attribute", key, inner) if inner is not None else None
    return None


def _operation(run: Interpreter, act: Activation, operator: str, operands: tuple[int, ...], depth: int) -> Form | None:
    forms = [_form(run, act, operand, depth + 1) for operand in operands]
    known = [form for form in forms if form is not None]
    if len(known) < len(forms):
        return None
    return (operator, *(sorted(known, key=repr) if operator in COMMUTES else known))


def _method(run: Interpreter, act: Activation, receiver: Value, owner: int, name: str, given: tuple[Any, Any], depth: int) -> Form | None:
    if not isinstance(receiver, Data):
        return None
    model = run.world.knowledge.method(receiver.type, name) if receiver.type else None
    inner = _form(run, act, owner, depth + 1)
    return _call(run, act, Library(f".{name}"), model, given, depth, inner) if model is not None and inner is not None else None


def _call(
    run: Interpreter,
    act: Activation,
    function: Library,
    model: CallModel | None,
    given: tuple[Any, Any],
    depth: int,
    receiver: Form | None = None,
) -> Form | None:
    """A call of something that gives the same for the same, row by row."""
    name = run.world.knowledge.canonical(function.name)
    known = model or run.world.knowledge.call(name)
    if known is None or known.call.endswith(".*") or not all(isinstance(verb, Converts) and verb.to in PLAIN for verb in known.verbs):
        return None
    positional, keywords = given
    forms: list[Form | None] = [_form(run, act, operand, depth + 1) if not starred else None for operand, _, starred in positional]
    named = sorted((keyword or "", _form(run, act, operand, depth + 1)) for keyword, operand, _ in keywords if keyword is not None)
    if None in forms or any(form is None for _, form in named) or any(keyword is None for keyword, _, _ in keywords):
        return None
    return ("call", name, *([receiver] if receiver is not None else []), *forms, *named)
