"""The bytes of the repository's files, and which of them a scan has read: its findings rest on these and on no others."""

from __future__ import annotations

from collections.abc import Mapping

from mldebt.analysis.snapshot import Snapshot
from mldebt.facts.files import MOST_BYTES, Tree, content_hash, source_of
from mldebt.facts.types import Unreadable
from mldebt.workspace.headers import MOST_HEADER_BYTES
from mldebt.workspace.types import FileKind


class Reading:
    """Reads files of a snapshot; `hashes` are those of the contents met first."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.tree = snapshot.tree
        self.kinds: Mapping[str, FileKind] = {file.path: file.kind for file in snapshot.workspace.files}
        self.hashes: dict[str, str] = {}

    def content(self, path: str) -> bytes | Unreadable:
        content = content_at(self.tree, path, self.kinds[path])
        self.hashes.setdefault(path, content_hash(content))
        return content

    def text(self, path: str) -> str | None:
        """The text of a file that need not be decoded faithfully, with LF line ends; None where it cannot be read."""
        content = self.content(path)
        if isinstance(content, Unreadable):
            return None
        return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").replace("\r\n", "\n")


def content_at(tree: Tree, path: str, kind: str) -> bytes | Unreadable:
    """The content of any kind of file; what is neither Python nor notebook may be as large as a notebook. Of data it is the beginning."""
    if kind == "data":
        return tree.read(path, MOST_HEADER_BYTES, whole=False)
    return source_of(tree, path, kind if kind in MOST_BYTES else "notebook")
