"""Shell text as simple commands: words with their quotes resolved, what is not known replaced by HOLE, and the line each starts on.

Tolerant: whatever is not closed ends with the text. Nothing is expanded that needs the machine; variables are, where the script
itself sets them to known text outside every condition, loop and function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mldebt.declarations.types import HOLE

_TEMPLATE = re.compile(r"\$?\{\{[^\n{}]*\}\}|<%[^\n<>]*%>")
_PLAIN = re.compile(r"[^\s\\'\"$`#;&|()<>]+")
_PLAIN_IN_QUOTES = re.compile(r"[^\"$`\\]+")
_VARIABLE = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})")
_PARAMETER = re.compile(r"\$[@*#?$!\-0-9]")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?)=(.*)", re.DOTALL)
_OPENING = frozenset({"if", "for", "while", "until", "case", "select", "{"})
_CLOSING = frozenset({"fi", "done", "esac", "}"})
_BEFORE_A_COMMAND = _OPENING | _CLOSING | {"then", "else", "elif", "do", "!", "time"}
_EXPORTS = frozenset({"export", "declare", "local", "readonly", "typeset"})
_DEEPEST = 20
_LONGEST_WORD = 20_000
_LONGEST_VALUE = 1_000
_MOST_PIECES = 200


@dataclass(frozen=True, slots=True)
class SimpleCommand:
    words: tuple[str, ...]
    line: int  # 1-based in the text
    subshell: int  # how many parentheses stand around it


def simple_commands(text: str, variables: Mapping[str, str] | None = None) -> Iterator[SimpleCommand]:
    """Every simple command of a script, those inside `$(…)` after the one that holds them."""
    text = _TEMPLATE.sub(HOLE, text)
    survey = _Scanner(text, dict(variables or {}))
    survey.run()
    known = {name: value for name, value in (variables or {}).items() if name not in survey.varying}
    scanner = _Scanner(text, known, varying=frozenset(survey.varying))
    scanner.run()
    yield from scanner.commands


def without_assignments(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words after `A=b C=d`."""
    start = 0
    while start < len(words) and _ASSIGNMENT.fullmatch(words[start]):
        start += 1
    return words[start:]


