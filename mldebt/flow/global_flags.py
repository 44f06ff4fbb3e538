"""Flags that a whole program shares by name: who declares one and who reads it need not know each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE, Command
from mldebt.flow import options
from mldebt.flow.arguments import Arguments
from mldebt.flow.events import CallFrame
from mldebt.flow.joins import join
from mldebt.flow.values import NONE, TOP, Const, Function, Leaf, Method, Namespace, Object, Place, Value
from mldebt.libraries.types import DeclaresOption

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


SET_BY_PROGRAM: tuple[tuple[str, ...], str] = ((), "store")
"""The words of a flag whose value no command line decides alone."""


class Flags(Namespace):
    """The one namespace of all flags; `type` is that of the library's object. What is declared stays so, whatever branch it was in."""

    __slots__ = ("changed", "declared", "read", "type", "whole")

    def __init__(self, serial: int) -> None:
        super().__init__(serial, {})
        self.type = ""
        self.declared: dict[str, list[int]] = {}
        self.changed: set[int] = set()  # the program sets them itself
        self.read: set[str] = set()  # by name, before anybody was seen declaring them
        self.whole = False  # they are gone through, or handed away


def declares(run: Interpreter, verb: DeclaresOption, returns: str, arguments: Arguments) -> Value:
    """The calls of a library of flags."""
    flags = run.flags
    match verb.role:
        case "flag" | "switch_flag":
            return _declare(run, flags, verb, returns, arguments)
        case "flag_read" | "flag_set":
            return _named(run, flags, verb, arguments)
        case "flags_whole":
            known = {name: attribute(run, flags, name, arguments.at, None) for name in flags.declared}
            flags.whole = True
            return run.world.heap.mapping(known, TOP)
        case "flag_main":
            return _main(run, arguments.get(verb.destination), arguments)
    return TOP


def _declare(run: Interpreter, flags: Flags, verb: DeclaresOption, returns: str, arguments: Arguments) -> Value:
    name = options.plain_text(arguments.get(verb.destination))
    if name is None:
        for value in arguments.every():
            run.escape(value, arguments.at, "declares a flag under a computed name")
        return TOP
    boolean = verb.role == "switch_flag"
    default = arguments.get(verb.default)
    declared = Arguments(arguments.at, arguments.frame)
    declared.keywords = {key: value for key, value in arguments.keywords.items() if key not in ("name", "default")}
    if default is not None:
        declared.keywords["default"] = default
    words = (f"--{name}", f"-{name}", f"--no{name}", f"-no{name}") if boolean else (f"--{name}", f"-{name}")
    action = "boolean" if boolean else "store"
    number = run.options.option(name, arguments.place_of(verb.destination), words[:1], frozenset({action}), declared, action)
    run.options.words[number] = (words, action) if number not in flags.changed else SET_BY_PROGRAM
    known = flags.declared.setdefault(name, [])
    if number not in known:
        known.append(number)
    if name in flags.read or flags.whole:
        run.world.use_leaf(number, arguments.at, "is read by name")
    value = Leaf(number, join(run.options.defaults[number], TOP))
    flags.state = {**flags.state, name: value}
    holder: dict[str, Value] = {"value": value, "default": run.options.defaults[number], "name": Const(name)}
    return Object(run.world.heap.next_serial(), returns, arguments.at, holder)


def _named(run: Interpreter, flags: Flags, verb: DeclaresOption, arguments: Arguments) -> Value:
    """Flags that a call reads or sets by their names."""
    found: list[Value] = []
    given = arguments.get(verb.destination)
    for value in run.known_elements(given, arguments.at) or (given if given is not None else TOP,):
        name = options.plain_text(value)
        if name is None:
            use_all(run, flags, arguments.at, "is read under a computed name")
            continue
        found.append(attribute(run, flags, name, arguments.at, arguments.frame))
        if verb.role == "flag_set":
            _change(run, flags, name, arguments.at)
        else:
            run.use(found[-1], arguments.at, "is read by name")
    for value in arguments.every():
        run.escape(value if isinstance(value, Function) else None, arguments.at, "looks at a flag")
    return run.choice(found) if found else TOP


def _main(run: Interpreter, function: Value | None, arguments: Arguments) -> Value:
    """The program's main function gets what is left of the command line; without one it is the `main` of the module that runs."""
    target = function if function is not None and not (isinstance(function, Const) and function.value is None) else None
    if target is None:
        target = run.names.module_attribute(arguments.at[0], "main")
    if target is not None:
        run.call_with(target, (run.world.heap.list(None, TOP),), arguments.at, arguments.frame)
    return NONE


def attribute(run: Interpreter, flags: Flags, name: str, at: Place, frame: CallFrame | None) -> Value:
    """`FLAGS.name`: the flag of that name that this module declares, else any."""
    numbers = flags.declared.get(name)
    if numbers is None:
        if run.world.knowledge.method(flags.type, name) is not None:
            return Method(flags, flags.type, name)
        if name.startswith("_"):
            use_all(run, flags, at, "may be read through an attribute of all flags")
        flags.read.add(name)
        return TOP
    path = run.world.program.modules[at[0]].path
    own = [number for number in numbers if run.world.leaves[number].owner == path]
    return run.choice(Leaf(number, _value(run, number)) if number not in flags.changed else TOP for number in own or numbers)


def item(run: Interpreter, flags: Flags, key: Value, at: Place, frame: CallFrame) -> Value:
    """`FLAGS["name"]` is the flag, `.value` its value."""
    name = options.plain_text(key)
    if name is None:
        use_all(run, flags, at, "is read under a computed name")
        return TOP
    return Object(run.world.heap.next_serial(), "", at, {"value": attribute(run, flags, name, at, frame), "name": Const(name)})


def store(run: Interpreter, flags: Flags, name: str, value: Value, at: Place) -> None:
    """`FLAGS.name = value`: from now on it may be anything."""
    _change(run, flags, name, at)
    run.escape(value, at, "is set as a flag")


def _change(run: Interpreter, flags: Flags, name: str, at: Place) -> None:
    for number in flags.declared.get(name, ()):
        flags.changed.add(number)
        run.options.words[number] = SET_BY_PROGRAM
        run.world.use_leaf(number, at, "is set by the program")


def called(run: Interpreter, flags: Flags, arguments: Arguments) -> Value:
    """`FLAGS(argv)` parses."""
    for value in arguments.every():
        run.look_at(value, arguments.at, "is parsed")
    return run.world.heap.list(None, TOP)


def use_all(run: Interpreter, flags: Flags, at: Place, why: str) -> None:
    flags.whole = True
    for numbers in flags.declared.values():
        for number in numbers:
            run.world.use_leaf(number, at, why)


def _value(run: Interpreter, number: int) -> Value:
    default = run.options.defaults[number]
    command = run.world.command_line
    if not isinstance(command, Command):
        return join(default, TOP)
    found = options.given_value(command.arguments, *run.options.words[number])
    return default if found is None else TOP if found == HOLE else Const(found)
