"""A draft of the data manifest: what the repository reads from outside and computes, with room for owner, meaning and freshness (catalogue MLD207)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from mldebt.graph.lineage import Lineage
from mldebt.graph.vocabulary import GraphNode, GraphPicture
from mldebt.settings import Annotation


def manifest(picture: GraphPicture, sources: Mapping[str, Annotation], features: Mapping[str, Annotation]) -> str:
    """TOML for `mldebt.toml`; what is annotated already is left out."""
    lines = ["# Sources and features of this repository. Fill in what people need to know, and delete what is internal."]
    lineage = Lineage(picture)
    for node in _unannotated(picture, "source", sources):
        consumers = sorted({other.label.partition(" (")[0] for other in lineage.reached((node,)) if other.kind == "model"})
        lines += [
            "",
            f"[sources.{json.dumps(node.label, ensure_ascii=False)}]",
            *([f"# read in {node.at.path}:{node.at.line}" + (f", reaches {', '.join(consumers)}" if consumers else "")] if node.at else []),
            'owner = ""',
            'description = ""',
            'freshness = ""',
        ]
    for node in _unannotated(picture, "feature", features):
        models = sorted({other.label for other in lineage.reached((node,)) if other.kind == "model"})
        if models:
            lines += [
                "",
                f"[features.{json.dumps(node.label, ensure_ascii=False)}]",
                *([f"# made in {node.at.path}:{node.at.line}, used by {', '.join(models)}"] if node.at else []),
                'description = ""',
            ]
    return "\n".join(lines) + "\n"


def _unannotated(picture: GraphPicture, kind: str, known: Mapping[str, Annotation]) -> Iterator[GraphNode]:
    seen: set[str] = set()
    for node in picture.nodes:
        if node.kind == kind and node.label not in known and node.label not in seen and node.label.isprintable():
            seen.add(node.label)
            yield node
