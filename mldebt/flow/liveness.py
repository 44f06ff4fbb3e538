"""What becomes of one value in its scope: whether any instruction after it may read it, and only to look."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mldebt.facts.types import Block, Code, Instruction, Op
from mldebt.flow.blocks import inner_blocks, read_by

SEES_NAMES = frozenset({"locals", "globals", "vars", "dir", "eval", "exec", "get_ipython"})
ORDER = ("dead", "overwritten", "shown", "returned", "used")
LOOKED_INTO = frozenset({Op.ITEM, Op.TEXT, Op.UNARY, Op.BINARY})


@dataclass(frozen=True, slots=True)
class Fate:
    """`kind`: dead | overwritten | shown | returned | used (also in doubt). `name` is the variable that holds the value, "" for none."""

    kind: str
    name: str = ""


USED = Fate("used")
Path = tuple[tuple[Block, int], ...]
"""The blocks around an instruction, outermost first, each with the index of what stands or holds it"""


class Scope:
    """One scope; `glance` says what a call at a token does with what it gets: "shown", "peek" or ""."""

    def __init__(self, code: Code, strings: frozenset[str], glance: Callable[[int], str]) -> None:
        self._code = code
        self._strings = strings
        self._glance = glance
        self._seen: set[tuple[int, int]] = set()

    def fate(self, at: int) -> Fate:
        """Of the result of the call at a token; used where the call is not found, may fail on purpose, or its result is thrown away at once."""
        path = next(_calls_at(self._code.body, at, ()), None)
        if path is None or any(block[index][0] == Op.TRY and block[index][3] for block, index in path[:-1]):
            return USED
        if self._code.kind == "class" or any(name in SEES_NAMES for code in scopes(self._code) for _, name, _, _ in code.free):
            return USED
        block, index = path[-1]
        self._seen.clear()
        return self._temporary(block[index][2], path, opened=False)

    def _temporary(self, register: int, path: Path, opened: bool) -> Fate:
        """A temporary is read where its expression stands: in the same block, after it."""
        block, index = path[-1]
        if (register, block[index][1]) in self._seen:  # around a loop, to where we have been
            return USED
        self._seen.add((register, block[index][1]))
        if register < len(self._code.names):
            return self._named(register, path, opened)
        fates = [
            self._read(step, register, opened) for step, _ in _following(path, whole=True) if register in read_by(step[-1][0][step[-1][1]])
        ]
        return _worst(fates) if fates else USED

    def _read(self, path: Path, register: int, opened: bool) -> Fate:
        """What an instruction does with a register; `opened`: it holds no more than a part of the value, to be looked at."""
        block, index = path[-1]
        instruction = block[index]
        match instruction[0]:
            case Op.MOVE:
                return self._temporary(instruction[2], path, opened)
            case Op.RETURN:
                return Fate("returned")
            case Op.CALL | Op.METHOD | Op.ATTRIBUTE:
                glance = self._glance(instruction[1])
                if glance == "shown":
                    return Fate("shown")
                if glance == "peek" and _is_subject(instruction, register):
                    result = self._temporary(instruction[2], path, opened=True)
                    return result if result.kind in ("shown", "used") else Fate("used")
            case op if opened and op in LOOKED_INTO and (op != Op.BINARY or instruction[3] in ("format", "%")):
                return self._temporary(instruction[2], path, opened=True)
        return USED

    def _named(self, slot: int, path: Path, opened: bool) -> Fate:
        """A variable is read by what may run after it was set, and by functions that close over it."""
        name = self._code.names[slot]
        if name.startswith("_") or any(
            name == free for child in self._code.children for code in scopes(child) for _, free, _, _ in code.free
        ):
            return USED
        if any(_mentions(text, name) for text in self._strings):
            return USED
        fates = []
        for step, sure in _following(path):
            instruction = step[-1][0][step[-1][1]]
            if slot in read_by(instruction):
                fates.append(self._read(step, slot, opened))
            if sure and instruction[0] in (Op.MOVE, Op.IMPORT, Op.FUNCTION, Op.CLASS) and instruction[2] == slot:
                fates.append(Fate("overwritten"))
                break
        worst = _worst(fates) if fates else Fate("dead")
        return Fate(worst.kind, worst.name or name)


def _worst(fates: list[Fate]) -> Fate:
    return max(fates, key=lambda fate: ORDER.index(fate.kind))


def _is_subject(instruction: Instruction, register: int) -> bool:
    """Whether a call or attribute looks at the register: its receiver, or the one argument of a function."""
    if instruction[0] == Op.CALL:
        return len(instruction[4]) == 1 and instruction[4][0][0] == register and not instruction[5] and instruction[3] != register
    return bool(instruction[3] == register) and read_by(instruction).count(register) == 1


def _mentions(text: str, name: str) -> bool:
    """Whether a text may be a query that takes a variable by its name."""
    return name in text and re.search(rf"(?:@|\b(?:from|join)\s+){re.escape(name)}\b", text, re.IGNORECASE) is not None


def scopes(code: Code) -> Iterator[Code]:
    """A scope and all in it."""
    yield code
    for child in code.children:
        yield from scopes(child)


def _calls_at(block: Block, at: int, outer: Path) -> Iterator[Path]:
    for index, instruction in enumerate(block):
        path = (*outer, (block, index))
        if instruction[1] == at and instruction[0] in (Op.CALL, Op.METHOD):
            yield path
        for inner in inner_blocks(instruction):
            yield from _calls_at(inner, at, path)


def _inside(block: Block, outer: Path) -> Iterator[Path]:
    for index, instruction in enumerate(block):
        path = (*outer, (block, index))
        yield path
        for inner in inner_blocks(instruction):
            yield from _inside(inner, path)


def _following(path: Path, whole: bool = False) -> Iterator[tuple[Path, bool]]:
    """The instructions that may run after one, nearest first: the rest of its block, then what stands around it, loops from their beginning.

    The flag says that the instruction surely comes. `whole`: those around it are looked at themselves, too; they may read what their blocks compute.
    """
    for depth in range(len(path) - 1, -1, -1):
        block, index = path[depth]
        outer = path[:depth]
        if depth < len(path) - 1:
            around = block[index][0] not in (Op.IF, Op.CHOOSE, Op.BOOLEAN)
            if whole or around:
                yield (*outer, (block, index)), False
            for inner in inner_blocks(block[index]) if around else ():
                yield from ((step, False) for step in _inside(inner, path[: depth + 1]))
        sure = not any(holder[number][0] in (Op.FOR, Op.WHILE) for holder, number in outer)
        for later in range(index + 1, len(block)):
            yield (*outer, (block, later)), sure
            for inner in inner_blocks(block[later]):
                yield from ((step, False) for step in _inside(inner, (*outer, (block, later))))
