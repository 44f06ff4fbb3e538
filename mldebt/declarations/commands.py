"""Command lines that run Python code of the repository, out of shell text.

Launchers are tables: adding one is one word here.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mldebt.declarations.programs import Program, Programs, joined
from mldebt.declarations.shell_words import simple_commands, without_assignments
from mldebt.declarations.types import HOLE, Command, MissingProgram

_PYTHON = re.compile(r"(?:python|pythonw|pypy|ipython)[\d.]*(?:\.exe)?|py")
_SHELL = frozenset({"sh", "bash", "zsh", "dash", "ksh"})
_TAKES_A_VALUE = frozenset({"-W", "-X", "-Q", "--check-hash-based-pycs"})
_APPLICATION = re.compile(r"([A-Za-z_][\w.]*):[A-Za-z_][\w.]*(?:\(\))?")

# Commands that run another command; the word that must follow, if any.
_WRAPPERS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("uv", "poetry", "pipenv", "pdm", "hatch", "rye", "pixi", "conda", "mamba", "micromamba"), frozenset({"run"})),
    **dict.fromkeys(("docker", "podman", "nerdctl"), frozenset({"run", "exec"})),
    **dict.fromkeys(("singularity", "apptainer"), frozenset({"run", "exec"})),
    "dvc": frozenset({"run", "stage"}),
    "ray": frozenset({"job"}),
    **dict.fromkeys(
        (
            "env",
            "sudo",
            "time",
            "nohup",
            "nice",
            "ionice",
            "exec",
            "command",
            "timeout",
            "stdbuf",
            "xvfb-run",
            "srun",
            "mpirun",
            "mpiexec",
            "xargs",
        ),
        frozenset[str](),
    ),
    **dict.fromkeys(
        ("parallel", "horovodrun", "nsys", "ncu", "numactl", "taskset", "setsid", "winpty", "dotenv", "doppler", "catchsegv"),
        frozenset[str](),
    ),
}
_NAMES_NO_PROGRAM_OF_OURS = frozenset(
    {"dvc", "docker", "podman", "nerdctl", "singularity", "apptainer"}
)  # their words name images and files

# Commands, and modules behind `python -m`, that run a script or `-m module` given to them.
_RUNNERS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        ("torchrun", "deepspeed", "spark-submit", "kernprof", "scalene", "pyinstrument", "viztracer", "mprof", "memray"), frozenset[str]()
    ),
    **dict.fromkeys(
        ("torch.distributed.run", "torch.distributed.launch", "paddle.distributed.launch", "torch_xla.distributed.xla_dist"),
        frozenset[str](),
    ),
    **dict.fromkeys(
        ("accelerate.commands.launch", "cProfile", "profile", "pdb", "ipdb", "trace", "debugpy", "memory_profiler"), frozenset[str]()
    ),
    "accelerate": frozenset({"launch"}),
    "coverage": frozenset({"run"}),
    "streamlit": frozenset({"run"}),
    "chainlit": frozenset({"run"}),
    "fastapi": frozenset({"run", "dev"}),
    "gradio": frozenset(),
    "modal": frozenset({"run", "deploy", "serve"}),
}
_SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "granian", "waitress-serve", "daphne", "serve"})
_NOTEBOOK_RUNNERS: Mapping[str, frozenset[str]] = {
    "papermill": frozenset(),
    "jupyter": frozenset({"--execute", "execute", "run"}),
    "jupyter-nbconvert": frozenset({"--execute"}),
    "jupyter-execute": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a piece of shell text stands; `line` is that of its first line.

    `folders` are the directories its relative paths may start from, the likeliest first. Text that is folded to one line
    `spreads` over no lines of the file.
    """

    path: str
    line: int
    source: Literal["stage", "make", "ci", "shell", "docker", "docs"]
    stage: str = ""
    folders: tuple[str, ...] = ("",)
    spreads: bool = True


