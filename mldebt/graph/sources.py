"""Questions about sources: what is read, how, and whether anybody needs it."""

from __future__ import annotations

from mldebt.flow.world import World
from mldebt.graph.assets import Assets
from mldebt.graph.bundles import Bundles
from mldebt.graph.features import Features
from mldebt.graph.loads import Loads
from mldebt.graph.parsing import Parsing
from mldebt.graph.phantoms import Phantoms
from mldebt.graph.reach import Reach
from mldebt.graph.redundancy import Redundancy
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.trails import Trails


class Sources:
    """Each topic answers for itself."""

    def __init__(self, world: World, reach: Reach, trails: Trails, features: Features, assets: Assets, around: Surroundings) -> None:
        self.loads = Loads(world, reach, trails)
        self.parsing = Parsing(world, reach, trails, assets)
        self.phantoms = Phantoms(world, reach, trails)
        self.redundancy = Redundancy(world, reach, trails)
        self.bundles = Bundles(world, reach, trails, features, around)
