"""Column expressions: what they read, how they are named, what of them leaves our sight."""

from __future__ import annotations

from textwrap import dedent

import pytest
from flow_snippets import columns, events, script, unused

from mldebt.flow.events import Compared, Decided, Narrowed


def live(expression: str, kept: str = "'x'", before: str = "") -> dict[str, bool]:
    """Which of the made columns a, b, c may be used, where a table with x, made by the expression, is narrowed to it and fitted."""
    code = f"""
    import polars as pl
    import polars.selectors as cs
    from somewhere import unknown
    from sklearn.linear_model import Ridge
    {before}
    renamed = None
    table = pl.read_csv("t.csv", columns=["i", "j"])
    table = table.with_columns(a=pl.col("i") + 1, b=pl.col("i") + 2, c=pl.col("j") + 3)
    renamed = pl.Series("x", table["b"])
    table = table.with_columns({expression}).select({kept})
    Ridge().fit(table.to_numpy())
    """
    found = columns(script(dedent(code)))
    return {name: found[name] for name in "abc"}


@pytest.mark.parametrize(
    ("expression", "used"),
    [
        ("x=pl.col('a')", "a"),
        ("x='a'", "a"),
        ("pl.col('a').alias('x')", "a"),
        ("[(pl.col('a') * 2 - 1).alias('x')]", "a"),
        ("x=1 - pl.col('a')", "a"),
        ("x=-pl.col('a')", "a"),
        ("x=~(pl.col('a') > pl.col('b'))", "ab"),
        ("x=pl.col('a').fill_null(pl.col('c'))", "ac"),
        ("x=pl.col('a').str.to_uppercase().str.len_chars()", "a"),
        ("x=pl.col('a').sum().over('b')", "ab"),
        ("x=pl.col('a').shift(1).over('b', order_by='c')", "abc"),
        ("x=pl.when(pl.col('a') > 0).then('b').otherwise(None)", "ab"),
        ("pl.when(a=1).then(pl.col('b')).otherwise(0).alias('x')", "ab"),
        ("x=pl.sum_horizontal('a', pl.col('b'))", "ab"),
        ("x=pl.struct(first='a')", "a"),
        ("x=pl.all().sum()", "abc"),
        ("x=pl.sum_horizontal(pl.exclude('a'))", "abc"),
        ("x=pl.col('a') * unknown('b')", "abc"),
        ("x=unknown(pl.col('a'))", "abc"),
        ("*unknown('a')", "abc"),
        ("**unknown('a')", "abc"),
        ("x=pl.col(unknown())", "abc"),
        ("x=pl.first()", "abc"),
        ("x=pl.sql_expr('a * 2')", "a"),
        ("x=pl.format('{}-{}', 'a', pl.col('b'))", "ab"),
        ("pl.col('a').alias(unknown())", "a"),
        ("x=pl.col('a').map_elements(lambda v: v + 1)", "a"),
        ("x=table['a'] + 1", "a"),
        ("x=pl.col('i') + table['b']", "b"),
        ("pl.Series('x', table['b'])", "b"),
        ("renamed", "b"),
    ],
)
def test_an_expression_uses_what_it_reads(expression: str, used: str) -> None:
    assert {name for name, is_live in live(expression).items() if is_live} == set(used)


@pytest.mark.parametrize(
    ("kept", "used"),
    [
        ("'a'", "a"),
        ("['a', 'b']", "ab"),
        ("pl.col('a', 'b')", "ab"),
        ("pl.col(['a', 'b']) * 2", "ab"),
        ("pl.exclude('a', 'x')", "bc"),
        ("pl.all().exclude(['c', 'x'])", "ab"),
        ("pl.col('^a.*$')", "abc"),
        ("cs.numeric()", "abc"),
        ("~cs.by_name('a')", "abc"),
        ("cs.by_name('a') * pl.col('b')", "abc"),
        ("[name for name in table.columns if name not in ('a', 'b')]", "c"),
        ("pl.col('a').name.suffix('_z')", "a"),
        ("unknown", "abc"),
        ("z='b'", "b"),
    ],
)
def test_a_selection_keeps_what_it_names(kept: str, used: str) -> None:
    assert {name for name, is_live in live("x=pl.lit(1)", kept).items() if is_live} == set(used)


def test_functions_that_make_expressions_are_followed() -> None:
    before = "twice = lambda name, of=2: (pl.col(name) * of).alias('x')"
    assert live("twice('b')", before=before) == {"a": False, "b": True, "c": False}
    assert live("[twice(n) for n in ('b', 'c')]", before=before) == {"a": False, "b": True, "c": True}


