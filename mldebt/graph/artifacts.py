"""Models and transformers that code loads, and that nothing in the repository accounts for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location, Step
from mldebt.declarations.types import HOLE
from mldebt.flow.events import Fetched, Loaded, Stored
from mldebt.flow.paths import FIXED_CHARACTERS, normal, same_path
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.assets import Assets
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails, distinct

LEARNING = frozenset({"train", "eval", "serve"})
ARTIFACTS = frozenset({"object"})
SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9_]{1,11}$")
DOWNLOADS = re.compile(
    r"\b(?:wget|curl|gsutil|aws\s+s3|az\s+storage|azcopy|gdown|rclone|rsync|scp|dvc\s+(?:pull|get|import|fetch)|kaggle|huggingface-cli|hf\s+download|mc\s+cp|s3cmd|git\s+lfs|unzip|tar\s+-?\w*x)\b"
)
MOUNTS = ("/", "~", "..", "$")


@dataclass(frozen=True, slots=True)
class UnversionedArtifact:
    """A file that is loaded and that nobody makes."""

    path: str
    at: Location
    evidence: tuple[Step, ...]
    in_notebook: bool


class Artifacts:
    def __init__(self, world: World, reach: Reach, trails: Trails, assets: Assets, around: Surroundings) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._assets = assets
        self._around = around

    def unversioned(self) -> Iterator[UnversionedArtifact]:
        """One answer for each file, at its first reader that is no notebook."""
        loads: dict[str, list[Loaded]] = {}
        for number, root in enumerate(self._world.roots):
            if "test" in self._reach.colours[number]:
                continue
            remote = {event.at for event in root.events if isinstance(event, Fetched)}
            for event in root.events:
                if isinstance(event, Loaded) and event.at not in remote and self._is_artifact(number, event):
                    loads.setdefault(event.path, []).append(event)
        found = [self._answer(path, events) for path, events in loads.items() if not self._is_accounted_for(path)]
        yield from sorted(found, key=lambda artifact: artifact.at)

    def _is_artifact(self, number: int, event: Loaded) -> bool:
        path = event.path
        if event.format not in ARTIFACTS or event.sources or HOLE in path or "://" in path or ":" in path or path.startswith(MOUNTS):
            return False
        return (
            SUFFIX.search(path) is not None
            and bool(self._reach.around(number, event.at) & LEARNING)
            and self._reach.judged(event.at)
            and not self._is_given(path)
        )

    def _is_given(self, path: str) -> bool:
        """Whether people give the path when they start the program: an option, or an environment variable."""
        return any(leaf.kind == "option" and "default" not in leaf.traits and leaf.value == path for leaf in self._world.leaves)

    # -- who accounts for it ------------------------------------------------------------------------------------------

    def _is_accounted_for(self, path: str) -> bool:
        """Whether git, a pointer, a stage, code or a documented step brings the file; true in doubt."""
        folders = self._folders(path)
        if any(self._assets.is_versioned(one) for one in folders):
            return True
        return self._may_be_written(path) or self._is_named_elsewhere(path) or self._is_documented(path)

    def _folders(self, path: str) -> list[str]:
        """The path from the root, and from the folder of every reader and those above it."""
        found = {path: None}
        for event in self._loads_of(path):
            parts = self._world.program.modules[event.at[0]].folder
            for depth in range(1, len(parts) + 1):
                found[posixpath.normpath("/".join((*parts[:depth], path)))] = None
        for command in self._around.commands:
            if command.working_directory:
                found[posixpath.normpath(posixpath.join(command.working_directory, path))] = None
        return list(found)

    def _loads_of(self, path: str) -> list[Loaded]:
        return [event for root in self._world.roots for event in root.events if isinstance(event, Loaded) and event.path == path]

    @cached_property
    def _written(self) -> tuple[str, ...]:
        return tuple(sorted({event.path for root in self._world.roots for event in root.events if isinstance(event, Stored)}))

    def _may_be_written(self, path: str) -> bool:
        """A writer of the same file, of files of that name elsewhere, or of files whose names cannot be told."""
        name = posixpath.basename(path)
        for written in self._written:
            known = len(written.replace(HOLE, "").replace("/", ""))
            if same_path(written, path) or posixpath.basename(written) == name or path.startswith(f"{written}/"):
                return True
            if HOLE in written and (known < FIXED_CHARACTERS or posixpath.splitext(written)[1] in ("", posixpath.splitext(path)[1])):
                return True
        return False

    def _is_named_elsewhere(self, path: str) -> bool:
        """Whether a text of a module that does not read the file names it: it may be written or fetched there in a way that we do not see."""
        name = posixpath.basename(path)
        readers = {event.at[0] for event in self._loads_of(path)}
        known = set(readers)
        for reader in readers:
            known |= self._world.imports.get(reader, set())
        modules = self._world.program.modules
        elsewhere = any(name in text for module in modules if module.number not in known and not module.is_test for text in module.strings)
        fetched = any(name in text and (DOWNLOADS.search(text) or "://" in text) for number in known for text in modules[number].strings)
        return elsewhere or fetched

    def _is_documented(self, path: str) -> bool:
        """Whether a script, a Dockerfile, CI or the documentation has a step that brings the file or its folder."""
        name, folder = posixpath.basename(path), posixpath.dirname(path)
        for text in self._around.texts.values():
            if name in text:
                return True
            if any(
                DOWNLOADS.search(line) and (not folder or folder in line or posixpath.basename(folder) in line)
                for line in text.splitlines()
            ):
                return True
        return False

    # -- answers ------------------------------------------------------------------------------------------------------

    def _answer(self, path: str, events: list[Loaded]) -> UnversionedArtifact:
        modules = self._world.program.modules
        first = min(events, key=lambda event: (modules[event.at[0]].is_notebook, self._trails.location(event.at)))
        places: list[Place] = sorted({event.at for event in events})
        steps = [
            *self._trails.calls(first.frame),
            self._trails.step(first.at, "it is loaded here"),
            *(self._trails.step(place, "and here") for place in places if place != first.at),
        ]
        return UnversionedArtifact(normal(path), self._trails.location(first.at), distinct(steps), modules[first.at[0]].is_notebook)
