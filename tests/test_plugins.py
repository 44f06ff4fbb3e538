"""Which checks there are and which of them a run asks for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from mldebt.api import Check, DebtGraph, Effort, Measure, Problem, check, measure
from mldebt.core import Finding, Location, MldebtError
from mldebt.plugins import (
    allowed_confidences,
    is_shown,
    library_files,
    load_checks,
    load_measures,
    options_for,
    reported,
    select_checks,
    unique,
)
from mldebt.settings import CheckSettings, DeclaredSuppression, OptionValue, PathRule, Settings


@dataclass(frozen=True, slots=True)
class Options:
    min_rows: int = 2
    share: float = 0.5
    names: tuple[str, ...] = ("id",)
    mode: Literal["loud", "quiet"] = "loud"
    limit: int | None = None
    strict: bool = False


def made(code: str, name: str, tier: int = 1, **more: Any) -> Check:
    def run(graph: DebtGraph) -> Iterator[Problem]:
        yield from ()

    run.__name__ = name
    more = {"family": "configuration", "severity": "major", **more}
    return check(code, tier=tier, confidence=("certain",), effort=Effort(1), **more)(run)


@check("MLD590", family="configuration", tier=1, severity="minor", confidence=("firm",), effort=Effort(1))
def with_options(graph: DebtGraph, options: Options) -> Iterator[Problem]:
    yield from ()


FIRST = made("MLD501", "first_check")
SECOND = made("MLD502", "second_check", tier=2)
THIRD = made("MLD803", "third_check", tier=3, family="reproducibility")
POLICY = made("MLD504", "a_policy", policy=True)
ALL = (FIRST, SECOND, POLICY, with_options, THIRD)


def chosen(settings: Settings = Settings(), select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> list[str]:  # noqa: B008 - frozen
    return [check.rule.code for check in select_checks(ALL, settings, select, ignore)]


def test_profiles_add_tiers() -> None:
    assert chosen() == ["MLD501", "MLD590"]
    assert chosen(Settings(profile="strict")) == ["MLD501", "MLD502", "MLD590"]
    assert chosen(Settings(profile="all")) == ["MLD501", "MLD502", "MLD590", "MLD803"]


def test_a_policy_waits_for_the_settings() -> None:
    assert "MLD504" in chosen(Settings(policy={"a-policy": True}))
    assert "MLD504" not in chosen(Settings(policy={"a-policy": False}, profile="all"))


def test_select_by_name_or_code_runs_whatever_the_tier() -> None:
    assert chosen(select=("third-check", "MLD502")) == ["MLD502", "MLD803"]
    assert chosen(select=("a-policy",)) == ["MLD504"]


def test_select_by_family_narrows_the_profile() -> None:
    assert chosen(select=("configuration",)) == ["MLD501", "MLD590"]
    assert chosen(Settings(profile="all"), select=("reproducibility",)) == ["MLD803"]


def test_select_replaces_and_ignore_adds_to_the_settings() -> None:
    settings = Settings(select=("first-check",), ignore=("MLD590",))
    assert chosen(settings) == ["MLD501"]
    assert chosen(settings, select=("configuration",)) == ["MLD501"]
    assert chosen(Settings(), ignore=("configuration",)) == []


@pytest.mark.parametrize(
    ("settings", "select", "complaint"),
    [
        (Settings(), ("frist-check",), "--select: no check, code or family 'frist-check'; did you mean 'first-check'?"),
        (Settings(file="mldebt.toml", ignore=("MLD999",)), (), "mldebt.toml: ignore: no check, code or family 'MLD999'"),
        (
            Settings(per_path=(PathRule("a", "m:3", ("configuratio",)),)),
            (),
            "m:3: per-path: no check, code or family 'configuratio'; did you mean",
        ),
        (Settings(suppressions=(DeclaredSuppression("a", "nope", "m", 7),)), (), "m:7: suppressions: no check, code or family 'nope'"),
        (
            Settings(checks={"firstcheck": CheckSettings("firstcheck", "m:9")}),
            (),
            "m:9: unknown check 'firstcheck'; did you mean 'first-check'?",
        ),
    ],
)
def test_names_that_are_no_checks(settings: Settings, select: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(MldebtError) as raised:
        chosen(settings, select)
    assert str(raised.value).startswith(complaint)


def configured(*options: OptionValue) -> Settings:
    return Settings(checks={"with-options": CheckSettings("with-options", "m:1", options=options)})


def test_options_are_filled_from_the_settings() -> None:
    settings = configured(
        OptionValue("min-rows", 5, "m:2"),
        OptionValue("share", 1, "m:3"),
        OptionValue("names", ["a", "b"], "m:4"),
        OptionValue("limit", 3, "m:5"),
    )
    options = options_for(with_options, settings)
    assert options == Options(min_rows=5, share=1.0, names=("a", "b"), limit=3)
    assert isinstance(options.share, float)
    assert options_for(with_options, Settings()) == Options()
    assert options_for(FIRST, Settings()) is None


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        (OptionValue("min-row", 5, "m:2"), "m:2: 'with-options' has no option 'min-row'; did you mean 'min-rows'?"),
        (OptionValue("min-rows", "5", "m:2"), "m:2: 'min-rows' must be a whole number"),
        (OptionValue("min-rows", True, "m:2"), "m:2: 'min-rows' must be a whole number"),
        (OptionValue("strict", 1, "m:2"), "m:2: 'strict' must be true or false"),
        (OptionValue("names", ["a", 1], "m:2"), "m:2: 'names' must be a list, each item a text"),
        (OptionValue("mode", "silent", "m:2"), "m:2: 'mode' must be one of loud, quiet"),
        (OptionValue("limit", "x", "m:2"), "m:2: 'limit' must be a whole number"),
    ],
)
def test_options_that_do_not_fit_stop_the_run(option: OptionValue, complaint: str) -> None:
    with pytest.raises(MldebtError) as raised:
        chosen(configured(option))
    assert str(raised.value) == complaint


def test_no_two_checks_share_a_code_or_a_name() -> None:
    with pytest.raises(MldebtError, match="both define the check MLD501"):
        unique([FIRST, made("MLD501", "other")])
    with pytest.raises(MldebtError, match="both define the check first-check"):
        unique([FIRST, made("MLD599", "first_check")])


def test_no_checks_at_all_is_an_error() -> None:
    with pytest.raises(MldebtError, match="no checks are installed"):
        unique([])


def test_what_a_profile_shows() -> None:
    assert allowed_confidences("strict") == ("certain", "firm")
    assert allowed_confidences("all") == ("certain", "firm", "tentative")
    assert is_shown(FIRST.rule, "major", "firm", "default")
    assert not is_shown(FIRST.rule, "major", "tentative", "strict")
    assert not is_shown(FIRST.rule, "info", "certain", "strict")
    assert is_shown(FIRST.rule, "info", "certain", "all")
    assert is_shown(made("MLD509", "a_note", severity="info").rule, "info", "certain", "default")


def finding(path: str, check: Check = FIRST, severity: str = "major") -> Finding:
    return Finding(check.rule, Location(path, 1), "s", "m", "a", severity, "certain", "f", 1)  # type: ignore[arg-type]


def test_per_path_ignores_and_lowers() -> None:
    settings = Settings(
        per_path=(
            PathRule("tests/**", "m:1", ignore=("configuration",)),
            PathRule("research/**", "m:2", severity="minor"),
            PathRule("research/late/**", "m:3", severity="critical"),
            PathRule("old/**", "m:4", profile="default"),
        )
    )
    given = [
        finding("a.py"),
        finding("tests/a.py"),
        finding("tests/b.py", THIRD),
        finding("research/a.py"),
        finding("research/late/a.py"),
        finding("old/a.py", THIRD),
    ]
    assert [(f.at.path, f.severity) for f in reported(given, settings)] == [
        ("a.py", "major"),
        ("tests/b.py", "major"),
        ("research/a.py", "minor"),
        ("research/late/a.py", "critical"),
    ]


@pytest.mark.parametrize(("profile", "shown"), [("default", ["blocker"]), ("all", ["blocker", "blocker"])])
def test_a_severity_of_the_settings_shows_neither_more_nor_less(profile: Any, shown: list[str]) -> None:
    """A note stays a note of profile `all`, and what the profile shows is not hidden by calling it info."""
    given = [finding("a.py"), finding("b.py", severity="info")]
    for override in (
        {"checks": {"first-check": CheckSettings("first-check", "m:1", severity="blocker")}},
        {"per_path": (PathRule("*.py", "m:1", severity="blocker"),)},
    ):
        assert [f.severity for f in reported(given, Settings(profile=profile, **override))] == shown  # type: ignore[arg-type]
    lowered = Settings(checks={"first-check": CheckSettings("first-check", "m:1", severity="info")})
    assert [(f.at.path, f.severity) for f in reported(given, lowered)] == [("a.py", "info")]


def test_the_severity_of_a_path_beats_that_of_the_check() -> None:
    checks = {"first-check": CheckSettings("first-check", "m:1", severity="info")}
    settings = Settings(checks=checks, per_path=(PathRule("a.py", "m:2", severity="critical"),))
    assert [f.severity for f in reported([finding("a.py"), finding("b.py")], settings)] == ["critical", "info"]


def distribution(folder: Path, entry_points: str) -> None:
    """A distribution as pip leaves it."""
    info = folder / "acme_debt-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-debt\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(entry_points)


CHECK_SOURCE = '''"""A summary.

