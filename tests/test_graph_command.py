"""`mldebt graph`: names, trees, what a change reaches, what leads nowhere, and the graph for other programs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import networkx
import pytest
from click.testing import CliRunner, Result

from mldebt.cli import main
from mldebt.core import Location
from mldebt.graph.export import FORMATS, as_dot, as_graphml, as_json, as_mermaid
from mldebt.graph.lineage import Branch, Lineage
from mldebt.graph.manifest import manifest
from mldebt.graph.vocabulary import GraphEdge, GraphNode, GraphPicture
from mldebt.settings import Annotation

CHURN = Path(__file__).parents[1] / "fixtures" / "projects" / "churn"
HOSTILE = 'a"];\\n--> b <script>`#quot;` %%{init}%% \x1b[2J\u202e\udc80 | end'


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["graph", *arguments])


@pytest.fixture(scope="module")
def churn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that has been scanned once."""
    root = tmp_path_factory.mktemp("graph") / "churn"
    shutil.copytree(CHURN, root)
    assert run("unused", "--root", str(root)).exit_code == 0
    return root


def node(id_: str, kind: str = "feature", label: str = "", group: str = "", stage: str = "", line: int = 0) -> GraphNode:
    return GraphNode(id_, kind, label or id_, group, Location(f"{id_}.py", line) if line else None, "", stage)


def picture(nodes: list[GraphNode], *edges: str) -> GraphPicture:
    """Edges are `source target kind`, the kind `derives` unless said."""
    return GraphPicture(tuple(nodes), tuple(GraphEdge(*(*words, "derives")[:3]) for words in map(str.split, edges)))


def labels(branch: Branch) -> list[str]:
    return [branch.node.label + ("!" if branch.again else ""), *(name for after in branch.after for name in labels(after))]


class TestNames:
    LINEAGE = Lineage(
        picture(
            [
                node("1", label="idle", group="app.features"),
                node("2", label="idle", group="app.score"),
                node("3", "setting", "train.rate", "params.yaml"),
                node("4", "setting", "train.depth.top", "params.yaml"),
                node("5", "option", "--n-jobs"),
                node("6", "model", "Forest (app.train)"),
                node("7", "asset", "data/out/part_*.csv"),
                node("8", "asset", "*"),
                node("9", "setting", "train_all", "params.yaml"),
            ]
        )
    )

    @pytest.mark.parametrize(
        ("name", "ids"),
        [
            ("idle", "12"),
            ("app.score.idle", "2"),
            ("1", "1"),
            ("train.rate", "3"),
            ("rate", "3"),
            ("params.yaml:train.rate", "3"),
            ("train", "34"),
            ("params.yaml:train", "34"),
            ("train.depth", "4"),
            ("--n-jobs", "5"),
            ("n_jobs", "5"),
            ("Forest", "6"),
            ("part_*.csv", "7"),
            ("data/out/part_3.csv", "7"),
            ("data/in/part_3.csv", ""),
            ("idl", ""),
        ],
    )
    def test_what_a_name_means(self, name: str, ids: str) -> None:
        assert "".join(found.id for found in self.LINEAGE.named(name)) == ids

    def test_a_kind_chooses(self) -> None:
        assert [found.id for found in self.LINEAGE.named("train", "model")] == []
        assert [found.id for found in self.LINEAGE.named("idle", "feature")] == ["1", "2"]


class TestTrees:
    DIAMOND = Lineage(picture([node(id_) for id_ in "abcd"], "a b", "a c", "b d", "c d", "d a"))

    def test_what_stands_in_the_tree_is_named_again_and_not_repeated(self) -> None:
        assert labels(self.DIAMOND.tree(node("a"), "downstream")) == ["a", "b", "d", "a!", "c", "d!"]
        assert labels(self.DIAMOND.tree(node("d"), "upstream", depth=1)) == ["d", "b", "c"]

    def test_a_bound_says_what_it_cuts(self) -> None:
        star = Lineage(picture([node(id_) for id_ in "abcdef"], *(f"a {id_}" for id_ in "bcde"), "b f"))
        tree = star.tree(node("a"), "downstream", limit=3)
        assert (labels(tree), tree.cut, tree.after[0].cut) == (["a", "b", "c", "d"], 1, 1)
        assert star.tree(node("a"), "downstream", depth=1).after[0].cut == 1

    def test_the_nearest_come_first(self) -> None:
        chain = Lineage(picture([node(id_) for id_ in "abcx"], "a b", "b c", "a x"))
        assert labels(chain.tree(node("a"), "downstream", limit=2)) == ["a", "b", "x"]

    def test_a_chain_of_thousands_is_no_recursion(self) -> None:
        chain = Lineage(picture([node(str(n)) for n in range(5_000)], *(f"{n} {n + 1}" for n in range(4_999))))
        assert len(labels(chain.tree(node("0"), "downstream"))) == 201
        assert len(chain.reached((node("0"),))) == 4_999


