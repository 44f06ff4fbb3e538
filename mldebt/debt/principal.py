"""What it would take to repay the debt, in minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mldebt.core import Finding


def principal(findings: Iterable[Finding]) -> tuple[int, tuple[tuple[str, int], ...]]:
    """The minutes of all findings, and by family (sorted by name); tentative findings and measures never enter."""
    by_family: Counter[str] = Counter()
    for finding in findings:
        if finding.confidence != "tentative" and finding.rule.kind != "measure":
            by_family[finding.rule.family] += finding.effort_minutes
    return by_family.total(), tuple(sorted(by_family.items()))
