"""The flags of one program can be combined in far more ways than anything here ever sets.

## Why it is debt

Each flag doubles the ways a program can run, and nobody can try them all: ten flags are a thousand programs. Flags also meet: one that was safe for years does
harm on the day another is switched on (Sculley et al. 2015, section 5, on Knight Capital's dead code path).

## What to do

Name the combinations that matter and choose among them with one setting (a recipe, a config group), test each of them, and delete flags that experiments have
left behind.

## Limits

Counted are settings and command-line options that decide a branch on the way of a program that trains or serves. Conditions that only raise or only log,
operational flags (debug, device, resume and their kin), numbers, variables of the environment and parameters of functions are not. A flag counts two values, or as many as configs and commands give it.
Set are the combinations of known command lines and config files; those of tests where they reach the same conditions with values that can be followed.

The measures are those of the program with the most flags: *Configuration branches* counts its flags, *set combinations* those of all combinations that something
sets, *nested flags* the pairs of which one is asked inside a branch of the other. The check is a policy, silent until
`policy = { configuration-branch-explosion = true }` is in the settings; then a program with ten flags or more (option `flags`) that has fewer combinations set than flags plus one is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.api import DebtGraph, Effort, Measure, Problem, check, measure


@dataclass(frozen=True, slots=True)
class Options:
    """From how many flags on a program is judged."""

    flags: int = 10


@check(
    "MLD414",
    family="anti-patterns",
    tier=1,
    severity="info",
    confidence=("certain",),
    effort=Effort(0, 5, "flag"),
    policy=True,
)
def configuration_branch_explosion(graph: DebtGraph, options: Options) -> Iterator[Problem]:
    for program in graph.flag_combinations():
        count, covered = len(program.flags), program.configured + program.tested
        if count >= options.flags and covered < count + 1:
            yield Problem(
                at=program.at,
                symbol=program.name.rpartition("/")[2].rpartition(".")[0],
                key=f"flags of {program.name.rpartition('/')[2].rpartition('.')[0]}",
                message=f"The flags of {program.name} can be combined in far more ways than commands, configurations and tests ever set.",
                advice=f"{count} flags make {program.total:,} combinations, of which configurations and commands set {program.configured} and tests "
                f"{program.tested}. Name the ones that matter and choose among them with one setting.",
                confidence="certain",
                evidence=program.evidence,
                size=count,
            )


@measure("MLD414", family="anti-patterns")
def configuration_branches(graph: DebtGraph) -> Iterator[Measure]:
    programs = graph.flag_combinations()
    if programs:
        most = programs[0]
        count = len(most.flags)
        yield Measure("configuration branches", count, "flags", None, most.places)
        yield Measure("set combinations", min(most.configured + most.tested, most.total), "combinations", most.total, (most.at,))
        if count > 1:
            yield Measure("nested flags", most.nested, "pairs of flags", count * (count - 1) // 2, (most.at,))
