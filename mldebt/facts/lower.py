"""From a parsed module to instructions: one walk over the fields that mean something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import libcst

from .blocks import BLOCKS
from .comprehensions import COMPREHENSIONS
from .definitions import DEFINITIONS, is_docstring, lambda_
from .expressions import EXPRESSIONS
from .patterns import match
from .statements import SMALL
from .texts import TEXTS
from .types import Code
from .walk import Handler, Walk, line

_EXPRESSIONS: dict[type, Handler] = {**EXPRESSIONS, **TEXTS, **COMPREHENSIONS, libcst.Lambda: lambda_}
_STATEMENTS: dict[type, Handler] = {**SMALL, **BLOCKS, **DEFINITIONS, libcst.Match: match, libcst.SimpleStatementLine: line}


@dataclass(frozen=True, slots=True)
class Lowered:
    """What the walk found; `code` counts tokens where it will say lines."""

    code: Code
    constants: tuple[Any, ...]
    leaves: list[object]
    docstrings: list[int]
    exported: tuple[str, ...] | None


def lower(module: libcst.Module, source: str, shells: Sequence[str] = ()) -> Lowered:
    """Lower a parsed module; `shells` are the texts behind the placeholders of a notebook's shell lines."""
    walk = Walk(_EXPRESSIONS, _STATEMENTS, ":=" in source, shells)
    walk.enter_module(module.body, "global " in source)
    walk.suite(module)
    if is_docstring(module.body):
        walk.scope.statements -= 1
    code = walk.leave(walk.close(walk.out), 0)
    return Lowered(code, tuple(walk.constants), walk.leaves, walk.docstrings, walk.exported)
