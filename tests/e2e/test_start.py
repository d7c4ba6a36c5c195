"""Leave a real demo by one press, log in to the empty record, and make a company in the first run."""

import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from .conftest import PASSWORD, Installation

pytestmark = pytest.mark.enable_socket
OWN = "une longue phrase à retenir"


@pytest.fixture
def demo() -> Iterator[Installation]:
    """A demo of its own: it does not come back."""
    with tempfile.TemporaryDirectory(prefix="vigie-leave-", ignore_cleanup_errors=True) as folder:
        running = Installation(Path(folder), posts=200)
        yield running
        running.server.stop()


def log_in(page: Page, url: str, email: str, password: str) -> None:
    page.goto(f"{url}/account/log-in/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.click("form button.primary")


def test_demo_is_left_by_one_press_and_a_company_is_made(chromium: Browser, demo: Installation) -> None:
    page = chromium.new_context(locale="fr-FR").new_page()
    log_in(page, demo.url, "admin@vaubrun.test", PASSWORD)
    page.wait_for_url(re.compile("/dashboard/"))
    _the_demo_s_news_are_read(page, demo.url)
    page.goto(f"{demo.url}/settings/")
    page.click("a[href='/start/leave/']")
    page.fill("input[name=name]", "Nina")
    page.fill("input[name=email]", "nina@example.org")
    page.fill("input[name=password]", OWN)
    page.click("form.form button.primary")
    aside = Path(page.locator("code").inner_text())
    until = time.monotonic() + 120
    while (demo.folder / "leave-demo.json").exists() or not aside.exists():
        assert time.monotonic() < until and demo.server.process.poll() is None
        time.sleep(0.2)
    demo.server.wait_until(lambda: _answers(page, demo.url), seconds=120)
    assert (aside / "vigie.sqlite3").exists() and (aside / "secret.key").exists()
    log_in(page, demo.url, "admin@vaubrun.test", PASSWORD)
    assert "/log-in/" in page.url, "the demo's known password opens nothing any more"
    log_in(page, demo.url, "nina@example.org", OWN)
    page.wait_for_url(re.compile("/start/company/"))
    page.fill("textarea[name=brands]", "Vaubrun")
    page.click("button[value=next]")
    page.fill("textarea[name=products-0]", "Sérélium")
    page.click("button[value=next]")
    page.click("button[value=next]")
    page.click("button[value=next]")
    page.wait_for_url(re.compile("/start/review/"))
    assert "rien d’entendu encore" in page.inner_text("main")
    page.dblclick("button[value=create]")
    page.wait_for_url(re.compile("/start/done/"))
    page.goto(f"{demo.url}/watches/")
    assert page.locator("tr[data-row]").count() == 2
    page.goto(f"{demo.url}/mentions/")
    assert page.locator("ol.posts li").count() == 0


def _the_demo_s_news_are_read(page: Page, url: str) -> None:
    """The worker reads what the pages serve, and the log of reads says so."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        page.goto(f"{url}/spaces/log/")
        row = page.locator("main tr", has_text="Les actualités de Vaubrun")
        if row.count() and row.first.locator("td").nth(2).inner_text().strip() == "1":
            return
        time.sleep(0.5)
    raise AssertionError(page.inner_text("main"))


def _answers(page: Page, url: str) -> bool:
    try:
        return page.request.get(f"{url}/account/log-in/").ok
    except Exception:  # noqa: BLE001 -- whatever the browser says of a server that is away
        return False
