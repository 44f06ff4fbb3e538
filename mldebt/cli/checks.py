"""`mldebt checks`: which checks there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mldebt.api import Rule


_HEADER = ("code", "name", "family", "severity", "profile", "kind", "what it finds")


@click.command("checks")
@click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(format: str) -> None:
    """List all installed checks."""
    from mldebt.cli.style import write_out
    from mldebt.plugins import load_checks

    rules = [check.rule for check in load_checks()]
    write_out(_as_json(rules) if format == "json" else _as_text(rules))


def _as_text(rules: Sequence[Rule]) -> str:
    from mldebt.docgen import profile_of

    rows = [_HEADER, *((r.code, r.name, r.family, r.severity, profile_of(r), r.kind, r.summary) for r in rules)]
    widths = [*(max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]), 0]
    return "".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + "\n" for row in rows)


def _as_json(rules: Sequence[Rule]) -> str:
    from mldebt.docgen import profile_of
    from mldebt.report.wording import json_text

    return json_text(
        [
            {
                "code": rule.code,
                "name": rule.name,
                "family": rule.family,
                "kind": rule.kind,
                "tier": rule.tier,
                "profile": profile_of(rule),
                "severity": rule.severity,
                "confidence": rule.confidence,
                "effort": {"offset_minutes": rule.effort.offset, "each_minutes": rule.effort.each, "per": rule.effort.per},
                "summary": rule.summary,
            }
            for rule in rules
        ]
    )
