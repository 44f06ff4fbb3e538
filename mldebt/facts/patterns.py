"""`match`: patterns that are lists of values are kept as such, of the others only what they bind."""

from __future__ import annotations

from typing import Any

import libcst

from .scopes import pattern_names
from .types import Instruction, Op
from .walk import Handler, Walk

_MATCH = int(Op.MATCH)
Values = list[int] | None


def match(walk: Walk, node: Any) -> None:
    at = len(walk.leaves)
    walk.leaves.append("match")
    subject = walk.expression(node.subject)
    cases: list[Instruction] = []
    for case in node.cases:
        walk.leaves.append("case")
        values = _pattern(walk, case.pattern)
        bound = tuple([walk.scope.slot(name) for name in pattern_names(case.pattern)])
        guard_block, guard = _guard(walk, case.guard)
        block = walk.block(case.body)
        whole = 1 if guard is None and _takes_all(case.pattern) else 0
        cases.append((None if values is None else tuple(values), bound, guard_block, guard, block, whole))
    walk.out.append((_MATCH, at, subject, tuple(cases)))


def _guard(walk: Walk, node: Any) -> tuple[tuple[Instruction, ...], int | None]:
    if node is None:
        return (), None
    walk.leaves.append("if")
    saved = walk.begin()
    guard = walk.expression(node)
    return walk.close(walk.end(saved)), guard


def _takes_all(node: Any) -> bool:
    if node.__class__ is libcst.MatchOr:
        return any(_takes_all(part.pattern) for part in node.patterns)
    return node.__class__ is libcst.MatchAs and (node.pattern is None or _takes_all(node.pattern))


def _pattern(walk: Walk, node: Any) -> Values:
    """Count the leaves of a pattern; gives its values where it is a value or a choice of values."""
    values: Values = _PATTERNS[node.__class__](walk, node)
    return values


def _value(walk: Walk, node: Any) -> Values:
    return [walk.expression(node.value)]


def _either(walk: Walk, node: Any) -> Values:
    parts = [_pattern(walk, part.pattern) for part in node.patterns]
    listed = [part for part in parts if part is not None]
    return [operand for part in listed for operand in part] if len(listed) == len(parts) else None


def _as(walk: Walk, node: Any) -> Values:
    values = None if node.pattern is None else _pattern(walk, node.pattern)
    walk.leaves.append("_" if node.name is None else node.name.value)
    return values


def _sequence(walk: Walk, node: Any) -> Values:
    for element in node.patterns:
        if element.__class__ is libcst.MatchStar:
            walk.leaves.append("_" if element.name is None else element.name.value)
        else:
            _pattern(walk, element.value)
    return None


def _mapping(walk: Walk, node: Any) -> Values:
    for element in node.elements:
        walk.expression(element.key)
        _pattern(walk, element.pattern)
    if node.rest is not None:
        walk.leaves.append(node.rest.value)
    return None


def _class(walk: Walk, node: Any) -> Values:
    walk.expression(node.cls)
    for element in node.patterns:
        _pattern(walk, element.value)
    for element in node.kwds:
        walk.leaves.append(element.key.value)
        _pattern(walk, element.pattern)
    return None


_PATTERNS: dict[type, Handler] = {
    libcst.MatchValue: _value,
    libcst.MatchSingleton: _value,
    libcst.MatchOr: _either,
    libcst.MatchAs: _as,
    libcst.MatchList: _sequence,
    libcst.MatchTuple: _sequence,
    libcst.MatchMapping: _mapping,
    libcst.MatchClass: _class,
}
