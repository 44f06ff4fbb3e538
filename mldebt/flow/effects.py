"""Library calls that act on the world outside: what is shown, sent, given away, started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow import decorators, learning
from mldebt.flow.arguments import Arguments
from mldebt.flow.events import Acted
from mldebt.flow.values import NONE, TOP, Data, Frame, Value
from mldebt.libraries.types import Acts, CallModel, Escapes, Logs, Routes, Schedules

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def affects(
    run: Interpreter,
    verb: Logs | Acts | Escapes | Routes | Schedules,
    model: CallModel,
    receiver: Value | None,
    arguments: Arguments,
    name: str,
) -> Value | None:
    """Verbs that act on the world outside."""
    match verb:
        case Logs():
            shown = [(receiver, arguments.at)] if isinstance(receiver, Frame | Data) else []
            for value, place in [*arguments.many(verb.values), *shown]:
                run.shown(value, place, arguments.positional)
            return NONE if not model.returns else None
        case Acts():
            return _acts(run, verb, arguments, name)
        case Escapes():
            for value, place in arguments.many(verb.values):
                run.escape(value, place, f"is given to {name}")
            return TOP
    return decorators.starts(run, verb, model, arguments)


def _acts(run: Interpreter, verb: Acts, arguments: Arguments, name: str) -> Value:
    values = [*arguments.many(verb.values), *((v, arguments.keyword_places[k]) for k, v in arguments.keywords.items())]
    held = learning.predictions_of(run, [value for value, _ in values])
    if (held or run.world.guards) and arguments.frame is not None:
        run.world.emit(Acted("acted", arguments.at, arguments.frame, run.world.stamp(), run.world.guards, name, held))
    for value, place in values:
        run.escape(value, place, f"is given to {name}")
    return TOP