@dataclass(slots=True)
class _Scanner:
    text: str
    known: dict[str, str]
    varying: set[str] | frozenset[str] = field(default_factory=set)
    line: int = 1
    nesting: int = 0
    at: int = 0
    subshell: int = 0
    block: int = 0
    commands: list[SimpleCommand] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    word: list[str] | None = None
    start: int = 1
    redirected: str = ""  # the operator whose target the next word is
    heredocs: list[tuple[str, bool]] = field(default_factory=list)
    inner: list[SimpleCommand] = field(default_factory=list)

    def run(self) -> None:
        while self.at < len(self.text):
            if plain := _PLAIN.match(self.text, self.at):
                self._add(plain.group())
                self.at = plain.end()
            else:
                self._special(self.text[self.at])
        self._end_command()

    def _special(self, character: str) -> None:
        match character:
            case "\n":
                self._newline()
            case "\\":
                self._backslash()
            case "'":
                self._single_quotes()
            case '"':
                self._double_quotes()
            case "$":
                self._dollar(quoted=False)
            case "`":
                self._backticks()
            case "#":
                self._hash()
            case "<" | ">":
                self._redirection(character)
            case ";" | "&" | "|" | "(" | ")":
                self._operator(character)
            case _:
                self._end_word()
                self.at += 1

    # words

    def _add(self, piece: str) -> None:
        if self.word is None:
            self.word = []
            if not self.words:
                self.start = self.line
        self.word.append(piece)

    def _end_word(self) -> None:
        if self.word is None:
            return
        word = "".join(self.word)[:_LONGEST_WORD]
        self.word = None
        if self.redirected:
            if self.redirected in {"<<", "<<-"}:
                self.heredocs.append((word, self.redirected == "<<-"))
            self.redirected = ""
        elif not self.words and word in _BEFORE_A_COMMAND:
            self._keyword(word)
        elif word == "{" and self.words[:1] == ["function"]:
            self.words = []
            self.block += 1
        else:
            self.words.append(word)

    def _keyword(self, word: str) -> None:
        self.block = max(0, self.block + (word in _OPENING) - (word in _CLOSING))
        if word in {"for", "case", "select"}:
            self.words.append(word)

    def _end_command(self) -> None:
        self._end_word()
        self.redirected = ""
        if self.words:
            self._remember(self.words)
            self.commands.append(SimpleCommand(tuple(self.words), self.start, self.subshell))
        self.commands.extend(self.inner)
        self.words, self.inner = [], []

    def _remember(self, words: list[str]) -> None:
        """What assignments and loops do to the variables."""
        if words[0] in {"for", "select", "read"}:
            for name in words[1:2] if words[0] != "read" else words[1:]:
                self._forget(name)
            return
        assigned = words[1:] if words[0] in _EXPORTS else words
        matches = [_ASSIGNMENT.fullmatch(word) for word in assigned]
        if words[0] not in _EXPORTS and not all(matches):
            return
        for match in filter(None, matches):
            name, more, value = match.groups()
            if self.block or self.subshell or more:
                self._forget(name)
            elif name not in self.varying and len(value) <= _LONGEST_VALUE:
                self.known[name] = value
            else:
                self.known.pop(name, None)

    def _forget(self, name: str) -> None:
        self.known.pop(name, None)
        if isinstance(self.varying, set):
            self.varying.add(name)

    # pieces

    def _newline(self) -> None:
        self._end_command()
        self.at += 1
        self.line += 1
        for delimiter, may_indent in self.heredocs:
            self._skip_heredoc(delimiter, may_indent)
        self.heredocs = []

    def _skip_heredoc(self, delimiter: str, may_indent: bool) -> None:
        while self.at < len(self.text):
            end = self.text.find("\n", self.at)
            end = len(self.text) if end < 0 else end
            content = self.text[self.at : end]
            self.at = min(end + 1, len(self.text))
            self.line += 1
            if (content.lstrip("\t") if may_indent else content).rstrip("\r") == delimiter:
                return

    def _backslash(self) -> None:
        following = self.text[self.at + 1 : self.at + 3]
        if following.startswith(("\n", "\r\n")):
            self.line += 1
            self.at += 3 if following.startswith("\r") else 2
            return
        self._add(following[:1])
        self.at += 2

    def _hash(self) -> None:
        if self.word is None:
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
        else:
            self._add("#")
            self.at += 1

    def _single_quotes(self) -> None:
        end = self.text.find("'", self.at + 1)
        end = len(self.text) if end < 0 else end
        content = self.text[self.at + 1 : end]
        self._add(content)
        self.line += content.count("\n")
        self.at = end + 1

    def _double_quotes(self) -> None:
        self._add("")
        self.at += 1
        while self.at < len(self.text):
            if plain := _PLAIN_IN_QUOTES.match(self.text, self.at):
                self._add(plain.group())
                self.line += plain.group().count("\n")
                self.at = plain.end()
            elif self.text[self.at] == "$":
                self._dollar(quoted=True)
            elif self.text[self.at] == "`":
                self._backticks()
            elif self.text[self.at] == "\\":
                self._escape_in_quotes()
            else:
                self.at += 1
                return

    def _escape_in_quotes(self) -> None:
        escaped = self.text[self.at + 1 : self.at + 2]
        self.line += escaped == "\n"
        self._add({'"': '"', "\\": "\\", "$": "$", "`": "`", "\n": ""}.get(escaped, "\\" + escaped))
        self.at += 2

    def _dollar(self, *, quoted: bool) -> None:
        if variable := _VARIABLE.match(self.text, self.at):
            self.at = variable.end()
            self._value(self.known.get(variable.group(1) or variable.group(2), HOLE), quoted)
        elif self.text.startswith("$(", self.at):
            self._substitution(self.at + 1)
        elif self.text.startswith("${", self.at):
            end = _closing(self.text, self.at + 1, "{", "}")
            self.line += self.text.count("\n", self.at, end)
            self.at = end
            self._add(HOLE)
        elif parameter := _PARAMETER.match(self.text, self.at):
            self.at = parameter.end()
            self._add(HOLE)
        else:
            if quoted or self.text[self.at + 1 : self.at + 2] not in {"'", '"'}:
                self._add("$")
            self.at += 1

    def _value(self, value: str, quoted: bool) -> None:
        """An unquoted value falls into words at its blanks."""
        if self.word is not None and len(self.word) > _MOST_PIECES:
            value = HOLE
        if quoted:
            self._add(value)
            return
        for number, part in enumerate(re.split(r"\s+", value)):
            if number:
                self._end_word()
            if part:
                self._add(part)

    def _substitution(self, start: int) -> None:
        """`$(…)`, `<(…)`: a hole here, and the commands in it beside this one."""
        end = _closing(self.text, start, "(", ")")
        self._nested(self.text[start + 1 : end - 1])
        self.at = end

    def _backticks(self) -> None:
        end = self.text.find("`", self.at + 1)
        end = len(self.text) if end < 0 else end
        self._nested(self.text[self.at + 1 : end])
        self.at = end + 1

    def _nested(self, content: str) -> None:
        self._add(HOLE)
        if self.nesting < _DEEPEST and not content.startswith("("):
            inside = _Scanner(content, self.known, self.varying, self.line, self.nesting + 1, subshell=self.subshell + 1)
            inside.run()
            self.inner.extend(inside.commands)
        self.line += content.count("\n")

    def _redirection(self, character: str) -> None:
        if self.text.startswith(character + "(", self.at):
            self._substitution(self.at + 1)
            return
        if self.word is not None and "".join(self.word).isdigit():
            self.word = None  # the number of the stream
        self._end_word()
        operator = next(o for o in ("<<<", "<<-", "<<", "<>", "<&", "<", ">>", ">&", ">|", ">") if self.text.startswith(o, self.at))
        self.at += len(operator)
        self.redirected = operator

    def _operator(self, character: str) -> None:
        if self.text.startswith("&>", self.at):
            self._end_word()
            self.at += 1
            return
        self._end_command()
        self.subshell = max(0, self.subshell + (character == "(") - (character == ")"))
        self.at += 1


def _closing(text: str, start: int, opening: str, closing: str) -> int:
    """The index behind the bracket that closes the one at `start`, quotes respected."""
    depth, at, quote = 0, start, ""
    while at < len(text):
        character = text[at]
        if character == "\\":
            at += 1
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == opening:
            depth += 1
        elif character == closing:
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return len(text) + 1
