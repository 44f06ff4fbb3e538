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
