"""How the command line writes: to stdout, to stderr, to files, with or without colour."""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from mldebt.core import MldebtError
from mldebt.report.wording import visible

Report = Callable[[str, int, int], None]


def say(text: str, keep: str = "") -> None:
    """A line to stderr; whatever a repository put into it cannot steer the terminal, nor forge lines of ours."""
    if sys.stderr is None:  # closed by the caller
        return
    with suppress(OSError):
        print(visible(text, keep), file=sys.stderr, flush=True)  # noqa: T201 - the one place that prints


def require_stdout() -> None:
    """Raises where the caller has closed stdout (`>&-`)."""
    if sys.stdout is None:
        raise MldebtError("standard output is closed; --quiet writes nothing to it")


def write_out(text: str, encoding: str = "utf-8") -> None:
    """Bytes to stdout with LF line ends. A reader that has left is no error; a full disk is."""
    require_stdout()
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode(encoding, "backslashreplace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter complains when it flushes at its end
    except OSError as error:
        raise MldebtError(f"standard output: {error.strerror or error}") from error


def write_file(path: str, text: str) -> None:
    """The whole file or nothing, UTF-8 with LF line ends; devices and pipes are written to as they are."""
    target, data = Path(os.path.realpath(path)), text.encode("utf-8", "backslashreplace")
    try:
        if (descriptor := _descriptor(path)) is not None:
            _write_descriptor(descriptor, data)
            return
        if target.exists() and not target.is_file():
            target.write_bytes(data)
            return
        _replace(target, data)
    except OSError as error:
        raise MldebtError(f"{path}: {error.strerror or error}") from error


_DESCRIPTOR = re.compile(r"/dev/(?:(stdin|stdout|stderr)|fd/(\d{1,9}))|/proc/self/fd/(\d{1,9})")


def _descriptor(path: str) -> int | None:
    """The open file that a path such as `/dev/stdout` stands for, and that of a process substitution."""
    match = _DESCRIPTOR.fullmatch(os.path.abspath(path))  # noqa: PTH100 - links stay links
    if match is None:
        return None
    return ("stdin", "stdout", "stderr").index(match[1]) if match[1] else int(match[2] or match[3])


def _write_descriptor(descriptor: int, data: bytes) -> None:
    """Where the caller left off in it, as for any other program; a reader that has left is no error."""
    with suppress(BrokenPipeError), os.fdopen(os.dup(descriptor), "wb") as stream:
        stream.write(data)


def _replace(target: Path, data: bytes) -> None:
    beside = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}")
    mode = target.stat().st_mode & 0o777 if target.exists() else None
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as stream:
            stream.write(data)
        if mode is not None:
            beside.chmod(mode)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def wants_colour(choice: Literal["auto", "always", "never"]) -> bool:
    """The flag, then FORCE_COLOR and CLICOLOR_FORCE, then NO_COLOR, then what stdout is."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE"):
        return True
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stdout is not None and sys.stdout.isatty() and not _is_plain()


def wants_progress() -> bool:
    return sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("CI") and not _is_plain()


def _is_plain() -> bool:
    """Whether the terminal shows control characters as they are; so does `M-x compile`, whose TERM is that around Emacs."""
    return os.environ.get("TERM") == "dumb" or os.environ.get("INSIDE_EMACS", "").endswith(",compile")


@contextmanager
def progress(wanted: bool) -> Iterator[Report | None]:
    """A bar on stderr while a scan runs. It draws only when told something: its own thread would not survive a fork."""
    if not wanted:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task("", total=None)

        def report(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total or None, refresh=True)

        yield report
