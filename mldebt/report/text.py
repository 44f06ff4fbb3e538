"""Findings for people in a terminal: one clickable line each, or in full."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from mldebt.core import Finding, Location, Measure, Severity
from mldebt.debt.principal import principal
from mldebt.report.contents import Contents, Excerpts
from mldebt.report.wording import by_severity, counted, duration, percentage, place, shares, visible

Paint = Callable[[str, str], str]
GroupBy = Literal["owner", "check"]

_SEVERITY_STYLES: dict[Severity, str] = {"blocker": "1;31", "critical": "31", "major": "33", "minor": "36", "info": "2"}
_BOLD, _DIM, _ADVICE = "1", "2", "32"
_WIDEST_SOURCE = 160
_PLACES_OF_A_MEASURE = 10


def render(
    contents: Contents, *, full: bool = False, colour: bool = False, base: str = "", inside: str = "", group_by: GroupBy | None = None
) -> str:
    """All findings, one line each; `full` adds source, evidence, advice and price.

    `base` is the root as seen from the working directory; where that lies inside the root, `inside` is its path there. Both lexical.
    """
    paint, path_of = _coloured if colour else _plain, _seen(base, inside)
    blocks = []
    for title, findings in _groups(contents, group_by):
        blocks += [paint(f"{title}: {_amount(findings)}", _BOLD)] if title else []
        for finding in findings:
            blocks.append(_headline(finding, path_of, paint))
            if full:
                blocks += [*_details(finding, contents.excerpts, path_of, paint), ""]
        blocks += [""] if title and not full else []
    if full and contents.measures:
        blocks += ["Measures:", *(line for measure in contents.measures for line in _measure(measure, path_of, paint))]
    return "".join(f"{line}\n" for line in blocks)


def findings_text(findings: Iterable[Finding], *, base: str = "", inside: str = "") -> str:
    """One line for each, seen from the working directory as in `render`."""
    return "".join(f"{_headline(finding, _seen(base, inside), _plain)}\n" for finding in findings)


def _seen(base: str, inside: str) -> Callable[[str], str]:
    if inside:
        return lambda path: posixpath.relpath(f"/{path}", f"/{inside}")
    return lambda path: posixpath.normpath(posixpath.join(base, path))


def statistics(contents: Contents) -> str:
    """The number of findings of each check and what they cost, most first."""
    rows = [
        (f"{len(findings):,}", findings[0].rule.code, findings[0].rule.name, duration(principal(findings)[0]))
        for _, findings in _groups(contents, "check")
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = (f"{number:>{widths[0]}}  {code:<{widths[1]}}  {name:<{widths[2]}}  {cost}" for number, code, name, cost in rows)
    return "".join(f"{line}\n" for line in lines)


def _groups(contents: Contents, group_by: GroupBy | None) -> Iterator[tuple[str, list[Finding]]]:
    """(title, findings) of each group, those with the most findings first; a finding with several owners stands once, under all of them."""
    if group_by is None:
        yield "", list(contents.findings)
        return
    groups: dict[str, list[Finding]] = {}
    for finding in contents.findings:
        owners = contents.owners.get(finding.at.path, ())
        title = f"{finding.rule.code} {finding.rule.name}" if group_by == "check" else visible(" ".join(owners)) or "nobody's"
        groups.setdefault(title, []).append(finding)
    yield from sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def _amount(findings: list[Finding]) -> str:
    return f"{counted(len(findings), 'finding')}, {duration(principal(findings)[0])}"


def _measure(measure: Measure, path_of: Callable[[str], str], paint: Paint) -> Iterator[str]:
    """The number, and the first places that it counts."""
    out_of = "" if measure.out_of is None else f" of {measure.out_of:,.12g}"
    yield f"  {visible(measure.name)}: {measure.value:,.12g}{out_of}" + (
        f" {visible(measure.unit)}" if measure.unit not in ("", measure.name) else ""
    )
    for at in measure.places[:_PLACES_OF_A_MEASURE]:
        yield f"    {paint(place(at, path_of(at.path)), _DIM)}"
    if len(measure.places) > _PLACES_OF_A_MEASURE:
        yield paint(f"    and {len(measure.places) - _PLACES_OF_A_MEASURE:,} more", _DIM)


def summary(contents: Contents) -> str:
    """The closing lines: how many, what it costs, and how much the analysis could follow."""
    return "".join(f"{line}\n" for line in _summary_lines(contents))


def _summary_lines(contents: Contents) -> Iterator[str]:
    findings, coverage = contents.findings, contents.coverage
    if findings:
        severities = ", ".join(f"{number:,} {severity}" for severity, number in by_severity(findings))
        tentative = sum(finding.confidence == "tentative" for finding in findings)
        yield f"{counted(len(findings), 'finding')}: {severities}" + (f" ({tentative:,} tentative)" if tentative else "")
    else:
        yield "No findings."
    if contents.suppressed:
        yield f"Held back: {counted(len(contents.suppressed), 'finding')}"
    if contents.principal_minutes:
        yield f"Debt: {duration(contents.principal_minutes)} to repay"
    followed = ", ".join(f"{percentage(part, whole)} of {whole:,} {what}" for what, part, whole in shares(coverage))
    if followed:
        yield f"Followed: {followed}"
    analysed = f"{coverage.files - coverage.unreadable:,} of " if coverage.unreadable else ""
    yield f"Analysed: {analysed}{counted(coverage.files, 'file')}"


def _headline(finding: Finding, path_of: Callable[[str], str], paint: Paint) -> str:
    where = paint(place(finding.at, path_of(finding.at.path)), _BOLD)
    code = paint(finding.rule.code, _SEVERITY_STYLES[finding.severity])
    return f"{where}: {code} {visible(finding.message)} {paint(f'[{finding.rule.name}]', _DIM)}"


def _details(finding: Finding, excerpts: Excerpts, path_of: Callable[[str], str], paint: Paint) -> Iterator[str]:
    yield from _source(finding.at, excerpts, "  ", paint)
    for number, step in enumerate(finding.evidence, 1):
        where = paint(place(step.at, path_of(step.at.path)), _BOLD)
        yield f"  {number}. {where}: {visible(step.message)}"
        yield from _source(step.at, excerpts, "     ", paint)
    if finding.advice:
        yield f"  {paint('Advice:', _ADVICE)} {visible(finding.advice)}"
    yield "  " + paint(f"{finding.severity}, {finding.confidence}, {duration(finding.effort_minutes)}", _DIM)


def _source(at: Location, excerpts: Excerpts, indent: str, paint: Paint) -> Iterator[str]:
    """The source line with a caret line under its region; nothing where the line is not known."""
    lines = excerpts.lines.get((at.path, at.cell), ())
    if not 1 <= at.line <= len(lines) or not lines[at.line - 1].strip():
        return
    line = lines[at.line - 1]
    start = min(max(at.column - 1, 0), len(line))
    end = at.end_column - 1 if at.end_line == at.line and at.end_column else len(line.rstrip()) if at.end_line > at.line else start + 1
    left, right = _window(line, start)
    before, marked, after = line[left:start], line[start : min(end, right)], line[max(start, min(end, right)) : right]
    before = before.lstrip() if not left else before
    margin = f"{indent}{paint(f'{at.line:>5} |', _DIM)} "
    yield f"{margin}{visible(_untabbed(before + marked + after))}"
    caret = "^" * max(_width(visible(_untabbed(marked))), 1)
    yield f"{indent}{paint('      |', _DIM)} {' ' * _width(visible(_untabbed(before)))}{paint(caret, _ADVICE)}"


def _window(line: str, start: int) -> tuple[int, int]:
    """The part of an overlong line that shows the column."""
    if len(line) <= _WIDEST_SOURCE:
        return 0, len(line)
    left = max(start - _WIDEST_SOURCE // 2, 0)
    return left, left + _WIDEST_SOURCE


def _untabbed(text: str) -> str:
    return text.replace("\t", "    ")


def _width(text: str) -> int:
    """Columns of a terminal: East Asian wide characters and emoji take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(c) or c in "\u200c\u200d\ufe0f" else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def _coloured(text: str, style: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m"


def _plain(text: str, style: str) -> str:  # noqa: ARG001 - the signature of Paint
    return text
