"""The label that a model shall predict is among the features it learns from.

## Why it is debt

A model that is given the answer learns to copy it: the score is near perfect and worth nothing, because in production the answer is what is missing
(ML Test Score, Data 4). The leak often hides in a feature that is computed from the label.

## What to do

Take the label out of the features (`y = df.pop("label")`), and compute features only from what is known at prediction time.

## Limits

Lags and windows of the label are not judged here, nor models that rebuild their input. Statistics of the label count where they are computed for each
group over rows that are divided afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check("MLD224", family="data-dependencies", tier=1, severity="blocker", confidence=("certain", "firm"), effort=Effort(15))
def target_leakage(graph: DebtGraph) -> Iterator[Problem]:
    for leak in graph.labels_among_features():
        held = "still hold it when 'fit' is called" if not leak.through else f"hold '{leak.through}', which is computed from it"
        yield Problem(
            at=leak.at,
            symbol=leak.through or leak.name,
            key=leak.key,
            message=f"The model learns the label '{leak.name}', and its features {held}.",
            advice=f"Take '{leak.name}' out of the features."
            if not leak.through
            else f"Drop '{leak.through}', or compute it without '{leak.name}'.",
            confidence=leak.confidence,
            evidence=leak.evidence,
        )
    for encoding in graph.preprocessing_leaks():
        if encoding.label:
            yield Problem(
                at=encoding.at,
                symbol=encoding.label,
                key=f"{encoding.label}:{encoding.what}",
                message=f"Features hold a statistic of the label '{encoding.label}' over all rows of a group, the row's own label and test rows included.",
                advice="Learn the encoding inside the training folds (TargetEncoder in a Pipeline).",
                confidence=encoding.confidence,
                evidence=encoding.evidence,
            )
