"""Query texts: what comes out, what is read and written, and that no text does harm."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mldebt.declarations.types import HOLE
from mldebt.flow.paths import TABLE, same_path
from mldebt.flow.query_text import Item, Query, Reference, Select, Star, Statement, statements


def only(text: str) -> Statement:
    (statement,) = statements(text)
    return statement


def select(text: str) -> Select:
    query = only(text).query
    assert query is not None
    (part,) = query.parts
    assert isinstance(part, Select)
    return part


def names(text: str) -> list[str]:
    return [item.name if isinstance(item, Item) else f"{item.qualifier}*" for item in select(text).items]


def test_a_select_list_has_names_sources_and_what_is_only_moved() -> None:
    assert select("SELECT a, t.b AS c, CAST(d AS INT) AS e, SUM(x) OVER (PARTITION BY z) AS s, 1 + 1 FROM s.t").items == (
        Item("a", (Reference("", "a"),), plain=True),
        Item("c", (Reference("t", "b"),), plain=True),
        Item("e", (Reference("", "d"),), plain=True),
        Item("s", (Reference("", "z"), Reference("", "x"))),
        Item(""),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM t", ["*"]),
        ("SELECT t.*, u.b FROM t JOIN u USING (id)", ["t*", "b"]),
        ('SELECT "Mixed", [Spaced Name] FROM [dbo].[T]', ["Mixed", "Spaced Name"]),
        ("SELECT TOP 10 a FROM t", ["a"]),
        ("SELECT `a` FROM `p-x.d.t`", ["a"]),
        ("SELECT a::int AS a, b->>'x' AS x FROM t", ["a", "x"]),
    ],
)
def test_dialects(text: str, expected: list[str]) -> None:
    assert names(text) == expected


def test_stars_say_what_they_leave_out() -> None:
    assert select("SELECT * EXCEPT (Label) FROM `t`").items == (Star("", frozenset({"label"})),)


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("SELECT a FROM p.d.T1 JOIN U ON T1.i = U.i, w", ("p.d.t1", "u", "w")),
        ("WITH c AS (SELECT a FROM raw), e AS (SELECT a FROM c) SELECT a FROM e", ("raw",)),
        ("SELECT a FROM (SELECT a FROM inner_table) s WHERE a IN (SELECT b FROM other)", ("other", "inner_table")),
        ("SELECT a FROM t UNION ALL SELECT a FROM u UNION SELECT a FROM w", ("t", "u", "w")),
        ("{{ config(materialized='table') }} SELECT * FROM {{ ref('stg_orders') }}", ("stg_orders",)),
        ("SELECT * FROM {{ source('shop', 'orders') }}", ("orders",)),
        ("SELECT a FROM 'data/rows.parquet'", ("data/rows.parquet",)),
        ("DELETE FROM t WHERE a < 3", ("t",)),
        (f"SELECT a FROM lake.{HOLE}_scores", (f"lake.{HOLE}_scores",)),
        ("lead_scores", ("lead_scores",)),
    ],
)
def test_tables_that_are_read(text: str, tables: tuple[str, ...]) -> None:
    assert only(text).tables() == tables


@pytest.mark.parametrize(
    ("text", "target", "columns", "given"),
    [
        ("INSERT INTO s.quotes (home, price) VALUES (?, ?)", "s.quotes", ("home", "price"), True),
        ("INSERT INTO t VALUES %s", "t", (), True),
        ("INSERT OR REPLACE INTO t (a) VALUES (:a)", "t", ("a",), True),
        ("INSERT INTO t (a) VALUES (%(a)s) ON CONFLICT (a) DO UPDATE SET a = EXCLUDED.a", "t", ("a",), True),
        ("UPDATE t SET a = %s, b = %s WHERE id = %s", "t", ("a", "b"), True),
        ("CREATE OR REPLACE TABLE `p.d.t` AS SELECT a FROM u", "p.d.t", (), False),
        ("CREATE VIEW v AS SELECT a FROM u", "v", (), False),
        ("WITH c AS (SELECT 1 AS a) INSERT INTO t SELECT a FROM c", "t", (), False),
        ("SELECT a INTO t FROM u", "t", (), False),
    ],
)
def test_tables_that_are_written(text: str, target: str, columns: tuple[str, ...], given: bool) -> None:
    found = only(text)
    assert (found.target, found.columns, found.given) == (target, columns, given)


def test_an_insert_names_what_it_selects() -> None:
    query = only("INSERT INTO t (a, b) SELECT x, NOW() FROM u").query
    assert query == Query((Select(sources=query.parts[0].sources, items=(Item("a", (Reference("", "x"),), True), Item("b"))),))  # type: ignore[union-attr]


def test_a_merge_gives_what_its_branches_set() -> None:
    text = "MERGE INTO t USING s ON t.i = s.i WHEN MATCHED THEN UPDATE SET t.b = s.c WHEN NOT MATCHED THEN INSERT (i, b) VALUES (s.i, s.c)"
    found = only(text)
    assert found.target == "t"
    assert [item.name for item in select(text).items if isinstance(item, Item)] == ["b", "i"]
    assert select(text).keys == (Reference("t", "i"), Reference("s", "i"))


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("SELECT a, {columns} FROM t", True),
        (f"SELECT a AS {HOLE} FROM t", True),
        (f"SELECT ROUND({HOLE}) AS a FROM t", True),
        ("SELECT a, ROUND(b, {digits}) AS b FROM t", False),
        ("SELECT a FROM t WHERE b > %s AND c IN (%s)", False),
    ],
)
def test_holes_in_a_list_are_any_columns(text: str, unknown: bool) -> None:
    assert any(isinstance(item, Item) and item.unknown for item in select(text).items) is unknown


@pytest.mark.parametrize(
    ("condition", "any_column"),
    [("{where}", True), ("a = 1 AND {more}", True), ("{column} > 3", True), ("a > {limit}", False), ("a BETWEEN {low} AND {high}", False)],
)
def test_holes_in_a_condition_may_be_columns(condition: str, any_column: bool) -> None:
    assert (Reference("", "") in select(f"SELECT a FROM t WHERE {condition}").conditions) is any_column


def test_what_nobody_can_parse_is_scanned_for_names() -> None:
    assert only("SELECT a FROM raw.orders WHEREABOUTS (( {x}").loose == ("raw.orders",)
    assert only("INSERT INTO out.t SELECT SELECT FROM raw.orders ((").target == "out.t"


@pytest.mark.parametrize("text", ["", "  ", HOLE, f"{HOLE}; {HOLE}", "hello there, this is no query", "x" * 100_000])
def test_no_query_is_no_statement(text: str) -> None:
    assert all(not statement.target and not statement.tables() for statement in statements(text))


def test_the_parser_is_imported_when_a_query_is_met() -> None:
    program = (
        "import sys, mldebt.analysis.scan, mldebt.flow.follow; from mldebt.flow.query_text import statements\n"
        "assert 'sqlglot' not in sys.modules and not statements('') and 'sqlglot' not in sys.modules\n"
        "assert statements('SELECT a FROM t') and 'sqlglot' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


NESTED = 3_000
HOSTILE = {
    "brackets": "SELECT " + "(" * NESTED + "a" + ")" * NESTED + " FROM t",
    "open brackets": "SELECT " + "(" * 24 + " FROM t",
    "functions": "SELECT " + "f(" * 24 + "a" + ")" * 24 + " FROM t",
    "cases": "SELECT " + "CASE WHEN a THEN " * NESTED,
    "chain": "SELECT " + " + ".join(["a"] * 2_900) + " FROM t",
    "not": "SELECT " + "NOT " * NESTED + "a FROM t",
    "queries": "SELECT * FROM " + "(SELECT * FROM " * 24 + "t" + ")" * 24,
    "unions": " UNION ".join(["SELECT a FROM t"] * 900),
    "names in each other": "WITH " + ", ".join(f"x{i} AS (SELECT * FROM x{i - 1})" for i in range(400)) + " SELECT * FROM x399",
    "quotes": "SELECT '" * 500,
    "types": "SELECT CAST(a AS " + "STRUCT<a " * 1_000 + " FROM t",
    "control characters": "SELECT \x00\x1b[31m a FROM t\x00",
    "surrogates": "SELECT '\ud800' AS a FROM t",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_do_no_harm(text: str) -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        assert all(isinstance(statement, Statement) for statement in statements(text))
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize(
    ("first", "second", "proof"),
    [
        ("ml.scores", "ml.scores", "exact"),
        ("scores", "p.ml.scores", "prefix"),
        ("raw.orders", "clean.orders", ""),
        (f"{HOLE}.orders", "clean.orders", "template"),
        (f"ml.{HOLE}_scores", "ml.lead_scores", "template"),
        (f"ml.{HOLE}", "ml.scores", ""),
        ("ml.scores", "ml.score", ""),
    ],
)
def test_names_of_one_table(first: str, second: str, proof: str) -> None:
    assert same_path(TABLE + first, TABLE + second) == same_path(TABLE + second, TABLE + first) == proof


def test_a_table_is_no_file() -> None:
    assert same_path(TABLE + "scores.csv", "scores.csv") == ""
