"""How many models one thing reaches: features, settings, transformers, files (catalogue MLD101)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Location
from mldebt.flow.events import Fitted, Tuned
from mldebt.flow.origin import ones
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.graph.features import Feature, Features
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails

SOURCES = frozenset({"source"})


@dataclass(frozen=True, slots=True)
class Spread:
    """`kind`: feature | setting | transformer | file; `models` are the places where the models that it reaches are made."""

    kind: str
    name: str
    at: Location
    models: tuple[Location, ...]


@dataclass(frozen=True, slots=True)
class FanIn:
    """What comes together in a model: columns that it learns from, and hyperparameters that code sets."""

    model: str
    at: Location
    features: int
    hyperparameters: int


class Entanglement:
    def __init__(self, world: World, reach: Reach, trails: Trails, features: Features) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails
        self._features = features

    @cached_property
    def _fits(self) -> list[Fitted]:
        """The fits of models that can be told apart, tests left out."""
        return [event for event in self._learned if event.kind == "fitted" and event.model >= 0]

    @cached_property
    def _learned(self) -> list[Fitted]:
        return [
            event
            for number, root in enumerate(self._world.roots)
            if "test" not in self._reach.colours[number]
            for event in root.events
            if isinstance(event, Fitted) and self._reach.judged(event.at)
        ]

    @cached_property
    def _tuned(self) -> list[Tuned]:
        return [event for root in self._world.roots for event in root.events if isinstance(event, Tuned)]

    def models(self) -> int:
        return len({event.model for event in self._fits})

    def spreads(self) -> list[Spread]:
        """Everything that reaches a model, the widest first."""
        reached: dict[tuple[str, str, Location], set[int]] = defaultdict(set)
        for fit in self._fits:
            for key in (*self._features_of(fit), *self._transformers_of(fit), *self._files_of(fit), *self._settings_of(fit)):
                reached[key].add(fit.model)
        locate = self._trails.location
        found = [
            Spread(kind, name, at, tuple(sorted({locate(self._world.models[number].at) for number in models})))
            for (kind, name, at), models in reached.items()
        ]
        return sorted(found, key=lambda spread: (-len(spread.models), spread.kind, spread.at, spread.name))

    def _features_of(self, fit: Fitted) -> list[tuple[str, str, Location]]:
        bits = self._closed(fit.features)
        return [("feature", feature.name, feature.produced_at) for feature in self._made if feature.columns & bits]

    @cached_property
    def _made(self) -> list[Feature]:
        return self._features.all()

    def _closed(self, bits: int) -> int:
        """The columns and all that they are made of."""
        seen = 0
        while waiting := bits & ~seen:
            seen |= waiting
            for number in ones(waiting):
                bits |= self._world.columns[number].deps
        return bits

    def _transformers_of(self, fit: Fitted) -> list[tuple[str, str, Location]]:
        known = (self._world.rows.aggregates[number] for number in ones(fit.origin.aggregates))
        return [("transformer", item.what, self._trails.location(item.at)) for item in known if item.kind == "fitted"]

    def _files_of(self, fit: Fitted) -> list[tuple[str, str, Location]]:
        rows = self._world.rows
        tokens = rows.named(rows.closure(fit.origin.rows))
        return [("file", token.name, self._trails.location(token.at)) for token in tokens if token.kind in SOURCES and token.name]

    def _settings_of(self, fit: Fitted) -> list[tuple[str, str, Location]]:
        leaves = {event.leaf for event in self._tuned if event.leaf >= 0 and event.at in self._places(fit)}
        return [("setting", self._world.leaves[leaf].name, self._world.leaves[leaf].at) for leaf in sorted(leaves)]

    def _places(self, fit: Fitted) -> frozenset[Place]:
        """Where a model gets its hyperparameters: where it is made, and where it learns."""
        return frozenset({fit.at, self._world.models[fit.model].at})

    def fan_ins(self) -> list[FanIn]:
        """Each model with what comes together in it, the most first."""
        found: list[FanIn] = []
        for number in sorted({fit.model for fit in self._fits}):
            fits = [fit for fit in self._fits if fit.model == number]
            names = {self._world.columns[bit].name for fit in fits for bit in ones(fit.features)}
            places = frozenset().union(*(self._places(fit) for fit in fits))
            parameters = {event.parameter for event in self._tuned if event.at in places}
            model = self._world.models[number]
            found.append(FanIn(model.name, self._trails.location(model.at), len(names), len(parameters)))
        return sorted(found, key=lambda fan_in: (-(fan_in.features + fan_in.hyperparameters), fan_in.at))

    def transforms(self) -> tuple[tuple[Location, ...], int]:
        """Where transformers that mix columns are fitted, and how many places fit any."""
        places: dict[Location, bool] = {}
        for event in self._learned:
            if event.kind == "transformer fitted" and event.model >= 0:
                mixes = self._world.knowledge.mixes(self._world.models[event.model].type)
                at = self._trails.location(event.at)
                places[at] = places.get(at, False) or mixes
        return tuple(sorted(at for at, mixes in places.items() if mixes)), len(places)
