"""The baseline: findings that a team has decided to live with for now. Known ones are held back, new ones count, vanished ones are said.

A finding is known by its fingerprint, which holds neither path nor line. Where several findings share an identity, path and message tell
which of them is the new one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldebt.core import Finding, MldebtError, Rule
from mldebt.debt.fingerprint import finding_fingerprint

BASELINE_FILE = "mldebt-baseline.json"
VERSION = 1
LARGEST_BASELINE = 200_000_000
_TEXTS = ("fingerprint", "code", "name", "path", "symbol", "message")


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """A finding as a baseline keeps it; all but fingerprint and code is for people, and to tell equals apart."""

    path: str
    code: str
    symbol: str
    message: str
    fingerprint: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Parted:
    """Findings in their order, and what is known of those that no longer occur."""

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    vanished: tuple[Known, ...]


def known_of(finding: Finding) -> Known:
    return Known(finding.at.path, finding.rule.code, finding.symbol, finding.message, finding.fingerprint, finding.rule.name)


def part(findings: Sequence[Finding], known: Iterable[Known], rules: Iterable[Rule]) -> Parted:
    """Tells new findings from known ones. Only of checks that ran (`rules`) can a finding have vanished."""
    by_fingerprint = {one.fingerprint: one for one in known}
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule.code, finding.key), []).append(finding)
    held: set[str] = set()
    seen: set[str] = set()
    for (code, key), group in groups.items():
        counted = (finding_fingerprint(code, key, ordinal) for ordinal in range(len(group)))
        prints = dict.fromkeys((*(finding.fingerprint for finding in group), *counted))  # equals that are not shown have ordinals too
        entries = [by_fingerprint[one] for one in prints if one in by_fingerprint]
        seen.update(one.fingerprint for one in entries)
        held.update(finding.fingerprint for finding in _recognised(group, entries))
    ran = {rule.code for rule in rules}
    vanished = sorted(one for one in by_fingerprint.values() if one.fingerprint not in seen and one.code in ran)
    return Parted(
        tuple(finding for finding in findings if finding.fingerprint not in held),
        tuple(finding for finding in findings if finding.fingerprint in held),
        tuple(vanished),
    )


def _recognised(group: Sequence[Finding], entries: Sequence[Known]) -> Iterator[Finding]:
    """As many of the findings as there are entries: those that agree in path and message, in message, in path; then the first ones."""
    left = list(group)
    waiting = list(entries)
    for agree in (_in_place_and_words, _in_words, _in_place, _in_identity):
        for entry in list(waiting):
            found = next((finding for finding in left if agree(finding, entry)), None)
            if found is not None:
                left.remove(found)
                waiting.remove(entry)
                yield found


def _in_place_and_words(finding: Finding, entry: Known) -> bool:
    return _in_place(finding, entry) and _in_words(finding, entry)


def _in_words(finding: Finding, entry: Known) -> bool:
    return finding.message == entry.message


def _in_place(finding: Finding, entry: Known) -> bool:
    return finding.at.path == entry.path


def _in_identity(_finding: Finding, _entry: Known) -> bool:
    return True


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
