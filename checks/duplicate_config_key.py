"""A configuration file sets the same key twice.

## Why it is debt

YAML and JSON parsers keep the last value and say nothing. Whoever edits the first one changes nothing, and the file shows two
truths of which one is a lie (Sculley et al. 2015, section 6: it should be hard to make manual errors).

## What to do

Keep one of the two.

## Limits

Judged are the files that the repository's own code provably loads, and all files of a Hydra config directory in use. Merge keys (`<<`) and
documents of their own are no repetition. Equal values are minor. Hydra does not take a file with a repeated key, nor a defaults list that
names a group twice: there the configuration cannot be used at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check("MLD504", family="configuration", tier=1, severity="critical", confidence=("certain",), effort=Effort(2))
def duplicate_config_key(graph: DebtGraph) -> Iterator[Problem]:
    for key in graph.repeated_keys():
        says = f"the last one, {key.values[1]!r}, wins silently" if key.values[1] is not None else "the last one wins silently"
        outcome = "Hydra does not take such a file" if key.refused else "both say the same" if key.equal else says
        yield Problem(
            at=key.at,
            symbol=key.name,
            key=f"{key.at.path}:{key.name}",
            message=f"Key '{key.name}' is set twice in this section; {outcome}.",
            advice=f"Keep one of the two (the other stands in line {key.first.line}).",
            confidence="certain",
            evidence=key.evidence,
            severity="minor" if key.equal and not key.refused else None,
        )
