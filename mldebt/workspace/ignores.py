"""Gitignore rules of one file, asked from the top down: a directory that is ignored is never entered.

pathspec translates a line. Its pattern also matches what lies below a match, which a walk from the top does not need and which
would re-include too much (`!keep/` re-includes the directory, not the files in it), so the tail of the pattern is anchored here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pathspec.patterns.gitignore.base import GitIgnorePatternError
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

_ANY_FOLDER = "^(?:.+/)?"
_LITERAL = re.compile(r"[^*?\[\]\\!#/\s][^*?\[\]\\/]*/?")
# One star before another in the same path segment: the first hit for what stands between is as good as any, so no way back is needed.
# Without this a line such as `*a*a*a*a*b` takes time that grows with the power of its stars.
_STAR_THEN_STAR = re.compile(r"\[\^/\]\*((?:\[(?:\\.|[^]\\])*\]|\\.|[^/\[\\])+?)(?=\[\^/\]\*)")
_MOST_DOUBLE_STARS = 3
_NO_SLASHES = re.compile(r"/\??\\Z$|\[\^/\]")


@dataclass(frozen=True, slots=True)
class _Rule:
    on_name: bool
    pattern: re.Pattern[str]
    ignores: bool
    literal: str  # the name, where the line is a plain one


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The lines of one ignore file; paths are relative to the directory it lies in."""

    rules: tuple[_Rule, ...]
    names: frozenset[str]
    any_name: re.Pattern[str] | None
    any_path: re.Pattern[str] | None

    @classmethod
    def parse(cls, lines: Iterable[str]) -> IgnoreRules:
        rules = tuple(rule for line in lines if (rule := _rule(line.rstrip("\r\n"))))
        return cls(
            rules,
            frozenset(rule.literal for rule in rules if rule.literal),
            _union(rule.pattern.pattern for rule in rules if rule.on_name and not rule.literal),
            _union(rule.pattern.pattern for rule in rules if not rule.on_name),
        )

    def ignores(self, path: str, name: str, is_folder: bool) -> bool | None:
        """True: ignored; False: a later `!` line keeps it; None: no line speaks of it."""
        asked_path, asked_name = (path + "/", name + "/") if is_folder else (path, name)
        if not self._may_speak(asked_path, asked_name, name):
            return None
        for rule in reversed(self.rules):
            if rule.pattern.match(asked_name if rule.on_name else asked_path):
                return rule.ignores
        return None

    def _may_speak(self, asked_path: str, asked_name: str, name: str) -> bool:
        """One look for all lines: most entries match none."""
        if name in self.names or (self.any_name and self.any_name.match(asked_name)):
            return True
        return bool(self.any_path and self.any_path.match(asked_path))


def _rule(line: str) -> _Rule | None:
    if line.count("**") > _MOST_DOUBLE_STARS:
        return None
    try:
        pattern, ignores = GitIgnoreSpecPattern.pattern_to_regex(line)
        if pattern is None or ignores is None:
            return None
        pattern = _anchored(pattern)
        on_name = pattern.startswith(_ANY_FOLDER) and "/" not in _NO_SLASHES.sub("", pattern.removeprefix(_ANY_FOLDER))
        if on_name:
            pattern = pattern.removeprefix(_ANY_FOLDER)
        literal = line.rstrip().rstrip("/") if on_name and _LITERAL.fullmatch(line.rstrip()) else ""
        return _Rule(on_name, re.compile(_STAR_THEN_STAR.sub(r"(?>[^/]*?\1)", pattern), re.DOTALL), ignores, literal)
    except (GitIgnorePatternError, re.error, IndexError):
        return None


def _anchored(pattern: str) -> str:
    """Matches the entry itself only; `a/**` matches what is in `a`, not `a`."""
    if pattern == "(?P<ps_d>/)":
        return ".*/\\Z"
    if pattern.endswith("(?:(?P<ps_d>/)|$)"):
        return pattern.removesuffix("(?:(?P<ps_d>/)|$)") + "/?\\Z"
    if pattern.endswith("(?P<ps_d>/)"):
        return pattern.removesuffix("(?P<ps_d>/)") + "/\\Z"
    return pattern + "." if pattern.endswith("/") else pattern


def _union(patterns: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(joined, re.DOTALL) if joined else None
