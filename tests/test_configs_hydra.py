"""Composition of Hydra configs; the expected values are what Hydra 1.3 composes from the same files."""

from __future__ import annotations

import pytest

from mldebt.configs.composition import Layer, combine, merge
from mldebt.configs.hydra import HydraConfigs, interpolate
from mldebt.configs.interpolation import HOLE, resolve, targets
from mldebt.configs.overrides import parse_override
from mldebt.configs.tree import plain
from mldebt.configs.types import ConfigPath, MappingNode, ScalarNode
from mldebt.configs.yaml import parse_yaml

FILES = {
    "config.yaml": """\
defaults:
  - base
  - server: apache
  - db@primary: mysql
  - db@secondary: postgres
  - model: small
  - optional local: nothing
  - _self_
  - multi: [a, b]
  - tuned: ${model}_${server}
  - exp: null
lr: 1e-3
lr_text: "1e-3"
q: ???
override_me: 1
base_null: {x: 1}
""",
    "base.yaml": "base_value: 1\nq: 5\nlist: [1, 2, {a: b}]\nbase_null: null\nlr: 7\n",
    "nonself.yaml": "defaults:\n  - base\n  - server: nginx\n  - override server/db: postgres\nbase_value: from_nonself\n",
    "server/apache.yaml": """\
defaults:
  - db: mysql
  - /db@backup: postgres
  - /db@_global_.gg: mysql
  - _self_
name: apache
port: 80
""",
    "server/nginx.yaml": "defaults:\n  - apache\n  - _self_\nname: nginx\n",
    "server/db/mysql.yaml": "kind: smysql\n",
    "server/db/postgres.yaml": "kind: spostgres\n",
    "db/mysql.yaml": "kind: mysql\nhost: ${server.name}:${.kind}\n",
    "db/postgres.yaml": "# @package pg.here\nkind: postgres\n",
    "exp/one.yaml": """\
# @package _global_
defaults:
  - override /server: nginx
  - override /db@primary: postgres
  - override /model: big
override_me: 2
server:
  port: 99
list: [9]
""",
    "exp/two.yaml": "# @package _global_\ndefaults:\n  - one\n  - _self_\nmodel: {layers: 44}\n",
    "multi/a.yaml": "a: 1\nc: 1\n",
    "multi/b.yaml": "b: 1\nc: 2\n",
    "model/small.yaml": "defaults:\n  - opt: adam\n  - opt@extra: sgd\n  - _self_\nlayers: 1\n",
    "model/big.yaml": "defaults:\n  - small\n  - override opt: sgd\nlayers: 10\n",
    "model/opt/adam.yaml": "name: adam\nlr: .1\n",
    "model/opt/sgd.yaml": "name: sgd\nm: yes\n",
    "tuned/small_apache.yaml": "who: small-apache\n",
    "tuned/small_nginx.yaml": "who: small-nginx\n",
    "tuned/big_apache.yaml": "who: big-apache\n",
    "tuned/big_nginx.yaml": "who: big-nginx\n",
}

PLAIN_CONFIG = {
    "base_value": 1,
    "q": 5,
    "list": [1, 2, {"a": "b"}],
    "base_null": {"x": 1},
    "lr": 0.001,
    "server": {"db": {"kind": "smysql"}, "backup": {"kind": "postgres"}, "name": "apache", "port": 80},
    "gg": {"kind": "mysql", "host": "${server.name}:${.kind}"},
    "primary": {"kind": "mysql", "host": "${server.name}:${.kind}"},
    "secondary": {"kind": "postgres"},
    "model": {"opt": {"name": "adam", "lr": 0.1}, "extra": {"name": "sgd", "m": True}, "layers": 1},
    "lr_text": "1e-3",
    "override_me": 1,
    "multi": {"a": 1, "c": 2, "b": 1},
    "tuned": {"who": "small-apache"},
}


def configs_of(files: dict[str, str], **options: list[str]) -> HydraConfigs:
    trees = {f"conf/{name}": parse_yaml(f"conf/{name}", text) for name, text in files.items()}
    trees["elsewhere/config.yaml"] = parse_yaml("elsewhere/config.yaml", "lr: 1000\n")
    return HydraConfigs(trees, "conf", **options)


@pytest.fixture(scope="module")
def configs() -> HydraConfigs:
    return configs_of(FILES)


