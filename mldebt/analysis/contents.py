"""Everything a report may show, put together: source lines, complexity, price, coverage, picture."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mldebt import __version__
from mldebt.analysis.findings import Judged, by_place
from mldebt.analysis.reading import Reading
from mldebt.baseline import Known, part
from mldebt.core import Coverage, Finding, Measure, Rule
from mldebt.debt.complexity import ComplexFunction, complex_functions
from mldebt.debt.principal import principal
from mldebt.facts.types import FileFacts, Unreadable
from mldebt.graph.vocabulary import GraphPicture
from mldebt.report.contents import Contents, Excerpts, Suppressed

_LINE_END = re.compile(r"\r\n|\r|\n")


def complete(
    judged: Judged,
    rules: Sequence[Rule],
    coverage: Coverage,
    measures: Sequence[Measure],
    picture: GraphPicture,
    reading: Reading,
    facts: Mapping[str, FileFacts],
) -> Contents:
    """The contents of the whole root; project, place in git and profile are still to be set."""
    mentioned = (*judged.findings, *(one.finding for one in judged.held))
    excerpts = _excerpts(mentioned, reading, facts)
    minutes, by_family = principal(judged.findings)
    return Contents(
        tool_version=__version__,
        findings=judged.findings,
        rules=tuple(rules),
        coverage=coverage,
        measures=tuple(measures),
        principal_minutes=minutes,
        principal_by_family=by_family,
        suppressed=tuple(Suppressed(one.finding, one.by.kind, one.by.reason) for one in judged.held),
        picture=picture,
        excerpts=excerpts,
        complexity=_complexity(judged.findings, excerpts, facts),
    )


def narrowed(contents: Contents, paths: Sequence[str]) -> Contents:
    """The same for some files and folders only. Measures, coverage and picture stay those of the whole root."""
    if not paths:
        return contents
    findings = tuple(finding for finding in contents.findings if lies_in(finding.at.path, paths))
    suppressed = tuple(one for one in contents.suppressed if lies_in(one.finding.at.path, paths))
    return _showing(contents, findings, suppressed)


def held_back(contents: Contents, known: Iterable[Known], reason: str) -> tuple[Contents, tuple[Known, ...]]:
    """The same with the known findings among the suppressed ones, and what is known but found no more."""
    parted = part(contents.findings, known, contents.rules)
    held = (*contents.suppressed, *(Suppressed(finding, "external", reason) for finding in parted.known))
    ordered = tuple(sorted(held, key=lambda one: by_place(one.finding)))
    return _showing(contents, parted.new, ordered), parted.vanished


def _showing(contents: Contents, findings: tuple[Finding, ...], suppressed: tuple[Suppressed, ...]) -> Contents:
    """With everything that depends on which findings are shown."""
    mentioned = _paths_of((*findings, *(one.finding for one in suppressed)))
    touched = _paths_of(findings)
    placed = {finding.at.path for finding in (*findings, *(one.finding for one in suppressed))}
    minutes, by_family = principal(findings)
    return replace(
        contents,
        findings=findings,
        suppressed=suppressed,
        principal_minutes=minutes,
        principal_by_family=by_family,
        excerpts=Excerpts(
            {key: lines for key, lines in contents.excerpts.lines.items() if key[0] in mentioned},
            {key: lines for key, lines in contents.excerpts.json_lines.items() if key[0] in mentioned},
        ),
        complexity=tuple(function for function in contents.complexity if function.path in touched),
        owners={path: owners for path, owners in contents.owners.items() if path in placed},
    )


def lies_in(path: str, asked: Sequence[str]) -> bool:
    """Whether a file is one of those asked, or lies below one; () asks for all."""
    return not asked or any(path == one or path.startswith(f"{one.rstrip('/')}/") for one in asked)


def _paths_of(findings: Iterable[Finding]) -> frozenset[str]:
    return frozenset(at.path for finding in findings for at in (finding.at, *(step.at for step in finding.evidence)))


def _complexity(findings: Sequence[Finding], excerpts: Excerpts, facts: Mapping[str, FileFacts]) -> tuple[ComplexFunction, ...]:
    texts = {path: "\n".join(lines) for (path, cell), lines in excerpts.lines.items() if cell is None and path in facts}
    return complex_functions(texts, findings)


def _excerpts(findings: Iterable[Finding], reading: Reading, facts: Mapping[str, FileFacts]) -> Excerpts:
    lines: dict[tuple[str, int | None], tuple[str, ...]] = {}
    json_lines: dict[tuple[str, int], tuple[int, ...]] = {}
    for path in sorted(_paths_of(findings) & reading.kinds.keys()):
        content = reading.content(path)
        if isinstance(content, Unreadable):
            continue
        if path in facts and reading.kinds[path] == "notebook":
            lines.update(((path, cell), _lines(source)) for cell, source in _cell_sources(content))
            json_lines.update(((path, cell.index), cell.json_lines) for cell in facts[path].cells)
        else:
            lines[path, None] = _lines(_text(content, reading.kinds[path]))
    return Excerpts(lines, json_lines)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(_LINE_END.split(text))


def _text(content: bytes, kind: str) -> str:
    """The text as its reader had it; of Python in the encoding that the file names."""
    if kind == "python":
        from mldebt.facts.decode import decoded
        from mldebt.facts.guards import RefusedError

        try:
            return decoded(content)
        except RefusedError:
            pass
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def _cell_sources(content: bytes) -> Iterator[tuple[int, str]]:
    """The source of each code cell, by its index over all cells. The notebook has been read before: it has cells, and is not deep."""
    try:
        notebook = json.loads(content.decode("utf-8-sig", "replace"))
    except ValueError:  # in what its reader skips, such as a number of 5,000 digits in an output
        return
    cells = [*(notebook.get("cells") or ()), *(cell for sheet in notebook.get("worksheets") or () for cell in sheet.get("cells") or ())]
    for index, cell in enumerate(cells):
        if cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input"))
            yield index, source if isinstance(source, str) else "".join(source or ())
