"""Names as a person can read them, whatever bytes they are made of."""

from __future__ import annotations


def printable(path: str) -> str:
    """Control characters and bytes that are not UTF-8 as backslash escapes."""
    return path if path.isprintable() else "".join(c if c.isprintable() else _escape(ord(c)) for c in path)


def is_text(path: str) -> bool:
    """Whether every byte of the name was UTF-8."""
    return not any("\ud800" <= c <= "\udfff" for c in path)


def _escape(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
