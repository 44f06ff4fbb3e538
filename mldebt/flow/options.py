"""Command-line options: parsers, groups, namespaces, decorators; destinations exactly as argparse and click make them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE, Command
from mldebt.flow.arguments import Arguments
from mldebt.flow.config_files import resolve
from mldebt.flow.events import Leaf as LeafInfo
from mldebt.flow.joins import join
from mldebt.flow.values import (
    NONE,
    TOP,
    Choice,
    Const,
    Function,
    Leaf,
    Namespace,
    Parser,
    Place,
    Value,
    options_of,
    unwritten,
)
from mldebt.libraries.types import Argument

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

SUPPRESS = "argparse.SUPPRESS"
CONFIG_SUFFIXES = (".yaml", ".yml", ".json", ".toml", ".ini", ".cfg")
FOR_PEOPLE = re.compile(
    r"\b(metrics?|unless|if (?:needed|necessary|you)|time[- ]consuming|progress|verbose|visuali[sz]e|debug(?:ging)?)\b", re.IGNORECASE
)
"""What the help of a switch says that people throw while they work: no experiment hangs on it."""
FLAGS = {"store_true": False, "store_false": True}


class Options:
    def __init__(self, run: Interpreter) -> None:
        self._run = run
        self.defaults: dict[int, Value] = {}
        self.words: dict[int, tuple[tuple[str, ...], str]] = {}  # option strings and action

    def parser(self, arguments: Arguments) -> Value:
        """`ArgumentParser(parents=[...])`."""
        run = self._run
        made = Parser(run.world.heap.next_serial())
        parents = arguments.keywords.get("parents")
        options: list[int] = []
        for parent in run.known_elements(parents, arguments.at) or () if parents is not None else ():
            if isinstance(parent, Parser):
                options.extend(self.all_of(parent))
        made.state = (tuple(options), (), {})
        return made

    def all_of(self, parser: Parser) -> list[int]:
        """The options of a parser, its groups and subparsers."""
        options, children, _ = parser.state
        found = list(options)
        for child in children:
            found.extend(self.all_of(child))
        return list(dict.fromkeys(found))

    def escape(self, parser: Parser) -> list[Value]:
        """The parser is handed away: every option may be read."""
        at = self._run.here
        root = parser
        while root.parent is not None:
            root = root.parent
        for option in self.all_of(root):
            self._run.world.use_leaf(option, at, "belongs to a parser that is handed away")
        return list(parser.state[2].values())

    # -- methods of parsers -------------------------------------------------------------------------------------------

    def method(self, parser: Parser, name: str, arguments: Arguments) -> Value:
        match name:
            case "add_argument":
                return self.add(parser, arguments)
            case "add_argument_group" | "add_mutually_exclusive_group" | "add_subparsers":
                child = self._child(parser, "subparsers" if name == "add_subparsers" else "group")
                if name == "add_subparsers" and (destination := plain_text(arguments.keywords.get("dest"))):
                    self._declare(child, destination, arguments, (destination,), "subparsers")
                return child
            case "add_parser":
                return self._subparser(parser, arguments)
            case "set_defaults":
                options, children, defaults = parser.state
                self._run.world.heap.write(parser, (options, children, {**defaults, **arguments.keywords}))
                return NONE
            case "parse_args" | "parse_intermixed_args":
                return self.namespace(parser, arguments)
            case "parse_known_args" | "parse_known_intermixed_args":
                heap = self._run.world.heap
                rest = Leaf(self._run.world.group(tuple(self.all_of(parser)), arguments.at), TOP)
                return heap.tuple((self.namespace(parser, arguments), heap.list(None, self._run.choice((rest, TOP)))))
            case "get_default":
                return TOP
        for value in arguments.every():
            self._run.use(value, arguments.at, "is given to a parser")
        return TOP

    def _child(self, parser: Parser, role: str) -> Parser:
        child = Parser(self._run.world.heap.next_serial(), parser, role)
        options, children, defaults = parser.state
        self._run.world.heap.write(parser, (options, (*children, child), defaults))
        return child

    def _subparser(self, parser: Parser, arguments: Arguments) -> Parser:
        child = self._child(parser, "subparser")
        parents = arguments.keywords.get("parents")
        inherited: list[int] = []
        for parent in (self._run.known_elements(parents, arguments.at) or ()) if parents is not None else ():
            if isinstance(parent, Parser):
                inherited.extend(self.all_of(parent))
        self._run.world.heap.write(child, (tuple(inherited), (), {}))
        return child

    def add(self, parser: Parser, arguments: Arguments) -> Value:
        """`add_argument(...)`: one option, or an escape where its names cannot be told."""
        names = [plain_text(value) for value in arguments.positional]
        if not names or None in names or arguments.rest is not None:
            for value in arguments.every():
                self._run.escape(value, arguments.at, "declares an option by computed names")
            return TOP
        words = tuple(name for name in names if name is not None)
        action = arguments.keywords.get("action")
        acts = action is not None and plain_text(action) is None
        destination = plain_text(arguments.keywords.get("dest")) or destination_of(words)
        leaf = self._declare(parser, destination, arguments, words, plain_text(action) or "store")
        if acts:
            self._run.world.use_leaf(leaf, arguments.at, "has an action of its own")
        return TOP

    def _declare(self, parser: Parser, destination: str, arguments: Arguments, words: tuple[str, ...], action: str) -> int:
        run = self._run
        place = arguments.places[0] if arguments.places else arguments.at
        leaf = self.option(destination, place, words, _traits(arguments, words, action), arguments, action)
        self.words[leaf] = (words, action)
        options, children, defaults = parser.state
        run.world.heap.write(parser, ((*options, leaf), children, defaults))
        return leaf

    def option(self, name: str, place: Place, words: tuple[str, ...], traits: frozenset[str], arguments: Arguments, action: str) -> int:
        run = self._run
        location = run.world.location(place)
        default = arguments.keywords.get("default")
        shown = default.value if isinstance(default, Const) else FLAGS.get(action)
        known = (default is not None and isinstance(default, Const)) or action in FLAGS
        info = LeafInfo(
            "option", name, location.path, location, max(words, key=len), traits | ({"default"} if known else frozenset()), shown
        )
        leaf = run.world.leaf(info)
        default = Const(default.value) if isinstance(default, Const) else default
        self.defaults[leaf] = default if default is not None else Const(FLAGS[action]) if action in FLAGS else NONE
        for key, value in arguments.keywords.items():
            if key == "default":
                continue
            run.use(value, arguments.at, "declares an option") if key != "type" else self._typed(value, arguments)
        return leaf

    def _typed(self, value: Value, arguments: Arguments) -> None:
        """`type=` and callbacks are called with the option's text."""
        for option in options_of(value):
            if isinstance(option, Function):
                self._run.call_with(option, (TOP,), arguments.at, arguments.frame)

    def command_words(self) -> Value:
        """`sys.argv` of this root: the program, then its words; a list of anything where no command line is known."""
        heap = self._run.world.heap
        command = self._run.world.command_line
        if not isinstance(command, Command):
            return heap.list(None, TOP)
        return heap.list((Const(command.module), *(Const(word) if HOLE not in word else TOP for word in command.arguments)))

    # -- namespaces ---------------------------------------------------------------------------------------------------

    def namespace(self, parser: Parser, arguments: Arguments) -> Value:
        """What `parse_args` gives: one namespace, or one for each command where there are subparsers."""
        run = self._run
        given = arguments.get(Argument("args", 0))
        into = arguments.get(Argument("namespace", 1))
        words = self._words_given(given, arguments)
        made = run.choice(Namespace(run.world.heap.next_serial(), state) for state in self._states(parser, words))
        if into is not None:
            run.escape(made, arguments.at, "is parsed into another namespace")
        return made

    def _states(self, parser: Parser, words: tuple[str, ...] | None) -> list[dict[str, Value]]:
        """The attributes for each command: own options and groups, then those of one subparser."""
        own: dict[str, Value] = {}
        branches: list[Parser] = []
        plain = self._positional(parser, words)
        pending = [parser]
        while pending:
            part = pending.pop()
            options, children, defaults = part.state
            for number in options:
                name = self._run.world.leaves[number].name
                leaf = Leaf(number, plain[number] if number in plain else self._value_of(number, words))
                own[name] = join(own[name], leaf) if name in own else leaf
            for name, value in defaults.items():
                own[name] = join(own[name], unwritten(value)) if name in own else unwritten(value)
            branches.extend(child for child in children if child.role == "subparser")
            pending.extend(child for child in children if child.role != "subparser")
        if not branches:
            return [own]
        return [{**own, **below} for branch in branches for below in self._states(branch, words)]

    def _positional(self, parser: Parser, words: tuple[str, ...] | None) -> dict[int, Value]:
        """What a known command line gives the positional options in their order; nothing where some word cannot be told apart."""
        numbers = self.all_of(parser)
        known = {name: self.words[number][1] for number in numbers for name in self.words.get(number, ((), ""))[0]}
        wanted = [number for number in numbers if "positional" in self._run.world.leaves[number].traits]
        if words is None or any(child.role in ("subparser", "subparsers") for child in parser.state[1]):
            return {}
        plain: list[str] = []
        skips = False
        for word in words:
            if skips or (word.startswith("-") and len(word) > 1):
                name = word.partition("=")[0]
                if not skips and known.get(name) not in FLAGS and known.get(name) != "store":
                    return {}
                skips = not skips and known[name] == "store" and "=" not in word
            else:
                plain.append(word)
        if len(plain) != len(wanted) or any("several" in self._run.world.leaves[number].traits for number in numbers):
            return {}
        return {number: Const(number_or_text(word)) if HOLE not in word else TOP for number, word in zip(wanted, plain, strict=True)}

    def _words_given(self, given: Value | None, arguments: Arguments) -> tuple[str, ...] | None:
        """The command line, where it is known: given in the call, or the root's own."""
        if given is not None and not (isinstance(given, Const) and given.value is None):
            known = self._run.known_elements(given, arguments.at)
            if known is None or not all(isinstance(v, Const) and isinstance(v.value, str) for v in known):
                return None
            return tuple(v.value for v in known if isinstance(v, Const))
        command = self._run.world.command_line
        return command.arguments if isinstance(command, Command) else None

    def _value_of(self, number: int, words: tuple[str, ...] | None) -> Value:
        default = self.defaults.get(number, NONE)
        names, action = self.words.get(number, ((), "store"))
        if words is None and action not in FLAGS:
            return self._run.choice((default, *map(Const, self._documented(names, action)), TOP))
        if words is None:
            return self._run.choice((Const(True), Const(False)))
        found = given_value(words, names, action)
        if found is None:
            return default
        return Const(found) if found != HOLE else TOP

    def _documented(self, names: tuple[str, ...], action: str) -> list[str]:
        """The config files of the repository that the documentation gives the option of this root's script."""
        world = self._run.world
        module = world.program.modules[world.root.module]
        given = (
            given_value(c.arguments, names, action) for c in world.repository.commands if c.module == module.path and c.source == "docs"
        )
        texts = {text for text in given if isinstance(text, str) and text.endswith(CONFIG_SUFFIXES) and HOLE not in text}
        return sorted(text for text in texts if resolve(world.repository.files, module.folder, text))


