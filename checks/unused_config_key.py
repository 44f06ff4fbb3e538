"""A key of a configuration file is read by nothing.

## Why it is debt

People tune the key, compare runs, and nothing changes: the value reaches no code. Each dead key also hides the
live ones, and makes the next variant of the file longer (Sculley et al. 2015, section 6: it should be possible to
detect unused or redundant settings).

## What to do

Delete the key in every variant, or connect it to what it promises.

## Limits

Only files are judged that the repository's own code provably loads: by a literal or templated path, through Hydra's
composition, or on a command line of the repository. A key counts as read when its value may reach any operation, when
`instantiate` gives it to a class that accepts it, when another key refers to it with `${...}`, and when a stage declares it
or a shell script asks for it. Printing or logging a whole configuration is no use. What is passed to code that mldebt
cannot see, looked up by a computed name, or known by name to code that may load the file out of sight, counts as read. Keys that
speak to people (`description`, `version` and their kin) are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD509",
    family="configuration",
    tier=1,
    severity="major",
    confidence=("certain", "firm"),
    effort=Effort(3, 1, "value below the key (20 at most)"),
)
def unused_config_key(graph: DebtGraph) -> Iterator[Problem]:
    for key in graph.unused_keys():
        others = (
            f", nor in {len(key.files) - 1} more variants" if len(key.files) > 2 else f", nor in {key.files[1]}" if key.files[1:] else ""
        )
        why = f"{key.handed_to} gets it and does not use it" if key.handed_to else "nothing reads it"
        yield Problem(
            at=key.at,
            symbol=key.name,
            key=key.name,
            message=f"Key '{key.name}' is set, but {why}.",
            advice=f"Delete it here{others}, or use it." if not others else f"Delete it (it is used neither here{others}), or use it.",
            confidence=key.confidence,
            evidence=key.evidence,
            size=min(key.count, 20),
        )
