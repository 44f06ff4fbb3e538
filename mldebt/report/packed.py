"""Contents as bytes, so that a scan of an unchanged tree need not be made again. Only data is read back; nothing is constructed by name."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mldebt.core import Confidence, Coverage, Finding, Location, Measure, Rule, Severity, Step
from mldebt.debt.complexity import ComplexFunction
from mldebt.graph.vocabulary import GraphPicture, Unresolved
from mldebt.report.contents import Contents, Excerpts, KeyReading, Suppressed


class _Finding(msgspec.Struct, array_like=True, frozen=True):
    """A finding with the code of its rule."""

    code: str
    at: Location
    symbol: str
    message: str
    advice: str
    severity: Severity
    confidence: Confidence
    fingerprint: str
    effort_minutes: int
    evidence: tuple[Step, ...]
    key: str


class _Measure(msgspec.Struct, array_like=True, frozen=True):
    """A measure whose whole numbers stay whole."""

    name: str
    value: int | float
    unit: str
    out_of: int | float | None
    places: tuple[Location, ...]


class _Packed(msgspec.Struct, array_like=True, frozen=True):
    tool_version: str
    findings: tuple[_Finding, ...]
    coverage: Coverage
    measures: tuple[_Measure, ...]
    principal_minutes: int
    principal_by_family: tuple[tuple[str, int], ...]
    suppressed: tuple[tuple[_Finding, str, str], ...]
    picture: GraphPicture
    lines: tuple[tuple[str, int | None, tuple[str, ...]], ...]
    json_lines: tuple[tuple[str, int, tuple[int, ...]], ...]
    complexity: tuple[ComplexFunction, ...]
    project: str
    git_prefix: str
    profile: str
    notes: tuple[str, ...]
    unresolved: tuple[Unresolved, ...]
    key_readings: tuple[KeyReading, ...]
    owners: tuple[tuple[str, tuple[str, ...]], ...]


def pack(contents: Contents, notes: tuple[str, ...]) -> bytes:
    """What `unpack` takes back; a UnicodeEncodeError where a text cannot be written as UTF-8."""
    excerpts = contents.excerpts
    packed = _Packed(
        contents.tool_version,
        tuple(_packed_finding(finding) for finding in contents.findings),
        contents.coverage,
        tuple(_Measure(one.name, one.value, one.unit, one.out_of, one.places) for one in contents.measures),
        contents.principal_minutes,
        contents.principal_by_family,
        tuple((_packed_finding(held.finding), held.kind, held.reason) for held in contents.suppressed),
        contents.picture,
        tuple((path, cell, lines) for (path, cell), lines in excerpts.lines.items()),
        tuple((path, cell, lines) for (path, cell), lines in excerpts.json_lines.items()),
        contents.complexity,
        contents.project,
        contents.git_prefix,
        contents.profile,
        notes,
        contents.unresolved,
        contents.key_readings,
        tuple(contents.owners.items()),
    )
    return msgspec.msgpack.encode(packed)


def unpack(data: bytes, rules: Sequence[Rule]) -> tuple[Contents, tuple[str, ...]]:
    """The contents and notes; `rules` are those of the scan that made them. A ValueError where the bytes are something else."""
    packed = msgspec.msgpack.decode(data, type=_Packed)
    by_code = {rule.code: rule for rule in rules}
    try:
        findings = tuple(_finding(record, by_code) for record in packed.findings)
        suppressed = tuple(Suppressed(_finding(record, by_code), kind, reason) for record, kind, reason in packed.suppressed)
    except KeyError as error:
        raise ValueError(f"a finding of an unknown check {error}") from None
    contents = Contents(
        tool_version=packed.tool_version,
        findings=findings,
        rules=tuple(rules),
        coverage=packed.coverage,
        measures=tuple(Measure(one.name, one.value, one.unit, one.out_of, one.places) for one in packed.measures),
        principal_minutes=packed.principal_minutes,
        principal_by_family=packed.principal_by_family,
        suppressed=suppressed,
        picture=packed.picture,
        excerpts=Excerpts(
            {(path, cell): lines for path, cell, lines in packed.lines}, {(path, cell): lines for path, cell, lines in packed.json_lines}
        ),
        complexity=packed.complexity,
        project=packed.project,
        git_prefix=packed.git_prefix,
        profile=packed.profile,
        unresolved=packed.unresolved,
        key_readings=packed.key_readings,
        owners=dict(packed.owners),
    )
    return contents, packed.notes


def _packed_finding(finding: Finding) -> _Finding:
    return _Finding(
        finding.rule.code,
        finding.at,
        finding.symbol,
        finding.message,
        finding.advice,
        finding.severity,
        finding.confidence,
        finding.fingerprint,
        finding.effort_minutes,
        finding.evidence,
        finding.key,
    )


def _finding(record: _Finding, rules: dict[str, Rule]) -> Finding:
    return Finding(
        rules[record.code],
        record.at,
        record.symbol,
        record.message,
        record.advice,
        record.severity,
        record.confidence,
        record.fingerprint,
        record.effort_minutes,
        record.evidence,
        record.key,
    )
