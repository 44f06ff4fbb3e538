"""A repository from a dict of path and text, interpreted; and short questions about what came out."""

from __future__ import annotations

from functools import cache
from textwrap import dedent
from typing import TypeVar

from mldebt.configs.read import parse_config
from mldebt.configs.types import ConfigTree
from mldebt.declarations.types import Command
from mldebt.facts.read import file_facts
from mldebt.facts.types import FileFacts
from mldebt.flow.events import Event
from mldebt.flow.follow import Followed, follow
from mldebt.flow.program import Program
from mldebt.flow.world import Repository
from mldebt.libraries.load import Knowledge, shipped_libraries

E = TypeVar("E", bound=Event)


@cache
def knowledge() -> Knowledge:
    return Knowledge(shipped_libraries())


def run(files: dict[str, str], commands: tuple[Command, ...] = ()) -> Followed:
    """Interprets the files; those named *.py are code, the others configs."""
    facts: dict[str, FileFacts] = {}
    for path, text in files.items():
        if path.endswith(".py"):
            read = file_facts(dedent(text).encode(), "python")
            assert isinstance(read, FileFacts), read
            facts[path] = read

    def config(path: str) -> ConfigTree | None:
        if path not in files or path.endswith(".py"):
            return None
        return parse_config(path, path.rpartition(".")[2].replace("yml", "yaml"), dedent(files[path]).encode())

    roles = {path: "test" if path.startswith("tests/") else "source" for path in facts}
    return follow(Repository(Program(facts, roles), knowledge(), config, frozenset(files), (), commands))


def script(text: str) -> Followed:
    return run({"main.py": text})


def unused(done: Followed, kind: str = "option") -> set[str]:
    """The names of the leaves that nothing uses."""
    world = done.world
    return {leaf.name for number, leaf in enumerate(world.leaves) if leaf.kind == kind and number not in world.used_leaves}


def names(done: Followed, kind: str = "option") -> set[str]:
    return {leaf.name for leaf in done.world.leaves if leaf.kind == kind}


def columns(done: Followed, made: bool = True) -> dict[str, bool]:
    """Columns by name and whether any of that name may be used, with what columns are made of."""
    world = done.world
    live = world.used
    pending = live
    while pending:
        low = pending & -pending
        pending ^= low
        new = world.columns[low.bit_length() - 1].deps & ~live
        live |= new
        pending |= new
    found: dict[str, bool] = {}
    for number, column in enumerate(world.columns):
        if column.made == made:
            found[column.name] = found.get(column.name, False) or bool(live >> number & 1)
    return found


def events(done: Followed, kind: type[E]) -> list[E]:
    return [event for root in done.world.roots for event in root.events if isinstance(event, kind)]