def given_value(words: tuple[str, ...], names: tuple[str, ...], action: str) -> object:
    """What a command line gives an option; None where it does not name it."""
    for index, word in enumerate(words):
        name, equals, text = word.partition("=")
        if name in names:
            if action in FLAGS:
                return not FLAGS[action]
            if action == "boolean":
                return text.lower() in ("true", "t", "1", "yes", "y") if equals else names.index(name) < 2
            if equals:
                return number_or_text(text)
            return number_or_text(words[index + 1]) if index + 1 < len(words) else HOLE
    if names and not names[0].startswith("-"):
        plain = [
            word for index, word in enumerate(words) if not word.startswith("-") and (index == 0 or not words[index - 1].startswith("-"))
        ]
        return number_or_text(plain[0]) if len(plain) == 1 else HOLE if plain else None
    return None


def number_or_text(text: str) -> object:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def destination_of(words: tuple[str, ...]) -> str:
    """argparse's rule: the first long option, else the first; dashes become underscores for options, not for positionals."""
    if not words[0].startswith("-"):
        return words[0]
    long = next((word for word in words if word.startswith("--")), words[0])
    return long.lstrip("-").replace("-", "_")


def click_destination(words: tuple[str, ...]) -> str:
    """click's rule: a plain identifier if one is given, else the longest-dashed first name; `--a/--no-a` is `a`."""
    plain = [word for word in words if not word.startswith("-")]
    if plain:
        return plain[0].lower()
    names = sorted(words, key=lambda word: -len(word) + len(word.lstrip("-")))
    return names[0].split("/")[0].strip().lstrip("-").replace("-", "_").lower()


