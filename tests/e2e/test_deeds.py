"""What is done on pages, in a real browser: figures that open their posts, keys, undo, what an enemy writes."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from .conftest import Installation, logged_in
from .reached import WINDOW, a_post_to_label

pytestmark = pytest.mark.enable_socket


@pytest.mark.parametrize(
    "path",
    [f"/dashboard/{WINDOW}", f"/watches/{WINDOW}", f"/spaces/{WINDOW}", f"/watches/1/{WINDOW}", f"/spaces/1/{WINDOW}"],
)
def test_every_figure_opens_its_posts_and_the_counts_agree(
    path: str, english: BrowserContext, installation: Installation
) -> None:
    page = english.new_page()
    page.goto(installation.url + path)
    page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    links = page.eval_on_selector_all(
        "main a[href^='/mentions/?']",
        "all => all.map(a => [a.getAttribute('href'), a.textContent.trim(), !!a.closest('[aria-labelledby=voices-title]')])",
    )
    figures = {(href, text): posts for href, text, posts in links if re.fullmatch(r"[\d,]+", text)}
    assert len(figures) >= 1
    different = []
    for (href, text), counts_posts in figures.items():
        answer = page.request.get(installation.url + href)
        found = re.search(r'data-mentions="(\d+)" data-posts="(\d+)"', answer.text())
        assert found is not None, href
        number = int(text.replace(",", ""))
        if number != int(found.group(2 if counts_posts else 1)):
            different.append((href, text, found.groups()))
    page.close()
    assert different == []


def test_share_of_voice_card_opens_the_posts_of_its_subject(
    english: BrowserContext, installation: Installation
) -> None:
    page = english.new_page()
    page.goto(f"{installation.url}/dashboard/{WINDOW}")
    card = page.locator("article.card", has_text="Share of voice").locator("a").first
    row = page.locator("[aria-labelledby=voices-title] tbody tr").first
    n = (
        int(row.locator("td").last.inner_text().replace(",", ""))
        if row.is_visible()
        else int((row.locator("td").last.text_content() or "0").strip().replace(",", ""))
    )
    card.click()
    page.wait_for_url(re.compile("/mentions/"))
    assert page.locator("#counted").get_attribute("data-posts") == str(n)
    page.close()


def test_pages_are_read_without_scripts(chromium: Browser, installation: Installation) -> None:
    context = logged_in(chromium, installation, locale="fr-FR", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{installation.url}/dashboard/{WINDOW}")
    assert page.locator(".chart details[open] table").first.is_visible()
    page.goto(f"{installation.url}/mentions/{WINDOW}")
    page.locator("ol.posts li a").first.click()
    page.wait_for_url(re.compile(r"/mentions/\d+/"))
    assert page.locator("dl.facts").first.is_visible()
    context.close()


def test_list_is_walked_by_keyboard(french: BrowserContext, installation: Installation) -> None:
    page = french.new_page()
    page.goto(f"{installation.url}/mentions/{WINDOW}")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("ol.posts li").nth(1)
    assert second.evaluate("row => row.contains(document.activeElement)")
    page.keyboard.press("Enter")
    page.wait_for_selector("#detail dl.facts")
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    page.close()


def test_query_is_coloured_while_it_is_typed_and_its_fault_told(
    french: BrowserContext, installation: Installation
) -> None:
    page = french.new_page()
    page.goto(f"{installation.url}/watches/add/")
    area = page.locator("textarea[name=expression]")
    area.press_sequentially("serelium AND")
    page.wait_for_selector("#fault[data-fault]")
    assert area.get_attribute("aria-invalid") == "true"
    area.press_sequentially(" vertige* ")
    # Whatever the server has answered by now, the colours are of what stands there.
    assert page.locator("#colours").text_content() == area.input_value()
    page.wait_for_selector("#colours .q-wild")
    page.wait_for_selector("#preview-count")
    assert page.locator("#colours").text_content() == area.input_value()
    assert area.get_attribute("aria-invalid") is None
    assert page.evaluate("document.activeElement.name") == "expression"
    page.close()


def test_one_key_marks_a_mention_and_its_undo_brings_it_back(
    english: BrowserContext, installation: Installation
) -> None:
    page = english.new_page()
    page.goto(f"{installation.url}/mentions/{WINDOW}")
    counted = page.locator("#counted")
    before = int(counted.get_attribute("data-mentions") or 0)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#detail [data-key=x]")
    page.keyboard.press("x")
    page.wait_for_selector(".toast")
    assert int(counted.get_attribute("data-mentions") or 0) == before - 1
    page.locator(".toast form button").first.click()
    page.wait_for_url(re.compile(r"/mentions/\d+/"))
    page.goto(f"{installation.url}/mentions/{WINDOW}")
    assert int(counted.get_attribute("data-mentions") or 0) == before
    page.close()


def test_one_key_corrects_the_tone_of_a_row_and_its_undo_takes_that_back(
    english: BrowserContext, installation: Installation
) -> None:
    page = english.new_page()
    page.goto(f"{installation.url}/mentions/{WINDOW}")
    row = page.locator("[data-row]").nth(1)
    anchor = str(row.get_attribute("id"))
    before = row.locator(".chips").inner_text()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("3")
    page.wait_for_selector(".toast")
    assert page.locator(f"#{anchor} .chip.positive.corrected").count() == 1
    focused = "anchor => document.activeElement.closest('[data-row]')?.id"
    page.wait_for_function(f"{focused} === anchor", arg=anchor)
    page.keyboard.press("j")  # and on with the next one
    assert page.evaluate(focused, anchor) not in (anchor, None)
    page.locator(".toast form button").first.click()
    page.wait_for_url(re.compile(r"/mentions/\d+/"))
    page.goto(f"{installation.url}/mentions/{WINDOW}")
    assert page.locator(f"#{anchor} .chips").inner_text() == before
    page.close()


def test_posts_are_labelled_by_keys_alone(english: BrowserContext, installation: Installation, tmp_path: Path) -> None:
    page = english.new_page()
    page.goto(a_post_to_label(page, installation, tmp_path))
    texts = []
    for key in ("1", "3", "n", "2"):
        texts.append(page.locator("article .text").inner_text())
        page.keyboard.press(key)
        page.wait_for_function("text => document.querySelector('article .text')?.innerText !== text", arg=texts[-1])
    assert len(set(texts)) == 4
    assert "Post 5" in page.locator("article").inner_text()
    page.close()


def test_post_of_an_enemy_is_text_everywhere(
    french: BrowserContext, installation: Installation, tmp_path: Path
) -> None:
    evil = (
        '<script>window.hit=1</script><img src=x onerror="window.hit=1"> sérélium </textarea><svg onload=window.hit=1>'
    )
    file = tmp_path / "evil.ndjson"
    import json

    row = {
        "id": "evil1",
        "text": evil,
        "title": evil,
        "author": evil,
        "url": "javascript:window.hit=1",
        "site": evil,
        "published_at": "2026-10-30T15:30:00Z",
    }
    file.write_text(json.dumps(row) + "\n", "utf-8")
    done = installation.vigie("import", str(file), "--space", "ennemi")
    assert done.returncode == 0, done.stderr
    page = french.new_page()
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    for path in (
        f"/mentions/{WINDOW}",
        f"/mentions/{WINDOW}&order=seen",
        "/watches/add/?q=sérélium",
        f"/dashboard/{WINDOW}",
        f"/spaces/{WINDOW}",
    ):
        page.goto(installation.url + path)
        page.wait_for_timeout(200)
        assert page.evaluate("window.hit") is None
        assert page.locator("main img[src='x'], main script:not([type='application/json']):not([src])").count() == 0
    page.goto(f"{installation.url}/mentions/{WINDOW}")
    link = page.locator("ol.posts li", has_text="window.hit").first.locator("a").first
    page.goto(installation.url + str(link.get_attribute("href")))
    assert page.evaluate("window.hit") is None
    assert page.locator("a[href^='javascript']").count() == 0
    assert "<script>window.hit=1</script>" in page.inner_text("main")
    page.close()
    assert errors == []
