"""A flake8 plugin: `flake8 --select MLD` reports mldebt's findings, file by file.

The whole repository is analysed once per process; what flake8 hands over only chooses what is reported. Findings outside Python files
(configs, notebooks) are `mldebt scan`'s.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from mldebt import __version__
from mldebt.core import Finding
from mldebt.report.wording import visible


class MldebtPlugin:
    """flake8 makes one for each file, with the arguments it finds in this signature."""

    name = "mldebt"
    version = __version__
    off_by_default = True

    def __init__(self, tree: ast.AST, filename: str) -> None:  # noqa: ARG002 - a plugin with `tree` runs once per file
        self._filename = filename

    def run(self) -> Iterator[tuple[int, int, str, type]]:
        """(line, column from 0, text, plugin) of each finding in the file."""
        file = Path(self._filename)
        if not file.is_file():
            return  # the text of an editor, which is not what lies in the repository
        root = _root_of(file.resolve())
        for finding in _findings(root).get(file.resolve().relative_to(root).as_posix(), ()):
            text = f"{finding.rule.code} {visible(finding.message)} [{finding.rule.name}]"
            yield finding.at.line, finding.at.column - 1, text, type(self)


def _root_of(file: Path) -> Path:
    from mldebt.settings import find_root

    return find_root((str(file),))


@lru_cache(maxsize=8)
def _findings(root: Path) -> Mapping[str, tuple[Finding, ...]]:
    """The findings of a repository by path. Notebooks are left out: flake8 does not know them."""
    from mldebt.analysis import ScanRequest, analyze
    from mldebt.plugins import load_checks, select_checks
    from mldebt.settings import load_settings

    settings = load_settings(root)
    result = analyze(ScanRequest(root, settings, jobs=1), select_checks(load_checks(), settings))
    by_path: dict[str, tuple[Finding, ...]] = {}
    for finding in result.contents.findings:
        if finding.at.cell is None:
            by_path[finding.at.path] = (*by_path.get(finding.at.path, ()), finding)
    return by_path
