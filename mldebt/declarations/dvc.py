"""Stages of dvc.yaml, loops expanded, `${…}` replaced."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from mldebt.configs.types import ConfigNode, ConfigTree, Entry, MappingNode, ScalarNode, Span
from mldebt.declarations.commands import Origin, commands_in
from mldebt.declarations.nodes import Script, child, entries, items, scalars, script_of, text_of
from mldebt.declarations.programs import Programs
from mldebt.declarations.templates import Scope, layer, references, selected
from mldebt.declarations.types import HOLE, Command, Declared, Stage

_DEFAULT_PARAMETERS = "params.yaml"
_SHOWN_KEYS = ("metrics", "metrics_no_cache", "plots", "plots_no_cache")
_OUTPUT_KEYS = ("outs", "outs_no_cache", "outs_persist", *_SHOWN_KEYS, "checkpoints")
_MOST_LOOPS = 500
_ORDERING = re.compile(r"#.*\b(?:order(?:ing)?|after|before|first|wait|force[sd]?|trigger\w*|sequence|barrier|sync)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _StageEntry:
    """One stage, its loop unrolled."""

    name: str
    entry: Entry
    body: ConfigNode
    scope: Scope


def dvc_stages(tree: ConfigTree, source: str | None, trees: Mapping[str, ConfigTree], programs: Programs) -> Iterator[Stage | Command]:
    """The stages of a dvc.yaml, each followed by its commands."""
    folder = posixpath.dirname(tree.path)
    defaults = _file_layers(f"{folder}/{_DEFAULT_PARAMETERS}" if folder else _DEFAULT_PARAMETERS, (), trees)
    scope = Scope((*_variables(child(tree.root, "vars"), folder, trees), *defaults))
    for entry in entries(child(tree.root, "stages")):
        for stage in _unrolled(entry, scope):
            own = tuple(_variables(child(stage.body, "vars"), folder, trees))
            yield from _Reader(tree.path, source, stage.scope.within(*own), folder, programs).stage(stage)


def dvc_tracked(trees: Mapping[str, ConfigTree]) -> frozenset[str]:
    """Paths that *.dvc files declare: data that exists though git does not hold it."""
    return frozenset(
        located(posixpath.dirname(path), out)
        for path, tree in trees.items()
        if path.endswith(".dvc")
        for item in items(child(tree.root, "outs"))
        if (out := text_of(child(item, "path")))
    )


def located(folder: str, path: str) -> str:
    """A path of a stage relative to the root; what is remote, absolute or begins with a hole stays as it is."""
    if "://" in path or path.startswith(("/", HOLE)):
        return path
    return posixpath.normpath(posixpath.join(folder, path))


def _variables(node: ConfigNode | None, folder: str, trees: Mapping[str, ConfigTree]) -> Iterator[ConfigNode]:
    """`vars:` holds mappings, and files with an optional choice of keys."""
    for item in items(node):
        if isinstance(item, ScalarNode):
            name, _, keys = str(item.value).partition(":")
            yield from _file_layers(located(folder, name), tuple(filter(None, keys.split(","))), trees)
        else:
            yield item


def _file_layers(path: str, keys: tuple[str, ...], trees: Mapping[str, ConfigTree]) -> tuple[ConfigNode, ...]:
    root = trees[path].root if path in trees else None
    if root is None:
        return ()
    return (selected(root, keys) if keys else root,)


def _unrolled(entry: Entry, scope: Scope) -> Iterator[_StageEntry]:
    name, body = str(entry.key), entry.value
    if loop := scope.node(child(body, "foreach")):
        inner = child(body, "do")
        for label, values in itertools.islice(_foreach(loop), _MOST_LOOPS):
            if inner is not None:
                yield _StageEntry(f"{name}@{label}", entry, inner, scope.within(values))
    elif matrix := scope.node(child(body, "matrix")):
        axes = [[(str(axis.key), number, value) for number, value in enumerate(items(scope.node(axis.value)))] for axis in entries(matrix)]
        for choice in itertools.islice(itertools.product(*axes), _MOST_LOOPS):
            label = "-".join(text_of(value) or f"{axis}{number}" for axis, number, value in choice)
            item = layer(body, **{axis: value for axis, _, value in choice})
            yield _StageEntry(f"{name}@{label}", entry, body, scope.within(layer(body, item=item)))
    else:
        yield _StageEntry(name, entry, body, scope)


def _foreach(loop: ConfigNode) -> Iterator[tuple[str, MappingNode]]:
    if isinstance(loop, MappingNode):
        for entry in entries(loop):
            yield str(entry.key), layer(loop, item=entry.value, key=ScalarNode(str(entry.key), entry.key_at))
        return
    for number, item in enumerate(items(loop)):
        label = text_of(item)
        yield label if label is not None else str(number), layer(item, item=item)


@dataclass(frozen=True, slots=True)
class _Reader:
    path: str
    source: str | None
    scope: Scope
    folder: str
    programs: Programs

    def stage(self, stage: _StageEntry) -> Iterator[Stage | Command]:
        body = stage.body
        wdir = text_of(child(body, "wdir"))
        folder = located(self.folder, self.scope.text(wdir)) if wdir else self.folder
        folder = "" if folder == "." else folder
        scripts = [script_of(scalar, self.source) for scalar in scalars(child(body, "cmd"))]
        scripts = [Script(self.scope.text(script.text, command=True), script.line, script.spreads) for script in scripts]
        yield Stage(
            name=stage.name,
            tool="dvc",
            path=self.path,
            line=stage.entry.key_at.line,
            commands=tuple(script.text.strip() for script in scripts),
            depends=tuple(located(folder, path) for path, _ in self._paths(child(body, "deps"))),
            outputs=self._located(body, _OUTPUT_KEYS, folder),
            parameters=tuple(name for name, _ in self._parameters(child(body, "params"), folder)),
            working_directory=folder,
            runs=_runs(body),
            templated=tuple(sorted(references(body))),
            entries=tuple(self._entries(body, folder)),
            shown=self._located(body, _SHOWN_KEYS, folder),
        )
        for script in scripts:
            start = () if HOLE in folder else (folder,)
            origin = Origin(self.path, script.line, "stage", stage.name, start or ("",), script.spreads)
            yield from commands_in(script.text, origin, self.programs)

    def _located(self, body: ConfigNode, keys: Iterable[str], folder: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(located(folder, path) for key in keys for path, _ in self._paths(child(body, key))))

    def _entries(self, body: ConfigNode, folder: str) -> Iterator[Declared]:
        lines = self.source.splitlines() if self.source is not None else []
        named = [(located(folder, path), at) for path, at in self._paths(child(body, "deps"))]
        for name, at in (*named, *self._parameters(child(body, "params"), folder)):
            near = lines[max(0, at.line - 2) : at.line] if lines else []
            above = near[:-1] if near[:-1] and near[0].lstrip().startswith("#") else []
            yield Declared(name, at.line, at.column, any(_ORDERING.search(line) for line in (*above, *near[-1:])))

    def _paths(self, node: ConfigNode | None) -> Iterator[tuple[str, Span]]:
        """Items are paths, or mappings of one path to its options."""
        for item in items(node):
            if (path := text_of(item)) is not None:
                yield self.scope.text(path), item.at
            else:
                yield from ((self.scope.text(str(entry.key)), entry.key_at) for entry in entries(item))

    def _parameters(self, node: ConfigNode | None, folder: str) -> Iterator[tuple[str, Span]]:
        """Keys of params.yaml, or of the file they stand under; a file without keys is meant whole."""
        for item in items(node):
            if (key := text_of(item)) is not None:
                yield f"{located(folder, _DEFAULT_PARAMETERS)}:{self.scope.text(key)}", item.at
            for entry in entries(item):
                file = located(folder, self.scope.text(str(entry.key)))
                keys = [(self.scope.text(key), one.at) for one in items(entry.value) if (key := text_of(one))]
                yield from ((f"{file}:{key}", at) for key, at in keys or [("", entry.key_at)])


def _runs(body: ConfigNode) -> Literal["when changed", "always", "never"]:
    if text_of(child(body, "frozen")) == "true":
        return "never"
    return "always" if text_of(child(body, "always_changed")) == "true" else "when changed"
