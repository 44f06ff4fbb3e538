"""The text of a config file: decoding, places in it, and the limits every reader keeps."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right

from mldebt.configs.types import ConfigError, Span

MAX_BYTES = 1_000_000
MAX_DEPTH = 100
BEYOND_LIMITS = "beyond the parser's limits"

LINE_BREAK = re.compile(r"\r\n?|\n")


class Places:
    """Lines and columns of the offsets of a text, 1-based, in characters."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(found.end() for found in LINE_BREAK.finditer(text))]

    def at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        line = bisect_right(self.starts, start)
        first = self.starts[line - 1]
        if line == len(self.starts) or end < self.starts[line]:
            return Span(line, start - first + 1, line, end - first + 1)
        return Span(line, start - first + 1, *self.at(end))

    def error(self, reason: str, offset: int) -> ConfigError:
        return ConfigError(reason, *self.at(offset))


def decode(data: bytes, limit: int = MAX_BYTES) -> str:
    """The text of a file without its byte order mark: UTF-8, or UTF-16 where a mark says so."""
    if len(data) > limit:
        raise ConfigError(f"larger than {limit} bytes")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = _decoded(data, "utf-16")
    else:
        text = _decoded(data, "utf-8-sig")
    if (nul := text.find("\0")) >= 0:
        raise Places(text).error("a NUL character", nul)
    return text


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        good = data[: error.start].decode(encoding, errors="ignore")
        raise Places(good).error("not UTF-8" if encoding == "utf-8-sig" else "not UTF-16", len(good)) from None
