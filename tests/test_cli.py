"""The command line: what goes where, and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from word_analysis import analyze_words

import mldebt
from mldebt.cli import main
from mldebt.cli.scan import FORMATS
from mldebt.cli.style import wants_colour, write_file
from mldebt.core import SEVERITIES, MldebtError
from mldebt.report.formats import FORMATS as RENDERERS


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with two findings, analysed by counting words."""
    monkeypatch.setattr("mldebt.analysis.analyze", analyze_words)
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "project"
    (root / "sub").mkdir(parents=True)
    (root / "mldebt.toml").write_text("")
    (root / "a.py").write_text("x = 1  # DEBT\n")
    (root / "sub" / "b.py").write_text("# fine\ny = 1  # DEBT!\n")
    monkeypatch.chdir(root)
    yield root


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def shown(result: Result) -> list[str]:
    return [line.split(": ")[0] for line in result.stdout.splitlines()]


def test_text_goes_to_stdout_and_the_rest_to_stderr(project: Path) -> None:
    result = run("scan")
    assert result.stdout == "a.py:1:10: MLD998 The word DEBT. [word-of-debt]\nsub/b.py:2:10: MLD998 The word DEBT!. [word-of-debt]\n"
    assert "one note\n" in result.stderr
    assert "2 findings" in result.stderr
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 1),
        (("--exit-zero",), 0),
        (("--fail-on", "blocker"), 0),
        (("--fail-on", "critical"), 1),
        (("--fail-on", "major", "a.py"), 0),
        (("--fail-on", "minor", "a.py"), 1),
        (("--fail-on", "info"), 2),
        (("--no-such-option",), 2),
        (("nowhere",), 2),
        (("--select", "no-such-check"), 2),
        (("--config", "nowhere.toml"), 2),
        (("--root", "nowhere"), 2),
        (("--output", "report.xyz"), 2),
        (("--output", "nowhere/report.json"), 2),
        (("--jobs", "-1"), 2),
        (("--root", "sub", "a.py"), 2),
        (("--root", "sub"), 1),
    ],
)
def test_exit_codes(project: Path, arguments: tuple[str, ...], code: int) -> None:
    result = run("scan", *arguments)
    assert result.exit_code == code
    assert (result.stdout == "") == (code == 2)
    assert "Traceback" not in result.stderr


def test_notes_never_fail(project: Path) -> None:
    (project / "a.py").write_text("# DEBT?\n")
    (project / "sub" / "b.py").unlink()
    result = run("scan")
    assert (result.exit_code, len(shown(result))) == (0, 1)


def test_fail_on_of_the_settings(project: Path) -> None:
    (project / "mldebt.toml").write_text('fail-on = "blocker"\n')
    assert run("scan").exit_code == 0
    assert run("scan", "--fail-on", "minor").exit_code == 1


def test_wrong_settings_are_one_line(project: Path) -> None:
    (project / "mldebt.toml").write_text("exlude = []\n")
    result = run("scan")
    assert result.stderr == "mldebt: error: mldebt.toml:1: unknown key 'exlude'; did you mean 'exclude'?\n"


def test_nothing_to_scan(project: Path) -> None:
    (project / "a.py").unlink()
    (project / "sub" / "b.py").unlink()
    result = run("scan")
    assert result.exit_code == 2
    assert "nothing to scan" in result.stderr


def test_a_bug_keeps_its_traceback_and_is_no_finding(project: Path) -> None:
    (project / "a.py").write_bytes(b"\xff")
    result = run("scan")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "UnicodeDecodeError" in result.stderr


def test_paths_choose_what_is_reported(project: Path) -> None:
    assert shown(run("scan", "sub")) == ["sub/b.py:2:10"]
    assert shown(run("scan", "a.py", "sub/b.py")) == ["a.py:1:10", "sub/b.py:2:10"]
    assert shown(run("scan", "sub", ".")) == ["a.py:1:10", "sub/b.py:2:10"]


def test_text_is_relative_to_the_working_directory(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "sub")
    assert shown(run("scan")) == ["b.py:2:10"]
    assert shown(run("scan", "..")) == ["../a.py:1:10", "b.py:2:10"]
    monkeypatch.chdir(project.parent)
    assert shown(run("scan", "project")) == ["project/a.py:1:10", "project/sub/b.py:2:10"]
    (project.parent / "elsewhere").mkdir()
    monkeypatch.chdir(project.parent / "elsewhere")
    assert shown(run("scan", "../project/a.py")) == ["../project/a.py:1:10"]


