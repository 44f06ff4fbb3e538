"""What tools beside the settings say about data: `desc` and `meta` of *.dvc files, `sources` of dbt."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from mldebt.configs.types import ConfigNode, ConfigTree
from mldebt.declarations.dvc import located
from mldebt.declarations.nodes import child, items, text_of
from mldebt.settings import Annotation

DBT_PROJECT = "dbt_project.yml"
_PINS = ("md5", "etag", "checksum", "version_id", "hash")


def dvc_annotations(trees: Mapping[str, ConfigTree]) -> Iterator[Annotation]:
    """Of each file or folder that a *.dvc file holds: its description, its owner, and the hash that fixes its version."""
    for path, tree in trees.items():
        if path.endswith(".dvc"):
            for out in items(child(tree.root, "outs")):
                if name := text_of(child(out, "path")):
                    yield Annotation(
                        name=located(posixpath.dirname(path), name),
                        at=f"{path}:{out.at.line}",
                        owner=_text(out, "meta", "owner") or _text(tree.root, "meta", "owner"),
                        description=_text(out, "desc") or _text(tree.root, "desc"),
                        version=next(filter(None, (_text(out, key) for key in _PINS)), ""),
                    )


def dbt_files(paths: Mapping[str, str]) -> Iterator[str]:
    """The YAML files in which dbt looks for sources."""
    projects = {posixpath.dirname(path) for path in paths if posixpath.basename(path) == DBT_PROJECT}
    for path in sorted(paths if projects else ()):
        if path.endswith((".yml", ".yaml")) and any(path.startswith(posixpath.join(project, "models", "")) for project in projects):
            yield path


def dbt_annotations(trees: Mapping[str, ConfigTree]) -> Iterator[Annotation]:
    """Of each table of each source, under all the names that code may read it by."""
    for path, tree in trees.items():
        for source in items(child(tree.root, "sources")):
            for table in items(child(source, "tables")):
                name = _text(table, "identifier") or _text(table, "name")
                schema = _text(source, "schema") or _text(source, "name")
                for full in dict.fromkeys(filter(None, (name, _joined(schema, name), _joined(_text(source, "database"), schema, name)))):
                    yield Annotation(
                        name=full,
                        at=f"{path}:{table.at.line}",
                        owner=_owner(table) or _owner(source),
                        description=_text(table, "description") or _text(source, "description"),
                        freshness="stated" if _states_freshness(table) or _states_freshness(source) else "",
                    )


def _owner(node: ConfigNode) -> str:
    return _text(node, "meta", "owner") or _text(node, "config", "meta", "owner")


def _states_freshness(node: ConfigNode) -> bool:
    return any(
        child(node, *keys, when) is not None for keys in (("freshness",), ("config", "freshness")) for when in ("warn_after", "error_after")
    )


def _text(node: ConfigNode | None, *keys: str) -> str:
    return (text_of(child(node, *keys)) or "").strip()


def _joined(*parts: str) -> str:
    return ".".join(parts) if all(parts) else ""
