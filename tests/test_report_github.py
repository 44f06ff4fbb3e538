"""Workflow commands as the runner of GitHub Actions reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from report_sample import HOSTILE_NAMES, empty_contents, hostile_contents, large_contents, sample_contents

from mldebt.report import github
from mldebt.report.contents import Contents
from mldebt.report.wording import visible

DATA = (("\r", "%0D"), ("\n", "%0A"), ("%", "%25"))
PROPERTY = (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25"))


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str]
    data: str


def unescaped(text: str, mappings: tuple[tuple[str, str], ...]) -> str:
    for token, replacement in mappings:
        text = text.replace(replacement, token)
    return text


def parsed(line: str) -> Command:
    """As `ActionCommand.TryParseV2` of the runner does: the first `::` after the start ends the properties."""
    line = line.lstrip()
    assert line.startswith("::")
    end = line.index("::", 2)
    name, _, given = line[2:end].partition(" ")
    pairs = [pair.split("=", 1) for pair in given.strip().split(",") if pair]
    return Command(name, {key: unescaped(value, PROPERTY) for key, value in pairs}, unescaped(line[end + 2 :], DATA))


def commands(contents: Contents) -> list[Command]:
    return [parsed(line) for line in github.render(contents).splitlines()]


def test_a_finding_is_an_annotation_of_its_region() -> None:
    by_title = {command.properties["title"]: command for command in commands(sample_contents())}
    unused = by_title["unused-feature (MLD203)"]
    assert unused.name == "warning"
    assert unused.properties == {
        "title": "unused-feature (MLD203)",
        "file": "services/churn/src/features.py",
        "line": "17",
        "endLine": "17",
        "col": "65",
        "endColumn": "86",
    }
    assert unused.data.splitlines() == [
        "Feature 'mood' is computed in build(), but no model, decision or file uses it.",
        "Delete it and the map of emoji that only serves it.",
        "1. services/churn/src/train.py:9:19: the table comes from here",
        "2. services/churn/src/features.py:17:5: 'mood' is computed",
        "3. services/churn/src/train.py:10:18: the model takes other columns",
    ]


def test_the_worst_come_first_and_tentative_ones_are_notices() -> None:
    assert [command.name for command in commands(sample_contents())] == ["error"] * 3 + ["warning"] * 2 + ["notice"] * 4
    codes = [command.properties["title"].partition("(")[2] for command in commands(sample_contents())]
    assert codes[0] == "MLD923)"
    assert "MLD601)" in codes[-3:]


def test_notebooks_get_the_line_of_the_file_and_no_column() -> None:
    (command,) = (command for command in commands(sample_contents()) if "MLD426" in command.properties["title"])
    assert command.properties["file"] == "services/churn/notebooks/explore é.ipynb"
    assert (command.properties["line"], command.properties["endLine"]) == ("42", "42")
    assert "col" not in command.properties
    assert "(cell 3, line 2)" in command.data


def test_of_several_lines_the_first_is_annotated() -> None:
    contents = sample_contents()
    one = contents.findings[5]
    several = replace(contents, findings=(replace(one, at=replace(one.at, end_line=one.at.line + 2)),))
    (command,) = commands(several)
    assert command.properties["endLine"] == command.properties["line"] == str(one.at.line)
    assert command.properties["col"] == str(one.at.column)
    assert "endColumn" not in command.properties


def test_names_of_a_repository_stay_data() -> None:
    found = commands(hostile_contents())
    notices = [command for command in found if command.properties["title"] == "mldebt"]
    assert len(found) == len(HOSTILE_NAMES) + len(notices)
    assert {command.name for command in found} == {"warning", "notice"}
    files = {command.properties["file"] for command in found if command not in notices}
    assert files == {visible(f"services/@team|x/{name}/a.py") for name in HOSTILE_NAMES}
    facts = {command.data.splitlines()[0] for command in found if command not in notices}
    assert facts == {visible(f"Feature '{name}' is {name}.") for name in HOSTILE_NAMES}


def test_more_than_github_shows_is_said_where_it_is_shown() -> None:
    found = commands(large_contents(100))
    notices = [number for number, command in enumerate(found) if command.name == "notice"]
    assert len(found) == 101
    assert found[notices[0]].data.startswith("100 findings: 33 errors, 22 warnings, 45 notices.")
    assert found[notices[0]].properties == {"title": "mldebt"}
    assert notices == list(range(55, 101))


def test_few_findings_need_no_summary_and_none_nothing() -> None:
    assert all(command.properties["title"] != "mldebt" for command in commands(sample_contents()))
    assert github.render(empty_contents()) == ""


def test_long_messages_are_cut_where_the_runner_would() -> None:
    contents = sample_contents()
    long = replace(contents, findings=(replace(contents.findings[0], message="x" * 10_000),))
    (command,) = commands(long)
    assert len(command.data) == github.MESSAGE_LIMIT
    assert command.data.endswith("x…")