def commands_in(text: str, origin: Origin, programs: Programs, variables: Mapping[str, str] | None = None) -> Iterator[Command]:
    """The command lines of a shell text that run files of the repository, in the order of the text."""
    folders = {0: origin.folders}
    for command in simple_commands(text, variables):
        depth = max(level for level in folders if level <= command.subshell)
        for deeper in [level for level in folders if level > command.subshell]:
            del folders[deeper]
        here = folders[depth]
        words = without_assignments(command.words)
        if words[:1] in {("cd",), ("pushd",)} and len(words) > 1:
            folders[command.subshell] = _entered(here, words[1], origin.folders)
        elif words:
            line = origin.line + (command.line - 1 if origin.spreads else 0)
            yield from _commands_of(words, here, line, origin, programs)


def _entered(here: tuple[str, ...], word: str, start: tuple[str, ...]) -> tuple[str, ...]:
    """After `cd word`; a place we do not know leaves every place of the file possible."""
    if HOLE in word or word in {"-", "~"}:
        return start
    return tuple(dict.fromkeys(joined(folder, word) for folder in here))


def _commands_of(words: tuple[str, ...], folders: tuple[str, ...], line: int, origin: Origin, programs: Programs) -> Iterator[Command]:
    if inner := _inner_script(words):
        at = Origin(origin.path, line, origin.source, origin.stage, folders, spreads=False)
        yield from commands_in(inner, at, programs)
    elif found := _Reader(programs, folders).program(words):
        program, arguments = found
        yield Command(program.module, arguments, origin.path, line, origin.source, origin.stage, program.folder)
    elif word := _Reader(programs, folders).missing(words):
        programs.missing[MissingProgram(word, origin.path, line, origin.source, origin.stage)] = None


def _inner_script(words: tuple[str, ...]) -> str | None:
    """The text of `bash -lc "…"`, also behind a wrapper; shorter than the words it comes from, so this ends."""
    for at, word in enumerate(words[:-2]):
        if posixpath.basename(word) in _SHELL and (at == 0 or posixpath.basename(words[0]) in _WRAPPERS):
            for option, script in zip(words[at + 1 :], words[at + 2 :], strict=False):
                if not option.startswith("-"):
                    return None
                if option.endswith("c") and not option.startswith("--"):
                    return script
    return None


