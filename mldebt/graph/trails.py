"""Evidence: steps from cause to effect, through the calls in between."""

from __future__ import annotations

from collections.abc import Iterable

from mldebt.core import Location, Step
from mldebt.flow.events import CallFrame, Event, Loaded
from mldebt.flow.origin import ones
from mldebt.flow.values import Place
from mldebt.flow.world import World

MAX_CALLS = 4


class Trails:
    def __init__(self, world: World) -> None:
        self._world = world

    def location(self, place: Place) -> Location:
        return self._world.location(place)

    def step(self, place: Place, message: str) -> Step:
        return Step(self.location(place), message)

    def calls(self, frame: CallFrame | None) -> list[Step]:
        """The calls that led into a frame, outermost first; long chains keep their ends."""
        steps: list[Step] = []
        while frame is not None and frame.caller is not None:
            name = frame.function.rpartition(".")[2] or "the module"
            steps.append(self.step(frame.at, f"{name}() is called here"))
            frame = frame.caller
        steps.reverse()
        return steps if len(steps) <= MAX_CALLS else [*steps[: MAX_CALLS // 2], *steps[-MAX_CALLS // 2 :]]

    def rows_read(self, rows: int, event: Event) -> list[Step]:
        """Where rows of some names are read, in the program that an event belongs to if it reads them: another one's path of that name may be another
        file."""
        root = next((root for root in self._world.roots if any(other is event for other in root.events)), None)
        near = {load.at for load in root.events if isinstance(load, Loaded)} if root is not None else set()
        table = self._world.rows
        steps: list[Step] = []
        for number in ones(table.closure(rows)):
            token = table.tokens[number]
            if token.kind == "source":
                at = min(table.reads[number] & near, key=self.location, default=token.at)
                steps.append(self.step(at, f"the rows come from '{token.name}'" if token.name else "the rows are read"))
        return steps[:2]

    def function(self, module: int, qualname: str) -> str:
        """A function as people write it: `module.function()`; a module body is "the module"."""
        dotted = self._world.program.modules[module].dotted
        return f"{dotted}.{qualname.replace('.<locals>', '')}()" if qualname else dotted

    @staticmethod
    def scope(qualname: str) -> str:
        """A function without the file that it stands in: what still tells it when the file is renamed."""
        return qualname.replace(".<locals>", "") or "module"


def distinct(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Each step once, in order."""
    return tuple(dict.fromkeys(steps))
