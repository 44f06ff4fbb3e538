"""A stage declares a dependency or a setting that its code never reads.

## Why it is debt

Whenever the file or the setting changes, the stage and everything after it run again for nothing. Who reads the
pipeline takes the dependency for real, keeps its source alive and looks for its effect (Sculley et al. 2015, section 3,
legacy dependencies).

## What to do

Delete the entry. If it stands there to force an order, say so in a comment beside it.

## Limits

Judged are stages of dvc.yaml all of whose commands run Python scripts of the repository that were followed to the end.
The check is silent where a file is opened under a name that cannot be told, where some text of the code, a setting or
the command line names the dependency, and about code, requirements, stages that always run and entries whose comment speaks of order.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check("MLD211", family="data-dependencies", tier=2, severity="minor", confidence=("firm",), effort=Effort(5))
def unused_declared_dependency(graph: DebtGraph) -> Iterator[Problem]:
    for unread in graph.unread_dependencies():
        reads = "reads it" if unread.kind == "setting" else "opens it"
        yield Problem(
            at=unread.at,
            symbol=unread.name,
            key=f"{unread.stage}:{unread.name}",
            message=f"Stage '{unread.stage}' depends on '{unread.name}', but '{unread.by}' never {reads}.",
            advice="Delete the entry: it only runs the stage again for nothing.",
            confidence="firm",
            evidence=unread.evidence,
        )
