"""A model learns from data that its own predictions made or chose.

## Why it is debt

A model that acts on the world and is trained on what came of it chooses its own future training data. Errors confirm
themselves, what was never shown is never learned, and no offline metric sees it (Sculley et al. 2015, section 4, direct feedback
loops).

## What to do

Keep a random slice of the traffic apart from the model, log the propensity of what was shown and weigh by it, or train on
held-out traffic only.

## Limits

Both ends of the loop have to be in the repository, and name the file or table in a way that can be joined. Logs that no training
reads are no loop. Loops with declared exploration (random choices that reach the training data, weights by a propensity) and
loops whose labels people give are notes. What happens outside, in clicks and markets, cannot be seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, Severity, check

ROLES = {
    "target": "learns its own predictions as the target",
    "rows": "learns from the rows that its own predictions chose",
    "feature": "learns from its own predictions as a feature",
}
EASED = {"exploration": " (loop with exploration)", "people": " (people give the labels)"}


@check("MLD301", family="feedback-loops", tier=1, severity="critical", confidence=("firm",), effort=Effort(240, 0, ""))
def direct_feedback_loop(graph: DebtGraph) -> Iterator[Problem]:
    for loop in graph.direct_loops():
        severity: Severity | None = "info" if loop.eased else "major" if loop.role == "feature" else None
        column = f":{loop.column}" if loop.column else ""
        yield Problem(
            at=loop.at,
            symbol=loop.asset.rpartition("/")[2],
            key=f"{loop.model}<->{loop.asset}",
            message=f"'{loop.model}' {ROLES[loop.role]}: {loop.writer} writes '{loop.asset}{column}', and training reads it{EASED.get(loop.eased, '')}.",
            advice="Keep a random holdout slice, log propensities and weigh by them, or train on held-out traffic only.",
            confidence="firm",
            evidence=loop.evidence,
            severity=severity,
        )
