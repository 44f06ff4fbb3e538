"""`mldebt explain`: the page of a check."""

from __future__ import annotations

import click


@click.command("explain", short_help="Say what a check looks for, and what to do.")
@click.argument("name", metavar="NAME|CODE")
def command(name: str) -> None:
    """Say what a check looks for, why it is debt, and what to do about it."""
    from mldebt.cli.style import write_out
    from mldebt.core import MldebtError
    from mldebt.docgen import headline
    from mldebt.plugins import load_checks
    from mldebt.settings import near_miss

    rules = {word: check.rule for check in load_checks() for word in (check.rule.name, check.rule.code)}
    rule = rules.get(name) or rules.get(name.upper()) or rules.get(name.lower().replace("_", "-"))
    if rule is None:
        folded = name.lower().replace("_", "-")
        near = near_miss(name, sorted(rules)) or near_miss(folded, sorted(rules)) or "; 'mldebt checks' lists them"
        raise MldebtError(f"no check '{name[:80]}'{near}")
    write_out(f"{rule.code} {rule.name}\n{headline(rule)}\n\n{rule.page}\n")
