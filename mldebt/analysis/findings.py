"""From the graph to findings: checks run, problems are named and priced, suppressions applied, the profile chooses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from mldebt.api import Check, DebtGraph
from mldebt.core import Finding, Location, Problem, Rule
from mldebt.debt.fingerprint import finding_fingerprint
from mldebt.plugins import load_checks, options_for, reported
from mldebt.settings import Settings
from mldebt.suppress import OWN_CODE, HeldBack, Written, apply

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a report may show, what a suppression holds back of it, each by place, and how much is not told because nobody named its place."""

    findings: tuple[Finding, ...]
    held: tuple[HeldBack, ...]
    untold: int = 0


def found_by(checks: Sequence[Check], graph: DebtGraph, settings: Settings, progress: Progress | None = None) -> tuple[Finding, ...]:
    """Every problem that the checks see, as findings by place, with the severities that the checks give."""
    found: list[Finding] = []
    for number, check in enumerate(checks):
        if progress:
            progress("checking", number, len(checks))
        found += _findings_of(check, graph, settings)
    return tuple(sorted(found, key=by_place))


def _findings_of(check: Check, graph: DebtGraph, settings: Settings) -> Iterator[Finding]:
    options = options_for(check, settings)
    problems = check.run(graph) if check.options is None else check.run(graph, options)
    seen: Counter[str] = Counter()
    for problem in sorted(problems, key=lambda problem: (_place(problem.at), problem.symbol, problem.message)):
        yield _finding(check.rule, problem, seen[problem.key])
        seen[problem.key] += 1


def _finding(rule: Rule, problem: Problem, ordinal: int) -> Finding:
    return Finding(
        rule=rule,
        at=problem.at,
        symbol=problem.symbol,
        message=problem.message,
        advice=problem.advice,
        severity=problem.severity or rule.severity,
        confidence=problem.confidence,
        fingerprint=finding_fingerprint(rule.code, problem.key, ordinal),
        effort_minutes=rule.effort.minutes(problem.size),
        evidence=problem.evidence,
        key=problem.key,
    )


def judge(
    found: Sequence[Finding],
    checks: Sequence[Check],
    graph: DebtGraph,
    settings: Settings,
    written: Iterable[Written],
    today: date,
    is_told: Callable[[Finding], bool],
) -> Judged:
    """Parts the findings by suppressions, adds those about suppressions, and keeps what the profile shows and what is told at all."""
    written = tuple(written)
    enabled = [check.rule for check in checks]
    known = _known_rules(enabled) if written else enabled
    outcome = apply(found, written, today=today, known=known, enabled=enabled)
    about = found_by([check for check in checks if check.rule.code == OWN_CODE], graph.with_idle(outcome.idle), settings)
    about_outcome = apply(about, written, today=today, known=known, enabled=enabled)
    reportable = tuple(reported((*outcome.kept, *about_outcome.kept), settings))
    shown = tuple(filter(is_told, reportable))
    held = (HeldBack(finding, one.by) for one in (*outcome.held, *about_outcome.held) for finding in reported((one.finding,), settings))
    ordered = tuple(sorted((one for one in held if is_told(one.finding)), key=lambda one: by_place(one.finding)))
    return Judged(tuple(sorted(shown, key=by_place)), ordered, len(reportable) - len(shown))


def _known_rules(enabled: Sequence[Rule]) -> tuple[Rule, ...]:
    """Those of all installed checks, and those that run."""
    rules = {check.rule.code: check.rule for check in load_checks()} | {rule.code: rule for rule in enabled}
    return tuple(rules[code] for code in sorted(rules))


def by_place(finding: Finding) -> tuple[object, ...]:
    return (*_place(finding.at), finding.rule.code, finding.message, finding.symbol, finding.fingerprint)


def _place(at: Location) -> tuple[str, int, int, int, int, int]:
    return (at.path, -1 if at.cell is None else at.cell, at.line, at.column, at.end_line, at.end_column)
