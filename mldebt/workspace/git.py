"""What git knows, asked of the `git` command; nothing of the repository's own git configuration may run or reach the network."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from mldebt.workspace.types import GitFacts

_SECONDS_PER_DAY = 86_400
_WATCHDOG_SECONDS = 120
_GITLINK = b"160000"

# `safe.directory=*` reads clones of other users; so every setting with which a repository could start a program is switched off.
_SETTINGS = (
    "core.quotepath=off",
    "safe.directory=*",
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "core.pager=cat",
    "core.untrackedCache=false",
    "protocol.allow=never",
    "log.showSignature=false",
    "blame.ignoreRevsFile=",
    "gc.auto=0",
)


def git_facts(root: Path) -> GitFacts | None:
    """None where the root lies in no git work tree, nothing of it is in the index of one further up, or there is no `git`."""
    answer = _git(root, "rev-parse", "--is-inside-work-tree", "--is-shallow-repository", "--show-prefix")
    if answer is None:
        return None
    inside, shallow, prefix = (*_text(answer).split("\n"), "", "", "")[:3]
    if inside != "true":
        return None
    tracked = frozenset(_tracked(_git(root, "ls-files", "-z", "--stage") or b""))
    if prefix and not tracked:
        return None
    head = _text(_git(root, "rev-list", "--max-count=1", "--timestamp", "HEAD", "--") or b"").split()
    return GitFacts(
        top_level=not prefix,
        prefix=prefix,
        head=head[1] if head else "",
        head_time=int(head[0]) if head else 0,
        shallow=shallow == "true",
        tracked=tracked,
    )


def last_change(root: Path, git: GitFacts, path: str, first_line: int, last_line: int) -> int | None:
    """Committer time of the newest commit that touched these lines of the file as it lies on disk; None where one is not committed."""
    if not git.head or path not in git.tracked:
        return None
    shift = _shift_to_head(root, path, first_line, last_line)
    if shift is None:
        return None
    lines = f"{first_line + shift},{last_line + shift}"
    blame = _git(root, "blame", "--porcelain", "--no-textconv", "-w", "-L", lines, git.head, "--", path)
    times = [int(line.split()[1]) for line in (blame or b"").split(b"\n") if line.startswith(b"committer-time ")]
    return max(times, default=None)


def history_days(root: Path, git: GitFacts) -> int:
    """Whole days from the oldest root commit to HEAD."""
    if not git.head:
        return 0
    listing = _text(_git(root, "rev-list", "--max-parents=0", "--timestamp", git.head, "--") or b"")
    times = [int(line.split()[0]) for line in listing.splitlines()]
    return max(0, git.head_time - min(times, default=git.head_time)) // _SECONDS_PER_DAY


def days_before_head(git: GitFacts, time: int) -> int:
    """The age of a committer time, in whole days, measured against HEAD and never against today."""
    return max(0, git.head_time - time) // _SECONDS_PER_DAY


def _shift_to_head(root: Path, path: str, first_line: int, last_line: int) -> int | None:
    """How far the lines moved between the file on disk and HEAD; known where they stand before the first or after the last difference."""
    committed = _git(root, "cat-file", "blob", f"HEAD:./{path}")
    try:
        here = (root / path).read_bytes().replace(b"\r\n", b"\n").split(b"\n")
    except OSError:
        return None
    if committed is None or last_line > len(here):
        return None
    there = committed.replace(b"\r\n", b"\n").split(b"\n")
    if here[:last_line] == there[:last_line]:
        return 0
    after = len(here) - first_line + 1
    if after <= len(there) and here[-after:] == there[-after:]:
        return len(there) - len(here)
    return None


def _tracked(listing: bytes) -> Iterator[str]:
    for entry in listing.split(b"\0"):
        mode, _, path = entry.partition(b"\t")
        if path and not mode.startswith(_GITLINK):
            yield _text(path)


def _git(root: Path, *arguments: str) -> bytes | None:
    """The output of a git command that only reads; None if it fails."""
    options = [part for setting in _SETTINGS for part in ("-c", setting)]
    try:
        done = subprocess.run(
            ["git", "--no-pager", "--no-replace-objects", *options, *arguments],
            cwd=root,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_WATCHDOG_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _environment() -> dict[str, str]:
    """Without the GIT_* of a hook that runs us, and without the settings of the person who runs it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name == "GIT_CEILING_DIRECTORIES"}
    return kept | {
        "LC_ALL": "C",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")
