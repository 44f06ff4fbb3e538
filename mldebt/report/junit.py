"""JUnit XML: a suite for each file, a failed test for each finding, for servers that show tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.etree import ElementTree

from mldebt.core import Finding
from mldebt.report.contents import Contents
from mldebt.report.wording import duration, place, visible


def render(contents: Contents) -> str:
    """Findings of severity `info` are skipped tests, since they never fail anything. A clean report has one test that passed."""
    suites = [_suite(path, tuple(group)) for path, group in groupby(contents.findings, key=lambda one: one.at.path)]
    root = ElementTree.Element("testsuites", {"name": "mldebt", **_counts(contents.findings)})
    root.extend(suites or [_clean()])
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _counts(findings: Sequence[Finding]) -> dict[str, str]:
    return {"tests": str(max(len(findings), 1)), "failures": str(sum(map(_fails, findings))), "errors": "0"}


def _fails(finding: Finding) -> bool:
    return finding.severity != "info"


def _clean() -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", {"name": "mldebt", **_counts(()), "skipped": "0"})
    suite.append(ElementTree.Element("testcase", name="no findings", classname="mldebt", time="0"))
    return suite


def _suite(path: str, findings: Sequence[Finding]) -> ElementTree.Element:
    skipped = sum(not _fails(finding) for finding in findings)
    suite = ElementTree.Element("testsuite", {"name": visible(path), **_counts(findings), "skipped": str(skipped), "file": visible(path)})
    suite.extend(_test(finding, name) for finding, name in zip(findings, _names(findings), strict=True))
    return suite


def _names(findings: Sequence[Finding]) -> Iterator[str]:
    """Names that outlive moved lines, by which a server tells new failures from old ones; equal ones are numbered."""
    seen: Counter[str] = Counter()
    for finding in findings:
        name = visible(f"{finding.rule.name}: {finding.symbol}" if finding.symbol else finding.rule.name)
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})"


def _test(finding: Finding, name: str) -> ElementTree.Element:
    test = ElementTree.Element("testcase", name=name, classname=visible(finding.at.path), time="0")
    outcome = ElementTree.SubElement(
        test, "failure" if _fails(finding) else "skipped", type=finding.rule.code, message=visible(finding.message)
    )
    outcome.text = "\n".join(_lines(finding))
    return test


def _lines(finding: Finding) -> Iterator[str]:
    """What `visible` leaves of a text, XML 1.0 can hold."""
    yield f"{place(finding.at)}: {finding.rule.code} {visible(finding.message)} [{finding.rule.name}]"
    for number, step in enumerate(finding.evidence, 1):
        yield f"{number}. {place(step.at)}: {visible(step.message)}"
    if finding.advice:
        yield f"Advice: {visible(finding.advice)}"
    yield f"{finding.severity}, {finding.confidence}, {duration(finding.effort_minutes)}"
