"""Functions, lambdas and classes: scopes of their own, made by one instruction of the scope around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import libcst

from .annotations import annotation, type_parameters
from .expressions import arguments
from .types import Op, Parameter, ParameterKind
from .walk import Handler, Walk

_FUNCTION, _CLASS, _RETURN = int(Op.FUNCTION), int(Op.CLASS), int(Op.RETURN)
_STRINGS = (libcst.SimpleString, libcst.ConcatenatedString)


def function(walk: Walk, node: Any) -> None:
    decorators = _decorators(walk, node.decorators)
    first = len(walk.leaves)
    name = node.name.value
    walk.leaves += ["def", name]
    at = first + 1
    type_parameters(walk, node.type_parameters)
    parameters, defaults = _parameters(walk, node.params)
    if node.returns is not None:
        annotation(walk, node.returns.annotation)
    outside = walk.scope
    body = _open(walk, "function", name, node.body, [parameter.name for parameter in parameters], first)
    if node.asynchronous is not None:
        walk.scope.flags |= 2
    block = _body(walk, body)
    walk.leave(block, at, tuple(parameters))
    slot = outside.slot(name)
    walk.out.append((_FUNCTION, at, slot, len(outside.children) - 1, tuple(defaults), decorators))
    walk.publish(at, name, slot)


def lambda_(walk: Walk, node: Any) -> int:
    at = len(walk.leaves)
    walk.leaves.append("lambda")
    parameters, defaults = _parameters(walk, node.params)
    outside = walk.scope
    names = [parameter.name for parameter in parameters]
    walk.enter("lambda", "<lambda>", [libcst.SimpleStatementLine([libcst.Expr(node.body)])] if walk.walrus else [], names, at)
    saved = walk.begin()
    body_at = len(walk.leaves)
    operand = walk.expression(node.body)
    walk.out.append((_RETURN, walk.first_leaf(body_at), operand))
    walk.leave(walk.close(walk.end(saved)), at, tuple(parameters))
    register = walk.fresh()
    walk.out.append((_FUNCTION, at, register, len(outside.children) - 1, tuple(defaults), ()))
    return register


def class_(walk: Walk, node: Any) -> None:
    decorators = _decorators(walk, node.decorators)
    first = len(walk.leaves)
    name = node.name.value
    walk.leaves += ["class", name]
    at = first + 1
    type_parameters(walk, node.type_parameters)
    bases, keywords = arguments(walk, (*node.bases, *node.keywords))
    outside = walk.scope
    body = _open(walk, "class", name, node.body, [], first)
    walk.leave(_body(walk, body), at)
    slot = outside.slot(name)
    walk.out.append((_CLASS, at, slot, len(outside.children) - 1, bases, keywords, decorators))
    walk.publish(at, name, slot)


def _decorators(walk: Walk, nodes: Sequence[Any]) -> tuple[tuple[int, int], ...]:
    made = []
    for node in nodes:
        at = len(walk.leaves)
        made.append((walk.expression(node.decorator), at))
    return tuple(made)


def _open(walk: Walk, kind: str, name: str, suite: Any, parameters: Sequence[str], first: int) -> Any:
    walk.enter(kind, name, (suite,) if suite.__class__ is libcst.SimpleStatementSuite else suite.body, parameters, first)
    return suite


def _body(walk: Walk, suite: Any) -> tuple[Any, ...]:
    saved = walk.begin()
    walk.suite(suite)
    if is_docstring(suite.body):
        walk.scope.statements -= 1
        walk.scope.flags |= 4
    return walk.close(walk.end(saved))


def is_docstring(body: Sequence[Any]) -> bool:
    """Whether a body begins with a docstring."""
    if not body:
        return False
    first = body[0]
    if first.__class__ is libcst.SimpleStatementLine:
        first = first.body[0]
    return first.__class__ is libcst.Expr and first.value.__class__ in _STRINGS


def _parameters(walk: Walk, node: Any) -> tuple[list[Parameter], list[tuple[int, int]]]:
    """The parameters in declaration order, with the operands of their defaults."""
    parameters: list[Parameter] = []
    defaults: list[tuple[int, int]] = []
    for kind, parameter in _listed(node):
        at = len(walk.leaves)
        name = parameter.name.value
        walk.leaves.append(name)
        written = "" if parameter.annotation is None else annotation(walk, parameter.annotation.annotation)
        has_default = parameter.default is not None
        if has_default:
            defaults.append((len(parameters), walk.expression(parameter.default)))
        parameters.append(Parameter(name, kind, at, written, has_default))
    return parameters, defaults


def _listed(node: Any) -> Iterator[tuple[int, Any]]:
    for parameter in node.posonly_params:
        yield int(ParameterKind.POSITIONAL_ONLY), parameter
    for parameter in node.params:
        yield int(ParameterKind.NORMAL), parameter
    if node.star_arg.__class__ is libcst.Param:
        yield int(ParameterKind.VARIADIC), node.star_arg
    for parameter in node.kwonly_params:
        yield int(ParameterKind.KEYWORD_ONLY), parameter
    if node.star_kwarg is not None:
        yield int(ParameterKind.KEYWORDS), node.star_kwarg


DEFINITIONS: dict[type, Handler] = {libcst.FunctionDef: function, libcst.ClassDef: class_}
