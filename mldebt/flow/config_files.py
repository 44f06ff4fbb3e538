"""Which config files of the repository a path text means."""

from __future__ import annotations

import posixpath
import re

from mldebt.declarations.types import HOLE
from mldebt.flow.paths import FIXED_CHARACTERS

MAX_FILES = 24


def resolve(files: frozenset[str], folder: tuple[str, ...], text: str) -> list[str]:
    """From the importer's folder and those above it, from the root, by template; nothing for URIs and home folders."""
    if "://" in text or text.startswith("~"):
        return []
    text = posixpath.normpath(text.lstrip("/") if text.startswith(HOLE) else text) if text else text
    if HOLE in text:
        return _matching(files, text)
    for depth in range(len(folder), -1, -1):
        path = posixpath.normpath("/".join((*folder[:depth], text)))
        if path in files:
            return [path]
    found = sorted(path for path in files if path.endswith("/" + text.lstrip("./"))) if "/" in text else []
    return found if len(found) == 1 else []


def _matching(files: frozenset[str], text: str) -> list[str]:
    if len(text.replace(HOLE, "").replace("/", "")) < FIXED_CHARACTERS:
        return []
    tail = text.lstrip(HOLE)
    pattern = re.compile("(?:.*/)?" + "[^/]*".join(re.escape(part) for part in tail.lstrip("/").split(HOLE)))
    found = sorted(path for path in files if pattern.fullmatch(path))
    return found if len(found) <= MAX_FILES else []
