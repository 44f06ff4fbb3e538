"""A statistic of all rows, test rows included, is used to prepare what a model learns from.

## Why it is debt

The score then says how well the model knows rows that it has already been told about: the mean, the vocabulary or the components of the test
rows are in the training data (Yang, Brower-Sinning, Lewis, Kästner, ASE 2022, preprocessing leakage). The number looks better than production will.

## What to do

Divide first. Fit scalers, imputers, encoders and selectors on the training part only, best inside a `Pipeline`, which also keeps them out of the
folds of a cross-validation.

## Limits

A finding needs the whole way: the statistic, the division after it, a model that learns from one part and answers for the other. Category codes,
row-wise operations and statistics that only filter rows, are only shown, or only say what the label is (`price >= price.mean()`) count for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD221",
    family="data-dependencies",
    tier=1,
    severity="critical",
    confidence=("certain", "firm"),
    effort=Effort(20, 10, "leaking transform"),
)
def preprocessing_leakage(graph: DebtGraph) -> Iterator[Problem]:
    for leak in graph.preprocessing_leaks():
        if leak.label:
            continue  # target-leakage speaks of it
        made = "is fitted on" if leak.kind == "fitted" else "is computed over"
        yield Problem(
            at=leak.at,
            symbol=leak.what,
            key=leak.what,
            message=f"{leak.what} {made} all rows before they are divided, so the score has seen the test rows' statistics.",
            advice="Fit it on the training part only, best inside a Pipeline.",
            confidence=leak.confidence,
            evidence=leak.evidence,
        )
