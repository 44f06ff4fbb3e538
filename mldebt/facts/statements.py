"""Small statements: assignments, imports, returns, expression statements."""

from __future__ import annotations

from typing import Any

import libcst

from .annotations import annotation, type_parameters
from .expressions import OPERATORS
from .targets import delete, plan, put
from .texts import literal
from .types import Op
from .walk import PLACEHOLDER, Handler, Walk

_ATTRIBUTE, _ITEM, _BINARY, _MOVE = int(Op.ATTRIBUTE), int(Op.ITEM), int(Op.BINARY), int(Op.MOVE)
_RETURN, _RAISE, _ASSERT, _BREAK, _CONTINUE = int(Op.RETURN), int(Op.RAISE), int(Op.ASSERT), int(Op.BREAK), int(Op.CONTINUE)
_IMPORT, _IMPORT_FROM, _IMPORT_STAR = int(Op.IMPORT), int(Op.IMPORT_FROM), int(Op.IMPORT_STAR)
_ANNOTATE, _DISCARD = int(Op.ANNOTATE), int(Op.DISCARD)
_STRINGS = (libcst.SimpleString, libcst.ConcatenatedString, libcst.FormattedString)
_CONSTANTS = (libcst.Ellipsis, libcst.Integer, libcst.Float, libcst.Imaginary)


def assign(walk: Walk, node: Any) -> None:
    targets = [plan(walk, target.target) for target in node.targets]
    operand = walk.expression(node.value)
    for target in targets:
        put(walk, target, operand)
    if walk.scope.kind == "module" and any(target.name == "__all__" and target.key is None for target in targets):
        walk.exported = _strings(walk, node.value)


def _strings(walk: Walk, node: Any) -> tuple[str, ...] | None:
    """The strings of a literal list or tuple, or None."""
    if node.__class__ is not libcst.List and node.__class__ is not libcst.Tuple:
        return None
    values: list[Any] = [element.value for element in node.elements]
    if not all(value.__class__ is libcst.SimpleString for value in values):
        return None
    return tuple(str(walk.constants[-literal(walk, value.value) - 1]) for value in values)


def annotated(walk: Walk, node: Any) -> None:
    target = plan(walk, node.target)
    text = annotation(walk, node.annotation.annotation)
    operand = None
    if node.value is not None:
        operand = walk.expression(node.value)
        put(walk, target, operand)
    if target.name is not None and target.key is None:
        if walk.scope.kind in ("class", "module"):
            walk.out.append((_ANNOTATE, target.at, target.name, text, operand))
        if walk.scope.kind == "module" and target.name == "__all__":
            walk.exported = _strings(walk, node.value)
    elif operand is None:
        walk.out += target.before


def augmented(walk: Walk, node: Any) -> None:
    """`x += 1`: load, BINARY "+=", store."""
    target = plan(walk, node.target)
    walk.out += target.before
    target.before = []
    current = _load(walk, target)
    operand = walk.expression(node.value)
    register = walk.fresh()
    walk.out.append((_BINARY, target.at, register, OPERATORS[node.operator.__class__], current, operand))
    put(walk, target, register)
    if target.name == "__all__" and target.key is None and walk.exported is not None:
        more = _strings(walk, node.value)
        walk.exported = None if more is None else walk.exported + more


def _load(walk: Walk, target: Any) -> int:
    if target.name is not None and target.key is None:
        return walk.read(target.name)
    register = walk.fresh()
    if target.name is None:
        walk.out.append((_ITEM, target.at, register, target.holder, target.key))
    else:
        walk.out.append((_ATTRIBUTE, target.at, register, target.holder, target.name))
    return register


def expression_statement(walk: Walk, node: Any) -> None:
    value = node.value
    kind = value.__class__
    if kind in _STRINGS:
        _bare_string(walk, value)
        return
    if kind in _CONSTANTS:
        if kind is not libcst.Ellipsis:
            walk.leaves.append(value.value)
        return
    if kind is libcst.Name and value.value[0] == PLACEHOLDER:
        walk.leaves.append(value.value)
        walk.shell(len(walk.leaves) - 1)
        return
    while value.__class__ is libcst.Await:
        value = value.expression
    operand = walk.expression(value)
    if value.__class__ is libcst.Call:
        walk.out.append((_DISCARD, walk.out[-1][1], operand))


def _bare_string(walk: Walk, value: Any) -> None:
    at = len(walk.leaves)
    if value.__class__ is libcst.SimpleString:
        walk.leaves.append(value.value)
    else:
        walk.expression(value)
    walk.docstrings += range(at, len(walk.leaves))


