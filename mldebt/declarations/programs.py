"""Which file of the repository a word of a command line runs."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mldebt.declarations.types import HOLE, MissingProgram


@dataclass(frozen=True, slots=True)
class Program:
    """A file, and the directory (relative to the root) in which its command line makes sense."""

    module: str
    folder: str


@dataclass(frozen=True, slots=True)
class Programs:
    """The Python files and notebooks of a repository and the console scripts it declares (name -> file)."""

    files: frozenset[str]
    console_scripts: Mapping[str, str] = field(default_factory=dict)
    missing: dict[MissingProgram, None] = field(init=False, default_factory=dict, repr=False)
    _by_name: dict[str, list[str]] = field(init=False, default_factory=lambda: defaultdict(list), repr=False)

    def __post_init__(self) -> None:
        for path in sorted(self.files):
            self._by_name[posixpath.basename(path)].append(path)

    def script(self, word: str, folders: Sequence[str]) -> Program | None:
        """The file a path names, seen from the first of `folders` in which it exists; else the only file that ends in this path."""
        if HOLE in word or word.startswith(("/", "~")):
            return self._somewhere(word.rpartition(HOLE)[2]) if HOLE not in posixpath.basename(word) else None
        for folder in folders:
            path = joined(folder, word)
            if path in self.files:
                return Program(path, folder)
            if folder.startswith("/") and (program := self._somewhere(path)):
                return _seen_from(program.module, word)
        only = self._only(posixpath.normpath(word))
        return _seen_from(only, word) if only else None

    def module(self, dotted: str, folders: Sequence[str]) -> Program | None:
        """The file that `python -m dotted` runs."""
        if not all(part.isidentifier() for part in dotted.split(".")):
            return None
        path = dotted.replace(".", "/")
        for folder in folders:
            for base in _tails(folder):
                for candidate in (f"{path}.py", f"{path}/__main__.py"):
                    if (found := joined(base, candidate)) in self.files:
                        return Program(found, base)
        installed = (f"{path}.py", f"{path}/__main__.py") if "." in dotted else (f"{path}/__main__.py",)
        for candidate in installed:
            only = f"src/{candidate}" if f"src/{candidate}" in self.files else self._only(candidate)
            if only and f"{only.removesuffix(candidate)}__init__.py" not in self.files:
                return Program(only, _start(folders))
        return None

    def console_script(self, word: str, folders: Sequence[str]) -> Program | None:
        module = self.console_scripts.get(word)
        return Program(module, _start(folders)) if module in self.files and module else None

    def may_be(self, word: str, folders: Sequence[str]) -> bool:
        """Whether a word that names a script may be a file of the repository, or one that stands elsewhere; true in doubt."""
        if not word.endswith(".py") or word.startswith(("/", "~", "..")) or not all(sign.isalnum() or sign in "_-./" for sign in word):
            return True
        known = (folder for folder in folders if folder == "" or any(path.startswith(f"{folder}/") for path in self.files))
        return posixpath.basename(word) in self._by_name or next(known, None) is None

    def _somewhere(self, path: str) -> Program | None:
        """A path of another machine or container: its longest tail that is a file of the root, or the only such one."""
        parts = [part for part in posixpath.normpath(path).split("/") if part not in {"", "~", ".", ".."}]
        for start in range(len(parts)):
            tail = "/".join(parts[start:])
            if tail in self.files:
                return Program(tail, "")
            if only := self._only(tail):
                return Program(only, "")
        return None

    def _only(self, tail: str) -> str | None:
        """The only file whose path ends in `tail`."""
        tail = tail.removeprefix("../")
        ends = [path for path in self._by_name.get(posixpath.basename(tail), ()) if path == tail or path.endswith("/" + tail)]
        return ends[0] if len(ends) == 1 else None


def joined(folder: str, word: str) -> str:
    """The normal path relative to the root; absolute stays absolute."""
    path = posixpath.normpath(posixpath.join(folder, word))
    return "" if path == "." else path


def _start(folders: Sequence[str]) -> str:
    """The directory an installed program starts in; one of another machine says nothing."""
    return next((folder for folder in folders if not folder.startswith("/")), "")


def _tails(folder: str) -> Iterator[str]:
    """A directory of a container may be any part of the root: `/app/src` is `app/src`, `src` or the root."""
    if not folder.startswith("/"):
        yield folder
        return
    parts = [part for part in folder.split("/") if part]
    yield from ("/".join(parts[start:]) for start in range(len(parts) + 1))


def _seen_from(module: str, word: str) -> Program:
    plain = posixpath.normpath(word)
    return Program(module, module.removesuffix(plain).rstrip("/") if module.endswith(plain) else "")
