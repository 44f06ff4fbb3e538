"""A model is trained and kept, and nothing in the repository scores it on rows that it has not learned from.

## Why it is debt

Nobody knows what the model is worth, nor whether the next one is better: a score on the training rows rises with every parameter
(ML Test Score; Yang, Brower-Sinning, Lewis, Kästner, ASE 2022, no test data). The first honest number comes from production.

## What to do

Keep some rows apart (`train_test_split`, a date, `cross_val_score`), score the model on them where it is trained or in a stage of its own, and
keep the number beside the model.

## Limits

Silent where the model goes into code that cannot be followed, where it predicts rows it has not seen outside a service (somebody may look at
them), and where another model of its kind is scored properly (a last fit on all rows).
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check("MLD228", family="data-dependencies", tier=2, severity="major", confidence=("firm",), effort=Effort(45))
def no_held_out_evaluation(graph: DebtGraph) -> Iterator[Problem]:
    for kept in graph.models_kept_unscored():
        scored = "scores it on data it has not seen" if not kept.scores else "scores it on data it has not learned from"
        yield Problem(
            at=kept.at,
            symbol=kept.model,
            key=kept.model,
            message=f"{kept.model} is trained and saved; nothing in the repository {scored}.",
            advice="Keep rows apart, or cross-validate, and save the score beside the model.",
            confidence="firm",
            evidence=kept.evidence,
        )
