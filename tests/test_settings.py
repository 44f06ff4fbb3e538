"""Settings files: what they may say, what they merge, and what the errors name."""

from __future__ import annotations

import os
import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from mldebt.core import MldebtError
from mldebt.docgen import shipped
from mldebt.plugins import load_checks, validate_names
from mldebt.settings import (
    Annotation,
    CheckSettings,
    DeclaredSuppression,
    OptionValue,
    PathRule,
    Settings,
    find_root,
    load_settings,
    path_matcher,
)
from mldebt.settings.read import READERS


def settings_of(root: Path, text: str, name: str = "mldebt.toml") -> Settings:
    (root / name).write_text(text, encoding="utf-8")
    return load_settings(root)


def complaint_of(root: Path, text: str, name: str = "mldebt.toml") -> str:
    with pytest.raises(MldebtError) as raised:
        settings_of(root, text, name)
    return str(raised.value)


def test_no_settings_file_gives_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings()


def test_every_key_is_read(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        """
root-packages = ["churn"]
select = ["unused-feature"]
ignore = ["MLD411"]
exclude = ["old/"]
profile = "strict"
fail-on = "major"
size-limit = 5000
libraries = ["acme.yaml"]

[per-path]
"tests/**" = ["configuration"]
"research/**" = { severity = "info", profile = "default" }

[checks.unused-feature]
severity = "minor"
min-rows = 3

[[suppressions]]
path = "conf/*.json"
name = "unused-config-key"
symbol = "lr"
reason = "read by the platform"
until = 2027-01-31

[sources."s3://lake/users.parquet"]
owner = "team-crm"
consumers = ["churn", "ltv"]

[features.ctr_7d]
deprecated = true
replaced_by = "ctr_7d_v2"

[policy]
unannotated-data-dependency = true

[owners]
"churn/**" = "team-crm"

[score]
"data-2" = "manual"
""",
    )
    assert (settings.root_packages, settings.select, settings.ignore) == (("churn",), ("unused-feature",), ("MLD411",))
    assert (settings.exclude, settings.profile, settings.fail_on, settings.size_limit) == (("old/",), "strict", "major", 5000)
    assert settings.libraries == ("acme.yaml",)
    assert [(rule.pattern, rule.ignore, rule.severity, rule.profile) for rule in settings.per_path] == [
        ("tests/**", ("configuration",), None, None),
        ("research/**", (), "info", "default"),
    ]
    assert settings.checks["unused-feature"].severity == "minor"
    assert settings.checks["unused-feature"].options == (OptionValue("min-rows", 3, "mldebt.toml:17"),)
    assert settings.suppressions == (
        DeclaredSuppression("conf/*.json", "unused-config-key", "mldebt.toml", 19, "lr", "read by the platform", date(2027, 1, 31)),
    )
    assert settings.sources["s3://lake/users.parquet"].consumers == ("churn", "ltv")
    assert (settings.features["ctr_7d"].deprecated, settings.features["ctr_7d"].replaced_by) == (True, "ctr_7d_v2")
    assert settings.policy == {"unannotated-data-dependency": True}
    assert settings.owners == {"churn/**": ("team-crm",)}
    assert settings.score == {"data-2": "manual"}
    assert settings.file == "mldebt.toml"


def test_pyproject_is_as_good(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, '[project]\nname = "x"\n\n[tool.mldebt]\nprofile = "all"\n', "pyproject.toml")
    assert (settings.profile, settings.file) == ("all", "pyproject.toml")


