"""What a query text says, as values: the tables it reads and writes, the columns that come out, the columns that choose rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from mldebt.declarations.types import HOLE

MOST_CHARACTERS = 60_000
_NAME = r"([\w.`\"\[\]$\-" + HOLE + r"]+)"
_READ = re.compile(r"\b(?:from|join|using)\s+" + _NAME, re.IGNORECASE)
_WRITTEN = re.compile(
    r"\b(?:(?:insert\s+(?:or\s+\w+\s+)?|replace\s+|merge\s+)into|insert\s+overwrite(?:\s+table)?|update"
    r"|create\s+(?:or\s+replace\s+)?(?:\w+\s+)?(?:table|view)(?:\s+if\s+not\s+exists)?)\s+" + _NAME,
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"""\{\{[^{}]{0,200}?\b(?:ref|source)\s*\((?:[^(){}]{0,200},)?\s*["']([\w.]+)["']\s*\)[^{}]{0,50}\}\}""")
_SETTINGS = re.compile(r"\{\{\s*config\s*\([^{}]*\)\s*\}\}|\{#.*?#\}|\{%.*?%\}", re.DOTALL)
_HOLES = re.compile(r"\{\{.*?\}\}|\$?\{[\w.]+\}|%\(\w+\)[sdf]|%[sdf]\b", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reference:
    """A column as a query names it; `qualifier` is a table or alias, or "". A column "" stands for any of them."""

    qualifier: str
    column: str


@dataclass(frozen=True, slots=True)
class Item:
    """A column that comes out: `name` is "" where nobody can tell; `plain` is only moved, renamed or cast; `unknown` may be any columns."""

    name: str
    references: tuple[Reference, ...] = ()
    plain: bool = False
    unknown: bool = False
    nested: tuple[Query, ...] = ()


@dataclass(frozen=True, slots=True)
class Star:
    """All columns of one table, or of all tables where `qualifier` is ""."""

    qualifier: str = ""
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """What stands behind FROM or JOIN: a table by its name, a query, or None for what nobody can name."""

    alias: str
    of: str | Query | None


@dataclass(frozen=True, slots=True)
class Select:
    """`conditions` choose rows, `keys` join, group or order them; `nested` are the queries in both; `other_rows`: not simply all rows of one table."""

    sources: tuple[Source, ...]
    items: tuple[Item | Star, ...]
    conditions: tuple[Reference, ...] = ()
    keys: tuple[Reference, ...] = ()
    nested: tuple[Query, ...] = ()
    other_rows: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """`named` are the queries of WITH, in order; several `parts` stand below each other."""

    parts: tuple[Select | Query, ...]
    named: tuple[tuple[str, Query], ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `columns` are those it spells for its `target`; `given` says that their values come as parameters.

    `loose`: only names of tables were found; then the columns are unknown.
    """

    target: str = ""
    columns: tuple[str, ...] = ()
    query: Query | None = None
    given: bool = False
    loose: tuple[str, ...] = ()
    rows_only: bool = False  # the query chooses rows and gives nothing (DELETE)

    def tables(self) -> tuple[str, ...]:
        """All tables that are read, in order."""
        named = _tables(self.query, frozenset()) if self.query is not None else []
        return tuple(dict.fromkeys([*named, *self.loose]))


def _tables(query: Query, known: frozenset[str]) -> list[str]:
    found: list[str] = []
    for name, inner in query.named:
        found.extend(_tables(inner, known))
        known |= {name}
    for part in query.parts:
        if isinstance(part, Query):
            found.extend(_tables(part, known))
            continue
        inner_queries = [*part.nested, *(query for item in part.items if isinstance(item, Item) for query in item.nested)]
        for source in part.sources:
            if isinstance(source.of, Query):
                inner_queries.append(source.of)
            elif source.of and source.of not in known:
                found.append(source.of)
        for inner in inner_queries:
            found.extend(_tables(inner, known))
    return found


def renamed(query: Query, names: tuple[str, ...]) -> Query:
    """The query with its columns under these names, where it lists as many."""
    parts: list[Select | Query] = []
    for part in query.parts:
        if isinstance(part, Query):
            parts.append(renamed(part, names))
            continue
        items = [item for item in part.items if isinstance(item, Item) and not item.unknown]
        exact = len(items) == len(part.items) == len(names)
        parts.append(replace(part, items=tuple(map(_under, items, names))) if exact else part)
    return replace(query, parts=tuple(parts))


def _under(item: Item, name: str) -> Item:
    return replace(item, name=name)


@lru_cache(maxsize=2048)
def statements(text: str) -> tuple[Statement, ...]:
    """The statements of a text in order; () where it is no query that anybody can read."""
    plain = prepared(text)
    if not plain.strip(HOLE + " \t\n;") or len(plain) > MOST_CHARACTERS:
        return ()
    if not re.search(r"\s", plain.strip()):
        return (Statement(loose=(table_name(plain.strip()),)),)
    from mldebt.flow.query_tree import parsed

    return parsed(plain) or loose(plain)


def prepared(text: str) -> str:
    """The text with everything that templates and drivers fill in as holes."""
    if len(text) > MOST_CHARACTERS:
        return text
    if "{" in text:
        text = _SETTINGS.sub(" ", _REFERENCE.sub(r"\1", text))
    if "{" in text or "%" in text:
        text = _HOLES.sub(HOLE, text).replace("%%", "%")
    return text


def loose(text: str) -> tuple[Statement, ...]:
    """The names of tables by a light scan, for texts that nobody can parse."""
    written = [table_name(match.group(1)) for match in _WRITTEN.finditer(text)]
    read = tuple(dict.fromkeys(table_name(match.group(1)) for match in _READ.finditer(text)))
    if not written:
        return (Statement(loose=read),) if read else ()
    return tuple(Statement(target=target, loose=read) for target in dict.fromkeys(written))


def table_name(text: str) -> str:
    """One spelling for a table's name: lower case, no quotes."""
    return ".".join(part.strip('`"[] \t') for part in text.replace("`", "").split(".")).lower()
