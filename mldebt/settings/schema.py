"""The JSON Schema of a settings file, for editors that complete and check TOML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mldebt.core import SEVERITIES
from mldebt.settings.types import PROFILES

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TEXT = {"type": "string"}
_SEVERITY = {"enum": list(SEVERITIES)}
_FAILING = {"enum": list(SEVERITIES[:-1])}
_DURATION = {"type": "string", "pattern": r"^\s*\d{1,9}\s*(min|h|d)\s*$"}


def schema(words: Sequence[str], options: Mapping[str, Mapping[str, Any]], policies: Sequence[str]) -> dict[str, Any]:
    """`words` are the names, codes and families that may be selected; `options` has for each check the schemas of its options."""
    return {
        "$schema": DIALECT,
        "title": "mldebt.toml, or [tool.mldebt] of a pyproject.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {key: {"description": said, **value} for key, said, value in _keys(words, options, policies)},
    }


def _keys(
    words: Sequence[str], options: Mapping[str, Mapping[str, Any]], policies: Sequence[str]
) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    names = _texts({"enum": list(words)})
    return (
        ("extend", "Settings files read before this one, relative to it.", _texts()),
        ("root-packages", "Packages that may be imported wherever their folder stands.", _texts()),
        ("select", "Only these checks: names, codes, families.", names),
        ("ignore", "Without these checks.", names),
        ("exclude", "Files to leave out, as in .gitignore.", _texts()),
        ("quiet", "Files of which nothing is reported unless they are named, as in .gitignore.", _texts()),
        ("profile", "How much is reported.", {"enum": list(PROFILES), "default": "default"}),
        ("fail-on", "The least severity that ends with exit code 1.", {**_FAILING, "default": "minor"}),
        ("baseline", "The findings to live with for now, relative to the settings file.", dict(_TEXT)),
        ("fail-on-new", "Against a baseline or revision: how severe, or how much work new debt may be.", {"anyOf": [_FAILING, _DURATION]}),
        ("size-limit", "Larger Python files and configs (bytes) are not parsed.", {"type": "integer", "minimum": 1, "default": 1_000_000}),
        ("per-path", "What holds for the files that a pattern matches.", _table_of({"anyOf": [names, _path_rule(names)]})),
        ("libraries", "Library files, relative to the settings file.", _texts()),
        ("checks", "Severities and options of checks.", _closed({name: _check(options[name]) for name in sorted(options)})),
        ("suppressions", "Findings somebody answers for, in files without comments.", {"type": "array", "items": _suppression(words)}),
        ("sources", "What the team says of its sources.", _table_of(_annotation())),
        ("features", "What the team says of its features.", _table_of(_annotation())),
        ("owners", "Who owns the files that a pattern matches.", _table_of(_texts())),
        ("policy", "Which policies are switched on.", _closed({name: {"type": "boolean"} for name in sorted(policies)})),
        ("score", "Kept for the score to come; nothing reads it yet.", {"type": "object"}),
    )


def _texts(item: Mapping[str, Any] = _TEXT) -> dict[str, Any]:
    """A list of texts, which may be one text."""
    return {"anyOf": [dict(item), {"type": "array", "items": dict(item)}]}


def _table_of(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": dict(value)}


def _closed(properties: Mapping[str, Any], required: Sequence[str] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": dict(properties),
        **({"required": list(required)} if required else {}),
    }


def _path_rule(names: Mapping[str, Any]) -> dict[str, Any]:
    return _closed({"ignore": names, "severity": _SEVERITY, "profile": {"enum": list(PROFILES)}})


def _check(options: Mapping[str, Any]) -> dict[str, Any]:
    return _closed({"severity": _SEVERITY, **options})


def _suppression(words: Sequence[str]) -> dict[str, Any]:
    until = {"description": "The last day it counts; TOML's dates are texts to a JSON Schema.", "type": "string"}
    fields = {"path": _TEXT, "name": {"enum": list(words)}, "symbol": _TEXT, "reason": _TEXT, "until": until}
    return _closed(fields, ["path", "name"])


def _annotation() -> dict[str, Any]:
    texts = dict.fromkeys(("owner", "description", "freshness", "version", "since", "replaced-by"), _TEXT)
    return _closed({**texts, "consumers": _texts(), "tags": _texts(), "deprecated": {"type": "boolean"}})
