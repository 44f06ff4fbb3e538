"""What is known and what is new: baselines, comparisons with a revision, and the gate on new debt."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mldebt.baseline import Known, known_of, part, read_baseline, written
from mldebt.cli import main
from mldebt.core import Effort, Finding, Location, MldebtError, Rule
from mldebt.debt.fingerprint import finding_fingerprint

RULE = Rule("MLD998", "word", "configuration", 1, "minor", ("certain",), Effort(5), "The word.", "The word.")
OTHER = Rule("MLD997", "other", "configuration", 1, "minor", ("certain",), Effort(5), "Other.", "Other.")


def finding(key: str, ordinal: int = 0, path: str = "a.py", line: int = 1, message: str = "m", rule: Rule = RULE) -> Finding:
    print_ = finding_fingerprint(rule.code, key, ordinal)
    return Finding(rule, Location(path, line), key, message, "", "minor", "certain", print_, 5, key=key)


def places(findings: tuple[Finding, ...]) -> list[tuple[str, int]]:
    return [(one.at.path, one.at.line) for one in findings]


def test_moved_and_renamed_findings_stay_known() -> None:
    before = [known_of(finding("rate", path="old.py", line=3))]
    parted = part([finding("rate", path="new.py", line=90)], before, [RULE])
    assert (parted.new, places(parted.known), parted.vanished) == ((), [("new.py", 90)], ())


def test_of_equals_the_one_in_a_new_place_is_new() -> None:
    """A second finding of the same identity stands above the first one: its ordinal is 0, and yet it is the new one."""
    before = [known_of(finding("path", 0, "a.py", 40, "at the bottom"))]
    parted = part([finding("path", 0, "a.py", 2, "at the top"), finding("path", 1, "a.py", 41, "at the bottom")], before, [RULE])
    assert (places(parted.new), places(parted.known)) == ([("a.py", 2)], [("a.py", 41)])


def test_a_finding_whose_equal_is_not_shown_stays_known() -> None:
    """What profile or `per-path` hold back has an ordinal as well."""
    shown = finding("path", 1)
    parted = part([shown], [known_of(shown)], [RULE])
    assert (parted.new, parted.known, parted.vanished) == ((), (shown,), ())


def test_of_equals_in_other_files_the_file_decides() -> None:
    before = [known_of(finding("path", number, f"{name}.py")) for number, name in enumerate("bd")]
    now = [finding("path", number, f"{name}.py") for number, name in enumerate("abcd")]
    parted = part(now, before, [RULE])
    assert (places(parted.new), places(parted.known)) == ([("a.py", 1), ("c.py", 1)], [("b.py", 1), ("d.py", 1)])


def test_what_is_found_no_more_has_vanished_if_its_check_ran() -> None:
    before = [known_of(finding("a")), known_of(finding("b", rule=OTHER)), known_of(finding("c", 0)), known_of(finding("c", 1))]
    parted = part([finding("c", 0)], before, [RULE])
    assert [(one.code, one.symbol) for one in parted.vanished] == [("MLD998", "a"), ("MLD998", "c")]


def test_every_finding_is_new_or_known_and_never_both() -> None:
    dice = random.Random(7)
    for _ in range(200):
        keys = [dice.choice("abc") for _ in range(dice.randrange(8))]
        now = [finding(key, keys[:at].count(key), f"{dice.choice('xy')}.py", at, dice.choice("mn")) for at, key in enumerate(keys)]
        old = [dice.choice("abc") for _ in range(dice.randrange(8))]
        before = [known_of(finding(key, old[:at].count(key), f"{dice.choice('xy')}.py")) for at, key in enumerate(old)]
        parted = part(now, before, [RULE])
        assert sorted(one.fingerprint for one in (*parted.new, *parted.known)) == sorted(one.fingerprint for one in now)
        assert len(parted.known) == sum(min(keys.count(key), old.count(key)) for key in "abc")
        assert len(parted.vanished) == len(before) - len(parted.known)


def test_a_baseline_file_reads_back_and_does_not_depend_on_the_order(tmp_path: Path) -> None:
    known = [known_of(finding(key, path=f"{key}.py", message="\u202e\ud800 <b>")) for key in ("b", "a", "ü\n")]
    text = written(known)
    assert text == written(reversed(known))
    assert len(text.splitlines()) == 3 + 2
    (tmp_path / "b.json").write_text(text, encoding="utf-8")
    assert sorted(read_baseline(str(tmp_path / "b.json"))) == sorted(known)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not JSON"),
        ("[]", "not a baseline of version 1"),
        ('{"version": 2, "findings": []}', "not a baseline of version 1"),
        ('{"version": 1, "findings": [1]}', "finding 1 needs the texts"),
        ('{"version": 1, "findings": [{"fingerprint": 1}]}', "finding 1 needs the texts"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_broken_baseline_is_said_in_one_line(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(MldebtError, match=complaint) as raised:
        read_baseline(str(tmp_path / "b.json"))
    assert "b.json" in str(raised.value) and "\n" not in str(raised.value)


def options(*names: str) -> str:
    """A program with options that nobody reads, but for `--used`."""
    lines = "".join(f'parser.add_argument("--{name}")\n' for name in ("used", *names))
    return f"import argparse\n\nparser = argparse.ArgumentParser()\n{lines}args = parser.parse_args()\nprint(args.used)\n"


def git(root: Path, *arguments: str) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {"GIT_CONFIG_GLOBAL": os.devnull}
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=root, env=environment, check=True, capture_output=True)


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two findings, in git."""
    (tmp_path / "train.py").write_text(options("rate", "depth"))
    (tmp_path / ".gitignore").write_text(".mldebt_cache/\n")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    monkeypatch.chdir(tmp_path)
    yield tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments])


