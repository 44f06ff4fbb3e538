"""Values of a settings file to typed values; whatever is wrong names file, line and key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from os.path import relpath
from pathlib import Path
from typing import Any

from mldebt.core import SEVERITIES, MldebtError
from mldebt.settings.types import PROFILES, Annotation, CheckSettings, DebtLimit, DeclaredSuppression, OptionValue, PathRule


def near_miss(word: str, known: Sequence[str]) -> str:
    """`; did you mean 'exclude'?`, or nothing."""
    close = get_close_matches(word, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def relative(path: Path, root: Path) -> str:
    return Path(relpath(path, root)).as_posix()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the file, its key, and the lines of all keys of the file."""

    file: str
    keys: tuple[str | int, ...]
    lines: Mapping[tuple[str | int, ...], int]
    folder: Path
    root: Path

    def __truediv__(self, key: str | int) -> Place:
        return replace(self, keys=(*self.keys, key))

    @property
    def line(self) -> int:
        """The line of the key, or of the nearest key around it that could be found."""
        return next((self.lines[self.keys[:n]] for n in range(len(self.keys), 0, -1) if self.keys[:n] in self.lines), 1)

    @property
    def at(self) -> str:
        return f"{self.file}:{self.line}"

    def error(self, message: str) -> MldebtError:
        return MldebtError(f"{self.at}: {message}")

    def expected(self, what: str) -> MldebtError:
        return self.error(f"'{self.keys[-1]}' must be {what}")


Reader = Callable[[Place, Any], Any]


def read_table(place: Place, table: object, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """The values of a table with known keys, by their Python names."""
    if not isinstance(table, dict):
        raise place.expected("a table")
    values = {}
    for key, value in table.items():
        reader = readers.get(key.replace("_", "-"))
        if reader is None:
            raise (place / key).error(f"unknown key '{key[:80]}'{near_miss(key, list(readers))}")
        values[key.replace("-", "_")] = reader(place / key, value)
    return values


def _text(place: Place, value: object) -> str:
    if not isinstance(value, str):
        raise place.expected("a text")
    return value


def texts(place: Place, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise place.expected("a list of texts")
    return tuple(value)


def _flag(place: Place, value: object) -> bool:
    if not isinstance(value, bool):
        raise place.expected("true or false")
    return value


def _positive(place: Place, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise place.expected("a whole number above 0")
    return value


def _day(place: Place, value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(_text(place, value))
    except ValueError as error:
        raise place.expected("a date such as 2027-01-31") from error


def _one_of(*choices: str) -> Reader:
    def read(place: Place, value: object) -> str:
        if value not in choices:
            wrong = near_miss(value, choices) if isinstance(value, str) else ""
            raise place.expected(f"one of {', '.join(choices)}{wrong}")
        return str(value)

    return read


_DURATION = re.compile(r"(\d{1,9})\s*(min|h|d)")
_MINUTES = {"min": 1, "h": 60, "d": 480}  # a day of work has eight hours


def debt_limit(text: str) -> DebtLimit | None:
    """`major`, `30min`, `2h`, `1d`; None for what is neither a severity nor a time."""
    if text in SEVERITIES[:-1]:
        return DebtLimit(severity=next(one for one in SEVERITIES if one == text))
    time = _DURATION.fullmatch(text.strip())
    return DebtLimit(minutes=int(time[1]) * _MINUTES[time[2]]) if time else None


def _debt_limit(place: Place, value: object) -> DebtLimit:
    limit = debt_limit(_text(place, value))
    if limit is None:
        raise place.expected(f"one of {', '.join(SEVERITIES[:-1])}, or a time such as 60min or 2h")
    return limit


def _file(place: Place, value: object) -> str:
    return relative(place.folder / _text(place, value), place.root)


def _libraries(place: Place, value: object) -> tuple[str, ...]:
    return tuple(relative(place.folder / name, place.root) for name in texts(place, value))


def _items(place: Place, table: object) -> Iterator[tuple[Place, str, Any]]:
    """The entries of a table whose keys the user chooses."""
    if not isinstance(table, dict):
        raise place.expected("a table")
    for key, value in table.items():
        yield place / key, key, value


def _per_path(place: Place, value: object) -> tuple[PathRule, ...]:
    readers: dict[str, Reader] = {"ignore": texts, "severity": _one_of(*SEVERITIES), "profile": _one_of(*PROFILES)}
    rules = []
    for inner, pattern, rule in _items(place, value):
        fields = read_table(inner, rule, readers) if isinstance(rule, dict) else {"ignore": texts(inner, rule)}
        rules.append(PathRule(pattern, inner.at, **fields))
    return tuple(rules)


def _checks(place: Place, value: object) -> dict[str, CheckSettings]:
    checks = {}
    for inner, name, table in _items(place, value):
        severity, options = None, []
        for here, key, option in _items(inner, table):
            if key == "severity":
                severity = _one_of(*SEVERITIES)(here, option)
            else:
                options.append(OptionValue(key, option, here.at))
        checks[name] = CheckSettings(name, inner.at, severity, tuple(options))
    return checks


def _suppressions(place: Place, value: object) -> tuple[DeclaredSuppression, ...]:
    readers: dict[str, Reader] = {"path": _text, "name": _text, "symbol": _text, "reason": _text, "until": _day}
    if not isinstance(value, list):
        raise place.expected("a list of tables")
    suppressions = []
    for number, table in enumerate(value):
        inner = place / number
        fields = read_table(inner, table, readers)
        if missing := [key for key in ("path", "name") if not fields.get(key)]:
            raise inner.error(f"a suppression needs '{missing[0]}'")
        suppressions.append(DeclaredSuppression(file=place.file, line=inner.line, **fields))
    return tuple(suppressions)


_ANNOTATION: dict[str, Reader] = {
    **dict.fromkeys(("owner", "description", "freshness", "version", "since", "replaced-by"), _text),
    **dict.fromkeys(("consumers", "tags"), texts),
    "deprecated": _flag,
}


def _annotations(place: Place, value: object) -> dict[str, Annotation]:
    return {name: Annotation(name, inner.at, **read_table(inner, table, _ANNOTATION)) for inner, name, table in _items(place, value)}


def _owners(place: Place, value: object) -> dict[str, tuple[str, ...]]:
    return {pattern: texts(inner, owners) for inner, pattern, owners in _items(place, value)}


def _free_table(place: Place, value: object) -> dict[str, object]:
    return {key: item for _, key, item in _items(place, value)}


READERS: dict[str, Reader] = {
    **dict.fromkeys(("root-packages", "select", "ignore", "exclude", "quiet"), texts),
    "profile": _one_of(*PROFILES),
    "fail-on": _one_of(*SEVERITIES[:-1]),
    "baseline": _file,
    "fail-on-new": _debt_limit,
    "size-limit": _positive,
    "per-path": _per_path,
    "libraries": _libraries,
    "checks": _checks,
    "suppressions": _suppressions,
    **dict.fromkeys(("sources", "features"), _annotations),
    "owners": _owners,
    **dict.fromkeys(("policy", "score"), _free_table),
}
