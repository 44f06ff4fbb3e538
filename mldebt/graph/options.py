"""Options of command lines, and whether their values may reach anything."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from mldebt.core import Confidence, Location, Step
from mldebt.flow.events import Moved
from mldebt.flow.world import World
from mldebt.graph.reach import Reach
from mldebt.graph.trails import Trails, distinct

LAUNCHER = frozenset(
    {
        "local_rank", "rank", "world_size", "node_rank", "nnodes", "nproc_per_node", "master_addr", "master_port", "dist_url", "dist_backend",
        "model_dir", "sm_model_dir", "output_data_dir", "hosts", "current_host", "num_gpus", "deepspeed", "deepspeed_config", "job_dir",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """A declared option: `name` is its destination, `declared` what people type."""

    name: str
    declared: str
    at: Location
    number: int
    traits: frozenset[str]


class Options:
    def __init__(self, world: World, reach: Reach, trails: Trails) -> None:
        self._world = world
        self._reach = reach
        self._trails = trails

    def all(self) -> list[Option]:
        roles = {module.path: module.role for module in self._world.program.modules}
        return [
            Option(leaf.name, leaf.declared, leaf.at, number, leaf.traits)
            for number, leaf in enumerate(self._world.leaves)
            if leaf.kind == "option" and roles.get(leaf.owner) not in ("test", "docs", "generated")
        ]

    def may_be_read(self, option: Option) -> bool:
        """Whether the option's value may reach an operation; true in doubt."""
        return option.number in self._world.used_leaves

    def is_expected_unread(self, option: Option) -> bool:
        """Launcher arguments, version and help actions, and hidden aliases are declared without being read."""
        names = {option.name, option.declared.lstrip("-").replace("-", "_")}
        if "suppressed" in option.traits and self._is_warned_about(option):
            return True
        return bool(names & LAUNCHER) or bool(option.traits & {"version", "help", "deprecated", "subparsers"})

    def _is_warned_about(self, option: Option) -> bool:
        """Whether a text of the declaring file speaks of a hidden option beyond declaring it."""
        module = self._world.program.by_path.get(option.at.path)
        return module is not None and any(option.declared in text and text != option.declared for text in module.strings)

    @cached_property
    def _moved(self) -> dict[int, list[Moved]]:
        found: dict[int, list[Moved]] = defaultdict(list)
        for root in self._world.roots:
            for event in root.events:
                if isinstance(event, Moved):
                    found[event.leaf].append(event)
        return found

    def handed_to(self, option: Option) -> str:
        """The function whose parameter gets the option and does not use it; "" where there is none."""
        moved = self._moved.get(option.number)
        return self._trails.function(moved[-1].module, moved[-1].function) if moved else ""

    def is_overwritten(self, option: Option) -> bool:
        """Whether the option's attribute gets another value."""
        return option.number in self._world.overwritten

    def confidence_in(self, option: Option) -> Confidence:
        """Certain where not even its name is read; firm where it is moved on and then unused."""
        return "firm" if self._moved.get(option.number) or option.number in self._world.overwritten else "certain"

    def trail(self, option: Option) -> tuple[Step, ...]:
        steps = [Step(option.at, f"'{option.declared}' is declared")]
        if option.number in self._world.overwritten:
            steps.append(self._trails.step(self._world.overwritten[option.number], f"'{option.name}' gets another value here"))
        for event in self._moved.get(option.number, ())[:4]:
            name = event.function.rpartition(".")[2]
            steps.append(self._trails.step(event.at, f"it is passed to {name}() as '{event.parameter}', which does not use it"))
        return distinct(steps)
