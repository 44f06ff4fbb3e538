"""A model or fitted transformer is loaded from a file that nothing in the repository makes or keeps.

## Why it is debt

The file lies on somebody's disk. Nobody else can run the code, nobody can say which data it was fitted on, and the day
it is made again, slightly differently, the results change without a commit (Sculley et al. 2015, section 3, unstable data
dependencies).

## What to do

Put the code that makes it into the pipeline, keep the file under version control (git, LFS, DVC), or load it from a
registry by version.

## Limits

Judged are loads of pickles and models from paths inside the repository, in code that trains, evaluates or serves; what only
notebooks load is a note. The check is silent where git, a *.dvc file or a stage accounts for the file, where some code may write it, names it
elsewhere or downloads it, where documentation, a script, CI or a Dockerfile has a step that brings it, and where the path
is given at run time. JSON, YAML and tables are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check("MLD202", family="data-dependencies", tier=2, severity="major", confidence=("firm",), effort=Effort(30))
def unversioned_fitted_artifact(graph: DebtGraph) -> Iterator[Problem]:
    for artifact in graph.unversioned_artifacts():
        yield Problem(
            at=artifact.at,
            symbol=artifact.path,
            key=artifact.path,
            message=f"'{artifact.path}' is loaded by '{artifact.at.path}', but it is not under version control and nothing here writes it.",
            advice="Put what makes it into the pipeline, or keep the file under a version.",
            confidence="firm",
            evidence=artifact.evidence,
            severity="info" if artifact.in_notebook else None,
        )
