"""All that a scan starts from: facts, configs on demand, stages, owners, git."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from mldebt.analysis.configs import Configs, is_beyond_limits, lies_among
from mldebt.analysis.declared import Declared, annotations_of, read_declared
from mldebt.analysis.reading import Reading
from mldebt.analysis.snapshot import Snapshot
from mldebt.analysis.sources import BROKEN_INPUT, Sources, is_test_input, read_sources
from mldebt.analysis.words import Words
from mldebt.core import Location
from mldebt.facts.store import Store
from mldebt.facts.types import Unreadable
from mldebt.flow.follow import Followed
from mldebt.flow.program import Program
from mldebt.graph.surroundings import Surroundings
from mldebt.graph.vocabulary import UnreadableFile
from mldebt.settings import Settings
from mldebt.suppress import Written, declared, suppressions_in, suppressions_in_text, suppressions_of
from mldebt.workspace.git import days_before_head, history_days, last_change
from mldebt.workspace.types import Workspace


@dataclass(frozen=True, slots=True)
class Inputs:
    """`needed` are the config files that a tool, not code, asked for."""

    workspace: Workspace
    settings: Settings
    reading: Reading
    sources: Sources
    configs: Configs
    declared: Declared
    needed: frozenset[str]

    @property
    def program(self) -> Program:
        roles = {file.path: file.role for file in self.workspace.files}
        return Program(self.sources.facts, roles, self.settings.root_packages)

    @property
    def files(self) -> frozenset[str]:
        return frozenset(self.reading.kinds)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What nothing is said about, by reason, and how many of the unreadable files are valid but beyond a limit."""

    by_reason: Counter[str]
    beyond_limits: int


def load_inputs(snapshot: Snapshot, settings: Settings, jobs: int, store: Store | None) -> Inputs:
    workspace, reading = snapshot.workspace, Reading(snapshot)
    sources = read_sources(workspace, reading, jobs, store, settings.size_limit)
    configs = Configs(reading, settings.size_limit)
    found = read_declared(reading, configs, frozenset(sources.facts), settings)
    return Inputs(workspace, settings, reading, sources, configs, found, frozenset(configs.failures))


def unreadable_files(inputs: Inputs, followed: Followed) -> tuple[tuple[UnreadableFile, ...], LeftOut]:
    """The files worth a finding, by place; a config file that nobody loads is not."""
    left_out = Counter(reason for reason in _skipped(inputs.workspace))
    left_out += inputs.sources.left_out + inputs.configs.left_out
    broken = []
    for path, failure in inputs.configs.failures.items():
        if not _is_asked_for(path, inputs, followed):
            continue
        if is_test_input(path) and _is_loaded_by_tests_only(path, followed):
            left_out[BROKEN_INPUT] += 1
        else:
            broken.append(failure)
    beyond = inputs.sources.beyond_limits + sum(is_beyond_limits(failure) for failure in broken)
    world = followed.world
    paths = dict.fromkeys(world.program.modules[root.module].path for root in world.abandoned)
    deep = [UnreadableFile(Location(path, 1, 1), "its code nests too deep to be followed to the end") for path in paths]
    unreadable = sorted((*inputs.sources.unreadable, *broken, *deep), key=lambda file: (file.at.path, file.at.line, file.at.column))
    return tuple(unreadable), LeftOut(left_out, beyond)


def _skipped(workspace: Workspace) -> Iterator[str]:
    for skipped in workspace.skipped:
        yield "a link to another place" if skipped.reason.startswith("a link to ") else skipped.reason


def _is_asked_for(path: str, inputs: Inputs, followed: Followed) -> bool:
    """Whether code or a tool reads the file, or a composition may choose it; Hydra's folders are parsed whole, whatever lies in them."""
    loaded = frozenset(followed.world.config_files)
    return path in inputs.needed or path in loaded or lies_among(path, loaded)


def _is_loaded_by_tests_only(path: str, followed: Followed) -> bool:
    modules = followed.world.program.modules
    return all(modules[number].is_test for number, _ in followed.world.config_files.get(path, ()))


def surroundings(inputs: Inputs, unreadable: tuple[UnreadableFile, ...]) -> Surroundings:
    """What the graph is told besides the flow."""
    found = inputs.declared
    ages, history = _clock(inputs)
    return Surroundings(
        unreadable=unreadable,
        owners=found.owners,
        stages=found.stages,
        commands=found.commands,
        files=inputs.files,
        settings_sources=inputs.settings.sources,
        settings_features=inputs.settings.features,
        annotations=annotations_of(inputs.reading, inputs.configs),
        documentation=found.documentation,
        readme=found.readme,
        ages=ages,
        history=history,
        shell_keys=found.shell_keys,
        tracked=inputs.workspace.git.tracked if inputs.workspace.git is not None else inputs.files,
        versioned=found.versioned,
        texts=found.texts,
        images=found.images,
        missing_programs=found.missing,
        spells=Words(inputs.reading).holds,
    )


def _clock(inputs: Inputs) -> tuple[Callable[[Location], int | None], Callable[[], int | None]]:
    """Ages against HEAD, told only where the root is the git top level and the clone is whole."""
    root, git = inputs.workspace.root, inputs.workspace.git
    if git is None or not git.top_level or git.shallow or not git.head:
        return lambda _: None, lambda: None

    @cache
    def age(at: Location) -> int | None:
        if at.cell is not None or at.path not in inputs.reading.kinds:
            return None
        content = inputs.reading.content(at.path)
        if isinstance(content, Unreadable):
            return None
        changed = last_change(root, git, at.path, content, at.line, max(at.line, at.end_line))
        return None if changed is None else days_before_head(git, changed)

    return age, cache(lambda: history_days(root, git))


def written_suppressions(inputs: Inputs, reported: frozenset[str]) -> Iterator[Written]:
    """Those of the settings, of every file read, and of whatever other file something is reported in."""
    yield from declared(inputs.settings)
    heard = set(inputs.sources.facts)
    for path, facts in inputs.sources.facts.items():
        yield from suppressions_of(path, facts)
    for tree in inputs.configs.trees:
        heard.add(tree.path)
        yield from suppressions_in(tree)
    for path, text in inputs.declared.commented:
        heard.add(path)
        yield from suppressions_in_text(path, text)
    for path in sorted((reported & inputs.files) - heard):
        if (other := inputs.reading.text(path)) is not None:
            yield from suppressions_in_text(path, other)
