"""A constant or an early way out stands before code, so it never runs.

## Why it is debt

An experiment that was switched off by hand stays behind its `if False`. The code is read, searched, migrated and reviewed like any other, seems to be a
way the model can be trained, and has not been run for so long that nobody knows whether it still works (Sculley et al. 2015, section 5, dead experimental
codepaths).

## What to do

Delete the code that never runs, its constant, and the functions that only it calls (the finding names them). Version control keeps it. If both ways are still
wanted, make the constant a setting.

## Limits

A constant is a literal in the condition, or a name or attribute that exactly one line of the whole repository, tests included, binds to `True` or `False`:
what some code, text, patch or keyword may set under that name is no constant, nor is a value read from the environment. Judged is code that training,
evaluation or serving reaches, from five dead lines on, the functions that only dead code calls included. Operational names (debug, verbose, plot, save and
their kin), names that users of an installable library may set, and conditions written in the last 30 days (where git tells) are left alone. A constant of the script that
people run, which they may edit by hand before they do, is `firm` only. Settings, options and parameters belong to `dead-experiment-flag`.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD411",
    family="anti-patterns",
    tier=1,
    severity="minor",
    confidence=("certain", "firm"),
    effort=Effort(5, 1, "20 dead lines"),
)
def constant_condition_branch(graph: DebtGraph) -> Iterator[Problem]:
    for branch in graph.settled_branches():
        if branch.name:
            message = f"'{branch.name}' is always {branch.value}, so code in {branch.function} never runs."
        elif branch.way_out:
            message = f"Code behind a {branch.way_out} in {branch.function} never runs."
        else:
            message = f"A condition in {branch.function} is always {branch.value}, so code behind it never runs."
        constant = f", and '{branch.name}'" if branch.name else ""
        callees = f"; {', '.join(f'{name}()' for name in branch.only_for_it)} {'is' if len(branch.only_for_it) == 1 else 'are'} part of it"
        yield Problem(
            at=branch.at,
            symbol=branch.name or branch.short,
            key=f"{branch.scope}.{branch.name}" if branch.name else branch.scope,
            message=message,
            advice=f"Delete the {branch.lines} lines that never run{constant}{callees if branch.only_for_it else ''}.",
            confidence=branch.confidence,
            evidence=branch.evidence,
            size=branch.lines // 20,
        )
