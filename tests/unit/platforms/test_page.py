"""A page watched for change: one post, a version per text, nothing when only what surrounds it moved."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.collect.source import Page, Place, Response
from vigie.errors import FatalError, SkippableError
from vigie.platforms.page.client import Watched, packed
from vigie.platforms.page.source import SOURCE

NOW = datetime(2026, 2, 5, 12, tzinfo=UTC)
WORDS = "Le fabricant rappelle un lot de l’inhalateur. Les patients le rapportent en pharmacie, où il est échangé. "


class Site:
    """One page; its surroundings change at every request."""

    def __init__(self, text: str = WORDS * 8) -> None:
        self.text, self.etag, self.n, self.sent = text, "", 0, []  # type: ignore[var-annotated]

    def __call__(self, url: str, *, headers: dict[str, str] | None = None, **_: object) -> Response:
        self.n += 1
        self.sent.append(dict(headers or {}))
        if self.etag and (headers or {}).get("If-None-Match") == self.etag:
            return Response(url, 304, {}, b"")
        html = (
            f"<html><head><title>Rappel de lot</title></head><body><nav>visite {self.n}</nav>"
            f"<article><h1>Rappel</h1><p>{self.text}</p></article><div id='prix'>Prix : {self.text[:9]}</div></body></html>"
        )
        return Response(
            url,
            200,
            {"content-type": "text/html; charset=utf-8", **({"etag": self.etag} if self.etag else {})},
            html.encode(),
        )


def read(site: Site, cursor: str | None, **options: str) -> list[Page]:
    return list(SOURCE.pages(Place("https://www.site.example/avis?utm_source=x", options), cursor, fetch=site, now=NOW))  # type: ignore[arg-type]


def test_changed_text_is_a_version_of_the_same_post() -> None:
    site = Site()
    first = read(site, None)[0]
    assert read(site, first.cursor) == []
    site.text = "Le rappel est levé. " * 30
    second = read(site, first.cursor)[0]
    rows = [SOURCE.parse(p).posts.to_pylist()[0] for p in (first, second)]
    assert rows[0]["native_id"] == rows[1]["native_id"] == "https://site.example/avis"
    assert rows[0]["text"] != rows[1]["text"] and "Le rappel est levé." in rows[1]["text"]
    assert (rows[0]["title"], rows[0]["origin"]) == ("Rappel de lot", "site.example")
    assert "visite" not in rows[0]["text"]
    assert read(site, second.cursor) == []


def test_validators_are_sent_and_unchanged_is_nothing() -> None:
    site = Site()
    site.etag = '"a"'
    first = read(site, None)[0]
    assert read(site, first.cursor) == [] and site.sent[-1] == {"If-None-Match": '"a"'}
    assert len(read(site, first.cursor, selector="#prix")) == 1 and site.sent[-1] == {}


def test_part_under_a_selector_is_watched_alone() -> None:
    site = Site()
    first = read(site, None, selector="#prix")[0]
    assert SOURCE.parse(first).posts["text"].to_pylist() == ["Prix : Le fabric"]
    site.text += "Ajout."
    assert read(site, first.cursor, selector="#prix") == []


def test_selector_that_finds_nothing_is_said_and_the_page_kept() -> None:
    site = Site()
    good = read(site, None, selector="#prix")[0]
    page = read(site, good.cursor, selector=".gone")[0]
    with pytest.raises(SkippableError) as caught:
        SOURCE.parse(page)
    assert (caught.value.code, caught.value.facts["selector"]) == ("page.nothing", ".gone")
    assert (
        SOURCE.parse(SOURCE.mended(page, Place("https://site.example/avis", {"selector": "#prix"}))).posts.num_rows == 1
    )


def test_selector_that_is_no_css_is_fatal() -> None:
    with pytest.raises(FatalError) as caught:
        read(Site(), None, selector="a[")
    assert caught.value.code == "page.selector"


@pytest.mark.parametrize(
    ("media_type", "body", "code"),
    [
        ("application/pdf", b"%PDF", "page.not_text"),
        ("text/html", b"", "page.no_text"),
        ("text/html", b"<p> </p>", "page.no_text"),
    ],
)
def test_what_is_no_text_is_said(media_type: str, body: bytes, code: str) -> None:
    page = Page("https://s.example/", packed(Watched("https://s.example/", ""), body), media_type, "posts", NOW, "")
    with pytest.raises(SkippableError) as caught:
        SOURCE.parse(page)
    assert caught.value.code == code


def test_plain_text_is_a_page_too() -> None:
    body = packed(Watched("https://s.example/n.txt", ""), "Déjà <lu> & su".encode("cp1252"))
    page = Page("https://s.example/n.txt", body, "text/plain; charset=latin-1", "posts", NOW, "")
    assert SOURCE.parse(page).posts["text"].to_pylist() == ["Déjà <lu> & su"]


def test_discover_proposes_pages_with_enough_text() -> None:
    found = SOURCE.discover("https://site.example/avis", fetch=Site(), now=NOW)  # type: ignore[arg-type]
    assert found is not None and (found.kind, found.title) == ("page", "Rappel de lot")
    assert SOURCE.discover("https://site.example/", fetch=Site("Court."), now=NOW) is None  # type: ignore[arg-type]
    assert SOURCE.discover("imap://mail.example/", fetch=Site(), now=NOW) is None  # type: ignore[arg-type]


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_hostile_bytes_are_a_post_or_an_error(body: bytes) -> None:
    for media_type in ("text/html", "", "text/html; charset=utf-7"):
        whole = packed(Watched("https://s.example/", ""), b"<html><body><p>" + body)
        try:
            assert SOURCE.parse(Page("https://s.example/", whole, media_type, "posts", NOW, "")).posts.num_rows == 1
        except SkippableError as error:
            assert error.sentence
