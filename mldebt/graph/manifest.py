"""A draft of the data manifest: what the repository reads from outside and computes, with room for owner, meaning and freshness (catalogue MLD207)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from mldebt.graph.consumers import is_meant
from mldebt.graph.lineage import Lineage
from mldebt.graph.vocabulary import GraphNode, GraphPicture
from mldebt.settings import Annotation


def manifest(picture: GraphPicture, sources: Mapping[str, Annotation], features: Mapping[str, Annotation], file: str = "") -> str:
    """TOML for the settings file; what is annotated already is left out."""
    lineage = Lineage(picture)
    table = "tool.mldebt." if file.endswith("pyproject.toml") else ""
    lines = [
        f"# For {file or 'mldebt.toml'}: sources and features of this repository that nothing is said about.",
        "# Fill in what people need to know; delete what nobody outside of the code asks for.",
    ]
    for node in _first_of_each(picture, "source"):
        if any(is_meant(declared, node.label) for declared in sources):
            continue
        lines += ["", f"[{table}sources.{_text(node.label)}]", _said(node, "read", "reaches", lineage)]
        lines += ['owner = ""', 'description = ""', 'freshness = ""', "consumers = []"]
    for node in _first_of_each(picture, "feature"):
        if node.label not in features and _models(node, lineage):
            lines += ["", f"[{table}features.{_text(node.label)}]", _said(node, "made", "used by", lineage)]
            lines += ['owner = ""', 'description = ""', 'version = ""']
    return "\n".join(lines) + "\n"


def _said(node: GraphNode, made: str, used: str, lineage: Lineage) -> str:
    models = _models(node, lineage)
    place = f"{made} in {node.at.path}:{node.at.line}" if node.at is not None else made
    return f"# {place}, {used} {', '.join(models)}" if models else f"# {place}"


def _models(node: GraphNode, lineage: Lineage) -> list[str]:
    return sorted({other.label for other in lineage.reached((node,)) if other.kind == "model"})


def _text(name: str) -> str:
    """A TOML key in quotes."""
    return json.dumps(name, ensure_ascii=False)


def _first_of_each(picture: GraphPicture, kind: str) -> Iterator[GraphNode]:
    """The first node of each name that can be written down; a name of holes alone names nothing."""
    seen: set[str] = set()
    for node in picture.nodes:
        if node.kind == kind and node.label not in seen and node.label.isprintable() and node.label.strip("*/."):
            seen.add(node.label)
            yield node
