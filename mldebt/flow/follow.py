"""The whole run: module bodies, main guards, hooks, tests, functions nobody called; in rounds until stored files stop changing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from mldebt.declarations.types import Command
from mldebt.flow import query_files
from mldebt.flow.activation import Activation
from mldebt.flow.arguments import Arguments
from mldebt.flow.escape import escape
from mldebt.flow.events import Acted, Answered, CallFrame, Loaded, Root
from mldebt.flow.files import Held
from mldebt.flow.interpret import Interpreter
from mldebt.flow.joins import spilled
from mldebt.flow.paths import same_path
from mldebt.flow.rounds import Rounds
from mldebt.flow.values import Class, Const, Function, Object, Place, Value
from mldebt.flow.world import Repository, World

MAX_COMMANDS = 6
MAX_CLOSURES = 4
RECURSION_LIMIT = 60_000


@dataclass(frozen=True, slots=True)
class Followed:
    """What flow hands to the graph."""

    world: World
    interpreter: Interpreter


def follow(repository: Repository) -> Followed:
    """Interprets the repository. Deterministic: roots run in sorted order, readers see what was stored when they start."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    world = World(repository)
    run = Interpreter(world)
    spilled.clear()  # what a scan before this one left when it broke off
    starts = Starts(run)
    starts.all()
    Rounds(run, starts.again).all()
    _name_sources(world)
    _settle(run)
    return Followed(world, run)


class Starts:
    """Every root with how it is run, so that it can run again when a file it reads has changed."""

    def __init__(self, run: Interpreter) -> None:
        self._run = run
        self._starts: list[Callable[[], None]] = []
        self._commanded = 0
        self._hooked: set[int] = set()

    def all(self) -> None:
        run = self._run
        world = run.world
        for module in world.program.modules:
            if module.number not in run.names.modules:
                self._first(partial(_body, run, module.number))
        for act, block in list(run.names.guarded):
            for command in _commands_of(world, act.module.path):
                self._first(partial(_main, run, act, block, command))
        self._hooks()
        self._commands()
        self._uncalled()

    def _hooks(self) -> None:
        """Functions that frameworks start. One that ran before anything said so (a factory registers it later) runs again, in place of that root."""
        run = self._run
        new = [one for serial, one in run.registered.items() if serial not in self._hooked]
        for function, kind, payload in _callers_first(new):
            self._hooked.add(function.serial)
            start = partial(_hook, run, function, kind, payload)
            at = (function.module, function.code.at)
            earlier = (number for number, root in enumerate(run.world.roots) if root.at == at and root.kind in ("uncalled", "hook"))
            number = next(earlier, None)
            if number is None:
                self._first(start)
            else:
                self._starts[number] = start
                self.again(number)

    def _commands(self) -> None:
        """Functions whose parameters are options, each once."""
        while self._commanded < len(self._run.world.commands):
            self._commanded += 1
            self._first(partial(_command, self._run, self._run.world.commands[self._commanded - 1]))

    def _first(self, start: Callable[[], None]) -> None:
        before = len(self._run.world.roots)
        self._guarded(start)
        while len(self._starts) < len(self._run.world.roots):
            self._starts.append(start)
        assert len(self._run.world.roots) <= before + 1

    def again(self, number: int) -> None:
        self._run.replace_root(number)
        self._guarded(self._starts[number])
        self._run.replace_root(-1)

    def _guarded(self, start: Callable[[], None]) -> None:
        """One root may not take the scan down: what nests beyond all bounds is given up, and then nothing is called unused."""
        try:
            start()
            self._run.let_go(self._run.world.root.at)
        except RecursionError:
            self._run.abandon()

    def _uncalled(self) -> None:
        """Methods on one instance of their class, functions with unknown arguments; what escaped meanwhile runs too."""
        done: set[int] = set()
        for _ in range(4):
            pending = list(_pending(self._run, done))
            if not pending:
                break
            for function, receiver in pending:
                done.add(function.serial)
                self._commands()
                self._hooks()
                if _is_waiting(self._run, function):
                    self._first(partial(_one_uncalled, self._run, function, receiver))
        self._commands()
        self._hooks()


