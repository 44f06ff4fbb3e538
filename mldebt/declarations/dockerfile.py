"""Command lines of images: RUN, CMD and ENTRYPOINT of a Dockerfile, `command` and `entrypoint` of a compose file."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mldebt.configs.types import ConfigTree, SequenceNode
from mldebt.declarations.commands import Origin, commands_in
from mldebt.declarations.nodes import child, entries, scalars, script_of, text_of
from mldebt.declarations.programs import Programs, joined
from mldebt.declarations.types import HOLE, Command, Image

_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)\s+(?=\S)")
_FLAGS = re.compile(r"(?:--[a-z-]+(?:=\S+)?\s+(?:\\\r?\n\s*)?)+")
_WHOLE_CONTEXT = re.compile(r"(?:--\S+\s+)*\[?\s*\"?\./?\"?[\s,]+\"?([^\s\"\]]+)\"?\s*\]?\s*$")
_ARGUMENT = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})")
_HEREDOC = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?")


@dataclass(frozen=True, slots=True)
class _Instruction:
    name: str
    text: str
    line: int


def docker_commands(path: str, text: str, programs: Programs) -> Iterator[Command]:
    """What a Dockerfile runs; relative paths are seen from WORKDIR, which may be any part of the root."""
    own = path.rpartition("/")[0]
    folder = context = ""
    entrypoint: _Instruction | None = None
    command: _Instruction | None = None
    for instruction in _instructions(text):
        folders = tuple(dict.fromkeys((_in_context(folder, context), own)))
        origin = Origin(path, instruction.line, "docker", folders=folders)
        match instruction.name:
            case "FROM":
                yield from _started(entrypoint, command, path, folders, programs)
                folder, entrypoint, command = "", None, None
            case "WORKDIR":
                folder = "" if "$" in instruction.text else joined(folder or "/", instruction.text.strip().strip("\"'"))
            case "COPY" | "ADD" if copied := _WHOLE_CONTEXT.match(instruction.text):
                context = joined(folder or "/", copied.group(1))
            case "RUN":
                yield from commands_in(_shell_text(instruction.text), origin, programs)
            case "ENTRYPOINT":
                entrypoint = instruction
            case "CMD":
                command = instruction
    yield from _started(entrypoint, command, path, tuple(dict.fromkeys((_in_context(folder, context), own))), programs)


def _in_context(folder: str, context: str) -> str:
    """The directory of the root that `COPY . context` put there; else the directory of the image."""
    if context and f"{folder}/".startswith(f"{context.rstrip('/')}/"):
        return folder[len(context) :].strip("/")
    return folder


def base_images(path: str, text: str) -> Iterator[Image]:
    """The images that the stages of a Dockerfile start from, other stages left out; ARG gives its default."""
    values: dict[str, str] = {}
    stages: set[str] = set()
    for instruction in _instructions(text):
        if instruction.name == "ARG":
            name, given, value = instruction.text.strip().partition("=")
            values[name.strip()] = value.strip().strip("\"'") if given else HOLE
        if instruction.name != "FROM":
            continue
        words = [word for word in instruction.text.split() if not word.startswith("--")]
        if words and words[0].lower() not in stages and words[0] != "scratch":
            yield Image(_ARGUMENT.sub(lambda match: _argument(match, values), words[0]), path, instruction.line)
        if len(words) == 3 and words[1].upper() == "AS":
            stages.add(words[2].lower())


def _argument(match: re.Match[str], values: Mapping[str, str]) -> str:
    """`$NAME`, `${NAME}`, `${NAME:-default}`."""
    name, default = match.group(1) or match.group(2), match.group(3)
    return values.get(name, default if default is not None else HOLE)


def compose_commands(tree: ConfigTree, source: str | None, programs: Programs) -> Iterator[Command]:
    """What the services of a compose file run."""
    own = tree.path.rpartition("/")[0]
    for service in entries(child(tree.root, "services")):
        folder = text_of(child(service.value, "working_dir")) or ""
        for key in ("entrypoint", "command"):
            node = child(service.value, key)
            found = [script_of(scalar, source) for scalar in scalars(node)]
            if found:
                text = shlex.join(script.text for script in found) if isinstance(node, SequenceNode) else found[0].text
                origin = Origin(
                    tree.path, found[0].line, "docker", str(service.key), tuple(dict.fromkeys((folder, own, ""))), spreads=False
                )
                yield from commands_in(text, origin, programs)


def _started(
    entrypoint: _Instruction | None, command: _Instruction | None, path: str, folders: tuple[str, ...], programs: Programs
) -> Iterator[Command]:
    """What the container starts: CMD gives ENTRYPOINT its arguments where both are lists, else it is a command of its own."""
    if entrypoint:
        whole = _shell_text(entrypoint.text)
        if command and _words(entrypoint.text) and (more := _words(command.text)):
            whole += " " + shlex.join(more)
        found = list(commands_in(whole, Origin(path, entrypoint.line, "docker", folders=folders), programs))
        yield from found
        if found:
            return
    if command:
        yield from commands_in(_shell_text(command.text), Origin(path, command.line, "docker", folders=folders), programs)


def _words(text: str) -> list[str]:
    """The words of the exec form, a JSON list."""
    if not text.lstrip().startswith("["):
        return []
    try:
        words = json.loads(text.replace("\\\n", " "))
    except (ValueError, RecursionError):
        return []
    return [word for word in words if isinstance(word, str)] if isinstance(words, list) else []


def _shell_text(text: str) -> str:
    words = _words(text)
    return shlex.join(words) if words else text


def _instructions(text: str) -> Iterator[_Instruction]:
    """Instructions with their continued lines; the flags of RUN are dropped."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        start = at
        match = _INSTRUCTION.match(lines[at])
        at += 1
        if not match:
            continue
        name = match.group(1).upper()
        while at < len(lines) and (lines[at - 1].rstrip().endswith("\\") or lines[at - 1].lstrip().startswith("#")):
            at += 1
        body, end = _with_heredoc(lines, start, at) if name == "RUN" else ("", at)
        body = body or "\n".join(line.rstrip() for line in lines[start:at])[match.end() :]
        flags = _FLAGS.match(body) if name == "RUN" else None
        dropped = flags.group() if flags else ""
        yield _Instruction(name, body[len(dropped) :], start + 1 + dropped.count("\n"))
        at = end


def _with_heredoc(lines: list[str], start: int, end: int) -> tuple[str, int]:
    """The script of `RUN <<EOF`, with an empty line in place of the instruction; ("", end) where there is none."""
    heredoc = _HEREDOC.search(lines[end - 1])
    if not heredoc or lines[start].count("<<") != 1 or not re.match(r"\s*RUN\s+(?:--\S+\s+)*<<", lines[start], re.IGNORECASE):
        return "", end
    close = next((at for at in range(end, len(lines)) if lines[at].strip() == heredoc.group(1)), len(lines))
    return "\n" + "\n".join(lines[end:close]), close + 1
