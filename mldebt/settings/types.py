"""The settings of a run, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from mldebt.core import Severity

Profile = Literal["default", "strict", "all"]

PROFILES: tuple[Profile, ...] = ("default", "strict", "all")


@dataclass(frozen=True, slots=True)
class OptionValue:
    """An option of a check as the settings give it; the check's own dataclass says later whether it exists. `at` is `file:line`."""

    name: str
    value: object
    at: str


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """`[tool.mldebt.checks.<name>]`."""

    name: str
    at: str
    severity: Severity | None = None
    options: tuple[OptionValue, ...] = ()


@dataclass(frozen=True, slots=True)
class PathRule:
    """`[tool.mldebt.per-path]`: what holds only for the paths that a gitignore-style pattern matches."""

    pattern: str
    at: str
    ignore: tuple[str, ...] = ()
    severity: Severity | None = None
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class DeclaredSuppression:
    """`[[tool.mldebt.suppressions]]`, for files that cannot carry comments. `file` is the settings file it stands in, relative to the root."""

    path: str
    name: str
    file: str
    line: int
    symbol: str = ""
    reason: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class DebtLimit:
    """How much new debt may come in: none so severe, or at most so many minutes of work."""

    severity: Severity | None = None
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a team says about a source or a feature: `[tool.mldebt.sources."s3://…"]`, `[tool.mldebt.features.ctr_7d]`."""

    name: str
    at: str
    owner: str = ""
    description: str = ""
    freshness: str = ""
    version: str = ""
    consumers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    deprecated: bool = False
    since: str = ""
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a run. `file` is the settings file relative to the root, "" where there is none; `libraries` and `baseline` are relative to the root too."""

    file: str = ""
    root_packages: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()
    profile: Profile = "default"
    fail_on: Severity = "minor"
    baseline: str = ""
    fail_on_new: DebtLimit | None = None
    size_limit: int = 1_000_000
    per_path: tuple[PathRule, ...] = ()
    libraries: tuple[str, ...] = ()
    checks: Mapping[str, CheckSettings] = field(default_factory=dict)
    suppressions: tuple[DeclaredSuppression, ...] = ()
    sources: Mapping[str, Annotation] = field(default_factory=dict)
    features: Mapping[str, Annotation] = field(default_factory=dict)
    policy: Mapping[str, object] = field(default_factory=dict)
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    score: Mapping[str, object] = field(default_factory=dict)
