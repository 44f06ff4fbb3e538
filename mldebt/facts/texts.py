"""Numbers, strings and f-strings."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from typing import Any

import libcst

from .types import Op
from .walk import Handler, Walk

_TEXT, _BINARY, _UNARY = int(Op.TEXT), int(Op.BINARY), int(Op.UNARY)
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1


def number(walk: Walk, node: Any) -> int:
    walk.leaves.append(node.value)
    return literal(walk, node.value)


def literal(walk: Walk, text: str) -> int:
    """The constant of a literal's text."""
    operand = walk.literals.get(text)
    if operand is None:
        operand = walk.literals[text] = walk.constant(_value(text))
    return operand


def negative(walk: Walk, node: Any) -> int:
    """`-1`, `-0.5`."""
    walk.leaves.append(node.value)
    return literal(walk, f"-{node.value}")


def _value(text: str) -> Any:
    if text.isdecimal() and text.isascii() and len(text) < 19:
        return int(text) if text[0] != "0" else 0 if not text.strip("0") else (text,)
    try:
        if "\\" in text:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = ast.literal_eval(text)
        elif text[0] in "'\"rRuU" and text[1] not in "bB":
            value = _plain(text)
        else:
            value = ast.literal_eval(text)
        if isinstance(value, str):
            value.encode()
    except (ValueError, SyntaxError, OverflowError, MemoryError):
        return (text,)
    if isinstance(value, complex) or (isinstance(value, int) and not _SMALLEST <= value <= _LARGEST):
        return (text,)
    return value


def _plain(text: str) -> str:
    """The value of a string literal without backslashes."""
    body = text.lstrip("rRuU")
    body = body[3:-3] if body[:3] in ('"""', "'''") else body[1:-1]
    return body.replace("\r\n", "\n").replace("\r", "\n") if "\r" in body else body


def string(walk: Walk, node: Any) -> int:
    walk.leaves.append(node.value)
    return literal(walk, node.value)


def ellipsis(walk: Walk, _node: Any) -> int:
    return walk.constant(("...",))


def concatenated(walk: Walk, node: Any) -> int:
    """Implicitly joined strings: one constant, or one TEXT where f-strings are among them."""
    pieces = list(_pieces(node))
    if all(piece.__class__ is libcst.SimpleString for piece in pieces):
        operands = [string(walk, piece) for piece in pieces]
        return _joined(walk, operands)
    at = len(walk.leaves)
    parts: list[int] = []
    for piece in pieces:
        if piece.__class__ is libcst.SimpleString:
            parts.append(string(walk, piece))
        else:
            parts += _formatted_parts(walk, piece)
    return _text(walk, at, parts)


def _pieces(node: Any) -> Iterator[Any]:
    while node.__class__ is libcst.ConcatenatedString:
        yield node.left
        node = node.right
    yield node


def _joined(walk: Walk, operands: list[int]) -> int:
    values = [walk.constants[-operand - 1] for operand in operands]
    for kind in (str, bytes):
        if all(isinstance(value, kind) for value in values):
            return walk.constant(kind().join(values))
    return operands[0]


def formatted(walk: Walk, node: Any) -> int:
    """An f-string or t-string."""
    at = len(walk.leaves)
    return _text(walk, at, _formatted_parts(walk, node))


def _text(walk: Walk, at: int, parts: list[int]) -> int:
    register = walk.fresh()
    walk.out.append((_TEXT, at, register, tuple(parts)))
    return register


def _formatted_parts(walk: Walk, node: Any) -> list[int]:
    at, leaves = walk.formatted()
    raw = "r" in node.start.lower()
    parts = _parts(walk, at, node.parts, raw)
    walk.leaves = leaves
    return parts


def _parts(walk: Walk, at: int, parts: Any, raw: bool) -> list[int]:
    return [
        walk.constant(_template_text(part.value, raw)) if part.__class__ in _TEXTS else _hole(walk, at, part, raw)
        for part in parts
    ]  # fmt: skip


def _template_text(text: str, raw: bool) -> str:
    text = text.replace("{{", "{").replace("}}", "}")
    if raw or "\\" not in text:
        return text
    value = _value('"""' + text.replace('"', '\\"') + '"""') if '\\"' not in text else _value("'''" + text.replace("'", "\\'") + "'''")
    return value if isinstance(value, str) else text


def _hole(walk: Walk, at: int, part: Any, raw: bool) -> int:
    """A hole; a conversion is UNARY "!r", a format spec BINARY "format"."""
    operand = walk.expression(part.expression)
    conversion = part.conversion or ("r" if part.equal is not None and not part.format_spec else "")
    if conversion and conversion != "s":
        value, operand = operand, walk.fresh()
        walk.out.append((_UNARY, at, operand, f"!{conversion}", value))
    if part.format_spec:
        spec = _parts(walk, at, part.format_spec, raw)
        wanted = spec[0] if len(spec) == 1 and spec[0] < 0 else _text(walk, at, spec)
        value, operand = operand, walk.fresh()
        walk.out.append((_BINARY, at, operand, "format", value, wanted))
    return operand


_TEXTS = (libcst.FormattedStringText, libcst.TemplatedStringText)

TEXTS: dict[type, Handler] = {
    libcst.Integer: number,
    libcst.Float: number,
    libcst.Imaginary: number,
    libcst.Ellipsis: ellipsis,
    libcst.SimpleString: string,
    libcst.ConcatenatedString: concatenated,
    libcst.FormattedString: formatted,
    libcst.TemplatedString: formatted,
}
