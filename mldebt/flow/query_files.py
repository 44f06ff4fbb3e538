"""Files of queries (`*.sql`): their text is known to the code that loads it, and what they read is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow.config_files import resolve
from mldebt.flow.paths import TABLE, same_table
from mldebt.flow.values import Class, Const, Place, Value

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

SUFFIX = ".sql"


def text_of(run: Interpreter, path: Value | None, at: Place) -> Const | None:
    """The text of the query file that a call reads; None where it is another file, or may be one of several."""
    texts = run.files.texts(path, at) if path is not None else []
    if len(texts) != 1 or not texts[0].endswith(SUFFIX):
        return None
    repository = run.world.repository
    found = resolve(repository.files, run.world.program.modules[at[0]].folder, texts[0])
    text = repository.query(found[0]) if len(found) == 1 else None
    return Const(text) if text is not None else None


def may_be_read(run: Interpreter, paths: tuple[str, ...]) -> bool:
    """Whether somebody reads a table in a way that we do not follow: any query of unknown text, a mapped class, a query file that leads nowhere."""
    world = run.world
    tables = [path.removeprefix(TABLE) for path in paths if path.startswith(TABLE)]
    if not tables:
        return False
    if world.unseen_queries or any(same_table(table, name) for table in tables for name in _mapped(world.classes)):
        return True
    return any(
        same_table(table, name)
        for statement in world.repository.scripts()
        if TABLE + statement.target not in world.read_paths and statement.query not in world.answered_queries
        for name in statement.tables()
        for table in tables
    )


def _mapped(classes: list[Class]) -> list[str]:
    """The tables that classes stand for (`__tablename__`)."""
    named = (cls.attributes.get("__tablename__") for cls in classes)
    return [value.value.lower() for value in named if isinstance(value, Const) and isinstance(value.value, str)]
