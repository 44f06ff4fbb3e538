"""Config keys that something other than Python reads: `yq`, `jq`, and the `${a.b}` of stage files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from mldebt.declarations.shell_words import simple_commands
from mldebt.workspace.kinds import kind_of

_TOOLS = frozenset({"yq", "jq", "dasel", "tomlq"})
_KEY_PATH = re.compile(r"(?<![\w\])\"'])\.((?:[A-Za-z_][\w-]*|\"[^\"]+\")(?:\[\d*\])?(?:\.(?:[A-Za-z_][\w-]*|\"[^\"]+\")(?:\[\d*\])?)*)")
_TEMPLATE_KEY = re.compile(r"\$\{\s*([A-Za-z_][\w-]*(?:(?:\.[\w-]+)|\[\d+\])*)\s*\}")
_INDEX = re.compile(r"\[\d*\]")


def shell_key_readers(texts: Mapping[str, str]) -> frozenset[str]:
    """Dotted keys, without saying of which file; indices are left out."""
    return frozenset(key for path in sorted(texts) for key in _keys(path, texts[path]))


def _keys(path: str, text: str) -> Iterator[str]:
    is_stage_file = kind_of(path) == "dvc"
    for match in _TEMPLATE_KEY.finditer(text):
        if is_stage_file or "." in match.group(1):
            yield _INDEX.sub("", match.group(1))
    if not any(tool in text for tool in _TOOLS):
        return
    for line in text.replace("\\\n", " ").splitlines():
        if any(tool in line for tool in _TOOLS):
            for command in simple_commands(line.replace("$(shell", "$(")):
                yield from _queried(command.words)


def _queried(words: tuple[str, ...]) -> Iterator[str]:
    """The key paths in the words behind the tool, wherever it stands in the command."""
    at = next((at for at, word in enumerate(words) if posixpath.basename(word) in _TOOLS), len(words))
    for word in words[at + 1 :]:
        if not word.startswith(("./", "../", "/")):
            yield from (_INDEX.sub("", match.group(1)).replace('"', "") for match in _KEY_PATH.finditer(word))
