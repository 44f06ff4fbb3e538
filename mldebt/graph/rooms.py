"""The rooms of the graph, one for each topic, built once and told of each other."""

from __future__ import annotations

from mldebt.flow.follow import Followed
from mldebt.graph.anchors import Anchors
from mldebt.graph.annotations import Annotations
from mldebt.graph.artifacts import Artifacts
from mldebt.graph.assets import Assets
from mldebt.graph.combinations import Combinations
from mldebt.graph.constants import Constants
from mldebt.graph.consumers import Consumers
from mldebt.graph.dangling import Dangling
from mldebt.graph.decisions import Decisions
from mldebt.graph.dependencies import Dependencies
from mldebt.graph.deprecation import Deprecations
from mldebt.graph.divisions import Divisions
from mldebt.graph.duplicates import Duplicates
from mldebt.graph.entanglement import Entanglement
from mldebt.graph.environment import Environment
from mldebt.graph.evaluation import Evaluations
from mldebt.graph.feature_sets import FeatureSets
from mldebt.graph.features import Features
from mldebt.graph.flags import Flags
from mldebt.graph.glue import Glue
from mldebt.graph.hyperparameters import Hyperparameters
from mldebt.graph.leakage import Leakage
from mldebt.graph.learners import Learners
from mldebt.graph.missing_keys import MissingKeys
from mldebt.graph.near_misses import NearMisses
from mldebt.graph.options import Options
from mldebt.graph.picture import Drawing
from mldebt.graph.published import Published
from mldebt.graph.reach import Reach
from mldebt.graph.references import References
from mldebt.graph.refits import Refits
from mldebt.graph.repeated_keys import RepeatedKeys
from mldebt.graph.selection import Selections
from mldebt.graph.setting_keys import SettingKeys
from mldebt.graph.setting_reads import SettingReads
from mldebt.graph.setting_trees import SettingTrees
from mldebt.graph.sinks import Sinks
from mldebt.graph.skew import Skew
from mldebt.graph.sources import Sources
from mldebt.graph.stages import StageRuns
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.targets import Targets
from mldebt.graph.trails import Trails
from mldebt.graph.unread import UnreadDependencies


class Rooms:
    """What `DebtGraph` asks; each room answers the questions of its topic."""

    def __init__(self, followed: Followed, around: Surroundings) -> None:
        world = followed.world
        trails = Trails(world)
        reach = Reach(world)
        self.reach = reach
        published = Published(world, around)
        self.features = Features(world, reach, trails)
        self.options = Options(world, reach, trails)
        self.flags = Flags(followed, reach, trails, around, published)
        self.combinations = Combinations(world, reach, trails, self.flags)
        self.environment = Environment(world, reach, trails, around)
        self.constants = Constants(world, reach, trails, around, published)
        self.decisions = Decisions(world, reach, trails)
        self.hyperparameters = Hyperparameters(world, reach, trails, around)
        self.glue = Glue(world, reach, trails)
        self.consumers = Consumers(world, reach, trails, around)
        self.leakage = Leakage(world, reach, trails)
        self.selections = Selections(world, reach, trails, self.leakage)
        self.divisions = Divisions(world, reach, trails, self.leakage)
        self.evaluations = Evaluations(world, reach, trails)
        self.targets = Targets(world, reach, trails)
        self.sinks = Sinks(world, reach, trails, around)
        assets = Assets(around)
        self.sources = Sources(world, reach, trails, self.features, assets, around)
        runs = StageRuns(world, around)
        self.dependencies = Dependencies(world, runs, assets, trails, around)
        trees = SettingTrees(followed, reach, around)
        self.setting_reads = SettingReads(followed, reach, trails)
        self.setting_keys = SettingKeys(followed, trees, runs, trails, around)
        self.missing_keys = MissingKeys(followed, reach, trees, self.setting_keys, trails, around)
        self.dangling = Dangling(followed, trees, assets, around)
        self.repeated_keys = RepeatedKeys(followed, trees)
        self.near_misses = NearMisses(trees, self.missing_keys, trails)
        self.unread = UnreadDependencies(world, runs, trails)
        self.references = References(world, reach, trails, assets, around)
        self.anchors = Anchors(world, reach, trails, around)
        self.artifacts = Artifacts(world, reach, trails, assets, around)
        self.annotations = Annotations(world, reach, trails, around, self.features)
        self.deprecations = Deprecations(world, reach, trails, around)
        self.skew = Skew(world, reach, trails)
        self.duplicates = Duplicates(world, reach, trails)
        self.entanglement = Entanglement(world, reach, trails, self.features)
        self.refits = Refits(world, reach, trails)
        self.feature_sets = FeatureSets(world, reach, trails, assets, around)
        self.drawing = Drawing(world, reach, trails, around, self.features)
        self.learners = Learners(followed, reach, trails)
