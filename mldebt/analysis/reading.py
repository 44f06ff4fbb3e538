"""The bytes of the repository's files, and which of them a scan has read: its findings rest on these and on no others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mldebt.facts.files import content_hash, read_beginning, read_bytes
from mldebt.facts.types import Unreadable
from mldebt.workspace.headers import MOST_HEADER_BYTES
from mldebt.workspace.types import FileKind, Workspace


class Reading:
    """Reads files of a workspace; `hashes` are those of the contents met first."""

    def __init__(self, workspace: Workspace) -> None:
        self.root = workspace.root
        self.kinds: Mapping[str, FileKind] = {file.path: file.kind for file in workspace.files}
        self.hashes: dict[str, str] = {}

    def content(self, path: str) -> bytes | Unreadable:
        content = content_at(self.root, path, self.kinds[path])
        self.hashes.setdefault(path, content_hash(content))
        return content

    def text(self, path: str) -> str | None:
        """The text of a file that need not be decoded faithfully, with LF line ends; None where it cannot be read."""
        content = self.content(path)
        if isinstance(content, Unreadable):
            return None
        return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").replace("\r\n", "\n")


def content_at(root: Path, path: str, kind: str) -> bytes | Unreadable:
    """The content of any kind of file; what is neither Python nor notebook may be as large as a notebook. Of data it is the beginning."""
    if kind == "data":
        return read_beginning(root, path, MOST_HEADER_BYTES)
    return read_bytes(root, path, "python" if kind == "python" else "notebook")
