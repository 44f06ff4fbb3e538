"""One file is read in several places that understand it differently.

## Why it is debt

Which separator a file has, which values stand for nothing, that a code keeps its leading zeros: this is knowledge about the
file, and each reader has its own copy of it. Where the copies differ, the same cell means two things, and a model is trained on one
and reported on with the other (Sculley et al. 2015, section 5, pipeline jungles).

## What to do

Write one function that reads the file, and let everybody call it. What a reader wants to be different it does after that.

## Limits

Compared are arguments that change values (separator, types, dates, missing values, decimals, encoding, header, names) of reads of one library
function, where both paths are known, equal, and of one project. A different choice of columns or rows is none. A column that one of the
readers converts itself afterwards is not judged, nor are two tries in one function. In notebooks the finding is a note.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD209",
    family="data-dependencies",
    tier=2,
    severity="major",
    confidence=("certain",),
    effort=Effort(30, 10, "reader beyond the first"),
)
def divergent_source_parsing(graph: DebtGraph) -> Iterator[Problem]:
    for read in graph.divergent_reads():
        yield Problem(
            at=read.at,
            symbol=read.path.rpartition("/")[2],
            key=read.path,
            message=f"'{read.path}' is read here and in '{read.other.path}', but not alike: {read.difference}.",
            advice=f"Write one function that reads the file, for all {read.readers} places that do.",
            confidence="certain",
            evidence=read.evidence,
            size=read.readers - 1,
            severity="info" if read.in_notebook else None,
        )
