"""A configuration refers to something that does not exist.

## Why it is debt

The class was moved, the group renamed, the script deleted, and the configuration still names it. It cannot run any more, and
nobody notices until somebody needs it (Sculley et al. 2015, section 6: basic facts about a configuration should be asserted
automatically).

## What to do

Point the reference at what took the place of its target, or delete the configuration.

## Limits

Judged are defaults lists, `${...}` and `_target_` of Hydra configs that a program of the repository composes, dependencies and parameters of
DVC stages, and Python scripts that make and CI run. A class counts as gone when its package is one of the repository; names that a module may
make at run time, configs that code adds to a store, optional entries, groups that are left for the command line and whatever programs,
stages or commands write count as there. Data files are left to other checks.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check

SAID = {
    "config": "The defaults list names '{target}', but there is no such config.",
    "key": "'${{{target}}}' refers to a key that no configuration defines.",
    "class": "'{target}' is to be instantiated, but the repository has no such class or function.",
    "dependency": "Stage '{by}' depends on '{target}', which is neither in the repository nor made by a stage.",
    "parameter": "Stage '{by}' declares the parameter '{target}', which its file does not define.",
    "script": "'{target}' is run here, but there is no such file.",
}


@check("MLD508", family="configuration", tier=1, severity="critical", confidence=("certain",), effort=Effort(10))
def dangling_config_reference(graph: DebtGraph) -> Iterator[Problem]:
    for reference in graph.dangling_references():
        yield Problem(
            at=reference.at,
            symbol=reference.target.removeprefix("override "),
            key=f"{reference.kind}:{reference.target}:{reference.by}",
            message=SAID[reference.kind].format(target=reference.target.removeprefix("override "), by=reference.by),
            advice="Name what took its place, or delete the reference and what needs it.",
            confidence="certain",
            evidence=reference.evidence,
        )
