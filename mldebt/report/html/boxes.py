"""The boxes of the drawing: what stands in them, and how wide they are."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from mldebt.core import Finding, Severity
from mldebt.graph.vocabulary import GraphNode
from mldebt.report.html.marks import worst
from mldebt.report.wording import counted, place, visible

KINDS = (
    "source", "column", "feature", "model", "prediction", "decision", "asset", "consumer", "entry_point", "setting", "option", "stage",
)  # fmt: skip
_LABEL_LENGTH = 24
_CAPTION_LENGTH = 18


@dataclass(frozen=True, slots=True)
class Box:
    """What stands in one box of the drawing: a node, or a group of nodes; `findings` are about it, `severity` is that of the worst."""

    key: str  # "n12" or "g3"
    kind: str
    label: str
    caption: str
    title: str
    width: float
    findings: int = 0
    severity: Severity | None = None
    x: float = 0.0
    y: float = 0.0


def known(kind: str) -> str:
    return kind if kind in KINDS else "other"


def spoken(kind: str) -> str:
    return known(kind).replace("_", " ")


def node_box(index: int, node: GraphNode, findings: Sequence[Finding]) -> Box:
    group = _tail(visible(node.group), _CAPTION_LENGTH)
    caption = f"{spoken(node.kind)} · {group}" if group else spoken(node.kind)
    at = f" — {place(node.at)}" if node.at else ""
    return _box(f"n{index}", known(node.kind), visible(node.label), caption, f"{spoken(node.kind)} {visible(node.label)}{at}", findings)


def group_box(index: int, group: str, members: int, findings: Sequence[Finding]) -> Box:
    """A group of one is still a group: opening it shows the node."""
    number, label = counted(members, "node"), visible(group)
    return _box(f"g{index}", "group", label, number, f"{label}: {number}", findings)


def _box(key: str, kind: str, label: str, caption: str, title: str, findings: Sequence[Finding]) -> Box:
    shown = _last_parts(label) if kind == "group" else shortened(label)
    width = 30 + max((8.4 if kind == "group" else 6.8) * _columns(shown), 6.1 * _columns(caption))  # the widths of common system fonts
    width += 18 if kind == "group" else 0  # the sign that it opens
    said = f"{title}, {counted(len(findings), 'finding')}" if findings else title
    return Box(key, kind, shown, caption, said, float(round(max(width, 84))), len(findings), worst(findings))


def shortened(text: str) -> str:
    """A path keeps its last parts, anything else its two ends."""
    if len(text) <= _LABEL_LENGTH:
        return text
    tail = text[1 - _LABEL_LENGTH :]
    if "/" in tail:
        return f"…{tail[tail.index('/') :]}"
    name = text.rpartition("/")[2]
    half = _LABEL_LENGTH // 2
    return f"{name[: half - 1]}…{name[-half:]}"


def _last_parts(text: str) -> str:
    """A long module or path keeps the whole names at its end that fit."""
    if len(text) <= _LABEL_LENGTH:
        return text
    tail = text[1 - _LABEL_LENGTH :]
    cuts = [tail.index(separator) for separator in "./" if separator in tail[:-4]]
    return f"…{tail[min(cuts) :].lstrip('.')}" if cuts else shortened(text)


def _tail(text: str, length: int) -> str:
    return text if len(text) <= length else f"…{text[1 - length :].lstrip('.')}"


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
