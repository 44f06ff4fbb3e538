"""Source excerpts as HTML: numbered lines, the region marked, a light colouring by kind of file."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from markupsafe import Markup, escape

from mldebt.core import Location
from mldebt.report.contents import Excerpts
from mldebt.report.wording import visible

_LONGEST_LINE = 240

_STRING = r""""(?:\\.|[^"\\])*(?:"|$)|'(?:\\.|[^'\\])*(?:'|$)"""
_NUMBER = r"(?P<n>\b\d[\w.]*)"
_PYTHON = re.compile(
    rf"(?P<c>\#.*)|(?P<s>\b[rbfuRBFU]{{1,2}}(?:{_STRING})|{_STRING})|{_NUMBER}|"
    r"(?P<k>\b(?:and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|"
    r"match|nonlocal|not|or|pass|raise|return|try|while|with|yield|None|True|False)\b)"
)
_CONFIG = re.compile(rf"(?P<c>(?:^|(?<=\s))[#;].*)|(?P<k>^\s*(?:- )?[\w.\"'-]+(?=\s*[:=]))|(?P<s>{_STRING})|{_NUMBER}")
_NOTHING = re.compile(r"(?!)")
_GRAMMARS = {"py": _PYTHON, "ipynb": _PYTHON, **dict.fromkeys(("yaml", "yml", "toml", "ini", "cfg", "env", "json", "dvc"), _CONFIG)}


def excerpt(at: Location, excerpts: Excerpts, around: int) -> Markup:
    """The lines around a place; empty where they are not known."""
    lines = excerpts.lines.get((at.path, at.cell), ())
    if not 1 <= at.line <= len(lines):
        return Markup("")
    grammar = _GRAMMARS.get(at.path.rpartition(".")[2].lower(), _NOTHING)
    last = min(max(at.end_line, at.line), at.line + around)
    first, stop = max(at.line - around, 1), min(last + around, len(lines))
    while stop > last and not lines[stop - 1].strip():
        stop -= 1
    rows = (_row(number, lines[number - 1], at, grammar) for number in range(first, stop + 1))
    return Markup('<pre class="code">{}</pre>').format(Markup("").join(rows))


def _row(number: int, line: str, at: Location, grammar: re.Pattern[str]) -> Markup:
    start, end = _marked(number, line, at)
    shift = max(start - _LONGEST_LINE // 2, 0) if len(line) > _LONGEST_LINE else 0
    shown = line[shift : shift + _LONGEST_LINE]
    html = Markup("").join(_pieces(shown, start - shift, end - shift, grammar))
    hit = " h" if at.line <= number <= max(at.end_line, at.line) else ""
    return Markup('<span class="l{}" data-n="{}">{}\n</span>').format(hit, number, html)


def _marked(number: int, line: str, at: Location) -> tuple[int, int]:
    """The part of the line that lies in the region, as offsets; empty where there is none."""
    end_line = max(at.end_line, at.line)
    if not at.line <= number <= end_line or not at.end_column:
        return 0, 0
    indent = len(line) - len(line.lstrip())
    start = at.column - 1 if number == at.line else indent
    end = at.end_column - 1 if number == end_line else len(line)
    return start, max(start, end)


def _pieces(line: str, start: int, end: int, grammar: re.Pattern[str]) -> Iterator[Markup]:
    """The line cut at the ends of tokens and of the marked region."""
    cuts = sorted({0, len(line), *(min(max(cut, 0), len(line)) for cut in (start, end))})
    for left, right in itertools.pairwise(cuts):
        inside = Markup("").join(_tokens(line, left, right, grammar))
        yield Markup("<mark>{}</mark>").format(inside) if start <= left and right <= end else inside


def _tokens(line: str, left: int, right: int, grammar: re.Pattern[str]) -> Iterator[Markup]:
    position = left
    for token in grammar.finditer(line):
        first, last = max(token.start(), left), min(token.end(), right)
        if first < last:
            yield _shown(line[position:first])
            yield Markup('<i class="{}">{}</i>').format(token.lastgroup, _shown(line[first:last]))
            position = last
    yield _shown(line[position:right])


def _shown(text: str) -> Markup:
    return escape(visible(text, "\t"))
