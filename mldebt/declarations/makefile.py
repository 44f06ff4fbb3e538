"""Targets of a Makefile as stages, their recipe lines as commands."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mldebt.declarations.commands import Origin, commands_in
from mldebt.declarations.programs import Programs
from mldebt.declarations.types import HOLE, Command, Stage

_VARIABLE_LINE = re.compile(r"(?:export\s+|override\s+)*([A-Za-z_][\w.-]*)\s*(\+|\?|:{1,3}|!)?=\s*(.*)", re.DOTALL)
_RULE_LINE = re.compile(r"([^:=#\s][^:=#]*)(::?)(?!=)(.*)", re.DOTALL)
_DIRECTIVE = re.compile(r"(?:ifeq|ifneq|ifdef|ifndef|else|endif|-?include|sinclude|vpath|unexport|undefine)\b")
_REFERENCE = re.compile(r"\$(?:\$|\(([^()$]*)\)|\{([^{}$]*)\}|(.))")
_CALL = re.compile(r"\$[({](?:[^(){}]|[({][^(){}]*[)}])*[)}]")
_COMMENT = re.compile(r"(?<!\\)#.*", re.DOTALL)
_MOST_VARIABLES = 100
_DOLLAR = "\0"  # a `$` of the shell, safe from what is expanded around it
_LONGEST = 20_000
_LONGEST_VALUE = 2_000


@dataclass(slots=True)
class _Rule:
    targets: list[str]
    prerequisites: list[str]
    line: int
    recipe: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Makefile:
    variables: dict[str, str] = field(default_factory=dict)
    rules: list[_Rule] = field(default_factory=list)
    phony: set[str] = field(default_factory=set)

    def assign(self, name: str, operator: str, value: str) -> None:
        """A variable that is set twice, appended to or computed by a shell has no one value."""
        if operator in {"+", "!"} or (name in self.variables and self.variables[name] != value):
            value = HOLE
        self.variables[name] = value


def make_stages(path: str, text: str, programs: Programs) -> Iterator[Stage | Command]:
    """A stage for each target and a command for each recipe line that runs Python code of the repository.

    A phony target has no outputs, nor has one that is phony but for the declaration: a bare name its recipe never mentions.
    """
    folder = posixpath.dirname(path)
    makefile = _read(text)
    for rule in makefile.rules:
        names = [name for name in rule.targets if name != ".PHONY"]
        if not names or (names[0].startswith(".") and names[0][1:].isupper()):
            continue
        own = _automatic(rule)
        recipe = [(line, _expanded(shell, makefile.variables | own)) for line, shell in rule.recipe]
        yield Stage(
            name=names[0],
            tool="make",
            path=path,
            line=rule.line,
            commands=tuple(_one_line(shell) for _, shell in recipe if shell.strip()),
            depends=tuple(_located(folder, name) for name in rule.prerequisites if name not in makefile.phony),
            outputs=tuple(_located(folder, name) for name in names if name not in makefile.phony and _is_file(name, rule)),
            working_directory=folder,
            runs="always" if any(name in makefile.phony or name == "FORCE" for name in rule.prerequisites) else "when changed",
        )
        for line, shell in recipe:
            origin = Origin(path, line, "make", names[0], tuple(dict.fromkeys((folder, ""))))
            yield from commands_in(shell, origin, programs)


def _read(text: str) -> _Makefile:
    makefile = _Makefile()
    current: _Rule | None = None
    for number, line in _logical_lines(text):
        if line.startswith("\t") and current:
            current.recipe.append((number, line.lstrip("\t @-+")))
            continue
        plain = _COMMENT.sub("", line.replace("\\\n", " ")).strip()
        if not plain or _DIRECTIVE.match(plain):
            continue
        if variable := _VARIABLE_LINE.fullmatch(plain):
            makefile.assign(variable.group(1), variable.group(2) or "", variable.group(3))
        elif (rule := _RULE_LINE.fullmatch(plain)) and not _VARIABLE_LINE.fullmatch(rule.group(3).strip()):
            current = _rule(rule, number, makefile)
    return makefile


def _rule(match: re.Match[str], line: int, makefile: _Makefile) -> _Rule:
    wanted, _, recipe = match.group(3).partition(";")
    targets = _names(match.group(1).rstrip("& "), makefile.variables)
    rule = _Rule(targets, [name for name in _names(wanted, makefile.variables) if name != "|"], line)
    if recipe.strip():
        rule.recipe.append((line, recipe.strip().lstrip("@-+")))
    if targets == [".PHONY"]:
        makefile.phony.update(rule.prerequisites)
    else:
        makefile.rules.append(rule)
    return rule


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their continuations, which keep their newline; `define … endef` is left out."""
    pending, start, defining = "", 1, False
    for number, line in enumerate(text.splitlines(), 1):
        if not pending:
            start = number
        if line.endswith("\\") and not line.endswith("\\\\"):
            pending += line + "\n"
            continue
        whole, pending = pending + line, ""
        if defining or whole.startswith("define "):
            defining = not whole.startswith("endef")
            continue
        yield start, whole
    if pending:
        yield start, pending


def _names(text: str, variables: Mapping[str, str]) -> list[str]:
    return _expanded(text, variables).replace("%", HOLE).split()


def _automatic(rule: _Rule) -> dict[str, str]:
    return {
        "@": rule.targets[0] if len(rule.targets) == 1 else HOLE,
        "<": rule.prerequisites[0] if rule.prerequisites else "",
        "^": " ".join(rule.prerequisites),
        "CURDIR": HOLE,
        "MAKE": "make",
    }


def _expanded(text: str, variables: Mapping[str, str]) -> str:
    """`$(NAME)` replaced by its value, functions and unknown names by HOLE, `$$` by `$`."""
    return _Expansion(variables).of(text).replace(_DOLLAR, "$")


@dataclass(slots=True)
class _Expansion:
    variables: Mapping[str, str]
    values: dict[str, str] = field(default_factory=dict)  # each variable is expanded once

    def of(self, text: str) -> str:
        if len(text) > _LONGEST:
            return HOLE
        without_calls = _CALL.sub(lambda call: call.group() if _REFERENCE.fullmatch(call.group()) else HOLE, text)
        return _REFERENCE.sub(self._referenced, without_calls)

    def _referenced(self, match: re.Match[str]) -> str:
        if match.group() == "$$":
            return _DOLLAR
        return self._value(next(group for group in match.groups() if group is not None).strip())

    def _value(self, name: str) -> str:
        if name not in self.values:
            self.values[name] = HOLE  # what a variable that names itself gets
            if len(self.values) <= _MOST_VARIABLES:
                value = self.of(self.variables.get(name, HOLE))
                self.values[name] = value if len(value) <= _LONGEST_VALUE else HOLE
        return self.values[name]


def _is_file(target: str, rule: _Rule) -> bool:
    mentioned = re.compile(rf"\$[@(]|(?<![\w.-]){re.escape(target)}(?![\w.-])")
    return "." in target or "/" in target or any(mentioned.search(shell) for _, shell in rule.recipe)


def _located(folder: str, name: str) -> str:
    return name if name.startswith(("/", HOLE)) or "://" in name else posixpath.normpath(posixpath.join(folder, name))


def _one_line(shell: str) -> str:
    return re.sub(r"\s*\\\n\s*", " ", shell).strip()
