"""The picture of the graph: what is a node, what leads where, and what leads nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt import plugins
from mldebt.analysis import ScanRequest, analyze
from mldebt.graph.vocabulary import GraphNode, GraphPicture
from mldebt.settings import load_settings

TRAIN = """
import argparse
import pandas as pd
import yaml
from sklearn.ensemble import RandomForestClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--trees", type=int, default=50)
parser.add_argument("--nothing")
args = parser.parse_args()
params = yaml.safe_load(open("params.yaml"))

users = pd.read_csv("data/users.csv")
users["idle"] = users["today"] - users["seen"]
users["mood"] = users["smile"] * 2
users.to_parquet("data/prepared.parquet")

model = RandomForestClassifier(n_estimators=args.trees, max_depth=params["depth"])
model.fit(users[["idle"]], users["left"])
score = model.predict_proba(users[["idle"]])[:, 1]
if (score > params["cutoff"]).any():
    print("call")
"""
READ = """
import pandas as pd
table = pd.read_parquet("data/prepared.parquet")
print(table["mood"].mean())
"""
FILES = {
    "train.py": TRAIN,
    "read.py": READ,
    "params.yaml": "depth: 3\ncutoff: 0.4\nnames: [a, b]\n",
    "dvc.yaml": "stages:\n  fit:\n    cmd: python train.py\n    params: [depth]\n",
    "tests/test_train.py": "import pandas as pd\nframe = pd.DataFrame({'tested': [1]})\nframe['made'] = frame['tested'] + 1\n",
}


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> GraphPicture:
    root = tmp_path_factory.mktemp("repository")
    for path, text in FILES.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return scanned(root)


def scanned(root: Path) -> GraphPicture:
    settings = load_settings(root)
    checks = plugins.select_checks(plugins.load_checks(), settings)
    return analyze(ScanRequest(root=root, settings=settings, cache=False), checks).contents.picture


def labels(picture: GraphPicture, kind: str) -> set[str]:
    return {node.label for node in picture.nodes if node.kind == kind}


def edges(picture: GraphPicture, kind: str) -> set[tuple[str, str]]:
    of: dict[str, GraphNode] = {node.id: node for node in picture.nodes}
    return {(of[edge.source].label, of[edge.target].label) for edge in picture.edges if edge.kind == kind}


def test_a_feature_comes_from_a_file_and_leads_to_a_model(picture: GraphPicture) -> None:
    assert labels(picture, "source") == {"data/users.csv"}
    assert {("data/users.csv", name) for name in ("today", "seen", "smile")} <= edges(picture, "reads")
    assert {("today", "idle"), ("seen", "idle"), ("smile", "mood")} <= edges(picture, "derives")
    assert {source for source, _ in edges(picture, "fits")} == {"idle", "left"}


def test_a_file_that_is_written_ends_the_way_of_values(picture: GraphPicture) -> None:
    """Else every column of a file would seem to lead to whatever its readers do with some of them."""
    assert ("mood", "data/prepared.parquet") in edges(picture, "writes")
    assert ("data/prepared.parquet", "read") in edges(picture, "reads")
    readers = {node.id for node in picture.nodes if node.kind in ("consumer", "entry_point")}
    assert not [edge for edge in picture.edges if edge.source in readers]


def test_options_and_settings_lead_to_what_they_set_and_to_who_reads_them(picture: GraphPicture) -> None:
    (model,) = labels(picture, "model")
    decision = next(label for label in labels(picture, "decision") if "0.4" in label)
    assert edges(picture, "sets") == {("--trees", model), ("depth", model), ("cutoff", decision), ("depth", "fit")}
    assert {("--trees", "train"), ("depth", "train"), ("cutoff", "train")} <= edges(picture, "uses")
    assert "--nothing" in labels(picture, "option") and "--nothing" not in {source for source, _ in edges(picture, "uses")}
    notes = {node.label: node.note for node in picture.nodes}
    assert notes["depth"] == "value: 3" and notes["--trees"] == "default: 50"


def test_a_prediction_is_decided_on(picture: GraphPicture) -> None:
    assert len(edges(picture, "decides")) == 1


def test_a_stage_runs_its_program_and_what_runs_in_it_says_so(picture: GraphPicture) -> None:
    assert edges(picture, "runs") == {("fit", "train")}
    assert {node.label: node.stage for node in picture.nodes}["idle"] == "fit"
    assert {node.label: node.stage for node in picture.nodes}["read"] == ""


def test_tests_are_not_in_the_picture(picture: GraphPicture) -> None:
    assert not [node for node in picture.nodes if node.at and node.at.path.startswith("tests/")]


def test_nodes_have_places_and_edges_ends(picture: GraphPicture) -> None:
    assert all(node.at is not None for node in picture.nodes)
    ids = [node.id for node in picture.nodes]
    assert len(ids) == len(set(ids)) and picture.left_out == 0
    assert {end for edge in picture.edges for end in (edge.source, edge.target)} <= set(ids)


def test_unused_features_are_in_the_picture_and_lead_to_no_model() -> None:
    churn = scanned(Path(__file__).parent.parent / "fixtures" / "projects" / "churn")
    after: dict[str, list[str]] = {}
    for edge in churn.edges:
        after.setdefault(edge.source, []).append(edge.target)
    models = {node.id for node in churn.nodes if node.kind == "model"}

    def reached(name: str) -> set[str]:
        found = {node.id for node in churn.nodes if node.label == name and node.kind == "feature"}
        assert found
        pending = list(found)
        while pending:
            fresh = [target for target in after.get(pending.pop(), ()) if target not in found]
            found.update(fresh)
            pending.extend(fresh)
        return found

    for unused in ("invoice_swing", "night_share", "escalation_rate"):
        assert not reached(unused) & models
    assert reached("late_share") & models
