"""Query files on demand: the text of one, and what all of them say."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from functools import cache

from mldebt.analysis.reading import Reading
from mldebt.flow.query_text import MOST_CHARACTERS, Statement, statements

MOST_FILES = 2_000


class QueryFiles:
    """`*.sql` of a workspace. In a folder of a dbt project a file makes the table of its name."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._paths = sorted(path for path, kind in reading.kinds.items() if kind == "sql" and path.lower().endswith(".sql"))
        self._projects = [
            posixpath.dirname(path) for path in reading.kinds if posixpath.basename(path) in ("dbt_project.yml", "dbt_project.yaml")
        ]
        self.text = cache(self._text)
        self.scripts = cache(self._scripts)

    def _text(self, path: str) -> str | None:
        if path not in self._reading.kinds:
            return None
        text = self._reading.text(path)
        return text if text is not None and len(text) <= MOST_CHARACTERS else None

    def _scripts(self) -> tuple[Statement, ...]:
        found: list[Statement] = []
        for path in self._paths[:MOST_FILES]:
            text = self.text(path)
            for statement in statements(text) if text is not None else ():
                if not statement.target and self._is_model(path):
                    statement = replace(statement, target=posixpath.basename(path)[:-4].lower())
                found.append(statement)
        return tuple(found)

    def _is_model(self, path: str) -> bool:
        return any(path.startswith(posixpath.join(project, "models") + "/") for project in self._projects)
