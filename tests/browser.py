"""A headless Chromium spoken to over a pipe, for tests of what a page does; nothing but the standard library and the browser itself."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--hide-scrollbars", "--remote-debugging-pipe", "about:blank",
)  # fmt: skip


def program() -> str | None:
    """The Chromium of this machine, if there is one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Tab:
    """One page of the browser. `errors` are uncaught exceptions and everything the page's policy refused or the console called an error."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back = to, back
        self._number = 0
        self._session = ""
        self._rest = b""
        self._events: list[dict[str, Any]] = []
        self.errors: list[str] = []
        target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")

    def window(self, width: int, height: int, *, dark: bool = False) -> None:
        self._call("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", {"media": "", "features": [scheme, {"name": "prefers-reduced-motion", "value": "reduce"}]})

    def scripts(self, *, on: bool) -> None:
        self._call("Emulation.setScriptExecutionDisabled", {"value": not on})

    def downloads(self, folder: Path) -> None:
        self._call(
            "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder), "eventsEnabled": True}, everywhere=True
        )

    def open(self, path: Path, fragment: str = "") -> None:
        self.visit(path, fragment)
        self.settle()

    def visit(self, path: Path, fragment: str = "") -> None:
        """A fresh page, also where only the fragment is another."""
        for address in ("about:blank", path.resolve().as_uri() + fragment):
            self._call("Page.navigate", {"url": address})
            self.wait_for("Page.loadEventFired")

    def settle(self) -> None:
        """Until the page has laid itself out twice and run what it had put off for less than that."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        answer = self._call("Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True})
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        parameters = {"key": key, "code": key, "windowsVirtualKeyCode": _KEYS.get(key, 0)}
        self._call("Input.dispatchKeyEvent", {"type": "keyDown", **parameters, **({"text": text} if text else {})})
        self._call("Input.dispatchKeyEvent", {"type": "keyUp", **parameters})
        self.settle()

    def write(self, text: str) -> None:
        """Into the element that has the focus."""
        self._call("Input.insertText", {"text": text})
        self.settle()

    def click(self, selector: str) -> None:
        """With the mouse, in the middle of the first element of the selector, scrolled to where it can be seen."""
        self.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center', behavior: 'instant'}})")
        self.settle()
        corner = f"(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        x, y = self.run(corner)
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1})
        self.settle()

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", {"format": "png"})["data"]))

    def paper(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._call("Page.printToPDF", {"printBackground": False})["data"]))

    def wait_for(self, event: str) -> dict[str, Any]:
        while True:
            for index, message in enumerate(self._events):
                if message["method"] == event:
                    return self._events.pop(index)
            self._events.append(self._message())

    def _call(self, method: str, parameters: Mapping[str, Any] | None = None, *, everywhere: bool = False) -> dict[str, Any]:
        self._number += 1
        call = {"id": self._number, "method": method, "params": parameters or {}}
        if self._session and not everywhere:
            call["sessionId"] = self._session
        os.write(self._to, json.dumps(call).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._number:
                assert "error" not in message, message
                return dict(message["result"])
            if "method" in message:
                self._events.append(message)

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            read = os.read(self._back, 1 << 20)
            assert read, "the browser has gone"
            self._rest += read
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        match message.get("method"):
            case "Runtime.exceptionThrown":
                details = message["params"]["exceptionDetails"]
                self.errors.append(details.get("exception", {}).get("description", details["text"]))
            case "Log.entryAdded" if message["params"]["entry"]["level"] == "error":
                self.errors.append(message["params"]["entry"]["text"])
        return message


_KEYS = {"Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40, "ArrowLeft": 37, "ArrowRight": 39, "Tab": 9, " ": 32}


@contextmanager
def tab(found: str, home: Path) -> Iterator[Tab]:
    """A browser with a profile of its own under `home`, ended afterwards."""
    from_us, to, back, from_it = (*os.pipe(), *os.pipe())

    def connect() -> None:
        held = os.dup(from_us), os.dup(from_it)  # neither may be overwritten before it is placed
        os.dup2(held[0], 3)
        os.dup2(held[1], 4)

    process = subprocess.Popen(
        [found, f"--user-data-dir={home}", *_ARGUMENTS],
        preexec_fn=connect, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(from_us)
    os.close(from_it)
    try:
        yield Tab(to, back)
    finally:
        process.terminate()
        process.wait()
        os.close(to)
        os.close(back)
