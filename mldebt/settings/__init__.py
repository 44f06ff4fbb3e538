"""Settings: `mldebt.toml` or `[tool.mldebt]`, typed; an unknown key is an error that names the place and the nearest key."""

from mldebt.settings.files import SETTINGS_FILE, find_root, load_settings, path_matcher
from mldebt.settings.read import near_miss
from mldebt.settings.types import PROFILES, Annotation, CheckSettings, DeclaredSuppression, OptionValue, PathRule, Profile, Settings

__all__ = [
    "PROFILES",
    "SETTINGS_FILE",
    "Annotation",
    "CheckSettings",
    "DeclaredSuppression",
    "OptionValue",
    "PathRule",
    "Profile",
    "Settings",
    "find_root",
    "load_settings",
    "near_miss",
    "path_matcher",
]
