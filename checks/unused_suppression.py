"""A suppression holds nothing back: it matches no finding, cannot be read, or is past its date.

## Why it is debt

A suppression is a promise that somebody looked. When the finding it answered for is gone, the comment
stays, misleads the next reader, and silently swallows the next finding of that kind on the line. One that
cannot be read, or whose date has passed, protects nothing although it looks as if it did.

## What to do

Delete it, mend the name it is written with, or look again and set a new date. Set `require-reason = true`
under `[tool.mldebt.checks.unused-suppression]` to hear also of those that give no reason.

## Limits

A name is judged only if its check ran: with a narrower profile or `--select`, suppressions of the checks
left out are not looked at. Suppressions in a settings file that several repositories share are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.api import DebtGraph, Effort, Problem, check

_WRONG = {
    "unmatched": "matches nothing",
    "unknown": "names no check, code or family",
    "expired": "is past its date",
    "malformed": "cannot be read",
    "unexplained": "gives no reason, which the settings ask for",
}
_ADVICE = {
    "unmatched": "Delete it.",
    "unknown": "Mend the name or delete it.",
    "expired": "Look again: set a new date, or mend what it answers for and delete it.",
    "malformed": 'Delete it, or write it as mldebt: ignore[NAME] reason="…" until=2027-01-31.',
    "unexplained": 'Add reason="…".',
}


@dataclass(frozen=True, slots=True)
class Options:
    require_reason: bool = False


@check("MLD002", family="analysis", tier=1, severity="minor", confidence=("certain",), effort=Effort(2))
def unused_suppression(graph: DebtGraph, options: Options) -> Iterator[Problem]:
    for idle in graph.idle_suppressions():
        if idle.cause == "unexplained" and not options.require_reason:
            continue
        yield Problem(
            at=idle.at,
            symbol=idle.name,
            key=f"{idle.cause}:{idle.name}",
            message=f"The suppression '{idle.name}' {_WRONG[idle.cause]}{f': {idle.detail}' if idle.detail else ''}.".replace("?.", "?"),
            advice=_ADVICE[idle.cause],
            confidence="certain",
        )
