"""All that a check may import."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mldebt.core import Confidence, Effort, Kind, Location, Measure, Problem, Rule, Severity, Step
from mldebt.graph.debtgraph import DebtGraph

__all__ = [
    "Check",
    "Confidence",
    "DebtGraph",
    "Effort",
    "Gauge",
    "Location",
    "Measure",
    "Problem",
    "Rule",
    "Severity",
    "Step",
    "check",
    "measure",
]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule and the question it asks; `options` is the dataclass of the function's second parameter, if it has one."""

    rule: Rule
    run: Callable[..., Iterator[Problem]]
    options: type | None


def check(
    code: str,
    *,
    family: str,
    tier: int,
    severity: Severity,
    confidence: tuple[Confidence, ...],
    effort: Effort,
    policy: bool = False,
    scope: str = "repository",
) -> Callable[[Callable[..., Iterator[Problem]]], Check]:
    """Turns a generator of problems into a `Check` named after the function; the module's docstring is its page."""
    kind: Kind = "policy" if policy else "finding"

    def wrap(run: Callable[..., Iterator[Problem]]) -> Check:
        page = inspect.cleandoc(sys.modules[run.__module__].__doc__ or "")
        rule = Rule(
            code=code,
            name=run.__name__.replace("_", "-"),
            family=family,
            tier=tier,
            severity=severity,
            confidence=confidence,
            effort=effort,
            summary=page.split("\n", 1)[0],
            page=page,
            kind=kind,
            scope="file" if scope == "file" else "repository",
        )
        return Check(rule, run, _options_of(run))

    return wrap


@dataclass(frozen=True, slots=True)
class Gauge:
    """What is measured beside the findings of a check; it shares the check's code and page, and never fails a build."""

    code: str
    name: str
    family: str
    run: Callable[[DebtGraph], Iterator[Measure]]


def measure(code: str, *, family: str) -> Callable[[Callable[[DebtGraph], Iterator[Measure]]], Gauge]:
    """Turns a generator of measures into a `Gauge` named after the function."""

    def wrap(run: Callable[[DebtGraph], Iterator[Measure]]) -> Gauge:
        return Gauge(code, run.__name__.replace("_", "-"), family, run)

    return wrap


def _options_of(run: Callable[..., Any]) -> type | None:
    parameters = list(inspect.signature(run, eval_str=True).parameters.values())
    return parameters[1].annotation if len(parameters) > 1 else None
