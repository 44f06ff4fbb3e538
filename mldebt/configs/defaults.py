"""Hydra's defaults lists: what an entry says, and which config and package it means below its parent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mldebt.configs.tree import node_at
from mldebt.configs.types import ConfigNode, MappingNode, ScalarNode, SequenceNode, Span

SELF = "_self_"
GLOBAL = "_global_"


@dataclass(frozen=True, slots=True)
class Default:
    """One entry of a defaults list, placed below its parent.

    `group` is as written (`/db`, `server/db`); a plain config (`- base`, `- db/mysql`) has none and its path in `option`.
    `option` None is a group with nothing chosen. `directory` and `parent_package` are those of the file the list stands in.
    """

    group: str | None
    option: str | tuple[str, ...] | None
    package: str | None
    optional: bool
    override: bool
    file: str
    at: Span
    directory: str = ""
    parent_package: str = ""

    @property
    def is_self(self) -> bool:
        return self.group is None and self.option == SELF

    @property
    def is_open(self) -> bool:
        """Whether the option waits for what other groups are set to (`${model}`)."""
        return "${" in str(self.option)

    @property
    def written(self) -> str:
        """The group as written; of a plain config its folder."""
        if self.group is not None:
            return self.group.removeprefix("/")
        return str(self.option).removeprefix("/").rpartition("/")[0]

    @property
    def group_path(self) -> str:
        """The folder of the config, relative to the config directory."""
        absolute = (self.group if self.group is not None else str(self.option)).startswith("/")
        return "/".join(part for part in ("" if absolute else self.directory, self.written) if part)

    @property
    def config_path(self) -> str | None:
        """The config that is meant, without suffix; none for a group with nothing, or several, chosen."""
        if not isinstance(self.option, str):
            return None
        name = self.option if self.group is not None else self.option.rpartition("/")[2]
        name = name.removesuffix(".yaml")
        return f"{self.group_path}/{name}" if self.group_path else name

    @property
    def key(self) -> str:
        """How an override names this entry: `group`, or `group@package` where the package is not the usual one."""
        usual, final = self.group_path.replace("/", "."), self.final_package(None)
        return self.group_path if usual == final else f"{self.group_path}@{final or GLOBAL}"

    def final_package(self, header: str | None) -> str:
        """Where the config lands, dotted; `header` is what its own `# @package` says."""
        package = self.package if self.package is not None else _header_package(header, self.group_path)
        if package is None:
            package = self.written.replace("/", ".")
        joined = ".".join(part for part in (self.parent_package, package) if part)
        _, mark, after = joined.rpartition(GLOBAL)
        return after.removeprefix(".") if mark else joined

    def below(self, parent: Default, header: str | None) -> Default:
        """The same entry, placed in the list of `parent`."""
        placed = replace(self, directory=parent.group_path, parent_package=parent.final_package(header))
        if placed.package is None or "_group_" not in placed.package:
            return placed
        return replace(placed, package=f"{GLOBAL}.{placed.package.replace('_group_', placed.group_path.replace('/', '.'))}")


def _header_package(header: str | None, group: str) -> str | None:
    if header is None or header == "_group_":
        return None
    header = header.replace("_group_", group.replace("/", "."))
    return header if header == GLOBAL or header.startswith(f"{GLOBAL}.") else f"{GLOBAL}.{header}"


def defaults_of(root: ConfigNode | None, file: str) -> list[Default]:
    """The defaults list of a file, `_self_` put at the end where it is absent; empty where the file has none."""
    node = node_at(root, ("defaults",)) if isinstance(root, MappingNode) else None
    if not isinstance(node, SequenceNode) or not node.items:
        return []
    found = [default for item in node.items for default in _entries(item, file)]
    if not any(default.is_self for default in found) and any(not default.override for default in found):
        found.append(Default(None, SELF, None, False, False, file, node.at))
    return found


def _entries(item: ConfigNode, file: str) -> Iterator[Default]:
    if isinstance(item, ScalarNode) and isinstance(item.value, str):
        words = item.value.split()
        if words:
            path, _, package = words[-1].partition("@")
            yield Default(None, path, _package(package), "optional" in words[:-1], False, file, item.at)
    elif isinstance(item, MappingNode):
        legacy_optional = any(entry.key == "optional" for entry in item.entries) and len(item.entries) > 1
        for entry in item.entries:
            if not (legacy_optional and entry.key == "optional") and str(entry.key).split():
                *keywords, name = str(entry.key).split()
                group, _, package = name.partition("@")
                optional = "optional" in keywords or legacy_optional
                yield Default(group, _option(entry.value), _package(package), optional, "override" in keywords, file, entry.key_at)


def _package(written: str) -> str | None:
    """The package after `@`; `_here_` is the one of the file the list stands in."""
    return "" if written == "_here_" else written or None


def _option(node: ConfigNode) -> str | tuple[str, ...] | None:
    if isinstance(node, SequenceNode):
        return tuple(str(item.value) for item in node.items if isinstance(item, ScalarNode))
    return None if not isinstance(node, ScalarNode) or node.value is None else str(node.value)
