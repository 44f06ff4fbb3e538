"""The flake8 plugin as an editor meets it: python-lsp-server runs flake8 on the text of a document and publishes what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import IO, Any

import pytest

pytest.importorskip("flake8")
pytest.importorskip("pylsp")

PLUGINS = {"flake8": {"enabled": True, "extendSelect": ["MLD"]}} | {
    name: {"enabled": False} for name in ("pycodestyle", "pyflakes", "mccabe", "pylint", "pydocstyle", "autopep8", "yapf", "preload")
}
PATIENCE_SECONDS = 240.0  # after which a server that says nothing is ended, so that the test ends too
TEXT = 'import pandas as pd\n\ntrain = pd.read_csv("/home/erin/train.csv")\nprint(train)\n'


class Server:
    """A language server that speaks JSON-RPC over its standard streams."""

    def __init__(self, folder: Path) -> None:
        # flake8 is taken from the server's own environment: no program has this name
        self._settings = {"pylsp": {"plugins": PLUGINS | {"flake8": PLUGINS["flake8"] | {"executable": "no-flake8-of-this-name"}}}}
        command = [sys.executable, "-m", "pylsp"]
        self._process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._watchdog = Timer(PATIENCE_SECONDS, self._process.kill)
        self._watchdog.start()
        self.send("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}}, number=1)
        next(message for message in self.messages() if message.get("id") == 1)
        self.send("initialized", {})
        self.send("workspace/didChangeConfiguration", {"settings": self._settings})

    def send(self, method: str, parameters: object, number: int | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": parameters} | ({} if number is None else {"id": number})
        body = json.dumps(message).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def messages(self) -> Iterator[dict[str, Any]]:
        """What the server says, until it ends."""
        stream = self._process.stdout
        assert stream is not None
        while headers := list(_headers(stream)):
            (length,) = (int(line.split(b":")[1]) for line in headers if line.lower().startswith(b"content-length"))
            yield json.loads(stream.read(length))

    def diagnostics(self, uri: str) -> list[tuple[int, int, str]]:
        """(line, column, code), both from 0, of what is published next for a document."""
        published = (
            m["params"] for m in self.messages() if m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri
        )
        found = next(published)["diagnostics"]
        return [(one["range"]["start"]["line"], one["range"]["start"]["character"], one["code"]) for one in found]

    def end(self) -> None:
        self._watchdog.cancel()
        self._process.kill()
        self._process.communicate()


def _headers(stream: IO[bytes]) -> Iterator[bytes]:
    while (line := stream.readline()) not in (b"\r\n", b""):
        yield line


def test_an_editor_shows_findings_in_the_text_that_it_holds(tmp_path: Path) -> None:
    (tmp_path / "mldebt.toml").write_text("")
    (tmp_path / "train.py").write_text(TEXT)
    uri = (tmp_path / "train.py").as_uri()
    server = Server(tmp_path)
    try:
        server.send("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": TEXT}})
        assert server.diagnostics(uri) == [(2, 20, "MLD514")]
        server.send(
            "textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": f"# today\n{TEXT}"}]}
        )
        assert server.diagnostics(uri) == [(3, 20, "MLD514")]
    finally:
        server.end()
