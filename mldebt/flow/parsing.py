"""How reads make values of files: the options that change them, as texts that can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow import tables
from mldebt.flow.arguments import Arguments
from mldebt.flow.events import Parsed
from mldebt.flow.values import Class, Const, Library, Mapping, Sequence, Value, options_of, unwrap
from mldebt.libraries.types import Argument, ParseOption, Reads

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

Option = tuple[str, str, str | None]


def parsed(run: Interpreter, verb: Reads, path: Value | None, name: str, arguments: Arguments) -> None:
    """Tells how a file is read, where its name is known."""
    texts = run.files.texts(path, arguments.at)
    if not verb.parses or len(texts) != 1 or HOLE in texts[0] or arguments.frame is None:
        return
    world = run.world
    options = tuple(sorted(found for option in verb.parses for found in _option(run, option, arguments)))
    columns = arguments.get(verb.columns)
    names, unknown = tables.names_in(run, columns, arguments.at) if columns is not None else ([], False)
    known = arguments.rest is None and arguments.others is None and not arguments.unknown and not unknown
    inside = arguments.get(verb.within) if verb.within is not None else None
    place = texts[0] if inside is None else f"{texts[0]}#{text_of(run, inside)}"
    whole = known and (verb.part is None or arguments.get(verb.part) is None)
    chosen = tuple(sorted({column for column, _ in names}))
    world.emit(Parsed("parsed", arguments.at, arguments.frame, world.stamp(), world.guards, place, name, options, chosen, whole))


def _option(run: Interpreter, option: ParseOption, arguments: Arguments) -> Iterator[Option]:
    value = arguments.get(Argument(option.name, option.position))
    name = option.same_as or option.name
    if value is None:
        return
    inner = unwrap(value)
    if isinstance(inner, Const) and any(inner.value == usual and type(inner.value) is type(usual) for usual in option.usual):
        return
    if isinstance(inner, Mapping) and inner.state[1] is None and not inner.state[2]:
        yield from ((name, str(key), text_of(run, member)) for key, member in inner.state[0].items())
    elif option.of_columns and isinstance(inner, Sequence):
        names, unknown = tables.names_in(run, inner, arguments.at)
        yield from ((name, column, "True") for column, _ in names)
        if unknown:
            yield name, "", None
    else:
        yield name, "", text_of(run, inner)


def text_of(run: Interpreter, value: Value) -> str | None:
    """A constant, a type or a list of them as text; None where it cannot be told."""
    inner = unwrap(value)
    if isinstance(inner, Const):
        return None if isinstance(inner.value, str) and HOLE in inner.value else str(inner.value)
    if isinstance(inner, Library):
        return run.world.knowledge.canonical(inner.name).removeprefix("builtins.").removeprefix("numpy.")
    if isinstance(inner, Class):
        return None
    if isinstance(inner, Sequence) and inner.items is not None and not inner.state[2]:
        texts = [text_of(run, item) for item in inner.items if len(options_of(item)) == 1]
        known = [text for text in texts if text is not None]
        return ", ".join(known) if len(known) == len(inner.items) else None
    return None
