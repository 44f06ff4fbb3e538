"""Data or a model of somebody else is followed by a name whose meaning may change.

## Why it is debt

What `latest`, a branch or a hub's default revision means is decided elsewhere and at any time. The next training or the
next start of the service then uses other data or another model, without a commit, without a test and without a trace
(Sculley et al. 2015, section 3, unstable data dependencies).

## What to do

Pin the version: a commit or tag as `revision`, a model's number, a digest, a hash of the file, or a copy under version
control. Kept in the configuration, an upgrade is a diff that somebody reads.

## Limits

Judged is code that trains, evaluates or serves; what only notebooks and tests follow is a note. Certain are references
that say themselves that they move: aliases of registries and artifacts, `latest` and its kin in an address, branches, images without a
tag. Firm are those that name no version where they could: hub models and data sets, pretrained weights, files of other
repositories, addresses of data files without a checksum. Objects of a bucket are tentative. A version that comes from a setting or a
variable counts as one; so does a checksum anywhere on the way. A script that itself registers or promotes models may read aliases.
A name that may be a folder of the repository, or beside its code (`models/encoder`), is no hub name.
What the own organisation releases is left alone, where links of the documentation to files that lie here say which one that is.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD201",
    family="data-dependencies",
    tier=1,
    severity="critical",
    confidence=("certain", "firm", "tentative"),
    effort=Effort(10, 2, "further use of the same reference"),
)
def unpinned_data_dependency(graph: DebtGraph) -> Iterator[Problem]:
    for reference in graph.loose_references():
        name = reference.name.replace("\ue000", "*")
        callee = ".".join(reference.callee.split(".")[-2:])
        said = f"{callee}('{name}')" if callee and callee != "FROM" else f"'{name}'"
        yield Problem(
            at=reference.at,
            symbol=name,
            key=name,
            message=f"{said}{_and_more(reference.others)} {reference.why}.",
            advice=f"{reference.fix}.",
            confidence=reference.confidence,
            evidence=reference.evidence,
            size=reference.uses - 1,
            severity="info" if reference.quiet else None,
        )


def _and_more(others: tuple[str, ...]) -> str:
    return f" (and {len(others)} more)" if others else ""
