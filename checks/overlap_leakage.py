"""Rows that the model is tested on, or copies of them, are among those it learned from.

## Why it is debt

A score on rows that the model has seen measures memory, not skill (Yang, Brower-Sinning, Lewis, Kästner, ASE 2022, overlap leakage). Over-sampling
before the division is the usual way in: a doubled or interpolated row lands on both sides.

## What to do

Divide first, resample the training part only (imblearn's own `Pipeline` does so inside a cross-validation), and score on rows that no fit has seen.

## Limits

Only rows whose way is followed from the resampling, or from a file known by name, to the fit and the score are reported. A last fit on all rows
after the score is none, and a score on the training rows beside one on others is none either.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD222", family="data-dependencies", tier=1, severity="critical", confidence=("certain", "firm"), effort=Effort(15, 5, "evaluation")
)
def overlap_leakage(graph: DebtGraph) -> Iterator[Problem]:
    for leak in graph.resampling_leaks():
        yield Problem(
            at=leak.at,
            symbol=leak.what,
            key=leak.what,
            message=f"{leak.what} repeats or makes up rows before they are divided: neighbours of test rows are in the training part.",
            advice="Resample the training part only, after the division.",
            confidence=leak.confidence,
            evidence=leak.evidence,
        )
    for seen in graph.scores_on_seen_rows():
        rows = "a part of the rows that it has learned from" if seen.part else "the rows that it has learned from, and on no others"
        yield Problem(
            at=seen.at,
            symbol=seen.model,
            key=seen.model,
            message=f"{seen.model} is scored on {rows}.",
            advice="Fit on the training part only." if seen.part else "Keep rows apart for the score, or cross-validate.",
            confidence="firm",
            evidence=seen.evidence,
        )
