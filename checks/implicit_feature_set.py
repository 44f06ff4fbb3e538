"""A model learns from every column that a table happens to have.

## Why it is debt

Nobody decided what the features are: they are what is left when the label is taken away. A new column upstream, an identifier or a copy of the label,
becomes a feature at the next training without review, and everything the model has learned may shift (Sculley et al. 2015, section 2, CACE, and
section 3, bundled features; ML Test Score, Data 1).

## What to do

List the features, in code or in the settings, and select them by that list; or hold the table against a schema before the fit
(`usecols=`, a strict pandera schema, `assert list(X.columns) == FEATURES`).

## Limits

Judged are tables that come from outside: files that git does not hold and that no code or stage here writes, `SELECT *`, tables of a database. A finding
needs columns taken away by name, or a choice by position, type or pattern with an open end; a whole table that is handed over as it is says nothing. A
`ColumnTransformer` that names its columns makes the set explicit unless `remainder="passthrough"`, and so may a transformer of one's own. Tests, examples and teaching material are left alone. Where
more than the label is taken away by hand (identifiers, dates), the severity is raised: the list of exceptions will grow.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check

MOST_COLUMNS = 60
MANY = 2


@check(
    "MLD102",
    family="boundary-erosion",
    tier=1,
    severity="major",
    confidence=("certain", "firm"),
    effort=Effort(15, 1, "column in sight"),
)
def implicit_feature_set(graph: DebtGraph) -> Iterator[Problem]:
    for found in graph.implicit_feature_sets():
        names = [f"'{name}'" for name in found.gone[:4]]
        more = f" and {len(found.gone) - 4} more" if len(found.gone) > 4 else ""
        taken = f"every column except {', '.join(names)}{more}" if names else "the columns that a position, type or pattern leaves"
        also = " (or a choice among them)" if names and found.by_choice else ""
        model = f"'{found.model}'" if found.model else "A model"
        yield Problem(
            at=found.at,
            symbol=found.table,
            key=f"{found.table}:{','.join(found.gone)}",
            message=f"{model} is trained on {taken}{also} of '{found.table}': a new upstream column becomes a feature unseen.",
            advice="List the features and select them by that list, or assert the table's schema before the fit.",
            confidence=found.confidence,
            evidence=found.evidence,
            size=min(found.columns, MOST_COLUMNS),
            severity="critical" if len(found.others) >= MANY else None,
        )
