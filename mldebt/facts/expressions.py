"""Expressions: names, attributes, calls, operators, displays, subscripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst

from .texts import negative
from .types import Op
from .walk import Handler, Walk

_ATTRIBUTE, _ITEM, _SLICE, _DICT = int(Op.ATTRIBUTE), int(Op.ITEM), int(Op.SLICE), int(Op.DICT)
_BINARY, _UNARY, _COMPARE, _BOOLEAN, _CHOOSE = int(Op.BINARY), int(Op.UNARY), int(Op.COMPARE), int(Op.BOOLEAN), int(Op.CHOOSE)
_CALL, _METHOD, _YIELD, _YIELD_FROM = int(Op.CALL), int(Op.METHOD), int(Op.YIELD), int(Op.YIELD_FROM)
_DISPLAYS = {libcst.Tuple: int(Op.TUPLE), libcst.List: int(Op.LIST), libcst.Set: int(Op.SET)}

Argument = tuple[int, int, int]
Keyword = tuple[str | None, int, int]


def name(walk: Walk, node: Any) -> int:
    value = node.value
    walk.leaves.append(value)
    register = walk.scope.registers.get(value)
    return walk.read(value) if register is None else register


def attribute(walk: Walk, node: Any) -> int:
    holder = walk.expression(node.value)
    at = len(walk.leaves)
    member = node.attr.value
    walk.leaves.append(member)
    register = walk.fresh()
    walk.out.append((_ATTRIBUTE, at, register, holder, member))
    return register


def call(walk: Walk, node: Any) -> int:
    """A function call, or a method call where the callee is an attribute."""
    callee = node.func
    if callee.__class__ is libcst.Attribute and not callee.lpar:
        holder = walk.expression(callee.value)
        at = len(walk.leaves)
        member = callee.attr.value
        walk.leaves.append(member)
        positional, keywords = arguments(walk, node.args)
        register = walk.fresh()
        walk.out.append((_METHOD, at, register, holder, member, positional, keywords))
        return register
    target = walk.expression(callee)
    at = walk.last_leaf()
    positional, keywords = arguments(walk, node.args)
    register = walk.fresh()
    walk.out.append((_CALL, at, register, target, positional, keywords))
    return register


def arguments(walk: Walk, nodes: Sequence[Any]) -> tuple[tuple[Argument, ...], tuple[Keyword, ...]]:
    """The arguments of a call or the bases of a class."""
    if not nodes:
        return (), ()
    positional: list[Argument] = []
    keywords: list[Keyword] = []
    leaves = walk.leaves
    for node in nodes:
        at = len(leaves)
        keyword = node.keyword
        if keyword is not None:
            leaves.append(keyword.value)
            keywords.append((keyword.value, walk.expression(node.value), at))
        elif node.star == "**":
            operand = walk.expression(node.value)
            keywords.append((None, operand, walk.first_leaf(at)))
        else:
            operand = walk.expression(node.value)
            positional.append((operand, walk.first_leaf(at), 1 if node.star else 0))
    return tuple(positional), tuple(keywords)


def display(walk: Walk, node: Any) -> int:
    """A tuple, list or set."""
    start = len(walk.leaves)
    listed = elements(walk, node.elements)
    register = walk.fresh()
    walk.out.append((_DISPLAYS[node.__class__], walk.first_leaf(start), register, listed))
    return register


def elements(walk: Walk, nodes: Sequence[Any]) -> tuple[Argument, ...]:
    listed = []
    for node in nodes:
        at = len(walk.leaves)
        operand = walk.expression(node.value)
        listed.append((operand, walk.first_leaf(at), 1 if node.__class__ is libcst.StarredElement else 0))
    return tuple(listed)


def starred(walk: Walk, node: Any) -> int:
    """`*x` where it stands without a display around it (`return *a, b` has one; annotations of `*args` have none)."""
    return walk.expression(node.value)


def dictionary(walk: Walk, node: Any) -> int:
    start = len(walk.leaves)
    entries = []
    for element in node.elements:
        at = len(walk.leaves)
        key = walk.expression(element.key) if element.__class__ is libcst.DictElement else None
        at = walk.first_leaf(at) if key is not None else at
        value = walk.expression(element.value)
        entries.append((key, value, at if key is not None else walk.first_leaf(at)))
    register = walk.fresh()
    walk.out.append((_DICT, walk.first_leaf(start), register, tuple(entries)))
    return register


def subscript(walk: Walk, node: Any) -> int:
    holder = walk.expression(node.value)
    key, at = subscript_key(walk, node.slice)
    register = walk.fresh()
    walk.out.append((_ITEM, at, register, holder, key))
    return register


def subscript_key(walk: Walk, parts: Sequence[Any]) -> tuple[int, int]:
    """The operand between the brackets and its first token."""
    start = len(walk.leaves)
    first = parts[0]
    if len(parts) == 1 and first.comma.__class__ is not libcst.Comma and not getattr(first.slice, "star", None):
        key = _subscript_part(walk, first.slice)
        return key, walk.first_leaf(start)
    listed = []
    for part in parts:
        at = len(walk.leaves)
        operand = _subscript_part(walk, part.slice)
        listed.append((operand, walk.first_leaf(at), 1 if getattr(part.slice, "star", None) else 0))
    register = walk.fresh()
    at = walk.first_leaf(start)
    walk.out.append((_DISPLAYS[libcst.Tuple], at, register, tuple(listed)))
    return register, at


def _subscript_part(walk: Walk, node: Any) -> int:
    if node.__class__ is libcst.Index:
        return walk.expression(node.value)
    start = len(walk.leaves)
    bounds = [None if bound is None else walk.expression(bound) for bound in (node.lower, node.upper, node.step)]
    register = walk.fresh()
    walk.out.append((_SLICE, walk.first_leaf(start), register, *bounds))
    return register


def binary(walk: Walk, node: Any) -> int:
    at = len(walk.leaves)
    left = walk.expression(node.left)
    at = walk.first_leaf(at)
    right = walk.expression(node.right)
    register = walk.fresh()
    walk.out.append((_BINARY, at, register, OPERATORS[node.operator.__class__], left, right))
    return register


def unary(walk: Walk, node: Any) -> int:
    inner = node.expression
    if node.operator.__class__ is libcst.Minus and inner.__class__ in _NUMBERS:
        return negative(walk, inner)
    at = len(walk.leaves)
    operand = walk.expression(inner)
    register = walk.fresh()
    walk.out.append((_UNARY, walk.first_leaf(at), register, OPERATORS[node.operator.__class__], operand))
    return register


def boolean(walk: Walk, node: Any) -> int:
    at = len(walk.leaves)
    left = walk.expression(node.left)
    at = walk.first_leaf(at)
    saved = walk.begin()
    right = walk.expression(node.right)
    block = walk.close(walk.end(saved))
    register = walk.fresh()
    walk.out.append((_BOOLEAN, at, register, OPERATORS[node.operator.__class__], left, block, right))
    return register


def comparison(walk: Walk, node: Any) -> int:
    """`a < b < c` is two comparisons and an "and"."""
    at = left_at = len(walk.leaves)
    left = walk.expression(node.left)
    at = left_at = walk.first_leaf(at)
    result: int | None = None
    for target in node.comparisons:
        right_at = len(walk.leaves)
        right = walk.expression(target.comparator)
        right_at = walk.first_leaf(right_at)
        register = walk.fresh()
        walk.out.append((_COMPARE, left_at, register, OPERATORS[target.operator.__class__], left, right, left_at, right_at))
        if result is not None:
            pair, register = (result, register), walk.fresh()
            walk.out.append((_BINARY, at, register, "and", *pair))
        result, left, left_at = register, right, right_at
    assert result is not None
    return result


def choice(walk: Walk, node: Any) -> int:
    """`a if c else b`: the text order is a, c, b."""
    at = len(walk.leaves)
    saved = walk.begin()
    then = walk.expression(node.body)
    then_block = walk.close(walk.end(saved))
    at = walk.first_leaf(at)
    walk.leaves.append("if")
    condition = walk.expression(node.test)
    saved = walk.begin()
    otherwise = walk.expression(node.orelse)
    else_block = walk.close(walk.end(saved))
    register = walk.fresh()
    walk.out.append((_CHOOSE, at, register, condition, then_block, then, else_block, otherwise))
    return register


def wait(walk: Walk, node: Any) -> int:
    return walk.expression(node.expression)


def walrus(walk: Walk, node: Any) -> int:
    target = node.target.value
    at = len(walk.leaves)
    walk.leaves.append(target)
    operand = walk.expression(node.value)
    walk.store(at, target, operand)
    return walk.scope.slot(target)


def produce(walk: Walk, node: Any) -> int:
    """`yield` and `yield from`."""
    at = len(walk.leaves)
    walk.leaves.append("yield")
    walk.scope.flags |= 1
    value = node.value
    if value.__class__ is libcst.From:
        walk.leaves.append("from")
        operand = walk.expression(value.item)
        register = walk.fresh()
        walk.out.append((_YIELD_FROM, at, register, operand))
        return register
    produced = None if value is None else walk.expression(value)
    register = walk.fresh()
    walk.out.append((_YIELD, at, register, produced))
    return register


_NUMBERS = (libcst.Integer, libcst.Float)

OPERATORS: dict[type, str] = {
    libcst.Add: "+", libcst.Subtract: "-", libcst.Multiply: "*", libcst.Divide: "/", libcst.FloorDivide: "//", libcst.Modulo: "%",
    libcst.Power: "**", libcst.LeftShift: "<<", libcst.RightShift: ">>", libcst.BitOr: "|", libcst.BitAnd: "&", libcst.BitXor: "^",
    libcst.MatrixMultiply: "@", libcst.Plus: "+", libcst.Minus: "-", libcst.BitInvert: "~", libcst.Not: "not", libcst.And: "and",
    libcst.Or: "or", libcst.LessThan: "<", libcst.GreaterThan: ">", libcst.Equal: "==", libcst.LessThanEqual: "<=",
    libcst.GreaterThanEqual: ">=", libcst.NotEqual: "!=", libcst.In: "in", libcst.NotIn: "not in", libcst.Is: "is", libcst.IsNot: "is not",
    libcst.AddAssign: "+=", libcst.SubtractAssign: "-=", libcst.MultiplyAssign: "*=", libcst.MatrixMultiplyAssign: "@=",
    libcst.DivideAssign: "/=", libcst.ModuloAssign: "%=", libcst.BitAndAssign: "&=", libcst.BitOrAssign: "|=", libcst.BitXorAssign: "^=",
    libcst.LeftShiftAssign: "<<=", libcst.RightShiftAssign: ">>=", libcst.PowerAssign: "**=", libcst.FloorDivideAssign: "//=",
}  # fmt: skip

EXPRESSIONS: dict[type, Handler] = {
    libcst.Name: name,
    libcst.Attribute: attribute,
    libcst.Call: call,
    libcst.Tuple: display,
    libcst.List: display,
    libcst.Set: display,
    libcst.Dict: dictionary,
    libcst.StarredElement: starred,
    libcst.Subscript: subscript,
    libcst.BinaryOperation: binary,
    libcst.UnaryOperation: unary,
    libcst.BooleanOperation: boolean,
    libcst.Comparison: comparison,
    libcst.IfExp: choice,
    libcst.Await: wait,
    libcst.NamedExpr: walrus,
    libcst.Yield: produce,
}
