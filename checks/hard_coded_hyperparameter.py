"""Hyperparameters are literals inside the code that trains.

## Why it is debt

A run cannot be described by its configuration, two runs cannot be compared as a diff, and the same number has to be
found and changed in every script that repeats it (Sculley et al. 2015, section 5, plain-old-data-type smell).

## What to do

Move the values into the configuration that the training code already reads, or into a typed settings class.

## Limits

Judged are literals that flow straight into documented hyperparameters of a library call in training code, and that
differ from the library's default. Seeds, architecture layers, search spaces and budgets, batches that a model only answers for, tests, examples, teaching material, named constants and
defaults of parameters are left alone. One finding names all literals of a function; it is major where another training
function repeats one of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD421",
    family="anti-patterns",
    tier=1,
    severity="minor",
    confidence=("certain",),
    effort=Effort(5, 2, "literal in the same function"),
)
def hard_coded_hyperparameter(graph: DebtGraph) -> Iterator[Problem]:
    for site in graph.literal_hyperparameters():
        values = list(dict.fromkeys(f"{name}={value}" for name, value, _ in site.literals))
        listed = ", ".join(values[:6]) + (", ..." if len(values) > 6 else "")
        count, them = (
            ("One hyperparameter is a literal", "it") if len(values) == 1 else (f"{len(values)} hyperparameters are literals", "them")
        )
        more = len(site.repeated_in) - 1
        who = "" if more < 0 else f"{site.repeated_in[0]} and {more} more repeat" if more else f"{site.repeated_in[0]} repeats"
        also = f"; {who} {'it' if len(values) == 1 else 'some of them'}" if site.repeated_in else ""
        yield Problem(
            at=site.at,
            symbol=site.short,
            key=site.scope,
            message=f"{count} in {site.function}: {listed}{also}.",
            advice=f"Move {them} into the configuration, so that two runs can be compared as a diff.",
            confidence="certain",
            evidence=site.evidence,
            size=len(site.literals),
            severity="info" if site.in_notebook else "major" if site.repeated_in else None,
        )
