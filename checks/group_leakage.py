"""Several rows belong to one person, session or thing, and are divided row by row.

## Why it is debt

The model may know the patient of a test row from training rows of the same patient. It is then tested on recognising people, not on what it shall
do for new ones.

## What to do

Divide whole groups (`GroupShuffleSplit`, `GroupKFold`), if the model shall work for groups that it has not seen.

## Limits

That a column names groups is guessed from its name (`patient_id`) and from features that are computed for each of its values; whether groups may be shared
only people know. Hence tentative.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check("MLD226", family="data-dependencies", tier=3, severity="major", confidence=("tentative",), effort=Effort(30))
def group_leakage(graph: DebtGraph) -> Iterator[Problem]:
    for torn in graph.groups_torn_apart():
        yield Problem(
            at=torn.at,
            symbol=torn.what,
            key=torn.what,
            message=f"Several rows have one '{torn.what}', but the rows are divided one by one.",
            advice=f"Use GroupShuffleSplit if a '{torn.what}' must not be on both sides.",
            confidence="tentative",
            evidence=torn.evidence,
        )
