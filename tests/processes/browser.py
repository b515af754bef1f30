"""A headless Chromium, driven as a person would: by what stands on the screen. For tests against real servers."""
from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import websocket

DESKTOP, PHONE = (1366, 768), (390, 844)
_NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
_LISTENING = "DevTools listening on ws://"
_PATIENCE = 60.0
_BETWEEN_LOOKS = 0.1
# A folder to keep the screenshots in, for the README and the app's page; none are kept without it.
_SCREENSHOTS = os.environ.get("SCREENSHOTS")

# The visible element that matches a selector and contains a text, innermost first.
_FIND = """
(selector, text) => [...document.querySelectorAll(selector)].filter(
    (element) => element.offsetParent !== null && (!text || element.innerText?.includes(text) || element.value === text)
).sort((one, other) => (one.innerText || "").length - (other.innerText || "").length)[0]
"""

# What fades in or slides has ended; what turns forever goes on.
_STILL = """
Promise.allSettled(document.getAnimations().filter(
    (animation) => animation.effect.getComputedTiming().endTime !== Infinity
).map((animation) => animation.finished)).then(() => true)
"""


class Browser:
    """One tab. As a context manager it ends with the block. `problems` are errors that the page logged or threw."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._profile = tempfile.mkdtemp(prefix="chromium-")
        program = next(path for path in map(shutil.which, _NAMES) if path)
        # Chromium's own sandbox does not start for root, nor in most containers.
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en-US"]
        self._process = subprocess.Popen(
            [program, *options, "--remote-debugging-port=0", f"--user-data-dir={self._profile}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self._socket = websocket.create_connection(self._tab_address(), suppress_origin=True, timeout=_PATIENCE)
        self._calls = 0
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")
        self.resize(DESKTOP)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._socket.close()
        self._process.kill()
        self._process.wait()
        self._process.stderr.close()
        shutil.rmtree(self._profile, ignore_errors=True)

    def resize(self, size: tuple[int, int]) -> None:
        width, height = size
        touch = size == PHONE
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=touch)
        self._call("Emulation.setTouchEmulationEnabled", enabled=touch)

    def open(self, address: str) -> None:
        self._call("Page.navigate", url=address)

    def reload(self) -> None:
        """Loads the page anew; returns when the old one is gone."""
        self.run("window.beforeReload = true")
        self._call("Page.reload")
        self._until(lambda: self.run("!window.beforeReload"), "the page again")

    def log_in(self, address: str, login: str, password: str) -> None:
        self.open(f"{address}/web/login")
        self.wait_for("input[name=password]")
        self.type("input[name=login]", login)
        self.type("input[name=password]", password)
        self.click(".oe_login_form button[type=submit]")
        self.wait_for(".o_main_navbar")

    def wait_for(self, selector: str, text: str = "", *, then: str = "", within: float = _PATIENCE) -> None:
        """Returns when such an `element` is on the screen, and done with it what `then` says, before the page can
        change; raises AssertionError with what is there instead."""
        deadline = time.monotonic() + within
        while not self._sees(selector, text, then):
            if time.monotonic() > deadline:
                seen = self.run("document.body.innerText")
                raise AssertionError(f"No {selector!r} with {text!r} on the screen within {within:.0f} s:\n{seen}")
            time.sleep(_BETWEEN_LOOKS)

    def wait_until_gone(self, selector: str, text: str = "", *, within: float = _PATIENCE) -> None:
        deadline = time.monotonic() + within
        while self._sees(selector, text):
            assert time.monotonic() < deadline, f"{selector!r} with {text!r} is still there after {within:.0f} s"
            time.sleep(_BETWEEN_LOOKS)

    def click(self, selector: str, text: str = "") -> None:
        self.wait_for(selector, text, then="element.click()")

    def type(self, selector: str, value: str) -> None:
        """Replaces what stands in an input, and leaves it."""
        self.wait_for(selector, then="element.focus(); element.select()")
        self._call("Input.insertText", text=value)
        self.run("document.activeElement.blur()")

    def text(self, selector: str) -> str:
        """What all elements that match say."""
        return self.run(
            f"[...document.querySelectorAll({json.dumps(selector)})].map((element) => element.innerText).join('\\n')")

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression or block, awaited."""
        answer = self._call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def keep(self, name: str) -> None:
        """A screenshot, where somebody wants to look at them."""
        if _SCREENSHOTS:
            self.screenshot(Path(_SCREENSHOTS) / f"{name}.png")

    def screenshot(self, path: Path) -> None:
        self.run("document.querySelectorAll('.o_loading_indicator').forEach((sign) => (sign.style.display = 'none'))")
        self.run(_STILL)
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                if condition():
                    return
            except AssertionError:
                # The page is being replaced by the next one.
                pass
            assert time.monotonic() < deadline, f"{what}: not within {_PATIENCE:.0f} s"
            time.sleep(_BETWEEN_LOOKS)

    def _sees(self, selector: str, text: str, then: str = "") -> bool:
        found = f"const element = ({_FIND})({json.dumps(selector)}, {json.dumps(text)});"
        try:
            return self.run(f"{{ {found} if (element) {{ {then} }} !!element }}")
        except AssertionError:
            # The page is being replaced by the next one.
            return False

    def _tab_address(self) -> str:
        port = ""
        for line in self._process.stderr:
            if _LISTENING in line:
                port = line.partition(_LISTENING)[2].partition("/")[0].rpartition(":")[2]
                break
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=_PATIENCE) as answer:
            tabs = json.load(answer)
        return next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")

    def _call(self, method: str, **parameters: object) -> dict[str, Any]:
        self._calls += 1
        self._socket.send(json.dumps({"id": self._calls, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            self._note_problem(message)
            if message.get("id") == self._calls:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                return message["result"]

    def _note_problem(self, message: dict[str, Any]) -> None:
        details = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            self.problems.append(str(details["exceptionDetails"].get("exception", details["exceptionDetails"])))
        elif message.get("method") == "Runtime.consoleAPICalled" and details["type"] == "error":
            self.problems.append(str([value.get("value") or value.get("description") for value in details["args"]]))
        elif message.get("method") == "Log.entryAdded" and details["entry"]["level"] == "error":
            self.problems.append(f"{details['entry']['text']} {details['entry'].get('url', '')}")
