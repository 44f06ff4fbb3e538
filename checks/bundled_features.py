"""A join brings a bundle of columns of which few are used.

## Why it is debt

Each column of the bundle is an upstream dependency: when its source changes, fails or is withdrawn, the whole table does not come, though
most of it was never needed. Features that came in a bundle because there was no time to look at each of them are the classic
case (Sculley et al. 2015, section 3, bundled features).

## What to do

Ask for the columns that are used, where the table is read or before it is joined.

## Limits

Judged are joins of tables all of whose columns are known (from `usecols` or a selection), of four columns or more beside the keys, in code that reaches
training or serving, where at most half of the columns may be used. A column counts as used unless it was seen left behind. Columns
that the repository computes are left to `unused-feature`; bundles younger than 60 days are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD204", family="data-dependencies", tier=2, severity="minor", confidence=("firm",), effort=Effort(20, 2, "column that nothing uses")
)
def bundled_features(graph: DebtGraph) -> Iterator[Problem]:
    for bundle in graph.bundles():
        source = f" of '{bundle.path}'" if bundle.path else ""
        kept = ", ".join(f"'{name}'" for name in bundle.kept)
        unused = ", ".join(f"'{name}'" for name in bundle.unused)
        yield Problem(
            at=bundle.at,
            symbol=bundle.path.rpartition("/")[2] or bundle.kept[0],
            key=f"{bundle.scope}:{bundle.path}:{kept}",
            message=f"The join brings a bundle of columns{source}, but only {kept} may be used.",
            advice=f"Ask for no more than that; nothing uses {unused}.",
            confidence="firm",
            evidence=bundle.evidence,
            size=len(bundle.unused),
        )
