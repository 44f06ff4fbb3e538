"""The graph as tables, for those who cannot or will not look at a drawing: each node with its place, neighbours and findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mldebt.core import Finding
from mldebt.graph.vocabulary import GraphNode
from mldebt.report.html.boxes import KINDS, known, spoken
from mldebt.report.html.marks import Marks
from mldebt.report.wording import place, visible

_NAMED = 8  # neighbours; the others are counted


@dataclass(frozen=True, slots=True)
class Row:
    """`made_of` and `leads_to` are the neighbours, in words."""

    name: str
    label: str
    place: str
    note: str
    made_of: str
    leads_to: str
    findings: tuple[tuple[str, str], ...]  # (fingerprint, name of the check)


@dataclass(frozen=True, slots=True)
class Section:
    """The nodes of one kind, by label."""

    kind: str
    title: str
    rows: tuple[Row, ...]


def sections_of(
    nodes: Sequence[GraphNode], edges: Sequence[tuple[int, int, str]], names: Sequence[str], marks: Marks, findings: Sequence[Finding]
) -> tuple[Section, ...]:
    before: list[list[int]] = [[] for _ in nodes]
    after: list[list[int]] = [[] for _ in nodes]
    for source, target, _ in edges:
        before[target].append(source)
        after[source].append(target)

    def rows(kind: str) -> Iterator[Row]:
        for number, node in enumerate(nodes):
            if known(node.kind) == kind:
                yield Row(
                    name=names[number],
                    label=visible(node.label),
                    place=place(node.at) if node.at else "",
                    note=visible(node.note),
                    made_of=_named([nodes[one] for one in before[number]]),
                    leads_to=_named([nodes[one] for one in after[number]]),
                    findings=tuple((findings[one].fingerprint, findings[one].rule.name) for one in marks.about[number]),
                )

    kinds = {known(node.kind) for node in nodes}
    return tuple(Section(kind, spoken(kind), tuple(rows(kind))) for kind in (*KINDS, "other") if kind in kinds)


def _named(nodes: Sequence[GraphNode]) -> str:
    labels = [visible(node.label) for node in nodes]
    rest = len(labels) - _NAMED
    return ", ".join(labels[:_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
