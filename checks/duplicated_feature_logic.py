"""Training and serving compute the same feature each in code of its own.

## Why it is debt

Two implementations drift: one fills gaps with -1, the other with 0, and the model is asked about values that it has never learned (Sculley et al. 2015,
section 5, copied logic; ML Test Score, Monitor 3 and Data 7). The mistake shows in no test of either side.

## What to do

Move the computation into one function that both sides import, or into a transformer that is saved with the model.

## Limits

Judged are columns of one name that are stored in a table by a function which only training reaches and by one which only serving reaches, both from at
least one column of the same name. Different formulas count where every part of both can be seen in the function; equal ones are copies (minor), those of a
single operation left out, and tentative where a part of
both (a function that is called) cannot be seen there. Features that serving puts into a dictionary, and SQL, are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check

LONGEST = 60


@check("MLD109", family="boundary-erosion", tier=2, severity="major", confidence=("firm", "tentative"), effort=Effort(30, 20, "copy"))
def duplicated_feature_logic(graph: DebtGraph) -> Iterator[Problem]:
    for found in graph.duplicated_features():
        first, second = (text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…" for text in found.formulas)
        how = (
            f"by {first} for training and by {second} for serving"
            if found.differs
            else f"by {'a copy' if found.certain else 'what looks like a copy'} of {first}"
        )
        yield Problem(
            at=found.at,
            symbol=found.name,
            key=f"{found.name}:{':'.join(found.scopes)}",
            message=f"'{found.name}' is computed twice, {how}; {found.other_at.path} has the other one.",
            advice="Move it into one function that training and serving use.",
            confidence="firm" if found.certain else "tentative",
            evidence=found.evidence,
            size=found.copies,
            severity=None if found.differs else "minor",
        )
