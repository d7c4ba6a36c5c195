"""Every page in a real browser: accessible, at home at 390 px, in both languages, its figures opening their posts."""

import re
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po
from django.urls import Resolver404, URLResolver, get_resolver, resolve
from playwright.sync_api import Browser, BrowserContext, Page
from support.site import Site, running

from vigie.web import i18n

from .conftest import PASSWORD, Installation

pytestmark = pytest.mark.enable_socket

WINDOW = "?from=2026-10-01&to=2026-10-30"
PAGES = (
    f"/dashboard/{WINDOW}", f"/mentions/{WINDOW}", f"/mentions/{WINDOW}&order=seen", "/mentions/?from=2001-01-01&to=2001-01-02",
    "MENTION", "WHY", "/settings/models/", "/annotation/", "/annotation/add/", "SET", "TO LABEL", "AUTHOR", "NAME SHOWN", "/settings/names-shown/", "/settings/keys/", "/settings/retention/", f"/watches/{WINDOW}", f"/watches/1/{WINDOW}", "/watches/add/?q=serelium AND vertige*", "/watches/add/?q=a OR b AND c", "/watches/1/change/", f"/spaces/{WINDOW}", f"/spaces/1/{WINDOW}", "/spaces/log/", "/spaces/add/", "/spaces/recipe/", "/settings/networks/", "SECOND STEP", "/settings/labels/", "/settings/labels/?kind=language&kind=tone&first=2026-10-01&last=2026-10-30", f"/categories/{WINDOW}", f"/categories/2/{WINDOW}", "/categories/2/change/", "/categories/dimensions/add/", "/categories/dimensions/1/", "/categories/dimensions/1/add/?q=serelium AND vertige*", f"/stories/{WINDOW}", f"/stories/{WINDOW}&order=seen", "/stories/?from=2001-01-01&to=2001-01-02", "STORY",
    "/spaces/1/change/", "/lists/", "/search/", "/search/?q=serelium&first=2026-10-01&last=2026-10-30",
    "/search/?q=a OR b AND c&first=2026-10-01&last=2026-10-30", "/lists/add/", "LIST", "/settings/dictionary/", "/settings/dictionary/add/", "ENTRY", "/watches/add/?q=(serelium AND vertige* AND NOT country:be) OR \"mal de tête\"",
    "/catalogue/", "/catalogue/?use=live&section=sources", "/catalogue/proposals/", "/catalogue/proposals/?dismissed=1",
    "/spaces/opml/", "FEEDS", "/start/company/", "/start/names/", "/start/places/", "/start/people/", "/start/review/",
    "/start/done/", "/start/leave/",
    "/accounts/", f"/accounts/1/{WINDOW}", "/accounts/add/", "UNREAD ACCOUNT", "/names/", "/names/?state=ours", "/names/1/", "/names/add/",
    "/imports/", "MAP", "/work/", "/audit/", "/people/", "/settings/", "/methods/", "/account/password/", "/account/log-out/",
    "/nowhere/", "/mentions/?from=hier", "EXPIRED FORM",
)  # fmt: skip
"""What somebody sees who is logged in, errors too."""

STRANGERS_PAGES = (
    "/account/log-in/", "WRONG PASSWORD", "/account/lost-password/", "/account/lost-password/sent/", "NEW PASSWORD",
    "/account/new-password/0-nothing/", "/account/new-password/done/", "/account/closed/", "INVITATION", "/invitation/nothing/",
    "/dashboard/", "/nowhere/",
)  # fmt: skip
"""What somebody sees who is not."""

FOUND = {
    "MENTION": "mentions-detail", "WHY": "mentions-why", "SET": "annotation-detail", "TO LABEL": "annotation-label", "AUTHOR": "authors-detail", "NAME SHOWN": "authors-detail", "MAP": "imports-map", "LIST": "lists-change", "ENTRY": "dictionary-change", "SECOND STEP": "spaces-add", "EXPIRED FORM": "spaces-add", "FEEDS": "spaces-opml", "UNREAD ACCOUNT": "accounts-add", "STORY": "stories-detail",
    "WRONG PASSWORD": "account_login", "NEW PASSWORD": "account_reset_password_from_key", "INVITATION": "people-accept",
}  # fmt: skip
"""Pages whose address is found as a person finds it, by the name of the address."""

