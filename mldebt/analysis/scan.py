"""A scan from beginning to end: the order of the stages, and nothing of what they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mldebt.analysis.contents import complete
from mldebt.analysis.findings import found_by, judge
from mldebt.analysis.headers import Headers
from mldebt.analysis.inputs import Inputs, LeftOut, load_inputs, surroundings, unreadable_files, written_suppressions
from mldebt.analysis.knowledge import knowledge_of
from mldebt.analysis.queries import QueryFiles
from mldebt.analysis.quiet import Quiet
from mldebt.analysis.request import ScanRequest
from mldebt.analysis.snapshot import Snapshot
from mldebt.analysis.warm import today_of
from mldebt.api import Check
from mldebt.core import Coverage
from mldebt.facts.store import Store
from mldebt.flow.follow import follow
from mldebt.flow.world import Repository
from mldebt.graph.build import build
from mldebt.plugins import load_measures
from mldebt.report.contents import Contents, KeyReading
from mldebt.report.wording import counted
from mldebt.settings import SETTINGS_FILE
from mldebt.suppress import OWN_CODE, Suppression
from mldebt.workspace.types import Workspace


@dataclass(frozen=True, slots=True)
class Scanned:
    """`hashes` are those of every file that was read; `dated` says that some suppression ends one day."""

    contents: Contents
    notes: tuple[str, ...]
    hashes: Mapping[str, str]
    dated: bool
    explanation: str = ""


def scan(request: ScanRequest, checks: Sequence[Check], snapshot: Snapshot, store: Store | None) -> Scanned:
    """Everything about the whole root."""
    settings, workspace, progress = request.settings, snapshot.workspace, request.progress or _unheard
    progress("reading", 0, len(workspace.files))
    inputs = load_inputs(snapshot, settings, request.jobs, store)
    progress("following", 0, 0)
    followed = follow(_repository(inputs, request, store))
    unreadable, left_out = unreadable_files(inputs, followed)
    graph = build(followed, surroundings(inputs, unreadable))

    found = found_by([check for check in checks if check.rule.code != OWN_CODE], graph, settings, progress)
    written = tuple(written_suppressions(inputs, frozenset(finding.at.path for finding in found)))
    is_told = Quiet(workspace, settings, inputs.reading).told(graph, request.paths)
    judged = judge(found, checks, graph, settings, written, today_of(workspace), is_told)

    progress("writing", 0, 0)
    coverage = _coverage(graph.coverage(), inputs, len(unreadable))
    rules = [check.rule for check in checks]
    measures = (*graph.measures(), *(one for gauge in load_measures() for one in gauge.run(graph)))
    contents = complete(judged, rules, coverage, measures, graph.picture(), inputs.reading, inputs.sources.facts)
    contents = replace(contents, unresolved=graph.unresolved())
    dated = any(isinstance(one, Suppression) and one.until is not None for one in written)
    explanation = graph.explain(request.explain) if request.explain else ""
    reads = tuple(KeyReading(one.file, one.key, one.at) for one in graph.setting_reads())
    contents = replace(contents, owners=_owners(contents, inputs), key_readings=reads)
    notes = (*_notes(left_out, len(unreadable), judged.untold), *_inner_projects(workspace))
    return Scanned(_placed(contents, inputs), notes, inputs.reading.hashes, dated, explanation)


def _repository(inputs: Inputs, request: ScanRequest, store: Store | None) -> Repository:
    known = knowledge_of(inputs.workspace.root, request.settings, store)
    headers = Headers(inputs.workspace, inputs.reading)
    queries = QueryFiles(inputs.reading)
    stages, commands = inputs.declared.stages, inputs.declared.commands
    return Repository(inputs.program, known, inputs.configs, inputs.files, stages, commands, headers, queries.text, queries.scripts)


def _coverage(followed: Coverage, inputs: Inputs, unreadable: int) -> Coverage:
    """`files` are the Python files, notebooks and configs that were looked at, `unreadable` those of them that gave nothing."""
    sources, configs = inputs.sources, inputs.configs
    silent = sources.left_out.total() + configs.left_out.total()
    return replace(followed, files=len(sources.facts) + len(configs.trees) + unreadable + silent, unreadable=unreadable + silent)


def _placed(contents: Contents, inputs: Inputs) -> Contents:
    git = inputs.workspace.git
    return replace(contents, project=inputs.workspace.root.name, git_prefix=git.prefix if git else "", profile=inputs.settings.profile)


def _owners(contents: Contents, inputs: Inputs) -> dict[str, tuple[str, ...]]:
    of = inputs.declared.owners
    findings = (*contents.findings, *(held.finding for held in contents.suppressed))
    paths = sorted({finding.at.path for finding in findings}) if of is not None else ()
    return {path: owners for path in paths if of is not None and (owners := of.owner_of(path))}


def _notes(left_out: LeftOut, unreadable: int, untold: int) -> Iterator[str]:
    """What was not analysed and why; a folder that is left out counts once."""
    reasons = sorted(left_out.by_reason.items(), key=lambda item: (-item[1], item[0]))
    if reasons:
        yield f"Left out: {', '.join(f'{reason} ({number:,})' for reason, number in reasons)}"
    if unreadable:
        beyond = f", {left_out.beyond_limits:,} of them beyond the parser's limits" if left_out.beyond_limits else ""
        yield f"Unreadable: {counted(unreadable, 'file')} (MLD001){beyond}"
    if untold:
        yield f"Not told: {counted(untold, 'finding')} in folders that are over or hold code of others; name them as PATH to see them"


def _inner_projects(workspace: Workspace) -> Iterator[str]:
    """Folders with settings of their own, which hold only where they are the root."""
    inner = [file.path.rpartition("/")[0] for file in workspace.files if file.path.endswith(f"/{SETTINGS_FILE}")]
    if inner:
        others = f" and {len(inner) - 1:,} more" if len(inner) > 1 else ""
        yield f"{inner[0]}/{SETTINGS_FILE}{others}: settings of a project of its own; they hold with mldebt scan {inner[0]}"


def _unheard(_stage: str, _done: int, _total: int) -> None:
    """Nobody watches."""
