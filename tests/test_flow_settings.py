"""Settings: keys of config files through code; hyperparameters; splits."""

from __future__ import annotations

from flow_snippets import events, names, run, script, unused

from mldebt.flow.events import Fitted, Tuned

YAML = """
train:
  lr: 0.1
  spare: 2
unused: 3
"""


def test_yaml_keys_by_subscript_and_get() -> None:
    code = "import yaml\nwith open('config.yaml') as f:\n    c = yaml.safe_load(f)\nx = c['train'].get('lr') * 2\n"
    done = run({"main.py": code, "config.yaml": YAML})
    assert unused(done, "setting") | ({"train.spare", "unused"} - names(done, "setting")) == {"train.spare", "unused"}
    assert "train.lr" in names(done, "setting")


def test_a_section_into_keywords() -> None:
    code = """
        import yaml

        def train(lr, spare):
            return lr * 2

        with open("config.yaml") as f:
            c = yaml.safe_load(f)
        train(**c["train"])
    """
    assert unused(run({"main.py": code, "config.yaml": YAML}), "setting") == {"train.spare"}


def test_a_view_given_away_is_used_below() -> None:
    code = "import yaml\nimport somewhere\nc = yaml.safe_load(open('config.yaml'))\nsomewhere.go(c['train'])\n"
    done = run({"main.py": code, "config.yaml": YAML})
    assert {"train.lr", "train.spare"} <= names(done, "setting")
    assert unused(done, "setting") == set()


def test_hydra_main_and_instantiate() -> None:
    code = """
        import hydra
        from hydra.utils import instantiate

        class Net:
            def __init__(self, width, depth):
                self.width = width * 2

        @hydra.main(config_path="conf", config_name="main")
        def main(cfg):
            net = instantiate(cfg.net)
            x = cfg.lr * 2

        if __name__ == "__main__":
            main()
    """
    conf = "defaults:\n  - net: small\nlr: 0.1\n"
    done = run({"app.py": code, "conf/main.yaml": conf, "conf/net/small.yaml": "_target_: app.Net\nwidth: 3\ndepth: 4\n"})
    assert {"lr", "net.width", "net.depth"} <= names(done, "setting")
    assert unused(done, "setting") == {"net.depth"}


def test_hyperparameters_in_a_dict_argument() -> None:
    done = script("""
        import lightgbm as lgb
        import pandas as pd

        df = pd.read_csv("in.csv")
        data = lgb.Dataset(df[["a"]], label=df["y"])
        lgb.train({"learning_rate": 0.05, "num_leaves": 7}, data)
    """)
    tuned = {event.parameter: event.value for event in events(done, Tuned)}
    assert tuned["params.learning_rate"] == 0.05 and tuned["params.num_leaves"] == 7
    assert {event.library for event in events(done, Fitted)} == {"lightgbm"}


def test_kfold_gives_pairs_of_indices() -> None:
    done = script("""
        import pandas as pd
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import KFold

        df = pd.read_csv("in.csv")
        for train, test in KFold(5).split(df):
            part = df.iloc[train]
            LogisticRegression().fit(part[["a"]], part["y"])
    """)
    fitted = events(done, Fitted)
    assert fitted and all(event.inputs for event in fitted)
    assert {done.world.columns[number].name for event in fitted for number in _numbers(event.inputs)} == {"a"}
    assert {event.library for event in fitted} == {"sklearn"}


def _numbers(bits: int) -> list[int]:
    return [number for number in range(bits.bit_length()) if bits >> number & 1]


def test_self_containing_lists_end() -> None:
    done = script("""
        import argparse
        a = []
        b = [a, {"x": a}]
        a.append(b)
        for _ in range(100):
            a.append([a, b])
            b.append({"a": a, "b": b})
        parser = argparse.ArgumentParser()
        parser.add_argument("--deep")
        a.append(parser.parse_args().deep)
        assert b
    """)
    assert unused(done) == set()
