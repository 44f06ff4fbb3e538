"""`mldebt config`: what a program gets, what tells two configs apart, and drafts of a schema."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import jsonschema_rs
import pytest
from click.testing import CliRunner, Result
from test_baseline import commit, git

from mldebt.cli import main
from mldebt.core import Location
from mldebt.report.configs import KeyDifference, ResolvedConfig, ResolvedKey, diff_markdown, differences, tally
from mldebt.report.html.configs import diff_page

FILES = {
    "conf/train.yaml": "defaults:\n  - model: small\n  - _self_\n  - optional experiment: null\n\nseed: 1\nout: ${oc.env:OUT}/runs\nname: net-${seed}\n",
    "conf/model/small.yaml": "width: 8\nrate: 0.1\nlayers: [1, 2]\n",
    "conf/model/large.yaml": "width: 64\nrate: 0.1\n",
    "conf/experiment/a.yaml": "# @package _global_\nmodel:\n  rate: 0.3\n",
    "conf/experiment/b.yaml": "# @package _global_\ndefaults:\n  - override /model: large\nseed: 2\n",
    "params.yaml": "base: &base\n  depth: 3\nforest:\n  <<: *base\n  trees: 100\n'odd key': yes\n",
    "train.py": "import yaml\n\nparams = yaml.safe_load(open('params.yaml'))\nprint(params['forest']['trees'])\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / ".gitignore").write_text(".mldebt_cache/\n")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    monkeypatch.chdir(tmp_path)
    yield tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["config", *arguments])


def values(result: Result) -> dict[str, str]:
    assert result.exit_code == 0, result.stderr
    return {key["name"]: key["value"] for key in json.loads(result.stdout)["keys"]}


def test_a_primary_config_is_composed(project: Path) -> None:
    shown = json.loads(run("show", "conf/train.yaml", "--format", "json").stdout)
    keys = {key["name"]: key for key in shown["keys"]}
    assert {name: key["value"] for name, key in keys.items()} == {
        "model.width": "8",
        "model.rate": "0.1",
        "model.layers": "[1, 2]",
        "seed": "1",
        "out": "${oc.env:OUT}/runs",
        "name": "net-1",
    }
    assert (keys["model.rate"]["inherited"], keys["model.rate"]["path"], keys["model.rate"]["line"]) == (True, "conf/model/small.yaml", 2)
    assert (keys["seed"]["inherited"], keys["name"]["written"]) == (False, "net-${seed}")
    assert shown["files"] == ["conf/model/small.yaml", "conf/train.yaml"]


def test_overrides_of_a_command_line(project: Path) -> None:
    found = values(run("show", "conf/train.yaml", "model=large", "+model.extra=1", "seed=7", "--format", "json"))
    assert (found["model.width"], found["model.extra"], found["seed"], found["name"]) == ("64", "1", "7", "net-7")
    assert "command line" in run("show", "conf/train.yaml", "seed=7").stdout


def test_a_file_of_a_group_is_shown_in_its_primary_config(project: Path) -> None:
    result = json.loads(run("show", "conf/experiment/b.yaml", "--format", "json").stdout)
    assert result["config"] == "conf/train.yaml experiment=b"
    keys = {key["name"]: key for key in result["keys"]}
    assert [(keys[name]["value"], keys[name]["inherited"]) for name in ("seed", "model.width", "name")] == [
        ("2", False),
        ("64", True),
        ("net-2", True),
    ]


def test_a_plain_file_shows_what_its_loader_gives(project: Path) -> None:
    found = values(run("show", "params.yaml", "--format", "json"))
    assert found == {"base.depth": "3", "forest.depth": "3", "forest.trees": "100", "odd key": "true"}


def test_the_code_that_reads_a_key_is_named(project: Path) -> None:
    (project / "run.py").write_text(HYDRA)
    told = {line.split()[0]: line.split()[-1] for line in run("show", "params.yaml").stdout.splitlines()}
    assert (told["forest.trees"], told["base.depth"]) == ("train.py:4", "–")
    keys = {key["name"]: key for key in json.loads(run("show", "conf/experiment/b.yaml", "--format", "json").stdout)["keys"]}
    readers = {name: {(at["path"], at["line"]) for at in key["read_at"]} for name, key in keys.items()}
    assert readers["model.rate"] == {("run.py", 6)}
    assert readers["model.width"] == {("run.py", 10), ("run.py", 11)}  # where it is taken, and where it is used
    assert ("run.py", 11) in readers["seed"] and readers["out"] == set()
    assert "`run.py:6`" in run("diff", "conf/experiment/a.yaml", "conf/experiment/b.yaml", "--format", "markdown").stdout


HYDRA = """import hydra


def fit(model):
    # reads one key of the section
    return model.rate * 2


def build(cfg):
    width = cfg.model.width
    print(width + cfg.seed)


@hydra.main(config_path="conf", config_name="train", version_base=None)
def main(cfg):
    build(cfg)
    print(fit(cfg.model))


if __name__ == "__main__":
    main()
