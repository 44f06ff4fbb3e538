"""A model learns from what another model says.

## Why it is debt

A model trained on the output of another one, as a feature, as a residual or as the margin to start from, is a quick way
to correct it for a slightly different problem. It also ties the two together: every improvement of the first moves the
inputs of the second, which can make the whole worse, and a third model on top locks the row in place (Sculley et al.
2015, section 2, correction cascades).

## What to do

Train the second model on the first one's own features plus features that tell the cases apart, or merge the two. If the
cascade stays, pin the version of the first model and retrain both together.

## Limits

Only what can be proven is reported: the prediction is followed through columns, arrays, files and tables into the fit. Declared
ensembles (stacking, out-of-fold predictions, several models of one target that meet in a combiner), one estimator class
that holds both models, models trained alternately in one loop, imputation, clusterings, embeddings and pretrained encoders are no
cascades. Calibration of a model's own scores and distillation are notes. Networks that a loop of one's own trains with
`backward()` are seen as models that predict, not as models that learn.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, Severity, check

HOW = {
    "feature": "'{learner}' learns from the output of '{upstream}'{carrier}.",
    "target": "'{learner}' learns a target that is made of the output of '{upstream}'{carrier}.",
    "residual": "'{learner}' learns what '{upstream}' leaves over{carrier}.",
    "base": "'{learner}' starts from the output of '{upstream}'{carrier}.",
    "calibration": "'{learner}' calibrates the scores of '{upstream}'{carrier}.",
    "distillation": "'{learner}' learns to say what '{upstream}' says{carrier}.",
}
NOTES = frozenset({"calibration", "distillation"})


@check(
    "MLD103",
    family="boundary-erosion",
    tier=1,
    severity="major",
    confidence=("firm",),
    effort=Effort(120, 60, "further link in the cascade"),
)
def correction_cascade(graph: DebtGraph) -> Iterator[Problem]:
    for cascade in graph.cascades():
        carrier = f" ({cascade.carrier})" if cascade.carrier else ""
        severity: Severity | None = "info" if cascade.form in NOTES else "critical" if cascade.depth > 1 else None
        advice = (
            f"Improving '{cascade.upstream}' changes what '{cascade.learner}' learns from. Train it on the first model's own features plus "
            "features that tell the cases apart, or merge the two; if the cascade stays, pin the version and retrain both together."
        )
        yield Problem(
            at=cascade.at,
            symbol=cascade.symbol,
            key=f"{cascade.upstream}->{cascade.learner}",
            message=HOW[cascade.form].format(learner=cascade.learner, upstream=cascade.upstream, carrier=carrier),
            advice=advice if cascade.form not in NOTES else "Retrain both together, and keep them as one model.",
            confidence="firm",
            evidence=cascade.evidence,
            size=cascade.further,
            severity=severity,
        )