def test_own_file_wins_over_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.mldebt]\nprofile = "all"\n')
    assert settings_of(tmp_path, 'profile = "strict"\n').profile == "strict"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('\nexlude = ["a"]\n', "mldebt.toml:2: unknown key 'exlude'; did you mean 'exclude'?"),
        ("qqq = 1\n", "mldebt.toml:1: unknown key 'qqq'"),
        ('select = "x"\nprofile = "stict"\n', "mldebt.toml:2: 'profile' must be one of default, strict, all; did you mean 'strict'?"),
        ("profile = []\n", "mldebt.toml:1: 'profile' must be one of default, strict, all"),
        ('fail-on = "never"\n', "mldebt.toml:1: 'fail-on' must be one of blocker, critical, major, minor"),
        ("ignore = [1]\n", "mldebt.toml:1: 'ignore' must be a list of texts"),
        ("size-limit = true\n", "mldebt.toml:1: 'size-limit' must be a whole number above 0"),
        ("checks = 3\n", "mldebt.toml:1: 'checks' must be a table"),
        ("[checks]\nunused-feature = 3\n", "mldebt.toml:2: 'unused-feature' must be a table"),
        ('[checks.a]\n\nseverity = "hi"\n', "mldebt.toml:3: 'severity' must be one of blocker, critical, major, minor, info"),
        ('[[suppressions]]\npath = "a"\n', "mldebt.toml:1: a suppression needs 'name'"),
        (
            '[[suppressions]]\npath = "a"\nname = "b"\n[[suppressions]]\npath = "a"\nname = "c"\nuntill = 1\n',
            "mldebt.toml:7: unknown key 'untill'; did you mean 'until'?",
        ),
        ('[[suppressions]]\npath = "a"\nname = "b"\nuntil = "soon"\n', "mldebt.toml:4: 'until' must be a date such as 2027-01-31"),
        ('[sources."s3://a b.parquet"]\nowners = "x"\n', "mldebt.toml:2: unknown key 'owners'; did you mean 'owner'?"),
        ('[per-path]\n"tests/**" = { severty = "info" }\n', "mldebt.toml:2: unknown key 'severty'; did you mean 'severity'?"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    assert complaint_of(tmp_path, text) == complaint


def test_line_in_pyproject(tmp_path: Path) -> None:
    text = '[project]\nname = "exlude"\n[tool.mldebt]\n# exlude = 1\nexlude = []\n'
    assert complaint_of(tmp_path, text, "pyproject.toml").startswith("pyproject.toml:5: unknown key 'exlude'")


def test_tool_that_is_no_table_is_no_settings_file(tmp_path: Path) -> None:
    assert settings_of(tmp_path, 'tool = "mldebt"\n', "pyproject.toml") == Settings()


def test_broken_pyproject_of_somebody_else_is_no_error(tmp_path: Path) -> None:
    assert settings_of(tmp_path, "[project\n", "pyproject.toml") == Settings()


def test_broken_pyproject_with_our_table_is_one(tmp_path: Path) -> None:
    assert complaint_of(tmp_path, "[tool.mldebt]\nprofile = \n", "pyproject.toml").startswith("pyproject.toml: not TOML: ")


@pytest.mark.parametrize(
    "text",
    ["a = " + "[" * 5000 + "]" * 5000, ".".join(["a"] * 100_000) + " = 1", "a = " + "1" * 5000, "# " + "x" * 600_000],
    ids=["nested brackets", "a key of 100,000 parts", "a number of 5,000 digits", "a file that is too large"],
)
def test_hostile_files_end_in_an_error(tmp_path: Path, text: str) -> None:
    assert complaint_of(tmp_path, text).removeprefix(str(tmp_path) + "/").startswith("mldebt.toml")


def test_settings_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "mldebt.toml").write_bytes(b'profile = "\xff"\n')
    with pytest.raises(MldebtError, match="not UTF-8"):
        load_settings(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_does_not_stop_the_run(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pyproject.toml")
    assert load_settings(tmp_path) == Settings()
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(MldebtError, match="not a regular file"):
        load_settings(tmp_path, str(tmp_path / "pipe.toml"))


def test_extend_merges_tables_adds_lists_and_replaces_the_rest(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "base.toml").write_text(
        'profile = "strict"\nselect = ["a"]\nexclude = ["old/"]\nlibraries = ["acme.yaml"]\n'
        '[checks.x]\nseverity = "minor"\none = 1\ntwo = 2\n[checks.y]\nseverity = "info"\n'
    )
    settings = settings_of(tmp_path, 'extend = "shared/base.toml"\nselect = ["b"]\nexclude = ["new/"]\n[checks.x]\ntwo = 3\n')
    assert (settings.profile, settings.select, settings.exclude) == ("strict", ("b",), ("old/", "new/"))
    assert settings.libraries == ("shared/acme.yaml",)
    assert settings.checks["x"].severity == "minor"
    assert [(option.name, option.value) for option in settings.checks["x"].options] == [("one", 1), ("two", 3)]
    assert settings.checks["y"].severity == "info"


def test_extend_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('extend = "mldebt.toml"\n')
    assert complaint_of(tmp_path, '\nextend = ["a.toml"]\n') == "a.toml:1: 'mldebt.toml' extends itself"


def test_extend_of_a_missing_file(tmp_path: Path) -> None:
    assert complaint_of(tmp_path, 'extend = "a.toml"\n') == "mldebt.toml:1: no such file: 'a.toml'"


def test_files_that_extend_the_same_file_read_it_once(tmp_path: Path) -> None:
    for number in range(18):
        (tmp_path / f"{number}.toml").write_text(f'extend = ["{number + 1}.toml", "{number + 1}.toml"]\n')
    (tmp_path / "18.toml").write_text('exclude = ["once/"]\n')
    assert settings_of(tmp_path, 'extend = "0.toml"\n').exclude == ("once/",)


def test_config_file_replaces_the_roots_own(tmp_path: Path) -> None:
    (tmp_path / "ci.toml").write_text('profile = "all"\n')
    (tmp_path / "mldebt.toml").write_text('profile = "strict"\n')
    assert load_settings(tmp_path, str(tmp_path / "ci.toml")).profile == "all"


def test_config_file_that_is_a_pyproject_without_our_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(MldebtError, match=r"no \[tool.mldebt\] in it"):
        load_settings(tmp_path, str(tmp_path / "pyproject.toml"))


@pytest.mark.parametrize(("name", "text"), [("mldebt.toml", ""), ("pyproject.toml", "[tool.mldebt]\n"), (".git", "gitdir: elsewhere\n")])
def test_the_root_is_the_project_around_the_first_path(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "train.py").write_text("")
    (tmp_path / "a" / name).write_text(text)
    assert find_root([str(tmp_path / "a" / "b" / "train.py")]) == tmp_path / "a"
    assert find_root([str(tmp_path / "a" / "b")]) == tmp_path / "a"


def test_a_pyproject_without_our_table_is_no_root(tmp_path: Path) -> None:
    (tmp_path / "mldebt.toml").write_text("")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pyproject.toml").write_text('[project]\nname = "mldebt-user"\n')
    assert find_root([str(tmp_path / "a")]) == tmp_path


def test_an_explicit_root(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "mldebt.toml").write_text("")
    assert find_root([], str(tmp_path / "a")) == tmp_path / "a"
    with pytest.raises(MldebtError, match="the root is not a directory"):
        find_root([], str(tmp_path / "mldebt.toml"))


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MldebtError, match="no such file or directory"):
        find_root([str(tmp_path / "nowhere")])


def test_patterns_are_those_of_gitignore() -> None:
    matches = path_matcher(("old/", "*.ipynb", "!keep.ipynb"))
    assert [matches(path) for path in ("old/a.py", "x/b.ipynb", "keep.ipynb", "a.py")] == [True, True, False, False]
    assert not path_matcher(())("a.py")


PAGE = (Path(__file__).parents[1] / "docs" / "settings.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def rows_of_page(heading: str) -> set[str]:
    """The keys in the tables of a section."""
    section = re.split(r"^#+ ", PAGE.partition(f"\n{heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return set(re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| [^|]+ \| [^|]+ \|$", section, re.MULTILINE))


def names_of(kind: type, *without: str) -> set[str]:
    return {field.name.replace("_", "-") for field in fields(kind)} - set(without)


def test_the_page_has_every_key_of_the_settings() -> None:
    tables = {key for heading in re.findall("^### (.*)$", PAGE, re.MULTILINE) for key in re.findall(r"`\[+([a-z-]+)", heading)}
    keys = names_of(Settings, "file")
    assert rows_of_page("## What is analysed") | rows_of_page("## What is reported") | tables == keys | {"extend"}
    assert keys == set(READERS)


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("### `[per-path]`", names_of(PathRule, "pattern", "at")),
        ("### `[[suppressions]]`", names_of(DeclaredSuppression, "file", "line")),
        ('### `[sources."<path>"]` and `[features.<name>]`', names_of(Annotation, "name", "at")),
        ("### `[checks.<name>]`", names_of(CheckSettings, "name", "at", "options")),
    ],
)
def test_the_page_has_every_key_of_the_tables(heading: str, keys: set[str]) -> None:
    assert rows_of_page(heading) == keys