def test_a_config_is_composed_in_the_order_of_its_defaults(configs: HydraConfigs) -> None:
    composed = configs.compose("config")
    assert plain(composed.root) == PLAIN_CONFIG
    assert list(plain(composed.root)) == list(PLAIN_CONFIG)
    assert composed.missing == ()
    assert composed.files[:2] == ("conf/base.yaml", "conf/server/db/mysql.yaml")


@pytest.mark.parametrize(
    ("overrides", "changes"),
    [
        (["server=nginx"], {("server", "name"): "nginx", ("tuned", "who"): "small-nginx"}),
        (["db@primary=postgres"], {("primary", "kind"): "postgres", ("primary", "host"): None}),
        (["server/db=postgres"], {("server", "db", "kind"): "spostgres"}),
        (["model=big"], {("model", "opt", "name"): "sgd", ("model", "layers"): 10, ("tuned", "who"): "big-apache"}),
        (["model=big", "model/opt=adam"], {("model", "opt", "name"): "adam", ("model", "layers"): 10}),
        (["multi=[b,a]"], {("multi", "c"): 1}),
        (["multi=a"], {("multi", "c"): 1, ("multi", "b"): None}),
        (["exp=one"], {("server", "name"): "nginx", ("server", "port"): 99, ("override_me",): 2, ("list", 0): 9, ("model", "layers"): 10}),
        (["exp=two"], {("model", "layers"): 44, ("model", "opt", "name"): "sgd", ("server", "port"): 99}),
        (["exp=two", "model=small"], {("model", "layers"): 44, ("model", "opt", "name"): "adam"}),
        (["model.layers=7", "+z.y=[1,x]", "~lr_text"], {("model", "layers"): 7, ("z", "y", 1): "x", ("lr_text",): None}),
        (["lr=1e-4", "++new=yes", "q='a b'"], {("lr",): 0.0001, ("new",): "yes", ("q",): "a b"}),
        (["+extra={a:1}"], {("extra", "a"): 1}),
    ],
)
def test_overrides(configs: HydraConfigs, overrides: list[str], changes: dict[ConfigPath, object]) -> None:
    composed = configs.compose("config", overrides)
    found = {path: plain(origin.value) if (origin := composed.lookup(path)) else None for path in changes}
    assert found == changes
    assert composed.missing == ()


def test_without_self_a_config_comes_after_its_defaults(configs: HydraConfigs) -> None:
    composed = configs.compose("nonself.yaml")
    assert plain(composed.root)["base_value"] == "from_nonself"
    assert plain(composed.root)["server"]["db"] == {"kind": "spostgres"}


def test_every_leaf_knows_its_file_and_line(configs: HydraConfigs) -> None:
    composed = configs.compose("config", ["exp=one", "model.layers=7"])
    places = {path: (origin.file, origin.at.line) for path, origin in composed.leaves()}
    assert places[("lr",)] == ("conf/config.yaml", 12)
    assert places[("base_value",)] == ("conf/base.yaml", 1)
    assert places[("server", "port")] == ("conf/exp/one.yaml", 8)
    assert places[("server", "name")] == ("conf/server/nginx.yaml", 4)
    assert places[("list", 0)] == ("conf/exp/one.yaml", 9)
    assert places[("model", "layers")][0] == ""
    origin = composed.lookup(("server", "port"))
    assert origin is not None
    assert (origin.file, origin.at.line, origin.value.at.column) == ("conf/exp/one.yaml", 8, 9)
    assert composed.lookup(("server", "gone")) is None


def test_what_points_at_nothing_is_missing() -> None:
    files = {
        "config.yaml": (
            "defaults:\n  - gone\n  - model: tiny\n  - optional extra: x\n  - hydra/launcher: joblib\n  - broken\n  - mandatory: ???\n"
            "  - _self_\n  - override server: apache\na: 1\n"
        ),
        "model/big.yaml": "b: 1\n",
    }
    configs = configs_of(files, unreadable=["conf/broken.yaml"])
    composed = configs.compose("config", ["nokey=1", "model.x=1"])
    assert [(missing.file, missing.at.line, missing.target) for missing in composed.missing] == [
        ("conf/config.yaml", 3, "model/tiny"),
        ("conf/config.yaml", 2, "gone"),
        ("conf/config.yaml", 9, "override server"),
        ("", 1, "nokey"),
        ("", 1, "model.x"),
    ]
    assert plain(composed.root) == {"a": 1}
    assert [missing.target for missing in configs.compose("nothing").missing] == ["nothing"]