NO_PAGES = {
    "home", "look", "choose_brand", "choose_theme", "choose_language", "account_signup", "account_set_password",
    "mentions-newer", "mentions-csv", "mentions-parquet", "mentions-mark", "mentions-unmark",
    "mentions-keep", "mentions-evidence-check", "mentions-evidence-json", "mentions-evidence-picture",
    "categories-close", "categories-reopen", "categories-dimension-close", "categories-dimension-reopen",
    "watches-preview", "watches-close", "watches-reopen", "dictionary-change-back", "lists-close", "lists-reopen", "dictionary-close", "dictionary-reopen", "spaces-read", "spaces-close",
    "spaces-reopen", "spaces-pause", "spaces-go-on", "spaces-notice-seen", "settings-network-withdraw", "settings-network-again", "settings-labels-run", "settings-labels-back", "work-cancel", "work-retry", "people-brand", "people-role", "people-active", "people-withdraw",
    "spaces-opml-undo", "spaces-opml-download", "catalogue-listen", "catalogue-dismiss", "catalogue-restore", "start", "start-skip",
    "settings-models-train", "settings-models-choose", "mentions-correct", "mentions-correct-finding",
    "annotation-csv", "annotation-close", "annotation-reopen", "annotation-say", "annotation-withdraw", "annotation-settle", "annotation-settle-item",
    "annotation-put",
    "authors-name", "settings-keys-rotate", "demo-news", "accounts-figure", "accounts-close", "accounts-reopen", "names-undo", "names-close", "names-reopen",
}  # fmt: skip
"""Addresses that are sent to, give a fragment or a file, lead elsewhere, or are the developers' alone (test_look)."""

FEED = "<rss version='2.0'><channel><title>Un blog</title><item><title>Sérélium</title></item></channel></rss>".encode()
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


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


def address(page: Page, installation: Installation, path: str, tmp_path: Path) -> str:
    """Return the address of a page; those that no rule names are found as a person finds them."""
    if path in FINDERS:
        return FINDERS[path](page, installation, tmp_path)
    return installation.url + path


def a_mention(page: Page, installation: Installation, tmp_path: Path) -> str:
    page.goto(f"{installation.url}/mentions/{WINDOW}")
    return installation.url + str(page.get_attribute("ol.posts li a", "href"))


def a_why(page: Page, installation: Installation, tmp_path: Path) -> str:
    return re.sub(r"/\?.*$", "/why/", a_mention(page, installation, tmp_path))


def a_set(page: Page, installation: Installation, tmp_path: Path) -> str:
    page.goto(f"{installation.url}/annotation/add/")
    page.fill("input[name=name]", f"Tirage {uuid.uuid4().hex[:8]}")
    page.fill("input[name=first]", "2026-10-01")
    page.fill("input[name=last]", "2026-10-30")
    page.fill("input[name=posts]", "5")
    page.click("form.form button.primary")
    page.wait_for_url(re.compile(r"/annotation/\d+/"))
    return page.url


def a_post_to_label(page: Page, installation: Installation, tmp_path: Path) -> str:
    return f"{a_set(page, installation, tmp_path)}label/"


def a_story(page: Page, installation: Installation, tmp_path: Path) -> str:
    page.goto(f"{installation.url}/stories/{WINDOW}&order=seen")
    return installation.url + str(page.get_attribute("ol.posts li a", "href"))


def an_author(page: Page, installation: Installation, tmp_path: Path) -> str:
    page.goto(f"{installation.url}/mentions/{WINDOW}")
    return installation.url + str(page.get_attribute("ol.posts li a.author", "href")) + WINDOW


def a_name_shown(page: Page, installation: Installation, tmp_path: Path) -> str:
    page.goto(an_author(page, installation, tmp_path))
    if page.locator("#name form").count():
        page.check("#name input[value=answer]")
        page.click("#name button.primary")
        page.wait_for_selector("#name .figure")
    return page.url.split("?")[0] + WINDOW


def a_map(page: Page, installation: Installation, tmp_path: Path) -> str:
    file = tmp_path / "posts.csv"
    file.write_text("sentences,day\nUn <b>texte</b>,03/04/2026\n", "utf-8")
    page.goto(f"{installation.url}/imports/")
    page.set_input_files("input[name=file]", str(file))
    page.fill("input[name=title]", "Essai")
    page.click("form.form button.primary")
    page.wait_for_url(re.compile(r"/imports/\d+/"))
    return page.url


def a_list(page: Page, installation: Installation, tmp_path: Path) -> str:
    page.goto(f"{installation.url}/lists/add/")
    page.fill("input[name=name]", f"amis-{page.locator('html').get_attribute('lang')}")
    page.fill("textarea[name=sites]", "forum.example\navis.example")
    page.fill("textarea[name=authors]", "forum.example marie34")
    page.click("form.form button.primary")
    page.wait_for_url(re.compile(r"/lists/\d+/"))
    return page.url


