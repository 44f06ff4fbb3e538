"""SARIF 2.1.0 as GitHub code scanning reads it: one run, all enabled rules, places in UTF-16 columns, evidence as code flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote

from mldebt.core import CONFIDENCES, Confidence, Finding, Location, Rule, Severity, Step
from mldebt.report.contents import Contents, Excerpts, Suppressed
from mldebt.report.fingerprints import line_hashes
from mldebt.report.placement import LEVELS, host_line, host_path, in_cell, level, rank
from mldebt.report.wording import counted, json_text, visible

RESULTS_SHOWN = 5_000  # of one run on GitHub; an upload with more than 25,000 is refused
_STEPS_SHOWN = 100  # related locations of one result on GitHub
_STEPS_LINKED = 10
_TEXT_LIMIT = 1_024
_NAME_LIMIT = 255
_UNREADABLE = "MLD001"

_PROBLEM_SEVERITIES: dict[Severity, str] = {
    "blocker": "error",
    "critical": "error",
    "major": "warning",
    "minor": "recommendation",
    "info": "recommendation",
}
_PRECISIONS: dict[Confidence, str] = {"certain": "very-high", "firm": "high", "tentative": "low"}
_RANKS: dict[Severity, int] = {"blocker": 100, "critical": 80, "major": 60, "minor": 40, "info": 20}
_CONFIDENCE_FACTORS: dict[Confidence, float] = {"certain": 1.0, "firm": 0.8, "tentative": 0.5}
_NOTICES = (
    ("unreadable-file", "UnreadableFile", "A file could not be read and is left out of the analysis."),
    ("results-cut", "ResultsCut", "There are more findings than code scanning shows; the worst are kept."),
)
_SECURITY_SEVERITIES = {"unsafe-model-deserialization": "7.8"}


def render(contents: Contents, *, full: bool = False) -> str:
    """`full` adds the findings that suppressions and the baseline hold back; GitHub would show those as open alerts."""
    shown = _worst(contents.findings)
    rules = _rules_of(contents)
    places = _Places(contents.excerpts, contents.git_prefix)
    index = {rule.code: number for number, rule in enumerate(rules)}
    results = [_result(finding, index, places) for finding in shown]
    if full:
        results = [*_with_baseline(results, contents.suppressed), *(_suppressed(held, index, places) for held in contents.suppressed)]
    run = {
        "tool": {"driver": _driver(contents.tool_version, rules)},
        "automationDetails": {"id": _category(contents.git_prefix.strip("/"))},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The top level of the repository."}}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": [*_notifications(contents, len(shown), places)]}],
        "results": results,
    }
    return json_text({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


def _category(project: str) -> str:
    """What an upload replaces: all that was found in a project before, and nothing of the other projects of the repository."""
    return f"mldebt/{visible(project)}/" if project else "mldebt/"


def _worst(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that fit, in their order; beyond the limit the worst and surest survive."""
    if len(findings) <= RESULTS_SHOWN:
        return list(findings)
    ranked = sorted(range(len(findings)), key=lambda number: rank(findings[number]))
    return [findings[number] for number in sorted(ranked[:RESULTS_SHOWN])]


def _rules_of(contents: Contents) -> list[Rule]:
    """All enabled rules, and whatever rule a finding brings along, by code."""
    rules = {rule.code: rule for rule in contents.rules}
    for finding in (*contents.findings, *(held.finding for held in contents.suppressed)):
        rules.setdefault(finding.rule.code, finding.rule)
    return [rules[code] for code in sorted(rules)]


def _driver(version: str, rules: Sequence[Rule]) -> dict[str, Any]:
    return {
        "name": "mldebt",
        "fullName": f"mldebt {version}",
        "version": version,
        "semanticVersion": version,
        "rules": [_rule(rule) for rule in rules],
        "notifications": [_notification(*notice) for notice in _NOTICES],
    }


def _notification(identity: str, name: str, text: str) -> dict[str, Any]:
    message = {"text": text}
    return {"id": identity, "name": name, "shortDescription": message, "fullDescription": message, "help": message}


def _rule(rule: Rule) -> dict[str, Any]:
    page = f"# {rule.summary}\n" if rule.page.strip() in ("", rule.summary) else f"# {rule.page.strip()}\n"
    properties: dict[str, Any] = {
        "tags": ["machine-learning", "technical-debt", rule.family, f"tier-{rule.tier}"],
        "precision": _PRECISIONS[max(rule.confidence, key=CONFIDENCES.index, default="tentative")],
        "problem.severity": _PROBLEM_SEVERITIES[rule.severity],
    }
    if rule.name in _SECURITY_SEVERITIES:
        properties["tags"].append("security")
        properties["security-severity"] = _SECURITY_SEVERITIES[rule.name]
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-"))[:_NAME_LIMIT],
        "shortDescription": {"text": _clipped(rule.summary or rule.name)},
        "fullDescription": {"text": _clipped(_explanation(rule))},
        "help": {"text": rule.page.strip() or rule.summary or rule.name, "markdown": page},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": properties,
    }


def _explanation(rule: Rule) -> str:
    """The first paragraph below the summary, which says why it is debt; else the summary."""
    paragraphs = (" ".join(paragraph.split()) for paragraph in rule.page.split("\n\n")[1:])
    return next((paragraph for paragraph in paragraphs if paragraph and not paragraph.startswith("#")), rule.summary or rule.name)


def _clipped(text: str) -> str:
    return text if len(text) <= _TEXT_LIMIT else f"{text[: _TEXT_LIMIT - 1]}…"


