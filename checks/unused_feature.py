"""A feature is computed, but no model, decision or file uses it.

## Why it is debt

Every feature is a promise: somebody keeps its sources alive, its code correct and its tests
green. A feature that nothing uses costs all that and gives nothing back (Sculley et al. 2015, section 3,
legacy features). It also hides: the next person to open the code takes it for an input of the model.

## What to do

Delete the feature and what exists only for it; the finding names the columns that feed nothing else.
If it is kept on purpose, say so with `# mldebt: ignore[unused-feature] reason="..."`.

## Limits

When in doubt the check is silent: a table that reaches code mldebt cannot see, or columns
chosen by names computed at run time, count as used. Describe your own readers and trainers
in a library file, and it sees more.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD203",
    family="data-dependencies",
    tier=1,
    severity="major",
    confidence=("certain", "firm"),
    effort=Effort(10, 5, "column that only serves it"),
)
def unused_feature(graph: DebtGraph) -> Iterator[Problem]:
    for feature in graph.features():
        if graph.may_be_used(feature) or graph.feeds_unused(feature):
            continue
        cone = graph.dead_cone(feature)
        yield Problem(
            at=feature.produced_at,
            symbol=feature.name,
            key=feature.identity,
            message=f"Feature '{feature.name}' is computed in {feature.producer}, but no model, decision or file uses it.",
            advice=f"Delete it{cone.also}.",
            confidence=graph.confidence_in(feature),
            evidence=graph.trail(feature),
            size=len(cone.columns),
        )
