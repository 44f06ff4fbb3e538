"""The state of one walk over a CST: leaves met, instructions made, the scope at hand.

What a node class means stands in tables that `lower` puts together; a handler appends the leaves of its node in text order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import libcst

from .positions import FORMATTED
from .scopes import Bindings, declared_globals, stored_in
from .types import Block, Code, Instruction, Op, Parameter

PLACEHOLDER = "ǃ"  # a letter that no Python program uses: a notebook's shell line as an identifier

_MOVE, _STORE_GLOBAL, _STORE_OUTER, _SHELL = int(Op.MOVE), int(Op.STORE_GLOBAL), int(Op.STORE_OUTER), int(Op.SHELL)

Handler = Callable[["Walk", Any], Any]


class Scope:
    """A module, function, lambda or class body while it is lowered."""

    __slots__ = (
        "bindings", "children", "count", "first", "flags", "free", "kind", "name", "open", "outer_stores",
        "parent", "qualname", "registers", "size", "slots", "statements",
    )  # fmt: skip

    def __init__(self, kind: str, name: str, parent: Scope | None, bindings: Bindings, first: int) -> None:
        self.kind, self.name, self.parent, self.bindings, self.first = kind, name, parent, bindings, first
        elsewhere = bindings.globals | bindings.nonlocals if kind != "module" else ()
        self.slots = {name: slot for slot, name in enumerate(stored for stored in bindings.names if stored not in elsewhere)}
        self.registers: dict[str, int] = {} if kind == "class" else dict(self.slots)  # a class reads its own names only after storing them
        self.open: dict[str, int] = {}  # targets of the comprehensions around this point
        self.outer_stores: dict[str, tuple[int, int]] = {}  # nonlocal names: (depth, register there)
        self.count = len(self.slots)
        self.free: list[tuple[int, str, int, int]] = []
        self.children: list[Code] = []
        self.size = self.statements = self.flags = 0
        self.qualname = _qualname(name, parent)

    def resolve(self, name: str) -> int:
        """The register of a name that this scope does not store: filled on entry from where the name lives."""
        depth, outer = self._home(name)
        slot = self.count
        self.count += 1
        self.free.append((slot, name, depth, outer))
        self.registers[name] = slot
        if depth and name in self.bindings.nonlocals:
            self.outer_stores[name] = (depth, outer)
        return slot

    def _home(self, name: str) -> tuple[int, int]:
        depth = 0
        scope = None if name in self.bindings.globals else self.parent
        while scope is not None:
            if scope.kind != "class":
                depth += 1
                register = scope.open.get(name)
                if register is None and scope.kind != "module":
                    register = scope.slots.get(name)
                if register is not None:
                    return depth, register
                if name in scope.bindings.globals:
                    break
            scope = scope.parent
        return 0, -1

    def slot(self, name: str) -> int:
        """Where a store to the name goes."""
        register = self.open.get(name)
        if register is None:
            register = self.slots.get(name)
            if register is None:
                register = self.registers.get(name)
                return self.resolve(name) if register is None else register
            self.registers[name] = register
        return register


def _qualname(name: str, parent: Scope | None) -> str:
    if parent is None:
        return ""
    if parent.kind == "module":
        return name
    return f"{parent.qualname}.{name}" if parent.kind == "class" else f"{parent.qualname}.<locals>.{name}"


class _Still(list[object]):
    """The leaves inside an f-string: all of them stand where the f-string stands."""

    def __init__(self, at: int) -> None:
        self.at = at

    def __len__(self) -> int:
        return self.at

    def append(self, _leaf: object) -> None:
        """Nothing is counted in here."""


class Walk:
    """Lowers one module."""

    def __init__(self, expressions: dict[type, Handler], statements: dict[type, Handler], walrus: bool, shells: Sequence[str] = ()) -> None:
        self.expressions, self.statements = expressions, statements
        self.walrus = walrus
        self.shells = iter(shells)
        self.leaves: list[object] = []
        self.out: list[Instruction] = []
        self.constants: list[Any] = []
        self.constant_operands: dict[tuple[type, str], int] = {}
        self.literals: dict[str, int] = {}
        self.exported: tuple[str, ...] | None = None
        self.docstrings: list[int] = []
        self.scope: Scope

    def expression(self, node: Any) -> int:
        """Lower an expression; gives its operand."""
        operand: int = self.expressions[node.__class__](self, node)
        return operand

    def fresh(self) -> int:
        scope = self.scope
        register = scope.count
        scope.count = register + 1
        return register

    def constant(self, value: Any) -> int:
        key = (value.__class__, repr(value))
        operand = self.constant_operands.get(key)
        if operand is None:
            self.constants.append(value)
            operand = self.constant_operands[key] = -len(self.constants)
        return operand

    def first_leaf(self, start: int) -> int:
        """The token an expression starts with, given the number of leaves before it; one without leaves is placed on the one before it."""
        leaves = self.leaves
        return start if len(leaves) > start or leaves.__class__ is _Still else max(start - 1, 0)

    def last_leaf(self) -> int:
        leaves = self.leaves
        return len(leaves) if leaves.__class__ is _Still else max(len(leaves) - 1, 0)

    def read(self, name: str) -> int:
        register = self.scope.registers.get(name)
        if register is not None:
            return register
        if name in _NAMED_CONSTANTS:
            return self.constant(_NAMED_CONSTANTS[name])
        if name[0] == PLACEHOLDER:
            self.shell(self.last_leaf())
            return self.scope.resolve("!")
        return self.scope.resolve(name)

    def shell(self, at: int) -> None:
        self.out.append((_SHELL, at, next(self.shells, "")))

    def store(self, at: int, name: str, operand: int) -> None:
        self.out.append((_MOVE, at, self.scope.slot(name), operand))
        self.publish(at, name, operand)

    def publish(self, at: int, name: str, operand: int) -> None:
        """Tell the scope a name lives in, where it is declared `global` or `nonlocal`, of a value just stored."""
        scope = self.scope
        bindings = scope.bindings
        if name in bindings.globals and scope.kind != "module":
            self.out.append((_STORE_GLOBAL, at, name, operand))
        elif name in scope.outer_stores:
            depth, outer = scope.outer_stores[name]
            self.out.append((_STORE_OUTER, at, depth, outer, operand))

    # Blocks

    def begin(self) -> list[Instruction]:
        """Start a block; what is returned goes to `end`."""
        saved = self.out
        self.out = []
        return saved

    def end(self, saved: list[Instruction]) -> list[Instruction]:
        made = self.out
        self.out = saved
        return made

    def close(self, instructions: list[Instruction]) -> Block:
        """A finished block."""
        self.scope.size += len(instructions)
        return tuple(instructions)

    def block(self, suite: Any) -> Block:
        """The statements of a suite, or none."""
        if suite is None:
            return ()
        saved = self.begin()
        self.suite(suite)
        return self.close(self.end(saved))

    def suite(self, suite: Any) -> None:
        if suite.__class__ is libcst.SimpleStatementSuite:
            self.line(suite.body)
            return
        statements, scope = self.statements, self.scope
        for statement in suite.body:
            handler = statements[statement.__class__]
            if handler is not line:
                scope.statements += 1
            handler(self, statement)

    def line(self, parts: Iterable[Any]) -> None:
        """Small statements of one line."""
        statements, scope = self.statements, self.scope
        for part in parts:
            scope.statements += 1
            statements[part.__class__](self, part)

    def formatted(self) -> tuple[int, list[object]]:
        """Begin an f-string; gives its token and the list of leaves to restore."""
        leaves = self.leaves
        at = len(leaves)
        leaves.append(FORMATTED)
        self.leaves = _Still(at)
        return at, leaves

    # Scopes

    def enter(self, kind: str, name: str, body: Sequence[Any], parameters: Sequence[str], first: int) -> None:
        bindings = Bindings(self.walrus)
        bindings.names.update(dict.fromkeys(parameters))
        stored_in(body, bindings)
        self.scope = Scope(kind, name, getattr(self, "scope", None), bindings, first)

    def enter_module(self, body: Sequence[Any], has_globals: bool) -> None:
        bindings = Bindings(self.walrus)
        stored_in(body, bindings)
        if has_globals:
            bindings.names.update(declared_globals(body))
        self.scope = Scope("module", "<module>", None, bindings, 0)

    def leave(self, body: Block, at: int, parameters: tuple[Parameter, ...] = ()) -> Code:
        """The finished scope; `first_line` and `last_line` are its first and last token for now."""
        scope = self.scope
        code = Code(
            scope.name, scope.qualname, scope.kind, at, parameters, tuple(scope.slots), scope.count, tuple(scope.free), body,
            tuple(scope.children), scope.size, scope.first, self.last_leaf(), scope.statements, scope.flags,
        )  # fmt: skip
        if scope.parent is not None:
            self.scope = scope.parent
            scope.parent.children.append(code)
        return code


def line(walk: Walk, node: Any) -> None:
    """A line of small statements."""
    walk.line(node.body)


_NAMED_CONSTANTS: dict[str, Any] = {"None": None, "True": True, "False": False}
