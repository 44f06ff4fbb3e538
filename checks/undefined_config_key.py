"""Code requires a configuration key that no variant, or not every variant, defines.

## Why it is debt

The program ends with a KeyError, often after hours of work, or reads nothing where a value should be. A variant that lost
a key is a configuration that nobody can run any more, kept as if somebody could (Sculley et al. 2015, section 6: it should be
hard to make manual errors, omissions, or oversights).

## What to do

Define the key in every variant, or give the read a default. A schema that all variants are checked against
(a dataclass, pydantic, Hydra's structured configs) finds such gaps when the program starts.

## Limits

A read counts as required when it is an attribute or an item, stands under no condition and in no `try`, and when no code asks whether
the key is there or has a default for it. Keys that programs, command lines or the documentation set are left alone, and so are
groups of Hydra that are left for the command line to choose, and compositions that are incomplete themselves.
Variants are the files that one load may read, and, for Hydra, each option of a group in the defaults lists.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check

NAMED = 3


@check(
    "MLD502",
    family="configuration",
    tier=1,
    severity="critical",
    confidence=("certain", "firm"),
    effort=Effort(10, 2, "variant that lacks the key"),
)
def undefined_config_key(graph: DebtGraph) -> Iterator[Problem]:
    for key in graph.undefined_keys():
        named = ", ".join(f"'{name}'" for name in key.lacking[:NAMED]) + (" and others" if len(key.lacking) > NAMED else "")
        where = f"{named} {'does' if len(key.lacking) == 1 else 'do'} not define it" if key.defining else "no configuration defines it"
        yield Problem(
            at=key.at,
            symbol=key.name,
            key=key.name,
            message=f"Key '{key.name}' is required here, but {where}.",
            advice=f"Define it in {named}, or give the read a default.",
            confidence=key.confidence,
            evidence=key.evidence,
            size=len(key.lacking),
        )
