"""Every page in a real browser: accessible, at home at 390 px, in both languages."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, BrowserContext, Page
from support.site import Site

from vigie.web import i18n

from .conftest import Installation
from .reached import NO_PAGES, PAGES, STRANGERS_PAGES, go, name_of, names

pytestmark = pytest.mark.enable_socket

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@cache
def words() -> tuple[frozenset[str], frozenset[str]]:
    """Return messages that say something else in the other language: English ones, French ones."""
    with i18n.FRENCH.open("rb") as file:
        pairs = [
            (m.id, m.string)
            for m in read_po(file)
            if isinstance(m.id, str) and m.id and "%" not in m.id and m.string != m.id
        ]
    long = [(english, french) for english, french in pairs if french and len(english) > 12 and " " in english]
    return frozenset(e for e, _ in long), frozenset(f for _, f in long)


def faults_of(page: Page) -> list[str]:
    """Return what a page does wrong in its present size: axe's violations and a page wider than its window."""
    found = Axe().run(page, options=RULES).response["violations"]
    faults = [f"{rule['id']}: {[node['target'] for node in rule['nodes']][:3]}" for rule in found]
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*faults, *([f"{over} px too wide"] if over > 0 else [])]


def test_every_address_that_is_a_page_is_visited() -> None:
    visited = {name_of(path) for path in (*PAGES, *STRANGERS_PAGES)} - {""}
    assert (names() - NO_PAGES - visited, NO_PAGES & visited, NO_PAGES - names()) == (set(), set(), set())


def wrongs_of(context: BrowserContext, foreign: frozenset[str], open_page: Callable[[Page], None]) -> list[Any]:
    """Visit a page in both sizes and schemes; return faults, errors of its scripts, words of the other language."""
    page = context.new_page()
    errors: list[str] = []
    # A page that is an error is told to the console too.
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" and m.location["url"] != page.url else None)
    page.on("pageerror", lambda e: errors.append(str(e)))
    open_page(page)
    faults = []
    for width, scheme in ((1440, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_timeout(150)
        faults += [f"{width} {scheme}: {fault}" for fault in faults_of(page)]
    shown = page.inner_text("body")
    page.close()
    return [*faults, *errors, *(text for text in foreign if text in shown)]


@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible_fits_390_px_and_is_wholly_translated(
    path: str, french: BrowserContext, english: BrowserContext, installation: Installation, tmp_path: Path, site: Site
) -> None:
    for context, foreign in zip((french, english), words(), strict=True):
        assert wrongs_of(context, foreign, lambda page: go(page, installation, path, tmp_path, site)) == []


@pytest.mark.parametrize("path", STRANGERS_PAGES)
def test_page_of_a_stranger_is_accessible_fits_390_px_and_is_wholly_translated(
    path: str, chromium: Browser, installation: Installation, tmp_path: Path, site: Site
) -> None:
    for locale, foreign in zip(("fr-FR", "en-GB"), words(), strict=True):
        context = chromium.new_context(locale=locale)
        assert wrongs_of(context, foreign, lambda page: go(page, installation, path, tmp_path, site)) == []
        context.close()
