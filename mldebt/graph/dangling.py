"""References of configuration files to something that is not there: configs, keys, classes, files, scripts."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from mldebt.configs.composition import MANDATORY, Composed
from mldebt.configs.dvc import parameter
from mldebt.configs.hydra import HydraConfigs
from mldebt.configs.interpolation import resolve, targets, texts_below
from mldebt.configs.tree import nodes_below
from mldebt.configs.types import ConfigPath, ConfigTree, MappingNode, ScalarNode
from mldebt.core import Location, Step
from mldebt.declarations.types import HOLE, Declared, Stage
from mldebt.flow.follow import Followed
from mldebt.flow.paths import same_path
from mldebt.flow.setting_sources import Choosing
from mldebt.graph.assets import Assets
from mldebt.graph.reach import QUIET_ROLES
from mldebt.graph.setting_trees import SettingTrees
from mldebt.graph.surroundings import Surroundings
from mldebt.workspace.kinds import kind_of
from mldebt.workspace.roles import role_of

CODE = (".py", ".ipynb", ".yaml", ".yml", ".json", ".toml", ".sh", ".R", ".sql")
MAX_VARIANTS = 60


@dataclass(frozen=True, slots=True)
class DanglingReference:
    """`kind`: config | key | class | dependency | parameter | script; `target` is what is named, `by` who names it."""

    kind: str
    target: str
    by: str
    at: Location
    evidence: tuple[Step, ...]


class Dangling:
    def __init__(self, followed: Followed, trees: SettingTrees, assets: Assets, around: Surroundings) -> None:
        self._world = followed.world
        self._names = followed.interpreter.names
        self._sources = followed.interpreter.settings.sources
        self._trees = trees
        self._assets = assets
        self._around = around

    def all(self) -> Iterator[DanglingReference]:
        """By place, each place once."""
        found: dict[Location, DanglingReference] = {}
        for reference in (*self._configs(), *self._keys(), *self._classes(), *self._of_stages(), *self._scripts()):
            if role_of(reference.at.path) not in QUIET_ROLES:
                found.setdefault(reference.at, reference)
        yield from (found[at] for at in sorted(found))

    # -- Hydra --------------------------------------------------------------------------------------------------------

    @cached_property
    def _choosings(self) -> list[Choosing]:
        """The compositions that programs of the repository start with, where neither code nor a command line adds configs of its own."""
        if self._sources.structured:
            return []
        found = [self._sources.variants[source] for source in self._trees.composed_by_hydra]
        return [choosing for choosing in found if choosing.directory not in self._sources.unsettled]

    @cached_property
    def _compositions(self) -> list[Composed]:
        """What people can compose by choosing one option of one group, and each config that changes the whole."""
        return self._chosen((choosing, choosing.name.removesuffix(".yaml")) for choosing in self._choosings)

    @cached_property
    def _others(self) -> list[Composed]:
        """What they can compose by starting with another config of the same directory, though no command line says so."""
        own = {(choosing.directory, choosing.name.removesuffix(".yaml")) for choosing in self._choosings}
        others = {
            (choosing.directory, name): (choosing, name)
            for choosing in self._choosings
            for name in choosing.configs.primaries
            if (choosing.directory, name) not in own
        }
        return self._chosen(list(others.values())[:MAX_VARIANTS])

    def _chosen(self, starts: Iterable[tuple[Choosing, str]]) -> list[Composed]:
        found: dict[tuple[str, str, tuple[str, ...]], Composed] = {}
        for choosing, primary in starts:
            configs = choosing.configs
            overrides = choosing.overrides if primary == choosing.name.removesuffix(".yaml") else ()
            words = [*configs.choices(primary, overrides), *(w for name, w in configs.variants() if name == primary)]
            for chosen in words[:MAX_VARIANTS]:
                found.setdefault((choosing.directory, primary, chosen), configs.compose(primary, chosen))
        return [composed for composed in found.values() if composed.lookup(("hydra", "searchpath")) is None]

    def _configs(self) -> Iterator[DanglingReference]:
        """Entries of defaults lists that name no config, in whatever composition their file takes part."""
        missing, taking_part = _missing_in(self._compositions)
        if not missing:
            return
        missing_elsewhere, part_elsewhere = _missing_in(self._others)
        for (file, at, target), times in missing.items():
            if times + missing_elsewhere[file, at, target] >= max(taking_part[file] + part_elsewhere[file], 1):
                what = "this group is in no defaults list" if target.startswith("override ") else "no such config is in the directory"
                yield DanglingReference("config", target, file, at, (Step(at, what),))

    def _keys(self) -> Iterator[DanglingReference]:
        """`${...}` whose target no composition has that the text takes part in, nor any that starts with another config."""
        dangling: dict[tuple[Location, str], bool] = {}
        paths: dict[str, ConfigPath] = {}
        for composed in self._compositions:
            for path, text in texts_below((), composed.root):
                if path[0] == "hydra":
                    continue
                origin = composed.lookup(path)
                if origin is None or not origin.file:
                    continue
                at = Location(origin.file, origin.at.line, origin.at.column, origin.at.end_line, origin.at.end_column)
                for target in targets(text, path):
                    name = ".".join(map(str, target))
                    paths[name] = target
                    there = resolve(composed.root, target) is not None or target[0] == "hydra" or self._is_set_elsewhere(target)
                    dangling[at, name] = dangling.get((at, name), True) and not there
        for (at, name), is_dangling in dangling.items():
            if is_dangling and all(resolve(other.root, paths[name]) is None for other in (*self._compositions, *self._others)):
                yield DanglingReference("key", name, at.path, at, (Step(at, f"'{name}' is referred to here"),))

    def _is_set_elsewhere(self, target: tuple[str | int, ...]) -> bool:
        """Whether a program or a command line sets the key, or a group that may be chosen holds it."""
        if any(path == target[: len(path)] for _, path in self._sources.written if path):
            return True
        name = ".".join(map(str, target))
        words = (word for command in self._around.commands for word in command.arguments)
        if any(word.lstrip("+").partition("=")[0] == name for word in words) or f"{name}=" in self._around.documentation:
            return True
        return any(_group_is_open(choosing.configs, choosing, str(target[0])) for choosing in self._choosings)

    # -- classes ------------------------------------------------------------------------------------------------------

    def _classes(self) -> Iterator[DanglingReference]:
        """`_target_` of packages of the repository whose module or name does not exist."""
        for tree in self._instantiating:
            for path, node in nodes_below((), tree.root) if tree.root is not None else ():
                if not path or path[-1] != "_target_" or not isinstance(node, ScalarNode) or not isinstance(node.value, str):
                    continue
                if self._is_gone(node.value):
                    at = Location(tree.path, node.at.line, node.at.column, node.at.end_line, node.at.end_column)
                    yield DanglingReference("class", node.value, tree.path, at, (Step(at, "this name is to be instantiated"),))

    @cached_property
    def _instantiating(self) -> list[ConfigTree]:
        trees: dict[str, ConfigTree] = {}
        for source in self._trees.composed_by_hydra:
            trees.update({tree.path: tree for tree in self._sources.variants[source].configs.trees.values()})
        return [trees[path] for path in sorted(trees)]

    def _is_gone(self, dotted: str) -> bool:
        parts = dotted.split(".")
        if len(parts) < 2 or not all(part.isidentifier() for part in parts) or not self._is_own(parts[0]):
            return False
        program = self._world.program
        for cut in range(len(parts) - 1, 0, -1):
            module = program.find(".".join(parts[:cut]), ())
            if module is not None:
                return self._names.module_attribute(module.number, parts[cut]) is None and not self._may_make_names(module.number)
        return not any(path.startswith("/".join(parts[:2])) for path in self._around.files)

    def _is_own(self, package: str) -> bool:
        """Whether a top-level name is a package of Python files of the repository, and no installed one of the same name."""
        return any(
            len(module.parts) > 1 and (module.parts[0] == package or (module.parts[0] == "src" and module.parts[1:2] == (package,)))
            for module in self._world.program.modules
            if module.role not in QUIET_ROLES
        )

    def _may_make_names(self, number: int) -> bool:
        """Whether a module may have names that nobody can see."""
        module = self._world.program.modules[number]
        return bool(self._names.stars.get(number)) or bool(module.words & {"__getattr__", "globals", "setattr", "locals", "exec"})

    # -- stages and commands ------------------------------------------------------------------------------------------

    def _of_stages(self) -> Iterator[DanglingReference]:
        for stage in self._around.stages:
            for entry in stage.entries if stage.tool == "dvc" and stage.runs != "never" else ():
                at = Location(stage.path, entry.line, entry.column)
                if HOLE in entry.name or "*" in entry.name:
                    continue
                if entry.name in stage.parameters:
                    if self._is_no_parameter(entry):
                        yield DanglingReference(
                            "parameter", entry.name.rpartition(":")[2], stage.name, at, (Step(at, "the stage declares it here"),)
                        )
                elif self._is_no_dependency(stage, entry):
                    yield DanglingReference("dependency", entry.name, stage.name, at, (Step(at, "the stage declares it here"),))

    def _is_no_parameter(self, entry: Declared) -> bool:
        file, _, name = entry.name.rpartition(":")
        tree = self._world.repository.config(file) if file in self._around.files else None
        if tree is None or not isinstance(tree.root, MappingNode) or not name:
            return False
        return parameter(tree, name) is None and not any(same_path(path, file) for path in self._world.stored)

    def _is_no_dependency(self, stage: Stage, entry: Declared) -> bool:
        path = entry.name
        if "://" in path or path.startswith(("/", "~", "..", "$")) or not path.endswith(CODE) or self._assets.is_versioned(path):
            return False
        if path in self._around.files or any(same_path(written, path) for written in self._world.stored):
            return False
        base = posixpath.basename(path)
        return not any(base in text for other, text in self._around.texts.items() if other != stage.path and kind_of(other) != "markdown")

    def _scripts(self) -> Iterator[DanglingReference]:
        """Scripts that make, CI and images run, where the text does not also bring them."""
        for missing in self._around.missing_programs:
            text = self._around.texts.get(missing.path, "")
            base = re.escape(posixpath.basename(missing.word))
            brought = re.search(
                rf"\b(curl|wget|git clone|cp|mv|touch|gsutil|aws|unzip|tar)\b[^\n]*{base}|>\s*\S*{base}|git clone|repository:", text
            )
            if missing.source in ("docs", "docker", "shell") or brought or self._may_be_written(missing.word):
                continue
            at = Location(missing.path, missing.line, 1)
            yield DanglingReference("script", missing.word, missing.stage or missing.source, at, (Step(at, "it is run here"),))

    def _may_be_written(self, word: str) -> bool:
        return any(same_path(path, word) for path in self._world.stored) or any(word in stage.outputs for stage in self._around.stages)


def _missing_in(compositions: Iterable[Composed]) -> tuple[dict[tuple[str, Location, str], int], dict[str, int]]:
    """How often each entry of a defaults list names nothing, and how often each file takes part."""
    missing: dict[tuple[str, Location, str], int] = defaultdict(int)
    taking_part: dict[str, int] = defaultdict(int)
    for composed in compositions:
        for file in composed.files:
            taking_part[file] += 1
        for entry in composed.missing:
            if entry.file:
                at = Location(entry.file, entry.at.line, entry.at.column, entry.at.end_line, entry.at.end_column)
                missing[entry.file, at, entry.target] += 1
    return missing, taking_part


def _group_is_open(configs: HydraConfigs, choosing: Choosing, name: str) -> bool:
    """Whether a group of this name waits for the command line to choose."""
    groups = configs.groups_of(choosing.name, choosing.overrides)
    return any(group.split("/")[0] == name and (chosen is None or MANDATORY in chosen) for group, chosen in groups.items())
