"""Predicted labels are put among true ones, and nothing tells them apart.

## Why it is debt

A model that learns from predicted labels as if they were true repeats the errors of whoever predicted them. Without a flag nobody
can weigh them down, leave them out of an evaluation, or take them back when a better model comes (Sculley et al. 2015, section 4).

## What to do

Add a column that says where a label comes from, give the predicted ones a weight of their own, keep only confident
ones, and never evaluate on them.

## Limits

The check follows tables and arrays in memory. A constant column on one of the parts, `keys=` of the concatenation, or a sample weight in
the fit count as marks; a filter on the prediction makes it minor. Self-training by an explicit algorithm of a library keeps its
own account and is not reported; labels that go through a file are a feedback loop or a cascade.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check("MLD303", family="feedback-loops", tier=2, severity="major", confidence=("firm",), effort=Effort(30, 0, ""))
def unmarked_pseudo_labels(graph: DebtGraph) -> Iterator[Problem]:
    for labels in graph.mixed_labels():
        column = f" in '{labels.column}'" if labels.column else ""
        yield Problem(
            at=labels.at,
            symbol=labels.column or labels.learner,
            key=f"{labels.learner}:{labels.column}",
            message=f"Labels that '{labels.upstream}' predicts are mixed with true ones{column} without a mark, and '{labels.learner}' learns from them.",
            advice="Add a column such as 'is_pseudo', weight or filter them, and never evaluate on them.",
            confidence="firm",
            evidence=labels.evidence,
            severity="minor" if labels.filtered else None,
        )