def test_json_is_relative_to_the_root(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = run("scan", "--format", "json").stdout
    monkeypatch.chdir(project.parent)
    assert run("scan", "project", "--format", "json").stdout == here
    assert [finding["path"] for finding in json.loads(here)["findings"]] == ["a.py", "sub/b.py"]


def test_a_link_to_the_root_is_the_root(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.parent / "link").symlink_to(project)
    monkeypatch.chdir(project.parent)
    assert shown(run("scan", "link/sub")) == ["link/sub/b.py:2:10"]
    assert shown(run("scan", "--root", "link", "project/sub")) == ["link/sub/b.py:2:10"]


def test_one_scan_writes_all_outputs(project: Path) -> None:
    result = run("scan", "--output", "report.json", "-o", "sarif=out.txt", "--output", "b.sarif", "--format", "json")
    assert (project / "report.json").read_text() == result.stdout
    assert json.loads((project / "out.txt").read_text())["version"] == "2.1.0"
    assert (project / "out.txt").read_bytes() == (project / "b.sarif").read_bytes()
    assert b"\r" not in (project / "b.sarif").read_bytes()
    assert sorted(path.name for path in project.iterdir()) == ["a.py", "b.sarif", "mldebt.toml", "out.txt", "report.json", "sub"]


def test_text_in_a_file_has_no_colour(project: Path) -> None:
    run("scan", "-o", "report.txt", "--color", "always", "--quiet")
    assert (project / "report.txt").read_text().startswith("a.py:1:10: MLD998 ")


def test_quiet_leaves_stdout_and_stderr_empty(project: Path) -> None:
    result = run("scan", "--quiet", "--output", "report.json")
    assert (result.stdout, result.stderr, result.exit_code) == ("", "", 1)
    assert (project / "report.json").exists()


def test_full_says_more(project: Path) -> None:
    assert "Pay." in run("scan", "--full").stdout
    assert "Pay." not in run("scan").stdout


def test_explanation(project: Path) -> None:
    assert run("scan", "--explain", "lr").stdout.endswith("lr is a word\n")
    result = run("scan", "--explain", "lr", "--format", "json")
    assert json.loads(result.stdout)["findings"]
    assert "lr is a word\n" in result.stderr


def test_warnings_cannot_steer_the_terminal(project: Path) -> None:
    assert "mldebt: warning: one \\x1b[31mwarning\n" in run("scan").stderr


def test_errors_cannot_forge_lines(project: Path) -> None:
    (project / "mldebt.toml").write_text('"a\\nmldebt: error: \\u001b[31mforged" = 1\n')
    result = run("scan")
    assert result.stderr.count("\n") == 1
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize(
    ("choice", "environment", "colour"),
    [
        ("auto", {}, False),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True),
        ("auto", {"CLICOLOR_FORCE": "1"}, True),
        ("auto", {"NO_COLOR": "1"}, False),
        ("auto", {"FORCE_COLOR": ""}, False),
    ],
)
def test_colour(project: Path, choice: str, environment: dict[str, str], colour: bool) -> None:
    result = CliRunner(env=environment).invoke(main, ["scan", "--color", choice])
    assert ("\x1b[" in result.stdout) == colour


def test_colour_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert wants_colour("auto")
    monkeypatch.setenv("INSIDE_EMACS", "28.2,compile")
    assert not wants_colour("auto")
    monkeypatch.delenv("INSIDE_EMACS")
    monkeypatch.setenv("TERM", "dumb")
    assert not wants_colour("auto")


def test_environment_variables_set_options(project: Path) -> None:
    result = CliRunner(env={"MLDEBT_SCAN_FORMAT": "json"}).invoke(main, ["scan"])
    assert json.loads(result.stdout)["schema_version"] == 1


def test_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("old")
    target.chmod(0o640)
    write_file(str(target), "new \udcff\n")
    assert target.read_bytes() == b"new \\udcff\n"
    assert target.stat().st_mode & 0o777 == 0o640
    (tmp_path / "link.json").symlink_to(target)
    write_file(str(tmp_path / "link.json"), "newer\n")
    assert (target.read_text(), (tmp_path / "link.json").is_symlink()) == ("newer\n", True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "report.json"]


def test_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(MldebtError, match="No such file or directory"):
        write_file(str(tmp_path / "no" / "report.json"), "x")


def test_device_is_written_to_and_not_replaced() -> None:
    write_file(os.devnull, "x")
    assert not Path(os.devnull).is_file()


PROGRAM = [sys.executable, "-c", "from mldebt.cli import main; main()"]
SCAN_WORDS = "import mldebt.analysis, word_analysis as w; mldebt.analysis.analyze = w.analyze_words; from mldebt.cli import main; main()"
TESTS = str(Path(__file__).parent)


