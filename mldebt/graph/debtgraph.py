"""The questions that checks ask."""

from __future__ import annotations


class DebtGraph:
    """Read-only answers about the whole repository."""
