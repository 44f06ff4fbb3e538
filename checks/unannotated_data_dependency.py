"""Data comes from outside of the repository, and nothing says who owns it, what it is or how fresh it must be.

## Why it is debt

Code that depends on other code has compilers and linkers to say so. Data has nobody: a table that another team delivers may change its meaning,
its schedule or its columns on any day, and whoever looks at the model then has no name to ask and no promise to hold it against. The more sources
a model has, the less anybody can say what it rests on.

## What to do

Say of each source who answers for it, what it is, and how old it may be or which version it has. In the settings:
`[sources."s3://lake/users.parquet"]` with `owner`, `description`, and `freshness` or `version`; `mldebt graph manifest` prints a draft with all of
them. What other tools say counts as well: `desc` and `meta.owner` of a `*.dvc` file and the hash in it, `description`, `meta.owner` and `freshness` of
a source of dbt, the owner of the path in `CODEOWNERS` or `[owners]`; a source that the documentation names, or that a function with a docstring
reads, has a description.

The check is a policy: it is silent until `policy = { unannotated-data-dependency = true }` is in the settings. Its option `require` says what has to be
there, by default `["owner", "description", "freshness"]`; `"consumers"` may be added, and `freshness` is satisfied by a version.

## Limits

A source is a file or table whose rows code reads and that nothing in the repository writes, no stage puts out and git does not hold.
Sources whose names are made at run time, and SQL queries, are not asked for. Feature stores and data contracts are not read.

The measures stand beside it whether the policy is on or not: how many sources have an owner, a description, freshness or version, and declared
consumers; and how many features have an owner (in the settings, or of the file that makes them) and a description (in the settings, or the docstring of
the function that makes them).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from json import dumps
from typing import Literal

from mldebt.api import DebtGraph, Effort, Measure, Problem, check, measure

Fact = Literal["owner", "description", "freshness", "consumers"]
WORDS = {"owner": "owner", "description": "description", "freshness": "freshness or version", "consumers": "declared consumers"}


@dataclass(frozen=True, slots=True)
class Options:
    """What has to be said of a source."""

    require: tuple[Fact, ...] = ("owner", "description", "freshness")


@check(
    "MLD207",
    family="data-dependencies",
    tier=1,
    severity="minor",
    confidence=("certain",),
    effort=Effort(5, 2, "source without annotation"),
    policy=True,
)
def unannotated_data_dependency(graph: DebtGraph, options: Options) -> Iterator[Problem]:
    for source in graph.external_sources():
        missing = [fact for fact in WORDS if fact in options.require and not getattr(source, fact)]
        if missing:
            keys = ", ".join(f"{fact} = {'[…]' if fact == 'consumers' else '…'}" for fact in missing)
            yield Problem(
                at=source.at,
                symbol=source.name,
                key=source.name,
                message=f"Source '{source.name}' has no {_listed([WORDS[fact] for fact in missing])}.",
                advice=f"Say it in the settings: [sources.{dumps(source.name, ensure_ascii=False)}] {keys}. `mldebt graph manifest` prints a draft.",
                confidence="certain",
            )


@measure("MLD207", family="data-dependencies")
def annotated_data(graph: DebtGraph) -> Iterator[Measure]:
    sources, features = graph.external_sources(), graph.described_features()
    for fact, words in WORDS.items():
        if sources:
            yield Measure(f"sources with {words}", sum(getattr(one, fact) for one in sources), "sources", len(sources))
    for fact in ("owner", "description"):
        if features:
            yield Measure(f"features with {fact}", sum(getattr(one, fact) for one in features), "features", len(features))


def _listed(words: Sequence[str]) -> str:
    return " and no ".join([", no ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
