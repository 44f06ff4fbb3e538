"""The questions that checks ask. `may_...` is true in doubt, `must_...` false; what the answers rest on stays hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mldebt.core import Confidence, Coverage, Measure, Step

if TYPE_CHECKING:
    from mldebt.flow.follow import Followed
    from mldebt.graph.consumers import ForeignRead
    from mldebt.graph.decisions import FixedThreshold
    from mldebt.graph.divisions import TornApart
    from mldebt.graph.evaluation import SeenRows, Unscored
    from mldebt.graph.features import Cone, Feature
    from mldebt.graph.flags import DeadBranch
    from mldebt.graph.glue import MovingModule, ScatteredPackage
    from mldebt.graph.hyperparameters import TuningSite
    from mldebt.graph.leakage import Leak
    from mldebt.graph.options import Option
    from mldebt.graph.selection import TwiceUsed
    from mldebt.graph.surroundings import Surroundings
    from mldebt.graph.targets import LabelAmongFeatures
    from mldebt.graph.vocabulary import GraphPicture, IdleSuppression, UnreadableFile


class DebtGraph:
    """Read-only answers about the whole repository."""

    def __init__(self, followed: Followed, around: Surroundings, idle: Sequence[IdleSuppression] = ()) -> None:
        # imported here: a scan that recalls its outcome builds no graph, and checks need this class for their annotations only
        from mldebt.graph.consumers import Consumers
        from mldebt.graph.decisions import Decisions
        from mldebt.graph.divisions import Divisions
        from mldebt.graph.evaluation import Evaluations
        from mldebt.graph.features import Features
        from mldebt.graph.flags import Flags
        from mldebt.graph.glue import Glue
        from mldebt.graph.hyperparameters import Hyperparameters
        from mldebt.graph.leakage import Leakage
        from mldebt.graph.options import Options
        from mldebt.graph.picture import Drawing
        from mldebt.graph.reach import Reach
        from mldebt.graph.selection import Selections
        from mldebt.graph.targets import Targets
        from mldebt.graph.trails import Trails

        self._followed = followed
        self._around = around
        self._idle = tuple(idle)
        world = followed.world
        trails = Trails(world)
        reach = Reach(world)
        self._features = Features(world, reach, trails)
        self._options = Options(world, reach, trails)
        self._flags = Flags(followed, reach, trails, around)
        self._decisions = Decisions(world, reach, trails)
        self._hyperparameters = Hyperparameters(world, reach, trails, around)
        self._glue = Glue(world, reach, trails)
        self._consumers = Consumers(world, reach, trails, around)
        self._leakage = Leakage(world, reach, trails)
        self._selections = Selections(world, reach, trails, self._leakage)
        self._divisions = Divisions(world, reach, trails, self._leakage)
        self._evaluations = Evaluations(world, reach, trails)
        self._targets = Targets(world, reach, trails)
        self._drawing = Drawing(world, reach, trails)

    # -- files and suppressions ---------------------------------------------------------------------------------------

    def unreadable(self) -> Iterator[UnreadableFile]:
        """Files that could not be decoded or parsed, or that are beyond a limit."""
        yield from self._around.unreadable

    def idle_suppressions(self) -> Iterator[IdleSuppression]:
        """Suppressions that hold nothing back."""
        yield from self._idle

    def with_idle(self, idle: Sequence[IdleSuppression]) -> DebtGraph:
        """The same graph, told which suppressions are idle."""
        return DebtGraph(self._followed, self._around, idle)

    # -- features -----------------------------------------------------------------------------------------------------

    def features(self) -> Iterator[Feature]:
        """Columns that code in train or serve reach makes, those that only clean a column of their own name left out."""
        yield from self._features.all()

    def may_be_used(self, feature: Feature) -> bool:
        """Whether a model, a decision, a file or code we cannot see may get a column of the feature."""
        return self._features.may_be_used(feature)

    def feeds_unused(self, feature: Feature) -> bool:
        """Whether another unused feature is made of this one."""
        return self._features.feeds_unused(feature)

    def dead_cone(self, feature: Feature) -> Cone:
        """What exists only for the feature."""
        return self._features.dead_cone(feature)

    def confidence_in(self, thing: Feature | Option) -> Confidence:
        """How sure the answer about a feature or option is."""
        from mldebt.graph.features import Feature

        return self._features.confidence_in(thing) if isinstance(thing, Feature) else self._options.confidence_in(thing)

    def trail(self, thing: Feature | Option) -> tuple[Step, ...]:
        """The evidence of a feature or option, from cause to effect."""
        from mldebt.graph.features import Feature

        return self._features.trail(thing) if isinstance(thing, Feature) else self._options.trail(thing)

    # -- settings and options -----------------------------------------------------------------------------------------

    def options(self) -> Iterator[Option]:
        """Declared command-line options, outside tests."""
        yield from self._options.all()

    def may_be_read(self, option: Option) -> bool:
        """Whether the option's value may reach an operation."""
        return self._options.may_be_read(option)

    def is_expected_unread(self, option: Option) -> bool:
        """Whether launchers, argparse itself or a deprecation explain that nobody reads the option."""
        return self._options.is_expected_unread(option)

    def handed_to(self, option: Option) -> str:
        """The function that gets the option and does not use it, "" where there is none."""
        return self._options.handed_to(option)

    def is_overwritten(self, option: Option) -> bool:
        """Whether the option gets another value before anything reads it."""
        return self._options.is_overwritten(option)

    def dead_branches(self) -> Iterator[DeadBranch]:
        """Flags that have one value everywhere, with what they keep from running."""
        yield from self._flags.dead_branches()

    # -- models -------------------------------------------------------------------------------------------------------

    def fixed_thresholds(self) -> Iterator[FixedThreshold]:
        """Predictions compared with a value that nothing in the repository learns."""
        yield from self._decisions.fixed()

    def literal_hyperparameters(self) -> Iterator[TuningSite]:
        """Functions in train reach whose hyperparameters are literals."""
        yield from self._hyperparameters.literals()

    def scattered_packages(self) -> Iterator[ScatteredPackage]:
        """Packages with fit and predict that many modules feed through the same conversion."""
        yield from self._glue.packages()

    def moving_modules(self) -> Iterator[MovingModule]:
        """Modules most of whose statements on rows only convert or move them."""
        yield from self._glue.modules()

    def undeclared_reads(self) -> Iterator[ForeignRead]:
        """Reads of a model's output by another owner or package that nothing declares."""
        yield from self._consumers.undeclared()

    # -- rows ---------------------------------------------------------------------------------------------------------

    def preprocessing_leaks(self) -> Iterator[Leak]:
        """Statistics of training and test rows together that reach a model's fit and its test."""
        yield from self._leakage.seen_by_statistics()

    def resampling_leaks(self) -> Iterator[Leak]:
        """Rows doubled or made up from each other before they are divided into training and test."""
        yield from self._leakage.seen_as_copies()

    def scores_on_seen_rows(self) -> Iterator[SeenRows]:
        """Scores of a model on rows that it has surely learned from, where they are taken for a test or there is no other."""
        yield from self._evaluations.on_seen_rows()

    def models_kept_unscored(self) -> Iterator[Unscored]:
        """Models that are kept, and that surely nothing here scores on rows they have not learned from."""
        yield from self._evaluations.kept_unscored()

    def tests_that_choose(self) -> Iterator[TwiceUsed]:
        """Test rows by which a model was chosen, and whose score is the result as well."""
        yield from self._selections.reported_again()

    def times_torn_apart(self) -> Iterator[TornApart]:
        """Divisions by chance of rows whose features are made of their neighbours in time."""
        yield from self._divisions.of_time()

    def groups_torn_apart(self) -> Iterator[TornApart]:
        """Divisions by chance of rows of which several belong to one thing, by the name of its key."""
        yield from self._divisions.of_groups()

    def fits_on_test(self) -> Iterator[Leak]:
        """Statistics of the test rows, applied to them, where training used statistics of its own rows."""
        yield from self._leakage.learned_from_the_test()

    def labels_among_features(self) -> Iterator[LabelAmongFeatures]:
        """Labels that are among the features of their fit, or that a feature is computed from."""
        yield from self._targets.among_features()

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
        return self._drawing.picture()
