"""One running function: its registers and what comes out of it."""

from __future__ import annotations

from mldebt.facts.types import Code
from mldebt.flow.events import CallFrame
from mldebt.flow.heap import Changes
from mldebt.flow.program import ModuleInfo
from mldebt.flow.values import Const, Value


class Activation:
    __slots__ = ("code", "constants", "exits", "frame", "module", "names", "outer", "registers", "returned", "yielded")

    def __init__(self, code: Code, module: ModuleInfo, outer: Activation | None, frame: CallFrame) -> None:
        self.code = code
        self.module = module
        self.constants: tuple[Const, ...] = module.constants
        self.outer = outer
        self.frame = frame
        self.registers: list[Value | None] = [None] * code.registers
        self.returned: Value | None = None
        self.yielded: Value | None = None
        self.exits: list[Changes] = []
        self.names: dict[str, int] | None = None

    def slot(self, name: str) -> int | None:
        if self.names is None:
            self.names = {n: i for i, n in enumerate(self.code.names)}
        return self.names.get(name)

    def named(self) -> dict[str, Value]:
        """The names that have a value now."""
        return {n: v for n, v in zip(self.code.names, self.registers, strict=False) if v is not None}
