"""A model asks for a feature that no table has.

## Why it is debt

The list of features and the code that makes them have parted: a column was renamed, dropped or misspelled, and nobody resolved the
dependency to its source (Sculley et al. 2015, section 3, static analysis of data dependencies). At best the program stops with an error. At
worst the column is filled with missing values, and the model quietly learns without the feature that everybody believes it has.

## What to do

Correct the name, or delete it from the list. Select with `table[names]`, which fails at once, rather than with `reindex`, which does not.

## Limits

Judged are names that are asked of a table all of whose columns are known (from `usecols`, `names`, a literal table, a selection) and that reach a fit or
a prediction, where no code and no other table known here has a column of that name. Any unknown on the way makes the check silent.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check

EFFECTS = {
    "raises": "asking for it raises an error",
    "filled": "it becomes a column of missing values",
}


@check("MLD212", family="data-dependencies", tier=2, severity="critical", confidence=("firm",), effort=Effort(15))
def phantom_feature(graph: DebtGraph) -> Iterator[Problem]:
    for phantom in graph.phantom_features():
        instead = f", which has '{phantom.near}'" if phantom.near else ""
        yield Problem(
            at=phantom.at,
            symbol=phantom.name,
            key=f"{phantom.scope}:{phantom.name}",
            message=f"Feature '{phantom.name}' is asked of a table without such a column{instead}: {EFFECTS[phantom.how]}.",
            advice=f"Did you mean '{phantom.near}'?" if phantom.near else "Correct the name, or delete it from the features.",
            confidence="firm",
            evidence=phantom.evidence,
        )