def test_the_page_has_every_option_of_the_checks() -> None:
    options = {check.rule.name: names_of(check.options) for check in shipped(load_checks()) if check.options}
    assert options
    for name, keys in options.items():
        assert f"`{name}` has the option" in PAGE
        assert all(f"`{key}`" in PAGE for key in keys)


def test_the_page_has_the_defaults() -> None:
    assert f"| `{Settings().size_limit}` |" in PAGE
    assert f'| `"{Settings().profile}"` |' in PAGE
    assert f'| `"{Settings().fail_on}"` |' in PAGE


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_of_the_page_are_settings(tmp_path: Path, example: str) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "mldebt.toml").write_text("")
    root = tmp_path / "root"
    root.mkdir()
    settings = settings_of(root, example, "pyproject.toml" if "pyproject.toml" in example else "mldebt.toml")
    assert settings != Settings(file=settings.file)
    validate_names(load_checks(), settings)


def test_every_key_of_the_page_has_an_example() -> None:
    examples = "\n".join(EXAMPLES)
    keys = READERS.keys() | names_of(Annotation, "name", "at") | names_of(DeclaredSuppression, "file", "line") | {"extend"}
    assert [key for key in sorted(keys) if not re.search(rf"^(\[+|){key}\b", examples, re.MULTILINE)] == []


def test_consumers_of_a_file(tmp_path: Path) -> None:
    example = '[sources."data/predictions/x.parquet"]\nconsumers = ["marketing"]\n'
    assert example in PAGE
    assert settings_of(tmp_path, example).sources["data/predictions/x.parquet"].consumers == ("marketing",)


def test_a_root_that_cannot_be_asked_about_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MldebtError, match="File name too long"):
        find_root((), str(tmp_path / ("x" * 300)))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody without permission")
def test_a_root_without_permission_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "locked" / "inside").mkdir(parents=True)
    (tmp_path / "locked").chmod(0)
    os.seteuid(65534)
    try:
        for root in (tmp_path / "locked", tmp_path / "locked" / "inside"):
            with pytest.raises(MldebtError, match="Permission denied"):
                find_root((), str(root))
    finally:
        os.seteuid(0)
