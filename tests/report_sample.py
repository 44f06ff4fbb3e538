"""Contents of a report as a scan of a small, partly hostile repository would give them."""

from __future__ import annotations

from dataclasses import replace

from mldebt.core import Confidence, Coverage, Effort, Finding, Location, Measure, Rule, Severity, Step
from mldebt.debt.complexity import complex_functions
from mldebt.debt.fingerprint import finding_fingerprint
from mldebt.debt.principal import principal
from mldebt.graph.vocabulary import GraphEdge, GraphNode, GraphPicture
from mldebt.report.contents import Contents, Excerpts, Suppressed

FEATURES = '''"""Features of the customer model."""

import numpy as np
import pandas as pd


def load_users(path: str) -> pd.DataFrame:
    return pd.read_parquet(path)


def build(users: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    users = users.merge(orders, on="user_id", how="left")
    users["days_idle"] = (pd.Timestamp("2024-01-01") - users["last_seen"]).dt.days
    users["spent_log"] = np.log1p(users["spent"])
    if users["spent"].isna().any():
        users = users.fillna(0)
    users["mood"] = users["note"].map({"😀": 1, "😡": -1}).fillna(users["mood_default"])
    return users.drop(columns=["note"])
'''

TRAIN = """from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from features import build, load_users


def main(config):
    users = build(load_users(config["users"]), load_users(config["orders"]))
    X, y = users[["days_idle", "spent_log"]], users["churned"]
    X = StandardScaler().fit_transform(X)
    X_train, X_test, y_train, y_test = train_test_split(X, y)
    rate = config.get("learning_rate", 0.1)
    for depth in range(3):
        if depth and rate > 0.5:
            rate /= 2
    model = LogisticRegression(C=1 / rate).fit(X_train, y_train)
    print(model.score(X_test, y_test))
"""

SERVE = """import pickle


def recommend(request):
    with open("models/churn.pkl", "rb") as file:
        model = pickle.load(file)
    shown = model.predict(request["rows"])
    log("events/shown.parquet", shown)
    return shown
"""

CONFIG = """# settings of the training
users: data/users.parquet
orders: data/orders.parquet
learn_rate: 0.003
"""

CELL = """df = pd.read_csv("../data/users.csv")
df = df.sample(1000)
df.head()
"""

HOSTILE_PATH = "data/a b#<script>alert(1)<\u002fscript>\x1b[31m.yaml"
HOSTILE = "name: \"<script>alert('in source')</script>\" # \x1b]0;owned\x07 \u202e\n"

SOURCES = {"src/features.py": FEATURES, "src/train.py": TRAIN, "src/serve.py": SERVE, "conf/train.yaml": CONFIG, HOSTILE_PATH: HOSTILE}

PAGE = """{summary}

## Why it is debt

Every *promise* costs: somebody keeps its sources **alive**, its code correct and its tests green. See `DebtGraph` and
[the paper](https://example.org/debt).

## What to do

1. Delete it, with what exists only for it.
2. Or say why it stays:

```python
x = 1  # mldebt: ignore[{name}] reason="<kept & wanted>"
```

- one
- two
  goes on

## Limits

When in doubt the check is silent.
"""


def rule(
    code: str,
    name: str,
    family: str,
    severity: Severity,
    summary: str,
    confidence: tuple[Confidence, ...] = ("certain", "firm"),
    effort: Effort | None = None,
) -> Rule:
    page = PAGE.format(summary=summary, name=name)
    return Rule(code, name, family, 1, severity, confidence, effort or Effort(20), summary, page)


RULES = (
    rule("MLD001", "unreadable-file", "analysis", "info", "A file could not be read.", ("certain",), Effort(0)),
    rule(
        "MLD203",
        "unused-feature",
        "data-dependencies",
        "major",
        "A feature is computed, but nothing uses it.",
        effort=Effort(10, 5, "function"),
    ),
    rule("MLD221", "preprocessing-leakage", "data-dependencies", "critical", "A transform is fitted on rows that are tested later."),
    rule("MLD301", "direct-feedback-loop", "feedback-loops", "critical", "A model chooses its own training data.", ("firm",), Effort(240)),
    rule("MLD426", "debug-sampling-left-on", "anti-patterns", "minor", "A sample taken to debug is still taken."),
    rule(
        "MLD503",
        "silent-default-typo",
        "configuration",
        "major",
        "A setting that nothing reads is one letter from one that has a default.",
        ("firm",),
        Effort(5),
    ),
    rule("MLD601", "fixed-date", "changing-world", "minor", "A date in the code decides about data.", ("firm", "tentative")),
    rule("MLD702", "untested-feature", "testing", "minor", "No test looks at a feature."),
    rule("MLD802", "partial-seeding", "reproducibility", "major", "Randomness is used before it is seeded."),
    rule(
        "MLD923",
        "unsafe-model-deserialization",
        "training-code",
        "blocker",
        "A model is read by a format that runs code.",
        ("certain",),
        Effort(15),
    ),
)
_BY_CODE = {one.code: one for one in RULES}


