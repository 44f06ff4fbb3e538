"""Which models are one: the same place, the same file or registered name, the parts of a pipeline or bundle."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from functools import cached_property

from mldebt.declarations.types import HOLE
from mldebt.flow.events import Fitted, Predicted, Stored
from mldebt.flow.paths import same_path
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.reach import Reach

REGISTRY = "models:/"


class Identities:
    """Numbers of models to the number that stands for all that are the same model."""

    def __init__(self, world: World, reach: Reach) -> None:
        self._world = world
        self._reach = reach
        self._parents = list(range(len(world.models)))
        self._join()

    def of(self, number: int) -> int:
        while 0 <= number != self._parents[number]:
            self._parents[number] = self._parents[self._parents[number]]
            number = self._parents[number]
        return number

    def _join(self) -> None:
        for bundle in sorted(map(sorted, self._world.bundles)):
            self._same(bundle)
        by_path: dict[str, set[int]] = defaultdict(set)
        for event in self.stored:
            self._same(sorted(event.models))
            if HOLE not in event.path or event.path.startswith(REGISTRY):
                by_path[event.path] |= event.models
        for number, paths in self._loaded.items():
            for path in paths:
                by_path[path].add(number)
        known = sorted(path for path in by_path if path and (HOLE not in path or path.startswith(REGISTRY)))
        for index, path in enumerate(known):
            for other in known[: index + 1]:
                if same_path(path, other):
                    self._same(sorted(by_path[path] | by_path[other]))

    def _same(self, models: list[int]) -> None:
        roots = sorted({self.of(number) for number in models if number >= 0})
        for other in roots[1:]:
            self._parents[other] = roots[0]

    @cached_property
    def stored(self) -> list[Stored]:
        """Models that are kept in files, outside tests."""
        return [
            event
            for number, root in enumerate(self._world.roots)
            if "test" not in self._reach.colours[number]
            for event in root.events
            if isinstance(event, Stored) and event.models and event.format == "object"
        ]

    @cached_property
    def _loaded(self) -> dict[int, set[str]]:
        """The paths that models come from which nobody here makes."""
        found: dict[int, set[str]] = defaultdict(set)
        for number, model in enumerate(self._world.models):
            found[number] |= self._world.loaded_from.get(model.at, set())
        for number, paths in self._world.adopted_from.items():
            found[number] |= paths
        return {number: {path for path in paths if path} for number, paths in found.items() if paths}

    def is_loaded(self, model: int) -> bool:
        """Whether a model (one that stands for all) comes out of a file."""
        return any(self.of(number) == model for number in self._loaded)

    @cached_property
    def _names(self) -> dict[int, str]:
        names: dict[int, list[str]] = defaultdict(list)
        for event in self.stored:
            for number in sorted(event.models):
                names[self.of(number)].append(_stem(event.path))
        for number, paths in sorted(self._loaded.items()):
            names[self.of(number)].extend(_stem(path) for path in sorted(paths))
        chosen = {
            model: next((n for n in sorted(stems, key=lambda n: (HOLE in n, n)) if n and HOLE not in n), "")
            for model, stems in names.items()
        }
        return {model: name for model, name in chosen.items() if name}

    def name(self, model: int) -> str:
        """As people call it: the file or registered name it is kept under, else its class."""
        return self._names.get(model) or self._class_names.get(model, "a model")

    @cached_property
    def _class_names(self) -> dict[int, str]:
        """The class of each model: of the last model made among its parts, else of whatever holds them."""
        found: dict[int, tuple[bool, str]] = {}
        for number, site in enumerate(self._world.models):
            bears = self._world.knowledge.kind(site.type) == "model" or not self._world.knowledge.kind(site.type)
            if site.name not in ("", "stored") and (bears or not found.get(self.of(number), (False, ""))[0]):
                found[self.of(number)] = (bears, site.name)
        return {model: name for model, (_, name) in found.items()}

    def sites(self, model: int) -> list[Place]:
        return [site.at for number, site in enumerate(self._world.models) if self.of(number) == model]

    @cached_property
    def fits(self) -> dict[int, list[tuple[int, Fitted]]]:
        """The fits of each model outside tests, with the number of their root."""
        found: dict[int, list[tuple[int, Fitted]]] = defaultdict(list)
        for number, root in enumerate(self._world.roots):
            if "test" not in self._reach.colours[number]:
                for event in root.events:
                    if isinstance(event, Fitted) and event.kind == "fitted" and event.model >= 0:
                        found[self.of(event.model)].append((number, event))
        return found

    @cached_property
    def predicted(self) -> dict[int, list[tuple[int, Predicted]]]:
        """The places where each prediction is made, outside tests, with the number of their root."""
        found: dict[int, list[tuple[int, Predicted]]] = defaultdict(list)
        for number, root in enumerate(self._world.roots):
            if "test" not in self._reach.colours[number]:
                for event in root.events:
                    if isinstance(event, Predicted):
                        found[event.prediction].append((number, event))
        return found


def _stem(path: str) -> str:
    """The name in a path or registry address."""
    if path.startswith(REGISTRY):
        return path.removeprefix(REGISTRY).partition("/")[0].partition("@")[0]
    name = posixpath.basename(path.rstrip("/"))
    stem = name.rpartition(".")[0] or name
    return stem if stem not in ("model", "models") else posixpath.basename(posixpath.dirname(path)) or stem
