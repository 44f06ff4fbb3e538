"""What git knows, asked of the `git` command; nothing of the repository's own git configuration may run or reach the network."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mldebt.core import MldebtError
from mldebt.workspace.printable import printable
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


def named_commit(root: Path, revision: str) -> str:
    """The commit that a revision names; an MldebtError where git knows none."""
    if git_facts(root) is None:
        raise MldebtError(f"{printable(str(root))}: no git repository, so there is no '{printable(revision)}' to compare with")
    named = None if revision.startswith("-") else _git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if named is None:
        raise MldebtError(f"git knows no revision '{printable(revision)}'{_if_shallow(root)}")
    return _text(named).strip()


def common_commit(root: Path, revision: str) -> str:
    """The newest commit that a revision and HEAD have in common; an MldebtError where there is none."""
    common = _text(_git(root, "merge-base", named_commit(root, revision), "HEAD") or b"").strip()
    if not common:
        raise MldebtError(f"'{printable(revision)}' and HEAD have no commit in common{_if_shallow(root)}")
    return common


def _if_shallow(root: Path) -> str:
    shallow = _text(_git(root, "rev-parse", "--is-shallow-repository") or b"").strip() == "true"
    return "; the clone is shallow: fetch all of the history (fetch-depth: 0, git fetch --unshallow)" if shallow else ""


@dataclass(frozen=True, slots=True)
class CommittedFile:
    """`mode` as git writes it; `size` is 0 for what is no blob."""

    path: str
    mode: str
    object_id: str
    size: int


def committed_files(root: Path, commit: str) -> Iterator[CommittedFile]:
    """Every file of a commit below the root."""
    listing = _git(root, "ls-tree", "-r", "-l", "-z", commit)
    if listing is None:
        raise MldebtError(f"git cannot list the files of {commit}")
    for entry in listing.split(b"\0"):
        about, _, path = entry.partition(b"\t")
        if path:
            mode, _, object_id, size = _text(about).split()
            yield CommittedFile(_text(path), mode, object_id, int(size) if size.isdigit() else 0)


class Blobs:
    """Contents of the object store, read from one `git cat-file`, which is started at the first question."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Blobs:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def read(self, object_id: str) -> bytes | None:
        """None where the store has no such blob, as in a partial clone."""
        if self._process is None:
            self._process = subprocess.Popen(
                [*_command(), "cat-file", "--batch"],
                cwd=self._root,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        questions, answers = self._process.stdin, self._process.stdout
        assert questions is not None and answers is not None
        questions.write(f"{object_id}\n".encode())
        questions.flush()
        header = answers.readline().split()
        if len(header) != 3:
            return None
        content = answers.read(int(header[2]))
        answers.read(1)
        return content


def last_change(root: Path, git: GitFacts, path: str, content: bytes, first_line: int, last_line: int) -> int | None:
    """Committer time of the newest commit that touched these lines of the file with this content; None where one is not committed."""
    if not git.head or path not in git.tracked:
        return None
    shift = _shift_to_head(root, git, path, content, first_line, last_line)
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


def _shift_to_head(root: Path, git: GitFacts, path: str, content: bytes, first_line: int, last_line: int) -> int | None:
    """How far the lines moved between the content and HEAD's; known where they stand before the first or after the last difference."""
    committed = _git(root, "cat-file", "blob", f"{git.head}:./{path}")
    here = content.replace(b"\r\n", b"\n").split(b"\n")
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
    try:
        done = subprocess.run(
            [*_command(), *arguments],
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


def _command() -> list[str]:
    return ["git", "--no-pager", "--no-replace-objects", *(part for setting in _SETTINGS for part in ("-c", setting))]


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