def _result(finding: Finding, index: Mapping[str, int], places: _Places) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule.code,
        "ruleIndex": index[finding.rule.code],
        "level": level(finding),
        "rank": _RANKS[finding.severity] * _CONFIDENCE_FACTORS[finding.confidence],
        "message": {"text": _message(finding)},
        "locations": [places.location(finding.at)],
        "partialFingerprints": _fingerprints(finding, places),
        "properties": {
            "symbol": visible(finding.symbol),
            "severity": finding.severity,
            "confidence": finding.confidence,
            "effortMinutes": finding.effort_minutes,
        },
    }
    steps = finding.evidence[:_STEPS_SHOWN]
    if steps:
        result["relatedLocations"] = [{"id": number, **places.step(step)} for number, step in enumerate(steps, 1)]
        result["codeFlows"] = [{"threadFlows": [{"locations": [{"location": places.step(step)} for step in steps]}]}]
    return result


def _fingerprints(finding: Finding, places: _Places) -> dict[str, str]:
    prints = {"mldebtFindingId/v1": finding.fingerprint}
    if line_hash := places.line_hash(finding.at):
        prints["primaryLocationLineHash"] = line_hash
    return prints


def _message(finding: Finding) -> str:
    """The fact, the advice, and links to the evidence, which code scanning resolves by the ids of the related locations."""
    text = _escaped(finding.message) + in_cell(finding.at)
    if finding.advice:
        text += f" {_escaped(finding.advice)}"
    links = (f"{number}. [{_escaped(step.message)}]({number})" for number, step in enumerate(finding.evidence[:_STEPS_LINKED], 1))
    return "\n".join((text, *links))


def _escaped(text: str) -> str:
    """Text in a message, where brackets would make links, and not without end."""
    return visible(_clipped(text)).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _with_baseline(results: list[dict[str, Any]], held: Sequence[Suppressed]) -> list[dict[str, Any]]:
    """A result is new or not only where there is a baseline."""
    if not any(one.kind == "external" for one in held):
        return results
    return [{**result, "baselineState": "new"} for result in results]


def _suppressed(held: Suppressed, index: Mapping[str, int], places: _Places) -> dict[str, Any]:
    suppression = {"kind": held.kind, "status": "accepted"}
    if held.reason:
        suppression["justification"] = visible(held.reason)
    result = {**_result(held.finding, index, places), "suppressions": [suppression]}
    return {**result, "baselineState": "unchanged"} if held.kind == "external" else result


def _notifications(contents: Contents, shown: int, places: _Places) -> Iterator[dict[str, Any]]:
    if shown < len(contents.findings):
        left_out = counted(len(contents.findings) - shown, "finding")
        yield {
            "descriptor": {"id": "results-cut", "index": 1},
            "level": "warning",
            "message": {"text": f"Code scanning shows {RESULTS_SHOWN:,} results; the worst are kept and {left_out} left out."},
        }
    for finding in contents.findings:
        if finding.rule.code == _UNREADABLE:
            yield {
                "descriptor": {"id": "unreadable-file", "index": 0},
                "level": "warning",
                "message": {"text": _escaped(finding.message)},
                "locations": [places.location(finding.at)],
            }


def _uri(path: str) -> str:
    """The bytes of the file's name, percent-encoded; a lone surrogate that stands for no byte keeps its own."""
    try:
        return quote(path, safe="/", errors="surrogateescape")
    except UnicodeEncodeError:
        return quote(path, safe="/", errors="surrogatepass")


class _Places:
    """Locations as SARIF writes them: percent-encoded paths from the git top level, UTF-16 columns, lines of the JSON file for notebooks."""

    def __init__(self, excerpts: Excerpts, git_prefix: str) -> None:
        self._excerpts = excerpts
        self._git_prefix = git_prefix
        self.hashes = cache(self._hashes)

    def location(self, at: Location) -> dict[str, Any]:
        artifact = {"uri": _uri(host_path(at.path, self._git_prefix)), "uriBaseId": "%SRCROOT%"}
        return {"physicalLocation": {"artifactLocation": artifact, "region": self._region(at)}}

    def step(self, step: Step) -> dict[str, Any]:
        return {**self.location(step.at), "message": {"text": _escaped(step.message) + in_cell(step.at)}}

    def line_hash(self, at: Location) -> str | None:
        hashes = self.hashes(at.path) if at.cell is None else ()
        return hashes[at.line - 1] if 1 <= at.line <= len(hashes) else None

    def _hashes(self, path: str) -> tuple[str | None, ...]:
        return line_hashes(self._excerpts.lines.get((path, None), ()))

    def _region(self, at: Location) -> dict[str, int]:
        """Never more than a line."""
        line = host_line(at, self._excerpts)
        if at.cell is not None:
            return {"startLine": line, "endLine": line}
        region = {"startLine": line, "startColumn": self._utf16_column(at, line, at.column)}
        if (end := self._end_column(at)) > at.column:
            region |= {"endLine": line, "endColumn": self._utf16_column(at, line, end)}
        return region

    def _end_column(self, at: Location) -> int:
        """Where the first line of a place ends; 0 where that is not known."""
        if at.end_line <= at.line:
            return at.end_column
        lines = self._excerpts.lines.get((at.path, at.cell), ())
        return len(lines[at.line - 1]) + 1 if 1 <= at.line <= len(lines) else 0

    def _utf16_column(self, at: Location, line: int, column: int) -> int:
        """Characters beyond the first 65,536 take two UTF-16 code units; a column beyond the known line stays as far beyond it."""
        lines = self._excerpts.lines.get((at.path, at.cell), ())
        if not 1 <= line <= len(lines):
            return column
        return column + sum(character > "\uffff" for character in lines[line - 1][: column - 1])
