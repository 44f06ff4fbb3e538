"""A stage reads, writes or is set by something that it does not declare.

## Why it is debt

A pipeline tool runs a stage again when one of its declared dependencies changes, and only then. What the code reads
beside them can change while the old outputs stay: the model in the repository is no longer the one that its inputs
give, and nobody is told (Sculley et al. 2015, sections 2 and 3).

## What to do

Declare it: inputs and code under `deps`, settings under `params`, files that others read under `outs`; in a Makefile as
prerequisites of the target.

## Limits

Judged are stages of dvc.yaml and file targets of Makefiles that run Python code of the repository, each under its own
command line. Paths that cannot be told, logs, caches, checkpoints, frozen stages and stages that always run are left
alone, and so are settings that are only shown, that name a path, or that change nothing written. A file that a stage
writes and reads itself is no dependency; an undeclared output counts where somebody else reads it. Code that is left
out of the dependencies is reported once for each stage, as minor.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check

MOST_NAMED = 4
WHERE = {"input": "deps", "code": "deps", "parameter": "params", "output": "outs"}


@check(
    "MLD105",
    family="boundary-erosion",
    tier=1,
    severity="critical",
    confidence=("certain", "firm"),
    effort=Effort(10, 2, "undeclared path or setting"),
)
def undeclared_stage_dependency(graph: DebtGraph) -> Iterator[Problem]:
    for found in graph.undeclared_needs():
        reads = [need.name for need in found.needs if need.kind in ("input", "parameter")]
        writes = [need.name for need in found.needs if need.kind == "output"]
        runs = [need.name for need in found.needs if need.kind == "code"]
        does = [f"{verb} {_listed(names)}" for verb, names in (("runs code of", runs), ("reads", reads), ("writes", writes)) if names]
        places = ", ".join(f"`{place}:`" for place in dict.fromkeys(WHERE[need.kind] for need in found.needs))
        yield Problem(
            at=found.at,
            symbol=found.stage,
            key=f"{found.stage}:{','.join(need.name for need in found.needs)}",
            message=f"Stage '{found.stage}' {' and '.join(does)} without declaring {'it' if len(found.needs) == 1 else 'them'}.",
            advice=f"Add {'it' if len(found.needs) == 1 else 'them'} to {places if found.tool == 'dvc' else 'the rule'}: "
            "until then a change does not run the stage again.",
            confidence="certain" if all(need.certain for need in found.needs) else "firm",
            evidence=tuple(dict.fromkeys(step for need in found.needs for step in need.evidence)),
            size=len(found.needs),
            severity="minor" if runs else None,
        )


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:MOST_NAMED])
    return f"{shown} and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else shown
