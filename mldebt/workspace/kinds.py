"""What a file is, by its name alone."""

from __future__ import annotations

import re

from mldebt.workspace.types import FileKind

_BY_NAME: dict[str, FileKind] = {
    "dvc.yaml": "dvc",
    "dvc.yml": "dvc",
    "dvc.lock": "dvc",
    "Makefile": "make",
    "makefile": "make",
    "GNUmakefile": "make",
    "Pipfile": "requirements",
    "environment.yml": "requirements",
    "environment.yaml": "requirements",
    "conda.yml": "requirements",
    "conda.yaml": "requirements",
    "poetry.lock": "lock",
    "uv.lock": "lock",
    "pdm.lock": "lock",
    "pixi.lock": "lock",
    "Pipfile.lock": "lock",
    "conda-lock.yml": "lock",
    "conda-lock.yaml": "lock",
    "conda-lock": "lock",
    ".gitlab-ci.yml": "workflow",
    ".travis.yml": "workflow",
    "azure-pipelines.yml": "workflow",
    "azure-pipelines.yaml": "workflow",
    "bitbucket-pipelines.yml": "workflow",
    "cloudbuild.yaml": "workflow",
    "cloudbuild.yml": "workflow",
    "Jenkinsfile": "workflow",
    "MLproject": "yaml",
}

_BY_SUFFIX: dict[str, FileKind] = {
    "py": "python",
    "ipynb": "notebook",
    "yaml": "yaml",
    "yml": "yaml",
    "json": "json",
    "jsonc": "json",
    "toml": "toml",
    "ini": "ini",
    "cfg": "ini",
    "env": "env",
    "sql": "sql",
    "dvc": "dvc",
    "mk": "make",
    "sh": "shell",
    "bash": "shell",
    "dockerfile": "docker",
    "md": "markdown",
    "markdown": "markdown",
    "rst": "markdown",
}

# fmt: off
_TABLES_AND_ARRAYS = frozenset({
    "csv", "tsv", "parquet", "feather", "arrow", "orc", "avro", "jsonl", "ndjson", "xls", "xlsx", "h5", "hdf5", "npy", "npz", "mat", "pkl",
    "pickle", "joblib", "sqlite", "sqlite3", "db", "duckdb", "rds", "tfrecord", "tfrecords", "lmdb",
})
# fmt: on
_PACKED = frozenset({"gz", "bz2", "xz", "zst", "zip"})

# A file name that a suffix does not settle; matched against the whole path.
_BY_PATTERN: tuple[tuple[re.Pattern[str], FileKind], ...] = (
    (re.compile(r"(?:.*/)?\.github/(?:workflows/[^/]+|actions/(?:.+/)?action)\.ya?ml"), "workflow"),
    (re.compile(r"(?:.*/)?(?:\.circleci/config|\.gitlab/(?:.+/)?[^/]+|\.gitlab-ci[^/]*)\.ya?ml"), "workflow"),
    (re.compile(r"(?:\.github/|docs/|\.gitlab/)?CODEOWNERS"), "owners"),
    (re.compile(r"(?:.*/)?(?:[^/]*[-_.])?(?:requirements|constraints)[^/]*\.(?:txt|in|pip)"), "requirements"),
    (re.compile(r"(?:.*/)?requirements/[^/]+\.(?:txt|in)"), "requirements"),
    (re.compile(r"(?:.*/)?(?:Dockerfile|Containerfile)(?:[-_.][^/]*)?"), "docker"),
    (re.compile(r"(?:.*/)?Jenkinsfile[^/]*"), "workflow"),
    (re.compile(r"(?:.*/)?\.env(?:\.[^/]*)?"), "env"),
)


def kind_of(path: str) -> FileKind:
    """The kind of a file from its path relative to the root."""
    name = path.rpartition("/")[2]
    if kind := _BY_NAME.get(name):
        return kind
    _, dot, suffix = name.rpartition(".")
    by_suffix = _by_suffix(suffix.lower()) if dot else None
    if by_suffix == "python":
        return "python"
    for pattern, by_pattern in _BY_PATTERN:
        if pattern.fullmatch(path):
            return by_pattern
    return by_suffix or _packed_table(name)


def _by_suffix(suffix: str) -> FileKind | None:
    return "data" if suffix in _TABLES_AND_ARRAYS else _BY_SUFFIX.get(suffix)


def _packed_table(name: str) -> FileKind:
    """`x.csv.gz` is data as `x.csv` is."""
    parts = name.lower().split(".")
    return "data" if len(parts) > 2 and parts[-1] in _PACKED and _by_suffix(parts[-2]) in {"data", "json"} else "other"
