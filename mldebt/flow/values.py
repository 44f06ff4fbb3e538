"""Abstract values. Immutable ones are plain slots; what a program can change is a `Cell` with one replaceable `state`."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import TYPE_CHECKING, Any

from mldebt.configs.types import ConfigNode, ConfigPath
from mldebt.facts.types import Code
from mldebt.flow.frame_state import FrameState as FrameState
from mldebt.flow.origin import NOWHERE, Origin

if TYPE_CHECKING:
    from mldebt.flow.activation import Activation

Place = tuple[int, int]
"""(module number, token number)"""

MAX_CHOICE = 16
MAX_FRAMES = 4


class Value:
    __slots__ = ()


class Top(Value):
    """Anything; nothing tracked is in it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "⊤"


TOP = Top()


class Const(Value):
    """A constant; texts may hold HOLE. `at` is the place of the literal while it is only moved, else None.

    `written` is the place of the literal that a text begins with, whatever was put behind it; None once it may come from a setting.
    """

    __slots__ = ("at", "value", "written")

    def __init__(self, value: Any, at: Place | None = None, written: Place | None = None) -> None:
        self.value = value
        self.at = at
        self.written = written

    def __repr__(self) -> str:
        return repr(self.value)


def literal(value: Any, place: Place) -> Const:
    """A constant as it is written at a place."""
    return Const(value, place, place if type(value) is str else None)


NONE = Const(None)
TRUE = Const(True)
FALSE = Const(False)


class Choice(Value):
    """One of several values; never nested."""

    __slots__ = ("keys", "options")

    def __init__(self, options: tuple[Value, ...]) -> None:
        self.options = options
        self.keys: Collection[Hashable] = ()  # of the options, once a join has made them: with the options unless they were widened

    def __repr__(self) -> str:
        return "(" + " | ".join(map(repr, self.options)) + ")"


def unwritten(value: Value) -> Value:
    """The same, where it may be set to something else: no literal decides what it is."""
    if type(value) is Const and value.written is not None:
        return Const(value.value, value.at)
    if type(value) is Choice and any(type(option) is Const and option.written is not None for option in value.options):
        return Choice(tuple(map(unwritten, value.options)))
    return value


class Leaf(Value):
    """The value of a setting or option, still only moved: it is used when an operation looks at it (flow's rule of leaves)."""

    __slots__ = ("key", "listed", "value")

    def __init__(self, key: int, value: Value, listed: bool = False) -> None:
        self.key = key
        self.value = unwritten(value)
        self.listed = listed  # met while going through all settings: then putting it into a text or a log is no use

    def __repr__(self) -> str:
        return f"leaf#{self.key}({self.value!r})"


class View(Value):
    """A mapping or sequence inside a config file."""

    __slots__ = ("node", "path", "source")

    def __init__(self, source: int, path: ConfigPath, node: ConfigNode) -> None:
        self.source = source
        self.path = path
        self.node = node


class Data(Value):
    """Values of rows: `bits` are the columns it was made of, `predictions` the predictions, `decisions` the comparisons in it.

    `home` is the table that it is a column of, while nothing was done to it: calls in place change that table.
    """

    __slots__ = ("bits", "decisions", "home", "name", "names", "origin", "predictions", "type")

    def __init__(
        self,
        bits: int = 0,
        type_name: str = "",
        predictions: frozenset[int] = frozenset(),
        decisions: frozenset[int] = frozenset(),
        name: str = "",
        origin: Origin = NOWHERE,
        names: tuple[str, ...] = (),
    ) -> None:
        self.bits = bits
        self.type = type_name
        self.predictions = predictions
        self.decisions = decisions
        self.name = name
        self.origin = origin
        self.names = names  # of the columns of an array, in order, where they are known; of a series its own
        self.home: Frame | None = None

    def of_type(self, type_name: str) -> Data:
        return Data(self.bits, type_name, self.predictions, self.decisions, self.name, self.origin, self.names)

    def named(self, name: str) -> Data:
        return Data(self.bits, self.type, self.predictions, self.decisions, name, self.origin, self.names)

    def from_rows(self, origin: Origin) -> Data:
        kept = self.names if len(self.names) == 1 else ()  # of several columns some may be gone
        return Data(self.bits, self.type, self.predictions, self.decisions, self.name, origin, kept)

    def with_names(self, names: tuple[str, ...]) -> Data:
        if names == self.names:
            return self
        return Data(self.bits, self.type, self.predictions, self.decisions, self.name, self.origin, names)

    def __repr__(self) -> str:
        return f"data({self.bits:b},{sorted(self.predictions)})"


class SliceValue(Value):
    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Value | None, ...]) -> None:
        self.parts = parts


class Function(Value):
    """A function of the repository with what it closes over."""

    __slots__ = ("code", "defaults", "hook", "kind", "module", "options", "outer", "owner", "serial")

    def __init__(self, code: Code, module: int, outer: Activation | None, defaults: dict[int, Value], serial: int) -> None:
        self.code = code
        self.module = module
        self.outer = outer
        self.defaults = defaults
        self.serial = serial
        self.kind = ""  # "property" | "static" | "class" | ""
        self.hook = False
        self.owner: Class | None = None
        self.options: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"<function {self.code.qualname}>"


