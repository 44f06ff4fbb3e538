"""Suppressions: findings that somebody answers for, in a comment, a notebook tag or the settings; and those that hold nothing back.

`# mldebt: ignore[unused-feature] reason="…" until=2027-01-31` covers its logical line, or the next one where it stands alone;
`ignore-file[…]` in the first lines covers the file, the cell tag `mldebt-ignore:NAME` the cell. Names, codes and families all count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from mldebt.configs.types import ConfigTree
from mldebt.core import Finding, Location, Rule
from mldebt.facts.types import FileFacts
from mldebt.graph.vocabulary import IdleSuppression
from mldebt.settings import Settings, near_miss, path_matcher

HEAD_LINES = 20
CELL_TAG = "mldebt-ignore:"
OWN_CODE = "MLD002"


@dataclass(frozen=True, slots=True)
class Suppression:
    """`path` is a gitignore-style pattern where `kind` is external; `lines` (in notebooks: of the cell) is None for the whole file or cell."""

    at: Location
    path: str
    names: tuple[str, ...]
    lines: tuple[int, int] | None = None
    cell: int | None = None
    symbol: str = ""
    reason: str = ""
    until: date | None = None
    kind: Literal["inSource", "external"] = "inSource"


Written = Suppression | IdleSuppression


@dataclass(frozen=True, slots=True)
class HeldBack:
    finding: Finding
    by: Suppression


@dataclass(frozen=True, slots=True)
class Outcome:
    """`idle` is sorted by place."""

    kept: tuple[Finding, ...]
    held: tuple[HeldBack, ...]
    idle: tuple[IdleSuppression, ...]


def suppressions_of(path: str, facts: FileFacts) -> Iterator[Written]:
    """Those of a Python file or notebook."""
    for remark in facts.remarks:
        line, cell = facts.in_cell(remark.line)
        first, last = facts.in_cell(remark.first_line)[0], facts.in_cell(remark.last_line)[0]
        yield from _parsed(remark.text, Location(path, line, remark.column, cell=cell), (first, last), remark.line)
    for cell_facts in facts.cells:
        at = Location(path, 1, cell=cell_facts.index)
        tags = [tag.strip() for tag in cell_facts.tags if tag.strip().lower().startswith(CELL_TAG)]
        if names := tuple(name for tag in tags if (name := tag[len(CELL_TAG) :].strip())):
            yield Suppression(at, path, names, cell=cell_facts.index)
        if len(names) < len(tags):
            yield _malformed(at, CELL_TAG, f"it names no check; write {CELL_TAG}unused-feature")


def suppressions_in(tree: ConfigTree) -> Iterator[Written]:
    """Those of a config file."""
    for comment in tree.comments:
        yield from _parsed(comment.text, Location(tree.path, comment.line, comment.column), (comment.covers, comment.covers), comment.line)


def suppressions_in_text(path: str, text: str) -> Iterator[Written]:
    """Those of any other file with `#` or `--` comments (shell, Docker, make, SQL)."""
    rows = text.split("\n")
    for number, row in enumerate(rows, 1):
        mark = re.search(r"(?:^|\s)(?:#|--)", row) if "mldebt" in row.lower() else None
        if mark is None:
            continue
        covers = number
        if not row[: mark.start()].strip():
            following = range(number + 1, len(rows) + 1)
            covers = next((n for n in following if rows[n - 1].strip() and not rows[n - 1].lstrip().startswith(("#", "--"))), number)
        yield from _parsed(row[mark.start() :], Location(path, number, mark.start() + 1), (covers, covers), number)


def declared(settings: Settings) -> Iterator[Suppression]:
    """Those of the settings."""
    for entry in settings.suppressions:
        at = Location(entry.file, entry.line)
        yield Suppression(at, entry.path, (entry.name,), symbol=entry.symbol, reason=entry.reason, until=entry.until, kind="external")


_COMMAND = re.compile(r"(?:^|[\s#/;*-])mldebt:\s*([A-Za-z][\w-]*)\s*(?:\[([^\]]*)\])?(.*)", re.DOTALL | re.IGNORECASE)
_WITHOUT_COLON = re.compile(r"(?:^|[\s#/;*-])mldebt\s+(ignore(?:-file)?)\s*(\[[^\]]*\])", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\s*,?\s*([A-Za-z]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""")
_LOOSE_NAMES = re.compile(r"\s*[=:({]?\s*((?:MLD\d+|[a-z]+(?:-[a-z]+)+)(?:\s*,\s*(?:MLD\d+|[a-z]+(?:-[a-z]+)+))*)(?![\w=])")
_OTHER_TOOLS = frozenset({"disable", "file-ignore", "ignore-next", "ignore-line", "noqa", "skip", "suppress"})


def _parsed(text: str, at: Location, lines: tuple[int, int], line_of_file: int) -> Iterator[Written]:
    """The suppression that a comment holds, or what is wrong with it; other comments that say `mldebt:` are just talk."""
    command = _COMMAND.search(text)
    if command is None:
        meant = _WITHOUT_COLON.search(text)
        if meant is not None:
            yield _malformed(at, meant[1].lower(), f"a colon is missing; write mldebt: {meant[1].lower()}{meant[2]}")
        return
    verb, bracket, rest = command.groups()
    verb = verb.lower()
    names = tuple(dict.fromkeys(name.strip() for name in (bracket or "").split(",") if name.strip()))
    if verb not in ("ignore", "ignore-file"):
        if verb in _OTHER_TOOLS or near_miss(verb, ("ignore", "ignore-file")):
            yield _malformed(at, verb, "write ignore[NAME] or ignore-file[NAME]")
    elif not names:
        yield _malformed(at, verb, _why_nameless(verb, bracket, rest))
    elif verb == "ignore-file" and line_of_file > HEAD_LINES:
        yield _malformed(at, names[0], f"ignore-file counts in the first {HEAD_LINES} lines only")
    else:
        yield _with_attributes(at, names, None if verb == "ignore-file" else lines, rest)


