"""Checks and library files of installed distributions, and which checks a run asks for.

Checks arrive through the entry point group `mldebt.checks` (a package or module whose modules hold `Check` values), library files
through `mldebt.libraries` (a package whose folder holds `*.yaml`).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from mldebt.api import Check, Gauge
from mldebt.core import CONFIDENCES, Confidence, Finding, MldebtError, Rule, Severity
from mldebt.settings import PROFILES, OptionValue, PathRule, Profile, Settings, near_miss, path_matcher

CHECKS_GROUP = "mldebt.checks"
LIBRARIES_GROUP = "mldebt.libraries"

_HIGHEST_TIER = {"default": 1, "strict": 2, "all": 3}


def load_checks() -> tuple[Check, ...]:
    """All installed checks, by code. That there are none is an error, never a clean report."""
    return unique(value for value in _offered() if isinstance(value, Check))


def load_measures() -> tuple[Gauge, ...]:
    """All installed measures, by code and name; they come from the same modules as the checks."""
    return tuple(sorted((value for value in _offered() if isinstance(value, Gauge)), key=lambda one: (one.code, one.name)))


def unique(found: Iterable[Check]) -> tuple[Check, ...]:
    """The checks by code; no two may share a code or a name."""
    checks = sorted(found, key=lambda check: (check.rule.code, check.rule.name))
    if not checks:
        raise MldebtError(f"no checks are installed (entry point group '{CHECKS_GROUP}'): reinstall mldebt")
    taken: dict[str, Check] = {}
    for check in checks:
        for word in (check.rule.code, check.rule.name):
            if word in taken:
                raise MldebtError(f"{_home(check)} and {_home(taken[word])} both define the check {word}")
            taken[word] = check
    return tuple(checks)


def library_files() -> tuple[Path, ...]:
    """The library files of installed distributions; nothing of them is imported."""
    return tuple(file for entry in _entries(LIBRARIES_GROUP) for file in _yaml_files(entry))


def _entries(group: str) -> list[EntryPoint]:
    """Each entry once: a checkout on the path shows its own beside the installed one."""
    return sorted(
        {(entry.name, entry.value): entry for entry in entry_points(group=group)}.values(), key=lambda entry: (entry.name, entry.value)
    )


def _offered() -> Iterator[Check | Gauge]:
    """The checks and measures of all installed plug-ins."""
    for entry in _entries(CHECKS_GROUP):
        module = _imported(entry.value, entry)
        yield from _offered_in(module)
        for inner in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
            yield from _offered_in(_imported(inner.name, entry))


def _imported(name: str, entry: EntryPoint) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise MldebtError(f"plug-in '{entry.name}': cannot import {name}: {type(error).__name__}: {error}") from error


def _offered_in(module: ModuleType) -> Iterator[Check | Gauge]:
    for value in vars(module).values():
        if isinstance(value, Check | Gauge) and value.run.__module__ == module.__name__:
            yield value


def _home(check: Check) -> str:
    return f"{check.run.__module__}.{check.run.__name__}"


def _yaml_files(entry: EntryPoint) -> Iterator[Path]:
    try:
        spec = find_spec(entry.value)
    except ImportError:
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise MldebtError(f"plug-in '{entry.name}': {entry.value} is not a package with library files")
    for folder in spec.submodule_search_locations:
        yield from sorted(Path(folder).glob("*.yaml"))


def select_checks(checks: Sequence[Check], settings: Settings, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> tuple[Check, ...]:
    """The checks of a run, by code: those of the profile, narrowed by `select` and `ignore` (names, codes, families).

    A check selected by name or code runs whatever its tier; so does a policy that the settings switch on. `select` replaces the settings' own,
    `ignore` adds to it.
    """
    validate_names(checks, settings)
    wanted = _known(checks, select, "--select") if select else frozenset(settings.select)
    unwanted = _known(checks, ignore, "--ignore") | frozenset(settings.ignore)
    return tuple(
        check
        for check in checks
        if not _is_named(check.rule, unwanted)
        and (
            check.rule.name in wanted
            or check.rule.code in wanted
            or (_in_profile(check.rule, settings) and (not wanted or check.rule.family in wanted))
        )
    )


def validate_names(checks: Sequence[Check], settings: Settings) -> None:
    """Every check, code or family that the settings name must exist; where one does not, the error names the place and the nearest."""
    where = settings.file or "settings"
    _known(checks, settings.select, f"{where}: select")
    _known(checks, settings.ignore, f"{where}: ignore")
    for rule in settings.per_path:
        _known(checks, rule.ignore, f"{rule.at}: per-path")
    for suppression in settings.suppressions:
        _known(checks, (suppression.name,), f"{suppression.file}:{suppression.line}: suppressions")
    names = [check.rule.name for check in checks]
    for configured in settings.checks.values():
        if configured.name not in names:
            raise MldebtError(f"{configured.at}: unknown check '{configured.name[:80]}'{near_miss(configured.name, names)}")
    policies = [check.rule.name for check in checks if check.rule.kind == "policy"]
    for policy in settings.policy:
        if policy not in policies:
            raise MldebtError(f"{where}: policy: '{policy[:80]}' is no policy{near_miss(policy, policies)}")
    for check in checks:
        options_for(check, settings)


def _known(checks: Sequence[Check], words: Iterable[str], where: str) -> frozenset[str]:
    known = sorted({word for check in checks for word in (check.rule.name, check.rule.code, check.rule.family)})
    for word in words:
        if word not in known:
            raise MldebtError(f"{where}: no check, code or family '{word[:80]}'{near_miss(word, known)}")
    return frozenset(words)


def _is_named(rule: Rule, words: Iterable[str]) -> bool:
    return any(word in words for word in (rule.name, rule.code, rule.family))


def _in_profile(rule: Rule, settings: Settings) -> bool:
    if rule.kind == "policy":
        return bool(settings.policy.get(rule.name))
    return rule.tier <= _HIGHEST_TIER[settings.profile]


def allowed_confidences(profile: Profile) -> tuple[Confidence, ...]:
    """The confidences that a profile shows."""
    return CONFIDENCES if profile == "all" else CONFIDENCES[:2]


def is_shown(rule: Rule, severity: Severity, confidence: Confidence, profile: Profile) -> bool:
    """Whether a profile shows such a problem: tentative ones, and mere notes of a check that is more than a note, only in `all`."""
    return confidence in allowed_confidences(profile) and (severity != "info" or rule.severity == "info" or profile == "all")


def reported(findings: Iterable[Finding], settings: Settings) -> Iterator[Finding]:
    """The findings that the profile of the run and `per-path` let through, with the severities of the settings.

    What is shown is decided by the severity that the check gives: a team that weighs a finding otherwise sees neither more nor fewer of them.
    """
    rules = [(path_matcher((rule.pattern,)), rule) for rule in settings.per_path]
    for finding in findings:
        here = [rule for matches, rule in rules if matches(finding.at.path)]
        shown = is_shown(finding.rule, finding.severity, finding.confidence, settings.profile) and _in_path_profile(finding, here)
        if shown and not any(_is_named(finding.rule, rule.ignore) for rule in here):
            yield replace(finding, severity=_severity_of(finding, here, settings))


def _severity_of(finding: Finding, here: Sequence[PathRule], settings: Settings) -> Severity:
    """What the settings say of the path, else of the check, else what the check says; later rules win."""
    configured = settings.checks.get(finding.rule.name)
    of_path = next((rule.severity for rule in reversed(here) if rule.severity), None)
    return of_path or (configured.severity if configured else None) or finding.severity


def _in_path_profile(finding: Finding, here: Sequence[PathRule]) -> bool:
    """A path's profile can only narrow that of the run."""
    profile = next((rule.profile for rule in reversed(here) if rule.profile), PROFILES[-1])
    return finding.rule.tier <= _HIGHEST_TIER[profile] and is_shown(finding.rule, finding.severity, finding.confidence, profile)