class TestImpact:
    FILES = Lineage(
        picture(
            [
                node("x", "column", group="app.build"),
                node("own", group="app.build"),
                node("train", "asset", group="app.build"),
                node("test", "asset", group="app.build"),
                node("fitter", "entry_point", group="app.fit"),
                node("judge", "entry_point", group="app.judge"),
                node("builder", "entry_point", group="app.build"),
                node("model", "model", group="app.fit"),
                node("metric", "feature", group="app.judge"),
                node("helped", "feature", group="app.helper"),
                node("new", "column", group="app.fit"),
                node("late", "feature", group="app.fit"),
                node("kept", "asset", group="app.fit"),
            ],
            *("x own", "x train writes", "x test writes", "train fitter reads", "test judge reads", "x model fits", "x metric", "x helped"),
            *("new late", "late kept writes", "model kept writes"),
        )
    )

    def named(self, id_: str) -> set[str]:
        return {found.id for found in self.FILES.impact(self.FILES.named(id_))}

    def test_a_file_reaches_what_its_readers_make_and_not_what_others_do(self) -> None:
        assert self.named("train") == {"fitter", "model", "kept", "helped", "new", "late"}
        assert self.named("test") == {"judge", "metric", "helped"}

    def test_a_column_reaches_what_is_made_of_it_through_files(self) -> None:
        assert self.named("x") == {"own", "train", "test", "fitter", "judge", "model", "metric", "helped", "kept", "new", "late"}

    def test_nothing_reaches_itself(self) -> None:
        assert "model" not in self.named("model")

    def test_files_that_nobody_reads(self) -> None:
        assert [found.id for found in self.FILES.unread()] == ["kept"]

    def test_of_two_names_for_one_place_the_one_that_says_more(self) -> None:
        twice = [node("1", "asset", "*/a_*.csv", line=3), node("2", "asset", "out/a_*.csv", line=3)]
        twice = [GraphNode(one.id, one.kind, one.label, "", Location("w.py", 3)) for one in twice]
        assert [found.label for found in Lineage(picture(twice)).unread()] == ["out/a_*.csv"]