def at(path: str, needle: str, cell: int | None = None) -> Location:
    """The place of a text in a sample file or cell."""
    source = CELL if cell is not None else SOURCES[path]
    offset = source.index(needle)
    line = source.count("\n", 0, offset) + 1
    column = offset - (source.rfind("\n", 0, offset) + 1) + 1
    return Location(path, line, column, line, column + len(needle), cell)


def finding(
    code: str,
    where: Location,
    symbol: str,
    message: str,
    advice: str = "Delete it.",
    evidence: tuple[Step, ...] = (),
    confidence: Confidence | None = None,
    size: int = 1,
) -> Finding:
    found = _BY_CODE[code]
    return Finding(
        rule=found,
        at=where,
        symbol=symbol,
        message=message,
        advice=advice,
        severity=found.severity,
        confidence=confidence or found.confidence[0],
        fingerprint=finding_fingerprint(code, symbol, 0),
        effort_minutes=found.effort.minutes(size),
        evidence=evidence,
    )


def sample_findings() -> tuple[Finding, ...]:
    notebook = "notebooks/explore é.ipynb"
    found = [
        finding(
            "MLD203",
            at("src/features.py", 'users["mood_default"]'),
            "mood",
            "Feature 'mood' is computed in build(), but no model, decision or file uses it.",
            "Delete it and the map of emoji that only serves it.",
            (
                Step(at("src/train.py", "load_users(config"), "the table comes from here"),
                Step(at("src/features.py", 'users["mood"]'), "'mood' is computed"),
                Step(at("src/train.py", '["days_idle", "spent_log"]'), "the model takes other columns"),
            ),
            size=2,
        ),
        finding(
            "MLD221",
            at("src/train.py", "StandardScaler().fit_transform(X)"),
            "StandardScaler",
            "'StandardScaler' is fitted on all rows, which train_test_split() divides afterwards.",
            "Put the scaler into a Pipeline and fit it after the split.",
            (
                Step(at("src/train.py", "StandardScaler().fit_transform(X)"), "fitted on all rows"),
                Step(at("src/train.py", "train_test_split(X, y)"), "the rows are divided"),
                Step(at("src/train.py", "model.score(X_test, y_test)"), "the score has seen the test rows' statistics"),
            ),
        ),
        finding(
            "MLD301",
            at("src/serve.py", 'log("events/shown.parquet", shown)'),
            "events/shown.parquet",
            "recommend() writes 'events/shown.parquet', from which train.py learns.",
            "Keep a random holdout, or log propensities.",
            (
                Step(at("src/serve.py", "model.predict"), "the model decides"),
                Step(at("src/train.py", "users = build"), "the same table is trained on"),
            ),
        ),
        finding(
            "MLD503",
            at("conf/train.yaml", "learn_rate"),
            "learn_rate",
            "Nothing reads the setting 'learn_rate'; the code asks for 'learning_rate' with the default 0.1.",
            "Rename the setting.",
            (
                Step(at("conf/train.yaml", "learn_rate"), "set to 0.003"),
                Step(at("src/train.py", 'config.get("learning_rate", 0.1)'), "trained with 0.1"),
            ),
        ),
        finding(
            "MLD601",
            at("src/features.py", '"2024-01-01"'),
            "2024-01-01",
            "The date '2024-01-01' decides about 'days_idle'.",
            "Make it a setting.",
            confidence="tentative",
        ),
        finding(
            "MLD426",
            at(notebook, "df.sample(1000)", cell=3),
            "df",
            "The sample of 1000 rows in a cell is still taken.",
            "Take it out, or make it a setting.",
            (Step(at(notebook, 'pd.read_csv("../data/users.csv")', cell=3), "all rows are read"),),
        ),
        finding(
            "MLD923",
            at("src/serve.py", "pickle.load(file)"),
            "models/churn.pkl",
            "The model 'models/churn.pkl' is read with pickle, which runs code of the file.",
            "Use a format without code, such as skops or ONNX.",
        ),
        finding(
            "MLD702",
            at(HOSTILE_PATH, "<script>alert('in source')</script>"),
            "<img src=x onerror=alert(2)>",
            "No test looks at '<script>alert(\"message\")</script>](javascript:alert(3)) \x1b[2J\u202e\\[x]'.",
            "Ask </style><script>alert(4)</script> \x1b]8;;http://evil.example\x07.",
            (Step(at(HOSTILE_PATH, "name"), "](javascript:alert(5)) <b>\x9b31m</b> {{ 7*7 }}"),),
        ),
        finding("MLD001", Location("broken\udcff.py", 1, 7), "broken.py", "'broken.py' cannot be parsed: expected a parameter name.", ""),
    ]
    return tuple(sorted(found, key=lambda one: (one.at.path, one.at.cell or 0, one.at.line, one.at.column, one.rule.code, one.message)))