def test_an_override_with_a_missing_option_is_shown_at_the_override() -> None:
    files = {
        "config.yaml": "defaults:\n  - m: a\n  - e: x\n",
        "m/a.yaml": "k: 1\n",
        "e/x.yaml": "# @package _global_\ndefaults:\n  - override /m: gone\n",
    }
    assert [(missing.file, missing.at.line, missing.target) for missing in configs_of(files).compose("config").missing] == [
        ("conf/e/x.yaml", 3, "m/gone")
    ]


def test_with_a_search_path_nothing_is_called_missing() -> None:
    files = {"config.yaml": "defaults:\n  - gone\nhydra:\n  searchpath: [pkg://more]\n"}
    assert configs_of(files).compose("config").missing == ()


def test_paths_beyond_the_limits_are_passed_over() -> None:
    deep = ".".join("a" * 5000)
    configs = configs_of({"config.yaml": "defaults:\n  - g: x\n  - _self_\nb: 1\n", "g/x.yaml": f"# @package {deep}\nc: 1\n"})
    assert plain(configs.compose("config", [f"+{deep}=1"]).root) == {"b": 1}


def test_defaults_that_double_at_every_level_end() -> None:
    files = {f"c{level}.yaml": f"defaults:\n  - c{level + 1}\n  - c{level + 1}\n  - _self_\nk{level}: 1\n" for level in range(40)}
    assert len(configs_of(files).compose("c0").files) <= 40


def test_circles_end() -> None:
    files = {"config.yaml": "defaults:\n  - a\n", "a.yaml": "defaults:\n  - b\nx: 1\n", "b.yaml": "defaults:\n  - a\ny: 2\n"}
    assert plain(configs_of(files).compose("config").root) == {"y": 2, "x": 1}


def test_variants_are_primaries_and_what_changes_the_whole(configs: HydraConfigs) -> None:
    assert configs.variants() == [
        ("base", ()),
        ("config", ()),
        ("nonself", ()),
        ("config", ("exp=one",)),
        ("config", ("exp=two",)),
    ]
    unlisted = configs_of({"config.yaml": "a: 1\n", "experiment/x.yaml": "# @package _global_\na: 2\n"})
    assert unlisted.variants() == [("config", ()), ("config", ("+experiment=x",))]
    assert plain(unlisted.compose("config", ("+experiment=x",)).root) == {"a": 2}


def test_values_of_a_path_come_from_every_file_that_sets_it(configs: HydraConfigs) -> None:
    def found(*path: str) -> list[tuple[object, str, int]]:
        return [(value, file, at.line) for value, file, at in configs.values_of(path)]

    assert found("server", "port") == [(99, "conf/exp/one.yaml", 8), (80, "conf/server/apache.yaml", 7)]
    assert found("lr") == [(7, "conf/base.yaml", 5), (0.001, "conf/config.yaml", 12)]
    assert found("primary", "kind") == [("mysql", "conf/db/mysql.yaml", 1), ("postgres", "conf/db/postgres.yaml", 2)]
    assert found("model", "opt", "name") == [("adam", "conf/model/opt/adam.yaml", 1), ("sgd", "conf/model/opt/sgd.yaml", 1)]
    assert found("db", "kind") == []


@pytest.mark.parametrize(
    ("base", "over", "merged"),
    [
        ("{a: {b: 1, c: 2}}", "{a: {c: 3, d: 4}}", {"a": {"b": 1, "c": 3, "d": 4}}),
        ("{a: [1, 2]}", "{a: [3]}", {"a": [3]}),
        ("{a: {b: 1}}", "{a: 5}", {"a": 5}),
        ("{a: null}", "{a: {b: 1}}", {"a": {"b": 1}}),
        ("{a: {b: 1}}", "{a: null}", {"a": None}),
        ("{a: 1}", "a: ???\nb: ???\n", {"a": 1, "b": "???"}),
        ("{a: {b: 1}}", "a: ???\n", {"a": {"b": 1}}),
        ("{a: {}}", "{b: 1e-3}", {"a": {}, "b": 0.001}),
        ("[1]", "{a: 1}", {"a": 1}),
    ],
)
def test_merging_is_that_of_omegaconf(base: str, over: str, merged: object) -> None:
    first, second = parse_yaml("a", base).root, parse_yaml("b", over).root
    assert first is not None
    assert second is not None
    assert plain(merge(first, second)) == merged