def test_a_reader_that_leaves_changes_neither_the_exit_code_nor_the_files(project: Path) -> None:
    (project / "a.py").write_text("x = 1  # DEBT\n" * 20_000)
    command = [sys.executable, "-c", SCAN_WORDS, "scan", "--output", "report.json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": TESTS})
    assert process.stdout and process.stderr
    process.stdout.read(10)
    process.stdout.close()
    complaints = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait() == 1
    assert "Traceback" not in complaints and "BrokenPipe" not in complaints
    assert len(json.loads((project / "report.json").read_text())["findings"]) == 20_001


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_a_full_disk_is_an_error(project: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [sys.executable, "-c", SCAN_WORDS, "scan"],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": TESTS},
            check=False,
        )
    assert result.returncode == 2
    assert b"standard output: No space left on device" in result.stderr


def test_a_terminal_that_knows_few_characters(project: Path) -> None:
    (project / "a.py").write_text("# DEBTü\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": TESTS, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    result = subprocess.run([sys.executable, "-c", SCAN_WORDS, "scan", "a.py"], capture_output=True, env=environment, check=False)
    assert result.stdout == b"a.py:1:3: MLD998 The word DEBT\\xfc. [word-of-debt]\n"


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["scan", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = f"import sys\nfrom mldebt.cli import main\ntry:\n    main({arguments})\nexcept SystemExit:\n    print(*sys.modules, file=sys.stderr)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout
    heavy = {"libcst", "networkx", "yaml", "jinja2", "rich", "msgspec", "pathspec", "radon", "sqlglot", "mldebt.graph", "mldebt.analysis"}
    assert not heavy & set(result.stderr.split())


def test_version() -> None:
    assert run("--version").stdout == f"mldebt {mldebt.__version__}\n"


def test_help_lists_the_commands() -> None:
    result = run("-h")
    assert result.exit_code == 0
    assert all(command in result.stdout for command in ("scan", "explain", "checks"))


def test_unknown_command() -> None:
    assert run("scna").exit_code == 2


def test_formats_are_those_of_the_reports() -> None:
    assert set(FORMATS) == set(RENDERERS)


@pytest.mark.parametrize("name", ["MLD002", "mld002", "unused-suppression", "unused_suppression"])
def test_explain_prints_the_page(name: str) -> None:
    result = run("explain", name)
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "MLD002 unused-suppression\nanalysis · profile default · minor · certain · 2 min\n\nA suppression holds nothing back"
    )
    assert "## What to do" in result.stdout


def test_explain_of_no_check() -> None:
    result = run("explain", "unused-supression")
    assert (result.exit_code, result.stderr) == (2, "mldebt: error: no check 'unused-supression'; did you mean 'unused-suppression'?\n")


def test_checks_lists_all() -> None:
    header, *lines = run("checks").stdout.splitlines()
    assert header.split("  ")[0] == "code"
    assert header.split() == ["code", "name", "family", "severity", "profile", "kind", "what", "it", "finds"]
    assert lines == sorted(lines)
    assert lines[0].split()[:6] == ["MLD001", "unreadable-file", "analysis", "info", "default", "finding"]
    assert len({line.index(line.split("  ")[-1].strip()) for line in lines} | {header.index("what it finds")}) == 1


def test_checks_as_json() -> None:
    listed = json.loads(run("checks", "--format", "json").stdout)
    one = next(entry for entry in listed if entry["code"] == "MLD002")
    assert one["severity"] in SEVERITIES
    assert one["effort"] == {"offset_minutes": 2, "each_minutes": 0, "per": ""}
    assert [entry["code"] for entry in listed] == sorted(entry["code"] for entry in listed)


@pytest.mark.parametrize(
    ("settings", "arguments", "complaint"),
    [
        ('exclude = ["sub/"]', ["sub"], "nothing to scan under 'sub': excluded by the settings in mldebt.toml"),
        ('exclude = ["sub/"]', ["a.py", "sub/b.py"], "nothing to scan under 'sub/b.py': excluded by the settings in mldebt.toml"),
        ('exclude = ["sub/"]', ["sub", "--exclude", "old/"], "nothing to scan under 'sub': excluded by the settings in mldebt.toml"),
        ('exclude = ["old/"]', ["sub", "--exclude", "sub/"], "nothing to scan under 'sub': excluded by --exclude"),
        ('exclude = ["sub/"]', ["empty"], "nothing to scan under 'empty': no Python file, notebook or config there"),
        ("", ["vendor/x"], "nothing to scan under 'vendor/x': third-party code"),
        ("", ["build/b.py"], "nothing to scan under 'build/b.py': git ignores it, or it is build output, a cache or an environment"),
        ("", ["notes.txt"], "nothing to scan under 'notes.txt': no Python file, notebook or config there"),
    ],
)
def test_a_path_with_nothing_to_scan(project: Path, settings: str, arguments: list[str], complaint: str) -> None:
    (project / "empty").mkdir()
    for folder in ("build", "vendor/x"):
        (project / folder).mkdir(parents=True)
        (project / folder / "b.py").write_text("DEBT\n")
    (project / "notes.txt").write_text("DEBT\n")
    (project / "mldebt.toml").write_text(f"{settings}\n")
    result = run("scan", *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"mldebt: error: {complaint}\n")


def test_a_bare_scan_where_nothing_is_analysed_is_not_clean(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "vendor").mkdir()
    (project / "vendor" / "b.py").write_text("DEBT\n")
    monkeypatch.chdir(project / "vendor")
    result = run("scan")
    complaint = f"mldebt: error: nothing to scan under '.', which is 'vendor' in {project}: third-party code\n"
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", complaint)


def test_settings_in_pyproject_are_named(project: Path) -> None:
    (project / "mldebt.toml").unlink()
    (project / "pyproject.toml").write_text('[tool.mldebt]\nexclude = ["sub"]\n')
    assert "nothing to scan under 'sub': excluded by the settings in pyproject.toml\n" in run("scan", "sub").stderr


def test_the_summary_names_a_root_that_nobody_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Root:" not in run("scan").stderr + run("scan", "sub").stderr
    monkeypatch.chdir(project / "sub")
    assert run("scan").stderr.endswith(f"\nRoot: {project}\n")
    assert run("scan", "b.py").stderr.endswith(f"\nRoot: {project}\n")
    monkeypatch.chdir(project.parent)
    assert "Root:" not in run("scan", "project").stderr + run("scan", "--root", "project").stderr
    assert run("scan", "project/sub").stderr.endswith(f"\nRoot: {project}\n")


def test_no_check_is_selected(project: Path) -> None:
    result = run("scan", "--select", "unused-feature", "--ignore", "MLD203")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "mldebt: error: no check is selected\n")


