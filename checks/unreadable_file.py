"""A file cannot be decoded, parsed or is too large, so nothing in it was analysed.

## Why it is debt

What mldebt cannot read, other tools and people often cannot read either: a half-resolved merge, Python 2
in a Python 3 repository, a truncated notebook. Everything such a file produces or uses is invisible, and
every answer about its neighbours is weaker.

## What to do

Mend the file, delete it, or leave it out on purpose with `exclude = ["path/"]` in the settings.

## Limits

Templates, data and a project's own broken test inputs that nothing loads are counted in the closing
summary and not reported one by one. The finding is a note: it never fails a build.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check("MLD001", family="analysis", tier=1, severity="info", confidence=("certain",), effort=Effort(10))
def unreadable_file(graph: DebtGraph) -> Iterator[Problem]:
    for file in graph.unreadable():
        yield Problem(
            at=file.at,
            symbol=file.at.path,
            key=file.reason,
            message=f"'{file.at.path}' cannot be read: {file.reason}.",
            advice="Mend or delete it, or exclude it in the settings.",
            confidence="certain",
        )
