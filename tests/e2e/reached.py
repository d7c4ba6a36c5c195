"""How each page is reached: by its address, or as a person comes to it."""

import re
import uuid
from pathlib import Path
from typing import Any

from django.urls import Resolver404, URLResolver, get_resolver, resolve
from playwright.sync_api import Page
from support.site import Site

from .conftest import Installation

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
