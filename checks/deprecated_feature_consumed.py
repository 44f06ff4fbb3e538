"""A model still gets a feature, a source or a function's columns that are marked as deprecated.

## Why it is debt

Whoever deprecates a feature promises to stop looking after it: its source may dry up, its code may go, and its values may already mean something
else than they did. A model that is still fitted on it, or predicts from it, keeps the old feature alive beside the new one, and breaks on the day
it is removed. The longer both live, the more code starts to depend on the old one.

## What to do

Move the models that the finding names to the replacement, fit them again, and delete the deprecated feature when no finding is left.
What is deprecated is said in the settings (`[features.ctr_7d]` or `[sources."data/old.csv"]` with `deprecated = true`, `replaced-by`, `since`), in
a comment `# deprecated: ctr_7d use ctr_7d_v2`, or by the function that makes the columns: a decorator `@deprecated`, or
`warnings.warn(…, DeprecationWarning)` in its body.

## Limits

A path over the replacement does not count: `ctr_7d_v2` may be computed from `ctr_7d`. A module that gives the replacement to a model too, and that
asks a setting or parameter which one, is migrating, and is left alone; so are tests. A warning under a condition is about an argument, not about the
function. Comments without a name are mere remarks. Deprecated functions count through the columns that they compute themselves.
Columns whose names are made at run time, and tables that reach code mldebt cannot see, are not recognised. Deprecations in feature stores, dbt and
model registries are not read.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check

MOST_NAMES = 3


@check(
    "MLD208",
    family="data-dependencies",
    tier=1,
    severity="major",
    confidence=("certain", "firm"),
    effort=Effort(20, 15, "model that still gets it"),
)
def deprecated_feature_consumed(graph: DebtGraph) -> Iterator[Problem]:
    for use in graph.deprecated_uses():
        instead = f" (use '{use.replacement}')" if use.replacement else ""
        models = ", ".join(use.models[:MOST_NAMES]) + (" and others" if len(use.models) > MOST_NAMES else "")
        gets = "still get" if len(use.models) > 1 else "still gets"
        move = f"to '{use.replacement}'" if use.replacement else "to something else"
        since = f" It is deprecated since {use.since}." if use.since else ""
        migrated = f" Already there: {', '.join(use.migrated)}." if use.migrated else ""
        yield Problem(
            at=use.at,
            symbol=use.name,
            key=f"{use.what}:{use.identity}",
            message=f"{use.what.capitalize()} '{use.name}' is deprecated{instead}, but {models} {gets} {'its columns' if use.what != 'feature' else 'it'}.",
            advice=f"Move {', '.join(use.models)} {move}, then delete it.{since}{migrated}",
            confidence=use.confidence,
            evidence=use.evidence,
            size=len(use.models),
        )
