"""What the checks of configuration rest on: repeated keys, near names, scripts that are not there, suffixes in defaults lists."""

from __future__ import annotations

import pytest

from mldebt.configs.hydra import HydraConfigs
from mldebt.configs.interpolation import texts_below
from mldebt.configs.tree import repeated
from mldebt.configs.yaml import parse_yaml
from mldebt.declarations.stages import find_missing_programs
from mldebt.graph.near_misses import is_near


def test_repeated_keys_are_told_with_their_first_and_last_place() -> None:
    root = parse_yaml("a.yaml", "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\na: 2\na: 3\n").root
    assert root is not None
    found = [(path, first.key_at.line, last.key_at.line) for path, first, last in repeated((), root)]
    assert found == [(("b", "c"), 3, 5), (("a",), 1, 7)]


def test_merged_keys_are_not_repeated() -> None:
    root = parse_yaml("a.yaml", "base: &base {x: 1}\nmine:\n  <<: *base\n  x: 2\n").root
    assert root is not None
    assert not list(repeated((), root))


def test_texts_that_refer_are_found_in_lists_too() -> None:
    root = parse_yaml("a.yaml", "a: [1, '${b}']\nb: x\n").root
    assert root is not None
    assert list(texts_below((), root)) == [(("a", 1), "${b}")]


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("learning_rate", "learn_rate"),
        ("learning_rate", "learningRate"),
        ("module_path", "moudle_path"),
        ("n-jobs", "n_jobs"),
        ("weights", "wieghts"),
    ],
)
def test_slips_are_near(asked: str, written: str) -> None:
    assert is_near(asked, written)
    assert is_near(written, asked)


@pytest.mark.parametrize(
    ("asked", "written"),
    [("lr", "lt"), ("rate_1", "rate_2"), ("train", "brain_size"), ("min_depth", "max_width"), ("name", "name"), ("beta1", "beta2")],
)
def test_other_names_are_not_near(asked: str, written: str) -> None:
    assert not is_near(asked, written)


def test_an_option_may_be_named_with_its_suffix() -> None:
    files = {"train.yaml": "defaults:\n  - model: small.yaml\n", "model/small.yaml": "depth: 3\n", "model/large.yaml": "depth: 8\n"}
    configs = HydraConfigs({f"conf/{name}": parse_yaml(f"conf/{name}", text) for name, text in files.items()}, "conf")
    composed = configs.compose("train")
    assert not composed.missing
    assert composed.lookup(("model", "depth")) is not None
    assert configs.choices("train") == [(), ("model=large",)]
    assert configs.groups_of("train") == {"model": "small"}


def test_scripts_that_are_nowhere_are_missing() -> None:
    makefile = "all:\n\tpython src/train.py\n\tpython -u tools/gone.py --fast\n\tpython $(SCRIPT)\n\tpython /opt/app.py\n\tcd ../x && python y.py\n"
    found = find_missing_programs({"Makefile": makefile}, {}, frozenset({"src/train.py"}))
    assert [(one.word, one.line, one.source) for one in found] == [("tools/gone.py", 3, "make")]
