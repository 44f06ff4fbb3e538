"""Two features of one model say the same.

## Why it is debt

A model that gets one piece of information twice shares its weight between the copies: importances mislead, and when one
copy changes its behaviour the model breaks in a way that nobody expects (Sculley et al. 2015, section 3, correlated features). Both have to be
computed, stored and served.

## What to do

Keep one of the two. If both are kept on purpose, say so with `# mldebt: ignore[redundant-feature-expression] reason="..."`.

## Limits

Two columns are equal where the code makes them by the same operations of the same columns. Where a model sees only the order of values (decision
trees, forests, boosted trees), a column and a strictly monotone function of it alone, such as its logarithm or another unit, are one feature; the check
says nothing of that where another kind of model gets both. Statistical correlation cannot be seen in code.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check("MLD206", family="data-dependencies", tier=2, severity="minor", confidence=("certain",), effort=Effort(10))
def redundant_feature_expression(graph: DebtGraph) -> Iterator[Problem]:
    for feature in graph.redundant_features():
        reason = "are computed alike" if feature.why == "equal" else "differ in scale only, which it cannot see"
        yield Problem(
            at=feature.at,
            symbol=feature.name,
            key=feature.key,
            message=f"'{feature.name}' and '{feature.other}' both feed {feature.model}, but they {reason}.",
            advice="Keep one of them.",
            confidence="certain",
            evidence=feature.evidence,
        )
