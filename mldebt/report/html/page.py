"""What the template shows, computed from the contents: plain values and escaped HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
from markupsafe import Markup

from mldebt.core import SEVERITIES, Confidence, Finding, Measure, Rule, Severity
from mldebt.report.contents import Contents, Excerpts
from mldebt.report.html.code import excerpt
from mldebt.report.html.drawing import GraphView, NodeLink, graph_view
from mldebt.report.html.markdown import to_html
from mldebt.report.placement import rank
from mldebt.report.wording import by_severity, counted, duration, percentage, place, shares

MOST_FINDINGS = 3_000  # 10 MB of page
Links = Sequence[tuple[NodeLink, ...]]

_AROUND_FINDING = 3
_AROUND_STEP = 1
_OPEN_UNTIL = 80  # findings; the groups after them start closed
_BAR = 100.0  # the width of bars, in units of their view box

_VERDICTS: dict[Severity | None, tuple[str, str]] = {
    "blocker": ("Broken", "Results or users are certainly wrong now."),
    "critical": ("At risk", "Results are probably wrong, or cannot be reproduced."),
    "major": ("Fair", "Some findings are major: they slow every change and can hide mistakes."),
    "minor": ("Good", "Only small, local costs."),
    "info": ("Good", "Only remarks."),
    None: ("Clean", "No certain or firm finding."),
}
_NOTHING_ANALYSED = (
    "Nothing could be analysed",
    "No call could be followed and files could not be read: this says nothing about the code.",
)
_COMMENTED = ("py", "yaml", "yml", "toml", "sh", "cfg", "ini", "env", "dvc", "mk", "r", "sql")


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a bar: where it starts and how wide it is."""

    name: str
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Share:
    """How much of something could be followed."""

    what: str
    percent: str
    detail: str
    width: float


@dataclass(frozen=True, slots=True)
class FamilyRow:
    name: str
    counts: tuple[tuple[Severity, int], ...]
    total: int
    debt: str


@dataclass(frozen=True, slots=True)
class StepView:
    place: str
    message: str
    code: Markup