def sample_picture() -> GraphPicture:
    """From two sources over features and settings to a model and its consumers, with a loop back."""
    rows = [
        ("users", "source", "data/users.parquet", "data"),
        ("orders", "source", "data/orders.parquet", "data"),
        ("usersdf", "asset", "users", "features"),
        ("ordersdf", "asset", "orders", "features"),
        ("merged", "asset", "users ⋈ orders", "features"),
        *(
            (f"f{number}", "feature", name, "features")
            for number, name in enumerate(("days_idle", "spent_log", "mood", "spent", "last_seen", "年齢", "<b>bold</b>"))
        ),
        ("scaled", "asset", "X", "train"),
        ("lr", "setting", "learning_rate", "conf/train.yaml"),
        ("typo", "setting", "learn_rate", "conf/train.yaml"),
        ("seed", "option", "--seed", "train"),
        ("main", "entry_point", "train.main", "train"),
        ("dvc", "stage", "train", "dvc.yaml"),
        ("model", "model", "LogisticRegression", "train"),
        ("pkl", "asset", "models/churn.pkl", "models"),
        ("score", "consumer", "model.score", "train"),
        ("serve", "entry_point", "serve.recommend", "serve"),
        ("pred", "prediction", "shown", "serve"),
        ("events", "asset", "events/shown.parquet", "events"),
        ("mail", "consumer", "send_mail", "serve"),
        ("dashboard", "consumer", "a dashboard with a rather long name that goes on", "bi"),
        ("lonely", "asset", "data/unused.csv", "data"),
    ]
    arrows = """users usersdf reads|orders ordersdf reads|usersdf merged derives|ordersdf merged derives|merged f0 derives|merged f1 derives|merged f2 derives
        |merged f3 derives|merged f4 derives|merged f5 derives|merged f6 derives|f4 f0 derives|f3 f1 derives|f0 scaled derives|f1 scaled derives|scaled model fits
        |lr model sets|seed model sets|main model runs|dvc main runs|model pkl writes|model score uses|pkl serve reads|serve pred runs|pkl pred predicts
        |pred events writes|events merged reads|pred mail uses|pred dashboard uses|f5 dashboard uses"""
    nodes = tuple(GraphNode(name, kind, label, group, Location("src/train.py", 8, 1), "") for name, kind, label, group in rows)
    edges = tuple(GraphEdge(*arrow.split()) for arrow in arrows.split("|"))
    return GraphPicture(nodes, edges)


