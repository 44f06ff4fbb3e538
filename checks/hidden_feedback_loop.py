"""Several models learn from each other's output.

## Why it is debt

Each of them looks alone, but improving one moves the inputs of the others, and theirs come back. Such a loop drifts with every
release, and nobody who works on one of the models sees why (Sculley et al. 2015, section 4, hidden feedback loops).

## What to do

Cut one edge: let one of the models do without the other's output. Until then release and evaluate them together.

## Limits

Only loops through files and tables of this repository can be seen; two systems that meet in the outside world cannot. A table that no
training reads closes no loop. The single links of the loop are not reported again as cascades.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD302", family="feedback-loops", tier=2, severity="major", confidence=("firm",), effort=Effort(240, 60, "further model in the cycle")
)
def hidden_feedback_loop(graph: DebtGraph) -> Iterator[Problem]:
    for loop in graph.hidden_loops():
        models = " and ".join(f"'{model}'" for model in loop.models)
        assets = ", ".join(f"'{asset}'" for asset in loop.assets)
        yield Problem(
            at=loop.at,
            symbol=", ".join(loop.models),
            key=" <-> ".join(loop.models),
            message=f"{models} learn from each other's output through {assets}.",
            advice="Release and evaluate them together, or let one of them do without the other's output.",
            confidence="firm",
            evidence=loop.evidence,
            size=max(loop.count - 2, 0),
        )
