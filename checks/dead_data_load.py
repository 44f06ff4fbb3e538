"""Data is read, but nothing uses it.

## Why it is debt

A load that nobody needs costs time and memory in each run, and keeps its source alive: somebody delivers the file,
downloads it, stores it and grants access to it for nothing (Sculley et al. 2015, section 3, underutilized dependencies).
Who reads the code takes the source for an input.

## What to do

Delete the load, and what only prepares it: the download step, the setting with its path, the entry in the stage. If it
warms a cache or checks that the file is there, assign it to `_`.

## Limits

Judged is the variable that gets the value, also through functions that only hand the value on, and left joins of tables all of whose
columns are known, if each of them was seen left behind. Printing the value, its
first rows, its shape or its length is no use in code that trains, evaluates or serves; elsewhere showing may be what the program is for.
The check is silent about notebooks (a cell displays its last line), loads inside `try`, results that are thrown away at once or assigned
to a name that begins with an underscore, names of modules that others import, attributes, and scopes that look at their variables by name.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check

FATES = {
    "dead": "but nothing uses it",
    "overwritten": "but another value replaces it before anything uses it",
    "shown": "but it is only printed",
}


@check("MLD210", family="data-dependencies", tier=2, severity="minor", confidence=("certain",), effort=Effort(5))
def dead_data_load(graph: DebtGraph) -> Iterator[Problem]:
    for load in graph.dead_loads():
        source = f"'{load.path}'" if load.path else "a file"
        yield Problem(
            at=load.at,
            symbol=load.name,
            key=f"{load.scope}:{load.name}",
            message=f"'{load.name}' is read from {source} in {load.function}, {FATES[load.fate]}.",
            advice="Delete the load and what only prepares it, such as its download step.",
            confidence="certain",
            evidence=load.evidence,
        )
    for join in graph.dead_joins():
        source = f" of '{join.path}'" if join.path else ""
        yield Problem(
            at=join.at,
            symbol=join.path.rpartition("/")[2] or join.unused[0],
            key=f"{join.scope}:{join.path}:{','.join(join.unused)}",
            message=f"The join brings columns{source} in {join.function}, but nothing uses any of them.",
            advice="Delete the join, and the load of the table if nothing else needs it.",
            confidence="certain",
            evidence=join.evidence,
        )
