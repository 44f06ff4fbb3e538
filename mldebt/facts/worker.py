"""A process that reads files and answers with their facts: one message per file, so that a death costs one file."""

from __future__ import annotations

import gc
import os
import sys
import threading
from pathlib import Path
from typing import BinaryIO

import libcst
import msgspec

from .files import Disk, content_hash, source_of
from .messages import receive, send
from .read import file_facts
from .store import encode_facts

_STACK = 256 * 1024 * 1024


def main() -> None:
    """Answer requests on standard input until it ends."""
    gc.disable()
    libcst.CSTNode.__post_init__ = _trusted  # type: ignore[method-assign, assignment]  # in this process only
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints does not reach the answers
    threading.stack_size(_STACK)
    thread = threading.Thread(target=_serve, args=(questions, answers))
    thread.start()
    thread.join()


def _trusted(_node: libcst.CSTNode) -> None:
    """LibCST checks every node that it makes, those of its own parser too: a fifth of the time it takes, for trees that nobody changes."""


def _serve(questions: BinaryIO, answers: BinaryIO) -> None:
    disk = Disk(Path(sys.argv[1]))
    send(answers, b"ready")
    while (request := receive(questions)) is not None:
        for path, kind, given in msgspec.msgpack.decode(request, type=list[tuple[str, str, bytes | None]]):
            content = source_of(disk, path, kind) if given is None else given
            facts = file_facts(content, kind) if isinstance(content, bytes) else content
            send(answers, content_hash(content).encode() + encode_facts(facts))
