"""The few forms of Markdown that pages of checks use, as HTML in which everything else is escaped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from markupsafe import Markup, escape

_ITEM = re.compile(r"(?:[*-]|\d+[.)])\s+(.*)", re.DOTALL)
_HEADING = re.compile(r"#{1,6}\s+(.*)")
_LINK = re.compile(r"\[([^\]\n]*)\]\(([^)\s]*)\)")
_EMPHASIS = (
    (re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", re.DOTALL), r"<strong>\1</strong>"),
    (re.compile(r"(?<!\*)\*(?=[^\s*])([^*]+?)(?<=\S)\*(?!\*)"), r"<em>\1</em>"),
)


def to_html(text: str) -> Markup:
    """Headings, paragraphs, code, lists, emphasis; links are written out, because the report stands alone."""
    return Markup("\n").join(_blocks(text.splitlines()))


def _blocks(lines: list[str]) -> Iterator[Markup]:
    index = 0
    while index < len(lines):
        line = lines[index]
        if not line.strip():
            index += 1
        elif line.startswith("```"):
            end = next((number for number in range(index + 1, len(lines)) if lines[number].startswith("```")), len(lines))
            yield _code(lines[index + 1 : end])
            index = end + 1
        elif line.startswith("    "):
            end = _end(lines, index, lambda line: line.startswith("    ") or not line.strip())
            yield _code([line[4:] for line in lines[index:end]])
            index = end
        elif heading := _HEADING.match(line):
            yield Markup("<h4>{}</h4>").format(_inline(heading[1]))
            index += 1
        else:
            end = _end(lines, index, lambda line: bool(line.strip()) and not _HEADING.match(line) and not line.startswith("```"))
            yield _list(lines[index:end]) if _ITEM.match(line) else Markup("<p>{}</p>").format(_inline("\n".join(lines[index:end])))
            index = end


def _end(lines: list[str], index: int, belongs: Callable[[str], bool]) -> int:
    return next((number for number in range(index + 1, len(lines)) if not belongs(lines[number])), len(lines))


def _code(lines: list[str]) -> Markup:
    return Markup('<pre class="code plain">{}</pre>').format("\n".join(lines).strip("\n"))


def _list(lines: list[str]) -> Markup:
    """A line that starts no item of its own goes on with the item before."""
    tag = "ol" if lines[0][0].isdigit() else "ul"
    items: list[str] = []
    for line in lines:
        if item := _ITEM.match(line):
            items.append(item[1])
        else:
            items[-1] += f"\n{line.strip()}"
    return Markup("<{0}>{1}</{0}>").format(Markup(tag), Markup("").join(Markup("<li>{}</li>").format(_inline(item)) for item in items))


def _inline(text: str) -> Markup:
    """Code spans first: nothing inside them means anything."""
    parts = re.split(r"(`+)(.+?)(?<!`)\1(?!`)", text, flags=re.DOTALL)
    html = Markup("")
    for index in range(0, len(parts), 3):
        html += _emphasised(parts[index])
        if index + 2 < len(parts):
            html += Markup("<code>{}</code>").format(parts[index + 2].strip())
    return html


def _emphasised(text: str) -> Markup:
    html = str(escape(_LINK.sub(lambda link: f"{link[1]} ({link[2]})", text)))
    for pattern, replacement in _EMPHASIS:
        html = pattern.sub(replacement, html)
    return Markup(html)
