"""Which nodes of the graph a finding is about, and the names by which links call nodes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from mldebt.core import SEVERITIES, Finding, Location, Severity
from mldebt.graph.vocabulary import GraphNode
from mldebt.report.wording import visible

_LONGEST_NAME = 60
_UNSAFE = re.compile(r"[^\w.:/@*-]+")

_Spot = tuple[str, int | None, int, int]


@dataclass(frozen=True, slots=True)
class Marks:
    """By number: the findings about each node, those that mention it on their way, and the nodes of each finding, those it is about first."""

    about: tuple[tuple[int, ...], ...]
    mentioned: tuple[tuple[int, ...], ...]
    nodes: tuple[tuple[int, ...], ...]


def marks_of(nodes: Sequence[GraphNode], findings: Sequence[Finding]) -> Marks:
    """A finding is about the nodes made where it stands, and about those of its evidence that bear its symbol's name."""
    at: dict[_Spot, list[int]] = defaultdict(list)
    for number, node in enumerate(nodes):
        if node.at is not None:
            at[_spot(node.at)].append(number)
    about: list[list[int]] = [[] for _ in nodes]
    mentioned: list[list[int]] = [[] for _ in nodes]
    of_findings: list[tuple[int, ...]] = []
    for index, finding in enumerate(findings):
        seen = dict.fromkeys(number for step in finding.evidence for number in at.get(_spot(step.at), ()))
        own = dict.fromkeys([*at.get(_spot(finding.at), ()), *(number for number in seen if _bears(nodes[number], finding.symbol))])
        others = [number for number in seen if number not in own]
        for number in own:
            about[number].append(index)
        for number in others:
            mentioned[number].append(index)
        of_findings.append((*own, *others))
    return Marks(tuple(map(tuple, about)), tuple(map(tuple, mentioned)), tuple(of_findings))


def worst(findings: Sequence[Finding]) -> Severity | None:
    return min((finding.severity for finding in findings), key=SEVERITIES.index, default=None)


def node_names(nodes: Sequence[GraphNode]) -> tuple[str, ...]:
    """A name for each node that a link can bear and that stays the same when lines move: kind, label and group."""
    seen: Counter[str] = Counter()
    names: list[str] = []
    for node in nodes:
        name = f"{_safe(node.kind)}:{_safe(node.label)}@{_safe(node.group)}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}~{seen[name]}")
    return tuple(names)


def _bears(node: GraphNode, symbol: str) -> bool:
    return bool(symbol) and symbol in (node.label, node.label.rpartition("/")[2], node.label.lstrip("-").replace("-", "_"))


def _spot(at: Location) -> _Spot:
    return at.path, at.cell, at.line, at.column


def _safe(text: str) -> str:
    return _UNSAFE.sub("_", visible(text).replace("\\", "_"))[-_LONGEST_NAME:]
