"""A model is asked with other features than it has learned from, or in another order.

## Why it is debt

An array has no names: the model takes the third number for what was third at training. A list of features that is written twice is changed once, and the
answers are wrong without an error (Sculley et al. 2015, section 3; ML Test Score, Monitor 3).

## What to do

Keep one list of features in a module that training and serving import, or keep it beside the model in the file that is loaded, and select by it on both sides.

## Limits

Both sides must spell their columns: a table with a known selection, an array made of one, rows of a request's fields. The model must be the same object,
through the file that keeps it, and be trained from one set only. Where both sides hand over named tables the library refuses the call, so that only the
severity is less. Columns of one name that are computed in two ways are `duplicated-feature-logic`.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD108",
    family="boundary-erosion",
    tier=1,
    severity="critical",
    confidence=("firm",),
    effort=Effort(20, 5, "differing column"),
)
def train_serve_feature_mismatch(graph: DebtGraph) -> Iterator[Problem]:
    for found in graph.feature_mismatches():
        said = [
            *([f"without {_listed(found.missing)}"] if found.missing else []),
            *([f"with {_listed(found.extra)} besides"] if found.extra else []),
            *([f"in another order from position {found.position}"] if found.position else []),
        ]
        yield Problem(
            at=found.at,
            symbol=found.model,
            key=f"{found.model}:{','.join((*found.missing, *found.extra)) or 'order'}",
            message=f"'{found.model}' has learned from {len(found.learned)} features in {found.fit_at.path}, but is asked {' and '.join(said)}.",
            advice="Import one list of features on both sides, or keep it with the model.",
            confidence=found.confidence,
            evidence=found.evidence,
            size=max(1, len(found.missing) + len(found.extra)),
            severity="major" if found.checked else None,
        )


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown
