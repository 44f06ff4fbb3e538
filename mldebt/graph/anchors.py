"""Literals that tie the code to one machine: folders of a user, mounts, drives, platforms; devices by their number."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Confidence, Location, Step
from mldebt.declarations.types import HOLE
from mldebt.facts.types import Code
from mldebt.flow.events import Anchored, Loaded, Stored
from mldebt.flow.paths import normal
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.machines import Home, container_folders, device_index, home_of, lies_below
from mldebt.graph.reach import Reach
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails, distinct

_CONTAINERS = re.compile(
    r"(?:.*/)?(?:[^/]*dockerfile[^/]*|[^/]*containerfile|(?:docker-)?compose[^/]*\.ya?ml|\.github/workflows/[^/]+|\.gitlab-ci\.yml)",
    re.IGNORECASE,
)
_USED = {"read": "is read here", "write": "is written here", "load": "is loaded here", "device": "is used here"}


@dataclass(frozen=True, slots=True)
class MachineAnchor:
    """A path or device as the code spells it; `platform` that has it, else "". `uses` are the places that need it, `quiet`: a notebook made for its platform."""

    name: str
    is_device: bool
    platform: str
    at: Location
    callee: str
    use: str
    uses: int
    confidence: Confidence
    evidence: tuple[Step, ...]
    quiet: bool


@dataclass(frozen=True, slots=True)
class _Use:
    event: Anchored
    text: str
    written: Place
    home: Home | None  # None of a device


class Anchors:
    def __init__(self, world: World, reach: Reach, trails: Trails, around: Surroundings) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._around = around

    def all(self, machine_folders: Sequence[str], fixed_folders: Sequence[str]) -> Iterator[MachineAnchor]:
        """One answer for each text in a module, at the first literal that begins it."""
        literals: dict[Place, list[_Use]] = defaultdict(list)
        for use in (*self._paths(machine_folders, (*fixed_folders, *self._of_containers)), *self._devices()):
            literals[use.written].append(use)
        groups: dict[tuple[int, str], list[_Use]] = defaultdict(list)
        for (module, _), uses in literals.items():
            groups[module, _named(uses)].extend(uses)
        found = [self._anchor(name, uses) for (_, name), uses in groups.items()]
        yield from sorted(found, key=lambda anchor: (anchor.at, anchor.name))

    # -- paths --------------------------------------------------------------------------------------------------------

    def _paths(self, machine_folders: Sequence[str], fixed_folders: Sequence[str]) -> Iterator[_Use]:
        """Paths all of whose alternatives are at home on one machine: who has another one ready knows of other machines."""
        for event in self._events:
            if event.use == "device":
                continue
            homes = [home_of(text, machine_folders) for text, _ in event.spelled]
            if any(home is None for home in homes) or self._is_asked_first(event, homes):
                continue
            for (text, written), home in zip(event.spelled, homes, strict=True):
                if not any(lies_below(text, folder) for folder in fixed_folders) and not self._is_replaced(event, written):
                    yield _Use(event, text, written, home)

    def _is_asked_first(self, event: Anchored, homes: Sequence[Home | None]) -> bool:
        """Whether a condition may have asked for the platform or the mount before."""
        return bool(event.guards) and any(home is not None and home.kind in ("platform", "mount") for home in homes)

    def _is_replaced(self, event: Anchored, written: Place) -> bool:
        """Whether the literal is only what a module or class begins with: another run of the same call gets something else."""
        if self._is_in_function(written):
            return False
        return event.at in self._replaced

    def _is_in_function(self, written: Place) -> bool:
        module, at = self._world.program.modules[written[0]], self._trails.location(written)

        def covers(code: Code) -> bool:
            (first, cell), (last, _) = (module.facts.in_cell(line) for line in (code.first_line, code.last_line))
            inside = cell == at.cell and first <= at.line <= last
            return inside and (code.kind in ("function", "lambda") or any(map(covers, code.children)))

        return any(map(covers, module.facts.code.children))

    @cached_property
    def _replaced(self) -> frozenset[Place]:
        """The places that in some run read or write what no literal spells."""
        found: set[Place] = set()
        for root in self._world.roots:
            spelled = {(event.at, normal(text)) for event in root.events if isinstance(event, Anchored) for text, _ in event.spelled}
            moves = (event for event in root.events if isinstance(event, Loaded | Stored))
            found.update(event.at for event in moves if (event.at, event.path) not in spelled)
        return frozenset(found)

    @cached_property
    def _of_containers(self) -> tuple[str, ...]:
        texts = (text for path, text in self._around.texts.items() if _CONTAINERS.fullmatch(path))
        return tuple(sorted(frozenset().union(*map(container_folders, texts))))

    # -- devices ------------------------------------------------------------------------------------------------------

    def _devices(self) -> Iterator[_Use]:
        """Devices but the first, in modules that know of no other: those share their work out among the devices of a machine."""
        for event in self._events:
            for text, written in event.spelled if event.use == "device" and not event.guards else ():
                index = device_index(text)
                if index and len(self._indices[written[0]]) == 1:
                    yield _Use(event, text, written, None)

    @cached_property
    def _indices(self) -> Mapping[int, set[int]]:
        """The devices that each module names by number."""
        found: dict[int, set[int]] = defaultdict(set)
        for event in self._events:
            for text, written in event.spelled if event.use == "device" else ():
                if (index := device_index(text)) is not None:
                    found[written[0]].add(index)
        return found

    # -- answers ------------------------------------------------------------------------------------------------------

    @cached_property
    def _events(self) -> tuple[Anchored, ...]:
        """Those of literals that are neither in tests nor in documentation or generated code."""
        events = (event for root in self._world.roots for event in root.events if isinstance(event, Anchored))
        return tuple(event for event in events if all(self._reach.judged(written) for _, written in event.spelled))

    def _anchor(self, name: str, uses: list[_Use]) -> MachineAnchor:
        ordered = sorted(uses, key=lambda use: (self._trails.location(use.written), self._trails.location(use.event.at)))
        first = ordered[0]
        home = first.home
        places = list(dict.fromkeys((use.event.at, use.event.use) for use in ordered))
        steps = [
            *(self._trails.step(place, "it is written here") for place in dict.fromkeys(use.written for use in ordered)),
            *self._trails.calls(first.event.frame),
            *(self._trails.step(place, f"it {_USED[use]}") for place, use in places),
        ]
        return MachineAnchor(
            name=name,
            is_device=home is None,
            platform=home.name if home is not None else "",
            at=self._trails.location(first.written),
            callee=first.event.callee,
            use=first.event.use,
            uses=len(places),
            confidence="firm" if home is not None and home.kind == "mount" else "certain",
            evidence=distinct(steps),
            quiet=home is not None and home.kind == "platform" and self._world.program.modules[first.written[0]].is_notebook,
        )


def _named(uses: Sequence[_Use]) -> str:
    """The text that the uses of a literal share."""
    texts = {use.text for use in uses}
    if len(texts) == 1:
        return texts.pop().replace(HOLE, "*")
    parts = [re.split(r"(?<=[/\\])", text.partition(HOLE)[0]) for text in sorted(texts)]
    shared = [names[0] for names in zip(*parts, strict=False) if len(set(names)) == 1]
    return "".join(shared).rstrip("/\\")
