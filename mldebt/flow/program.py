"""The modules of the repository and how imports find them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location
from mldebt.facts.types import Code, FileFacts, Op
from mldebt.flow.values import Const, Place


@dataclass(frozen=True)
class ModuleInfo:
    """One Python file or notebook. `dotted` is its name from the root; `package` the folder its relative imports start in."""

    number: int
    path: str
    facts: FileFacts
    role: str

    @cached_property
    def parts(self) -> tuple[str, ...]:
        parts = self.path.rsplit(".", 1)[0].split("/")
        return tuple(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def dotted(self) -> str:
        parts = self.parts[1:] if self.parts[:1] == ("src",) and len(self.parts) > 1 else self.parts
        return ".".join(parts)

    @property
    def is_package(self) -> bool:
        return self.path.rsplit("/", 1)[-1] == "__init__.py"

    @property
    def folder(self) -> tuple[str, ...]:
        return self.parts if self.is_package else self.parts[:-1]

    @property
    def is_test(self) -> bool:
        return self.role == "test"

    @property
    def is_notebook(self) -> bool:
        return self.path.endswith(".ipynb")

    @cached_property
    def constants(self) -> tuple[Const, ...]:
        return tuple(Const(c if not isinstance(c, list | tuple) else ...) for c in self.facts.constants)

    def codes(self, qualname: str) -> Iterator[Code]:
        """Those of the functions of this qualified name, the module's own for ""."""
        pending = [self.facts.code]
        while pending:
            code = pending.pop()
            if code.qualname == qualname:
                yield code
            pending.extend(code.children)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every name and text in the code: attributes, keywords, parameters, variables, constants."""
        found: set[str] = set(self.strings)
        pending: list[object] = [self.facts.code]
        while pending:
            part = pending.pop()
            if isinstance(part, str):
                found.add(part)
            elif isinstance(part, tuple | list):
                pending.extend(part)
            elif isinstance(part, Code):
                found.update((*part.names, *(name for _, name, _, _ in part.free)))
                found.update(parameter.name for parameter in part.parameters)
                pending.extend((part.body, *part.children))
        return frozenset(found)

    @cached_property
    def keywords(self) -> Mapping[str, frozenset[int]]:
        """Where calls give an argument by its name: the tokens of these calls, by keyword."""
        found: dict[str, set[int]] = defaultdict(set)
        pending: list[object] = [self.facts.code]
        while pending:
            part = pending.pop()
            if isinstance(part, Code):
                pending.extend((part.body, *part.children))
            elif isinstance(part, tuple | list):
                pending.extend(part)
                if part and part[0] in (Op.CALL, Op.METHOD) and len(part) > 5 and isinstance(part[-1], tuple | list):
                    for keyword in part[-1]:
                        if isinstance(keyword, tuple | list) and isinstance(keyword[0], str):
                            found[keyword[0]].add(part[1])
        return {name: frozenset(tokens) for name, tokens in found.items()}

    @cached_property
    def strings(self) -> frozenset[str]:
        return frozenset(c for c in self.facts.constants if isinstance(c, str))


class Program:
    def __init__(self, facts: Mapping[str, FileFacts], roles: Mapping[str, str], root_packages: Sequence[str] = ()) -> None:
        """`root_packages` are dotted names of packages that may be imported wherever their folder stands."""
        self.modules = tuple(ModuleInfo(n, path, facts[path], roles.get(path, "source")) for n, path in enumerate(sorted(facts)))
        self.by_path = {module.path: module for module in self.modules}
        self._by_last: dict[str, list[ModuleInfo]] = defaultdict(list)
        for module in self.modules:
            if module.parts and not module.is_notebook:
                self._by_last[module.parts[-1]].append(module)
        self._packages: set[tuple[str, ...]] = set()
        for module in self.modules:
            for depth in range(1, len(module.parts) + (1 if module.is_package else 0)):
                self._packages.add(module.parts[:depth])
        self._roots = tuple(tuple(name.split(".")) for name in root_packages)
        self._found: dict[tuple[str, tuple[str, ...]], ModuleInfo | None] = {}

    @cached_property
    def texts(self) -> frozenset[str]:
        """Every constant text of every module."""
        return frozenset().union(*(module.strings for module in self.modules))

    def find(self, dotted: str, folder: tuple[str, ...]) -> ModuleInfo | None:
        """The module an absolute import means in `folder`: the candidate whose base is nearest to the importer."""
        key = (dotted, folder)
        if key not in self._found:
            self._found[key] = self._find(tuple(dotted.split(".")), folder)
        return self._found[key]

    def _find(self, parts: tuple[str, ...], folder: tuple[str, ...]) -> ModuleInfo | None:
        best: tuple[int, int, int] | None = None
        found: ModuleInfo | None = None
        for module in self._by_last.get(parts[-1], ()):
            if module.parts[-len(parts) :] != parts:
                continue
            base = module.parts[: -len(parts)]
            shared = _shared(base, folder)
            if not self._is_import_base(base, folder, parts, shared):
                continue
            rank = (-shared, len(base), module.number)
            if best is None or rank < best:
                best, found = rank, module
        return found or self._below_root(parts)

    def _below_root(self, parts: tuple[str, ...]) -> ModuleInfo | None:
        """`name.package.module` where the root itself is installed as `name`: a package of two parts or more from the root."""
        if (len(parts) < 3 and parts[:1] not in self._roots) or any(package[-1] == parts[0] for package in self._packages):
            return None
        return self.at(parts[1:])

    def _is_import_base(self, base: tuple[str, ...], folder: tuple[str, ...], parts: tuple[str, ...], shared: int) -> bool:
        """A base is a folder that can be on the path: one above the importer (inside no package, or run from there), the root, or a source root."""
        if shared == len(base) or any(parts[: len(name)] == name for name in self._roots):
            return True
        if len(parts) > 1 and (*base, parts[0]) in self._packages:
            return (*base, "__init__") not in self._packages and not self._is_package(base)
        return bool(base) and base[-1] in {"src", "lib", "python", "scripts"}

    def root_package(self, path: str) -> str:
        """The package of the settings that a file belongs to, "" for none; the outermost one."""
        folders = path.split("/")[:-1]
        for start in range(len(folders)):
            for name in self._roots:
                if tuple(folders[start : start + len(name)]) == name:
                    return ".".join(name)
        return ""

    def _is_package(self, folder: tuple[str, ...]) -> bool:
        return any(module.is_package and module.parts == folder for module in self._by_last.get(folder[-1], ())) if folder else False

    def relative(self, module: ModuleInfo, level: int, dotted: str) -> tuple[str, ...]:
        folder = module.folder
        base = folder[: len(folder) - (level - 1)] if level > 1 else folder
        return (*base, *(dotted.split(".") if dotted else ()))

    def at(self, parts: tuple[str, ...]) -> ModuleInfo | None:
        """The module or package at a folder path."""
        if not parts:
            return self.by_path.get("__init__.py")
        joined = "/".join(parts)
        return self.by_path.get(f"{joined}.py") or self.by_path.get(f"{joined}/__init__.py")

    def location(self, place: Place) -> Location:
        module = self.modules[place[0]]
        line, column, end_line, end_column, cell = module.facts.place(place[1])
        return Location(module.path, line, column, end_line, end_column, cell)

    def code_location(self, module: int, code: Code) -> Location:
        return self.location((module, code.at))


def _shared(first: tuple[str, ...], second: tuple[str, ...]) -> int:
    count = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        count += 1
    return count