class TestExport:
    HOSTILE = picture(
        [node("a", "model", HOSTILE, line=1), node("b"), node("asset:\ue000/x", "asset", "*/x")], "a b fits", "a b sets", "b a"
    )

    def test_networkx_reads_json_back(self) -> None:
        graph = networkx.node_link_graph(json.loads(as_json(self.HOSTILE)), edges="links")
        assert sorted(graph.nodes) == ["a", "asset:*/x", "b"]
        assert sorted(graph.edges(keys=True)) == [("a", "b", "fits"), ("a", "b", "sets"), ("b", "a", "derives")]
        assert graph.nodes["a"]["line"] == 1

    def test_networkx_reads_graphml_back(self, tmp_path: Path) -> None:
        (tmp_path / "graph.graphml").write_text(as_graphml(self.HOSTILE), encoding="utf-8")
        graph = networkx.read_graphml(tmp_path / "graph.graphml")
        assert sorted(edge[2] for edge in graph.edges(data="kind")) == ["derives", "fits", "sets"]
        assert graph.nodes["a"]["label"] == HOSTILE.replace("\x1b", r"\x1b").replace("\u202e", r"\u202e").replace("\udc80", r"\x80")
        assert graph.nodes["a"]["line"] == 1

    def test_a_label_is_one_quoted_text_in_dot(self) -> None:
        lines = as_dot(self.HOSTILE).splitlines()
        label = re.fullmatch(r'  n0 \[label="((?:[^"\\]|\\.)*)", tooltip="(?:[^"\\]|\\.)*", shape=box3d\];', lines[3])
        assert label is not None
        assert "\x1b" not in label[1]
        assert len(lines) == 3 + 3 + 3 + 1

    @pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
    def test_graphviz_draws_it(self) -> None:
        drawn = subprocess.run(["dot", "-Tsvg"], input=as_dot(self.HOSTILE), capture_output=True, text=True, check=True)
        assert "<svg" in drawn.stdout

    def test_a_label_is_one_quoted_text_of_harmless_characters_in_mermaid(self) -> None:
        lines = as_mermaid(self.HOSTILE).splitlines()
        label = re.fullmatch(r'  n0\[\["([A-Za-z0-9 _./()*,=+;#-]*)"\]\]', lines[1])
        assert label is not None
        assert "#34;#93;" in label[1]  # `"]`
        assert not re.search(r"#(?!\d+;)", label[1])

    @pytest.mark.parametrize("name", FORMATS)
    def test_bytes_are_the_same_each_time(self, name: str, churn: Path) -> None:
        first, second = (run("export", "--format", name, "--root", str(churn), *more) for more in ((), ("--no-cache",)))
        assert first.exit_code == 0
        assert first.stdout_bytes == second.stdout_bytes

    def test_graphml_of_a_real_graph_is_what_json_is(self, churn: Path) -> None:
        graphml = ElementTree.fromstring(run("export", "--format", "graphml", "--root", str(churn)).stdout)
        data = json.loads(run("export", "--root", str(churn)).stdout)
        space = "{http://graphml.graphdrawing.org/xmlns}"
        assert len(graphml.findall(f".//{space}node")) == len(data["nodes"]) > 100
        assert len(graphml.findall(f".//{space}edge")) == len(data["links"]) > 200

    def test_around_a_name(self, churn: Path, tmp_path: Path) -> None:
        file = tmp_path / "part.json"
        assert run("export", "--around", "avg_invoice", "--root", str(churn), "-o", str(file)).stdout == ""
        names = {one["label"] for one in json.loads(file.read_text())["nodes"]}
        assert "data/raw/invoices.csv" in names
        assert "data/raw/tickets.csv" not in names


class TestTrace:
    def test_upstream_of_a_feature(self, churn: Path) -> None:
        assert run("trace", "avg_invoice", "--upstream", "--root", str(churn)).stdout == (
            "feature avg_invoice  src/churn/features/billing.py:15\n"
            "  comes from\n"
            "    └─ derives: column amount  src/churn/features/build.py:59\n"
            "       └─ reads: source data/raw/invoices.csv  src/churn/features/build.py:59\n"
        )

    def test_a_setting_by_its_dotted_path(self, churn: Path) -> None:
        shown = run("trace", "churn.learning_rate", "--downstream", "--depth", "1", "--root", str(churn)).stdout
        assert shown.startswith("setting churn.learning_rate  params.yaml:")
        assert "sets: model XGBClassifier (churn.train)" in shown

    def test_an_option_that_nothing_reads_leads_nowhere(self, churn: Path) -> None:
        shown = run("trace", "n_jobs", "--root", str(churn)).stdout
        assert shown.splitlines()[0] == "option --n-jobs  src/churn/train.py:68"
        assert shown.count("nothing that is known") == 2

    def test_long_trees_say_where_they_end(self, churn: Path) -> None:
        shown = run("trace", "customers.csv", "--downstream", "--limit", "5", "--root", str(churn)).stdout
        assert len([line for line in shown.splitlines() if "─ " in line and "not shown" not in line]) == 5
        assert "more, not shown" in shown

    def test_several_nodes_of_one_name(self, churn: Path) -> None:
        shown = run("trace", "payer", "--upstream", "--root", str(churn)).stdout
        assert shown.count("feature payer  src/churn/features/billing.py:") == 2

    def test_as_data(self, churn: Path) -> None:
        data = json.loads(run("trace", "avg_invoice", "--format", "json", "--root", str(churn)).stdout)
        (found,) = data["nodes"]
        assert (found["label"], found["path"], found["line"]) == ("avg_invoice", "src/churn/features/billing.py", 15)
        assert found["upstream"][0]["label"] == "amount"
        assert found["upstream"][0]["after"][0]["kind"] == "source"
        assert data["left_out"] == 0

    def test_a_name_that_is_not_there(self, churn: Path) -> None:
        result = run("trace", "invoice_swinng", "--root", str(churn))
        assert (result.exit_code, result.stdout) == (2, "")
        assert "nothing in the graph is called 'invoice_swinng'; did you mean 'invoice_swing'?" in result.stderr


