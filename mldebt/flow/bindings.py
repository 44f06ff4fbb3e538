"""Names that are bound once, to a literal, and that nothing in the repository can bind again; read off the instructions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from mldebt.facts.types import Block, Code, Instruction, Op
from mldebt.flow.blocks import DESTINATIONS, inner_blocks
from mldebt.flow.program import ModuleInfo, Program
from mldebt.flow.values import Place

SEES_GLOBALS = frozenset({"exec", "globals", "get_ipython"})
MAX_DEPTH = 12
COMPOUND = frozenset({Op.BOOLEAN, Op.CHOOSE, Op.IF, Op.FOR, Op.WHILE, Op.TRY, Op.WITH, Op.MATCH})


@dataclass(frozen=True, slots=True)
class Constant:
    """What an operand certainly is, or the contrary (`negated`). `kind` says who holds it: literal | module | local | attribute; `at` is where."""

    value: object
    kind: str
    name: str = ""
    at: Place | None = None
    negated: bool = False

    @property
    def holds(self) -> bool:
        return bool(self.value) != self.negated


@dataclass(frozen=True)
class Scope:
    """A scope in its surroundings."""

    module: ModuleInfo
    code: Code
    outer: Scope | None = None

    @cached_property
    def made(self) -> dict[int, list[Instruction]]:
        """The instructions that write each register."""
        found: dict[int, list[Instruction]] = defaultdict(list)
        for instruction in flat(self.code.body):
            for register in _targets(instruction):
                found[register].append(instruction)
        return found

    @cached_property
    def free(self) -> dict[int, tuple[str, int, int]]:
        return {slot: (name, depth, register) for slot, name, depth, register in self.code.free}

    @cached_property
    def changed_inside(self) -> frozenset[int]:
        """Registers that functions in this scope may write, however deep."""
        return frozenset(i[3] for code in below(self.code) if code is not self.code for i in flat(code.body) if i[0] == Op.STORE_OUTER)


def flat(block: Block) -> Iterator[Instruction]:
    """All instructions of a block, nested ones in their order."""
    for instruction in block:
        yield instruction
        if instruction[0] in COMPOUND:
            for inner in inner_blocks(instruction):
                yield from flat(inner)


def below(code: Code) -> Iterator[Code]:
    """A scope and all in it."""
    yield code
    for child in code.children:
        yield from below(child)


def scopes(module: ModuleInfo) -> Iterator[Scope]:
    """All scopes of a module."""
    pending = [Scope(module, module.facts.code)]
    while pending:
        scope = pending.pop()
        yield scope
        pending.extend(Scope(module, child, scope) for child in scope.code.children)


def _targets(instruction: Instruction) -> tuple[int, ...]:
    match instruction[0]:
        case Op.UNPACK:
            return tuple(instruction[3])
        case Op.TRY:
            return tuple(handler[2] for handler in instruction[3] if handler[2] >= 0)
        case Op.MATCH:
            return tuple(slot for case in instruction[3] for slot in case[1])
        case op if op in DESTINATIONS or op == Op.DELETE_NAME:
            return (instruction[2],)
    return ()


class Bindings:
    """Who else may bind a name is asked of the whole repository, tests included."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._module_scopes: dict[int, Scope] = {}

    def constant(self, scope: Scope, operand: int, depth: int = 0) -> Constant | None:
        """What an operand of a scope certainly is wherever the scope runs; None in doubt."""
        if operand < 0:
            value = scope.module.facts.constants[-operand - 1]
            return Constant(value, "literal") if isinstance(value, bool | int | float | str) or value is None else None
        if depth > MAX_DEPTH:
            return None
        if operand in scope.free:
            return self._of_outside(scope, *scope.free[operand], depth)
        if operand < len(scope.code.names):
            return self._of_name(scope, operand, depth)
        made = scope.made.get(operand, [])
        return self._of_result(scope, made[0], depth + 1) if len(made) == 1 else None

    def _of_outside(self, scope: Scope, name: str, distance: int, register: int, depth: int) -> Constant | None:
        if distance == 0:
            return self.of_module(scope.module, name, depth + 1)
        outer: Scope | None = scope
        for _ in range(distance):
            outer = outer.outer if outer is not None else None
        return self.constant(outer, register, depth + 1) if outer is not None else None

    def _of_name(self, scope: Scope, slot: int, depth: int) -> Constant | None:
        """A variable of the scope itself."""
        name = scope.code.names[slot]
        if scope.code.kind == "module":
            return self.of_module(scope.module, name, depth + 1)
        if scope.code.kind == "class" or slot < len(scope.code.parameters) or slot in scope.changed_inside:
            return None
        made = scope.made.get(slot, [])
        if len(made) != 1 or made[0][0] != Op.MOVE or made[0][3] >= 0:
            return None
        return Constant(scope.module.facts.constants[-made[0][3] - 1], "local", name, (scope.module.number, made[0][1]))

    def _of_result(self, scope: Scope, made: Instruction, depth: int) -> Constant | None:
        match made[0]:
            case Op.UNARY if made[3] == "not":
                inner = self.constant(scope, made[4], depth)
                return replace(inner, negated=not inner.negated) if inner is not None else None
            case Op.BOOLEAN:
                first = self.constant(scope, made[4], depth)
                return first if first is not None and first.holds == (made[3] == "or") else None
            case Op.ATTRIBUTE:
                return self._of_attribute(scope, made[3], made[4], depth)
        return None

    # -- modules ------------------------------------------------------------------------------------------------------

    def of_module(self, module: ModuleInfo, name: str, depth: int = 0) -> Constant | None:
        """A name of a module that its body binds once, there or where it is imported from."""
        if depth > MAX_DEPTH or (module.number, name) in self._global_stores or self._is_opaque(module) or self._is_changed_by_name(name):
            return None
        scope = self._module_scope(module)
        slot = next((slot for slot, known in enumerate(scope.code.names) if known == name), None)
        made = scope.made.get(slot, []) if slot is not None else []
        if len(made) != 1:
            return None
        match made[0]:
            case (Op.MOVE, at, _, operand) if operand < 0:
                return Constant(module.facts.constants[-operand - 1], "module", name, (module.number, at))
            case (Op.IMPORT_FROM, _, _, level, dotted, imported):
                source = self._imported(module, level, dotted)
                return self.of_module(source, imported, depth + 1) if source is not None else None
        return None

    def _imported(self, module: ModuleInfo, level: int, dotted: str) -> ModuleInfo | None:
        if level:
            return self._program.at(self._program.relative(module, level, dotted))
        return self._program.find(dotted, module.folder)

    def _module_scope(self, module: ModuleInfo) -> Scope:
        found = self._module_scopes.get(module.number)
        if found is None:
            found = self._module_scopes[module.number] = Scope(module, module.facts.code)
        return found

    def _of_attribute(self, scope: Scope, holder: int, name: str, depth: int) -> Constant | None:
        """`module.NAME`, or `self.name` that one line of one class sets."""
        if self._is_self(scope, holder):
            return self._of_instance(scope, name)
        module = self._module_of(scope, holder)
        return self.of_module(module, name, depth + 1) if module is not None else None

    def _module_of(self, scope: Scope, operand: int) -> ModuleInfo | None:
        """The module of the repository that a name means, where one import binds it."""
        if operand in scope.free:
            name, distance, _ = scope.free[operand]
            if distance:
                return None
        elif operand < len(scope.code.names) and scope.code.kind == "module":
            name = scope.code.names[operand]
        else:
            return None
        outer = self._module_scope(scope.module)
        made = outer.made.get(outer.code.names.index(name), []) if name in outer.code.names else []
        if len(made) != 1:
            return None
        match made[0]:
            case (Op.IMPORT, _, _, dotted, whole) if whole or "." not in dotted:
                return self._program.find(dotted, scope.module.folder)
            case (Op.IMPORT_FROM, _, _, level, dotted, imported):
                if level:
                    return self._program.at((*self._program.relative(scope.module, level, dotted), imported))
                return self._program.find(f"{dotted}.{imported}", scope.module.folder)
        return None

    def imported_name(self, scope: Scope, operand: int) -> str:
        """The full name of what an operand holds, if one import of the module or a builtin does; else ""."""
        if operand in scope.free:
            name, distance, _ = scope.free[operand]
        elif 0 <= operand < len(scope.code.names) and scope.code.kind == "module":
            name, distance = scope.code.names[operand], 0
        else:
            return ""
        outer = self._module_scope(scope.module)
        if distance or (scope.module.number, name) in self._global_stores:
            return ""
        made = outer.made.get(outer.code.names.index(name), []) if name in outer.code.names else None
        if made is None:
            return f"builtins.{name}"
        match made:
            case [(Op.IMPORT, _, _, dotted, whole)] if whole or "." not in dotted:
                return str(dotted)
            case [(Op.IMPORT_FROM, _, _, 0, dotted, imported)]:
                return f"{dotted}.{imported}"
        return ""

    # -- instances ----------------------------------------------------------------------------------------------------

    def _is_self(self, scope: Scope, operand: int) -> bool:
        return (
            operand == 0
            and scope.outer is not None
            and scope.outer.code.kind == "class"
            and bool(scope.code.parameters)
            and scope.code.parameters[0].name == "self"
            and not scope.made.get(0)
        )

    def _of_instance(self, scope: Scope, name: str) -> Constant | None:
        """An attribute that exactly one line of the repository sets, in the same class; nothing else bears its name."""
        assert scope.outer is not None
        if self._attribute_stores[name] != 1 or name in self._named_otherwise or name in self._spelled:
            return None
        for method in scope.outer.code.children:
            inside = Scope(scope.module, method, scope.outer)
            for instruction in flat(method.body):
                if instruction[0] == Op.SET_ATTRIBUTE and instruction[3] == name:
                    if instruction[4] < 0 and self._is_self(inside, instruction[2]):
                        value = scope.module.facts.constants[-instruction[4] - 1]
                        return Constant(value, "attribute", name, (scope.module.number, instruction[1]))
                    return None
        return None

    # -- who else ------------------------------------------------------------------------------------------------------

    def is_named_outside(self, module: ModuleInfo, name: str) -> bool:
        """Whether another module, a text or an attribute spells a name."""
        return name in self._spelled or name in self._mentioned or name in (module.facts.exported or ())

    @cached_property
    def _mentioned(self) -> frozenset[str]:
        """Names that imports, attributes and methods spell."""
        fields = {Op.IMPORT_FROM: 5, Op.ATTRIBUTE: 4, Op.METHOD: 4}
        return frozenset(i[fields[i[0]]] for _, code in self._all for i in flat(code.body) if i[0] in fields)

    def _is_changed_by_name(self, name: str) -> bool:
        return self._attribute_stores[name] > 0 or name in self._spelled

    def _is_opaque(self, module: ModuleInfo) -> bool:
        """Whether code of the module may bind any of its names."""
        return any(name in SEES_GLOBALS for code in below(module.facts.code) for _, name, _, _ in code.free)

    @cached_property
    def _all(self) -> list[tuple[int, Code]]:
        return [(module.number, code) for module in self._program.modules for code in below(module.facts.code)]

    @cached_property
    def _global_stores(self) -> frozenset[tuple[int, str]]:
        return frozenset((number, i[2]) for number, code in self._all for i in flat(code.body) if i[0] == Op.STORE_GLOBAL)

    @cached_property
    def _attribute_stores(self) -> Counter[str]:
        """How many instructions set an attribute of each name, on whatever object."""
        return Counter(i[3] for _, code in self._all for i in flat(code.body) if i[0] in (Op.SET_ATTRIBUTE, Op.DELETE_ATTRIBUTE))

    @cached_property
    def _named_otherwise(self) -> frozenset[str]:
        """Names of class members, and of keywords that calls give."""
        found = {name for _, code in self._all if code.kind == "class" for name in code.names}
        for _, code in self._all:
            for instruction in flat(code.body):
                if instruction[0] in (Op.CALL, Op.METHOD):
                    found.update(keyword[0] for keyword in instruction[5 if instruction[0] == Op.CALL else 6] if keyword[0])
        return frozenset(found)

    @cached_property
    def _spelled(self) -> frozenset[str]:
        """Last words of texts: what `setattr`, a patch or a config may name."""
        return frozenset(text.rpartition(".")[2] for module in self._program.modules for text in module.strings)