def options_for(check: Check, settings: Settings) -> Any:
    """The check's options dataclass, filled from `[tool.mldebt.checks.<name>]`; None where the check has no options."""
    configured = settings.checks.get(check.rule.name)
    given = configured.options if configured else ()
    names = {field.name.replace("_", "-"): field.name for field in fields(check.options)} if check.options else {}
    hints = get_type_hints(check.options) if check.options else {}
    values = {}
    for option in given:
        name = names.get(option.name.replace("_", "-"))
        if name is None:
            raise MldebtError(
                f"{option.at}: '{check.rule.name}' has no option '{option.name[:80]}'{near_miss(option.name, [*names, 'severity'])}"
            )
        values[name] = _converted(option, hints[name])
    return check.options(**values) if check.options else None


def settings_schema(checks: Sequence[Check]) -> dict[str, Any]:
    """The JSON Schema of a settings file, with the names and options of these checks."""
    from mldebt.settings.schema import schema

    words = sorted({word for check in checks for word in (check.rule.name, check.rule.code, check.rule.family)})
    options = {check.rule.name: dict(_option_schemas(check)) for check in checks}
    return schema(words, options, [check.rule.name for check in checks if check.rule.kind == "policy"])


def _option_schemas(check: Check) -> Iterator[tuple[str, dict[str, Any]]]:
    if check.options is not None:
        hints = get_type_hints(check.options)
        yield from ((field.name.replace("_", "-"), _schema_of(hints[field.name])) for field in fields(check.options))


def _schema_of(hint: Any) -> dict[str, Any]:
    types = {bool: "boolean", int: "integer", float: "number", str: "string"}
    if get_origin(hint) in (Union, UnionType):
        return {"anyOf": [_schema_of(choice) for choice in get_args(hint) if choice is not type(None)]}
    if get_origin(hint) is Literal:
        return {"enum": list(get_args(hint))}
    if get_origin(hint) in (tuple, frozenset):
        return {"type": "array", "items": _schema_of(get_args(hint)[0])}
    return {"type": types[hint]}


def _converted(option: OptionValue, hint: Any) -> object:
    """A value of TOML as the type that the dataclass asks for."""
    for choice in get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,):
        if _fits(option.value, choice):
            if get_origin(choice) in (tuple, frozenset) and isinstance(option.value, list):
                return get_origin(choice)(option.value)
            return float(option.value) if choice is float and isinstance(option.value, int) else option.value
    raise MldebtError(f"{option.at}: '{option.name}' must be {_described(hint)}")


def _fits(value: object, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if get_origin(hint) in (tuple, frozenset):
        return isinstance(value, list) and all(_fits(item, get_args(hint)[0]) for item in value)
    if isinstance(value, bool) or hint is bool:
        return isinstance(value, bool) and hint is bool
    return isinstance(value, (int, float) if hint is float else hint)


def _described(hint: Any) -> str:
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(_described(choice) for choice in get_args(hint) if choice is not type(None))
    if get_origin(hint) is Literal:
        return f"one of {', '.join(map(str, get_args(hint)))}"
    if get_origin(hint) in (tuple, frozenset):
        return f"a list, each item {_described(get_args(hint)[0])}"
    return words.get(hint, getattr(hint, "__name__", str(hint)))