def _why_nameless(verb: str, bracket: str | None, rest: str) -> str:
    """What is wrong with a suppression without names: none given, an open bracket, or names that stand elsewhere."""
    if bracket is None and rest.startswith("["):
        return f"the bracket is not closed; write {verb}[unused-feature]"
    loose = _LOOSE_NAMES.match(rest) if bracket is None else None
    if loose:
        return f"names stand in brackets; write {verb}[{loose[1]}]"
    return f"it names no check; write {verb}[unused-feature]"


def _with_attributes(at: Location, names: tuple[str, ...], lines: tuple[int, int] | None, rest: str) -> Written:
    reason, until, position = "", None, 0
    while match := _ATTRIBUTE.match(rest, position):
        position = match.end()
        key, value = match[1].lower(), next((part for part in match.groups()[1:] if part is not None), "")
        if key == "reason":
            reason = value
        elif key == "until":
            until = _day(value)
            if until is None:
                return _malformed(at, names[0], f"until={value[:40]} is no date such as 2027-01-31")
        else:
            return _malformed(at, names[0], f"it has no '{key[:40]}'{near_miss(key, ('reason', 'until'))}")
    if re.match(r"\s*,?\s*(?:reason|until)\b", rest[position:], re.IGNORECASE):
        return _malformed(at, names[0], 'write reason="…" and until=2027-01-31')
    return Suppression(at, at.path, names, lines, at.cell if lines else None, reason=reason, until=until)


def _malformed(at: Location, name: str, detail: str) -> IdleSuppression:
    return IdleSuppression(at, name, "malformed", detail)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def apply(
    findings: Iterable[Finding], written: Iterable[Written], *, today: date, known: Sequence[Rule], enabled: Sequence[Rule]
) -> Outcome:
    """Parts findings by suppressions. `known` are the rules of all installed checks, `enabled` those that ran; `today` is HEAD's date where there is one.

    Hand over every problem found, those included that the profile will not show: what they answer for is not idle.
    """
    everything = sorted(written, key=_by_place)
    active = [item for item in everything if isinstance(item, Suppression) and not _is_expired(item, today)]
    in_source: dict[str, list[Suppression]] = {}
    for item in active:
        if item.kind == "inSource":
            in_source.setdefault(item.path, []).append(item)
    external = [(path_matcher((item.path,)), item) for item in active if item.kind == "external"]
    kept, held = [], []
    used: set[tuple[int, str]] = set()
    for finding in findings:
        candidates = [
            *in_source.get(finding.at.path, ()),
            *(item for matches, item in external if matches(finding.at.path) or item.path == finding.at.path),
        ]
        holding = [item for item in candidates if _covers(item, finding)]
        if holding:
            held.append(HeldBack(finding, holding[0]))
            used.update((id(item), name) for item in holding for name in _words(finding.rule))
        else:
            kept.append(finding)
    idle = [one for item in everything for one in _idle(item, used, today, known, enabled)]
    return Outcome(tuple(kept), tuple(held), tuple(idle))


def _by_place(item: Written) -> tuple[str, int, int, int]:
    return (item.at.path, -1 if item.at.cell is None else item.at.cell, item.at.line, item.at.column)


def _is_expired(suppression: Suppression, today: date) -> bool:
    return suppression.until is not None and suppression.until < today


def _words(rule: Rule) -> tuple[str, str, str]:
    return (rule.name, rule.code, rule.family)


def _covers(suppression: Suppression, finding: Finding) -> bool:
    at = finding.at
    return (
        not set(suppression.names).isdisjoint(_words(finding.rule))
        and (not suppression.symbol or suppression.symbol == finding.symbol)
        and (suppression.cell is None or suppression.cell == at.cell)
        and (suppression.lines is None or suppression.lines[0] <= at.line <= suppression.lines[1])
    )


def _idle(
    item: Written, used: set[tuple[int, str]], today: date, known: Sequence[Rule], enabled: Sequence[Rule]
) -> Iterator[IdleSuppression]:
    if isinstance(item, IdleSuppression):
        yield item
        return
    own = next((_words(rule) for rule in known if rule.code == OWN_CODE), ())
    if item.at.path.startswith("../") or not set(item.names).isdisjoint(own):
        return  # shared settings serve many repositories; and who ignores this very check means it
    if _is_expired(item, today):
        yield IdleSuppression(item.at, ", ".join(item.names), "expired", f"until={item.until}")
        return
    every, ran = {word for rule in known for word in _words(rule)}, {word for rule in enabled for word in _words(rule)}
    for name in item.names:
        if name not in every:
            yield IdleSuppression(item.at, name, "unknown", _meant(name, sorted(every)))
        elif name in ran and (id(item), name) not in used:
            yield IdleSuppression(item.at, name, "unmatched")
    if not item.reason:
        yield IdleSuppression(item.at, ", ".join(item.names), "unexplained")


def _meant(name: str, known: Sequence[str]) -> str:
    """`did you mean 'unused-feature'?`, also where only capitals or `_` tell the name from one that is known."""
    folded = {word.lower(): word for word in known}
    near = near_miss(name.lower().replace("_", "-"), list(folded)).removeprefix("; ")
    return next((near.replace(f"'{low}'", f"'{word}'") for low, word in folded.items() if f"'{low}'" in near), near)
