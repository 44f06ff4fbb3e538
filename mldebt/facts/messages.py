"""Messages between a scan and its workers: a length, then bytes."""

from __future__ import annotations

from typing import BinaryIO


def send(stream: BinaryIO, message: bytes) -> None:
    stream.write(len(message).to_bytes(8, "little") + message)
    stream.flush()


def receive(stream: BinaryIO) -> bytes | None:
    """The next message, or None where the stream ends."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    size = int.from_bytes(head, "little")
    message = stream.read(size)
    return message if len(message) == size else None
