"""A real WordPress, a real browser: a visitor's comment is in the list of mentions within ten seconds."""

import re
import time

import pytest
from playwright.sync_api import Browser, Page, expect
from support.wordpress import WordPress

from .conftest import PASSWORD, Installation

pytestmark = pytest.mark.enable_socket


def log_in(page: Page, installation: Installation, who: str = "communaute@vaubrun.test") -> None:
    page.goto(f"{installation.url}/account/log-in/")
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", PASSWORD)
    page.click("form button.primary")
    page.wait_for_url(re.compile(r"/dashboard/"))


def test_visitors_comment_is_a_mention_within_ten_seconds_of_read_now(
    chromium: Browser, installation: Installation, wordpress: WordPress
) -> None:
    post = wordpress.publish("Nos ateliers du souffle", "<p>Venez nombreux &amp; curieux 😀</p>")
    context = chromium.new_context(locale="fr-FR")
    page = context.new_page()
    log_in(page, installation)
    page.goto(f"{installation.url}/spaces/add/")
    page.fill("input[name=address]", wordpress.url)
    page.click("form.form button.primary")
    page.wait_for_selector("select[name=ownership]")
    assert "commentaires" in page.inner_text(".banner.brand")
    page.click("form.form button.primary")
    page.wait_for_url(re.compile(r"/spaces/\d+/"))
    space = page.url
    expect(page.locator("#reads tbody tr").first).to_contain_text("tout a été lu", timeout=20_000)

    wordpress.comment(post, "Zoe", "Depuis le Sérélium des vertiges tourbillonnants <script>alert(1)</script>")
    page.goto(space)
    page.click("button[data-key=r]")
    pressed = time.monotonic()
    while time.monotonic() - pressed < 10:
        page.goto(f"{installation.url}/mentions/")
        if page.locator("ol.posts li", has_text="tourbillonnants").locator("mark", has_text="Sérélium").count():
            break
        time.sleep(0.3)
    waited = time.monotonic() - pressed
    assert waited < 10
    first = page.locator("ol.posts li").first
    expect(first).to_contain_text("vertiges tourbillonnants")
    assert page.locator("ol.posts script").count() == 0
    first.locator("a").first.click()
    expect(page.locator("#detail")).to_contain_text("vertiges tourbillonnants", timeout=5_000)
    context.close()
    assert '"agrees": false' not in installation.vigie("check", "--json").stdout
