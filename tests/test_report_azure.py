"""Logging commands as the agent of Azure Pipelines reads them."""

from __future__ import annotations

from report_sample import HOSTILE_NAMES, empty_contents, hostile_contents, sample_contents

from mldebt.report import azure
from mldebt.report.contents import Contents
from mldebt.report.wording import visible

MAPPINGS = ((";", "%3B"), ("\r", "%0D"), ("\n", "%0A"), ("]", "%5D"), ("%", "%AZP25"))


def unescaped(text: str) -> str:
    for token, replacement in MAPPINGS:
        text = text.replace(replacement, token)
    return text


def parsed(line: str) -> tuple[dict[str, str], str]:
    """As `Command.TryParse` of the agent does: the first bracket after the prefix ends the properties."""
    prefix = "##vso["
    start = line.index(prefix)
    assert start == 0
    end = line.index("]", start)
    name, _, given = line[start + len(prefix) : end].partition(" ")
    assert name == "task.logissue"
    pairs = [pair.split("=", 1) for pair in given.split(";") if pair]
    return {key: unescaped(value) for key, value in pairs}, unescaped(line[end + 1 :])


def issues(contents: Contents) -> list[tuple[dict[str, str], str]]:
    return [parsed(line) for line in azure.render(contents).splitlines()]


def test_a_finding_is_an_issue_at_its_place() -> None:
    properties, message = issues(sample_contents())[3]
    assert properties == {
        "type": "warning",
        "sourcepath": "services/churn/src/features.py",
        "linenumber": "17",
        "columnnumber": "65",
        "code": "MLD203",
    }
    assert message == (
        "Feature 'mood' is computed in build(), but no model, decision or file uses it. "
        "Delete it and the map of emoji that only serves it. [unused-feature]"
    )


def test_the_worst_come_first_and_all_but_errors_are_warnings() -> None:
    assert [properties["type"] for properties, _ in issues(sample_contents())] == ["error"] * 3 + ["warning"] * 6


def test_notebooks_get_the_line_of_the_file() -> None:
    ((properties, message),) = (
        (properties, message) for properties, message in issues(sample_contents()) if properties["code"] == "MLD426"
    )
    assert (properties["linenumber"], properties["columnnumber"]) == ("42", "1")
    assert "(cell 3, line 2)" in message


def test_names_of_a_repository_stay_data() -> None:
    found = issues(hostile_contents())
    assert {properties["sourcepath"] for properties, _ in found} == {visible(f"services/@team|x/{name}/a.py") for name in HOSTILE_NAMES}
    assert {message for _, message in found} == {
        visible(f"Feature '{name}' is {name}. Delete {name} [unused-feature]") for name in HOSTILE_NAMES
    }
    assert all(set(properties) == {"type", "sourcepath", "linenumber", "columnnumber", "code"} for properties, _ in found)


def test_nothing_found_is_nothing_said() -> None:
    assert azure.render(empty_contents()) == ""
