"""Columns: made, used, left behind."""

from __future__ import annotations

from flow_snippets import columns, events, run, script

from mldebt.flow.events import Loaded, Narrowed, Stored
from mldebt.flow.joins import spilled

HEAD = "import pandas as pd\n\ndef main():\n    df = pd.read_csv('in.csv')\n"
TAIL = "\n    return None\n\nmain()\n"


def made(body: str) -> dict[str, bool]:
    lines = "".join(f"    {line}\n" for line in body.strip().split("\n"))
    return columns(script(HEAD + lines + TAIL))


def test_a_printed_column_is_used_a_dropped_one_is_not() -> None:
    assert made("df['a'] = df['x'] + 1\ndf['b'] = df['y'] + 1\ndf = df.drop(columns=['b'])\nprint(df['a'])") == {"a": True, "b": False}


def test_selection_leaves_columns_behind() -> None:
    found = made("df['a'] = 1\ndf['b'] = 2\nkept = df[['a']]\nprint(kept)")
    assert found == {"a": True, "b": False}


def test_what_used_columns_are_made_of_is_used() -> None:
    assert made("df['a'] = df['x'] + 1\ndf['b'] = df['a'] * 2\nprint(df['b'])") == {"a": True, "b": True}


def test_template_names() -> None:
    found = made("for lag in (1, 2):\n    df[f'lag_{lag}'] = df['x'].shift(lag)\nprint(df['lag_1'])")
    assert found == {"lag_1": True, "lag_2": False}


def test_unknown_template_matches() -> None:
    found = made("import os\nn = os.environ['N']\ndf[f'lag_{n}'] = df['x']\nprint(df['lag_7'])")
    assert all(found.values()) and found


def test_assign_with_functions() -> None:
    found = made("df = df.assign(a=lambda d: d['x'] + 1, b=lambda d: d['a'] * 2, c=3)\nprint(df['b'])")
    assert found == {"a": True, "b": True, "c": False}


def test_merge_keys_are_used() -> None:
    found = made(
        "other = pd.read_csv('o.csv')\nother['k'] = other['z']\nother['v'] = 1\nboth = df.merge(other, on='k')\nprint(both[['w']])"
    )
    assert found == {"k": True, "v": False}


def test_groupby_keys_are_used() -> None:
    found = made("df['g'] = df['x']\ndf['h'] = df['y']\nt = df.groupby('g')['z'].mean()\nprint(t)")
    assert found == {"g": True, "h": False}


def test_apply_function_sees_the_columns() -> None:
    found = made("df['a'] = df['x']\ndf['b'] = df['y']\nr = df['a'].apply(lambda v: v + 1)\nprint(r)")
    assert found == {"a": True, "b": False}


def test_effects_before_an_early_return_are_kept() -> None:
    text = """
        import pandas as pd
        import sys

        def prepare(df):
            df["a"] = df["x"] + 1
            if len(sys.argv) > 2:
                df["b"] = df["y"] + 1
                return df
            return df

        df = prepare(pd.read_csv("in.csv"))
        print(df[["a", "b"]])
    """
    assert columns(script(text)) == {"a": True, "b": True}


def test_both_arms_reach_the_end() -> None:
    found = made("import sys\nif sys.argv:\n    df['a'] = df['x']\nelse:\n    df['a'] = df['y']\nprint(df['a'])")
    assert found == {"a": True}
    assert columns(script(HEAD + "    if df.empty:\n        df['a'] = df['x']\n    print(df['a'])" + TAIL), made=False)["x"]


def test_try_keeps_body_and_handler() -> None:
    found = made("try:\n    df['a'] = df['x']\nexcept KeyError:\n    df['b'] = 1\nprint(df[['a', 'b']])")
    assert found == {"a": True, "b": True}


def test_closures_change_the_captured_table() -> None:
    found = made("def add():\n    df['a'] = df['x']\nadd()\nprint(df['a'])")
    assert found == {"a": True}


def test_two_callers_do_not_share_a_remembered_table() -> None:
    """The second call is remembered, not run; its copy must not carry what the first caller added."""
    done = script("""
        import pandas as pd

        def load():
            return pd.DataFrame({"base": [1]})

        one = load()
        one["first"] = one["base"]
        two = load()
        two["second"] = two["base"]
        two.to_csv("folder/two_output.csv")
    """)
    stored = events(done, Stored)
    assert [event.columns for event in stored] == [("base", "second")]


def test_a_remembered_call_writes_to_the_table_of_its_caller() -> None:
    done = script("""
        import pandas as pd

        def mark(df):
            df["m"] = df["x"]

        one = pd.read_csv("same.csv")
        mark(one)
        two = pd.read_csv("same.csv")
        mark(two)
        one.to_csv("folder/one_output.csv")
        two.to_csv("folder/two_output.csv")
    """)
    assert [event.columns for event in events(done, Stored)] == [("m",), ("m",)]


def test_files_join_roots_in_rounds() -> None:
    files = {
        "prepare.py": """
            import pandas as pd
            df = pd.read_csv("raw.csv")
            df["good"] = df["x"]
            df["wasted"] = df["y"]
            df.to_csv("data/prepared.csv")
        """,
        "train.py": """
            import pandas as pd
            df = pd.read_csv("data/prepared.csv")
            df = df[["good"]]
            df.to_csv("data/selected.csv")
        """,
        "last.py": """
            import pandas as pd
            print(pd.read_csv("data/selected.csv"))
        """,
    }
    done = run(files)
    assert columns(done) == {"good": True, "wasted": False}
    sources = {event.path: [done.world.program.modules[at[0]].path for at, _ in event.sources] for event in events(done, Loaded)}
    assert sources["data/prepared.csv"] == ["prepare.py"] and sources["data/selected.csv"] == ["train.py"]
    del files["last.py"], files["train.py"]
    assert columns(run(files)) == {"good": True, "wasted": True}, "nobody here reads the file: all its columns may be used"


def test_remembered_calls_tell_every_root() -> None:
    """One helper called from two scripts: its events are in both roots, its body runs once."""
    helper = """
        import pandas as pd

        def select():
            df = pd.read_csv("in.csv")
            df["a"] = 1
            return df[["b"]]
    """
    done = run({"helper.py": helper, "one.py": "from helper import select\nselect()\n", "two.py": "from helper import select\nselect()\n"})
    holders = {root.name for root in done.world.roots if any(isinstance(event, Narrowed) for event in root.events)}
    assert {"one", "two"} <= holders


def test_a_list_of_names_may_hold_itself() -> None:
    body = "names = ['x']\nfor _ in range(3):\n    names = [names, 'x'] if len(df) else names\n    names.append(names)\nprint(df[names])"
    assert made(body) == {}


def test_what_a_choice_spills_last_escapes_in_its_own_scan() -> None:
    choices = "\n".join(f"if somewhere.flag_{number}:\n    table = pd.read_csv('{number}.csv')" for number in range(40))
    script(f"import pandas as pd\nimport somewhere\n\ntable = None\n{choices}\n")
    assert spilled == []
