"""Annotations: their source text (white space normalized), and their leaves; they are not code that runs."""

from __future__ import annotations

from typing import Any

import libcst

from .walk import Walk

_EMPTY = libcst.Module([])


def annotation(walk: Walk, node: Any) -> str:
    """The text of an annotation; its leaves are counted, no instruction is made."""
    if node.lpar:
        return _other(walk, node)
    kind = node.__class__
    if kind is libcst.Name or kind is libcst.SimpleString:
        walk.leaves.append(node.value)
        return str(node.value)
    if kind is libcst.Attribute:
        holder = annotation(walk, node.value)
        walk.leaves.append(node.attr.value)
        return f"{holder}.{node.attr.value}"
    if kind is libcst.Subscript and all(_is_plain(part) for part in node.slice):
        holder = annotation(walk, node.value)
        return f"{holder}[{', '.join([annotation(walk, part.slice.value) for part in node.slice])}]"
    if kind is libcst.BinaryOperation and node.operator.__class__ is libcst.BitOr:
        left = annotation(walk, node.left)
        return f"{left} | {annotation(walk, node.right)}"
    if kind is libcst.List:
        return f"[{', '.join([annotation(walk, element.value) for element in node.elements])}]"
    return _other(walk, node)


def _is_plain(part: Any) -> bool:
    return part.slice.__class__ is libcst.Index and not part.slice.star


def _other(walk: Walk, node: Any) -> str:
    """Any expression may be an annotation: lower it and throw the instructions away."""
    scope = walk.scope
    size, flags = scope.size, scope.flags
    children = len(scope.children)
    saved = walk.begin()
    walk.expression(node)
    walk.end(saved)
    del scope.children[children:]
    scope.size, scope.flags = size, flags
    return _EMPTY.code_for_node(node).strip()


def type_parameters(walk: Walk, node: Any) -> None:
    """`[T: int = str, *Ts, **P]` behind a function, class or type alias: names for annotations only."""
    if node is None:
        return
    for parameter in node.params:
        walk.leaves.append(parameter.param.name.value)
        bound = getattr(parameter.param, "bound", None)
        if bound is not None:
            annotation(walk, bound)
        if parameter.default is not None:
            annotation(walk, parameter.default)
