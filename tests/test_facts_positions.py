"""Places: what an instruction names stands in the source where its token says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import jinja2
import libcst
import pytest

from mldebt.facts.codegen import exact_places
from mldebt.facts.lower import lower
from mldebt.facts.positions import logical_line_ends, outline, proven_places
from mldebt.facts.read import file_facts
from mldebt.facts.types import Code, FileFacts, Op

INSTALLED = sorted(
    path for package in (click, jinja2) for path in Path(package.__file__ or "").parent.rglob("*.py")
)  # fmt: skip
_FORMATTED = re.compile(r"[rR]?[fF][rR]?['\"]")
_NAMED = {Op.ATTRIBUTE: 4, Op.METHOD: 4, Op.SET_ATTRIBUTE: 3, Op.DELETE_ATTRIBUTE: 3, Op.IMPORT_FROM: 5, Op.ANNOTATE: 2, Op.STORE_GLOBAL: 2}


def text_at(facts: FileFacts, lines: list[str], token: int) -> str:
    line, column, end_line, end_column, _ = facts.place(token)
    if line == end_line:
        return lines[line - 1][column - 1 : end_column - 1]
    return "".join([lines[line - 1][column - 1 :], *lines[line : end_line - 1], lines[end_line - 1][: end_column - 1]])


def instructions(block: Any) -> Iterator[Any]:
    for instruction in block:
        yield instruction
        for part in instruction[2:]:
            yield from blocks_in(part)


def blocks_in(part: Any) -> Iterator[Any]:
    if isinstance(part, tuple) and part and isinstance(part[0], tuple):
        if len(part[0]) >= 2 and isinstance(part[0][0], int) and isinstance(part[0][1], int) and len(part[0]) > 3:
            yield from instructions(part)
        else:
            for inner in part:
                for piece in inner:
                    yield from blocks_in(piece)


def said(facts: FileFacts, lines: list[str], token: int) -> str | None:
    """The text of a token; None for an f-string, where all leaves inside have its place."""
    text = text_at(facts, lines, token)
    return None if _FORMATTED.match(text) else text


def check_names(facts: FileFacts, code: Code, lines: list[str]) -> int:
    checked = 0
    for instruction in instructions(code.body):
        op, at = instruction[0], instruction[1]
        if said(facts, lines, at) is None:
            continue
        if op in _NAMED:
            assert text_at(facts, lines, at) == instruction[_NAMED[op]]
            checked += 1
        if op in (Op.CALL, Op.METHOD):
            for name, _, keyword_at in instruction[-1]:
                assert name is None or said(facts, lines, keyword_at) in (name, None)
            for operand, argument_at, _ in instruction[-2]:
                if operand < 0 and isinstance(facts.constants[-operand - 1], str):
                    assert text_at(facts, lines, argument_at)[-1] in "'\""
                    checked += 1
        if op == Op.MOVE and instruction[2] < len(code.names):
            assert text_at(facts, lines, at) == code.names[instruction[2]]
    for child in code.children:
        assert said(facts, lines, child.at) in ("lambda" if child.kind == "lambda" else child.name, None)
        for parameter in child.parameters:
            assert said(facts, lines, parameter.at) in (parameter.name, None)
        assert lines[child.first_line - 1].strip().startswith(("def", "async def", "class")) or child.kind == "lambda"
        assert code.first_line <= child.first_line <= child.last_line <= code.last_line
        checked += check_names(facts, child, lines)
    return checked


def test_places_of_installed_packages() -> None:
    checked = 0
    for path in INSTALLED:
        data = path.read_bytes()
        facts = file_facts(data, "python")
        assert isinstance(facts, FileFacts), path
        checked += check_names(facts, facts.code, data.decode().splitlines(keepends=True))
    assert checked > 5_000


def test_the_slow_way_gives_the_same_places() -> None:
    for path in INSTALLED[:12]:
        source = path.read_text(encoding="utf-8")
        module = libcst.parse_module(source)
        leaves = lower(module, source).leaves
        quick = proven_places(outline(source), leaves)
        slow = exact_places(module, source, leaves)
        assert quick is not None and slow is not None
        assert quick.encoded() == slow.encoded()


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\n", "x = 1", "\n\n\nx = 1\n", "# c\nx = 1 # d\n", "if a:\n\tb = 1\n", "x = 1\r\ny = 2\r\n", "x = 1\ry = 2\r", "\x0cx = 1\n", "é = 'ü'; y = é\n",
        "x = \\\n  1\n", "x = '''a\nb''' ; y = 1\n", "x = 1if a else 2\n", "f(x)(y)[z].w\n", "x = f'{a}' f\"{b!r:{c}}\" 'd'\n", 'x = f"{a["k"]}"\n',
        "def f(*, a): pass\n", "def f(a, /): pass\n", "def f(*args: *Ts): pass\n", "x = lambda *a, **k: (yield)\n", "async def f():\n  async for x in y:\n    await z\n",
        "class A[T]: pass\n", "type X = int\n", "match = case = type = 1\nmatch(case)\n", "with (a as b, c as d): pass\n", "print(*a, **b)\n",
        "x = 0xFF + 0b1 + 0o7 + 1_0.5e-3j + .5 + 5.\n", "x = rb'\\\\' + Rb'' + u''\n", "try:\n  pass\nexcept* E:\n  pass\n", "x[a:b, ::c, ...]\n", "from . import (a, b as c,)\n",
        "x = '\\\r\n'\r\n", "x: int\n", "@a\n@b.c\ndef f(): ...\n", "del (a), b\n", "raise A from B\n", "assert a, b\n", "x = not a is not b not in c\n",
        "match x:\n  case [a, *_]: pass\n  case {'k': 1, **r}: pass\n  case C(a, b=c) | -1 | 1+2j: pass\n  case _: pass\n", "x = t'{a}'\n", "lambda: (x := 1)\n",
        "def f(a: 'x' = 1, *b: c, d: e | None = f, **g: h[i]) -> (j): pass\n", "global x\n", "x = {**a, 'b': c, **d}\n", "x = (\n)\n", "ℼ = 1\n", "℘ = 1; y = ℘\n",
    ],
)  # fmt: skip
def test_every_leaf_is_where_the_tree_writes_it(source: str) -> None:
    module = libcst.parse_module(source)
    leaves = lower(module, source).leaves
    slow = exact_places(module, source, leaves)
    quick = proven_places(outline(source), leaves)
    assert slow is not None or quick is not None
    if slow is not None and quick is not None:
        assert quick.encoded() == slow.encoded()
    assert isinstance(file_facts(source.encode(), "python"), FileFacts)


def test_a_broken_proof_is_noticed() -> None:
    source = "x = y\n"
    assert proven_places(outline(source), ["x", "z"]) is None
    assert exact_places(libcst.parse_module(source), source, ["x", "z"]) is None


def test_columns_count_characters_and_a_string_covers_its_lines() -> None:
    facts = file_facts("é = '''ü\nb''' + z\n".encode(), "python")
    assert isinstance(facts, FileFacts)
    assert facts.place(0) == (1, 1, 1, 2, None)
    assert facts.place(1) == (1, 5, 2, 5, None)
    assert facts.place(2) == (2, 8, 2, 9, None)
    assert facts.place(99) == facts.place(2)


def test_logical_lines() -> None:
    source = "a = (1,\n  2)\n# c\n\nb \\\n  = 3 # d\nif c: x\n"
    ends = logical_line_ends(outline(source))
    assert [source[:end].count("\n") + 1 for end in ends] == [2, 6, 7]
