"""Tables read from text files that lie in the repository: the first line says their columns, where the call leaves them alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow.arguments import Arguments
from mldebt.flow.config_files import resolve
from mldebt.flow.paths import same_path
from mldebt.flow.values import Const, Sequence, Value, unwrap
from mldebt.libraries.types import Argument, Reads

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

FIRST_LINE = (0, True, "infer")


def column_names(run: Interpreter, verb: Reads, path: Value | None, arguments: Arguments) -> tuple[str, ...] | None:
    """The names in the header of the file that a call reads; None where the call, the code or the file leave a doubt."""
    separator = _separator(verb, arguments)
    texts = run.files.texts(path, arguments.at)
    if not separator or len(texts) != 1 or HOLE in texts[0] or texts[0].startswith("/") or not _leaves_names_alone(verb, arguments):
        return None
    world = run.world
    repository = world.repository
    found = resolve(repository.files, world.program.modules[arguments.at[0]].folder, texts[0])
    tail = "/" + texts[0].rpartition("../")[2]
    same_tail = [file for file in repository.files if f"/{file}".endswith(tail)]
    if len(found) != 1 or same_tail != found or _is_written(run, texts[0], found[0]):
        return None
    names = repository.header(found[0], separator)
    if names is not None:
        world.headed.add(texts[0])
    return names


def _is_written(run: Interpreter, text: str, file: str) -> bool:
    """Whether code or a stage of the repository makes the file anew."""
    world = run.world
    if any(same_path(path, name) for path in world.stored for name in (text, file)):
        return True
    return any(same_path(output, file) or file.startswith(f"{output}/") for stage in world.repository.stages for output in stage.outputs)


def _separator(verb: Reads, arguments: Arguments) -> str:
    """One character between the fields, "" where nobody can tell."""
    given = arguments.get(verb.separator)
    if given is None:
        return verb.separated_by
    value = unwrap(given)
    return (
        value.value if isinstance(value, Const) and isinstance(value.value, str) and len(value.value) == 1 and value.value != HOLE else ""
    )


def _leaves_names_alone(verb: Reads, arguments: Arguments) -> bool:
    if arguments.rest is not None or arguments.others is not None:
        return False
    spoken = [argument for argument in (verb.path, verb.separator, verb.header) if argument is not None]
    if len(arguments.positional) > 1 + max((argument.position or 0 for argument in spoken), default=0):
        return False
    known = {argument.name for argument in spoken}
    return all(
        name in known or name in verb.plain or (name in verb.flat and _is_flat(value)) for name, value in arguments.keywords.items()
    ) and _is_first_line(verb.header, arguments)


def _is_first_line(header: Argument | None, arguments: Arguments) -> bool:
    value = arguments.get(header)
    if value is None:
        return True
    inner = unwrap(value)
    return isinstance(inner, Const) and any(inner.value == first and type(inner.value) is type(first) for first in FIRST_LINE)


def _is_flat(value: Value) -> bool:
    """A list of constants; of anything else new columns may come out."""
    inner = unwrap(value)
    return isinstance(inner, Sequence) and inner.items is not None and not inner.state[2] and all(isinstance(i, Const) for i in inner.items)
