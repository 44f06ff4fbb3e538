"""Serving code computes the model's inputs with statistics of the rows it shall score.

## Why it is debt

A scaler that is fitted on a request subtracts the request's own mean, an encoder numbers the categories that happen to be in the batch. The model has
learned with other means and other codes, so every answer is wrong in a way that no error shows, and it changes with the size of the batch (Sculley
et al. 2015, section 5, glue between training and serving; ML Test Score, Monitor 3).

## What to do

Save what was fitted at training, best as one `Pipeline` with the model, and load it. `get_dummies` becomes a fitted `OneHotEncoder`.

## Limits

Judged is code that predicts and does not train: routes, scripts that load a model, functions of a library that only predict. The statistic has to reach
the prediction, and to be one of the rows that are scored. Row-wise normalisation, stateless transformers, summaries of groups and statistics of one
array say nothing, nor does an endpoint that trains. Codes whose columns are then picked by a list are minor: a category that is not in the
batch becomes zero, as it should.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD107",
    family="boundary-erosion",
    tier=1,
    severity="blocker",
    confidence=("certain", "firm"),
    effort=Effort(45, 10, "transform"),
)
def refit_at_serving(graph: DebtGraph) -> Iterator[Problem]:
    for refit in graph.refits_at_serving():
        done = "is fitted on" if refit.kind == "fitted" else "is computed over" if refit.kind == "statistic" else "takes its codes from"
        yield Problem(
            at=refit.at,
            symbol=refit.what,
            key=f"{refit.what}@{refit.scope}",
            message=f"{refit.what} {done} the rows that {refit.function} shall score, but the model has learned with those of its training.",
            advice="Load what was fitted at training, best as one Pipeline with the model.",
            confidence=refit.confidence,
            evidence=refit.evidence,
            size=refit.transforms,
            severity="minor" if refit.listed else None,
        )
