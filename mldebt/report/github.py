"""Workflow commands of GitHub Actions, which become annotations of the lines of a pull request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from mldebt.core import Finding
from mldebt.report.contents import Contents
from mldebt.report.placement import host_line, host_path, in_cell, level, worst_first
from mldebt.report.wording import counted, place, visible

SHOWN_OF_A_KIND = 10  # of each command in one step; the runner only logs the rest
MESSAGE_LIMIT = 4_096  # characters that the runner keeps
_STEPS_SHOWN = 10
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(contents: Contents) -> str:
    """One command for each finding, the worst first. Where the runner will not show all, a notice before the other notices says so."""
    by_command = Counter(_command(finding) for finding in contents.findings)
    summary = _summary(by_command)
    commands = [(_command(finding), _annotation(finding, contents)) for finding in worst_first(contents.findings)]
    loud = [text for command, text in commands if command != "notice"]
    return "".join(f"{line}\n" for line in (*loud, *summary, *(text for command, text in commands if command == "notice")))


def _command(finding: Finding) -> str:
    return _COMMANDS[level(finding)]


def _summary(by_command: Counter[str]) -> Iterator[str]:
    if any(number > SHOWN_OF_A_KIND for number in by_command.values()):
        kinds = ", ".join(counted(by_command[command], command) for command in ("error", "warning", "notice") if by_command[command])
        text = f"{counted(by_command.total(), 'finding')}: {kinds}. GitHub annotates the first {SHOWN_OF_A_KIND} of a kind in a step; the log has all."
        yield f"::notice title=mldebt::{_data(text)}"


def _annotation(finding: Finding, contents: Contents) -> str:
    properties = {
        "title": f"{finding.rule.name} ({finding.rule.code})",
        "file": visible(host_path(finding.at.path, contents.git_prefix)),
        **_region(finding, contents),
    }
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_command(finding)} {given}::{_data(_message(finding, contents))}"


def _region(finding: Finding, contents: Contents) -> dict[str, str]:
    """One line, and its columns; those of a cell are not those of the file."""
    at = finding.at
    line = str(host_line(at, contents.excerpts))
    region = {"line": line, "endLine": line}
    if at.cell is None:
        region["col"] = str(at.column)
        if at.end_line <= at.line and at.end_column > at.column:
            region["endColumn"] = str(at.end_column)
    return region


def _message(finding: Finding, contents: Contents) -> str:
    lines = [visible(finding.message) + in_cell(finding.at)]
    if finding.advice:
        lines.append(visible(finding.advice))
    for number, step in enumerate(finding.evidence[:_STEPS_SHOWN], 1):
        lines.append(f"{number}. {place(step.at, host_path(step.at.path, contents.git_prefix))}: {visible(step.message)}")
    return _clipped(lines)


def _clipped(lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    return text if len(text) <= MESSAGE_LIMIT else f"{text[: MESSAGE_LIMIT - 1]}…"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
