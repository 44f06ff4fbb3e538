"""A prediction is turned into a decision by a fixed number.

## Why it is debt

A threshold is chosen for one model on one day's data. The model is retrained, the data moves, the number stays, and
precision and recall drift without anybody deciding it (Sculley et al. 2015, section 7, fixed thresholds).

## What to do

Learn the threshold on validation data (a precision-recall curve, a cost function, a quantile) in the training code,
store it beside the model and load both together.

## Limits

Only values that flow from a model's probability, score or regression output are judged, never names. A threshold that
code here computes, or whose file code here writes, is a learned one. 0.5 on a probability without an effect on the
outside is tentative.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD601",
    family="changing-world",
    tier=1,
    severity="major",
    confidence=("firm", "tentative"),
    effort=Effort(30, 10, "place that uses the value"),
)
def fixed_decision_threshold(graph: DebtGraph) -> Iterator[Problem]:
    for threshold in graph.fixed_thresholds():
        where = f" from {threshold.defined_in}" if threshold.defined_in else ""
        effect = f" and decides {threshold.effect}" if threshold.effect else ""
        firm = threshold.acts or (threshold.value != 0.5 and not threshold.only_evaluated)
        yield Problem(
            at=threshold.at,
            symbol=threshold.symbol,
            key=threshold.key,
            message=f"A prediction of {threshold.model or 'a model'} is compared with the fixed value {threshold.value}{where}{effect}.",
            advice="Learn the threshold on validation data and store it with the model.",
            confidence="firm" if firm else "tentative",
            evidence=threshold.evidence,
            size=threshold.uses,
        )