def return_(walk: Walk, node: Any) -> None:
    at = len(walk.leaves)
    walk.leaves.append("return")
    operand = None if node.value is None else walk.expression(node.value)
    walk.out.append((_RETURN, at, operand))


def raise_(walk: Walk, node: Any) -> None:
    at = len(walk.leaves)
    walk.leaves.append("raise")
    operand = None if node.exc is None else walk.expression(node.exc)
    if node.cause is not None:
        walk.leaves.append("from")
        walk.expression(node.cause.item)
    walk.out.append((_RAISE, at, operand))


def assert_(walk: Walk, node: Any) -> None:
    at = len(walk.leaves)
    walk.leaves.append("assert")
    operand = walk.expression(node.test)
    message = None if node.msg is None else walk.expression(node.msg)
    walk.out.append((_ASSERT, at, operand, message))


def pass_(walk: Walk, _node: Any) -> None:
    walk.leaves.append("pass")


def break_(walk: Walk, _node: Any) -> None:
    walk.out.append((_BREAK, len(walk.leaves)))
    walk.leaves.append("break")


def continue_(walk: Walk, _node: Any) -> None:
    walk.out.append((_CONTINUE, len(walk.leaves)))
    walk.leaves.append("continue")


def delete_(walk: Walk, node: Any) -> None:
    walk.leaves.append("del")
    delete(walk, node.target)


def global_(walk: Walk, node: Any) -> None:
    walk.leaves.append("global")
    walk.leaves += [item.name.value for item in node.names]


def nonlocal_(walk: Walk, node: Any) -> None:
    walk.leaves.append("nonlocal")
    for item in node.names:
        name = item.name.value
        walk.leaves.append(name)
        if name not in walk.scope.registers:
            walk.scope.resolve(name)


def import_(walk: Walk, node: Any) -> None:
    if node.__class__ is libcst.LazyImport:
        walk.leaves.append("lazy")
    walk.leaves.append("import")
    for alias in node.names:
        at = len(walk.leaves)
        parts = _dotted(walk, alias.name)
        whole = alias.asname is not None
        name = parts[0]
        if whole:
            name = alias.asname.name.value
            walk.leaves.append(name)
        slot = walk.scope.slot(name)
        walk.out.append((_IMPORT, at, slot, ".".join(parts), 1 if whole else 0))
        walk.publish(at, name, slot)


def _dotted(walk: Walk, node: Any) -> list[str]:
    parts = []
    while node.__class__ is libcst.Attribute:
        parts.append(node.attr.value)
        node = node.value
    parts.append(node.value)
    parts.reverse()
    walk.leaves += parts
    return parts


def import_from(walk: Walk, node: Any) -> None:
    if node.__class__ is libcst.LazyImportFrom:
        walk.leaves.append("lazy")
    walk.leaves.append("from")
    level = len(node.relative)
    module = "" if node.module is None else ".".join(_dotted(walk, node.module))
    star_at = len(walk.leaves)
    walk.leaves.append("import")
    if node.names.__class__ is libcst.ImportStar:
        walk.out.append((_IMPORT_STAR, star_at, level, module))
        return
    for alias in node.names:
        at = len(walk.leaves)
        imported = name = alias.name.value
        walk.leaves.append(imported)
        if alias.asname is not None:
            name = alias.asname.name.value
            walk.leaves.append(name)
        slot = walk.scope.slot(name)
        walk.out.append((_IMPORT_FROM, at, slot, level, module, imported))
        walk.publish(at, name, slot)


def type_alias(walk: Walk, node: Any) -> None:
    at = len(walk.leaves) + 1
    walk.leaves += ["type", node.name.value]
    type_parameters(walk, node.type_parameters)
    operand = walk.expression(node.value)
    walk.out.append((_MOVE, at, walk.scope.slot(node.name.value), operand))


SMALL: dict[type, Handler] = {
    libcst.Assign: assign,
    libcst.AnnAssign: annotated,
    libcst.AugAssign: augmented,
    libcst.Expr: expression_statement,
    libcst.Return: return_,
    libcst.Raise: raise_,
    libcst.Assert: assert_,
    libcst.Pass: pass_,
    libcst.Break: break_,
    libcst.Continue: continue_,
    libcst.Del: delete_,
    libcst.Global: global_,
    libcst.Nonlocal: nonlocal_,
    libcst.Import: import_,
    libcst.ImportFrom: import_from,
    libcst.LazyImport: import_,
    libcst.LazyImportFrom: import_from,
    libcst.TypeAlias: type_alias,
}
