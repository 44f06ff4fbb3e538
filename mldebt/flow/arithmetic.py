"""Operators and texts: constants are folded within bounds, texts keep holes, data stays data, comparisons of predictions are decisions."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mldebt.declarations.types import HOLE
from mldebt.flow import column_names, expressing
from mldebt.flow.escape import look, use
from mldebt.flow.joins import combined, join, whole
from mldebt.flow.rows import flipped
from mldebt.flow.traces import of_difference
from mldebt.flow.values import (
    FALSE,
    TOP,
    TRUE,
    Choice,
    Class,
    Const,
    Data,
    Frame,
    Function,
    Leaf,
    Place,
    Sequence,
    Value,
    options_of,
)

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

MAX_TEXT = 4_000
MAX_VARIANTS = 32

FOLDS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operators.add,
    "-": operators.sub,
    "*": operators.mul,
    "/": operators.truediv,
    "//": operators.floordiv,
    "%": operators.mod,
    "|": operators.or_,
    "&": operators.and_,
    "^": operators.xor,
}


def texts_of(value: Value) -> list[str] | None:
    """The texts a value can be, with holes; None where it may be something that is no text at all."""
    found: list[str] = []
    for option in options_of(value):
        inner = option.value if isinstance(option, Leaf) else option
        if isinstance(inner, Choice):
            return None
        if isinstance(inner, Const) and isinstance(inner.value, str):
            found.append(inner.value)
        elif not (isinstance(inner, Const) and inner.value is None):
            return None if not found and len(options_of(value)) == 1 else [*found, HOLE] if HOLE not in found else found
    return found or None


def unlisted(value: Value) -> tuple[Value, list[int]]:
    """The value without leaves that are only gone through, and their keys: a text of them is not yet a use."""
    keys: list[int] = []
    kept: list[Value] = []
    for option in options_of(value):
        while isinstance(option, Leaf) and option.listed:
            keys.append(option.key)
            option = option.value
        kept.append(option)
    if not keys:
        return value, keys
    return (kept[0] if len(kept) == 1 else Choice(tuple(kept))), keys


def relisted(text: Value, keys: list[int]) -> Value:
    """A text that holds settings that were gone through: using it uses them, logging it does not."""
    for key in dict.fromkeys(keys):
        text = Leaf(key, text, True)
    return text


def text_of_parts(run: Interpreter, parts: list[Value], at: Place) -> Value:
    """The text of a row of values as they stand; leaves are used, those that are only gone through are carried along."""
    keys: list[int] = []
    looked = []
    for part in parts:
        inner, more = unlisted(part)
        keys.extend(more)
        looked.append(look(run, inner, at, "is put into a text"))
    return relisted(joined_text(run, looked, at), keys)


def joined_text(run: Interpreter, values: list[Value], at: Place) -> Value:
    """The texts that a row of parts makes; unknown parts are holes. Data in a text stays data beside it."""
    variants: dict[str, Place | None] = {"": None}
    data: Data | None = None
    for value in values:
        pieces: dict[str, Place | None] = {}
        for option in options_of(value):
            if isinstance(option, Const) and isinstance(option.value, str | int | float | bool):
                pieces[str(option.value)] = option.written
            else:
                pieces[HOLE] = None
                if isinstance(option, Data) and option.bits:
                    data = option if data is None else combined(data, option)
        if len(variants) * len(pieces) > MAX_VARIANTS:
            pieces = {HOLE: None}
        variants = {
            begun + piece: place if begun else written
            for begun, place in variants.items()
            for piece, written in pieces.items()
            if len(begun) + len(piece) <= MAX_TEXT
        }
    text = run.choice(Const(squeeze(begun), None, place) for begun, place in variants.items())
    return join(text, data) if data is not None else text


def squeeze(text: str) -> str:
    while HOLE + HOLE in text:
        text = text.replace(HOLE + HOLE, HOLE)
    return text


def binary(run: Interpreter, operator: str, left: Value, right: Value, at: Place) -> Value:
    if operator == "+":
        (left, keys), (right, more) = unlisted(left), unlisted(right)
        if keys or more:
            return relisted(binary(run, operator, left, right, at), [*keys, *more])
    first, second = look(run, left, at, "is computed with"), look(run, right, at, "is computed with")
    plain = operator.removesuffix("=") if operator not in ("==", "!=") else operator
    formula = expressing.operated(run, (first, second), at)
    if formula is not None:
        return formula
    data = data_in(run, first, second)
    if data is not None:
        run.world.handled[at] = False
        left_over = of_difference(run, (first, second), at) if plain == "-" else 0
        return combined(data, Data(left_over, data.type)) if left_over else data
    if isinstance(first, Sequence) and isinstance(second, Sequence) and plain == "+":
        return _concatenated(run, first, second)
    if plain == "%" and isinstance(first, Const) and isinstance(first.value, str):
        return _formatted(first)
    if plain == "/":
        joined = path_joined(run, [first, second])
        if joined is not None:
            return joined
    results = [_fold(plain, a, b) for a in options_of(first) for b in options_of(second)]
    if len(results) > MAX_VARIANTS:
        return TOP
    for value, result in ((first, results), (second, results)):
        if any(r is TOP for r in result):
            _keep(run, value, at)
    return run.choice(results)


def _keep(run: Interpreter, value: Value, at: Place) -> None:
    """An operator we cannot model gets a tracked operand: it escapes."""
    for option in options_of(value):
        if not isinstance(option, Const):
            run.escape(option, at, "goes into an operator")


def data_in(run: Interpreter, *values: Value) -> Data | None:
    """The data among operands, joined with what tables hold; None where there is none."""
    found: Data | None = None
    for value in values:
        for option in options_of(value):
            item = whole(option) if isinstance(option, Frame) else option
            if isinstance(item, Data):
                found = item if found is None else combined(found, item)
    return found


def _fold(operator: str, left: Value, right: Value) -> Value:
    if not (isinstance(left, Const) and isinstance(right, Const)):
        if operator == "+":
            return _text_sum(left, right)
        return TOP
    a, b = left.value, right.value
    if operator == "*" and (isinstance(a, str) or isinstance(b, str)):
        return TOP
    if isinstance(a, int) and isinstance(b, int) and max(abs(a), abs(b)) > 1 << 64:
        return TOP
    fold = FOLDS.get(operator)
    if fold is None or (operator == "%" and isinstance(a, str)):
        return TOP
    try:
        result = fold(a, b)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return TOP
    if not isinstance(result, str):
        return Const(result)
    return Const(result, None, left.written if a else right.written) if len(result) <= MAX_TEXT else TOP


def _text_sum(left: Value, right: Value) -> Value:
    known = [v.value if isinstance(v, Const) and isinstance(v.value, str) else None for v in (left, right)]
    if known == [None, None] or not all(
        k is not None or v is TOP or column_names.held(v) for k, v in zip(known, (left, right), strict=True)
    ):
        return TOP
    return Const(
        squeeze("".join(HOLE if k is None else k for k in known)), None, left.written if isinstance(left, Const) and known[0] else None
    )


def _formatted(template: Const) -> Value:
    """`template % values`: each conversion becomes a hole."""
    pieces = template.value.split("%")
    text = pieces[0]
    for piece in pieces[1:]:
        rest = piece.lstrip("-+ #0123456789.(abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") if piece[:1] == "(" else piece
        text += HOLE + (rest[rest.find(")") + 2 :] if rest[:1] == ")" else piece.lstrip("-+ #0123456789.")[1:])
    return Const(squeeze(text), None, template.written if pieces[0] else None)


def path_joined(run: Interpreter, parts: list[Value]) -> Value | None:
    """`a / b` and `os.path.join(a, b)` on texts; None where no part is a text."""
    if not any(isinstance(o, Const) and isinstance(o.value, str) for part in parts for o in options_of(part)):
        return None
    variants: dict[str, Place | None] = {"": None}
    for part in parts:
        texts: dict[str, Place | None] = {}
        for option in options_of(part):
            known = isinstance(option, Const) and isinstance(option.value, str)
            texts[option.value if known else HOLE] = option.written if known else None  # type: ignore[attr-defined]  # by its type
        if len(variants) * len(texts) > MAX_VARIANTS:
            texts = {HOLE: None}
        variants = {
            _join_path(base, text): written if _begins_anew(base, text) else place
            for base, place in variants.items()
            for text, written in texts.items()
        }
    return run.choice(Const(text, None, place) for text, place in variants.items() if len(text) <= MAX_TEXT)


def _begins_anew(base: str, part: str) -> bool:
    return not base or part.startswith("/")


def _join_path(base: str, part: str) -> str:
    if _begins_anew(base, part):
        return part
    part = part.removeprefix("./")
    return squeeze(base.rstrip("/") + "/" + part) if part not in ("", ".") else base


def _concatenated(run: Interpreter, first: Sequence, second: Sequence) -> Value:
    items = (*first.items, *second.items) if first.items is not None and second.items is not None else None
    rest: Value | None = None
    if items is None:
        for part in (*(first.items or ()), *(second.items or ()), *(e for e in (first.state[1], second.state[1]) if e is not None)):
            rest = join(rest, part)
    return run.world.heap.list(items, rest, first.kind, first.state[2] or second.state[2])


def unary(run: Interpreter, operator: str, operand: Value, at: Place) -> Value:
    value = look(run, operand, at, "is computed with")
    if operator == "not":
        truth = truth_of(value)
        if truth is None:
            use(run, value, at, "is a condition")
            return run.choice((TRUE, FALSE))
        answer = FALSE if truth else TRUE
        return Leaf(operand.key, answer) if isinstance(operand, Leaf) else answer
    if isinstance(value, Data | Frame):
        data = data_in(run, value)
        return flipped(data) if data is not None and operator == "~" else data or TOP
    formula = expressing.operated(run, (value,), at)
    if formula is not None:
        return formula
    if isinstance(value, Const) and isinstance(value.value, int | float) and operator in "+-":
        return Const(-value.value if operator == "-" else value.value, value.at)
    return TOP


def truth_of(value: Value) -> bool | None:
    """Whether a value is true; None where it may be either."""
    if isinstance(value, Leaf):
        return truth_of(value.value)
    if isinstance(value, Choice):
        truths = {truth_of(option) for option in value.options}
        return truths.pop() if len(truths) == 1 else None
    if isinstance(value, Const):
        return bool(value.value) if value.value is not ... and not (isinstance(value.value, str) and HOLE in value.value) else None
    if isinstance(value, Function | Class):
        return True
    if isinstance(value, Sequence) and value.items is not None and not value.state[2] and value.state[1] is None:
        return bool(value.items)
    return None
