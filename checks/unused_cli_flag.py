"""A command-line option is parsed, but its value reaches nothing.

## Why it is debt

The option shows up in `--help`, in scripts and in people's notes. Whoever sets it believes that
something changes, and compares two runs that were the same. Each dead option also hides the live ones.

## What to do

Delete the option, or connect it to what it promises. If it must stay for old command lines, hide it
with `help=argparse.SUPPRESS` and warn when it is given.

## Limits

An option counts as read when its value may reach any operation: arithmetic, a condition, an index, a
text, a library call. Handing it on (to a parameter, an attribute, `**vars(args)`) is no use; logging the
whole namespace is none either. A namespace or parser that is handed to code mldebt cannot see counts as
read as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check("MLD510", family="configuration", tier=1, severity="minor", confidence=("certain", "firm"), effort=Effort(5))
def unused_cli_flag(graph: DebtGraph) -> Iterator[Problem]:
    for option in graph.options():
        if graph.may_be_read(option) or graph.is_expected_unread(option):
            continue
        function = graph.handed_to(option)
        why = f"{function} gets it and does not use it" if function else "nothing reads it"
        if not function and graph.is_overwritten(option):
            why = "its value is overwritten before anything reads it"
        yield Problem(
            at=option.at,
            symbol=option.name,
            key=option.declared,
            message=f"Option '{option.declared}' is parsed, but {why}.",
            advice="Delete the option, or use its value.",
            confidence=graph.confidence_in(option),
            evidence=graph.trail(option),
        )
