"""Conditions, loops, handlers: arms run on write sets and an undo trail, then join."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mldebt.facts.types import Block, Instruction, Op
from mldebt.flow import access
from mldebt.flow.activation import Activation
from mldebt.flow.arithmetic import truth_of
from mldebt.flow.blocks import span, written
from mldebt.flow.events import Branched, Decided
from mldebt.flow.heap import Changes
from mldebt.flow.joins import join, join_states
from mldebt.flow.values import (
    NONE,
    TOP,
    Bound,
    Choice,
    Const,
    Data,
    Function,
    Instance,
    Leaf,
    Object,
    Place,
    Sequence,
    Value,
    options_of,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

NORMAL, RETURNED, RAISED, BROKE, CONTINUED = range(5)


class Arm:
    """What one arm left: its registers, the cells it changed, how it ended."""

    __slots__ = ("changes", "registers", "status")

    def __init__(self, status: int, registers: list[Value | None], changes: Changes) -> None:
        self.status = status
        self.registers = registers
        self.changes = changes


def run_arms(run: Interpreter, act: Activation, arms: list[tuple[Block, tuple[Place, bool] | None]]) -> int:
    """Runs each block from the present state and joins those that go on; the status is normal if any does."""
    registers = act.registers
    first = written(arms[0][0])
    touched = first if len(arms) == 2 and not arms[1][0] else sorted({register for block, _ in arms for register in written(block)})
    before = [registers[register] for register in touched]
    finished = [_run_arm(run, act, block, guard, touched, before) for block, guard in arms]
    going = [arm for arm in finished if arm.status != RETURNED and arm.status != RAISED]
    if len(going) < len(finished):
        act.exits.extend(arm.changes for arm in finished if arm.status == RETURNED and arm.changes)
    if not going:
        return RETURNED if any(arm.status == RETURNED for arm in finished) else RAISED
    joined = going[0].registers
    for arm in going[1:]:
        joined = [_either_way(one, other) for one, other in zip(joined, arm.registers, strict=True)]
    for register, value in zip(touched, joined, strict=True):
        registers[register] = value
    run.world.heap.apply([arm.changes for arm in going])
    status = finished[0].status
    return status if all(arm.status == status for arm in finished) else NORMAL


def _either_way(one: Value | None, other: Value | None) -> Value | None:
    return one if other is None or one is other else other if one is None else join(one, other)


def _run_arm(
    run: Interpreter,
    act: Activation,
    block: Block,
    guard: tuple[Place, bool] | None,
    touched: Iterable[int],
    before: list[Value | None],
) -> Arm:
    if not block:
        return Arm(NORMAL, before, {})
    world, registers = run.world, act.registers
    mark, guards = len(world.heap.trail), world.guards
    if guard is not None:
        world.guards = (*guards, guard)
    status = run.run_block(act, block)
    world.guards = guards
    after = [registers[register] for register in touched]
    changes = world.heap.undo_to(mark) if len(world.heap.trail) > mark else {}
    for register, value in zip(touched, before, strict=True):
        registers[register] = value
    return Arm(status, after, changes)


# -- conditions -----------------------------------------------------------------------------------------------------------


def leaves_of(run: Interpreter, value: Value) -> tuple[frozenset[int], bool]:
    """The leaves a condition looks at, and whether they are only parameters with known values."""
    found = {option.key for option in options_of(value) if isinstance(option, Leaf)}
    return frozenset(found), bool(found) and all(run.world.leaves[key].kind == "parameter" for key in found)


def condition(run: Interpreter, act: Activation, operand: int, at: int, then: Block, else_: Block) -> bool | None:
    """Looks at a condition; true or false where only one arm can run, None where both may. Tells the graph of settings and decisions in it."""
    value = run.value(act, operand)
    place = run.place(act, at)
    leaves, pruned = leaves_of(run, value)
    truth = truth_of(value)
    if leaves:
        world = run.world
        world.settles(place, None)
        spans = [span(block) for block in (then, else_)]
        world.emit(
            Branched(
                "branched",
                place,
                act.frame,
                world.stamp(),
                world.guards,
                leaves,
                frozenset(),
                truth,
                _size(then),
                _size(else_) if else_ else int(bool(then) and then[-1][0] == Op.RETURN),
                spans[0],
                spans[1],
            )
        )
    else:
        run.world.reaches_unset(run.root_number, place, truth)
    for option in options_of(value):
        if isinstance(option, Data):
            _decided(run, option, act, place)
    run.use(value, place, "is a condition")
    return truth if not leaves or pruned else None


def _size(block: Block) -> int:
    """How much a branch does; one that only raises keeps others out and does nothing."""
    return 0 if block and block[-1][0] == Op.RAISE else len(block)


def _decided(run: Interpreter, data: Data, act: Activation, at: Place) -> None:
    world = run.world
    for number in data.decisions:
        world.emit(Decided("decided", at, act.frame, world.stamp(), world.guards, number, "a branch"))


def if_(run: Interpreter, act: Activation, instruction: Instruction) -> int:
    _, at, operand, then, else_ = instruction
    if is_main_guard(run, act, operand) and run.names.keep_guard(act, then):
        return run.run_block(act, else_)
    truth = condition(run, act, operand, at, then, else_)
    if truth is not None:
        return run.run_block(act, then if truth else else_)
    place = run.place(act, at)
    return run_arms(run, act, [(then, (place, True)), (else_, (place, False))])


def is_main_guard(run: Interpreter, act: Activation, operand: int) -> bool:
    value = run.value(act, operand)
    return act.code.kind == "module" and isinstance(value, Const) and value.value == "__main__?"


def choose(run: Interpreter, act: Activation, instruction: Instruction) -> int | None:
    _, at, register, operand, then, then_value, else_, else_value = instruction
    truth = condition(run, act, operand, at, then, else_)
    if truth is not None:
        status = run.run_block(act, then if truth else else_)
        act.registers[register] = run.literal(act, then_value if truth else else_value, at)
        return status
    status = run_arms(run, act, [(then, None), (else_, None)])
    act.registers[register] = join(run.literal(act, then_value, at), run.literal(act, else_value, at))
    return status


def boolean(run: Interpreter, act: Activation, instruction: Instruction) -> int | None:
    _, at, register, operator, left, block, right = instruction
    first = run.value(act, left)
    truth = truth_of(first)
    leaves, pruned = leaves_of(run, first)
    if truth is not None and (not leaves or pruned) and not isinstance(first, Choice):
        if truth == (operator == "or"):
            act.registers[register] = first
            return None
        run.run_block(act, block)
        act.registers[register] = run.literal(act, right, at)
        return None
    run_arms(run, act, [(block, None), ((), None)])
    second = run.literal(act, right, at)
    run.use(first, run.place(act, at), "is a condition")
    act.registers[register] = _either(run, operator, first, second, leaves)
    return None


def _either(run: Interpreter, operator: str, first: Value, second: Value, leaves: frozenset[int]) -> Value:
    """`a or b`: b, or a where it is true; a falsy constant drops out of `or`, a truthy one out of `and`."""
    kept = [o for o in options_of(first) if truth_of(o) is not (operator == "and")]
    joined = run.choice((*kept, second))
    if leaves and len(leaves) == 1 and isinstance(joined, Const):
        return Leaf(next(iter(leaves)), joined)
    return joined


# -- ways out -------------------------------------------------------------------------------------------------------------


def return_(run: Interpreter, act: Activation, instruction: Instruction) -> int:
    _, at, operand = instruction
    value = NONE if operand is None else run.literal(act, operand, at)
    act.returned = join(act.returned, value)
    return RETURNED


def raise_(run: Interpreter, act: Activation, instruction: Instruction) -> int:
    if instruction[2] is not None:
        run.use(run.value(act, instruction[2]), run.place(act, instruction[1]), "is raised")
    return RAISED


def try_(run: Interpreter, act: Activation, instruction: Instruction) -> int:
    _, _at, body, handlers, else_, final = instruction
    touched = written(body)
    before = {register: act.registers[register] for register in touched}
    mark = len(run.world.heap.trail)
    run.world.handlers += len(handlers)
    status = run.run_block(act, body)
    run.world.handlers -= len(handlers)
    if status == NORMAL:
        status = run.run_block(act, else_)
    if handlers:
        status = _handled(run, act, handlers, before, status, mark)
    ending = run.run_block(act, final)
    return ending or status


def _handled(run: Interpreter, act: Activation, handlers: Any, before: dict[int, Value | None], status: int, mark: int) -> int:
    after = {register: act.registers[register] for register in before}
    for register, old in before.items():
        new = act.registers[register]
        act.registers[register] = old if new is None else new if old is None else join(old, new)
    if status in (RETURNED, RAISED):
        changes = run.world.heap.undo_to(mark)
        if status == RETURNED and changes:
            act.exits.append(changes)
        _weaken(run, changes)
        return run_arms(run, act, [(_handler(handler), None) for handler in handlers])
    arms: list[tuple[Block, tuple[Place, bool] | None]] = [(_handler(handler), None) for handler in handlers]
    result = run_arms(run, act, [*arms, ((), None)])
    for register, value in after.items():
        if act.registers[register] is None:
            act.registers[register] = value
    return status if status in (BROKE, CONTINUED) else result


def _weaken(run: Interpreter, changes: Changes) -> None:
    """A handler sees what the body may have changed before it stopped."""
    for cell, state in list(changes.values()):
        run.world.heap.write(cell, join_states(cell, cell.state, state))


_joined: dict[int, tuple[Any, Block]] = {}


def _handler(handler: Any) -> Block:
    return _one_block(handler, handler[0], handler[3])


def _one_block(owner: Any, first: Block, second: Block) -> Block:
    """Two blocks in a row as one, made once for its owner."""
    known = _joined.get(id(owner))
    if known is None:
        known = _joined[id(owner)] = (owner, (*first, *second))
    return known[1]


def with_(run: Interpreter, act: Activation, instruction: Instruction) -> int:
    _, at, register, operand, body = instruction
    manager = run.value(act, operand)
    act.registers[register] = entered(run, act, manager, at)
    return run.run_block(act, body)


def entered(run: Interpreter, act: Activation, manager: Value, at: int) -> Value:
    if isinstance(manager, Instance):
        enter = run.names.class_attribute(manager.cls, "__enter__")
        leave = run.names.class_attribute(manager.cls, "__exit__")
        if isinstance(leave, Function):
            run.call_with(Bound(leave, manager), (NONE, NONE, NONE), run.place(act, at), act.frame)
        if isinstance(enter, Function):
            return run.call_with(Bound(enter, manager), (), run.place(act, at), act.frame)
        return manager
    if isinstance(manager, Sequence) and manager.kind == "generator":
        return access.element(run, manager, run.place(act, at))
    return manager if isinstance(manager, Object | Choice | Data) or manager is TOP else TOP


def match_(run: Interpreter, act: Activation, instruction: Instruction) -> int:
    _, at, operand, cases = instruction
    subject = run.look(act, run.value(act, operand), at, "is matched")
    run.use(subject, run.place(act, at), "is matched")
    arms: list[tuple[Block, tuple[Place, bool] | None]] = []
    irrefutable = False
    for number, case in enumerate(cases):
        values, slots, guard_block, _guard, block, always = case
        if values is not None and not _may_match(run, act, subject, values):
            continue
        for slot in slots:
            act.registers[slot] = subject if len(slots) == 1 and always else TOP
        arms.append((_one_block(case, guard_block, block), ((act.module.number, at + number), True)))
        irrefutable = irrefutable or bool(always)
    if not irrefutable:
        arms.append(((), None))
    return run_arms(run, act, arms)


def _may_match(run: Interpreter, act: Activation, subject: Value, values: tuple[int, ...]) -> bool:
    wanted = [run.value(act, operand) for operand in values]
    for option in options_of(subject):
        if not isinstance(option, Const) or any(not isinstance(w, Const) or w.value == option.value for w in wanted):
            return True
    return False


HANDLERS = {
    Op.IF: if_,
    Op.CHOOSE: choose,
    Op.BOOLEAN: boolean,
    Op.RETURN: return_,
    Op.RAISE: raise_,
    Op.TRY: try_,
    Op.WITH: with_,
    Op.MATCH: match_,
}