def in_shell(command: str, folder: Path, program: str = SCAN_WORDS) -> subprocess.CompletedProcess[str]:
    """A command of bash, where `mldebt` is the program."""
    script = f'mldebt() {{ "$PYTHON" -c "$PROGRAM" "$@"; }}; {command}'
    environment = {**os.environ, "PYTHONPATH": TESTS, "PYTHON": sys.executable, "PROGRAM": program}
    return subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", ["scan", "scan --format json", "checks", "explain MLD002"])
def test_a_closed_stdout_is_an_error(project: Path, arguments: str) -> None:
    result = in_shell(f"mldebt {arguments} >&-", project)
    assert (result.returncode, result.stderr) == (2, "mldebt: error: standard output is closed; --quiet writes nothing to it\n")


def test_what_is_closed_is_not_needed(project: Path) -> None:
    assert (quiet := in_shell("mldebt scan --quiet -o report.json >&-", project)).returncode == 1, quiet.stderr
    assert json.loads((project / "report.json").read_text())["findings"]
    silent = in_shell("mldebt scan 2>&-", project)
    assert (silent.returncode, silent.stdout.count("\n")) == (1, 2)
    assert in_shell("mldebt scan nowhere 2>&-", project).returncode == 2
    assert in_shell("mldebt scan --no-such-option 2>&-", project).returncode == 2


@pytest.mark.parametrize("arguments", ["scan", "scan ..", "scan {project}", "scan --root {project}"])
def test_a_working_directory_that_is_gone(project: Path, arguments: str) -> None:
    (project / "gone").mkdir()
    result = in_shell(f"rmdir ../gone; mldebt {arguments.format(project=project)}", project / "gone")
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith("mldebt: error: the working directory is gone: ")


def test_a_root_that_the_system_refuses(project: Path) -> None:
    assert run("scan", "--root", "x" * 300).stderr == f"mldebt: error: {'x' * 300}: File name too long\n"


def test_interrupted(project: Path) -> None:
    program = SCAN_WORDS.replace(
        "w.analyze_words", "lambda *_: ((s := __import__('signal')).signal(2, s.default_int_handler), s.raise_signal(2))"
    )
    result = in_shell("mldebt scan", project, program)
    assert (result.returncode, result.stdout, result.stderr.strip()) == (130, "", "mldebt: interrupted")


