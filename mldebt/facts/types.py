"""What one Python file or notebook says, as flat instructions with positions; no library is known here.

A `Code` is a scope: a module, a function, a lambda or a class body. Its instructions are flat tuples
`(op, at, ...)` in structured blocks (tuples of instructions). An *operand* is an `int`: a register when >= 0, else the
constant `constants[-operand - 1]` of the file. `None` stands for "absent". `at` is a token number (`FileFacts.place`).

Names are registers: every name stored in a scope has one slot, listed in `Code.names` (the first `len(names)` registers, parameters first
in declaration order); the other registers are temporaries. Names that a scope reads and does not store are `Code.free`,
filled on entry: `(slot, name, depth, outer)`; depth 0 = look `name` up in the module, then in the builtins; depth n >= 1 =
register `outer` of the n-th enclosing activation (class bodies are no enclosing activation for the functions in them, but count nothing).

Call arguments are `(operand, at, starred)` triples with starred 0 or 1; keywords are `(name, operand, at)` triples,
`name` None for `**operand`. `at` is the first token of the argument's value (for keywords: of the keyword's name).
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from enum import IntEnum
from typing import Any

import msgspec

FACTS_VERSION = 3

Instruction = tuple[Any, ...]
Block = tuple[Instruction, ...]


class Op(IntEnum):
    """Instructions, with their fields after `(op, at`. `dst` is a register; `*_block` is a Block.

    Where nothing else is said, `at` is the statement's keyword (`def` and `class`: the name), or the expression's first token; what has no
    token (`[]`, `:`, `...`) is placed on the token before it. Order is Python's: the value, then the parts of each target, then its store.

    * The target of FUNCTION, CLASS, IMPORT, IMPORT_FROM is the name's own slot: no MOVE follows (STORE_GLOBAL or STORE_OUTER may).
      UNPACK's targets are temporaries, each followed by the store to its name, attribute or item.
    * A name declared `global` or `nonlocal` is in `free`, not in `names`: its stores MOVE to that register, then STORE_GLOBAL or STORE_OUTER.
      Names that functions declare `global` are also names of the module. A class body reads an own name before its first store through `free`.
    * Names bound by comprehensions are temporaries; a lambda in a comprehension of the module reads them by depth 1 and up, the module
      being the outermost activation. Type parameters (PEP 695) are no names: reading one is a `free` read that finds nothing.
    * The hole `{x!r:>{w}}` is UNARY "!r" of x, then BINARY "format" of that and its format spec (a constant, or a TEXT).
    * A comprehension is an empty LIST (also for generators), SET or DICT, then FOR, IF and APPEND or SET_KEY.
    * `await`, `async for` and `async with` look like their plain forms. `raise a from b` runs b and keeps a.
    * `with a, b` is a WITH in a WITH; `elif` is an IF in the else block. A handler's name is in its slot when its block begins.
    * MATCH: the operands of value patterns are evaluated before the MATCH; `as` and captures are in their slots when the block begins.
    * ANNOTATE follows the MOVE. SHELL stands also before the use of `x = !cmd`, whose value is the free name "!".
    """

    MOVE = 0  # dst, operand                                   x = y (dst is the slot of x)
    ATTRIBUTE = 1  # dst, object, name                         at = token of the attribute's name
    ITEM = 2  # dst, object, key                               at = first token of the key
    SLICE = 3  # dst, lower|None, upper|None, step|None        the value `a:b:c` inside a subscript
    TUPLE = 4  # dst, elements                                 elements: (operand, at, starred) triples
    LIST = 5  # dst, elements
    SET = 6  # dst, elements
    DICT = 7  # dst, entries                                   (key operand | None for **, value operand, at of the key)
    TEXT = 8  # dst, parts                                     f-string: operands (constant texts and holes)
    BINARY = 9  # dst, operator, left, right                   "+", "//", ...; augmented "+=", ...; "and" of chained comparisons; "format"
    UNARY = 10  # dst, operator, operand                       "-", "+", "~", "not"; "!r", "!a" in f-strings
    COMPARE = 11  # dst, operator, left, right, left_at, right_at   "<", "==", "in", "not in", "is", "is not", ...
    BOOLEAN = 12  # dst, operator, left, right_block, right    "and" | "or": right_block runs only where left does not decide
    CHOOSE = 13  # dst, condition, then_block, then, else_block, else_   conditional expression
    CALL = 14  # dst, callee, arguments, keywords              at = last name token of the callee
    METHOD = 15  # dst, object, name, arguments, keywords      at = token of the method's name
    FUNCTION = 16  # dst, child, defaults, decorators          child: index into Code.children; defaults: (parameter index, operand); decorators: (operand, at)
    CLASS = 17  # dst, child, bases, keywords, decorators      bases: argument triples; keywords as in calls
    YIELD = 18  # dst, operand|None
    YIELD_FROM = 19  # dst, operand
    SET_ATTRIBUTE = 20  # object, name, operand
    SET_ITEM = 21  # object, key, operand                      at = first token of the key
    DELETE_NAME = 22  # slot
    DELETE_ATTRIBUTE = 23  # object, name
    DELETE_ITEM = 24  # object, key
    UNPACK = 25  # source, targets, star                       targets: registers in order; star: index of the starred one, or -1
    RETURN = 26  # operand|None
    RAISE = 27  # operand|None
    ASSERT = 28  # operand, message operand|None
    BREAK = 29
    CONTINUE = 30
    IF = 31  # condition, then_block, else_block               the condition's own instructions stand before the IF
    FOR = 32  # dst (element), iterable, body_block, else_block   target stores are the first instructions of the body
    WHILE = 33  # test_block, condition, body_block, else_block
    TRY = 34  # body_block, handlers, else_block, finally_block   handler: (types_block, types operand|None, slot or -1, block)
    WITH = 35  # dst (what __enter__ gives), manager, body_block  target stores are the first instructions of the body
    MATCH = 36  # subject, cases    case: (value operands, or None where the pattern is not a list of values; bound slots; guard_block; guard|None; block; 1 if irrefutable else 0)
    IMPORT = 37  # dst, dotted, whole                          whole 1: dst is module `a.b.c`; 0: dst is its first part `a`
    IMPORT_FROM = 38  # dst, level, module, name
    IMPORT_STAR = 39  # level, module
    APPEND = 40  # container, operand                          comprehension into a list, set or generator
    SET_KEY = 41  # container, key, operand                    comprehension into a dict
    STORE_GLOBAL = 42  # name, operand
    STORE_OUTER = 43  # depth, slot, operand                   nonlocal
    ANNOTATE = 44  # name, annotation text, operand|None       annotated name of a class body or module (its MOVE comes too)
    DISCARD = 45  # operand                                    a call as a statement of its own: its result goes nowhere
    SHELL = 46  # text                                         a magic or shell line of a notebook


class ParameterKind(IntEnum):
    POSITIONAL_ONLY = 0
    NORMAL = 1
    VARIADIC = 2  # *args
    KEYWORD_ONLY = 3
    KEYWORDS = 4  # **kwargs


class Parameter(msgspec.Struct, array_like=True, frozen=True, gc=False):
    name: str
    kind: int
    at: int
    annotation: str  # source text of the annotation, "" where there is none
    has_default: bool


class Code(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A scope: module, function, lambda or class body."""

    name: str  # "train", "<lambda>", "<module>"
    qualname: str  # "Trainer.fit", "main.<locals>.inner", "" for a module
    kind: str  # module | function | lambda | class
    at: int  # token of the name
    parameters: tuple[Parameter, ...]
    names: tuple[str, ...]
    registers: int
    free: tuple[tuple[int, str, int, int], ...]
    body: Block
    children: tuple[Code, ...]
    size: int  # instructions of the body, nested blocks included, children not
    first_line: int  # 1-based lines in the file's text (notebooks: in the joined text)
    last_line: int
    statements: int  # statements of the body, nested ones included, docstrings not
    flags: int = 0  # 1 generator, 2 coroutine, 4 with a docstring


