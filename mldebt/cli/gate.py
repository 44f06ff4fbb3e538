"""When a scan ends with exit code 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mldebt.core import SEVERITIES, Severity

if TYPE_CHECKING:
    from mldebt.report.contents import Contents
    from mldebt.settings import DebtLimit


def fails(contents: Contents, fail_on: Severity) -> bool:
    """Whether something at least so severe is reported; notes never fail."""
    return any(_is_at_least(finding.severity, fail_on) for finding in contents.findings)


def exceeds(contents: Contents, limit: DebtLimit) -> bool:
    """Whether the findings of a comparison, all of them new, are beyond what new debt may be."""
    if limit.severity is not None:
        return fails(contents, limit.severity)
    return contents.principal_minutes > limit.minutes


def _is_at_least(severity: Severity, least: Severity) -> bool:
    failing: Sequence[Severity] = SEVERITIES[: SEVERITIES.index(least) + 1]
    return severity in failing and severity != "info"
