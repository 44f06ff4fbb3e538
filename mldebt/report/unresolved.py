"""What could not be followed, as a list for people and as the draft of a library file that makes mldebt see more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from mldebt.graph.vocabulary import Unresolved
from mldebt.report.contents import Contents
from mldebt.report.wording import counted, place, visible

HEADINGS = {"call": "Calls", "path": "Paths", "config load": "Config loads"}
MOST_GROUPS, MOST_PLACES = 25, 3
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")


def unresolved_text(contents: Contents, *, full: bool) -> str:
    """The groups of each kind, the most costly first."""
    lines = ["", "Not followed, the most costly first: columns, settings and options that go out of sight there, then places."]
    for kind, heading in HEADINGS.items():
        groups = [one for one in contents.unresolved if one.kind == kind]
        if groups:
            lines += ["", f"{heading} ({sum(one.count for one in groups):,})"]
            shown = groups if full else groups[:MOST_GROUPS]
            lines += [_line(one, full) for one in shown]
            if len(groups) > len(shown):
                lines.append(f"  … {len(groups) - len(shown):,} more, --full shows all")
    if not contents.unresolved:
        lines.append("Nothing: every call, path and config load that matters was followed.")
    return visible("\n".join(lines) + "\n", keep="\n")


def _line(one: Unresolved, full: bool) -> str:
    shown = one.places if full else one.places[:MOST_PLACES]
    places = ", ".join(place(at) for at in shown) + (", …" if one.count > len(shown) else "")
    if one.kind != "call":
        return f"  {counted(one.values, 'value'):>10}  {places}"
    name = one.name or "a callee that is not known"
    return f"  {counted(one.values, 'value'):>10}  {counted(one.count, 'place'):>10}  {name}  {places}"


def library_draft(contents: Contents) -> str:
    """A library file with one entry for each dotted callee. It says of each what holds anyway, until somebody says more."""
    calls = [one for one in contents.unresolved if one.kind == "call" and _DOTTED.fullmatch(one.name)]
    return visible("\n".join(_draft(contents.project or "project", calls)) + "\n", keep="\n")


def _draft(project: str, calls: Sequence[Unresolved]) -> Iterator[str]:
    yield "# Calls of libraries that mldebt does not know, the most costly first. `escapes: true` says what it takes for granted: all that such a call gets"
    yield "# is out of sight. Say what the call does instead, and delete the entries of which you cannot tell: an entry counts as followed."
    yield "#   the result is made of what went in       converts: same"
    yield "#   it only shows or records                 logs: true"
    yield "#   it reads a table                         reads: {path: {path: 0}, format: parquet}, and `returns: pandas.DataFrame`"
    yield "#   it writes one                            writes: {path: {path: 1}, value: {table: 0}}"
    yield '# All verbs are in docs/libraries.md. Name the file in the settings: libraries = ["mldebt-library.yaml"]'
    yield f"library: {json.dumps(project, ensure_ascii=False)}"
    yield "calls:" if calls else "calls: []"
    for one in calls:
        yield f"  # {counted(one.values, 'value')}, {counted(one.count, 'place')}: {', '.join(place(at) for at in one.places[:MOST_PLACES])}"
        yield f"  - call: {one.name}"
        yield "    escapes: true"
