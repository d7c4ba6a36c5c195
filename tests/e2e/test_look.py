"""The components in a real browser: policy, accessibility, width, keys, charts."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("playwright")
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from playwright.sync_api import Browser, Error, Page, sync_playwright

from vigie.web import bundle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.enable_socket]

# Playwright's synchronous form runs an event loop in this thread, which Django takes for an asynchronous caller.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

SCREENS = [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    bundle.make_charts(django_settings.VIGIE.var.absolute() / "build" / "assets")
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        except Error:
            pytest.skip("Chromium is not installed (apt install chromium)")
        yield chromium
        chromium.close()


@pytest.fixture
def faults() -> list[str]:
    """Collect what the page complains of: refused by the policy, thrown by a script."""
    return []


@pytest.fixture
def page(
    browser: Browser, live_server: Any, settings: Any, faults: list[str], request: pytest.FixtureRequest
) -> Iterator[Page]:
    settings.DEBUG = True
    scheme, width = getattr(request, "param", SCREENS[0])
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="fr-FR")
    page = context.new_page()
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{live_server.url}/_look/")
    page.wait_for_selector("[data-chart='voice-spec'] svg")
    yield page
    context.close()


@pytest.mark.parametrize("page", SCREENS, indirect=True, ids=lambda screen: f"{screen[0]}-{screen[1]}")
def test_components_have_no_fault_no_axe_violation_and_no_overflow(page: Page, faults: list[str]) -> None:
    found = Axe().run(page)
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert faults == []


def test_chart_is_drawn_in_the_readers_colours_with_its_gaps_hatched(page: Page) -> None:
    fills = page.eval_on_selector_all(
        "[data-chart='daily-spec'] .mark-rect path", "all => all.map(p => p.getAttribute('fill'))"
    )
    assert {"rgb(178, 58, 46)", "rgb(132, 143, 149)", "rgb(36, 103, 163)"} <= set(fills)
    assert fills.count("url(#hatch-daily-spec)") == 2


def test_bar_of_a_chart_opens_its_posts(page: Page) -> None:
    page.locator("[data-chart='daily-spec'] .layer_1_marks path").first.click()
    page.wait_for_url("**/_look/#2026-10-01")


def test_table_of_a_chart_is_folded_with_scripts_and_open_without(
    page: Page, browser: Browser, live_server: Any
) -> None:
    assert page.locator(".chart details[open]").count() == 0
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{live_server.url}/_look/")
    assert plain.locator(".chart details[open] table").count() == 2
    assert plain.locator(".chart details[open] table").first.is_visible()
    context.close()


def test_keys_move_search_and_tell(page: Page) -> None:
    page.keyboard.press("j")  # from the row that is open, the first
    assert page.evaluate("document.activeElement.textContent") == "Dr Lise A."
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "Papillon38"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.type("j?")
    assert page.input_value("[data-search]") == "j?"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("dialog#keys").is_visible()


def test_menu_closes_when_one_looks_elsewhere(page: Page) -> None:
    page.click("text=30 derniers jours")
    assert page.locator("text=90 derniers jours").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("text=90 derniers jours").is_visible()


def test_focus_is_seen_and_first_leads_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