def _start(run: Interpreter, kind: str, module: int, name: str, at: tuple[int, int], command: Command | None = None) -> None:
    world = run.world
    text = " ".join(command.arguments) if command is not None else ""
    run.start_root(Root(kind, module, name, at, text))
    world.command_line = command


def _body(run: Interpreter, number: int) -> None:
    module = run.world.program.modules[number]
    run.names.modules.pop(number, None)
    kind = "notebook" if module.is_notebook else "test" if module.is_test else "script"
    commands = _commands_of(run.world, module.path)
    _start(run, kind, number, module.dotted, (number, 0), commands[0])
    run.names.module(number)


def _commands_of(world: World, path: str) -> list[Command | None]:
    """The command lines that run a file; documentation only names examples, so without others it runs with unknown arguments."""
    commands = [c for c in world.repository.commands if c.module == path and c.source != "docs"]
    distinct = list({c.arguments: c for c in commands}.values())
    return [*distinct[:MAX_COMMANDS]] or [None]


def _main(run: Interpreter, act: Activation, block: object, command: Command | None) -> None:
    number = act.module.number
    _start(run, "main", number, act.module.dotted, (number, 0), command)
    registers = list(act.registers)
    run.stack.append(id(act.code))
    run.run_block(act, block)  # type: ignore[arg-type]  # a block kept by the main guard
    run.stack.pop()
    act.registers[: len(registers)] = registers


def _callers_first(registered: list[tuple[Function, str, object]]) -> list[tuple[Function, str, object]]:
    """A task mostly stands below those that it calls; methods run in the order they are written, as each finds what the one before left."""
    plain = [one for one in registered if one[1] == "task" and one[0].owner is None]
    return [*(one for one in registered if one[1] != "task" or one[0].owner is not None), *reversed(plain)]


def _hook(run: Interpreter, function: Function, kind: str, payload: object) -> None:
    at = (function.module, function.code.at)
    called = kind == "task" and (function.module, function.code.qualname) in run.world.interpreted
    _start(run, kind, function.module, function.code.qualname, at)
    frame = CallFrame(None, at, function.module, function.code.qualname)
    arguments = Arguments(at, frame)
    if isinstance(payload, Value):
        arguments.add(payload)
    else:
        arguments.unknown = True
    result = run.call_function(function, arguments, _receiver_of(run, function))
    if called:  # by another task, which has seen to the result
        return
    escape(run, result, at, f"is returned from {function.code.name}()")
    run.returned_outside(result, at, frame, function.code.name)
    if kind == "route":
        _answered(run, function, result, frame)


def _receiver_of(run: Interpreter, function: Function) -> Value | None:
    """The object on which a method runs that only a framework calls: the one it was given with, or the blank one of its class."""
    known = run.world.escaped_functions.get(function.serial)
    if known is not None and known[1] is not None:
        return known[1]
    if not isinstance(function.owner, Class) or function.kind == "static":
        return None
    return run.blank_instance(function.owner) if function.kind != "class" else function.owner


def _answered(run: Interpreter, function: Function, answer: Value, frame: CallFrame) -> None:
    """Which predictions a route may give away, by its answer or by what it does. A parameter that is more than a plain value may guard it."""
    held = Held()
    held.collect(run, answer)
    acted = (event.predictions for event in run.world.root.events if isinstance(event, Acted))
    guarded = any(not isinstance(default, Const) for default in function.defaults.values()) or any(
        parameter.annotation.partition("[")[0].endswith("Annotated") for parameter in function.code.parameters
    )
    world = run.world
    predictions = held.predictions.union(*acted)
    world.emit(Answered("answered", frame.at, frame, world.stamp(), (), function.code.qualname, predictions, guarded))


