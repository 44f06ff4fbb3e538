"""Input that is no Python, or too much of it."""

from __future__ import annotations

import pytest

from mldebt.facts.read import file_facts
from mldebt.facts.types import FileFacts, Op, Unreadable


def refusal(data: bytes) -> Unreadable:
    facts = file_facts(data, "python")
    assert isinstance(facts, Unreadable), "it was read"
    return facts


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("x = " + "[" * 201 + "]" * 201, "brackets"),
        ("x = " + "[" * 60_000, "brackets"),
        ("x = f'{" + "(" * 300 + "1" + ")" * 300 + "}'", "brackets"),
        ("".join(" " * depth + "if a:\n" for depth in range(120)) + " " * 120 + "pass", "blocks"),
        ("x = " + " + ".join(["a"] * 20_000), "in a row"),
        ("x = " + " and ".join(["a"] * 3_000), "in a row"),
        ("x = " + "-" * 5_000 + "a", "in a row"),
        ("x = " + "not " * 2_000 + "a", "in a row"),
        ("x = a" + ".b()" * 3_000, "in a row"),
        ("x = a" + "[0]" * 2_000, "in a row"),
        ("x = " + "lambda: " * 2_000 + "a", "in a row"),
        ("x = a" + " if b else c" * 1_000, "in a row"),
        ("x = a" + ".b()" * 400 + ("\ny = a" + ".b()" * 400) * 20, "in a row"),
        ("x = (" + "'a' " * 4_000 + ")", "in a row"),
        ("x = [" + "1, " * 60_000 + "]", "too many elements"),
        ("x = [" + "(), " * 60_000 + "]", "too many elements"),
        ("a;" * 100_000, "too many elements"),
        ("if a: pass\n" + "elif b: pass\n" * 1_500, "branches"),
        ("a\n" * 110_000, "lines"),
        ("# " + "a" * 1_000_000, "1 MB"),
    ],
)
def test_valid_but_too_much(source: str, reason: str) -> None:
    facts = refusal(f"{source}\n".encode())
    assert reason in facts.reason
    assert facts.limit


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "[" * 200 + "]" * 200,
        "x = " + " + ".join(["a"] * 500),
        "x = a" + ".b()" * 150,
        "x = [" + "1, " * 5_000 + "]",
        "x = (" + "'a'\n " * 900 + ")",
        "if a: pass\n" + "elif b: pass\n" * 900,
        "".join(" " * depth + "if a:\n" for depth in range(99)) + " " * 99 + "pass",
        "f(" + ", ".join(f"a{n}=b.c(d)[{n}] + 1" for n in range(1_000)) + ")",
    ],
)
def test_much_but_not_too_much(source: str) -> None:
    assert isinstance(file_facts(f"{source}\n".encode(), "python"), FileFacts)


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (b"x = 1\ny = \0\n", "the file contains NUL bytes", 2),
        (b"x = 1\nprint 'a'\n", "the file is written in Python 2, or is not valid Python", 2),
        (b"x = 1\nraise E, 'a'\n", "the file is written in Python 2, or is not valid Python", 2),
        (b"x = 1\ny = '\xff'\n", "the file is not utf-8 text", 2),
        (b"# coding: nonsense\n", "the file names an unknown encoding, 'nonsense'", 1),
        (b"# coding: rot13\n", "the file names an encoding that is not one of text, 'rot13'", 1),
        ("x = 1".encode("utf-16"), "the file is UTF-16; Python source must be UTF-8 or name its encoding", 1),
        (b"x = (\n", "the file is not valid Python: '(' was never closed", 1),
        (b"a\n  b\n", "the file is not valid Python: unexpected indent", 2),
        (b"<<<<<<< HEAD\nx = 1\n", "the file is not valid Python: invalid syntax", 1),
    ],
)
def test_no_python(data: bytes, reason: str, line: int) -> None:
    facts = refusal(data)
    assert (facts.reason, facts.line, facts.limit) == (reason, line, False)


@pytest.mark.parametrize("source", ["'''" + '\\"' * 200_000, '"""' + ' \\"""' * 100_000, '"' + "\\'" * 200_000])
def test_strings_that_do_not_end_are_no_trap(source: str) -> None:
    assert not refusal(source.encode()).limit


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("x = 'é'\n".encode(), "é"),
        (b"\xef\xbb\xbfx = 'a'\n", "a"),
        ("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), "é"),
        ("#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\nx = '€'\n".encode("cp1252"), "€"),
        ("x = 1\n\n# coding: latin-1\nx = 'é'\n".encode(), "é"),
    ],
)
def test_encodings(data: bytes, text: str) -> None:
    facts = file_facts(data, "python")
    assert isinstance(facts, FileFacts)
    assert text in facts.constants
    stored = facts.code.body[-1]
    assert stored[0] == Op.MOVE and facts.place(stored[1])[1] == 1
