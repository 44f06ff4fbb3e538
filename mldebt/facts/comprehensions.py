"""Comprehensions: an empty container, loops, and an append in the innermost; their targets are registers of the scope around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import libcst

from .scopes import Names, target_names
from .targets import plan, put
from .types import Instruction, Op
from .walk import Handler, Walk

_LIST, _SET, _DICT, _FOR, _IF = int(Op.LIST), int(Op.SET), int(Op.DICT), int(Op.FOR), int(Op.IF)
_APPEND, _SET_KEY, _METHOD = int(Op.APPEND), int(Op.SET_KEY), int(Op.METHOD)
_CONTAINERS = {libcst.GeneratorExp: _LIST, libcst.ListComp: _LIST, libcst.SetComp: _SET}


@dataclass(slots=True)
class _Loop:
    at: int
    element: int
    stores: list[Instruction]
    iterable_block: list[Instruction]
    iterable: int
    tests: list[tuple[int, list[Instruction], int]]  # (token of `if`, instructions, condition)


def sequence(walk: Walk, node: Any) -> int:
    """A list, set or generator."""
    start, container = len(walk.leaves), walk.fresh()
    hidden = _open(walk, node.for_in)
    saved = walk.begin()
    operand = walk.expression(node.elt)
    at = walk.first_leaf(start)
    walk.out.append((_APPEND, at, container, operand))
    innermost = walk.end(saved)
    walk.out.append((_CONTAINERS[node.__class__], at, container, ()))
    return _loops(walk, node.for_in, hidden, innermost, container)


def mapping(walk: Walk, node: Any) -> int:
    start, container = len(walk.leaves), walk.fresh()
    hidden = _open(walk, node.for_in)
    saved = walk.begin()
    if node.__class__ is libcst.DictComp:
        key = walk.expression(node.key)
        at = walk.first_leaf(start)
        walk.out.append((_SET_KEY, at, container, key, walk.expression(node.value)))
    else:
        operand = walk.expression(node.value)
        at = walk.first_leaf(start)
        walk.out.append((_METHOD, at, walk.fresh(), container, "update", ((operand, at, 0),), ()))
    innermost = walk.end(saved)
    walk.out.append((_DICT, at, container, ()))
    return _loops(walk, node.for_in, hidden, innermost, container)


def _loops(walk: Walk, clause: Any, hidden: _Hidden, innermost: list[Instruction], container: int) -> int:
    loops = []
    for inner in _clauses(clause):
        loops.append(_loop(walk, inner, hidden, first=inner is clause))
    _shut(walk, hidden)
    body = innermost
    for loop in reversed(loops):
        for at, instructions, condition in reversed(loop.tests):
            body = [*instructions, (_IF, at, condition, walk.close(body), ())]
        body = [*loop.stores, *body]
        body = [*loop.iterable_block, (_FOR, loop.at, loop.element, loop.iterable, walk.close(body), ())]
    walk.out += body
    return container


def _loop(walk: Walk, clause: Any, hidden: _Hidden, first: bool) -> _Loop:
    at = len(walk.leaves)
    walk.leaves.append("for")
    target = plan(walk, clause.target)
    if first:
        _shut(walk, hidden)  # the first iterable sees the names around the comprehension
    saved = walk.begin()
    iterable = walk.expression(clause.iter)
    iterable_block = walk.end(saved)
    if first:
        hidden = _reopen(walk, hidden)
    element = walk.fresh()
    saved = walk.begin()
    put(walk, target, element)
    stores = walk.end(saved)
    return _Loop(at, element, stores, iterable_block, iterable, [_condition(walk, test) for test in clause.ifs])


def _condition(walk: Walk, clause: Any) -> tuple[int, list[Instruction], int]:
    at = len(walk.leaves)
    walk.leaves.append("if")
    saved = walk.begin()
    condition = walk.expression(clause.test)
    return at, walk.end(saved), condition


def _clauses(clause: Any) -> Iterator[Any]:
    while clause is not None:
        yield clause
        clause = clause.inner_for_in


@dataclass(slots=True)
class _Hidden:
    """The targets of a comprehension, and what their names mean around it."""

    targets: dict[str, int]
    registers: dict[str, int | None]
    opened: dict[str, int | None]


def _open(walk: Walk, clause: Any) -> _Hidden:
    names: Names = {}
    for inner in _clauses(clause):
        target_names(inner.target, names)
    targets = {name: walk.fresh() for name in names}
    return _reopen(walk, _Hidden(targets, {}, {}))


def _reopen(walk: Walk, hidden: _Hidden) -> _Hidden:
    scope = walk.scope
    for name, register in hidden.targets.items():
        hidden.registers[name] = scope.registers.get(name)
        hidden.opened[name] = scope.open.get(name)
        scope.registers[name] = scope.open[name] = register
    return hidden


def _shut(walk: Walk, hidden: _Hidden) -> None:
    for table, before in ((walk.scope.registers, hidden.registers), (walk.scope.open, hidden.opened)):
        for name, register in before.items():
            if register is None:
                table.pop(name, None)
            else:
                table[name] = register


COMPREHENSIONS: dict[type, Handler] = {
    libcst.GeneratorExp: sequence,
    libcst.ListComp: sequence,
    libcst.SetComp: sequence,
    libcst.DictComp: mapping,
    libcst.StarredDictComp: mapping,
}
