"""Many modules feed one package by hand, with the same conversion each time.

## Why it is debt

A package used raw from everywhere freezes the system to its data types and its version: an upgrade or a replacement
touches every module, and each copy of the conversion handles missing values and column order in its own way
(Sculley et al. 2015, section 5, glue code).

## What to do

Wrap the package in one class or function that takes the repository's own tables, and use that everywhere.

## Limits

Judged are packages that fit or predict, called from at least four modules in train or serve reach of which two repeat a
conversion into the package's data type, where no class or function of the repository both converts and calls for others; and
modules of at least 25 lines that only convert or move values, when they are 60 % of all its lines on values.
The measure *glue ratio* counts the lines that only convert or move values, of all lines that touch any, over the modules in train or serve reach.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Measure, Problem, check, measure


@check("MLD401", family="anti-patterns", tier=1, severity="major", confidence=("firm",), effort=Effort(30, 15, "module"))
def glue_code(graph: DebtGraph) -> Iterator[Problem]:
    for package in graph.scattered_packages():
        yield Problem(
            at=package.at,
            symbol=package.package,
            key=package.package,
            message=f"Package '{package.package}' is called from {len(package.modules)} modules; "
            f"{len(package.converting)} of them repeat the conversion {package.conversion}.",
            advice=f"Wrap '{package.package}' behind one class with fit and predict, and convert there.",
            confidence="firm",
            evidence=package.evidence,
            size=len(package.modules),
        )
    for module in graph.moving_modules():
        yield Problem(
            at=module.at,
            symbol=module.module,
            key="module",
            message=f"Of the {module.touching} lines in '{module.path}' that touch values, {module.moving} only convert or move them.",
            advice="Convert once, at the border to the package that needs it.",
            confidence="firm",
            evidence=module.evidence,
        )


@measure("MLD401", family="anti-patterns")
def glue_ratio(graph: DebtGraph) -> Iterator[Measure]:
    moving, touching = graph.moving_lines()
    if touching:
        yield Measure("glue ratio", len(moving), "lines", touching, moving)
