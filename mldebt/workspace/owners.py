"""Who owns a path, as CODEOWNERS says: gitignore-like patterns, the last match wins, an empty list takes ownership away."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass

_SECTION = re.compile(r"\^?\[[^\]]+\](?:\[\d+\])?")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True, slots=True)
class _OwnerRule:
    segments: tuple[re.Pattern[str] | None, ...]  # None is `**`
    itself: bool
    below: bool  # what lies deeper
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owners:
    rules: tuple[_OwnerRule, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Owners:
        return cls(tuple(_rules(text)))

    def owner_of(self, path: str) -> tuple[str, ...]:
        parts = tuple(path.split("/"))
        for rule in reversed(self.rules):
            if _matches(rule, parts):
                return rule.owners
        return ()


def _rules(text: str) -> Iterator[_OwnerRule]:
    section_owners: tuple[str, ...] = ()
    for line in text.splitlines():
        line = line.strip()
        if section := _SECTION.match(line):  # GitLab: a section with its default owners
            section_owners = tuple(_owners(line[section.end() :]))
            continue
        if not line or line.startswith("#"):
            continue
        pattern, *rest = _WORD.findall(line) or [""]
        owners = tuple(_owners(" ".join(rest)))
        yield _rule(pattern, owners or section_owners)


def _owners(words: str) -> Iterator[str]:
    for word in words.split():
        if word.startswith("#"):
            return
        yield word


def _rule(pattern: str, owners: tuple[str, ...]) -> _OwnerRule:
    pattern = re.sub(r"\\(.)", r"\1", pattern)
    anchored = "/" in pattern.rstrip("/")
    is_folder = pattern.endswith("/")
    names = [name for name in pattern.split("/") if name]
    if not anchored:
        names.insert(0, "**")
    direct_children_only = anchored and names[-1:] == ["*"] and not is_folder
    return _OwnerRule(tuple(_segment(name) for name in names), not is_folder, not direct_children_only, owners)


def _segment(name: str) -> re.Pattern[str] | None:
    return None if name == "**" else re.compile(fnmatch.translate(name.replace("[", "[[]")))


def _matches(rule: _OwnerRule, parts: tuple[str, ...]) -> bool:
    """Walks the path with the set of segments reached, so that many `**` cost no more than one."""
    reached = _through_double_stars({0}, rule)
    for part in parts:
        if rule.below and len(rule.segments) in reached:
            return True
        reached.discard(len(rule.segments))
        steps: set[int] = set()
        for at in reached:
            segment = rule.segments[at]
            if segment is None:
                steps.add(at)
            elif segment.match(part):
                steps.add(at + 1)
        reached = _through_double_stars(steps, rule)
    return rule.itself and len(rule.segments) in reached


def _through_double_stars(reached: set[int], rule: _OwnerRule) -> set[int]:
    for at in sorted(reached):
        while at < len(rule.segments) and rule.segments[at] is None:
            at += 1
            reached.add(at)
    return reached