@dataclass(frozen=True, slots=True)
class FindingView:
    finding: Finding
    place: str
    code: Markup
    steps: tuple[StepView, ...]
    effort: str
    suppression: str
    nodes: tuple[NodeLink, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one check."""

    rule: Rule
    severity: Severity
    number: str
    effort: str
    findings: tuple[FindingView, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class RuleView:
    rule: Rule
    page: Markup
    number: int
    effort: str


@dataclass(frozen=True, slots=True)
class MeasureView:
    name: str
    value: str
    width: float | None


@dataclass(frozen=True, slots=True)
class Page:
    contents: Contents
    verdict: str
    explanation: str
    verdict_severity: Severity | None
    number: str
    severities: tuple[tuple[Severity, int], ...]
    severity_bars: tuple[Bar, ...]
    tentative: int
    debt: str
    shares: tuple[Share, ...]
    files: str
    families: tuple[FamilyRow, ...]
    quiet_families: tuple[str, ...]
    groups: tuple[Group, ...]
    cut: str
    measures: tuple[MeasureView, ...]
    rules: tuple[RuleView, ...]
    graph: GraphView


def page_of(contents: Contents) -> Page:
    findings = contents.findings
    sure = [finding for finding in findings if finding.confidence != "tentative"]
    worst = next((severity for severity, _ in by_severity(sure)), None)
    severities = by_severity(findings)
    families = _families(contents)
    nothing = worst not in ("blocker", "critical", "major") and _nothing_analysed(contents)
    verdict, explanation = _NOTHING_ANALYSED if nothing else _VERDICTS[worst]
    graph = graph_view(contents.picture, findings)
    left_out = f", {contents.coverage.unreadable:,} left out" if contents.coverage.unreadable else ""
    return Page(
        contents=contents,
        verdict=verdict,
        explanation=explanation,
        verdict_severity="info" if nothing else worst,
        number=f"{len(findings):,}",
        severities=severities,
        severity_bars=tuple(_bars(severities)),
        tentative=len(findings) - len(sure),
        debt=duration(contents.principal_minutes),
        shares=tuple(
            Share(what, percentage(part, whole), f"{part:,} of {whole:,}", _BAR * part / whole)
            for what, part, whole in shares(contents.coverage)
        ),
        files=f"{counted(contents.coverage.files, 'file')} read{left_out}",
        families=families,
        quiet_families=tuple(sorted({rule.family for rule in contents.rules} - {row.name for row in families})),
        groups=tuple(_groups(*_worst(findings, graph.links), contents.excerpts)),
        cut=_cut(len(findings)),
        measures=tuple(_measure(measure) for measure in contents.measures),
        rules=tuple(_rules(contents)),
        graph=graph,
    )


def _nothing_analysed(contents: Contents) -> bool:
    """No call was followed, there is no other result, and it is for want of readable files."""
    coverage = contents.coverage
    silent = all(finding.rule.family == "analysis" for finding in contents.findings)
    return silent and not coverage.calls_resolved and (coverage.unreadable > 0 or not coverage.files)


def _bars(severities: Sequence[tuple[Severity, int]]) -> Iterator[Bar]:
    total, start = sum(number for _, number in severities), 0.0
    for severity, number in severities:
        width = _BAR * number / total
        yield Bar(severity, round(start, 2), round(width, 2))
        start += width


def _families(contents: Contents) -> tuple[FamilyRow, ...]:
    """Families that have findings, in the order of their codes."""
    counts = Counter((finding.rule.family, finding.severity) for finding in contents.findings)
    debt = dict(contents.principal_by_family)
    first_code: dict[str, str] = {}
    for finding in contents.findings:
        family, code = finding.rule.family, finding.rule.code
        first_code[family] = min(first_code.get(family, code), code)
    return tuple(
        FamilyRow(
            name=family,
            counts=tuple((severity, counts[family, severity]) for severity in SEVERITIES),
            total=sum(counts[family, severity] for severity in SEVERITIES),
            debt=duration(debt[family]) if debt.get(family) else "–",
        )
        for family in sorted(first_code, key=lambda family: first_code[family])
    )


def _groups(findings: Iterable[Finding], links: Links, excerpts: Excerpts) -> Iterator[Group]:
    """Groups by check: the worst first, then the dearest."""
    by_code: dict[str, list[Finding]] = {}
    nodes: dict[str, list[tuple[NodeLink, ...]]] = {}
    for finding, linked in zip(findings, links, strict=True):
        by_code.setdefault(finding.rule.code, []).append(finding)
        nodes.setdefault(finding.rule.code, []).append(linked)
    shown = 0
    for group in sorted(by_code.values(), key=_weight):
        severity = min((finding.severity for finding in group), key=SEVERITIES.index)
        yield Group(
            rule=group[0].rule,
            severity=severity,
            number=counted(len(group), "finding"),
            effort=duration(sum(finding.effort_minutes for finding in group)),
            findings=tuple(_finding(finding, excerpts, linked) for finding, linked in zip(group, nodes[group[0].rule.code], strict=True)),
            is_open=shown < _OPEN_UNTIL,
        )
        shown += len(group)


def _worst(findings: Sequence[Finding], links: Links) -> tuple[list[Finding], Links]:
    """The findings that a browser can still hold, in their order, with their nodes."""
    kept = sorted(sorted(range(len(findings)), key=lambda number: rank(findings[number]))[:MOST_FINDINGS])
    return [findings[number] for number in kept], [links[number] for number in kept]


def _cut(number: int) -> str:
    """What is said where there are more."""
    if number <= MOST_FINDINGS:
        return ""
    return f"The worst {MOST_FINDINGS:,} of {number:,} findings are shown here; mldebt scan --format json has all of them."


def _weight(group: Sequence[Finding]) -> tuple[int, int, str]:
    worst = min(SEVERITIES.index(finding.severity) for finding in group)
    return worst, -sum(finding.effort_minutes for finding in group), group[0].rule.code


def _finding(finding: Finding, excerpts: Excerpts, nodes: tuple[NodeLink, ...]) -> FindingView:
    return FindingView(
        finding=finding,
        place=place(finding.at),
        code=excerpt(finding.at, excerpts, _AROUND_FINDING),
        steps=tuple(StepView(place(step.at), step.message, excerpt(step.at, excerpts, _AROUND_STEP)) for step in finding.evidence),
        effort=duration(finding.effort_minutes),
        suppression=_suppression(finding),
        nodes=nodes,
    )


def _suppression(finding: Finding) -> str:
    """What to write where to hold the finding back: a cell's tag, a comment, or, where a file takes none, a table of the settings."""
    name = finding.rule.name
    if finding.at.cell is not None:
        return f"mldebt-ignore:{name}"
    if finding.at.path.rpartition(".")[2].lower() in _COMMENTED:
        return f'# mldebt: ignore[{name}] reason=""'
    lines = ["[[tool.mldebt.suppressions]]", f"path = {_quoted(finding.at.path)}", f"name = {_quoted(name)}"]
    if finding.symbol:
        lines.append(f"symbol = {_quoted(finding.symbol)}")
    return "\n".join([*lines, 'reason = ""'])


def _quoted(text: str) -> str:
    """A basic string of TOML, whose escapes are JSON's."""
    return msgspec.json.encode(text.encode("utf-8", "backslashreplace").decode()).decode()


def _measure(measure: Measure) -> MeasureView:
    value = _number(measure.value)
    if measure.out_of is not None:
        value += f" of {_number(measure.out_of)}"
    share = measure.value / measure.out_of if measure.out_of else None
    return MeasureView(measure.name, f"{value} {measure.unit}".strip(), None if share is None else _BAR * min(max(share, 0.0), 1.0))


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}".rstrip("0")


def _rules(contents: Contents) -> Iterator[RuleView]:
    """All enabled checks, and whatever check a finding brings along."""
    numbers = Counter(finding.rule.code for finding in contents.findings)
    rules = {rule.code: rule for rule in (*contents.rules, *(finding.rule for finding in contents.findings))}
    for code in sorted(rules):
        rule = rules[code]
        page = rule.page.strip().removeprefix(rule.summary).strip()
        yield RuleView(rule, to_html(page), numbers[code], _effort(rule))


def _effort(rule: Rule) -> str:
    text = duration(rule.effort.offset)
    return f"{text} + {duration(rule.effort.each)} per {rule.effort.per or 'place'}" if rule.effort.each else text


CONFIDENCE_MEANINGS: dict[Confidence, str] = {
    "certain": "certain: the code says so",
    "firm": "firm: true unless something outside the repository says otherwise",
    "tentative": "tentative: worth a look; never counted as debt",
}
