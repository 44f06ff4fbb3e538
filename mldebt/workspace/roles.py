"""What a file is for, by its path alone. Names route the questions; they never make a finding."""

from __future__ import annotations

import re

from mldebt.workspace.types import Role

_TEST_FOLDERS = frozenset({"tests", "test", "unit_tests", "integration_tests", "e2e", "__tests__"})
_EXAMPLE_FOLDERS = frozenset(
    {
        "examples",
        "example",
        "tutorials",
        "tutorial",
        "demo",
        "demos",
        "samples",
        "cookbook",
        "cookbooks",
        "homework",
        "homeworks",
        "exercises",
        "lessons",
        "labs",
        "workshop",
        "workshops",
        "cohorts",
    }
)
_LESSON = re.compile(
    r"(?:week|day|lesson|module|chapter|lab|lecture|session|unit|hw|homework|exercise|tutorial)[-_ ]?\d.*|\d\d?[-_](?:intro|introduction)\b.*"
)
_DOCS_FOLDERS = frozenset({"docs", "doc", "docs_src"})
_GENERATED_FOLDERS = frozenset({"generated", "__generated__", "_generated"})

_OVER = frozenset(
    {
        "archive",
        "archived",
        "archives",
        "attic",
        "backup",
        "backups",
        "deprecated",
        "graveyard",
        "junk",
        "legacy",
        "obsolete",
        "old",
        "outdated",
        "playground",
        "sandbox",
        "scratch",
        "scratchpad",
        "trash",
        "unused",
    }
)
_FOREIGN = frozenset({"extern", "external", "externals"})

_TEST_FILE = re.compile(r"test_[^/]*\.py|[^/]*_test\.py|conftest\.py")
_GENERATED_FILE = re.compile(r"[^/]*(?:_pb2(?:_grpc)?|_generated|\.generated|_autogen)\.pyi?|_version\.py|versioneer\.py")


def says_over(folder: str) -> bool:
    """Whether the name of a folder says that what lies in it is done with, or was never meant to stay."""
    return folder.lower().strip("_-.") in _OVER


def says_foreign(folder: str) -> bool:
    """Whether the name of a folder says that others wrote what lies in it, though it is read along."""
    return folder.lower().strip("_-.") in _FOREIGN


def role_of(path: str) -> Role:
    """The role of a file from its path relative to the root."""
    *folders, name = path.split("/")
    around = frozenset(folders)
    if _GENERATED_FILE.fullmatch(name) or around & _GENERATED_FOLDERS:
        return "generated"
    if _TEST_FILE.fullmatch(name) or around & _TEST_FOLDERS:
        return "test"
    if around & _EXAMPLE_FOLDERS or any(_LESSON.fullmatch(folder.lower()) for folder in folders):
        return "example"
    return "docs" if around & _DOCS_FOLDERS else "source"
