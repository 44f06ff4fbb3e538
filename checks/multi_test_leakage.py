"""The rows that choose the best model also give the score that is reported for it.

## Why it is debt

The best of many scores is good partly by luck, and the luck does not come along to production: rows that chose a model have become
validation rows, and there are no test rows left (Yang, Brower-Sinning, Lewis, Kästner, ASE 2022, multi-test leakage).

## What to do

Divide into three, or choose by cross-validation on the training part. Touch the test rows once, after the choice.

## Limits

Scores that are only shown side by side choose nothing. Reported are choices that the program itself makes (the greater of two scores, the first of a sorted
list, early stopping) and a score on the same rows after it, where no other rows are scored.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check("MLD223", family="data-dependencies", tier=2, severity="major", confidence=("firm",), effort=Effort(45, 5, "place that chooses"))
def multi_test_leakage(graph: DebtGraph) -> Iterator[Problem]:
    for twice in graph.tests_that_choose():
        chosen = "choose the best model" if twice.how == "comparison" else "decide when the fit stops"
        yield Problem(
            at=twice.at,
            symbol=twice.model,
            key=twice.model,
            message=f"These rows {chosen}, and give the reported score as well.",
            advice="Keep a part for choosing apart from the test rows, and score those once, at the end.",
            confidence="firm",
            size=twice.sites,
            evidence=twice.evidence,
        )
