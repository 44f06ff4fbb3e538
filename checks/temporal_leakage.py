"""Rows in the order of time, with features made of earlier and later rows, are divided by chance.

## Why it is debt

The neighbours of each test row are in the training part, and lags and windows carry its value there. The score says how well the model fills gaps in the past;
production asks about the future.

## What to do

Divide by date: train on the rows before, test on the rows after (`TimeSeriesSplit`, `shuffle=False`, a mask on the date).

## Limits

Evidence is a lag, a difference or a window in the features of the divided table. A date column that only gives calendar features is none, nor is a label that
lies in the future.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check("MLD225", family="data-dependencies", tier=2, severity="critical", confidence=("firm",), effort=Effort(30))
def temporal_leakage(graph: DebtGraph) -> Iterator[Problem]:
    for torn in graph.times_torn_apart():
        yield Problem(
            at=torn.at,
            symbol=torn.what,
            key=torn.what,
            message=f"Features use '{torn.what}' over rows in order, but the rows are divided by chance: neighbours of each test row are in training.",
            advice="Divide by date.",
            confidence="firm",
            evidence=torn.evidence,
        )