"""


def test_two_experiments_differ_in_what_their_runs_get(project: Path) -> None:
    rows = json.loads(run("diff", "conf/experiment/a.yaml", "conf/experiment/b.yaml", "--format", "json").stdout)["keys"]
    told = {row["key"]: (row["status"], row["left"] and row["left"]["value"], row["right"] and row["right"]["value"]) for row in rows}
    assert {key: row for key, row in told.items() if row[0] != "equal"} == {
        "model.width": ("changed", "8", "64"),
        "model.rate": ("changed", "0.3", "0.1"),
        "model.layers": ("left", "[1, 2]", None),
        "seed": ("changed", "1", "2"),
        "name": ("changed", "net-1", "net-2"),
    }
    result = run("diff", "conf/experiment/a.yaml", "conf/experiment/b.yaml")
    assert "4 keys differ, 1 only on the left, 1 is equal." in result.stderr
    assert "0.3  (conf/experiment/a.yaml:3)" in result.stdout and "0.1  (inherited, conf/model/large.yaml:2)" in result.stdout


def test_two_revisions_of_one_file(project: Path) -> None:
    (project / "params.yaml").write_text(FILES["params.yaml"].replace("100", "300"))
    assert [line.split()[0] for line in run("diff", "HEAD:params.yaml", "params.yaml").stdout.splitlines()] == ["key", "forest.trees"]
    (project / "params.yaml").unlink()
    assert values(run("show", "HEAD:params.yaml", "--format", "json"))["forest.trees"] == "100"
    assert run("diff", "HEAD:conf/train.yaml", "conf/train.yaml").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("show", "nowhere.yaml"), "no such file in the repository"),
        (("show", "HEAD:nowhere.yaml"), "no such file in the repository"),
        (("show", "gone:params.yaml"), "git knows no revision 'gone'"),
        (("show", "params.yaml", "a=1"), "is a Hydra override"),
        (("show", "train.py"), "no config file"),
        (("show", "../x.yaml"), "lies outside the root"),
        (("show", "broken.yaml"), "broken.yaml:2: did not find"),
        (("show", "list.yaml"), "holds no keys"),
        (("diff", "params.yaml", "nowhere.yaml"), "no such file"),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_line(project: Path, arguments: tuple[str, ...], complaint: str) -> None:
    (project / "broken.yaml").write_text("a: [\n")
    (project / "list.yaml").write_text("- a\n")
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert complaint in result.stderr


def test_what_points_at_nothing_is_said(project: Path) -> None:
    assert "missing: 'model/huge'" in run("show", "conf/train.yaml", "model=huge").stdout


def test_reports_go_where_their_suffix_says(project: Path) -> None:
    for name, start in (("d.html", "<!doctype html>"), ("d.md", "### `"), ("d.json", "{"), ("d.txt", "key ")):
        assert run("diff", "conf/experiment/a.yaml", "conf/experiment/b.yaml", "-o", name).stdout == ""
        assert (project / name).read_text().startswith(start)


def test_a_json_schema_fits_its_own_values_and_refuses_typos(project: Path) -> None:
    schema = json.loads(run("schema", "params.yaml").stdout)
    validator = jsonschema_rs.validator_for(schema)
    own = {"base": {"depth": 3}, "forest": {"depth": 3, "trees": 100}, "odd key": True}
    assert validator.is_valid(own)
    assert not validator.is_valid({**own, "forset": {}})
    assert not validator.is_valid({**own, "base": {"depth": "deep"}})
    assert not validator.is_valid({"base": {"depth": 3}})


@pytest.mark.parametrize("kind", ["dataclass", "pydantic"])
def test_drafted_classes_are_python(project: Path, kind: str) -> None:
    (project / "odd.yaml").write_text('class: 1\n_target_: a.B\n\'"""\': x\nsub:\n  a: 1.5\n  b: [1, a]\n  c: {1: x}\nempty: {}\nnone:\n')
    text = run("schema", "odd.yaml", "--as", kind).stdout
    compile(text, "draft.py", "exec")
    assert "a: float" in text and "b: list[int | str]" in text and "sub: SubSettings" in text
    if kind == "dataclass":
        done = subprocess.run(
            [sys.executable, "-c", text + "\nprint(SubSettings(1.0, [], {}))"], capture_output=True, text=True, check=True
        )
        assert done.stdout.startswith("SubSettings(a=1.0")
    else:
        assert "target_: str = Field(alias='_target_')" in text and "class_: int = Field(alias='class')" in text


HOSTILE = "<script>alert(1)</script>|`x` @team [a](http://b)\x1b[31m\u202e"


def hostile() -> tuple[ResolvedConfig, ResolvedConfig]:
    at = Location(f"{HOSTILE}.yaml", 1)
    return tuple(ResolvedConfig(HOSTILE, at.path, (at.path,), (ResolvedKey(HOSTILE, HOSTILE + side, HOSTILE, at, (at,)),)) for side in "ab")  # type: ignore[return-value]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)


def test_text_of_configs_is_harmless_in_pages_and_tables() -> None:
    tags = Tags()
    page = diff_page(*hostile())
    tags.feed(page)
    assert tags.seen.isdisjoint({"script", "a", "img"})
    assert "\x1b" not in page and "\u202e" not in page
    table = diff_markdown(*hostile())
    assert "\x1b" not in table and "\u202e" not in table
    assert all(line.count("|") == 5 for line in table.splitlines() if line.startswith("|"))


def test_differences_and_their_tally() -> None:
    left, right = (
        ResolvedConfig("l", "a", ("a",), tuple(ResolvedKey(*key, None) for key in keys))
        for keys in ((("x", "1", "1"),), (("x", "1", "1"), ("y", "2", "2")))
    )
    found = differences(left, right)
    assert found == (KeyDifference("x", left.keys[0], right.keys[0]), KeyDifference("y", None, right.keys[1]))
    assert tally(found) == "0 keys differ, 1 only on the right, 1 is equal."
