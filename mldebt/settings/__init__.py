"""Settings: `mldebt.toml` or `[tool.mldebt]`, typed; an unknown key is an error that names the place and the nearest key."""

from mldebt.settings.files import SETTINGS_FILE, find_root, load_settings, path_matcher
from mldebt.settings.read import debt_limit, near_miss
from mldebt.settings.types import (
    PROFILES,
    Annotation,
    CheckSettings,
    DebtLimit,
    DeclaredSuppression,
    OptionValue,
    PathRule,
    Profile,
    Settings,
)

__all__ = [
    "PROFILES",
    "SETTINGS_FILE",
    "Annotation",
    "CheckSettings",
    "DebtLimit",
    "DeclaredSuppression",
    "OptionValue",
    "PathRule",
    "Profile",
    "Settings",
    "debt_limit",
    "find_root",
    "load_settings",
    "near_miss",
    "path_matcher",
]