def _traits(arguments: Arguments, words: tuple[str, ...], action: str) -> frozenset[str]:
    traits = {action}
    if not words[0].startswith("-"):
        traits.add("positional")
    if "nargs" in arguments.keywords:
        traits.add("several")
    shown = arguments.keywords.get("help")
    if shown is not None and (not isinstance(shown, Const) or shown.value == SUPPRESS or shown.value == "==SUPPRESS=="):
        traits.add(
            "suppressed"
            if not isinstance(shown, Const | Choice) or (isinstance(shown, Const) and "SUPPRESS" in str(shown.value))
            else "help"
        )
    if (
        isinstance(shown, Const)
        and isinstance(shown.value, str)
        and re.search(r"deprecat|no longer|unused|ignored|legacy|obsolete", shown.value, re.IGNORECASE)
    ):
        traits.add("deprecated")
    if isinstance(shown, Const) and isinstance(shown.value, str) and FOR_PEOPLE.search(shown.value):
        traits.add("operational")
    return frozenset(traits)


def plain_text(value: Value | None) -> str | None:
    """The text a value is, where it is one without holes."""
    if isinstance(value, Leaf):
        value = value.value
    return value.value if isinstance(value, Const) and isinstance(value.value, str) and HOLE not in value.value else None


def decorated_command(run: Interpreter, function: Function, parameters: dict[str, Value]) -> None:
    """A function whose parameters are options becomes a root of its own."""
    if function.serial not in run.world.registered_commands:
        run.world.registered_commands.add(function.serial)
        run.world.commands.append(function)
    run.command_parameters.setdefault(function.serial, {}).update(parameters)