_Found = tuple[Program, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the words of one simple command."""

    programs: Programs
    folders: Sequence[str]

    def program(self, words: tuple[str, ...]) -> _Found | None:
        words = without_assignments(words)
        while words and (inner := self._unwrapped(words)) is not None:
            words = without_assignments(inner)
        if not words:
            return None
        name = posixpath.basename(words[0])
        if _PYTHON.fullmatch(name):
            return self._python(words[1:])
        if words[0] == HOLE:  # "$PYTHON" train.py
            return self._python(words[1:]) if self._looks_like_python(words[1:]) else None
        if console := self.programs.console_script(name, self.folders):
            return console, words[1:]
        if name.endswith((".py", ".ipynb")):
            return self._script(words)
        return self._tool(name, words[1:])

    def missing(self, words: tuple[str, ...]) -> str | None:
        """The script that `python` is told to run and that is no file of the repository; None in doubt."""
        while words and (inner := self._unwrapped(words)) is not None:
            words = without_assignments(inner)
        if not words or not _PYTHON.fullmatch(posixpath.basename(words[0])):
            return None
        script = next((word for word in words[1:] if not word.startswith("-")), HOLE)
        plain = {"-u", "-O", "-OO", "-B", "-s", "-E"}
        if any(word.startswith("-") and word not in plain for word in words[1 : words.index(script) if script in words else 1]):
            return None
        return None if self.programs.may_be(script, self.folders) else script

    def _tool(self, name: str, words: tuple[str, ...]) -> _Found | None:
        if name in _RUNNERS:
            return self._launched(_behind(words, _RUNNERS[name]))
        if name in _NOTEBOOK_RUNNERS:
            wanted = _NOTEBOOK_RUNNERS[name]
            return self._notebook(words) if not wanted or wanted & set(words) else None
        return self._application(words) if name in _SERVERS else None

    def _unwrapped(self, words: tuple[str, ...]) -> tuple[str, ...] | None:
        """The command inside a wrapper; () where a wrapper wraps nothing of ours, None where it is none."""
        name = posixpath.basename(words[0])
        if name not in _WRAPPERS:
            return None
        rest = _behind(words[1:], _WRAPPERS[name])
        any_program = name not in _NAMES_NO_PROGRAM_OF_OURS
        for at, word in enumerate(rest):
            if self._starts_a_command(word, any_program):
                return rest[at:]
        return ()

    def _starts_a_command(self, word: str, any_program: bool) -> bool:
        name = posixpath.basename(word)
        if _PYTHON.fullmatch(name) or name in _RUNNERS or name in _NOTEBOOK_RUNNERS or name in _SERVERS:
            return True
        if not any_program:
            return False
        return (
            name in _WRAPPERS
            or name in self.programs.console_scripts
            or (name.endswith((".py", ".ipynb")) and self._script((word,)) is not None)
        )

    def _looks_like_python(self, words: tuple[str, ...]) -> bool:
        return bool(words) and (words[0] in {"-m", "-u"} or words[0].endswith(".py"))

    def _python(self, words: tuple[str, ...]) -> _Found | None:
        """The words behind `python`."""
        at = 0
        while at < len(words):
            word = words[at]
            if word.startswith("-m"):
                return self._module(words[at + 1 :] if word == "-m" else (word[2:], *words[at + 1 :]))
            if word in {"-c", "-"}:
                return None
            if word in _TAKES_A_VALUE:
                at += 2
            elif word.startswith("-") or word == HOLE:
                at += 1
            else:
                return self._script(words[at:])
        return None

    def _module(self, words: tuple[str, ...]) -> _Found | None:
        """The words behind `python -m`."""
        if not words:
            return None
        if program := self.programs.module(words[0], self.folders):
            return program, words[1:]
        return self._tool(words[0], words[1:])

    def _script(self, words: tuple[str, ...]) -> _Found | None:
        program = self.programs.script(words[0], self.folders)
        return (program, words[1:]) if program else None

    def _launched(self, words: tuple[str, ...]) -> _Found | None:
        """The first script or `-m module` of the repository among the words of a launcher."""
        as_module = False
        for at, word in enumerate(words):
            if word in {"-m", "--module"}:
                as_module = True
            elif as_module and (program := self.programs.module(word, self.folders)):
                return program, words[at + 1 :]
            elif word.endswith(".py") and (found := self._script(words[at:])):
                program, arguments = found
                return program, arguments[1:] if arguments[:1] == ("--",) else arguments
        return None

    def _notebook(self, words: tuple[str, ...]) -> _Found | None:
        found = (self._script(words[at:]) for at, word in enumerate(words) if word.endswith(".ipynb"))
        return next(filter(None, found), None)

    def _application(self, words: tuple[str, ...]) -> _Found | None:
        """`uvicorn package.module:app`."""
        for at, word in enumerate(words):
            if (match := _APPLICATION.fullmatch(word)) and (program := self.programs.module(match.group(1), self.folders)):
                return program, words[at + 1 :]
        return None


def _behind(words: tuple[str, ...], wanted: frozenset[str]) -> tuple[str, ...]:
    """The words behind the subcommand; none if another one is called."""
    if not wanted:
        return words
    for at, word in enumerate(words):
        if word in wanted:
            return words[at + 1 :]
        if not word.startswith("-"):
            return ()
    return ()


def sorted_commands(commands: Iterable[Command]) -> tuple[Command, ...]:
    """Each once, by place."""
    return tuple(
        sorted(dict.fromkeys(commands), key=lambda c: (c.path, c.line, c.module, c.arguments, c.stage, c.source, c.working_directory))
    )
