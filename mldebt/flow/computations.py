"""How a column is computed, as a text that does not depend on names of variables, layout or spelling of access.

Read off the instructions of the one function that makes the column, on demand. `certain` is false where something in it cannot be seen there: then a
computation may be equal to another one that looks different.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.facts.types import Block, Code, Instruction, Op
from mldebt.flow.blocks import DESTINATIONS, inner_blocks
from mldebt.flow.program import ModuleInfo, Program
from mldebt.flow.values import Place

COMMUTATIVE = frozenset({"+", "*", "&", "|"})
MAX_DEPTH = 24


@dataclass(frozen=True, slots=True)
class Computation:
    """`operations` counts operators and calls, `last` is the name of the last one; `columns` are the names it reads."""

    text: str
    columns: frozenset[str]
    operations: int
    certain: bool
    last: str = ""

    def under(self, text: str, operations: int = 0) -> Computation:
        return Computation(text, self.columns, self.operations + operations, self.certain)


HIDDEN = Computation("?", frozenset(), 0, False)


def made_of(text: str, parts: list[Computation], last: str = "") -> Computation:
    columns: frozenset[str] = frozenset().union(*(part.columns for part in parts))
    return Computation(text, columns, bool(last) + sum(part.operations for part in parts), all(part.certain for part in parts), last)


def computation(program: Program, function: str, place: Place) -> Computation | None:
    """What is stored by the `table[name] = …` or `assign(name=…)` at a place; None where nothing of the kind stands there."""
    module = program.modules[place[0]]
    code = _code(module.facts.code, function)
    if code is None:
        return None
    reader = _Reader(program, module, code)
    for instruction in reader.instructions:
        if instruction[0] == Op.SET_ITEM and instruction[1] == place[1]:
            return reader.of(instruction[4])
        if instruction[0] == Op.METHOD:
            for _name, operand, at in instruction[6]:
                if at == place[1]:
                    return reader.of(operand)
    return None


def _code(code: Code, qualname: str) -> Code | None:
    if code.qualname == qualname:
        return code
    return next((found for child in code.children if (found := _code(child, qualname)) is not None), None)


def _flat(block: Block) -> Iterator[Instruction]:
    """All instructions of a block, nested ones in their order."""
    for instruction in block:
        yield instruction
        for inner in inner_blocks(instruction):
            yield from _flat(inner)


class _Reader:
    """One function: what each register holds, where that is one thing."""

    def __init__(self, program: Program, module: ModuleInfo, code: Code) -> None:
        self._program = program
        self._folder = module.folder
        self._constants = module.facts.constants
        self._code = code
        self.instructions = list(_flat(code.body))
        self._made = _definitions(self.instructions)
        self._free = {slot: name for slot, name, _, _ in code.free}
        outer = module.facts.code
        self._module = _definitions(list(_flat(outer.body))) if outer is not code else {}
        self._module_names = {name: slot for slot, name in enumerate(outer.names)}

    def of(self, operand: int | None, depth: int = 0) -> Computation:
        if operand is None:
            return Computation("", frozenset(), 0, True)
        if operand < 0:
            return self._constant(operand)
        if depth > MAX_DEPTH:
            return HIDDEN
        if operand in self._free:
            return self._outside(self._free[operand])
        made = self._made.get(operand, ())
        return self._result(made[0], depth + 1) if len(made) == 1 else HIDDEN

    def _constant(self, operand: int) -> Computation:
        return _constant(self._constants[-operand - 1])

    def _outside(self, name: str) -> Computation:
        """A name of the module: an import by its full name, a constant by its value."""
        slot = self._module_names.get(name)
        made = self._module.get(slot, ()) if slot is not None else ()
        if len(made) == 1:
            if _imported(made[0]):
                return self._import(made[0])
            if made[0][0] == Op.MOVE and made[0][3] < 0:
                return self._constant(made[0][3])
        return Computation(name, frozenset(), 0, slot is None)

    def _result(self, instruction: Instruction, depth: int) -> Computation:
        match instruction[0]:
            case Op.MOVE:
                return self.of(instruction[3], depth)
            case Op.ATTRIBUTE:
                return self._attribute(instruction[3], instruction[4], depth)
            case Op.ITEM:
                return self._item(instruction[3], instruction[4], depth)
            case Op.BINARY | Op.COMPARE:
                return self._binary(instruction[3], self.of(instruction[4], depth), self.of(instruction[5], depth))
            case Op.UNARY:
                part = self.of(instruction[4], depth)
                return part.under(f"{instruction[3]}{part.text}", 0 if instruction[3] == "-" and instruction[4] < 0 else 1)
            case Op.CALL | Op.METHOD:
                return self._call(instruction, depth)
            case Op.LIST | Op.TUPLE:
                parts = [self.of(operand, depth) for operand, _, _ in instruction[3]]
                return made_of(f"[{', '.join(part.text for part in parts)}]", parts)
        return self._import(instruction) if _imported(instruction) else HIDDEN

    def _import(self, instruction: Instruction) -> Computation:
        """Something of a library, or a constant of another module; what else another module holds is not seen here."""
        name = _imported(instruction)
        owner, _, last = name.rpartition(".")
        module = self._program.find(owner, self._folder) if owner else self._program.find(name, self._folder)
        if module is None:
            return Computation(name, frozenset(), 0, True)
        facts = module.facts
        made = _definitions(list(_flat(facts.code.body))).get(facts.code.names.index(last) if last in facts.code.names else -1, ())
        if len(made) == 1 and made[0][0] == Op.MOVE and made[0][3] < 0:
            return _constant(facts.constants[-made[0][3] - 1])
        return Computation(name, frozenset(), 0, False)

    def _is_table(self, operand: int) -> bool:
        """Whether an operand is a variable of the function, a table as far as its items are taken by name."""
        if not 0 <= operand < len(self._code.names) or operand in self._free:
            return False
        is_self = operand == 0 and "." in self._code.qualname and self._code.names[:1] in (("self",), ("cls",))
        return not is_self and not self._is_column(operand) and not any(_imported(made) for made in self._made.get(operand, ()))

    def _is_column(self, operand: int, depth: int = 0) -> bool:
        """Whether an operand is computed from columns: an operator, an item by name, or a method of one."""
        made = self._made.get(operand, ())
        if len(made) != 1 or depth > MAX_DEPTH:
            return False
        instruction = made[0]
        if instruction[0] in (Op.MOVE, Op.METHOD, Op.ATTRIBUTE):
            return self._is_column(instruction[3], depth + 1)
        by_name = instruction[0] == Op.ITEM and instruction[4] < 0 and isinstance(self._constants[-instruction[4] - 1], str)
        return by_name or instruction[0] in (Op.BINARY, Op.UNARY, Op.COMPARE)

    def _attribute(self, owner: int, name: str, depth: int) -> Computation:
        if self._is_table(owner):
            return Computation(f"[{name}]", frozenset({name}), 0, True)
        part = self.of(owner, depth)
        return part.under(f"{part.text}.{name}")

    def _item(self, owner: int, key: int, depth: int) -> Computation:
        value = self._constants[-key - 1] if key < 0 else None
        if isinstance(value, str) and self._is_table(owner):
            return Computation(f"[{value}]", frozenset({value}), 0, True)
        parts = [self.of(owner, depth), self.of(key, depth)]
        return made_of(f"{parts[0].text}[{parts[1].text}]", parts)

    def _binary(self, operator: str, left: Computation, right: Computation) -> Computation:
        parts = [left, right]
        if operator in COMMUTATIVE:
            parts.sort(key=lambda part: part.text)
        return made_of(f"({parts[0].text} {operator} {parts[1].text})", parts, operator)

    def _call(self, instruction: Instruction, depth: int) -> Computation:
        if instruction[0] == Op.CALL:
            callee, (given, keywords) = self.of(instruction[3], depth), instruction[4:6]
        else:
            callee, (given, keywords) = self._attribute_of_call(instruction, depth), instruction[5:7]
        parts = [self.of(operand, depth) if not starred else HIDDEN for operand, _, starred in given]
        named = sorted(
            ((name or "**", self.of(operand, depth) if name else HIDDEN) for name, operand, _ in keywords), key=lambda pair: pair[0]
        )
        texts = [*(part.text for part in parts), *(f"{name}={part.text}" for name, part in named)]
        return made_of(f"{callee.text}({', '.join(texts)})", [callee, *parts, *(part for _, part in named)], callee.text.rpartition(".")[2])

    def _attribute_of_call(self, instruction: Instruction, depth: int) -> Computation:
        owner = HIDDEN if self._is_table(instruction[3]) and not self._made.get(instruction[3]) else self.of(instruction[3], depth)
        return owner.under(f"{owner.text}.{instruction[4]}")


def _constant(value: object) -> Computation:
    text = repr(float(value)) if isinstance(value, int) and not isinstance(value, bool) else repr(value)
    return Computation(text, frozenset(), 0, not isinstance(value, list | tuple))


def _imported(instruction: Instruction) -> str:
    """The full name that an import binds, "" for others: of a library, since `from . import` is of the repository."""
    if instruction[0] == Op.IMPORT:
        return str(instruction[3] if instruction[4] else instruction[3].partition(".")[0])
    return f"{instruction[4]}.{instruction[5]}" if instruction[0] == Op.IMPORT_FROM and not instruction[3] else ""


def _definitions(instructions: list[Instruction]) -> dict[int, tuple[Instruction, ...]]:
    """The instructions that give each register its value."""
    found: dict[int, tuple[Instruction, ...]] = {}
    for instruction in instructions:
        targets = instruction[3] if instruction[0] == Op.UNPACK else (instruction[2],) if instruction[0] in DESTINATIONS else ()
        for target in targets:
            found[target] = (*found.get(target, ()), instruction)
    return found
