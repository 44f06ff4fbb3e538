"""TOML to trees: values from tomllib, places from the key scanner, each place kept only where both agree."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time
from typing import Any

from mldebt.configs.comments import comments_at
from mldebt.configs.text import BEYOND_LIMITS, MAX_DEPTH, Places
from mldebt.configs.tomlplaces import STRING, Place, TomlPlaces, key_text
from mldebt.configs.types import ConfigError, ConfigNode, ConfigTree, Entry, MappingNode, Scalar, ScalarNode, SequenceNode, Span

_NESTING = re.compile(rf"{STRING}|#[^\n]*|[\[\]{{}}.,=\n]")
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$| \(at end of document\)$")


def parse_toml(path: str, text: str) -> ConfigTree:
    places = Places(text)
    _check_nesting(text, places)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _located(str(error), places, text) from None
    except (ValueError, RecursionError, OverflowError):
        raise ConfigError(BEYOND_LIMITS) from None
    scanner = TomlPlaces(text)
    root = placed(values, scanner.scan(), Span(1, 1, 1, 1), places)
    return ConfigTree(path, "toml", (root,), comments_at(text, scanner.comments))


def _check_nesting(text: str, places: Places) -> None:
    """Brackets and dotted keys within the limit; tomllib is recursive in the first and quadratic in the second."""
    depth = dots = 0
    for found in _NESTING.finditer(text):
        match found[0]:
            case "[" | "{":
                depth, dots = depth + 1, 0
            case "]" | "}":
                depth, dots = max(depth - 1, 0), 0
            case ".":
                dots += 1
            case "," | "=" | "\n":
                dots = 0
        if depth > MAX_DEPTH or dots > MAX_DEPTH:
            raise places.error(BEYOND_LIMITS, found.start())


def _located(message: str, places: Places, text: str) -> ConfigError:
    found = _PLACE.search(message)
    if found is None:
        return ConfigError(message)
    if found[1] is None:
        return places.error(message[: found.start()], len(text))
    return ConfigError(message[: found.start()], int(found[1]), int(found[2]))


def placed(value: Any, place: Place | None, near: Span, places: Places) -> ConfigNode:
    """The tree of a value; what has no place of its own stands at the key of the table around it."""
    at = places.span(*place.value) if place and place.value else near
    if isinstance(value, dict):
        return MappingNode(tuple(_entry(key, item, place, at, places) for key, item in value.items()), at)
    if isinstance(value, list):
        inner = place.children if place else {}
        return SequenceNode(tuple(placed(item, inner.get(index), at, places) for index, item in enumerate(value)), at)
    return ScalarNode(_scalar(value, place), at)


def _entry(key: str, value: Any, table: Place | None, near: Span, places: Places) -> Entry:
    place = table.children.get(key) if table else None
    if place is None or not _agrees(place, value):
        return Entry(key, near, placed(value, None, near, places))
    key_at = places.span(*place.key)
    return Entry(key, key_at, placed(value, place, key_at, places))


def _agrees(place: Place, value: Any) -> bool:
    """Whether the scanner saw at this place what tomllib gives for it."""
    if isinstance(value, dict):
        return place.raw is None and set(place.children) <= set(value)
    if isinstance(value, list):
        seen = place.children
        return (
            place.raw is None
            and len(seen) == len(value)
            and all(_agrees(seen[index], item) for index, item in enumerate(value) if index in seen)
        )
    if place.raw is None:
        return False
    if isinstance(value, str):
        return place.raw[0] in "\"'" and key_text(place.raw) == value
    return place.raw == str(value) or _means(place.raw, value)


def _means(raw: str, value: Any) -> bool:
    try:
        seen = tomllib.loads(f"key = {raw}")["key"]
    except ValueError:
        return False
    return bool(seen == value) or (seen != seen and value != value)


def _scalar(value: Any, place: Place | None) -> Scalar:
    if isinstance(value, str | int | float | bool):
        return value
    if place is not None and place.raw is not None:
        return place.raw
    return value.isoformat() if isinstance(value, date | time | datetime) else str(value)
