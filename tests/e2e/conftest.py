"""Fixtures of end-to-end tests: a browser, a blog, web and worker as a user starts them."""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from support.processes import Server, answers, free_port, needs
from support.site import Site, running
from support.wordpress import WordPress

PASSWORD = "vigie-demo-2026"
UNTIL = "2026-10-30T16:00:00+00:00"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    needs("/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def wordpress() -> Iterator[WordPress]:
    """A real blog."""
    with tempfile.TemporaryDirectory(prefix="vigie-wp-", ignore_cleanup_errors=True) as folder:
        blog = WordPress(Path(folder)).start()
        yield blog
        blog.stop()


class Installation:
    """Web and worker of the demo company, started as a user starts them, stopped by their process group."""

    def __init__(self, folder: Path, posts: int, now: str = UNTIL) -> None:
        """Start it; `now` fixes its present, and empty leaves it the machine's."""
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("VIGIE_") and k != "DJANGO_SETTINGS_MODULE"},
            "VIGIE_VAR": str(folder), "VIGIE_LISTEN": f"127.0.0.1:{self.port}",
            "VIGIE_ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
            **({"VIGIE_NOW": now} if now else {}),
        }  # fmt: skip
        command = [sys.executable, "-m", "vigie.cli.main", "demo", "--posts", str(posts)]
        self.server = Server(command, folder / "demo.log", env=self.environment)
        self.server.wait_until(lambda: answers(self.port), seconds=180)

    def has_read(self) -> bool:
        """Say whether the worker has read the demo's news: till then figures may change between two looks at them."""
        with closing(sqlite3.connect(self.folder / "vigie.sqlite3")) as record:
            read = "SELECT 1 FROM vigie_spaceread r JOIN vigie_space s ON s.id = r.space_id WHERE s.kind = 'feed' AND finished_at IS NOT NULL"
            return bool(record.execute(read).fetchone())

    def vigie(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of this installation."""
        command = [sys.executable, "-m", "vigie.cli.main", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """The demo company with 3,000 posts, its present that of the story's end."""
    with tempfile.TemporaryDirectory(prefix="vigie-e2e-", ignore_cleanup_errors=True) as folder:
        running = Installation(Path(folder), posts=3_000)
        running.server.wait_until(running.has_read, seconds=60)
        yield running
        running.server.stop()


def logged_in(
    chromium: Browser, installation: Installation, *, locale: str, who: str = "admin@vaubrun.test", **options: object
) -> BrowserContext:
    context = chromium.new_context(locale=locale, **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{installation.url}/account/log-in/")
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", PASSWORD)
    page.click("form button.primary")
    page.wait_for_url(re.compile(r"/dashboard/"))
    page.close()
    return context


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A site on loopback, which this installation may read."""
    with running() as site:
        site.says("/robots.txt", status=404)
        yield site


@pytest.fixture(scope="module")
def french(chromium: Browser, installation: Installation) -> Iterator[BrowserContext]:
    context = logged_in(chromium, installation, locale="fr-FR")
    yield context
    context.close()


@pytest.fixture(scope="module")
def english(chromium: Browser, installation: Installation) -> Iterator[BrowserContext]:
    context = logged_in(chromium, installation, locale="en-GB")
    yield context
    context.close()
