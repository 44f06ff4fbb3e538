"""Bytes of a Python file to text: byte order mark, coding line, UTF-8."""

from __future__ import annotations

import codecs
import re

from .guards import RefusedError

_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#[^\r\n]*)?$")


def decoded(data: bytes) -> str:
    """The text of a Python file, without its byte order mark."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise RefusedError("the file is UTF-16; Python source must be UTF-8 or name its encoding")
    nul = data.find(b"\0")
    if nul >= 0:
        raise RefusedError("the file contains NUL bytes", data.count(b"\n", 0, nul) + 1)
    marked = data.startswith(codecs.BOM_UTF8)
    body = data[3:] if marked else data
    encoding = "utf-8" if marked else _declared(body)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        line_start = body.rfind(b"\n", 0, error.start) + 1
        raise RefusedError(
            f"the file is not {encoding} text", body.count(b"\n", 0, error.start) + 1, error.start - line_start + 1
        ) from None
    except (LookupError, UnicodeError, ValueError):
        raise RefusedError(f"the file names an unknown encoding, {encoding!r}") from None
    return text


def _declared(body: bytes) -> str:
    """The encoding that a coding line names, PEP 263."""
    for line in body.split(b"\n", 2)[:2]:
        found = _CODING.match(line)
        if found:
            return _text_encoding(found[1].decode("ascii", "replace"))
        if not _BLANK.match(line.rstrip(b"\r")):
            break
    return "utf-8"


def _text_encoding(name: str) -> str:
    """The name, if it is that of a text encoding (not of a transformation such as `zlib` or `rot13`)."""
    try:
        known = codecs.lookup(name)
    except (LookupError, ValueError):
        raise RefusedError(f"the file names an unknown encoding, {name!r}") from None
    if not getattr(known, "_is_text_encoding", True) or known.name in (
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
    ):
        raise RefusedError(f"the file names an encoding that is not one of text, {name!r}")
    return known.name
