"""The page of a space at each moment of a peer's faults, in a real browser: its state and its sentence are true.

`SPACE_PICTURES=docs/screenshots` saves the pictures of the manual: `make screenshots` does.
"""

import os
import re
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from support import faulty
from support.faulty import FaultyProxy
from support.processes import free_port
from support.screenshots import save
from support.snac import Snac

from .conftest import PASSWORD, Installation

pytestmark = pytest.mark.enable_socket

POSTS = 45
"""Two pages of its interface: enough for a slow answer to be seen under way."""

HOST = "127.0.0.1"
"""As the pages name the peer."""

PATIENCE_S = 30
"""Seconds that a read may take on a machine that does much else."""

KEPT = {"slow-en", "cut-en", "429-retry-en", "401-en", "401-fr", "back-fr"}
"""The pictures that `docs/how-to/when-a-space-fails.md` shows."""

PICTURES = os.environ.get("SPACE_PICTURES", "")


class Front(FaultyProxy):
    """As the web server before it: lets robots in, which snac2 by itself keeps out of everything."""

    def _answer(self, client: socket.socket, head: bytes) -> None:
        if self.mode in ("pass", "slow") and head.startswith(b"GET /robots.txt "):
            client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        else:
            super()._answer(client, head)


@pytest.fixture(scope="module")
def peer() -> Iterator[tuple[Snac, FaultyProxy]]:
    with (
        tempfile.TemporaryDirectory(prefix="vigie-told-", ignore_cleanup_errors=True) as folder,
        Front(free_port()) as proxy,
    ):
        snac = Snac(Path(folder), port=proxy.upstream_port, public=proxy.port)
        snac.host = f"{HOST}:{proxy.port}"
        snac.start("alice")
        for number in range(POSTS):
            snac.post("alice", f"souffle {number} #souffle " + "mot " * 100)
        yield snac, proxy
        snac.stop()


@pytest.fixture(scope="module")
def real_time() -> Iterator[Installation]:
    """A small demo company in the machine's present."""
    with tempfile.TemporaryDirectory(prefix="vigie-told-", ignore_cleanup_errors=True) as folder:
        running = Installation(Path(folder), posts=300, now="")
        yield running
        running.server.stop()


class Eyes:
    """One reader of the page in each language."""

    def __init__(self, chromium: Browser, url: str) -> None:
        self.url = url
        self.contexts: list[BrowserContext] = []
        self.french, self.english = (self._logged_in(chromium, locale) for locale in ("fr-FR", "en-GB"))

    def _logged_in(self, chromium: Browser, locale: str) -> Page:
        context = chromium.new_context(locale=locale, viewport={"width": 1280, "height": 800})
        self.contexts.append(context)
        page = context.new_page()
        page.goto(f"{self.url}/account/log-in/")
        page.fill("input[name=login]", "communaute@vaubrun.test")
        page.fill("input[name=password]", PASSWORD)
        page.click("form button.primary")
        page.wait_for_url(re.compile(r"/dashboard/"))
        return page

    def add(self, address: str, token: str) -> None:
        """Make a space of an address, and go to its page."""
        page = self.french
        page.goto(f"{self.url}/spaces/add/")
        page.fill("input[name=address]", address)
        page.click("form.form button.primary")
        assert page.locator("select[name=ownership]").count(), page.inner_text("main")
        if page.locator("input[name=token]").count():
            page.fill("input[name=token]", token)
        page.click("form.form button.primary")
        page.wait_for_url(re.compile(r"/spaces/\d+/"))
        self.space = page.url
        self.reads = 1

    def read_now(self) -> None:
        """Press “Read now”."""
        self.french.goto(self.space)
        self.french.click("button[data-key=r]")
        self.reads += 1

    def sees(
        self, name: str, french: tuple[str, ...], english: tuple[str, ...], *, state: tuple[str, str] | None
    ) -> None:
        """Wait for the read to end, then hold the page against what is true, in both languages."""
        self._wait(under_way=False)
        self.look(name, french, english, state=state)

    def _wait(self, *, under_way: bool) -> None:
        until = time.monotonic() + PATIENCE_S
        while True:
            # The part that the page asks for by itself: no browser has to draw it each time.
            part = self.french.context.request.get(self.space, headers={"HX-Request": "true"}).text()
            rows = part.partition("<tbody>")[2].split("</tr>")
            if len(rows) > self.reads and ("en cours" in rows[0]) == under_way:
                return
            assert time.monotonic() < until, part
            time.sleep(0.1)

    def look(
        self, name: str, french: tuple[str, ...], english: tuple[str, ...], *, state: tuple[str, str] | None
    ) -> None:
        """Hold the page against what is true, in both languages."""
        for page, language, words, n in ((self.french, "fr", french, 0), (self.english, "en", english, 1)):
            page.goto(self.space)
            text = page.inner_text("main").replace("\u00a0", " ").replace("\u202f", " ")
            if PICTURES and f"{name}-{language}" in KEPT:
                save(page.screenshot(), Path(PICTURES) / f"space-{name}-{language}.webp")
            if state:
                assert page.inner_text("dl.facts dd .chip") == state[n], text
            assert name == "slow" or ("Lecture en cours", "Being read")[n] not in text, text
            for sentence in words:
                assert sentence in text, (name, sentence, text)


def test_the_page_of_a_space_tells_each_fault_while_it_lasts(
    chromium: Browser, real_time: Installation, peer: tuple[Snac, FaultyProxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    snac, proxy = peer
    eyes = Eyes(chromium, real_time.url)
    eyes.add(f"http://{snac.host}/@alice", snac.tokens["alice"])
    heard = ("entendu", "heard")
    eyes.sees("heard", ("tout a été lu",), ("all was read",), state=heard)

    monkeypatch.setattr(faulty, "SLOW_S", 0.1)
    proxy.mode = "slow"
    snac.post("alice", "lentement")
    eyes.read_now()
    eyes._wait(under_way=True)
    eyes.look("slow", ("en cours",), ("under way", "Being read"), state=heard)
    eyes.sees("after-slow", ("tout a été lu",), ("all was read",), state=heard)

    limited = ("limité", "limited")
    for mode, french, english, state in (
        ("cut", f"La réponse de {HOST} s’est interrompue.", f"The answer of {HOST} broke off.", limited),
        ("429-retry", f"{HOST} demande de revenir plus tard (429)", f"{HOST} asks to come back later (429)", limited),
        ("401", f"{HOST} demande une connexion (401)", f"{HOST} asks for a log-in (401)", ("connexion expirée", "log-in expired")),
        ("down", f"{HOST} est injoignable", f"{HOST} can't be reached", limited),
    ):  # fmt: skip
        proxy.mode = mode
        eyes.read_now()
        eyes.sees(mode, (french,), (english,), state=state)

    snac.stop()
    proxy.mode = "pass"
    snac.start()
    snac.post("alice", "après la panne")
    eyes.read_now()
    eyes.sees("back", ("tout a été lu",), ("all was read",), state=heard)
    assert '"agrees": false' not in real_time.vigie("check").stdout
    new = eyes.french.locator("#reads tbody tr td:nth-child(3)").all_inner_texts()
    assert sum(map(int, new)) == POSTS + 2, "every post is there once"
