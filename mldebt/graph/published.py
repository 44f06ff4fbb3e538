"""What the repository lets others install, so that people we cannot see may call it or set it."""

from __future__ import annotations

from functools import cached_property

from mldebt.configs.types import MappingNode
from mldebt.flow.program import ModuleInfo
from mldebt.flow.world import World
from mldebt.graph.surroundings import Surroundings

SCRIPT_FOLDERS = frozenset(
    {"scripts", "script", "tools", "tool", "bin", "examples", "example", "notebooks", "experiments", "benchmarks", "docs", "ci"}
)


class Published:
    def __init__(self, world: World, around: Surroundings) -> None:
        self._world = world
        self._around = around

    def holds(self, module: ModuleInfo) -> bool:
        """Whether a module belongs to a package that the repository lets people install."""
        folders = module.path.split("/")[:-1]
        for depth in range(len(folders), -1, -1):
            above = "/".join(folders[:depth])
            if above in self._distributions:
                below = [part for part in folders[depth:] if part not in ("src", "lib", "python")]
                return bool(below) and below[0] not in SCRIPT_FOLDERS
        return False

    @cached_property
    def _distributions(self) -> frozenset[str]:
        """The folders that a distribution is built from."""
        found = {path.rpartition("/")[0] for path in self._around.files if path.rpartition("/")[2] in ("setup.py", "setup.cfg")}
        for path in self._around.files:
            if path.rpartition("/")[2] == "pyproject.toml":
                root = getattr(self._world.repository.config(path), "root", None)
                if _has(root, "project") or _has(root, "tool", "poetry"):
                    found.add(path.rpartition("/")[0])
        return frozenset(found)


def _has(node: object, *path: str) -> bool:
    for part in path:
        entry = node.entry(part) if isinstance(node, MappingNode) else None
        if entry is None:
            return False
        node = entry.value
    return node is not None