def said(result: Result) -> list[str]:
    """The options named in the findings of a report."""
    return [line.split("'--")[1].split("'")[0] for line in result.stdout.splitlines() if "'--" in line]


def test_a_team_starts_quiet_and_hears_what_is_new(project: Path) -> None:
    assert said(run("scan")) == ["rate", "depth"]
    assert run("baseline", "update").exit_code == 0
    quiet = run("scan", "--baseline", "mldebt-baseline.json")
    assert (quiet.stdout, quiet.exit_code) == ("", 0)
    assert "Held back: 2 findings" in quiet.stderr
    (project / "mldebt.toml").write_text('baseline = "mldebt-baseline.json"\n')
    (project / "train.py").rename(project / "fit.py")
    (project / "fit.py").write_text("# moved\n\n" + options("rate", "width", "depth"))
    loud = run("scan")
    assert (said(loud), loud.exit_code) == (["width"], 1)
    assert said(run("scan", "--no-baseline")) == ["rate", "width", "depth"]


def test_what_is_gone_is_said_and_pruned(project: Path) -> None:
    run("baseline", "update")
    (project / "mldebt.toml").write_text('baseline = "mldebt-baseline.json"\n')
    (project / "train.py").write_text(options("rate", "width"))
    assert "Gone: 1 finding of the baseline" in run("scan").stderr
    shown = run("baseline", "show").stdout.splitlines()
    assert [line.split(":")[0] for line in shown] == ["train.py", "gone"]
    assert "1 finding (0 added, 1 gone)" in run("baseline", "update", "--prune").stderr
    assert [one.symbol for one in read_baseline("mldebt-baseline.json")] == ["rate"]
    assert said(run("scan")) == ["width"]
    run("baseline", "update")
    assert run("scan").stdout == ""


def test_an_update_keeps_what_it_cannot_judge(project: Path) -> None:
    """Findings of checks that did not run stay in the file."""
    run("baseline", "update")
    (project / "mldebt.toml").write_text('baseline = "mldebt-baseline.json"\nignore = ["unused-cli-flag"]\n')
    assert "2 findings (0 added, 0 gone)" in run("baseline", "update").stderr


def test_paths_narrow_what_is_said_of_a_baseline(project: Path) -> None:
    (project / "other.py").write_text("x = 1\n")
    run("baseline", "update")
    (project / "train.py").write_text(options())
    assert "Gone" in run("scan", "--baseline", "mldebt-baseline.json").stderr
    assert "Gone" not in run("scan", "other.py", "--baseline", "mldebt-baseline.json").stderr


