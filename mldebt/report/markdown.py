"""A summary for people in a pull request or a job summary: what was found, the worst first, with the evidence folded away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from mldebt.core import CONFIDENCES, SEVERITIES, Finding, Location
from mldebt.report.contents import Contents, Suppressed
from mldebt.report.inert import code, inert
from mldebt.report.placement import host_path, worst_first
from mldebt.report.wording import counted, duration, percentage, place, shares

LIMIT = 65_000  # bytes: the comment of a pull request holds 65,536 characters, a job summary 1 MiB
_NOTES_ROOM = 500  # for what is said of the cut
_ROWS_SHARE = 0.65  # of the room for findings, the rest is for evidence
_STEPS_SHOWN = 20
_TEXT_LIMIT, _PLACE_LIMIT = 600, 240


def render(contents: Contents) -> str:
    """Verdict, counts, table, evidence, coverage. What does not fit is cut from the ends of table and evidence, and that is said."""
    findings = worst_first(contents.findings)
    head = [_verdict(contents), "", *_counts(findings)]
    foot = [*_closing(contents, findings)]
    room = LIMIT - _size(head) - _size(foot) - _NOTES_ROOM
    rows = _fitting((_row(number, finding, contents) for number, finding in enumerate(findings, 1)), int(room * _ROWS_SHARE))
    details = _fitting((_folded(number, finding, contents) for number, finding in enumerate(findings[: len(rows)], 1)), room - _size(rows))
    lines = [*head, *_table(rows), *_cut(len(rows), len(details), len(findings)), *details, *foot]
    return "".join(f"{line}\n" for line in lines)


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode("utf-8", "backslashreplace")) + 1 for line in lines)


def _fitting(texts: Iterable[str], room: int) -> list[str]:
    """The first texts, as many as there is room for."""
    fitting = []
    for text in texts:
        room -= _size([text])
        if room < 0:
            break
        fitting.append(text)
    return fitting


def _verdict(contents: Contents) -> str:
    where = f" in {code(contents.git_prefix.strip('/'))}" if contents.git_prefix.strip("/") else ""
    found = counted(len(contents.findings), "finding") if contents.findings else "no findings"
    price = f", {duration(contents.principal_minutes)} to repay" if contents.principal_minutes else ""
    return f"## mldebt{where}: {found}{price}"


def _counts(findings: Sequence[Finding]) -> Iterator[str]:
    """How many of each severity, and how sure."""
    if not findings:
        return
    numbers = Counter((finding.severity, finding.confidence) for finding in findings)
    yield f"| severity | findings | {' | '.join(CONFIDENCES)} |"
    yield f"|---|--:|{'--:|' * len(CONFIDENCES)}"
    for severity in SEVERITIES:
        of_it = [numbers[severity, confidence] for confidence in CONFIDENCES]
        if sum(of_it):
            yield f"| {severity} | {sum(of_it):,} | {' | '.join(f'{number:,}' if number else '' for number in of_it)} |"
    yield ""


def _table(rows: Sequence[str]) -> Iterator[str]:
    if rows:
        yield "| no. | severity | where | check | finding |"
        yield "|--:|---|---|---|---|"
        yield from rows
        yield ""


def _row(number: int, finding: Finding, contents: Contents) -> str:
    cells = (str(number), finding.severity, _place(finding.at, contents), inert(finding.rule.name), inert(_clipped(finding.message)))
    return f"| {' | '.join(cells)} |"


def _place(at: Location, contents: Contents) -> str:
    """The end of it where it is too long: there are the file's name and the line."""
    text = place(at, host_path(at.path, contents.git_prefix))
    return code(text if len(text) <= _PLACE_LIMIT else f"…{text[1 - _PLACE_LIMIT :]}")


def _clipped(text: str) -> str:
    return text if len(text) <= _TEXT_LIMIT else f"{text[: _TEXT_LIMIT - 1]}…"


def _cut(rows: int, details: int, findings: int) -> Iterator[str]:
    if rows < findings:
        yield f"The table holds the worst {rows:,} of {findings:,} findings; other formats have them all."
        yield ""
    if details < rows:
        yield f"The evidence of the first {details:,} follows."
        yield ""


def _folded(number: int, finding: Finding, contents: Contents) -> str:
    """The blank lines make Markdown of the text inside."""
    steps = finding.evidence[:_STEPS_SHOWN]
    left_out = len(finding.evidence) - len(steps)
    summary = f"{number}. {escape(finding.rule.name)} ({escape(finding.rule.code)}), evidence and advice"
    paragraphs = (
        f"<details>\n<summary>{summary}</summary>",
        f"{_place(finding.at, contents)}: {inert(_clipped(finding.message))}",
        "\n".join(f"{n}. {_place(step.at, contents)}: {inert(_clipped(step.message))}" for n, step in enumerate(steps, 1)),
        f"And {counted(left_out, 'step')} more." if left_out else "",
        f"Advice: {inert(_clipped(finding.advice))}" if finding.advice else "",
        f"{finding.severity}, {finding.confidence}, {duration(finding.effort_minutes)}",
        "</details>\n",
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _why(held: Suppressed) -> str:
    if held.kind == "inSource":
        return "suppressed"
    return inert(held.reason) if held.reason.startswith("in ") else "in the baseline"


def _closing(contents: Contents, findings: Sequence[Finding]) -> Iterator[str]:
    """What was held back, how much could be followed, and how to keep a finding."""
    coverage = contents.coverage
    if contents.suppressed:
        held = Counter(_why(one) for one in contents.suppressed)
        yield f"Held back: {', '.join(f'{number:,} {why}' for why, number in sorted(held.items()))}."
        yield ""
    analysed = f"{coverage.files - coverage.unreadable:,} of " if coverage.unreadable else ""
    followed = ", ".join(f"{percentage(part, whole)} of {whole:,} {what}" for what, part, whole in shares(coverage))
    yield f"Analysed {analysed}{counted(coverage.files, 'file')}" + (f"; followed {followed}." if followed else ".")
    if findings:
        name = findings[0].rule.name
        explain, ignore = code(f"mldebt explain {name}"), code(f'# mldebt: ignore[{name}] reason="…"')
        yield ""
        yield f"Why it is debt: {explain}. To keep a finding: {ignore} on its line."
