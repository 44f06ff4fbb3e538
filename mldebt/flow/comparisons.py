"""Comparisons: constants are compared, masks say which rows they pick, predictions against something fixed are decisions."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mldebt.declarations.types import HOLE
from mldebt.facts.types import Instruction
from mldebt.flow import arithmetic, asking, column_names, expressing, fitting
from mldebt.flow.activation import Activation
from mldebt.flow.escape import look
from mldebt.flow.events import CallFrame, Compared
from mldebt.flow.origin import ones
from mldebt.flow.rows import picking
from mldebt.flow.traces import of_mask
from mldebt.flow.values import (
    FALSE,
    TRUE,
    Const,
    Data,
    Instance,
    Leaf,
    Place,
    Sequence,
    Value,
    View,
    options_of,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operators.eq,
    "!=": operators.ne,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
    "is": lambda a, b: a is b or (type(a) is type(b) and a == b),
    "is not": lambda a, b: not (a is b or (type(a) is type(b) and a == b)),
    "in": lambda a, b: a in b,
    "not in": lambda a, b: a not in b,
}


ORDERINGS = ("<", "<=", ">", ">=")


def compare(run: Interpreter, act: Activation, instruction: Instruction) -> Value:
    _, at, _register, operator, left, right, left_at, right_at = instruction
    place = run.place(act, at)
    first, second = run.literal(act, left, left_at), run.literal(act, right, right_at)
    if any(isinstance(v, Const) and v.value == "\ue001__name__" for v in (first, second)):
        return Const("__main__?") if operator == "==" else FALSE
    names = (constant_name(act, left), constant_name(act, right))
    formula = expressing.compared(run, operator in ORDERINGS, (first, second), place, names)
    if formula is not None:
        return formula
    data = arithmetic.data_in(run, *(unwrapped(v) for v in (first, second)))
    if data is not None:
        return compared_data(run, operator, (first, second), data, place, act.frame, names)
    mask = column_names.compared(run, operator, first, second, place, act.frame)
    if mask is not None:
        return mask
    results = []
    if operator in ("in", "not in"):
        for option in options_of(second):
            if isinstance(option, View):
                asking.tested(run, option, first, place, act.frame)
    a, b = look(run, first, place, "is compared"), look(run, second, place, "is compared")
    for one in options_of(a):
        for two in options_of(b):
            results.append(_compared(operator, one, two))
    if None in results or len(set(results)) > 1 or len(results) > arithmetic.MAX_VARIANTS:
        return run.choice((TRUE, FALSE))
    answer = TRUE if results[0] else FALSE
    leaves = [v.key for v in (first, second) if isinstance(v, Leaf)]
    return Leaf(leaves[0], answer) if len(leaves) == 1 else answer


def unwrapped(value: Value) -> Value:
    return value.value if isinstance(value, Leaf) else value


def compared_data(
    run: Interpreter, operator: str, sides: tuple[Value, Value], data: Data, at: Place, frame: CallFrame, names: tuple[str, str] = ("", "")
) -> Data:
    """A comparison on rows; with predictions on one side and something fixed on the other it is a decision."""
    decisions = data.decisions
    if data.predictions and operator in ORDERINGS and not _inside_layers(run):
        numbers: list[int] = []
        for fixed, other, name, variable in ((*sides, *names), (*sides[::-1], *names[::-1])):
            if arithmetic.data_in(run, unwrapped(other)) is not None and arithmetic.data_in(run, unwrapped(fixed)) is None:
                found = decide(run, fixed, data, at, frame, name, variable or data.name)
                if found is not None:
                    numbers.append(found)
        decisions = decisions.union(numbers)
        if not numbers:
            run.world.varying.add((at, frame))
    if operator in ORDERINGS and run.world.rows.aggregates and all(is_score(run, side) for side in sides):
        fitting.chosen_by(run, sides, at, frame)
    for side in sides:
        look(run, side, at, "is compared with data")
    masks = of_mask(run.world, data, at, frame) if operator in ORDERINGS else 0
    return Data(data.bits | masks, data.type, frozenset(), decisions, data.name, picking(data, operator, sides))


def _inside_layers(run: Interpreter) -> bool:
    """Whether the running function belongs to a network: what it compares is a step of the network, not a decision about a case."""
    act = run.current
    receiver = act.registers[0] if act is not None and act.code.parameters else None
    return isinstance(receiver, Instance) and any(base.startswith("torch.nn.") for base in run.names.library_bases(receiver.cls))


def is_score(run: Interpreter, value: Value) -> bool:
    """Whether a value may be a score of a model, or made of scores."""
    table = run.world.rows.aggregates
    return any(
        table[number].kind == "score"
        for option in options_of(value)
        if isinstance(option, Data)
        for number in ones(option.origin.aggregates)
    )


def constant_name(act: Activation, operand: int) -> str:
    """The name that an operand has in the code, "" for literals and computed values."""
    if 0 <= operand < len(act.code.names):
        return act.code.names[operand]
    return next((name for slot, name, _, _ in act.code.free if slot == operand), "")


def decide(run: Interpreter, fixed: Value, data: Data, at: Place, frame: CallFrame, name: str, variable: str) -> int | None:
    """Emits the comparison of a prediction with a constant or setting; its number, None where the other side is not fixed."""
    threshold = unwrapped(fixed)
    if not (isinstance(threshold, Const) and isinstance(threshold.value, int | float) and not isinstance(threshold.value, bool)):
        return None
    world = run.world
    number = world.decision(at)
    world.decided[number] = world.decided.get(number, frozenset()) | data.predictions
    leaf = fixed.key if isinstance(fixed, Leaf) else -1
    name = "" if leaf >= 0 else name
    world.emit(
        Compared("compared", at, frame, world.stamp(), world.guards, number, data.predictions, threshold.value, leaf, name, variable)
    )
    return number


def _compared(operator: str, left: Value, right: Value) -> bool | None:
    if isinstance(left, Const) and isinstance(right, Sequence) and operator in ("in", "not in"):
        return _contained(operator, left, right)
    if not (isinstance(left, Const) and isinstance(right, Const)):
        return None
    a, b = left.value, right.value
    if a is ... or b is ... or any(isinstance(x, str) and HOLE in x for x in (a, b)):
        return None
    try:
        return bool(COMPARISONS[operator](a, b))
    except (TypeError, KeyError):
        return None


def _contained(operator: str, left: Const, right: Sequence) -> bool | None:
    if right.items is None or right.state[2] or not all(isinstance(i, Const) for i in right.items):
        return None
    found = any(isinstance(i, Const) and i.value == left.value for i in right.items)
    return found if operator == "in" else not found