NO_INTERPRETER = "import sys; sys.executable = '/nowhere/python'; from mldebt.cli import main; main()"
DYING_INTERPRETER = "import shutil, sys; sys.executable = shutil.which('false'); from mldebt.cli import main; main()"
DYING_PARSER = """
import mldebt.facts.pool as pool
pool._START = "import os, sys; sys.path[:] = sys.argv.pop().split({sep!r}); import mldebt.facts.worker as w; w.file_facts = lambda *_: os._exit(9); w.main()"
from mldebt.cli import main
main()
"""


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        (NO_INTERPRETER, "no process that reads Python files could be started: No such file or directory"),
        (DYING_INTERPRETER, "no process that reads Python files could be started: the worker did not start"),
        (DYING_PARSER, "the parser died on every file"),
    ],
)
def test_without_readers_there_is_no_report(project: Path, program: str, complaint: str) -> None:
    result = in_shell("mldebt scan --no-cache", project, program)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"mldebt: error: {complaint}\n")


def test_a_report_to_stdout_and_to_another_program(project: Path) -> None:
    piped = in_shell("mldebt scan --quiet -o html=/dev/stdout | cat", project)
    assert piped.stdout.startswith("<!doctype html>") or piped.stdout.startswith("<!DOCTYPE html>")
    assert piped.stderr == ""
    in_shell("mldebt scan --quiet -o json=>(cat > taken.json; touch done); until [ -e done ]; do :; done", project)
    assert json.loads((project / "taken.json").read_text())["findings"]


def test_a_report_to_a_redirected_stdout_adds_to_it(project: Path) -> None:
    in_shell("echo before > all.txt; mldebt scan -o json=/dev/stdout >> all.txt", project)
    lines = (project / "all.txt").read_text().splitlines()
    assert (lines[0], lines[-1].split(": ")[0]) == ("before", "sub/b.py:2:10")
    assert json.loads("\n".join(lines[1:-2]))["findings"]


def test_a_reader_of_dev_stdout_that_leaves(project: Path) -> None:
    (project / "a.py").write_text("x = 1  # DEBT\n" * 20_000)
    result = in_shell("mldebt scan --quiet -o json=/dev/stdout | head -c 1; exit ${PIPESTATUS[0]}", project)
    assert (result.returncode, result.stdout, result.stderr) == (1, "{", "")


@pytest.mark.parametrize(
    ("comment", "wrong"),
    [
        ("ignore", "it names no check; write ignore[unused-feature]"),
        ("ignore-file []", "it names no check; write ignore-file[unused-feature]"),
        ("ignore[unused-feature", "the bracket is not closed; write ignore[unused-feature]"),
        ("ignore unused-feature", "names stand in brackets; write ignore[unused-feature]"),
        ("ignore=MLD203, MLD510", "names stand in brackets; write ignore[MLD203, MLD510]"),
        ("ignore(unused-feature) for now", "names stand in brackets; write ignore[unused-feature]"),
        ("ignore until=2027-01-31", "it names no check; write ignore[unused-feature]"),
        ("ignore[unused-feature] until=soon", "until=soon is no date such as 2027-01-31"),
        ("ignore[unused-feature] reasn=x", "it has no 'reasn'; did you mean 'reason'?"),
    ],
)
def test_a_malformed_suppression_says_what_is_wrong(tmp_path: Path, comment: str, wrong: str) -> None:
    (tmp_path / "mldebt.toml").write_text("")
    (tmp_path / "a.py").write_text(f"x = 1  # mldebt: {comment}\n")
    result = run("scan", str(tmp_path), "--no-cache")
    assert result.exit_code == 1
    assert f"cannot be read: {wrong}{'' if wrong.endswith('?') else '.'} [unused-suppression]" in result.stdout


def test_the_reason_of_an_idle_suppression_stands_in_the_message(tmp_path: Path) -> None:
    (tmp_path / "mldebt.toml").write_text("[checks.unused-suppression]\nrequire-reason = true\n")
    (tmp_path / "a.py").write_text(
        "x = 1  # mldebt: ignore[unused_feature] until=2999-01-31\n"
        'y = 1  # mldebt: ignore[unused-feature] reason="r" until=2020-01-31\n'
        'z = 1  # mldebt: ignore[unused-feature] reason="r"\n'
    )
    messages = [line.split(": MLD002 ")[1] for line in run("scan", str(tmp_path), "--no-cache").stdout.splitlines()]
    assert messages == [
        "The suppression 'unused_feature' gives no reason, which the settings ask for. [unused-suppression]",
        "The suppression 'unused_feature' names no check, code or family: did you mean 'unused-feature'? [unused-suppression]",
        "The suppression 'unused-feature' is past its date: until=2020-01-31. [unused-suppression]",
        "The suppression 'unused-feature' matches nothing. [unused-suppression]",
    ]
