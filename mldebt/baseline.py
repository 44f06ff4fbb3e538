"""The baseline: findings that a team has decided to live with for now. Known ones are held back, new ones count, vanished ones are said.

A finding is known by its check and by what it is about, which holds neither path nor line. Where several findings share that identity, path and
message tell which of them is the new one.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldebt.core import Finding, MldebtError, Rule

BASELINE_FILE = "mldebt-baseline.json"
VERSION = 1
LARGEST_BASELINE = 200_000_000
_TEXTS = ("fingerprint", "code", "name", "key", "path", "symbol", "message")

Identity = tuple[str, str]
"""Code and key."""


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """A finding as a baseline keeps it: code and key say which one it is, path and message tell equals apart, the rest is for people and other tools."""

    path: str
    code: str
    symbol: str
    message: str
    fingerprint: str
    name: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Parted:
    """Findings in their order, and what is known of those that no longer occur."""

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    vanished: tuple[Known, ...]


def known_of(finding: Finding) -> Known:
    return Known(finding.at.path, finding.rule.code, finding.symbol, finding.message, finding.fingerprint, finding.rule.name, finding.key)


def part(findings: Sequence[Finding], known: Iterable[Known], rules: Iterable[Rule]) -> Parted:
    """Tells new findings from known ones. Only of checks that ran (`rules`) can a finding have vanished."""
    waiting: dict[Identity, list[Known]] = {}
    for one in sorted(set(known)):
        waiting.setdefault((one.code, one.key), []).append(one)
    groups: dict[Identity, list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule.code, finding.key), []).append(finding)
    held: set[int] = set()
    for identity, group in groups.items():
        held.update(id(finding) for finding in _recognised(group, waiting.get(identity, [])))
    ran = {rule.code for rule in rules}
    return Parted(
        tuple(finding for finding in findings if id(finding) not in held),
        tuple(finding for finding in findings if id(finding) in held),
        tuple(sorted(one for left in waiting.values() for one in left if one.code in ran)),
    )


def _recognised(group: Sequence[Finding], waiting: list[Known]) -> Iterator[Finding]:
    """As many of the findings as are waited for: those that agree in path and message, in message, in path; then the first ones. Whom they meet waits no longer."""
    left = dict(enumerate(group))
    for aspect in _ASPECTS:
        alike: dict[tuple[str, ...], deque[int]] = {}
        for number, finding in left.items():
            alike.setdefault(aspect(finding.at.path, finding.message), deque()).append(number)
        still = []
        for entry in waiting:
            if numbers := alike.get(aspect(entry.path, entry.message)):
                yield left.pop(numbers.popleft())
            else:
                still.append(entry)
        waiting[:] = still


_ASPECTS: tuple[Callable[[str, str], tuple[str, ...]], ...] = (
    lambda path, message: (path, message),
    lambda _path, message: (message,),
    lambda path, _message: (path,),
    lambda _path, _message: (),
)


def written(known: Iterable[Known]) -> str:
    """The text of a baseline file: one finding per line, by path, so that branches merge."""
    lines = (json.dumps({name: getattr(one, name) for name in _TEXTS}, ensure_ascii=True) for one in sorted(set(known)))
    inner = ",\n".join(lines)
    return f'{{"version": {VERSION}, "findings": [\n{inner}\n]}}\n' if inner else f'{{"version": {VERSION}, "findings": []}}\n'


def read_baseline(path: str) -> tuple[Known, ...]:
    """The findings of a baseline file; an MldebtError says what is wrong with it."""
    try:
        if Path(path).stat().st_size > LARGEST_BASELINE:
            raise MldebtError(f"{path}: a baseline is at most {LARGEST_BASELINE:,} bytes")
        document = json.loads(Path(path).read_bytes())
    except OSError as error:
        hint = "; mldebt baseline update writes it" if isinstance(error, FileNotFoundError) else ""
        raise MldebtError(f"{path}: {error.strerror or error}{hint}") from error
    except (ValueError, RecursionError) as error:
        raise MldebtError(f"{path}: not JSON: {error}") from error
    if not isinstance(document, dict) or document.get("version") != VERSION or not isinstance(document.get("findings"), list):
        raise MldebtError(f"{path}: not a baseline of version {VERSION}")
    return tuple(_known(path, number, entry) for number, entry in enumerate(document["findings"], 1))


def _known(path: str, number: int, entry: Any) -> Known:
    if not isinstance(entry, Mapping) or not all(isinstance(entry.get(name), str) for name in _TEXTS):
        raise MldebtError(f"{path}: finding {number} needs the texts {', '.join(_TEXTS)}")
    return Known(**{name: entry[name] for name in _TEXTS})
