"""Targets of stores: planned in text order, put when the value is there, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import libcst

from .expressions import subscript_key
from .types import Instruction, Op
from .walk import Walk

_SET_ATTRIBUTE, _SET_ITEM, _UNPACK = int(Op.SET_ATTRIBUTE), int(Op.SET_ITEM), int(Op.UNPACK)
_DELETE_NAME, _DELETE_ATTRIBUTE, _DELETE_ITEM = int(Op.DELETE_NAME), int(Op.DELETE_ATTRIBUTE), int(Op.DELETE_ITEM)


@dataclass(slots=True)
class Target:
    """A place to store to: a name, an attribute, an item, or several in order."""

    at: int
    before: list[Instruction]  # what must run before the store (after the value)
    name: str | None = None
    holder: int = 0
    key: int | None = None
    parts: list[Target] | None = None
    star: int = -1


def plan(walk: Walk, node: Any) -> Target:
    """Read a target in text order; nothing is stored yet."""
    kind = node.__class__
    at = len(walk.leaves)
    if kind is libcst.Name:
        walk.leaves.append(node.value)
        return Target(at, [], node.value)
    if kind is libcst.Tuple or kind is libcst.List:
        star = -1
        parts = []
        for index, element in enumerate(node.elements):
            star = index if element.__class__ is libcst.StarredElement else star
            parts.append(plan(walk, element.value))
        return Target(walk.first_leaf(at), [], parts=parts, star=star)
    if kind is libcst.StarredElement:
        return plan(walk, node.value)
    saved = walk.begin()
    holder = walk.expression(node.value)
    if kind is libcst.Attribute:
        at = len(walk.leaves)
        walk.leaves.append(node.attr.value)
        return Target(at, walk.end(saved), node.attr.value, holder, key=0)
    key, at = subscript_key(walk, node.slice)
    return Target(at, walk.end(saved), None, holder, key)


def put(walk: Walk, target: Target, operand: int) -> None:
    """Store a value to a planned target."""
    walk.out += target.before
    if target.parts is not None:
        registers = tuple([walk.fresh() for _ in target.parts])
        walk.out.append((_UNPACK, target.at, operand, registers, target.star))
        for part, register in zip(target.parts, registers, strict=True):
            put(walk, part, register)
    elif target.name is None:
        walk.out.append((_SET_ITEM, target.at, target.holder, target.key, operand))
    elif target.key is None:
        walk.store(target.at, target.name, operand)
    else:
        walk.out.append((_SET_ATTRIBUTE, target.at, target.holder, target.name, operand))


def delete(walk: Walk, node: Any) -> None:
    target = plan(walk, node)
    _delete(walk, target)


def _delete(walk: Walk, target: Target) -> None:
    walk.out += target.before
    if target.parts is not None:
        for part in target.parts:
            _delete(walk, part)
    elif target.name is None:
        walk.out.append((_DELETE_ITEM, target.at, target.holder, target.key))
    elif target.key is None:
        walk.out.append((_DELETE_NAME, target.at, walk.scope.slot(target.name)))
    else:
        walk.out.append((_DELETE_ATTRIBUTE, target.at, target.holder, target.name))