def test_impact_of_a_file_goes_through_its_readers(churn: Path) -> None:
    shown = run("impact", "train.parquet", "--root", str(churn)).stdout
    assert "  Models (2)\n    model DummyClassifier (churn.train)" in shown
    assert "Booster" not in shown
    assert "entry point churn.score" in shown
    reached = json.loads(run("impact", "train.parquet", "--format", "json", "--root", str(churn)).stdout)["may_change"]
    assert {one["label"] for one in reached if one["kind"] == "decision"} == {"probability against 0.37"}


def test_unused_lists_findings_and_files(churn: Path) -> None:
    lines = run("unused", "--root", str(churn)).stdout.splitlines()
    assert [line.split("'")[1] for line in lines if "is written, and nothing" not in line] == [
        "invoice_swing", "escalation_rate", "night_share", "--chunk-size", "--n-jobs",
    ]  # fmt: skip
    assert [line.split("'")[1] for line in lines if "is written, and nothing" in line] == [
        "data/crm/contacts.csv", "data/marketing/calls_*.csv", "data/marketing/emails_*.csv", "reports/weekly.md",
    ]  # fmt: skip
    data = json.loads(run("unused", "--format", "json", "--root", str(churn)).stdout)
    assert (len(data["findings"]), len(data["unread_files"])) == (5, 4)


def test_the_manifest_is_settings_and_leaves_out_what_is_annotated(churn: Path) -> None:
    drafted = tomllib.loads(run("manifest", "--root", str(churn)).stdout)["tool"]["mldebt"]
    assert set(drafted["sources"]) == {f"data/raw/{name}.csv" for name in ("customers", "invoices", "outcomes", "tickets", "usage")}
    assert drafted["features"]["avg_invoice"] == {"owner": "", "description": "", "version": ""}
    assert "night_share" not in drafted["features"]
    nodes = [
        node("s", "source", "s3://lake/a_*.csv", line=1),
        node("t", "source", 'we"ird', line=1),
        node("f", label="made", line=2),
        node("m", "model"),
    ]
    told = {"s3://lake/*": Annotation("s3://lake/*", "mldebt.toml:1")}
    drafted = tomllib.loads(manifest(picture(nodes, "f m fits"), told, {}))
    assert (set(drafted["sources"]), set(drafted["features"])) == ({'we"ird'}, {"made"})


def test_a_hostile_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import pandas as pd\nfrom sklearn.linear_model import Ridge\n"
        "t = pd.read_csv('in.csv')\nt['a\\x1b[2J\\nb'] = t['x'] * 2\nRidge().fit(t[['a\\x1b[2J\\nb']], t['y'])\n"
    )
    for arguments in (("trace", "x"), ("impact", "x"), ("manifest",), *(("export", "--format", name) for name in FORMATS)):
        shown = run(*arguments, "--root", str(tmp_path), "--no-cache")
        assert shown.exit_code == 0
        assert "\x1b" not in shown.stdout


def test_nothing_to_analyse(tmp_path: Path) -> None:
    result = run("unused", "--root", str(tmp_path))
    assert result.exit_code == 2
    assert "nothing to scan" in result.stderr


@pytest.mark.parametrize("command", ["export", "trace", "impact", "unused", "manifest"])
def test_help_needs_no_scan(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "--root DIR" in result.stdout


def test_an_unchanged_tree_is_answered_from_the_store(churn: Path) -> None:
    code = (
        "import sys; from mldebt.cli import main\n"
        "try: main(['graph', 'trace', 'avg_invoice'])\n"
        "finally: print([name for name in ('libcst', 'networkx', 'yaml', 'mldebt.flow.follow') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=churn, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "[]\n")
    assert done.stdout.startswith("feature avg_invoice")


PAGE = (Path(__file__).parents[1] / "docs" / "graph.md").read_text(encoding="utf-8")
README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```text\n\$ mldebt graph (.*?)\n(.*?)```", PAGE + README, re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=[command for command, _ in BLOCKS])
def test_the_documentation_shows_what_is_printed(command: str, shown: str, churn: Path) -> None:
    words, _, cut = command.partition(" | head -")
    result = run(*words.split(), "--root", str(churn))
    lines = (result.stdout or result.stderr).splitlines()
    assert "\n".join(lines[: int(cut)] if cut else lines) == shown.rstrip("\n")
