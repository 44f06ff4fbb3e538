"""How the repository starts its code, who owns it and what it documents: read from everything that is neither Python nor a config."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mldebt.analysis.configs import Configs, OnDemand
from mldebt.analysis.reading import Reading
from mldebt.configs.tree import plain
from mldebt.configs.types import ConfigTree
from mldebt.declarations.annotations import dbt_annotations, dbt_files, dvc_annotations
from mldebt.declarations.dockerfile import base_images
from mldebt.declarations.dvc import dvc_tracked
from mldebt.declarations.key_readers import shell_key_readers
from mldebt.declarations.stages import find_missing_programs, find_stages
from mldebt.declarations.types import Command, Image, MissingProgram, Stage
from mldebt.settings import Annotation, Settings
from mldebt.workspace.owners import Owners

_TEXTS = frozenset({"make", "shell", "docker", "workflow", "markdown"})
_COMMENTED = frozenset({"make", "shell", "docker"})
_TOOL_FILE = re.compile(r"(?:.*/)?(?:dvc\.ya?ml|MLproject|(?:docker-)?compose[^/]*\.ya?ml)")
_INSTALLED = re.compile(r"(?:.*/)?(?:pyproject\.toml|setup\.cfg)")
_OWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_TARGET = re.compile(r"\s*([\w.]+)\s*:\s*[\w.]+")
_ASSIGNED = re.compile(r"\s*([\w.-]+)\s*=\s*(\S+)")


@dataclass(frozen=True, slots=True)
class Declared:
    """`texts` are those of the shell, make, docker, workflow, documentation and stage files by path."""

    stages: tuple[Stage, ...]
    commands: tuple[Command, ...]
    owners: Owners | None
    texts: Mapping[str, str]
    reading: Reading
    versioned: frozenset[str]
    missing: tuple[MissingProgram, ...] = ()

    @property
    def images(self) -> tuple[Image, ...]:
        """What containers are built from, by place."""
        docker = ((path, text) for path, text in sorted(self.texts.items()) if self.reading.kinds[path] == "docker")
        return tuple(image for path, text in docker for image in base_images(path, text))

    @property
    def documentation(self) -> str:
        return "\n".join(text for path, text in sorted(self.texts.items()) if self.reading.kinds[path] == "markdown")

    @property
    def readme(self) -> str:
        """The first lines of the root's README."""
        return next((text[:1500] for path, text in sorted(self.texts.items()) if path.lower().startswith("readme.")), "")

    @property
    def commented(self) -> Iterator[tuple[str, str]]:
        """The texts whose comments no parser reads."""
        yield from ((path, text) for path, text in sorted(self.texts.items()) if self.reading.kinds[path] in _COMMENTED)

    @property
    def shell_keys(self) -> frozenset[str]:
        return shell_key_readers({path: text for path, text in self.texts.items() if self.reading.kinds[path] != "markdown"})


def read_declared(reading: Reading, configs: Configs, python_files: frozenset[str], settings: Settings) -> Declared:
    tools = tuple(path for path in sorted(reading.kinds) if _is_tool_file(path, reading))
    read = ((path, reading.text(path)) for path in _text_files(reading, tools))
    texts = {path: text for path, text in read if text is not None and len(text) <= settings.size_limit}
    trees = OnDemand(configs, tools)
    stages, commands = find_stages(texts, trees, python_files, _console_scripts(reading, configs, python_files))
    pointers = OnDemand(configs, tuple(path for path in sorted(reading.kinds) if path.endswith(".dvc")))
    missing = find_missing_programs(texts, trees, python_files)
    return Declared(stages, commands, owners_of(reading, settings), texts, reading, dvc_tracked(pointers), missing)


def annotations_of(reading: Reading, configs: Configs) -> tuple[Annotation, ...]:
    """What DVC and dbt say about data. A file of dbt that cannot be read is dbt's business."""
    pointers = OnDemand(configs, tuple(path for path in sorted(reading.kinds) if path.endswith(".dvc")))
    models = OnDemand(configs, tuple(dbt_files(reading.kinds)))
    return (*dvc_annotations(pointers), *dbt_annotations(models))


def _is_tool_file(path: str, reading: Reading) -> bool:
    is_workflow = reading.kinds[path] == "workflow" and path.endswith((".yml", ".yaml"))
    return is_workflow or _TOOL_FILE.fullmatch(path) is not None


def _text_files(reading: Reading, tools: tuple[str, ...]) -> list[str]:
    return sorted({*tools, *(path for path, kind in reading.kinds.items() if kind in _TEXTS)})


def owners_of(reading: Reading, settings: Settings) -> Owners | None:
    """CODEOWNERS, then what the settings say, which wins."""
    listing = next((text for path in _OWNERS if path in reading.kinds and (text := reading.text(path)) is not None), "")
    lines = [listing, *(f"{pattern} {' '.join(owners)}" for pattern, owners in settings.owners.items())]
    return Owners.parse("\n".join(lines)) if listing or settings.owners else None


def _console_scripts(reading: Reading, configs: Configs, python_files: frozenset[str]) -> dict[str, str]:
    """The file behind each script that the project installs."""
    scripts: dict[str, str] = {}
    for path in sorted(path for path in reading.kinds if _INSTALLED.fullmatch(path)):
        tree = configs(path)
        for name, target in _script_targets(tree) if tree is not None else ():
            found = _file_of(target, posixpath.dirname(path), python_files)
            if found is not None:
                scripts.setdefault(name, found)
    return scripts


def _script_targets(tree: ConfigTree) -> Iterator[tuple[str, str]]:
    document = plain(tree.root)
    for keys in (("project", "scripts"), ("tool", "poetry", "scripts"), ("options.entry_points", "console_scripts")):
        found = document
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, dict):
            yield from ((str(name), target) for name, target in found.items() if isinstance(target, str))
        elif isinstance(found, str):
            yield from ((match[1], match[2]) for line in found.splitlines() if (match := _ASSIGNED.match(line)))


def _file_of(target: str, folder: str, python_files: frozenset[str]) -> str | None:
    """The file of `package.module:function`, below the folder of the file that names it or below its `src`."""
    match = _TARGET.match(target)
    if match is None:
        return None
    inner = match[1].replace(".", "/")
    candidates = (posixpath.join(folder, base, name) for base in ("", "src") for name in (f"{inner}.py", f"{inner}/__init__.py"))
    return next((path for path in candidates if path in python_files), None)
