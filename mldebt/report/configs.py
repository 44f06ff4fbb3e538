"""Resolved configs for people: every key of one, or what tells two of them apart. As text, Markdown and JSON; `html.configs` has the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mldebt.core import Location
from mldebt.report.inert import code
from mldebt.report.wording import counted, json_text, visible

_WIDEST = 60
_READERS_SHOWN = 2
_NOTHING = "–"

Status = Literal["changed", "left", "right", "equal"]


@dataclass(frozen=True, slots=True)
class ResolvedKey:
    """`value` is what a run gets, as far as that can be told before it runs; `written` is what stands in the file. `at` is None for what a command line sets."""

    name: str
    value: str
    written: str
    at: Location | None
    readers: tuple[Location, ...] = ()


@dataclass(frozen=True, slots=True)
class ResolvedConfig:
    """`label` is how a person asks for it, `own` the file that was named: what other files set is inherited. `missing` is what points at nothing."""

    label: str
    own: str
    files: tuple[str, ...]
    keys: tuple[ResolvedKey, ...]
    missing: tuple[str, ...] = ()

    def is_own(self, key: ResolvedKey) -> bool:
        return key.at is None or key.at.path == self.own


@dataclass(frozen=True, slots=True)
class KeyDifference:
    """A key of two configs; None on the side that has no such key."""

    name: str
    left: ResolvedKey | None
    right: ResolvedKey | None

    @property
    def status(self) -> Status:
        if self.left is None or self.right is None:
            return "right" if self.left is None else "left"
        return "equal" if self.left.value == self.right.value else "changed"

    @property
    def readers(self) -> tuple[Location, ...]:
        """Where code reads the key, on either side."""
        return tuple(sorted({place for side in (self.left, self.right) if side is not None for place in side.readers}))


def differences(left: ResolvedConfig, right: ResolvedConfig) -> tuple[KeyDifference, ...]:
    """Every key of either side, equal ones too, in the order of the left, then of the right."""
    on_left, on_right = ({key.name: key for key in config.keys} for config in (left, right))
    return tuple(KeyDifference(name, on_left.get(name), on_right.get(name)) for name in {**on_left, **on_right})


def config_text(config: ResolvedConfig) -> str:
    """One line for each key: name, value, the place that sets it, the code that reads it."""
    rows = [(visible(key.name), _clipped(key.value), _set_at(config, key), _read_by(key.readers)) for key in config.keys]
    return "".join((*_table(rows), *(f"missing: {visible(one)}\n" for one in config.missing)))


def diff_text(left: ResolvedConfig, right: ResolvedConfig) -> str:
    """The keys that differ: both values, each with the place that sets it, and the code that reads the key."""
    rows = [("key", visible(left.label), visible(right.label), "read by")]
    found = differences(left, right)
    rows += [(visible(one.name), _side(left, one.left), _side(right, one.right), _read_by(one.readers)) for one in _differing(found)]
    return "".join(_table(rows)) if len(rows) > 1 else ""


def diff_markdown(left: ResolvedConfig, right: ResolvedConfig) -> str:
    """The same as a table to paste into a pull request."""
    found = differences(left, right)
    lines = [f"### {code(left.label)} → {code(right.label)}", "", tally(found)]
    if any(_differing(found)):
        lines += ["", "| key | left | right | read by |", "|---|---|---|---|"]
    for one in _differing(found):
        readers = ", ".join(code(f"{place.path}:{place.line}") for place in one.readers[:_READERS_SHOWN]) or _NOTHING
        lines.append(f"| {code(one.name)} | {_cell(left, one.left)} | {_cell(right, one.right)} | {readers}{_more(one.readers)} |")
    return "".join(f"{line}\n" for line in lines)


def config_json(config: ResolvedConfig) -> str:
    return json_text(
        {"config": config.label, "files": config.files, "keys": [_key(config, key) for key in config.keys], "missing": config.missing}
    )


def diff_json(left: ResolvedConfig, right: ResolvedConfig) -> str:
    rows = [
        {
            "key": one.name,
            "status": one.status,
            "left": _key(left, one.left) if one.left is not None else None,
            "right": _key(right, one.right) if one.right is not None else None,
        }
        for one in differences(left, right)
    ]
    return json_text({"left": left.label, "right": right.label, "keys": rows})


def tally(found: Sequence[KeyDifference]) -> str:
    """`3 keys differ, 1 only on the right, 57 are equal.`"""
    counts = {status: sum(one.status == status for one in found) for status in ("changed", "left", "right", "equal")}
    changed = f"{counted(counts['changed'], 'key')} {'differs' if counts['changed'] == 1 else 'differ'}"
    sides = "".join(f", {counts[side]:,} only on the {side}" for side in ("left", "right") if counts[side])
    return f"{changed}{sides}, {counts['equal']:,} {'is' if counts['equal'] == 1 else 'are'} equal."


def _differing(found: Sequence[KeyDifference]) -> Iterator[KeyDifference]:
    return (one for one in found if one.status != "equal")


def _key(config: ResolvedConfig, key: ResolvedKey) -> dict[str, object]:
    return {
        "name": key.name,
        "value": key.value,
        "written": key.written,
        "inherited": not config.is_own(key),
        "path": key.at.path if key.at is not None else None,
        "line": key.at.line if key.at is not None else None,
        "read_at": [{"path": place.path, "line": place.line, "column": place.column, "cell": place.cell} for place in key.readers],
    }


def _side(config: ResolvedConfig, key: ResolvedKey | None) -> str:
    return _NOTHING if key is None else f"{_clipped(key.value)}  ({_set_at(config, key)})"


def _cell(config: ResolvedConfig, key: ResolvedKey | None) -> str:
    return _NOTHING if key is None else f"{code(_clipped(key.value))} {'' if config.is_own(key) else 'inherited, '}{code(_place(key))}"


def _set_at(config: ResolvedConfig, key: ResolvedKey) -> str:
    return _place(key) if config.is_own(key) else f"inherited, {_place(key)}"


def _place(key: ResolvedKey) -> str:
    return f"{visible(key.at.path)}:{key.at.line}" if key.at is not None else "command line"


def _read_by(readers: Sequence[Location]) -> str:
    shown = ", ".join(visible(f"{place.path}:{place.line}") for place in readers[:_READERS_SHOWN])
    return f"{shown}{_more(readers)}" if shown else _NOTHING


def _more(readers: Sequence[Location]) -> str:
    return f" and {len(readers) - _READERS_SHOWN:,} more" if len(readers) > _READERS_SHOWN else ""


def _clipped(value: str) -> str:
    shown = visible(value)
    return shown if len(shown) <= _WIDEST else f"{shown[: _WIDEST - 1]}…"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]] if rows else []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, (*widths, 0), strict=True)]
        yield f"{'  '.join(cells).rstrip()}\n"
