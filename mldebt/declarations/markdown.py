"""Command lines that the documentation shows: fenced blocks of Markdown, code blocks of reStructuredText."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.declarations.commands import Origin, commands_in
from mldebt.declarations.programs import Programs
from mldebt.declarations.types import HOLE, Command

_SHELL_LANGUAGES = frozenset(
    {"bash", "sh", "shell", "zsh", "console", "terminal", "shell-session", "shellsession", "sh-session", "bat", "cmd", "prompt"}
)
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})[ \t]*\{?\.?([\w+-]*)")
_RST_DIRECTIVE = re.compile(r"([ \t]*)\.\. (?:code-block|code|sourcecode|prompt)::[ \t]*([\w-]*)")
_RST_LITERAL = re.compile(r"([ \t]*)(?!\.\. )\S.*::[ \t]*$|([ \t]*)::[ \t]*$")
_PROMPT = re.compile(r"[ \t]*(?:\([\w./-]+\)[ \t]*)?(?:[\w.-]+@[\w.-]+:[^\s$]*)?(?:[$❯➜]|>>?(?!>))[ \t]+(?=\S)|[ \t]*!(?=\w)")
_PLACEHOLDER = re.compile(
    r"<[\w./][\w ./|:,'-]*>|\[(?:--?[A-Za-z][^\[\]\n]*|[A-Z][A-Z_. ]*|options)\](?:\.\.\.)?|(?<=\s)(?:\.\.\.|…)(?=\s|$)"
)


@dataclass(frozen=True, slots=True)
class _Block:
    language: str
    line: int
    lines: list[str]


def documented_commands(path: str, text: str, programs: Programs) -> Iterator[Command]:
    """Commands of the code blocks; placeholders such as `<path>` or `[options]` are holes."""
    own = path.rpartition("/")[0]
    blocks = _rst_blocks(text.splitlines()) if path.endswith(".rst") else _fenced_blocks(text.splitlines())
    for block in blocks:
        if block.language.lower() in _SHELL_LANGUAGES or not block.language:
            for line, command in _shell_texts(block):
                origin = Origin(path, line, "docs", folders=tuple(dict.fromkeys((own, ""))))
                yield from commands_in(_PLACEHOLDER.sub(HOLE, command), origin, programs)


def _shell_texts(block: _Block) -> Iterator[tuple[int, str]]:
    """The whole block, or where prompts tell commands from output, or nothing says that it is shell, line by line."""
    prompts = any(_PROMPT.match(line) for line in block.lines)
    if block.language and not prompts:
        yield block.line, "\n".join(block.lines)
        return
    at = 0
    while at < len(block.lines):
        start = at
        while block.lines[at].rstrip().endswith("\\") and at + 1 < len(block.lines):
            at += 1
        at += 1
        prompt = _PROMPT.match(block.lines[start])
        if prompt or not prompts:
            yield block.line + start, "\n".join(block.lines[start:at])[prompt.end() if prompt else 0 :]


def _fenced_blocks(lines: list[str]) -> Iterator[_Block]:
    at = 0
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        at += 1
        if not opening:
            continue
        fence, language = opening.groups()
        start = at
        while at < len(lines) and not _closes(lines[at], fence):
            at += 1
        yield _Block(language, start + 1, lines[start:at])
        at += 1


def _closes(line: str, fence: str) -> bool:
    bare = line.strip(" \t>")
    return bare.startswith(fence) and not bare.strip(fence[0])


def _rst_blocks(lines: list[str]) -> Iterator[_Block]:
    at = 0
    while at < len(lines):
        directive = _RST_DIRECTIVE.match(lines[at])
        literal = None if directive else _RST_LITERAL.match(lines[at])
        at += 1
        if not directive and not literal:
            continue
        indent = len(lines[at - 1]) - len(lines[at - 1].lstrip())
        start = at
        while at < len(lines) and (not lines[at].strip() or len(lines[at]) - len(lines[at].lstrip()) > indent):
            at += 1
        options = 0
        while directive and start + options < at and lines[start + options].strip().startswith(":"):
            options += 1
        yield _Block(directive.group(2) if directive else "", start + options + 1, lines[start + options : at])
