"""Code that cannot run, whatever the program is given: behind a condition that a constant settles, or behind a way out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.facts.types import Block, Code, Instruction, Op
from mldebt.flow.bindings import COMPOUND, Bindings, Constant, Scope, below, flat
from mldebt.flow.blocks import inner_blocks, read_by
from mldebt.flow.values import Place
from mldebt.flow.world import World
from mldebt.libraries.types import Raises

WAYS_OUT = {Op.RETURN: "return", Op.RAISE: "raise", Op.BREAK: "break", Op.CONTINUE: "continue"}


@dataclass(frozen=True, slots=True)
class DeadPart:
    """`constant` settles the condition at `at`; where it is None a way out stands there. `block` never runs, nor do `functions`, which only it names."""

    scope: Scope
    at: Place
    constant: Constant | None
    way_out: str
    block: Block
    functions: tuple[Code, ...]


class DeadCode:
    """Of one scope."""

    def __init__(self, world: World, bindings: Bindings, scope: Scope) -> None:
        self._world = world
        self._bindings = bindings
        self._scope = scope
        self._number = scope.module.number

    def parts(self) -> Iterator[DeadPart]:
        """The outermost dead parts, in order."""
        yield from self._in(self._scope.code.body)

    def _in(self, block: Block) -> Iterator[DeadPart]:
        for index, instruction in enumerate(block):
            rest = block[index + 1 :]
            way_out = self._way_out(block, index) if rest else ""
            if way_out:
                if not any(i[0] in (Op.YIELD, Op.YIELD_FROM) for i in flat(rest)):  # it makes its function a generator
                    yield self._part(instruction, None, way_out, rest)
                return
            settled = self._settled(instruction)
            if settled is None:
                for inner in inner_blocks(instruction) if instruction[0] in COMPOUND else ():
                    yield from self._in(inner)
                continue
            taken, dead = settled[1], settled[2]
            if dead:
                yield self._part(instruction, settled[0], "", dead)
            yield from self._in(taken)
            if taken and taken[-1][0] in WAYS_OUT:
                if rest and not dead:
                    yield self._part(instruction, settled[0], "", rest)
                return

    def _part(self, instruction: Instruction, constant: Constant | None, way_out: str, block: Block) -> DeadPart:
        return DeadPart(self._scope, (self._number, instruction[1]), constant, way_out, block, tuple(self._named_only_in(block)))

    def _settled(self, instruction: Instruction) -> tuple[Constant, Block, Block] | None:
        """The constant that settles a condition, what runs and what does not; the flow has to have seen it come out that way."""
        if instruction[0] not in (Op.IF, Op.WHILE):
            return None
        loops = instruction[0] == Op.WHILE
        holds = self._world.settled.get((self._number, instruction[1]))
        if holds is None or (loops and holds):
            return None
        constant = self._bindings.constant(self._scope, instruction[3 if loops else 2])
        if constant is None or constant.holds != holds:
            return None
        then, otherwise = instruction[4 if loops else 3], instruction[5 if loops else 4]
        return (constant, then, otherwise) if holds else (constant, otherwise, then)

    def _way_out(self, block: Block, index: int) -> str:
        """The word for an instruction that nothing comes after, else ""."""
        instruction = block[index]
        if instruction[0] in WAYS_OUT:
            return WAYS_OUT[instruction[0]]
        call = block[index - 1] if instruction[0] == Op.DISCARD and index else instruction
        if call[0] not in (Op.CALL, Op.METHOD) or call[2] != instruction[2]:
            return ""
        called = self._bindings.imported_name(self._scope, call[3])
        name = f"{called}.{call[4]}" if call[0] == Op.METHOD and called else called
        model = self._world.knowledge.call(self._world.knowledge.canonical(name)) if name else None
        return f"{name.removeprefix('builtins.')}()" if model is not None and any(isinstance(v, Raises) for v in model.verbs) else ""

    # -- what only dead code names ------------------------------------------------------------------------------------

    def _named_only_in(self, block: Block) -> Iterator[Code]:
        """Functions of the module that nothing but this block names."""
        outer = self._scope.module.facts.code
        inside = [register for instruction in flat(block) for register in read_by(instruction)]
        for child in outer.children:
            if child.kind != "function" or child.name not in outer.names or self._bindings.is_named_outside(self._scope.module, child.name):
                continue
            holders = [code for code in below(outer) if self._register(code, child.name) is not None and code is not self._scope.code]
            register = self._register(self._scope.code, child.name)
            if register is None or register not in inside or any(self._reads(code, child.name) for code in holders):
                continue
            if sum(register in read_by(i) for i in flat(self._scope.code.body)) == sum(register in read_by(i) for i in flat(block)):
                yield child

    def _register(self, code: Code, name: str) -> int | None:
        """Where a scope holds a name of the module."""
        if code.kind == "module":
            return code.names.index(name)
        return next((slot for slot, free, depth, _ in code.free if free == name and depth == 0), None)

    def _reads(self, code: Code, name: str) -> bool:
        register = self._register(code, name)
        return any(register in read_by(instruction) for instruction in flat(code.body))