def an_entry(page: Page, installation: Installation, tmp_path: Path) -> str:
    page.goto(f"{installation.url}/settings/dictionary/add/")
    lang = page.locator("html").get_attribute("lang")
    page.fill("input[name=name]", f"Inspiro {lang}")
    page.check("input[name=is_device][value=device]")
    page.fill("textarea[name=spellings]", f"stylo inspiro {lang}\nle petit stylo {lang}")
    page.check("input[name=is_ours]")
    page.click("form.form button.primary")
    page.click(f'td a:text-is("Inspiro {lang}")')
    page.wait_for_url(re.compile(r"/settings/dictionary/\d+/"))
    return page.url


def a_new_password(page: Page, installation: Installation, tmp_path: Path) -> str:
    return installation.vigie("user", "link", "lecture@vaubrun.test").stdout.strip()


def an_invitation(page: Page, installation: Installation, tmp_path: Path) -> str:
    lang = page.evaluate("navigator.language")
    return installation.vigie("user", "add", f"new-{lang}@vaubrun.test").stdout.strip()


FINDERS = {
    "MENTION": a_mention, "WHY": a_why, "SET": a_set, "TO LABEL": a_post_to_label, "AUTHOR": an_author, "NAME SHOWN": a_name_shown, "MAP": a_map, "LIST": a_list, "ENTRY": an_entry, "NEW PASSWORD": a_new_password, "INVITATION": an_invitation, "STORY": a_story,
}  # fmt: skip


def go(page: Page, installation: Installation, path: str, tmp_path: Path, site: Site) -> None:
    """Open a page; those that only a form leads to are reached by their form."""
    if path == "SECOND STEP":
        page.goto(f"{installation.url}/spaces/add/")
        page.fill("input[name=address]", site.says("/feed", body=FEED, Content_Type="application/rss+xml"))
        page.click("form.form button.primary")
        page.wait_for_selector("input[name=title]")
    elif path == "FEEDS":
        page.goto(f"{installation.url}/spaces/opml/")
        feeds = '<opml><body><outline text="Santé"><outline text="Blog" xmlUrl="https://a.example/feed"/></outline></body></opml>'
        page.set_input_files("input[name=file]", {"name": "f.opml", "mimeType": "text/xml", "buffer": feeds.encode()})
        page.click("form.form button.primary")
        page.wait_for_selector("input[name=feed]")
    elif path.startswith("/start/") and path not in ("/start/company/", "/start/done/", "/start/leave/"):
        page.goto(f"{installation.url}/start/company/")
        page.fill("textarea[name=brands]", "Vaubrun\nSouffle")
        page.click("button[value=next]")
        page.wait_for_url("**/start/names/")
        page.fill("textarea[name=competitors]", "Kalmédis")
        page.click("button[value=next]")
        page.wait_for_url("**/start/places/")
        page.fill(
            "textarea[name=others]",
            f"{site.says('/feed', body=FEED, Content_Type='application/rss+xml')} {site.url}/none",
        )
        page.click("button[value=next]")
        page.wait_for_url("**/start/people/")
        page.fill("input[name=email-0]", "nina@example.org")
        page.click("button[value=next]")
        page.wait_for_url("**/start/review/")
        page.goto(installation.url + path)
    elif path == "UNREAD ACCOUNT":
        page.goto(f"{installation.url}/accounts/add/")
        page.fill("input[name=address]", site.says("/nous", body=b"<p>Nous</p>"))
        page.click("form.form button.primary")
        page.wait_for_selector("input[name=name]")
    elif path == "WRONG PASSWORD":
        page.goto(f"{installation.url}/account/log-in/")
        page.fill("input[name=login]", "nobody@vaubrun.test")
        page.fill("input[name=password]", "wrong")
        page.click("form button.primary")
        page.wait_for_selector("[role=alert], .errors")
    elif path == "EXPIRED FORM":
        page.goto(f"{installation.url}/spaces/add/")
        page.evaluate("document.querySelector('form.form [name=csrfmiddlewaretoken]').value = 'x'")
        page.fill("input[name=address]", site.url)
        with page.expect_navigation():
            page.click("form.form button.primary")
        assert page.locator("form.form").count() == 0
    else:
        page.goto(address(page, installation, path, tmp_path))


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


def names() -> set[str]:
    """Return the names of all our addresses."""
    found: set[str] = set()

    def walk(patterns: list[Any]) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns)
            elif pattern.name:
                found.add(pattern.name)

    walk(get_resolver().url_patterns)
    return found


def name_of(path: str) -> str:
    """Return the name of a page's address; none for one that leads nowhere."""
    if path in FOUND:
        return FOUND[path]
    try:
        return str(resolve(path.split("?")[0]).url_name)
    except Resolver404:
        return ""


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
