"""Compound statements: `if`, loops, `with`, `try`."""

from __future__ import annotations

from typing import Any

import libcst

from .targets import plan, put
from .types import Block, Instruction, Op
from .walk import Handler, Walk

_IF, _FOR, _WHILE, _TRY, _WITH = int(Op.IF), int(Op.FOR), int(Op.WHILE), int(Op.TRY), int(Op.WITH)


def if_(walk: Walk, node: Any, word: str = "if") -> None:
    at = len(walk.leaves)
    walk.leaves.append(word)
    condition = walk.expression(node.test)
    then_block = walk.block(node.body)
    otherwise = node.orelse
    if otherwise.__class__ is libcst.If:
        walk.scope.statements += 1
        saved = walk.begin()
        if_(walk, otherwise, "elif")
        else_block = walk.close(walk.end(saved))
    else:
        else_block = _else(walk, otherwise)
    walk.out.append((_IF, at, condition, then_block, else_block))


def _else(walk: Walk, node: Any) -> Block:
    return () if node is None else walk.block(node.body)


def for_(walk: Walk, node: Any) -> None:
    at = len(walk.leaves)
    walk.leaves.append("for")
    target = plan(walk, node.target)
    iterable = walk.expression(node.iter)
    element = walk.fresh()
    saved = walk.begin()
    put(walk, target, element)
    walk.suite(node.body)
    body = walk.close(walk.end(saved))
    walk.out.append((_FOR, at, element, iterable, body, _else(walk, node.orelse)))


def while_(walk: Walk, node: Any) -> None:
    at = len(walk.leaves)
    walk.leaves.append("while")
    saved = walk.begin()
    condition = walk.expression(node.test)
    test_block = walk.close(walk.end(saved))
    body = walk.block(node.body)
    walk.out.append((_WHILE, at, test_block, condition, body, _else(walk, node.orelse)))


def with_(walk: Walk, node: Any) -> None:
    """Several managers are nested statements."""
    first = len(walk.leaves)
    walk.leaves.append("with")
    opened: list[tuple[int, int, int, list[Instruction]]] = []
    for item in node.items:
        at = len(walk.leaves)
        manager = walk.expression(item.item)
        entered = walk.fresh()
        opened.append((first if item is node.items[0] else walk.first_leaf(at), entered, manager, walk.begin()))
        if item.asname is not None:
            put(walk, plan(walk, item.asname.name), entered)
    walk.suite(node.body)
    for at, entered, manager, saved in reversed(opened):
        body = walk.close(walk.end(saved))
        walk.out.append((_WITH, at, entered, manager, body))


def try_(walk: Walk, node: Any) -> None:
    at = len(walk.leaves)
    walk.leaves.append("try")
    body = walk.block(node.body)
    handlers = tuple([_handler(walk, handler) for handler in node.handlers])
    otherwise = _else(walk, node.orelse)
    finally_block = _else(walk, node.finalbody)
    walk.out.append((_TRY, at, body, handlers, otherwise, finally_block))


def _handler(walk: Walk, node: Any) -> tuple[Block, int | None, int, Block]:
    types_block: Block = ()
    types, slot = None, -1
    if node.type is not None:
        saved = walk.begin()
        types = walk.expression(node.type)
        types_block = walk.close(walk.end(saved))
    if node.name is not None:
        name = node.name.name.value
        walk.leaves.append(name)
        slot = walk.scope.slot(name)
    return types_block, types, slot, walk.block(node.body)


BLOCKS: dict[type, Handler] = {
    libcst.If: if_,
    libcst.For: for_,
    libcst.While: while_,
    libcst.With: with_,
    libcst.Try: try_,
    libcst.TryStar: try_,
}