def sample_contents() -> Contents:
    findings = sample_findings()
    total, by_family = principal(findings)
    notebook = next(one.at for one in findings if one.at.cell is not None)
    lines: dict[tuple[str, int | None], tuple[str, ...]] = {(path, None): tuple(source.split("\n")) for path, source in SOURCES.items()}
    lines[notebook.path, notebook.cell] = tuple(CELL.split("\n"))
    return Contents(
        tool_version="0.1.0",
        findings=findings,
        rules=RULES,
        coverage=Coverage(
            files=42, unreadable=1, calls=1480, calls_resolved=1231, paths=40, paths_resolved=36, config_loads=12, config_loads_resolved=12
        ),
        measures=(
            Measure("framework-multiplicity", 2, "frameworks"),
            Measure("seeded-share", 3, "calls", 8),
            Measure("debt-ratio", 0.125, ""),
        ),
        principal_minutes=total,
        principal_by_family=by_family,
        suppressed=(
            Suppressed(replace(findings[2], fingerprint="0" * 32), "inSource", "known [1]"),
            Suppressed(replace(findings[3], fingerprint="1" * 32), "external"),
        ),
        picture=sample_picture(),
        excerpts=Excerpts(lines, {(notebook.path, notebook.cell or 0): (41, 42, 43, 44)}),
        complexity=complex_functions(SOURCES, findings),
        project="churn <b>service</b>",
        git_prefix="services/churn/",
    )


def large_contents(findings: int, nodes: int = 0) -> Contents:
    """The sample's findings over and over, each in its own file, and a wide graph of many groups."""
    base = sample_contents()
    many = tuple(
        replace(one, at=replace(one.at, path=f"part{number:04}/{one.at.path}"), fingerprint=f"{number:032x}")
        for number in range(findings)
        for one in (base.findings[number % len(base.findings)],)
    )
    lines: dict[tuple[str, int | None], tuple[str, ...]] = {
        (one.at.path, one.at.cell): base.excerpts.lines.get((one.at.path.partition("/")[2], one.at.cell), ()) for one in many
    }
    total, by_family = principal(many)
    return replace(
        base,
        findings=many,
        principal_minutes=total,
        principal_by_family=by_family,
        excerpts=Excerpts({**base.excerpts.lines, **lines}, base.excerpts.json_lines),
        suppressed=(),
        picture=large_picture(nodes),
    )


def large_picture(number: int) -> GraphPicture:
    kinds = ("source", "asset", "feature", "feature", "feature", "setting", "model", "consumer")
    nodes = tuple(
        GraphNode(f"n{i}", kinds[i * 8 // max(number, 1)], f"{kinds[i * 8 // number]}_{i}", f"package{i % 17}.module")
        for i in range(number)
    )
    edges = tuple(
        GraphEdge(f"n{i}", f"n{j}", "derives") for i in range(number) for j in {i + 1 + i * 7 % 40, i + 30 + i * 3 % 50} if j < number
    )
    return GraphPicture(nodes, edges)


def empty_contents() -> Contents:
    return Contents(tool_version="0.1.0", findings=(), rules=RULES, coverage=Coverage(files=3))


HOSTILE_NAMES = (
    "@team/owners",
    "x @octocat x",
    "::error::owned",
    "x\n::add-mask::owned\r\n##[error]owned",
    "##vso[task.setvariable variable=x;]owned",
    "50%0Aoff%25 %3B %5D %AZP25",
    "a,b:c;d]e",
    "cell | next | `code` \\| x \\\\| y",
    "``` `` `a| `b",
    "![img](https://evil.example/x.png) [link](https://evil.example)",
    "[ref]: https://evil.example",
    "https://evil.example www.evil.example mail@evil.example <https://evil.example>",
    "#1 GH-1 owner/repo#1 deadbeef1 !2 ~label $3 &4 ^5 :tada:",
    "</details><script>alert(1)</script><!-- <b>",
    "]]> <![CDATA[ &lt; &#x41; & \"'",
    "**bold** _it_ ~~no~~ # x - x 1. x > x",
    "\x00\x08\x0b\x1f\x7f\x85\ufffe\uffff\ud800\udfff\u202e\u2028\u200b end",
    "'quoted' 'a''b' ''' 'two words' f(x)) ((a users['a']",
    "\\",
    "`",
    "|",
    "$`x`$ $$x$$",
)


def hostile_contents() -> Contents:
    """One finding for each hostile name, which stands wherever a repository's text can stand."""
    base = sample_contents()
    found = tuple(
        replace(
            finding("MLD203", Location(f"{name}/a.py", 1, 1), name, f"Feature '{name}' is {name}.", f"Delete {name}"),
            fingerprint=f"{number:032x}",
            evidence=(Step(Location(f"{name}.py", 2, 3), name),),
        )
        for number, name in enumerate(sorted(HOSTILE_NAMES))
    )
    return replace(base, findings=found, excerpts=Excerpts(), suppressed=(), git_prefix="services/@team|x/")
