"""From which entry points code is reached, and with which colour (catalogue: colour follows what code does, never its name)."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from mldebt.declarations.types import Colour
from mldebt.flow.events import Acted, Event, Fitted, Loaded, Predicted, Root, Stored
from mldebt.flow.values import Place
from mldebt.flow.world import World

LIBRARY_KINDS = frozenset({"uncalled", "hook", "import"})
INHERITED: frozenset[Colour] = frozenset({"train", "eval", "serve"})
MAX_STAGES = 12
QUIET_ROLES = frozenset({"test", "docs", "generated"})


def _serves(event: Event) -> bool:
    """Whether somebody gets a prediction here, or something is done with one."""
    return isinstance(event, Predicted) or (isinstance(event, Acted) and bool(event.predictions))


class Reach:
    """Colours of roots, functions and places."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.own = tuple(self._colour(root) for root in world.roots)  # by what the root does itself
        self.colours = self._spread(self.own)

    def _colour(self, root: Root) -> frozenset[Colour]:
        module = self._world.program.modules[root.module]
        if root.kind == "test" or module.is_test:
            return frozenset({"test"})
        found: set[Colour] = {"notebook"} if module.is_notebook else set()
        kinds = {event.kind for event in root.events}
        if "fitted" in kinds:
            found.add("train")
        elif any(map(_serves, root.events)) or root.kind == "route":
            found.add("eval" if kinds & {"learned", "evaluated"} else "serve")
        return frozenset(found or {"tool"})

    def _spread(self, colours: tuple[frozenset[Colour], ...]) -> tuple[frozenset[Colour], ...]:
        """Code that writes what training, evaluation or serving reads belongs to them, over any number of files."""
        found = list(colours)
        writers: dict[Place, set[int]] = defaultdict(set)
        for number, root in enumerate(self._world.roots):
            for event in root.events:
                if isinstance(event, Stored):
                    writers[event.at].add(number)
        for _ in range(MAX_STAGES):
            before = list(found)
            for number, root in enumerate(self._world.roots):
                inherited = found[number] & INHERITED
                for event in root.events if inherited else ():
                    if isinstance(event, Loaded):
                        for source, _proof in event.sources:
                            for writer in writers[source]:
                                if "test" not in found[writer]:
                                    found[writer] |= inherited
            if found == before:
                break
        return tuple(found)

    @cached_property
    def functions(self) -> dict[tuple[int, str], frozenset[Colour]]:
        """The colours a function (module, qualified name) is reached with; module bodies are ""."""
        found: dict[tuple[int, str], set[Colour]] = defaultdict(set)
        for root, colours in zip(self._world.roots, self.colours, strict=True):
            for function in (*root.functions, (root.module, "")):
                found[function] |= colours
        return {function: frozenset(colours) for function, colours in found.items()}

    @cached_property
    def _of_modules(self) -> dict[int, frozenset[Colour]]:
        found: dict[int, frozenset[Colour]] = {}
        for (module, _), colours in self.functions.items():
            found[module] = found.get(module, frozenset()) | (colours - {"test"})
        return found

    def around(self, number: int, place: Place) -> frozenset[Colour]:
        """The colours of a root, and of all that reaches the module of a place: what a module loads, its functions use."""
        colours = self.colours[number]
        return colours if "test" in colours else colours | self._of_modules.get(place[0], frozenset())

    def of(self, module: int, function: str) -> frozenset[Colour]:
        return self.functions.get((module, function), frozenset())

    def is_entry(self, number: int) -> bool:
        """Whether a root is a way to start the program, not code that only a library's users reach."""
        return self._world.roots[number].kind not in LIBRARY_KINDS

    def judged(self, place: Place) -> bool:
        """Whether code at a place can owe debt at all: tests, documentation and generated code cannot."""
        return self._world.program.modules[place[0]].role not in QUIET_ROLES

    def callers_of(self, path: str) -> frozenset[str]:
        """The other files whose programs, tests apart, reach functions of a file."""
        module = self._world.program.by_path.get(path)
        number = module.number if module is not None else -1
        roots = {
            root.module
            for root, colours in zip(self._world.roots, self.colours, strict=True)
            if "test" not in colours and root.module != number and any(function[0] == number for function in root.functions)
        }
        return frozenset(self._world.program.modules[root].path for root in roots)

    def events(self, kind: type[Event], colours: frozenset[Colour]) -> list[tuple[int, Event]]:
        """Events of a kind in roots of any of these colours, with the root's number, in order."""
        return [
            (number, event)
            for number, root in enumerate(self._world.roots)
            if self.colours[number] & colours
            for event in root.events
            if isinstance(event, kind)
        ]

    def fits_itself(self, module: int, function: str) -> bool:
        """Whether a function holds a fit of its own."""
        return (module, function) in self._fitting

    @cached_property
    def _fitting(self) -> frozenset[tuple[int, str]]:
        return frozenset(
            (event.frame.module, event.frame.function)
            for root in self._world.roots
            for event in root.events
            if isinstance(event, Fitted) and event.kind == "fitted"
        )