def _command(run: Interpreter, function: Function) -> None:
    """A function whose parameters are options (click, typer)."""
    at = (function.module, function.code.at)
    _start(run, "command", function.module, function.code.qualname, at)
    frame = CallFrame(None, at, function.module, function.code.qualname)
    arguments = Arguments(at, frame)
    arguments.unknown = True
    options = run.command_parameters.get(function.serial, {})
    for name, value in options.items():
        arguments.name(name, value)
    first = function.code.parameters[0].name if function.code.parameters else ""
    if first and first not in options:  # the context of the call: it knows all options by name
        context: dict[str, Value] = {"params": run.world.heap.mapping(dict(options), None)}
        arguments.name(first, Object(run.world.heap.next_serial(), "click.Context", at, context))
    run.call_function(function, arguments)


def _pending(run: Interpreter, done: set[int]) -> Iterator[tuple[Function, Value | None]]:
    world = run.world
    for serial, (function, receiver) in sorted(world.escaped_functions.items()):
        if serial not in done and _is_waiting(run, function):
            yield function, receiver
    for function, _ in list(world.functions):
        if function.serial not in done and (function.module, function.code.qualname) not in world.interpreted:
            yield function, None


def _is_waiting(run: Interpreter, function: Function) -> bool:
    """Whether a function has not run yet; one that closes over a call's values runs for each such call, within bounds."""
    key = (function.module, function.code.qualname)
    if key not in run.world.interpreted:
        return True
    if function.outer is None or function.outer.code.kind != "function" or function.serial not in run.world.escaped_functions:
        return False
    closures = run.world.closures.setdefault(key, set())
    closures.add(function.serial)
    return len(closures) <= MAX_CLOSURES


def _one_uncalled(run: Interpreter, function: Function, receiver: Value | None) -> None:
    world = run.world
    module = world.program.modules[function.module]
    at = (function.module, function.code.at)
    is_test = module.is_test or function.code.name.startswith("test_")
    _start(
        run,
        "test" if is_test else "hook" if receiver is not None or function.owner is not None else "uncalled",
        function.module,
        function.code.qualname,
        at,
    )
    result = run.run_unknown(function, receiver if receiver is not None else _receiver_of(run, function))
    if not is_test and not module.is_test:
        escape(run, result, at, f"is returned from {function.code.name}(), which nobody here calls")


def _name_sources(world: World) -> None:
    """Every read learns who writes the file in the end; roots were run again only where a file holds something to follow."""
    sources: dict[str, tuple[tuple[Place, str], ...]] = {}
    for root in world.roots:
        for index, event in enumerate(root.events):
            if not isinstance(event, Loaded):
                continue
            if event.path not in sources:
                sources[event.path] = _sources_of(world, event.path)
            if sources[event.path] != event.sources:
                root.events[index] = replace(event, sources=sources[event.path])


def _sources_of(world: World, text: str) -> tuple[tuple[Place, str], ...]:
    found: set[tuple[Place, str]] = set()
    for path, snapshots in world.stored.items():
        proof = same_path(path, text)
        if proof:
            world.read_paths.add(path)
            found.update((snapshot.at, proof) for snapshot in snapshots)
    return tuple(sorted(found))


def _settle(run: Interpreter) -> None:
    """What was written is used unless every reader is in the repository."""
    world = run.world
    if world.abandoned:
        _use_all(world)
    for paths, value, at in world.deferred:
        if not any(path in world.read_paths for path in paths) or run.is_published(paths) or query_files.may_be_read(run, paths):
            escape(run, value, at, "is written to a file that nobody here reads")


def _use_all(world: World) -> None:
    """A root was given up half way: whatever it had not read yet may have been read."""
    at = (world.abandoned[0].module, 0)
    world.use_bits((1 << len(world.columns)) - 1, at, "may be used by code that could not be followed to the end")
    for number in range(len(world.leaves)):
        world.use_leaf(number, at, "may be read by code that could not be followed to the end")
    for key in world.parameters:
        world.parameters[key] = None
