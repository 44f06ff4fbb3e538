"""The questions that checks ask. `may_...` is true in doubt, `must_...` false; what the answers rest on stays hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mldebt.core import Confidence, Coverage, Location, Measure, Step
from mldebt.graph.setting_questions import SettingQuestions

if TYPE_CHECKING:
    from mldebt.flow.follow import Followed
    from mldebt.graph.annotations import Described
    from mldebt.graph.artifacts import UnversionedArtifact
    from mldebt.graph.bundles import Bundle
    from mldebt.graph.cascades import Cascade
    from mldebt.graph.combinations import Branching
    from mldebt.graph.constants import SettledBranch
    from mldebt.graph.consumers import ForeignRead
    from mldebt.graph.decisions import FixedThreshold
    from mldebt.graph.dependencies import UndeclaredNeeds
    from mldebt.graph.deprecation import DeprecatedUse
    from mldebt.graph.divisions import TornApart
    from mldebt.graph.duplicates import Duplicate
    from mldebt.graph.entanglement import FanIn, Spread
    from mldebt.graph.evaluation import SeenRows, Unscored
    from mldebt.graph.feature_sets import ImplicitSet
    from mldebt.graph.features import Cone, Feature
    from mldebt.graph.feedback import DirectLoop, HiddenLoop
    from mldebt.graph.flags import DeadBranch
    from mldebt.graph.glue import MovingModule, ScatteredPackage
    from mldebt.graph.hyperparameters import TuningSite
    from mldebt.graph.leakage import Leak
    from mldebt.graph.loads import DeadLoad
    from mldebt.graph.options import Option
    from mldebt.graph.parsing import DivergentRead
    from mldebt.graph.phantoms import PhantomFeature
    from mldebt.graph.pseudolabels import MixedLabels
    from mldebt.graph.redundancy import RedundantFeature
    from mldebt.graph.references import LooseReference
    from mldebt.graph.refits import Refit
    from mldebt.graph.rooms import Rooms
    from mldebt.graph.selection import TwiceUsed
    from mldebt.graph.sinks import Sink
    from mldebt.graph.skew import Mismatch
    from mldebt.graph.surroundings import Surroundings
    from mldebt.graph.targets import LabelAmongFeatures
    from mldebt.graph.unread import UnreadDependency
    from mldebt.graph.vocabulary import GraphPicture, IdleSuppression, UnreadableFile, Unresolved


class DebtGraph(SettingQuestions):
    """Read-only answers about the whole repository."""

    def __init__(self, followed: Followed, around: Surroundings, idle: Sequence[IdleSuppression] = (), rooms: Rooms | None = None) -> None:
        from mldebt.graph.rooms import (
            Rooms,  # here: a scan that recalls its outcome builds no graph, and checks need the class for annotations only
        )

        self._followed = followed
        self._around = around
        self._idle = tuple(idle)
        self._rooms = rooms or Rooms(followed, around)

    # -- files and suppressions ---------------------------------------------------------------------------------------

    def unreadable(self) -> Iterator[UnreadableFile]:
        """Files that could not be decoded or parsed, or that are beyond a limit."""
        yield from self._around.unreadable

    def idle_suppressions(self) -> Iterator[IdleSuppression]:
        """Suppressions that hold nothing back."""
        yield from self._idle

    def with_idle(self, idle: Sequence[IdleSuppression]) -> DebtGraph:
        """The same graph, told which suppressions are idle."""
        return DebtGraph(self._followed, self._around, idle, self._rooms)

    def callers_of(self, path: str) -> frozenset[str]:
        """The other files whose programs reach functions of a file, tests left out."""
        return self._rooms.reach.callers_of(path)

    # -- features -----------------------------------------------------------------------------------------------------

    def features(self) -> Iterator[Feature]:
        """Columns that code in train or serve reach makes, those that only clean a column of their own name left out."""
        yield from self._rooms.features.all()

    def may_be_used(self, feature: Feature) -> bool:
        """Whether a model, a decision, a file or code we cannot see may get a column of the feature."""
        return self._rooms.features.may_be_used(feature)

    def feeds_unused(self, feature: Feature) -> bool:
        """Whether another unused feature is made of this one."""
        return self._rooms.features.feeds_unused(feature)

    def dead_cone(self, feature: Feature) -> Cone:
        """What exists only for the feature."""
        return self._rooms.features.dead_cone(feature)

    def confidence_in(self, thing: Feature | Option) -> Confidence:
        """How sure the answer about a feature or option is."""
        from mldebt.graph.features import Feature

        return self._rooms.features.confidence_in(thing) if isinstance(thing, Feature) else self._rooms.options.confidence_in(thing)

    def trail(self, thing: Feature | Option) -> tuple[Step, ...]:
        """The evidence of a feature or option, from cause to effect."""
        from mldebt.graph.features import Feature

        return self._rooms.features.trail(thing) if isinstance(thing, Feature) else self._rooms.options.trail(thing)

    def deprecated_uses(self) -> Iterator[DeprecatedUse]:
        """Features, sources and functions that are marked as out of use and still reach a fit or a prediction."""
        yield from self._rooms.deprecations.consumed()

    def implicit_feature_sets(self) -> Iterator[ImplicitSet]:
        """Models that learn from whatever columns a table from outside has."""
        yield from self._rooms.feature_sets.implicit()

    def refits_at_serving(self) -> Iterator[Refit]:
        """Statistics and codes of the very rows that are scored."""
        yield from self._rooms.refits.at_serving()

    def feature_mismatches(self) -> Iterator[Mismatch]:
        """Models that are asked with other features than they have learned from."""
        yield from self._rooms.skew.mismatches()

    def duplicated_features(self) -> Iterator[Duplicate]:
        """Features that training and serving compute each on its own."""
        yield from self._rooms.duplicates.all()

    def trained_models(self) -> int:
        """How many models learn here, told by the places that make them."""
        return self._rooms.entanglement.models()

    def spreads(self) -> list[Spread]:
        """Features, settings, transformers and files with the models that they reach, the widest first."""
        return self._rooms.entanglement.spreads()

    def fan_ins(self) -> list[FanIn]:
        """Models with what comes together in them, the most first."""
        return self._rooms.entanglement.fan_ins()

    def joint_transforms(self) -> tuple[tuple[Location, ...], int]:
        """Where transformers that mix columns are fitted, and how many places fit any."""
        return self._rooms.entanglement.transforms()

    def phantom_features(self) -> Iterator[PhantomFeature]:
        """Names in what a model learns from or answers for that certainly no table has."""
        yield from self._rooms.sources.phantoms.all()

    def redundant_features(self) -> Iterator[RedundantFeature]:
        """Features of a fit that certainly say no more than another one of it."""
        yield from self._rooms.sources.redundancy.all()

    # -- settings and options -----------------------------------------------------------------------------------------

    def options(self) -> Iterator[Option]:
        """Declared command-line options, outside tests."""
        yield from self._rooms.options.all()

    def may_be_read(self, option: Option) -> bool:
        """Whether the option's value may reach an operation."""
        return self._rooms.options.may_be_read(option)

    def is_expected_unread(self, option: Option) -> bool:
        """Whether launchers, argparse itself or a deprecation explain that nobody reads the option."""
        return self._rooms.options.is_expected_unread(option)

    def handed_to(self, option: Option) -> str:
        """The function that gets the option and does not use it, "" where there is none."""
        return self._rooms.options.handed_to(option)

    def is_overwritten(self, option: Option) -> bool:
        """Whether the option gets another value before anything reads it."""
        return self._rooms.options.is_overwritten(option)

    def dead_branches(self) -> Iterator[DeadBranch]:
        """Flags that have one value everywhere, with what they keep from running."""
        yield from self._rooms.flags.dead_branches()

    def settled_branches(self) -> Iterator[SettledBranch]:
        """Code that certainly never runs, since a constant or a way out stands before it."""
        yield from self._rooms.constants.settled()

    def flag_combinations(self) -> list[Branching]:
        """What trains or serves, with the flags that branch it and how many of their combinations are ever set; the most flags first."""
        return self._rooms.combinations.by_entry()

    # -- models -------------------------------------------------------------------------------------------------------

    def fixed_thresholds(self) -> Iterator[FixedThreshold]:
        """Predictions compared with a value that nothing in the repository learns."""
        yield from self._rooms.decisions.fixed()

    def literal_hyperparameters(self) -> Iterator[TuningSite]:
        """Functions in train reach whose hyperparameters are literals."""
        yield from self._rooms.hyperparameters.literals()

    def scattered_packages(self) -> Iterator[ScatteredPackage]:
        """Packages with fit and predict that many modules feed through the same conversion."""
        yield from self._rooms.glue.packages()

    def moving_modules(self) -> Iterator[MovingModule]:
        """Modules most of whose statements on rows only convert or move them."""
        yield from self._rooms.glue.modules()

    def undeclared_reads(self) -> Iterator[ForeignRead]:
        """Reads of a model's output by another owner or package that nothing declares."""
        yield from self._rooms.consumers.undeclared()

    # -- rows ---------------------------------------------------------------------------------------------------------

    def preprocessing_leaks(self) -> Iterator[Leak]:
        """Statistics of training and test rows together that reach a model's fit and its test."""
        yield from self._rooms.leakage.seen_by_statistics()

    def resampling_leaks(self) -> Iterator[Leak]:
        """Rows doubled or made up from each other before they are divided into training and test."""
        yield from self._rooms.leakage.seen_as_copies()

    def scores_on_seen_rows(self) -> Iterator[SeenRows]:
        """Scores of a model on rows that it has surely learned from, where they are taken for a test or there is no other."""
        yield from self._rooms.evaluations.on_seen_rows()

    def models_kept_unscored(self) -> Iterator[Unscored]:
        """Models that are kept, and that surely nothing here scores on rows they have not learned from."""
        yield from self._rooms.evaluations.kept_unscored()

    def tests_that_choose(self) -> Iterator[TwiceUsed]:
        """Test rows by which a model was chosen, and whose score is the result as well."""
        yield from self._rooms.selections.reported_again()

    def times_torn_apart(self) -> Iterator[TornApart]:
        """Divisions by chance of rows whose features are made of their neighbours in time."""
        yield from self._rooms.divisions.of_time()

    def groups_torn_apart(self) -> Iterator[TornApart]:
        """Divisions by chance of rows of which several belong to one thing, by the name of its key."""
        yield from self._rooms.divisions.of_groups()

    def fits_on_test(self) -> Iterator[Leak]:
        """Statistics of the test rows, applied to them, where training used statistics of its own rows."""
        yield from self._rooms.leakage.learned_from_the_test()

    def labels_among_features(self) -> Iterator[LabelAmongFeatures]:
        """Labels that are among the features of their fit, or that a feature is computed from."""
        yield from self._rooms.targets.among_features()

    def prediction_sinks(self) -> Iterator[Sink]:
        """Files, tables and topics outside of the repository that get predictions, and routes that answer with them."""
        yield from self._rooms.sinks.all()

    def moving_lines(self) -> tuple[tuple[Location, ...], int]:
        """The lines in train or serve reach that only convert or move ML values, and how many lines touch any."""
        return self._rooms.glue.lines()

    # -- stages -------------------------------------------------------------------------------------------------------

    def undeclared_needs(self) -> Iterator[UndeclaredNeeds]:
        """Stages whose code reads, writes or is set by what they do not declare; nothing where it cannot be told."""
        yield from self._rooms.dependencies.undeclared()

    def unread_dependencies(self) -> Iterator[UnreadDependency]:
        """Declared dependencies and settings of a stage that its code certainly never looks at."""
        yield from self._rooms.unread.all()

    # -- sources ------------------------------------------------------------------------------------------------------

    def dead_loads(self) -> Iterator[DeadLoad]:
        """Reads whose value is certainly used by nothing, or only looked at by code that learns."""
        yield from self._rooms.sources.loads.dead()

    def dead_joins(self) -> Iterator[Bundle]:
        """Joins that bring nothing that may be used, and that no row depends on."""
        yield from self._rooms.sources.bundles.dead()

    def bundles(self) -> Iterator[Bundle]:
        """Joins of several columns, most of which certainly nothing uses."""
        yield from self._rooms.sources.bundles.mostly_unused()

    def divergent_reads(self) -> Iterator[DivergentRead]:
        """Files of which two reads certainly give different values."""
        yield from self._rooms.sources.parsing.divergent()

    # -- the world outside --------------------------------------------------------------------------------------------

    def loose_references(self) -> Iterator[LooseReference]:
        """Data and models of others that code follows by a name which may mean something else tomorrow."""
        yield from self._rooms.references.loose()

    def external_sources(self) -> tuple[Described, ...]:
        """Tables from outside of the repository, and what is said about them."""
        return self._rooms.annotations.sources

    def described_features(self) -> tuple[Described, ...]:
        """Features by name, and what is said about them."""
        return self._rooms.annotations.features

    def unversioned_artifacts(self) -> Iterator[UnversionedArtifact]:
        """Models and transformers that are loaded though nothing here makes, keeps or fetches them."""
        yield from self._rooms.artifacts.unversioned()

    def cascades(self) -> Iterator[Cascade]:
        """Models that certainly learn from what other models say."""
        yield from self._rooms.learners.cascades.all()

    def direct_loops(self) -> Iterator[DirectLoop]:
        """Models that certainly learn from their own output, through a file or table."""
        yield from self._rooms.learners.feedback.direct()

    def hidden_loops(self) -> Iterator[HiddenLoop]:
        """Several models that certainly learn from each other's output."""
        yield from self._rooms.learners.feedback.hidden()

    def mixed_labels(self) -> Iterator[MixedLabels]:
        """Places that put predicted labels among true ones, with nothing to tell them apart."""
        yield from self._rooms.learners.pseudo_labels.all()

    # -- the whole ----------------------------------------------------------------------------------------------------

    def explain(self, name: str) -> str:
        """Why an option, setting or column of this name counts as used, one line each; the trail of a silent answer."""
        from mldebt.graph.reasons import reasons

        return "\n".join(reasons(self._followed.world, name))

    def coverage(self) -> Coverage:
        """How much of the repository could be followed; files are counted elsewhere."""
        world = self._followed.world
        return Coverage(
            calls=len(world.calls),
            calls_resolved=sum(world.calls.values()),
            paths=len(world.paths),
            paths_resolved=sum(world.paths.values()),
            config_loads=len(world.config_loads),
            config_loads_resolved=sum(world.config_loads.values()),
        )

    def unresolved(self) -> tuple[Unresolved, ...]:
        """What could not be followed, the most costly first."""
        from mldebt.graph.unresolved import unresolved

        return unresolved(self._followed.world)

    def measures(self) -> tuple[Measure, ...]:
        """Counts for the report's first page."""
        world = self._followed.world
        made = sum(1 for _ in self.features())
        options = sum(1 for _ in self.options())
        return (
            Measure("features", made, "columns"),
            Measure("models", len({model.at for model in world.models if model.name}), "models"),
            Measure("options", options, "options"),
            Measure(
                "entry points", sum(root.kind in ("main", "command", "route", "task", "hydra") for root in world.roots), "entry points"
            ),
        )

    def picture(self) -> GraphPicture:
        """The dependency graph for reports."""
        return self._rooms.drawing.picture()