def test_layers_know_their_files() -> None:
    layers = [
        Layer(name, (), root) for name, text in (("a", "x: {y: 1, z: 1}"), ("b", "x: {z: 2}")) if (root := parse_yaml(name, text).root)
    ]
    composed = combine(layers)
    assert {path: origin.file for path, origin in composed.leaves()} == {("x", "y"): "a", ("x", "z"): "b"}


INTERPOLATED = """\
a:
  b: 3
  c: ${a.b}
  d: ${.b}/${..e.f}
  g: ${oc.env:HOME,x}/data
  h: "${oc.env:HOME}"
  whole: ${e}
  through: ${a.whole.f}
  missing: ${nothing.here}
  text: lr=${nothing}
  escaped: \\${a.b}
  nested: ${list[${index}]}
  now: ${now:%Y-%m-%d}_${a.b}
  unset: x${must}
  chain: ${a.c}1
  select: ${oc.select:a.b,7}
e: {f: 1e-2}
list: [x, "${a.b}"]
index: 1
must: ???
circle: ${round}
round: ${circle}
"""


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("a", "c"), 3),
        (("a", "d"), "3/0.01"),
        (("a", "g"), f"{HOLE}/data"),
        (("a", "h"), HOLE),
        (("a", "whole"), {"f": "1e-2"}),
        (("a", "through"), 0.01),
        (("a", "whole", "f"), 0.01),
        (("a", "missing"), HOLE),
        (("a", "text"), f"lr={HOLE}"),
        (("a", "escaped"), "${a.b}"),
        (("a", "nested"), HOLE),
        (("a", "now"), f"{HOLE}_3"),
        (("a", "unset"), f"x{HOLE}"),
        (("a", "chain"), "31"),
        (("a", "select"), 3),
        (("list", 1), 3),
        (("must",), "???"),
        (("circle",), HOLE),
        (("gone",), None),
    ],
)
def test_interpolation(path: ConfigPath, value: object) -> None:
    root = parse_yaml("x.yaml", INTERPOLATED).root
    assert root is not None
    assert plain(resolve(root, path)) == value


def test_interpolation_of_a_composed_config(configs: HydraConfigs) -> None:
    composed = configs.compose("config")
    node = interpolate(composed, ("primary", "host"))
    assert isinstance(node, ScalarNode)
    assert node.value == "apache:mysql"


def test_a_bomb_of_interpolations_ends_in_a_hole() -> None:
    text = "".join(f"a{level}: ${{a{level + 1}}}${{a{level + 1}}}\n" for level in range(45)) + "a45: xy\n"
    root = parse_yaml("x.yaml", text).root
    assert isinstance(root, MappingNode)
    assert HOLE in str(plain(resolve(root, ("a0",))))


def test_the_targets_of_a_text() -> None:
    assert targets("${a.b[0]}/${.c}/${..d.e}/${oc.env:X,${f}}/${oc.select:g}/\\${no}", ("x", "y")) == (
        ("a", "b", 0),
        ("x", "c"),
        ("d", "e"),
        ("f",),
        ("g",),
    )
    assert targets("${unclosed", ("x",)) == ()


@pytest.mark.parametrize("word", ["--multirun", "-m", "plain", "a b=c", "", "=x"])
def test_words_that_are_no_override(word: str) -> None:
    assert parse_override(word) is None


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("a=1", 1),
        ("a=-1_000", -1000),
        ("a=1e-3", 0.001),
        ("a=true", True),
        ("a=NULL", None),
        ("a=yes", "yes"),
        ("a=10:20", "10:20"),
        ("a=", ""),
        ("a='1'", "1"),
        ("a=b=c", "b=c"),
        ("a=[1,x,[2]]", [1, "x", [2]]),
        ("a={b:1,c:{d:x}}", {"b": 1, "c": {"d": "x"}}),
        ("a=1,2,3", "1,2,3"),
        ("a=choice(1,2)", "choice(1,2)"),
        ("a=[unclosed", "[unclosed"),
    ],
)
def test_values_of_overrides(word: str, value: object) -> None:
    override = parse_override(word)
    assert override is not None
    assert plain(override.value) == value
