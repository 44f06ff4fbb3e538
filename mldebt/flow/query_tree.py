"""sqlglot's trees become our own: bounded in size and depth, and never an error for a text that nobody can parse."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator

import sqlglot
from sqlglot import exp

from mldebt.declarations.types import HOLE
from mldebt.flow.query_text import Item, Query, Reference, Select, Source, Star, Statement, loose, renamed, table_name

logging.getLogger("sqlglot").disabled = True  # it speaks of syntax it does not know

MOST_TOKENS = 6_000
DEEPEST = 24
MANY = 64
_NESTING = re.compile(r"'(?:[^']|'')*'|[(\[]|[)\]]|\b(?:case|end)\b", re.IGNORECASE)
_MOVES = (exp.Cast, exp.TryCast, exp.Paren)
_CHOOSING = ("where", "having", "qualify")
_ROW_PARTS = (*_CHOOSING, "group", "order", "distinct", "limit", "cluster", "sort", "sample", "offset")


def parsed(text: str) -> tuple[Statement, ...]:
    """The statements of a text; () where no dialect reads it."""
    if _is_too_deep(text):
        return ()
    for dialect in _dialects(text):
        try:
            trees = sqlglot.parse(text, read=dialect)
            return tuple(found for tree in trees[:MANY] if tree is not None for found in _statement(tree))
        except (sqlglot.errors.SqlglotError, RecursionError, ValueError, KeyError, IndexError, AttributeError, TypeError):
            continue  # the parser has met a text that it was not made for
    return ()


def _is_too_deep(text: str) -> bool:
    """Whether brackets or CASEs stand deeper in each other, or words are more, than the parser takes in good time."""
    depth = 0
    for match in _NESTING.finditer(text):
        word = match.group().lower()
        depth += 1 if word in ("(", "[", "case") else -1 if word in (")", "]", "end") else 0
        if depth > DEEPEST:
            return True
    return len(re.findall(r"\w+|[^\w\s]", text)) > MOST_TOKENS


def _dialects(text: str) -> tuple[str | None, ...]:
    """The dialects to try, likely ones first."""
    if "`" in text:
        return ("bigquery", "spark", "mysql")
    if re.search(r"\btop\s*\(?\d|\[\w+\]|#\w", text, re.IGNORECASE):
        return ("tsql", None, "bigquery")
    return (None, "postgres", "snowflake", "bigquery", "mysql")


# -- statements -------------------------------------------------------------------------------------------------------


def _statement(tree: exp.Expr) -> Iterator[Statement]:
    match tree:
        case exp.Insert() | exp.Create():
            if isinstance(tree, exp.Insert) or str(tree.args.get("kind")).upper() in ("TABLE", "VIEW"):
                yield from _filling(tree)
        case exp.Merge():
            yield from _merging(tree)
        case exp.Update():
            yield from _updating(tree)
        case exp.Delete():
            sources = _sources([tree.this, *(tree.args.get("using") or ())])
            conditions, nested = _conditions([tree.args.get("where")])
            yield Statement(query=Query((Select(sources, (), conditions, (), nested),)), rows_only=True)
        case exp.Query():
            into = tree.args.get("into")
            yield Statement(target=_named(into.this) if isinstance(into, exp.Into) else "", query=_query(tree))
        case exp.Command():
            yield from loose(tree.sql())


def _filling(tree: exp.Insert | exp.Create) -> Iterator[Statement]:
    """INSERT INTO … and CREATE TABLE … AS."""
    target = tree.this
    spelled: tuple[str, ...] = ()
    if isinstance(target, exp.Schema):
        spelled = tuple(column.name for column in target.expressions)
        target = target.this
    body = tree.args.get("expression")
    if isinstance(body, exp.Subquery):
        body = body.this
    if not isinstance(target, exp.Table):
        return
    if isinstance(body, exp.Query):
        query = renamed(_with(tree, _query(body)), spelled)
        yield Statement(_named(target), spelled, query)
    elif isinstance(tree, exp.Insert):
        yield Statement(_named(target), spelled, given=True)


def _with(tree: exp.Expr, query: Query) -> Query:
    """The queries that stand before an INSERT belong to what it selects."""
    named = _common(tree)
    return Query(query.parts, (*named, *query.named)) if named else query


def _updating(tree: exp.Update) -> Iterator[Statement]:
    pairs = [(pair.this.name, pair.expression) for pair in tree.expressions if isinstance(pair, exp.EQ)]
    names = tuple(name for name, _ in pairs)
    source = tree.args.get("from_")
    target = _named(tree.this)
    if source is None:
        yield Statement(target, names, given=True)
        return
    sources = _sources([source.this, tree.this])
    yield Statement(target, names, Query((Select(sources, tuple(_item(value, name) for name, value in pairs), other_rows=True),)))


def _merging(tree: exp.Merge) -> Iterator[Statement]:
    """MERGE writes what its branches set or insert."""
    sources = _sources([tree.args.get("using"), tree.this])
    keys, nested = _conditions([tree.args.get("on")])
    items: dict[str, Item] = {}
    whole = False
    for branch in tree.find_all(exp.When):
        then = branch.args.get("then")
        if isinstance(then, exp.Update):
            pairs = [(pair.this.name, pair.expression) for pair in then.expressions if isinstance(pair, exp.EQ)]
            whole = whole or not pairs
        elif isinstance(then, exp.Insert) and isinstance(then.this, exp.Tuple) and isinstance(then.expression, exp.Tuple):
            pairs = [(name.name, value) for name, value in zip(then.this.expressions, then.expression.expressions, strict=False)]
        else:
            pairs, whole = [], whole or isinstance(then, exp.Insert)
        for name, value in pairs:
            items.setdefault(name, _item(value, name))
    outcome: tuple[Item | Star, ...] = (*items.values(), *([Star(sources[0].alias)] if whole and sources else []))
    yield Statement(_named(tree.this), (), Query((Select(sources, outcome, (), keys, nested, True),)))


# -- queries ----------------------------------------------------------------------------------------------------------


def _query(tree: exp.Expr) -> Query:
    named = _common(tree)
    match tree:
        case exp.SetOperation():
            parts: list[Select | Query] = [_query(part) for part in _operands(tree)]
            return Query(tuple(parts), named)
        case exp.Subquery() if isinstance(tree.this, exp.Query):
            return Query((_query(tree.this),), named)
        case exp.Select():
            return Query((_select(tree),), named)
    return Query((Select((), (Item("", unknown=True),), other_rows=True),), named)


def _operands(tree: exp.SetOperation) -> list[exp.Expr]:
    """The queries of a chain of UNIONs, without recursion."""
    found: list[exp.Expr] = []
    current: exp.Expr = tree
    while isinstance(current, exp.SetOperation):
        found.append(current.expression)
        current = current.this
    return [current, *reversed(found)]


def _common(tree: exp.Expr) -> tuple[tuple[str, Query], ...]:
    clause = tree.args.get("with_")
    return tuple((table_name(named.alias), _query(named.this)) for named in clause.expressions) if clause is not None else ()


def _select(tree: exp.Select) -> Select:
    start = tree.args.get("from_")
    joins = list(tree.args.get("joins") or ())
    sources = _sources([start.this if start is not None else None, *(join.this for join in joins), *(tree.args.get("laterals") or ())])
    ons = [join.args.get("on") for join in joins]
    conditions, nested = _conditions(tree.args.get(name) for name in _CHOOSING)
    others = [tree.args.get(name) for name in _ROW_PARTS if name not in _CHOOSING]
    keys, more = _conditions([*ons, *others, *(tree.args.get("windows") or ())])
    shared = tuple(Reference("", identifier.name) for join in joins for identifier in join.args.get("using") or ())
    items = tuple(_outcome(item) for item in tree.expressions)
    other_rows = len(sources) != 1 or any(tree.args.get(name) for name in _ROW_PARTS)
    return Select(sources, items, conditions, (*keys, *shared), (*nested, *more), other_rows)


def _sources(nodes: Iterable[exp.Expr | None]) -> tuple[Source, ...]:
    found: list[Source] = []
    pending = [node for node in nodes if node is not None][::-1]
    while pending:
        node = pending.pop()
        pending.extend(join.this for join in reversed(node.args.get("joins") or ()))
        match node:
            case exp.Table() if isinstance(node.this, exp.Identifier):
                found.append(Source(table_name(node.alias or node.name), _named(node)))
            case exp.Subquery() if isinstance(node.this, exp.Query):
                found.append(Source(table_name(node.alias), _query(node)))
            case exp.Subquery() | exp.Paren():
                pending.append(node.this)
            case _:
                found.append(Source(table_name(node.alias or ""), None))
    return tuple(found)


def _named(node: exp.Expr) -> str:
    """The name of a table with all parts that the text spells."""
    table = node.this if isinstance(node, exp.Schema) else node
    if not isinstance(table, exp.Table):
        return table_name(table.name)
    if table.this is not None and "/" in table.name:
        return table.name  # a file, as DuckDB reads them
    parts = [table.args.get("catalog"), table.args.get("db"), table.this]
    return table_name(".".join(part.name for part in parts if isinstance(part, exp.Identifier)))


def _outcome(tree: exp.Expr) -> Item | Star:
    if isinstance(tree, exp.Star):
        return Star("", _left_out(tree))
    if isinstance(tree, exp.Column) and isinstance(tree.this, exp.Star):
        return Star(table_name(tree.table), _left_out(tree.this))
    if isinstance(tree, exp.Alias):
        return _item(tree.this, tree.alias)
    return _item(tree, tree.name if isinstance(tree, exp.Column) else "")


def _left_out(star: exp.Star) -> frozenset[str]:
    """The names that EXCEPT takes away, and those that REPLACE makes anew are kept."""
    return frozenset(name.name.lower() for name in star.args.get("except_") or star.args.get("except") or ())


def _item(tree: exp.Expr, name: str) -> Item:
    references, nested, holes = _read(tree)
    if HOLE in name or holes:
        return Item("" if HOLE in name else name, references, unknown=True, nested=nested)
    inner = tree
    while isinstance(inner, _MOVES):
        inner = inner.this
    return Item(name, references, isinstance(inner, exp.Column), nested=nested)


def _conditions(nodes: Iterable[exp.Expr | None]) -> tuple[tuple[Reference, ...], tuple[Query, ...]]:
    references: list[Reference] = []
    queries: list[Query] = []
    for node in nodes:
        if isinstance(node, exp.Expr):
            read, nested, holes = _read(node)
            references.extend((*read, *([Reference("", "")] if holes else [])))
            queries.extend(nested)
    return tuple(dict.fromkeys(references)), tuple(queries)


def _read(tree: exp.Expr) -> tuple[tuple[Reference, ...], tuple[Query, ...], bool]:
    """The columns that an expression names, the queries in it, and whether a hole in it may name any column."""
    references: list[Reference] = []
    nested: list[Query] = []
    holes = False
    for node in tree.walk(prune=lambda node: isinstance(node, exp.Query)):
        if isinstance(node, exp.Query):
            nested.append(_query(node))
            references.extend(Reference(table_name(c.table), c.name) for c in node.find_all(exp.Column) if not isinstance(c.this, exp.Star))
        elif isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
            if HOLE in node.name:
                holes = holes or not _is_value(node)
            else:
                references.append(Reference(table_name(node.table), node.name))
    return tuple(dict.fromkeys(references)), tuple(nested), holes


def _is_value(hole: exp.Column) -> bool:
    """Whether a hole stands where a value stands: right of a comparison, in a list, as a bound."""
    parent = hole.parent
    while isinstance(parent, (*_MOVES, exp.Neg)):
        hole, parent = parent, parent.parent  # type: ignore[assignment]
    if isinstance(parent, exp.Connector):
        return False
    if isinstance(parent, exp.Binary):
        return parent.expression is hole
    if isinstance(parent, exp.In | exp.Between | exp.Func):
        return parent.this is not hole
    return isinstance(parent, exp.Limit | exp.Offset | exp.Interval | exp.Tuple | exp.Fetch)
