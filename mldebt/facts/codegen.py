"""The slow, exact way to the places of tokens: write the tree out again and note where each token comes to stand."""

from __future__ import annotations

import re
from typing import Any

import libcst
from libcst._nodes.internal import CodegenState

from .positions import FORMATTED, SKIPPED, Places

_LITERAL = re.compile(r"\.?\d|[rRbBuU]{0,2}['\"]")


class _Recorder(CodegenState):
    """Collects tokens as the walk does; f-strings are one token."""

    def __init__(self, module: libcst.Module) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.offset = 0
        self.leaves: list[object] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.formatted: list[Any] = []

    def add_indent_tokens(self) -> None:
        for text in self.indent_tokens:
            self.offset += len(text)
            self.tokens.append(text)

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        start, self.offset = self.offset, self.offset + len(value)
        if self.formatted:
            self._inside_formatted(value, start)
            return
        text = value.strip(" ")
        if (text.isidentifier() and text not in SKIPPED) or _LITERAL.match(text):
            start += value.index(text)
            self.leaves.append(text)
            self.starts.append(start)
            self.ends.append(start + len(text))

    def _inside_formatted(self, value: str, start: int) -> None:
        outer = self.formatted[0]
        if len(self.starts) < len(self.leaves) and value == outer.start:
            self.starts.append(start)
            self.ends.append(start)
        if value == outer.end and len(self.formatted) == 1:
            self.ends[-1] = self.offset

    def before_codegen(self, node: Any) -> None:
        if node.__class__ in _FORMATTED_NODES:
            if not self.formatted:
                self.leaves.append(FORMATTED)
            self.formatted.append(node)

    def after_codegen(self, node: Any) -> None:
        if node.__class__ in _FORMATTED_NODES:
            self.formatted.pop()


_FORMATTED_NODES = (libcst.FormattedString, libcst.TemplatedString)


def exact_places(module: libcst.Module, source: str, leaves: list[object]) -> Places | None:
    """Places of the walk's leaves, or None where the tree does not write the source again."""
    recorder = _Recorder(module)
    module._codegen(recorder)
    written = "".join(recorder.tokens)
    if written != source or len(recorder.starts) != len(recorder.ends):
        return None
    if len(recorder.leaves) != len(leaves) or any(
        one is not FORMATTED and one != other for one, other in zip(recorder.leaves, leaves, strict=True)
    ):
        return None
    return Places(recorder.starts, recorder.ends)
