"""snac2 on loopback: a small server with Mastodon's interface, unpacked by `peers/snac2` into var/peers."""

import json
import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.processes import Server, answers, free_port

SCRIPT = Path(__file__).parent / "peers" / "snac2"
UNPACKED = Path(__file__).parents[2] / "var" / "peers" / "snac2"

THREADS = 32
"""It delivers to itself by HTTP: with its default of 4 threads a burst of posts blocks it (seen)."""

QUEUE = {"queue_timeout": 30, "queue_timeout_2": 30, "queue_retry_minutes": 0, "queue_retry_max": 100}
"""A delivery that a busy machine made wait longer than 6 s would be tried again after minutes (seen): at once instead."""


def program() -> str:
    """Return the program, unpacked on first use; skip where it can't be had, which in CI is a failure."""
    done = subprocess.run([str(SCRIPT), str(UNPACKED)], check=False, capture_output=True, text=True)
    if done.returncode and os.environ.get("CI") == "true":
        pytest.fail(f"snac2 can't be unpacked: {done.stderr[-500:]}")
    if done.returncode:
        pytest.skip(f"snac2 can't be unpacked: {done.stderr[-200:]}")
    return str(UNPACKED / "usr" / "bin" / "snac")


class Snac:
    """A server with two accounts."""

    def __init__(self, folder: Path, port: int = 0, public: int = 0) -> None:
        """Take where it lives.

        Args:
            public: The port in its addresses, where a proxy stands before it.
        """
        self.folder, self.port = folder / "snac", port or free_port()
        self.url, self.host = f"http://localhost:{self.port}", f"localhost:{public or self.port}"
        self.program = program()
        self.passwords: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self._server: Server | None = None
        self._http = httpx.Client(timeout=20)

    def start(self, *accounts: str) -> "Snac":
        """Make it on first use, start it, and log its accounts in."""
        if not self.folder.exists():
            self._make(accounts)
        self._server = Server([self.program, "httpd", str(self.folder)], self.folder.with_suffix(".log"))
        self._server.wait_until(lambda: answers(self.port))
        for name in accounts:
            self.tokens[name] = self._log_in(name)
        return self

    def _make(self, accounts: tuple[str, ...]) -> None:
        asked = f"127.0.0.1\n{self.port}\n{self.host}\n\nadmin@example.test\n"
        self._run("init", str(self.folder), given=asked)
        settings = self.folder / "server.json"
        values = json.loads(settings.read_text())
        settings.write_text(json.dumps({**values, "protocol": "http", "num_threads": THREADS, **QUEUE}))
        for name in accounts:
            said = self._run("adduser", str(self.folder), name)
            found = re.search(r"password\s*(?:for \S+)?\s*(?:is)?:?\s*(\S+)", said)
            assert found, said
            self.passwords[name] = found.group(1)

    def _run(self, *arguments: str, given: str = "") -> str:
        done = subprocess.run([self.program, *arguments], input=given, check=True, capture_output=True, text=True)
        return done.stdout + done.stderr

    def _log_in(self, name: str) -> str:
        """Get a token as an application does: by the form of the server."""
        back = "urn:ietf:wg:oauth:2.0:oob"
        app = self._send("/api/v1/apps", {"client_name": "t", "redirect_uris": back, "scopes": "read write follow"})
        query = {"client_id": app["client_id"], "redirect_uri": back, "response_type": "code", "state": "s"}
        form = self._try(lambda: self._http.get(f"{self.url}/oauth/authorize", params=query, headers=CLOSE)).text
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
        filled = {**hidden, "login": name, "passwd": self.passwords[name]}
        said = self._try(lambda: self._http.post(f"{self.url}/oauth/x-snac-login", data=filled, headers=CLOSE))
        values = {
            "grant_type": "authorization_code", "code": said.text.split("&")[0].strip(), "redirect_uri": back,
            "client_id": app["client_id"], "client_secret": app["client_secret"],
        }  # fmt: skip
        return str(self._send("/oauth/token", values)["access_token"])

    def _send(self, path: str, values: dict[str, Any], name: str = "") -> dict[str, Any]:
        headers = {**CLOSE, **({"Authorization": f"Bearer {self.tokens[name]}"} if name else {})}
        answer = self._try(lambda: self._http.post(self.url + path, data=values, headers=headers))
        answer.raise_for_status()
        return dict(answer.json())

    @staticmethod
    def _try(call: Callable[[], httpx.Response]) -> httpx.Response:
        """Try a few times: it drops about one connection in twenty-five (seen)."""
        for _ in range(5):
            try:
                return call()
            except httpx.TransportError:
                time.sleep(0.2)
        return call()

    def post(self, name: str, text: str, **values: str) -> dict[str, Any]:
        """Publish a post and return it."""
        return self._send("/api/v1/statuses", {"status": text, "visibility": "public", **values}, name)

    def act(self, name: str, status: str, what: str) -> None:
        """Favour, boost… a post."""
        self._send(f"/api/v1/statuses/{status}/{what}", {}, name)

    def stop(self) -> None:
        """Stop it by its process group."""
        if self._server is not None:
            self._server.stop()
            self._server = None


CLOSE = {"Connection": "close"}
