"""Data and models of somebody else that the code follows by a name that may move."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Confidence, Location, Step
from mldebt.declarations.types import HOLE, Image
from mldebt.flow.events import Event, Fetched, Fingerprinted, Loaded, Registered, Stored
from mldebt.flow.paths import normal, same_path
from mldebt.flow.world import World
from mldebt.graph.assets import Assets
from mldebt.graph.mutable import Looseness, loose_image, looseness
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails, distinct

LEARNING = frozenset({"train", "eval", "serve"})
CHECKED = frozenset({"url", "bucket"})
LOCAL_FOLDERS = frozenset(
    {
        "model", "models", "checkpoint", "checkpoints", "ckpt", "ckpts", "weights", "artifacts", "output", "outputs", "out", "results", "runs", "data",
        "saved_model", "saved_models", "pretrained", "trained", "exports", "tmp", "cache", "experiments", "logs", "src", "resources", "assets",
    }
)  # fmt: skip
NAMES_NO_FOLDER = frozenset({"registry", "artifact", "weights", "repository", "bucket"})
OWN_LINK = re.compile(r"github\.com/([\w.-]+)/([\w.-]+)/(?:blob|tree|raw)/[\w.-]+/([\w./-]*\w)")
URI = re.compile(r"[a-z][a-z0-9+.-]*://")


@dataclass(frozen=True, slots=True)
class LooseReference:
    """A reference that may move; `others` are more of them at the same places, `quiet` says that only notebooks and tests hold them."""

    name: str
    others: tuple[str, ...]
    callee: str
    why: str
    fix: str
    confidence: Confidence
    at: Location
    uses: int
    evidence: tuple[Step, ...]
    quiet: bool


@dataclass(frozen=True, slots=True)
class _Use:
    root: int
    event: Event
    name: str
    callee: str
    host: str
    loose: Looseness


class References:
    def __init__(self, world: World, reach: Reach, trails: Trails, assets: Assets, around: Surroundings) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._assets = assets
        self._around = around

    def loose(self) -> Iterator[LooseReference]:
        """One answer for each reference, at its first use in code that is neither test nor notebook; images of training jobs as well."""
        groups: dict[tuple[str, str], list[_Use]] = defaultdict(list)
        for use in self._uses():
            groups[use.host, use.name].append(use)
        found = [self._reference(uses, others) for uses, others in self._merged(groups)]
        found.extend(self._image(image, loose) for image, loose in self._images())
        yield from sorted(found, key=lambda reference: reference.at)

    # -- uses ---------------------------------------------------------------------------------------------------------

    def _uses(self) -> Iterator[_Use]:
        for number, root in enumerate(self._world.roots):
            named = {event.at for event in root.events if isinstance(event, Fetched)}
            kinds = {type(event) for event in root.events}
            for event in root.events:
                host, name, pin, callee = self._said(event)
                if not host or (isinstance(event, Loaded) and event.at in named) or not self._is_judged(number, event):
                    continue
                if (host in CHECKED and Fingerprinted in kinds) or (host == "registry" and Registered in kinds):
                    continue
                loose = looseness(host, name, pin)
                if loose is not None and not self._is_ours(host, name):
                    yield _Use(number, event, name, callee, host, loose)

    def _said(self, event: Event) -> tuple[str, str, str | None, str]:
        """Host, name, pin and callee of a reference; "" for other events."""
        if isinstance(event, Fetched):
            feed = event.host == "url" and event.name.endswith(".json")  # what a service answers, not a file
            return ("", "", None, "") if feed else (event.host, event.name, event.pin, event.callee)
        if isinstance(event, Loaded) and URI.match(event.path):
            return "url", event.path, None, ""
        return "", "", None, ""

    def _is_judged(self, number: int, event: Event) -> bool:
        reached = bool(self._reach.around(number, event.at) & (LEARNING | {"test"}))
        return reached and self._world.program.modules[event.at[0]].role not in ("docs", "generated")

    def _is_ours(self, host: str, name: str) -> bool:
        """Whether a name may mean a file or folder that the repository holds or makes; true in doubt."""
        if host == "url":
            return any("://" in path and same_path(path, name) for path in self._written)
        if host in NAMES_NO_FOLDER:
            return False
        path = normal(name)
        top = path.partition("/")[0]
        if top != path and top.lower() in self._owners:
            return True
        if top != path and (top.lower() in LOCAL_FOLDERS or self._assets.is_tracked(top)):
            return True  # no organisation: a folder that people make beside the code
        return self._assets.is_versioned(path) or any(same_path(path, other) or other.startswith(f"{path}/") for other in self._written)

    @cached_property
    def _owners(self) -> frozenset[str]:
        """Whose repository this is, as links of the documentation tell that lead to files that are here."""
        here: dict[tuple[str, str], int] = defaultdict(int)
        tracked = self._around.tracked
        for match in OWN_LINK.finditer(self._around.documentation):
            path = match[3].rstrip("/")
            leads_here = path in tracked or any(other.startswith(f"{path}/") for other in tracked)
            says_much = "/" in path or not leads_here  # every repository has a LICENSE
            here[match[1].lower(), match[2].lower()] += (1 if leads_here else -1) if says_much else 0
        return frozenset(owner for (owner, _), balance in here.items() if balance > 0)

    @cached_property
    def _written(self) -> tuple[str, ...]:
        found = {event.path for root in self._world.roots for event in root.events if isinstance(event, Stored)}
        return tuple(sorted(path for path in found if path.strip(HOLE + "/")))

    def _merged(self, groups: dict[tuple[str, str], list[_Use]]) -> Iterator[tuple[list[_Use], list[str]]]:
        """References that stand at the same places for the same reason belong together: a loop over addresses, a choice of models."""
        alike: dict[tuple[object, ...], list[list[_Use]]] = defaultdict(list)
        for (host, _), uses in sorted(groups.items()):
            places = tuple(sorted({use.event.at for use in uses}))
            alike[host, uses[0].loose, places].append(uses)
        for together in alike.values():
            yield together[0], [uses[0].name for uses in together[1:]]

    # -- answers ------------------------------------------------------------------------------------------------------

    def _reference(self, uses: list[_Use], others: list[str]) -> LooseReference:
        ordered = sorted(uses, key=lambda use: (self._is_quiet(use), self._trails.location(use.event.at)))
        first = ordered[0]
        places = list(dict.fromkeys(use.event.at for use in ordered))
        leaves = sorted(first.event.leaves) if isinstance(first.event, Fetched) else []
        steps = [
            *(Step(self._world.leaves[leaf].at, f"'{self._world.leaves[leaf].name}' names it") for leaf in leaves),
            *self._trails.calls(first.event.frame),
            *(self._trails.step(place, "it is read here" if place == first.event.at else "and here") for place in places),
        ]
        return LooseReference(
            name=first.name,
            others=tuple(others),
            callee=first.callee,
            why=first.loose.why,
            fix=first.loose.fix,
            confidence=first.loose.confidence,
            at=self._trails.location(first.event.at),
            uses=len(places) + len(others),
            evidence=distinct(steps),
            quiet=self._is_quiet(first),
        )

    def _is_quiet(self, use: _Use) -> bool:
        module = self._world.program.modules[use.event.at[0]]
        return module.is_notebook or module.is_test or "test" in self._reach.colours[use.root]

    # -- images -------------------------------------------------------------------------------------------------------

    def _images(self) -> Iterator[tuple[Image, Looseness]]:
        """Base images of Dockerfiles that run code which trains."""
        for image in self._around.images:
            loose = loose_image(image.name)
            if loose is not None and self._trains(image.path):
                yield image, loose

    def _trains(self, path: str) -> bool:
        started = {command.module for command in self._around.commands if command.source == "docker" and command.path == path}
        return any(
            self._world.program.modules[root.module].path in started and "train" in self._reach.colours[number]
            for number, root in enumerate(self._world.roots)
        )

    def _image(self, image: Image, loose: Looseness) -> LooseReference:
        at = Location(image.path, image.line)
        return LooseReference(
            image.name, (), "FROM", loose.why, loose.fix, loose.confidence, at, 1, (Step(at, "the image of a training job"),), False
        )
