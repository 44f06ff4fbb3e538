"""What prepares the test rows is fitted on the test rows.

## Why it is debt

The model learned from rows prepared one way and is asked about rows prepared another way: the same value means different things on the two sides,
and the score says nothing about production, where no batch of test rows exists to learn from (FSDL, normalisation statistics; Zhang 2022).

## What to do

Fit on the training part, `transform` the test part with what was learned there.

## Limits

Reported where both sides can be followed to one model: a statistic of its own on each side of a division.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check("MLD227", family="data-dependencies", tier=1, severity="critical", confidence=("certain", "firm"), effort=Effort(10, 5, "transform"))
def fit_on_test(graph: DebtGraph) -> Iterator[Problem]:
    for leak in graph.fits_on_test():
        made = "is fitted on" if leak.kind == "fitted" else "is computed over"
        yield Problem(
            at=leak.at,
            symbol=leak.what,
            key=leak.what,
            message=f"{leak.what} {made} the test rows themselves, while the model learned from rows prepared with another one.",
            advice="Keep what was learned from the training part and only apply it to the test rows.",
            confidence=leak.confidence,
            evidence=leak.evidence,
        )