def test_keys_and_conditions_are_used() -> None:
    code = """
    import polars as pl
    t = pl.read_csv("t.csv", columns=["i"]).with_columns(a=pl.col("i") + 1, b=pl.col("i") + 2, c=pl.col("i") + 3, d=pl.col("i") + 4)
    t.filter(pl.col("a") > 0, b=1).sort(pl.col("c"), descending=True).select("i")
    """
    assert columns(script(dedent(code))) == {"a": True, "b": True, "c": True, "d": False}


def test_a_summary_has_the_keys_and_what_it_names() -> None:
    code = """
    import polars as pl
    t = pl.read_csv("t.csv", columns=["k", "i"]).with_columns(a=pl.col("i") + 1, b=pl.col("i") + 2, c=pl.col("i") + 3)
    s = t.group_by(pl.col("b") % 2).agg(pl.col("a").mean().alias("mean"), n=pl.len())
    s.select("b", "n")
    """
    done = script(dedent(code))
    left = 0
    for event in events(done, Narrowed):
        left |= event.bits
    assert {column.name for number, column in enumerate(done.world.columns) if left >> number & 1 and column.made} >= {"mean", "a", "c"}
    assert columns(done)["b"]
    assert not columns(done)["mean"]


def test_a_prediction_compared_in_an_expression_is_a_decision() -> None:
    code = """
    import polars as pl
    from sklearn.linear_model import LogisticRegression
    t = pl.read_csv("t.csv")
    model = LogisticRegression().fit(t.select("i").to_numpy(), t["y"].to_numpy())
    t = t.with_columns(score=model.predict_proba(t.select("i").to_numpy())[:, 1])
    t = t.with_columns((pl.col("score") > 0.7).alias("chosen"))
    t.write_csv("chosen.csv")
    """
    done = script(dedent(code))
    assert [event.threshold for event in events(done, Compared)] == [0.7]
    assert [event.how for event in events(done, Decided)] == ["column 'chosen'"]


def test_spark_spells_the_same() -> None:
    code = """
    from pyspark.sql import SparkSession, functions as F
    t = SparkSession.builder.master("local").getOrCreate().read.parquet("t.parquet").select("i", "k")
    t = t.withColumn("a", F.col("i") + 1).withColumn("b", t.i + 2).withColumn("c", F.expr("i + 3")).withColumns({"d": F.lit(1)})
    u = t.withColumnRenamed("a", "z").groupBy("k").agg(F.sum("z").alias("total"), F.max(F.col("b")).alias("most"))
    print(u.select(F.col("total")).collect())
    """
    assert columns(script(dedent(code))) == {"a": True, "b": False, "c": False, "d": False, "total": True, "most": False}


def test_an_expression_from_elsewhere_may_read_every_column() -> None:
    code = """
    import polars as pl
    def prepare(expression: pl.Expr):
        t = pl.read_csv("t.csv", columns=["i"]).with_columns(a=pl.col("i") + 1)
        return t.select(expression.alias("x") * 2, "i")
    """
    assert columns(script(dedent(code)))["a"]


def test_spark_selects_whole_tables() -> None:
    code = """
    from pyspark.sql import DataFrame, functions as F
    def prepare(t: DataFrame):
        t = t.select("i").withColumn("a", F.col("i") + 1)
        return t.select(t["*"])
    """
    assert columns(script(dedent(code)))["a"]


def test_flags_are_options_wherever_they_are_read() -> None:
    code = """
    from absl import app, flags
    FLAGS = flags.FLAGS
    def early():
        return FLAGS.late
    early()
    flags.DEFINE_string("late", "", "")
    flags.DEFINE_string("unread", "", "")
    flags.DEFINE_string("set", "", "")
    def main(argv):
        FLAGS.set = "x"
    app.run(main)
    """
    assert unused(script(dedent(code))) == {"unread"}


def test_pipe_is_a_call_with_the_table() -> None:
    code = """
    import pandas as pd
    def add(table, name, by=1):
        table[name] = table["i"] + by
        return table
    t = pd.DataFrame(pd.read_csv("t.csv", usecols=["i"])).pipe(add, "a").pipe(add, name="b", by=2)
    print(t[["i", "a"]])
    """
    assert columns(script(dedent(code))) == {"a": True, "b": False}
