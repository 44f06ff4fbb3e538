"""Cyclomatic complexity of the functions that findings touch."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from radon.complexity import cc_rank, cc_visit  # type: ignore[import-untyped]  # radon ships no types
from radon.visitors import Class, Function  # type: ignore[import-untyped]  # radon ships no types

from mldebt.core import Finding, Location


@dataclass(frozen=True, slots=True)
class ComplexFunction:
    """A function that a finding's evidence touches, with its cyclomatic complexity (radon)."""

    path: str
    name: str
    line: int
    complexity: int
    rank: str


def complex_functions(sources: Mapping[str, str], findings: Iterable[Finding]) -> tuple[ComplexFunction, ...]:
    """The innermost functions around findings and their evidence, the most complex first; files that do not parse are left out."""
    touched: defaultdict[str, set[int]] = defaultdict(set)
    for finding in findings:
        for place in _places(finding):
            if place.cell is None and place.path in sources:
                touched[place.path].add(place.line)
    found = (function for path in sorted(touched) for function in _touched_functions(path, sources[path], touched[path]))
    return tuple(sorted(found, key=lambda function: (-function.complexity, function.path, function.line)))


def _places(finding: Finding) -> Iterator[Location]:
    yield finding.at
    for step in finding.evidence:
        yield step.at


def _touched_functions(path: str, source: str, lines: set[int]) -> Iterator[ComplexFunction]:
    functions = sorted(_functions(source), key=lambda function: (function.lineno, -function.endline))
    innermost = {(function.lineno, function.col_offset): function for line in lines if (function := _innermost(functions, line))}
    for function in innermost.values():
        yield ComplexFunction(path, function.fullname, function.lineno, function.complexity, cc_rank(function.complexity))


def _functions(source: str) -> Iterator[Function]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            blocks = cc_visit(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    pending = list(blocks)
    while pending:
        block = pending.pop()
        if isinstance(block, Class):
            pending += [*block.methods, *block.inner_classes]
        else:
            yield block
            pending += block.closures


def _innermost(functions: list[Function], line: int) -> Function | None:
    around = [function for function in functions if function.lineno <= line <= function.endline]
    return around[-1] if around else None