## Why it is debt
"""

from mldebt.api import Effort, check


@check("ACM001", family="configuration", tier=1, severity="minor", confidence=("certain",), effort=Effort(1))
def acme_check(graph):
    yield from ()
'''


def test_measures_are_numbers_beside_checks() -> None:
    @measure("MLD501", family="configuration")
    def share_of_defaults(graph: DebtGraph) -> Iterator[Measure]:
        yield Measure("share of defaults", 1, "settings", 3, (Location("a.py", 4),))

    assert (share_of_defaults.code, share_of_defaults.name, share_of_defaults.family) == ("MLD501", "share-of-defaults", "configuration")
    assert [(gauge.code, gauge.name) for gauge in load_measures()] == [
        ("MLD101", "entanglement-blast-radius"), ("MLD104", "open-prediction-sinks"), ("MLD207", "annotated-data"), ("MLD401", "glue-ratio"),
        ("MLD414", "configuration-branches"),
    ]  # fmt: skip
    codes = {check.rule.code: check.rule.family for check in load_checks()}
    alone = {gauge.code: gauge.family for gauge in load_measures() if gauge.code not in codes}
    assert alone == {"MLD101": "boundary-erosion"}
    assert all(codes.get(gauge.code, alone.get(gauge.code)) == gauge.family for gauge in load_measures())


def test_checks_of_an_installed_distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(tmp_path, "[mldebt.checks]\nacme = acme_debt_checks\n")
    (tmp_path / "acme_debt_checks" / "deep").mkdir(parents=True)
    (tmp_path / "acme_debt_checks" / "__init__.py").write_text("from acme_debt_checks.deep.one import acme_check\n")
    (tmp_path / "acme_debt_checks" / "deep" / "__init__.py").write_text("")
    (tmp_path / "acme_debt_checks" / "deep" / "one.py").write_text(CHECK_SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    found = [check.rule for check in load_checks() if check.rule.code == "ACM001"]
    assert [(rule.name, rule.summary) for rule in found] == [("acme-check", "A summary.")]
    for name in [name for name in sys.modules if name.startswith("acme_debt_checks")]:
        monkeypatch.delitem(sys.modules, name)


def test_a_plug_in_that_cannot_be_imported_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(tmp_path, "[mldebt.checks]\nacme = acme_debt_broken\n")
    (tmp_path / "acme_debt_broken.py").write_text("import nothing_of_this_name\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MldebtError, match="plug-in 'acme': cannot import acme_debt_broken: ModuleNotFoundError"):
        load_checks()


def test_library_files_of_an_installed_distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(tmp_path, "[mldebt.libraries]\nacme = acme_debt_libraries\n")
    (tmp_path / "acme_debt_libraries").mkdir()
    (tmp_path / "acme_debt_libraries" / "__init__.py").write_text("raise RuntimeError('imported')\n")
    for name in ("b.yaml", "a.yaml", "readme.md"):
        (tmp_path / "acme_debt_libraries" / name).write_text("library: x\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert [path.name for path in library_files()] == ["a.yaml", "b.yaml"]