class Bound(Value):
    __slots__ = ("function", "receiver")

    def __init__(self, function: Value, receiver: Value) -> None:
        self.function = function
        self.receiver = receiver


class Partial(Value):
    __slots__ = ("arguments", "keywords", "target")

    def __init__(self, target: Value, arguments: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...]) -> None:
        self.target = target
        self.arguments = arguments
        self.keywords = keywords


class Class(Value):
    """A class of the repository. `fields` are its annotated names in order, for generated constructors (`schema`)."""

    __slots__ = ("attributes", "bases", "code", "fields", "module", "schema", "serial")

    def __init__(self, code: Code, module: int, bases: tuple[Value, ...], serial: int) -> None:
        self.code = code
        self.module = module
        self.bases = bases
        self.attributes: dict[str, Value] = {}
        self.fields: dict[str, tuple[str, int]] = {}
        self.schema = False
        self.serial = serial

    def __repr__(self) -> str:
        return f"<class {self.code.qualname}>"


class Module(Value):
    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


class Library(Value):
    """Something outside the repository, by its dotted name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"


class Method(Value):
    """A method of a library type, not yet called."""

    __slots__ = ("name", "receiver", "type")

    def __init__(self, receiver: Value, type_name: str, name: str) -> None:
        self.receiver = receiver
        self.type = type_name
        self.name = name


class Super(Value):
    __slots__ = ("cls", "receiver")

    def __init__(self, cls: Class, receiver: Value) -> None:
        self.cls = cls
        self.receiver = receiver


class Grouped(Value):
    """Rows in groups: `keys` are the grouping columns by name, `selected` the columns chosen after the grouping."""

    __slots__ = ("frame", "keys", "selected", "single", "type")

    def __init__(
        self, frame: Frame, keys: dict[str, int] | None, selected: tuple[str, ...] | None, type_name: str, single: bool = False
    ) -> None:
        self.frame = frame
        self.keys = keys
        self.selected = selected
        self.type = type_name
        self.single = single


class Expression(Value):
    """A decorator or other value whose effect is known by what made it (a click option, a route)."""

    __slots__ = ("kind", "payload")

    def __init__(self, kind: str, payload: Any = None) -> None:
        self.kind = kind
        self.payload = payload


class Cell(Value):
    """Something that can change: `state` is immutable and replaced, by `Heap.write` only."""

    __slots__ = ("outline", "serial", "state", "version")
    state: Any

    def __init__(self, serial: int, state: Any) -> None:
        self.serial = serial
        self.version = 0
        self.state = state
        self.outline: Any = None  # what shapes know of a state, and of which


class Sequence(Cell):
    """`state` = (known items or None, joined element or None, open). `kind`: list | tuple | set | generator."""

    __slots__ = ("kind",)
    state: tuple[tuple[Value, ...] | None, Value | None, bool]

    def __init__(self, serial: int, kind: str, items: tuple[Value, ...] | None, element: Value | None = None, open_: bool = False) -> None:
        super().__init__(serial, (items, element, open_))
        self.kind = kind

    @property
    def items(self) -> tuple[Value, ...] | None:
        return self.state[0]


class Mapping(Cell):
    """`state` = (known entries by key, joined value of unknown keys or None, open)."""

    __slots__ = ()
    state: tuple[dict[Any, Value], Value | None, bool]


class Instance(Cell):
    """An object of a repository class; `state` = attributes."""

    __slots__ = ("cls",)
    state: dict[str, Value]

    def __init__(self, serial: int, cls: Class) -> None:
        super().__init__(serial, {})
        self.cls = cls


class Object(Cell):
    """An object of a library type, or a stored unknown; `state` = what is known of it by name. `site` is where it was made."""

    __slots__ = ("site", "type")
    state: dict[str, Value]

    def __init__(self, serial: int, type_name: str, site: Place, state: dict[str, Value] | None = None) -> None:
        super().__init__(serial, state or {})
        self.type = type_name
        self.site = site

    def __repr__(self) -> str:
        return f"<{self.type} object>"


class Frame(Cell):
    __slots__ = ("type",)
    state: FrameState

    def __init__(self, serial: int, type_name: str, state: FrameState) -> None:
        super().__init__(serial, state)
        self.type = type_name

    def __repr__(self) -> str:
        return f"<frame {sorted(self.state.columns)}{'+' if self.state.open else ''}>"


class Parser(Cell):
    """An argument parser; `state` = (options, nested parsers and groups, defaults set by name)."""

    __slots__ = ("parent", "role")
    state: tuple[tuple[int, ...], tuple[Parser, ...], dict[str, Value]]

    def __init__(self, serial: int, parent: Parser | None = None, role: str = "parser") -> None:
        super().__init__(serial, ((), (), {}))
        self.parent = parent
        self.role = role  # parser | group | subparsers | subparser


class Namespace(Cell):
    """Parsed options or a free namespace; `state` = attributes."""

    __slots__ = ()
    state: dict[str, Value]


def options_of(value: Value) -> tuple[Value, ...]:
    """The possible values, leaves still wrapped."""
    return value.options if isinstance(value, Choice) else (value,)


def unwrap(value: Value) -> Value:
    """The value inside a leaf, for looking at its shape; use `Uses.look` where an operation consumes it."""
    while isinstance(value, Leaf):
        value = value.value
    return value
