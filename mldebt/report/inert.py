"""Text of a repository in Markdown: what might be markup, a link or a mention stands in a code span, where nothing has a meaning.

Escapes alone do not do: hosts look for `@names`, issue numbers and addresses in the finished page, but never inside code.
"""

from __future__ import annotations

import re

from mldebt.report.wording import visible

_BEFORE, _AFTER = "'\"(", "'\").,;:?!…"
_PLAIN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d{1,6}(?:,\d{3})*|[^\W\d_](?:\.[^\W\d_])+|[-+=%&/–—×→]")
_COMMIT = re.compile(r"[0-9a-f]{7,}", re.IGNORECASE)
_BACKTICKS = re.compile(r"`+")


def code(text: str) -> str:
    """The text as a code span. A bar would end a cell of a table even there, so it stands between two spans."""
    return "&#124;".join(_span(part) for part in visible(text).split("|"))


def _span(text: str) -> str:
    if not text:
        return ""
    fence = "`" * (max(map(len, _BACKTICKS.findall(text)), default=0) + 1)
    padding = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def inert(text: str) -> str:
    """A text in one line: plain words as they are, everything else as code; what stands in 'quotes' is code too, without them."""
    return " ".join(_word(word) for word in visible(text).split())


def _word(word: str) -> str:
    before = word[: len(word) - len(word.lstrip(_BEFORE))]
    core = word[len(before) :].rstrip(_AFTER)
    after = word[len(before) + len(core) :]
    while after and core.count("(") > core.count(")"):
        core, after = core + after[0], after[1:]
    if core and before.endswith("'") and after.startswith("'"):
        return f"{before[:-1]}{code(core)}{after[1:]}"
    return f"{before}{core if _is_plain(core) else code(core)}{after}"


def _is_plain(core: str) -> bool:
    return not core or (_PLAIN.fullmatch(core) is not None and _COMMIT.fullmatch(core) is None)
