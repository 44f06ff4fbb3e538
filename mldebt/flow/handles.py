"""Files that are opened: what a handle knows of its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow import anchors
from mldebt.flow.arguments import Arguments
from mldebt.flow.values import TOP, Const, Object, Value

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def opened(run: Interpreter, arguments: Arguments) -> Value:
    """`open(path, mode)`."""
    path = arguments.positional[0] if arguments.positional else arguments.keywords.get("file", TOP)
    mode = arguments.positional[1] if len(arguments.positional) > 1 else arguments.keywords.get("mode", Const("r"))
    for extra in arguments.every():
        if extra is not path:
            run.look_at(extra, arguments.at, "opens a file")
    looked = run.look_at(path, arguments.at, "is a path")
    anchors.opened(run, looked, mode, arguments)
    handle = Object(run.world.heap.next_serial(), "io.TextIOWrapper", arguments.at, {"path": looked})
    handle.state["mode"] = mode
    return handle
