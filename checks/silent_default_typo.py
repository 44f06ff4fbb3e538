"""Code asks for a key with a default; the configuration has nearly the same key, which nothing reads.

## Why it is debt

One of the two is misspelt. The program takes the default, the value in the configuration has no effect, and nobody is told
(Sculley et al. 2015, section 6: it should be hard to make manual errors, omissions, or oversights).

## What to do

Give both the same name. A schema that refuses unknown keys (`extra="forbid"`, a dataclass, structured configs) says so when the program starts.

## Limits

Reported are reads with a default (`get`, `pop`, `getattr`) of a key that no variant defines, where just one key of the same section has nearly its
name (other case or joints, one or two letters, a word cut short) and is read by nothing. Plain absence is normal and no finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check("MLD503", family="configuration", tier=1, severity="major", confidence=("firm",), effort=Effort(5))
def silent_default_typo(graph: DebtGraph) -> Iterator[Problem]:
    for pair in graph.near_misses():
        default = f"the default {pair.fallback!r}" if pair.fallback is not ... else "a default"
        yield Problem(
            at=pair.at,
            symbol=pair.asked,
            key=f"{pair.asked}:{pair.written}",
            message=f"'{pair.asked}' is asked for with {default}, but the configuration defines '{pair.written}', which nothing reads.",
            advice=f"Give both the same name; '{pair.written}' stands in {pair.written_at.path}:{pair.written_at.line}.",
            confidence="firm",
            evidence=pair.evidence,
        )
