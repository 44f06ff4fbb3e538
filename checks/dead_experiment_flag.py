"""A flag has one value in every configuration, command or call, so a branch never runs.

## Why it is debt

A finished experiment leaves its flag and the losing branch behind. The branch is read, migrated, tested
and kept compiling, and one day somebody turns it on by mistake (Sculley et al. 2015, section 5, dead
experimental codepaths).

## What to do

Delete the flag and the branch that cannot run, then what only that branch called.

## Limits

"Everywhere" means in this repository: all variants of a composed configuration, all config files of one format that
have the key, all command lines of stages, Makefiles, CI and scripts, all callers. Operational switches (debug,
device, resume, dry-run, test only, saving, reports, progress, metrics and their kin, by name or by help text),
options of the constructors of models, layers and estimators, parameters of helpers whose copy in another file gets
another value, options of scripts that no stage runs, parameters of an installable package's public functions, and
flags that the documentation tells people to set are left alone. Where git knows the age, a flag is reported once it
and the branch have not changed for 90 days.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD410",
    family="anti-patterns",
    tier=1,
    severity="major",
    confidence=("firm",),
    effort=Effort(15, 5, "guarded branch (+1 per 20 guarded lines)"),
)
def dead_experiment_flag(graph: DebtGraph) -> Iterator[Problem]:
    for branch in graph.dead_branches():
        age = f", unchanged for {branch.age_days} days" if branch.age_days is not None else ""
        yield Problem(
            at=branch.at,
            symbol=branch.symbol,
            key=branch.symbol,
            message=f"Flag '{branch.symbol}' is {branch.value} in {branch.where} of this repository, so a branch here never runs.",
            advice=f"Remove the flag and the branch ({branch.lines} {'line' if branch.lines == 1 else 'lines'}{age}).",
            confidence="firm",
            evidence=branch.evidence,
            size=1 + branch.lines // 20,
        )
