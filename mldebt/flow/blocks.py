"""Blocks of instructions: what they may write, how large they are, where they stand; found once for each block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.facts.types import Block, Instruction, Op

if TYPE_CHECKING:
    pass


_writes: dict[int, tuple[Block, tuple[int, ...]]] = {}


DESTINATIONS = frozenset(op for op in Op if op <= Op.YIELD_FROM) | {Op.FOR, Op.WITH, Op.IMPORT, Op.IMPORT_FROM}


def written(block: Block) -> tuple[int, ...]:
    """The registers a block may write; computed once, kept with the block."""
    known = _writes.get(id(block))
    if known is None:
        found: set[int] = set()
        _collect(block, found)
        known = _writes[id(block)] = (block, tuple(sorted(found)))
    return known[1]


def _collect(block: Block, found: set[int]) -> None:
    for instruction in block:
        op = instruction[0]
        if op in DESTINATIONS:
            found.add(instruction[2])
        elif op == Op.UNPACK:
            found.update(instruction[3])
        elif op == Op.DELETE_NAME:
            found.add(instruction[2])
        elif op == Op.TRY:
            found.update(handler[2] for handler in instruction[3] if handler[2] >= 0)
        elif op == Op.MATCH:
            found.update(slot for case in instruction[3] for slot in case[1])
        for inner in inner_blocks(instruction):
            found.update(written(inner))


_sizes: dict[int, tuple[Block, int]] = {}


def size_of(block: Block) -> int:
    """Instructions of a block, nested ones included; counted once."""
    known = _sizes.get(id(block))
    if known is None:
        size = len(block) + sum(size_of(inner) for instruction in block for inner in inner_blocks(instruction))
        known = _sizes[id(block)] = (block, size)
    return known[1]


def inner_blocks(instruction: Instruction) -> list[Block]:
    """The blocks inside an instruction."""
    match instruction[0]:
        case Op.BOOLEAN:
            return [instruction[5]]
        case Op.CHOOSE:
            return [instruction[4], instruction[6]]
        case Op.IF:
            return [instruction[3], instruction[4]]
        case Op.FOR:
            return [instruction[4], instruction[5]]
        case Op.WHILE:
            return [instruction[2], instruction[4], instruction[5]]
        case Op.TRY:
            return [instruction[2], *(h[0] for h in instruction[3]), *(h[3] for h in instruction[3]), instruction[4], instruction[5]]
        case Op.WITH:
            return [instruction[4]]
        case Op.MATCH:
            return [block for case in instruction[3] for block in (case[2], case[4])]
    return []


_spans: dict[int, tuple[Block, tuple[int, int]]] = {}


def span(block: Block) -> tuple[int, int]:
    """First and last token of a block."""
    known = _spans.get(id(block))
    if known is None:
        first, last = 1 << 60, -1
        for instruction in block:
            first, last = min(first, instruction[1]), max(last, instruction[1])
            for inner in inner_blocks(instruction):
                below = span(inner)
                first, last = min(first, below[0]), max(last, below[1])
        known = _spans[id(block)] = (block, (first, last))
    return known[1]


def read_by(instruction: Instruction) -> list[int]:
    """The registers that an instruction reads itself; what stands in its blocks does so for itself."""
    return [operand for operand in _operands(instruction) if operand is not None and operand >= 0]


_PLAIN: dict[Op, tuple[int, ...]] = {
    Op.MOVE: (3,),
    Op.ATTRIBUTE: (3,),
    Op.ITEM: (3, 4),
    Op.SLICE: (3, 4, 5),
    Op.BINARY: (4, 5),
    Op.UNARY: (4,),
    Op.COMPARE: (4, 5),
    Op.BOOLEAN: (4, 6),
    Op.CHOOSE: (3, 5, 7),
    Op.YIELD: (3,),
    Op.YIELD_FROM: (3,),
    Op.SET_ATTRIBUTE: (2, 4),
    Op.SET_ITEM: (2, 3, 4),
    Op.DELETE_ATTRIBUTE: (2,),
    Op.DELETE_ITEM: (2, 3),
    Op.UNPACK: (2,),
    Op.RETURN: (2,),
    Op.RAISE: (2,),
    Op.ASSERT: (2, 3),
    Op.IF: (2,),
    Op.FOR: (3,),
    Op.WHILE: (3,),
    Op.WITH: (3,),
    Op.MATCH: (2,),
    Op.APPEND: (2, 3),
    Op.SET_KEY: (2, 3, 4),
    Op.STORE_GLOBAL: (3,),
    Op.STORE_OUTER: (4,),
    Op.ANNOTATE: (4,),
    Op.DISCARD: (2,),
}
"""Where the fields of an instruction that are operands stand."""


def _operands(instruction: Instruction) -> list[int | None]:
    op = instruction[0]
    found: list[int | None] = [instruction[field] for field in _PLAIN.get(op, ())]
    match op:
        case Op.TUPLE | Op.LIST | Op.SET:
            found.extend(element[0] for element in instruction[3])
        case Op.TEXT:
            found.extend(instruction[3])
        case Op.DICT:
            found.extend(operand for entry in instruction[3] for operand in entry[:2])
        case Op.CALL:
            found.extend((instruction[3], *(a[0] for a in instruction[4]), *(k[1] for k in instruction[5])))
        case Op.METHOD:
            found.extend((instruction[3], *(a[0] for a in instruction[5]), *(k[1] for k in instruction[6])))
        case Op.FUNCTION:
            found.extend((*(default[1] for default in instruction[4]), *(decorator[0] for decorator in instruction[5])))
        case Op.CLASS:
            found.extend((*(a[0] for a in instruction[4]), *(k[1] for k in instruction[5]), *(d[0] for d in instruction[6])))
        case Op.TRY:
            found.extend(handler[1] for handler in instruction[3])
        case Op.MATCH:
            found.extend(operand for case in instruction[3] for operand in (*(case[0] or ()), case[3]))
    return found
