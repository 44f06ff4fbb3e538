"""Loops: unrolled over what is known, else run from "before or after" until nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mldebt.facts.types import Block, Instruction, Op
from mldebt.flow import access
from mldebt.flow.activation import Activation
from mldebt.flow.blocks import written
from mldebt.flow.joins import key_of
from mldebt.flow.values import TOP, Leaf, Value, options_of

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter
from mldebt.flow.blocks import size_of
from mldebt.flow.branches import BROKE, CONTINUED, NORMAL, RAISED, RETURNED, condition, run_arms

UNROLL_LIMIT = 16


UNROLL_NESTING = 3


UNROLL_BUDGET = 400


def for_(run: Interpreter, act: Activation, instruction: Instruction) -> int:
    _, at, register, operand, body, else_ = instruction
    value = run.value(act, operand)
    world, around = run.world, run.world.loops
    world.loops = (*around, run.place(act, at))
    try:
        status = _for(run, act, at, register, value, body)
    finally:
        world.loops = around
    if status in (RETURNED, RAISED):
        return status
    return run.run_block(act, else_)


def _for(run: Interpreter, act: Activation, at: int, register: int, value: Value, body: Block) -> int:
    is_set = any(isinstance(option, Leaf) and run.world.leaves[option.key].kind != "parameter" for option in options_of(value))
    value = run.look(act, value, at, "is looped over")
    known = run.known_elements(value, run.place(act, at))
    if is_set and not known:  # empty for now: whoever sets it enters the loop
        return _repeated(run, act, body, lambda: _set(act, register, TOP))
    if known is not None and run.unrolled < UNROLL_NESTING and len(known) <= UNROLL_LIMIT and len(known) * size_of(body) <= UNROLL_BUDGET:
        return _unrolled(run, act, register, known, body)
    element = access.element(run, value, run.place(act, at))
    return _repeated(run, act, body, lambda: _set(act, register, element))


def _set(act: Activation, register: int, value: Value) -> None:
    act.registers[register] = value


def _unrolled(run: Interpreter, act: Activation, register: int, known: tuple[Value, ...], body: Block) -> int:
    run.unrolled += 1
    try:
        for value in known:
            act.registers[register] = value
            status = run.run_block(act, body)
            if status in (RETURNED, RAISED):
                return status
            if status == BROKE:
                break
    finally:
        run.unrolled -= 1
    return NORMAL


def _repeated(run: Interpreter, act: Activation, body: Block, start: Any) -> int:
    """Runs the body from "before or after" until nothing changes, twice at most beyond the first pass; it may also not run at all."""
    passes = 2 if run.looping == 0 else 1
    run.looping += 1
    for _ in range(passes):
        start()
        mark = _fingerprint(act, body) if passes > 1 else ()
        trail = len(run.world.heap.trail)
        run_arms(run, act, [(body, None), ((), None)])
        if passes > 1 and _fingerprint(act, body) == mark and len(run.world.heap.trail) == trail:
            break
    run.looping -= 1
    return NORMAL


def _fingerprint(act: Activation, body: Block) -> tuple[Any, ...]:
    return tuple(key_of(value) if (value := act.registers[register]) is not None else None for register in written(body))


def while_(run: Interpreter, act: Activation, instruction: Instruction) -> int:
    _, at, test, operand, body, else_ = instruction
    run.run_block(act, test)
    truth = condition(run, act, operand, at, body, ())
    if truth is False:
        return run.run_block(act, else_)
    world, around = run.world, run.world.loops
    world.loops = (*around, run.place(act, at))
    try:
        _repeated(run, act, body, lambda: run.run_block(act, test))
    finally:
        world.loops = around
    return run.run_block(act, else_)


def break_(run: Interpreter, act: Activation, instruction: Instruction) -> int:
    return BROKE


def continue_(run: Interpreter, act: Activation, instruction: Instruction) -> int:
    return CONTINUED


HANDLERS = {
    Op.FOR: for_,
    Op.WHILE: while_,
    Op.BREAK: break_,
    Op.CONTINUE: continue_,
}
