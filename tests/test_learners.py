"""What models learn from each other: how grave a finding is, what it tells, and what the flow carries for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flow_snippets import events, run, script

from mldebt.analysis import ScanRequest, analyze
from mldebt.core import Finding
from mldebt.flow.events import Fitted, Loaded, Stored
from mldebt.flow.follow import Followed
from mldebt.plugins import load_checks
from mldebt.settings import load_settings

FIXTURES = Path(__file__).parents[1] / "fixtures"
CHECKS = [check for check in load_checks() if check.rule.code in ("MLD103", "MLD301", "MLD302", "MLD303")]


def findings(case: str) -> list[Finding]:
    root = FIXTURES / case
    settings = replace(load_settings(root), profile="all")
    return list(analyze(ScanRequest(root, settings, jobs=1, cache=False), CHECKS).contents.findings)


@pytest.mark.parametrize(
    ("case", "severities"),
    [
        ("correction_cascade/bad", ["major"]),
        ("correction_cascade/chain_of_three", ["critical"]),
        ("correction_cascade/calibration", ["info"]),
        ("correction_cascade/distillation", ["info"]),
        ("correction_cascade/base_margin", ["major"] * 3),
        ("direct_feedback_loop/bad", ["critical"]),
        ("direct_feedback_loop/rows_chosen", ["critical"]),
        ("direct_feedback_loop/table_and_registry", ["critical"]),
        ("direct_feedback_loop/exploration_with_propensity", ["info"]),
        ("direct_feedback_loop/random_holdout_filters_training", ["info"]),
        ("direct_feedback_loop/people_label", ["info"]),
        ("direct_feedback_loop/json_lines", ["major"]),
        ("hidden_feedback_loop/bad", ["major"]),
        ("unmarked_pseudo_labels/bad", ["major"]),
        ("unmarked_pseudo_labels/confident_ones_only", ["minor"]),
    ],
)
def test_severities(case: str, severities: list[str]) -> None:
    assert [finding.severity for finding in findings(case)] == severities


def test_a_cascade_counts_its_further_links() -> None:
    (finding,) = findings("correction_cascade/chain_of_three")
    assert finding.effort_minutes == 120 + 60


def test_a_loop_absorbs_the_cascades_in_it() -> None:
    assert [finding.rule.name for finding in findings("hidden_feedback_loop/bad")] == ["hidden-feedback-loop"]


def test_evidence_runs_from_the_prediction_over_the_file_to_the_fit() -> None:
    (finding,) = findings("correction_cascade/through_a_stage")
    told = [(step.at.path, step.at.line) for step in finding.evidence]
    writer, reader = ("scoring/score.py", 20), ("offers/train.py", 20)
    assert told.index(("scoring/score.py", 18)) < told.index(writer) < told.index(("offers/train.py", 14)) < told.index(reader)
    assert told[-1] == reader


MODELS = "import pandas as pd\nfrom sklearn.linear_model import Ridge\ndf = pd.read_csv('in.csv')\na = Ridge().fit(df[['x']], df['t'])\n"


def lesson(body: str) -> tuple[set[str], set[str]]:
    """Names of the columns through which predictions enter the last fit, as features and as target."""
    done = script(MODELS + body)
    last = events(done, Fitted)[-1].lesson
    assert last is not None
    return traced(done, last.features), traced(done, last.target)


def traced(done: Followed, bits: int, role: str = "value") -> set[str]:
    return {column.name for number, column in enumerate(done.world.columns) if bits >> number & 1 and column.role == role}


def test_predictions_stay_with_their_column() -> None:
    assert lesson("df['p'] = a.predict(df[['x']])\ndf['q'] = df['p'] * 2\nRidge().fit(df[['q', 'x']], df['u'])") == ({"q"}, set())


def test_columns_left_behind_take_their_predictions_along() -> None:
    assert lesson("df['p'] = a.predict(df[['x']])\nRidge().fit(df[['x']], df['u'])") == (set(), set())


def test_columns_counted_off_prove_nothing() -> None:
    assert lesson("df['p'] = a.predict(df[['x']])\nRidge().fit(df.iloc[:, 1:], df['u'])") == (set(), set())


def test_a_function_keeps_two_tables_apart() -> None:
    body = """
def clean(table):
    table['v'] = table['v'].fillna(0)
    return table

df['v'] = a.predict(df[['x']])
clean(df)
other = clean(pd.read_csv('other.csv'))
Ridge().fit(other[['v']], other['u'])
"""
    assert lesson(body) == (set(), set())


def test_rows_chosen_by_a_prediction() -> None:
    done = script(MODELS + "best = df[a.predict(df[['x']]) > 3]\nRidge().fit(best[['y']], best['u'])")
    last = events(done, Fitted)[-1].lesson
    assert last is not None
    assert traced(done, last.features) == set()
    assert len(done.world.predictions_in(last.features, "rows")) == 1


@pytest.mark.parametrize(
    ("written", "query", "columns", "joined"),
    [
        ("scores", "SELECT * FROM scores", {"p", "k"}, True),
        ("scores", "SELECT k FROM public.scores WHERE p > 1", {"k"}, True),
        ("scores", "SELECT s.p AS score, k FROM people JOIN scores s USING (k)", {"score", "k"}, True),
        ("scores", "SELECT p FROM scored", {"p"}, False),
    ],
)
def test_queries_name_tables_and_columns(written: str, query: str, columns: set[str], joined: bool) -> None:
    writer = f"import pandas as pd\ndf = pd.DataFrame({{'p': [1], 'k': [2]}})\ndf.to_sql({written!r}, 'db')\n"
    done = run({"write.py": writer, "read.py": f"import pandas as pd\ntable = pd.read_sql({query!r}, 'db')\ntable.to_csv('out.csv')\n"})
    assert set(next(event.columns for event in reversed(events(done, Stored)) if event.path == "out.csv")) == columns
    assert any(event.sources for event in events(done, Loaded)) is joined


def test_an_insert_writes_its_parameters() -> None:
    text = """
import sqlite3
connection = sqlite3.connect('db')
connection.execute("INSERT INTO seen (item, score) VALUES (?, ?)", (item(), a.predict(df[['x']])[0]))
"""
    done = script("import pandas as pd\n" + MODELS + text)
    stored = events(done, Stored)[-1]
    assert (stored.path, stored.columns, len(stored.predictions)) == ("table:seen", ("item", "score"), 1)


def test_a_registered_model_comes_back_by_its_name() -> None:
    train = """
import mlflow
from sklearn.linear_model import Ridge
model = Ridge().fit([[1]], [2])
mlflow.sklearn.log_model(model, "model")
mlflow.register_model("runs:/123/model", "prices")
"""
    done = run({"train.py": train, "serve.py": "import mlflow\nmodel = mlflow.sklearn.load_model('models:/prices@champion')\n"})
    (loaded,) = [event for event in events(done, Loaded) if event.path.startswith("models:/")]
    assert [proof for _, proof in loaded.sources] == ["template"]


def test_what_a_prediction_leaves_over_is_told_from_what_it_says() -> None:
    for difference, left_over in (("y - a.predict(df[['x']])", True), ("a.predict(df[['x']])", False), ("a.predict(df[['x']]) - 1", False)):
        done = script(MODELS + f"y = read()\nRidge().fit(df[['x']], {difference})")
        last = events(done, Fitted)[-1].lesson
        assert last is not None
        assert bool(last.target & done.world.traces.get("residual", 0)) is left_over
        assert last.target_predictions
