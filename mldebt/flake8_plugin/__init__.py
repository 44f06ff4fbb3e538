"""A flake8 plugin: `flake8 --extend-select MLD` reports mldebt's findings, file by file.

Who does not ask for an `MLD` code gets nothing and pays nothing. What flake8 hands over only chooses what is reported: the repository is analysed as a
whole, once for all processes of a run. Findings outside Python files (configs, notebooks) are `mldebt scan`'s.
"""

from __future__ import annotations

import ast
import multiprocessing
from argparse import Namespace
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, ClassVar

from mldebt import __version__
from mldebt.core import Finding, MldebtError
from mldebt.flake8_plugin.wishes import PROFILES, UNSAVED, Wishes, wishes_of

CODE = "MLD000"
Reported = tuple[int, int, str, type]


class MldebtPlugin:
    """flake8 makes one for each file, with the arguments it finds in this signature."""

    name = "mldebt"
    version = __version__
    wishes: ClassVar[Wishes] = Wishes()

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:  # noqa: ARG002 - a plugin with `tree` runs once per file
        self._filename = filename
        self._lines = lines

    @staticmethod
    def add_options(manager: Any) -> None:
        """What flake8 takes from its command line and its configuration file."""
        manager.extend_default_ignore(["MLD"])
        manager.add_option(
            "--mldebt-config",
            metavar="FILE",
            parse_from_config=True,
            normalize_paths=True,
            help="Settings of mldebt, instead of those in the repository.",
        )
        manager.add_option("--mldebt-profile", choices=PROFILES, parse_from_config=True, help="How much mldebt reports.")
        manager.add_option(
            "--mldebt-unsaved",
            choices=UNSAVED,
            default=UNSAVED[0],
            parse_from_config=True,
            help="Text on stdin that differs from the file: moved takes the findings of the file along with their lines (fast), "
            "analysed looks at the whole repository with that text in it.",
        )

    @classmethod
    def parse_options(cls, manager: Any, options: Namespace, filenames: Sequence[str]) -> None:  # noqa: ARG003 - flake8's signature
        """Runs once, before flake8 starts its processes: those that are forked find the answer here, others find it in the store."""
        try:
            cls.wishes = wishes_of(options)
            if cls.wishes.wanted:
                from mldebt.flake8_plugin.repository import forget

                forget()
            if cls.wishes.wanted and not cls.wishes.stdin and multiprocessing.parent_process() is None:
                from mldebt.flake8_plugin.repository import prepare

                prepare(filenames or (".",), cls.wishes)
        except MldebtError as error:
            if cls.wishes.stdin:
                return  # told where the editor shows it
            raise _critical(error) from error

    def run(self) -> Iterator[Reported]:
        """(line, column from 0, text, plugin) of each finding in the file."""
        if not self.wishes.wanted:
            return
        from mldebt.report.wording import visible

        try:
            findings = self._findings()
        except MldebtError as error:
            if not self.wishes.stdin:
                raise _critical(error) from error
            yield 1, 0, f"{CODE} mldebt could not run: {visible(str(error))}", type(self)
            return
        for finding in findings:
            text = f"{finding.rule.code} {visible(finding.message)} [{finding.rule.name}]"
            yield finding.at.line, finding.at.column - 1, text, type(self)

    def _findings(self) -> tuple[Finding, ...]:
        if self.wishes.stdin:
            from mldebt.flake8_plugin.unsaved import findings_in_text

            return findings_in_text(self._filename, self._lines, self.wishes)
        from mldebt.flake8_plugin.repository import findings_of

        return findings_of(self._filename, self.wishes)


def _critical(error: MldebtError) -> Exception:
    """What ends flake8 with one line instead of a traceback."""
    critical: Exception = import_module("flake8.exceptions").ExecutionError(f"mldebt: {error}")
    return critical