def test_a_missing_baseline_is_an_error_that_names_the_way(project: Path) -> None:
    result = run("scan", "--baseline", "none.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "none.json: No such file or directory; mldebt baseline update writes it" in result.stderr
    (project / "mldebt.toml").write_text('baseline = "none.json"\n')
    assert run("scan").exit_code == 2
    assert run("baseline", "update").exit_code == 0
    assert run("scan").exit_code == 0


def test_a_comparison_reports_what_the_working_tree_adds(project: Path) -> None:
    (project / "train.py").write_text(options("width", "depth"))
    result = run("scan", "--diff", "HEAD")
    assert (said(result), result.exit_code) == (["width"], 1)
    assert "Fixed: 1 finding of HEAD" in result.stderr
    git(project, "checkout", "-q", "-b", "topic")
    commit(project)
    (project / "new.py").write_text(options("wings"))
    assert said(run("scan", "--diff", "main")) == ["wings", "width"]
    assert said(run("scan", "new.py", "--diff", "main")) == ["wings"]


def test_a_comparison_is_made_with_the_common_ancestor(project: Path) -> None:
    """What main has mended or broken since is no matter of this branch."""
    git(project, "checkout", "-q", "-b", "topic")
    git(project, "checkout", "-q", "main")
    (project / "train.py").write_text(options())
    commit(project)
    git(project, "checkout", "-q", "topic")
    assert run("scan", "--diff", "main").stdout == ""


def test_a_finding_that_comes_from_two_files_is_new_where_either_changes(project: Path) -> None:
    """The other side is analysed whole: deleting the only reader makes an option unused in a file that nobody touched."""
    (project / "options.py").write_text(options("height").replace("print(args.used)\n", ""))
    (project / "reader.py").write_text("from options import args\n\nprint(args.used, args.height)\n")
    commit(project)
    assert run("scan", "--diff", "HEAD").stdout == ""
    (project / "reader.py").write_text("from options import args\n\nprint(args.used)\n")
    result = run("scan", "--diff", "HEAD")
    assert (said(result), result.stdout.split(":")[0]) == (["height"], "options.py")


def test_links_submodules_and_hostile_names_of_a_commit_are_read_from_its_objects(project: Path) -> None:
    (project / "conf").mkdir()
    (project / "conf" / "a.yaml").write_text("rate: 1\n")
    (project / "link.yaml").symlink_to("conf/a.yaml")
    (project / "loop.yaml").symlink_to("loop.yaml")
    (project / "out.py").symlink_to("/etc/passwd")
    (project / "a b\n<i>.py").write_text(options("odd"))
    (project / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\nname = '\xe9'\n")
    commit(project)
    before = run("scan", "--no-cache")
    assert run("scan", "--diff", "HEAD", "--no-cache").stdout == ""
    for path in sorted(project.iterdir()):
        if path.name != ".git" and not path.is_dir():
            path.unlink()
    (project / "other.py").write_text("x = 1\n")
    gone = run("scan", "--diff", "HEAD", "--no-cache")
    assert f"Fixed: {len(before.stdout.splitlines())} findings of HEAD" in gone.stderr


def test_a_suppression_that_is_taken_out_makes_its_finding_new(project: Path) -> None:
    held = options("held").replace('"--held")\n', '"--held")  # mldebt: ignore[unused-cli-flag]\n')
    (project / "train.py").write_text(held)
    commit(project)
    (project / "train.py").write_text(options("held"))
    assert said(run("scan", "--diff", "HEAD")) == ["held"]


def test_a_root_below_the_top_level_is_compared_with_itself(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "sub").mkdir()
    (project / "sub" / "mldebt.toml").write_text("")
    (project / "sub" / "fit.py").write_text(options("rate"))
    commit(project)
    monkeypatch.chdir(project / "sub")
    assert run("scan", "--diff", "HEAD").stdout == ""
    (project / "sub" / "fit.py").write_text(options("rate", "wings"))
    assert said(run("scan", "--diff", "HEAD")) == ["wings"]


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD^{tree}", ""])
def test_a_revision_that_git_does_not_know_is_an_error(project: Path, revision: str) -> None:
    result = run("scan", f"--diff={revision}")
    if revision:
        assert (result.exit_code, result.stdout) == (2, "")
        assert "git knows no revision" in result.stderr
    assert not (project / "x").exists()


def test_without_git_and_without_history_the_error_says_why(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    plain = tmp_path_factory.mktemp("plain")
    (plain / "a.py").write_text("x = 1\n")
    assert "no git repository" in run("scan", "--root", str(plain), str(plain), "--diff", "HEAD").stderr
    (project / "train.py").write_text(options())
    commit(project)
    shallow = tmp_path_factory.mktemp("shallow") / "clone"
    git(project, "clone", "-q", "--depth", "1", project.as_uri(), str(shallow))
    result = run("scan", str(shallow), "--root", str(shallow), "--diff", "HEAD~1")
    assert (result.exit_code, "fetch-depth: 0" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("limit", "code"), [("major", 0), ("minor", 1), ("5min", 0), ("4min", 1), ("1h", 0), ("0 min", 1), ("info", 2), ("5", 2), ("soon", 2)]
)
def test_the_gate_on_new_debt(project: Path, limit: str, code: int) -> None:
    """One new unused option is a minor finding of five minutes."""
    (project / "train.py").write_text(options("rate", "depth", "wings"))
    assert run("scan", "--diff", "HEAD", "--fail-on-new", limit).exit_code == code


def test_the_gate_needs_something_to_compare_with(project: Path) -> None:
    result = run("scan", "--fail-on-new", "major")
    assert (result.exit_code, "--baseline FILE or --diff REV" in result.stderr) == (2, True)
    (project / "mldebt.toml").write_text('fail-on-new = "1h"\n')
    assert run("scan").exit_code == 1
    assert run("scan", "--diff", "HEAD").exit_code == 0


def test_the_other_side_comes_from_the_store_the_second_time(project: Path) -> None:
    (project / "train.py").write_text(options("rate", "wings"))
    first = run("scan", "--diff", "HEAD", "--timing")
    again = run("scan", "--diff", "HEAD", "--timing")
    assert first.stdout == again.stdout
    assert ("recalled" in first.stderr, "all of it recalled from the cache" in again.stderr) == (False, True)


def test_sarif_in_full_tells_new_from_known(project: Path) -> None:
    (project / "train.py").write_text(options("rate", "depth", "wings"))
    result = run("scan", "--diff", "HEAD", "--format", "sarif", "--sarif-full")
    states = [one["baselineState"] for one in json.loads(result.stdout)["runs"][0]["results"]]
    assert sorted(states) == ["new", "unchanged", "unchanged"]


def test_groups_and_statistics(project: Path) -> None:
    (project / "CODEOWNERS").write_text("*.py @ml\nfit.py @ops @data\n")
    (project / "fit.py").write_text(options("wings"))
    lines = run("scan", "--group-by", "owner").stdout.splitlines()
    assert [line for line in lines if line.startswith("@")] == ["@ml: 2 findings, 10 min", "@ops @data: 1 finding, 5 min"]
    assert run("scan", "--statistics").stdout == "3  MLD510  unused-cli-flag  15 min\n"
    assert run("scan", "--statistics", "--format", "json").exit_code == 2
    found = json.loads(run("scan", "--format", "json").stdout)["findings"]
    assert [one["owners"] for one in found] == [["@ops", "@data"], ["@ml"], ["@ml"]]


def test_known_orders_by_place() -> None:
    assert Known("a", "MLD2", "s", "m", "f") < Known("b", "MLD1", "s", "m", "f")


def test_paths_of_two_projects_are_scanned_with_their_own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, settings in (("one", ""), ("two", 'ignore = ["unused-cli-flag"]\n'), ("three", 'fail-on = "blocker"\n')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mldebt.toml").write_text(settings)
        (tmp_path / name / "train.py").write_text(options(name))
    monkeypatch.chdir(tmp_path)
    both = run("scan", "three/train.py", "two", "one/train.py")
    assert (both.stdout.count("\n"), said(both), both.exit_code) == (2, ["three", "one"], 1)
    assert [line.split(":")[0] for line in both.stdout.splitlines()] == ["three/train.py", "one/train.py"]
    assert run("scan", "two", "three").exit_code == 0
    refused = run("scan", "one", "two", "--format", "sarif")
    assert (refused.exit_code, "2 projects (one, two" in refused.stderr) == (2, True)
    whole = run("scan", "--root", ".")
    assert "one/mldebt.toml and 2 more: settings of a project of its own" in whole.stderr