class Remark(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A comment that matters (`mldebt:` suppressions, `expect:` markers, admitted debt), and the lines it covers."""

    text: str
    line: int  # of the joined text
    column: int
    first_line: int  # the logical line it stands on, or, on a line of its own, the next one
    last_line: int


class Cell(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A code cell of a notebook: where its text starts in the joined text, and where it stands in the JSON file."""

    index: int  # 0-based, over all cells of the file
    first_line: int  # 1-based, in the joined text
    json_lines: tuple[int, ...]  # the line of the JSON file that holds each source line
    execution_count: int | None
    tags: tuple[str, ...]


class FileFacts(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One file. `starts` and `ends` are `array("I")` bytes of token offsets, `lines` of line starts, in characters of the joined text."""

    # str, int, float, bool, None, bytes; anything else (Ellipsis, complex, huge int, lone surrogates) is its source text in a 1-tuple
    constants: tuple[Any, ...]
    code: Code
    starts: bytes
    ends: bytes
    lines: bytes
    remarks: tuple[Remark, ...]
    cells: tuple[Cell, ...]
    exported: tuple[str, ...] | None  # __all__, where it is a literal
    ncloc: int  # lines that hold code

    def place(self, token: int) -> tuple[int, int, int, int, int | None]:
        """(line, column, end line, end column, cell) of a token, 1-based; in notebooks inside the cell."""
        starts, ends, lines = (array("I", raw) for raw in (self.starts, self.ends, self.lines))
        if not starts:
            return (1, 1, 1, 1, self.cells[0].index if self.cells else None)
        token = min(max(token, 0), len(starts) - 1)
        first, last = bisect_right(lines, starts[token]), bisect_right(lines, max(ends[token] - 1, starts[token]))
        column, end_column = starts[token] - lines[first - 1] + 1, ends[token] - lines[last - 1] + 1
        line, cell = self.in_cell(first)
        return (line, column, line + last - first, end_column, cell)

    def in_cell(self, line: int) -> tuple[int, int | None]:
        """The line inside its cell and the cell's index; the line itself and None outside notebooks."""
        if not self.cells:
            return line, None
        cell = self.cells[max(bisect_right([c.first_line for c in self.cells], line) - 1, 0)]
        return line - cell.first_line + 1, cell.index


class Unreadable(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A file that could not become facts: why, and where if the parser said."""

    reason: str
    line: int = 1
    column: int = 1
    limit: bool = False  # valid input that is beyond the parser's limits
