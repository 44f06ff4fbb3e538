"""Path texts with holes: one spelling, and whether two of them may mean one file."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache

from mldebt.declarations.types import HOLE

FIXED_CHARACTERS = 6
TABLE = "table:"
"""What the path of a database table begins with."""


def normal(text: str) -> str:
    """One spelling for a path: no `./`, no double slashes; URIs keep their scheme."""
    scheme, mark, rest = text.partition("://")
    if mark:
        return f"{scheme}://{rest}".rstrip("/")
    return posixpath.normpath(text) if text else text


@lru_cache(maxsize=1 << 17)
def same_path(first: str, second: str) -> str:
    """The proof that two path texts may mean one file: exact, template, prefix (equal tails behind an unknown start), or "" for none."""
    if first.startswith(TABLE) or second.startswith(TABLE):
        both = first.startswith(TABLE) and second.startswith(TABLE)
        return same_table(first.removeprefix(TABLE), second.removeprefix(TABLE)) if both else ""
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


def same_table(first: str, second: str) -> str:
    """The proof that two names may mean one table. Their schemas may be unsaid, their own names must be known in part."""
    proof = "exact" if first.count(".") == second.count(".") else "prefix"
    pairs = list(zip(reversed(first.split(".")), reversed(second.split(".")), strict=False))
    if not (pairs[0][0].replace(HOLE, "") and pairs[0][1].replace(HOLE, "")):
        return ""
    for one, other in pairs:
        if HOLE in one or HOLE in other:
            if not (_alike(one, other) or _alike(other, one)):
                return ""
            proof = "template"
        elif one != other:
            return ""
    return proof


def _alike(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(re.escape(piece) for piece in pattern.split(HOLE)), text.replace(HOLE, "x")) is not None


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
