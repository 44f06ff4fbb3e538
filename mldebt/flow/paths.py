"""Path texts with holes: one spelling, and whether two of them may mean one file."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache

from mldebt.declarations.types import HOLE

FIXED_CHARACTERS = 6


def normal(text: str) -> str:
    """One spelling for a path: no `./`, no double slashes; URIs keep their scheme."""
    scheme, mark, rest = text.partition("://")
    if mark:
        return f"{scheme}://{rest}".rstrip("/")
    return posixpath.normpath(text) if text else text


@lru_cache(maxsize=1 << 17)
def same_path(first: str, second: str) -> str:
    """The proof that two path texts may mean one file: exact, template, prefix (equal tails behind an unknown start), or "" for none."""
    if first == second:
        bare = first.startswith(HOLE) and "/" not in first.lstrip(HOLE + "/")
        return "exact" if HOLE not in first else "" if bare else "template"
    if HOLE not in first and HOLE not in second:
        short, long = sorted((first, second), key=len)
        return "prefix" if long.endswith("/" + short) and "/" in short and not short.startswith("/") else ""
    for pattern, text in ((first, second), (second, first)):
        if HOLE in pattern and _unify(pattern, text):
            return "template"
    return ""


def _unify(pattern: str, text: str) -> bool:
    tail = pattern.lstrip(HOLE + "/") if pattern.startswith(HOLE) else pattern
    if len(tail.replace(HOLE, "")) < FIXED_CHARACTERS or ("/" not in tail and pattern.startswith(HOLE)):
        return False
    ending = tail.rpartition(HOLE)[2]
    if not text.endswith((ending, HOLE)):
        return False
    expression = _expression(tail, pattern.startswith(HOLE))
    return expression.fullmatch(text.replace(HOLE, "x")) is not None or expression.fullmatch(text.lstrip(HOLE + "/")) is not None


@lru_cache(maxsize=1 << 14)
def _expression(tail: str, anywhere: bool) -> re.Pattern[str]:
    middle = "[^/]*".join(re.escape(piece) for piece in tail.split(HOLE))
    return re.compile("(?:.*/)?" + middle if anywhere else middle)
