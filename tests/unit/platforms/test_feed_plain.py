"""RSS as its commonest servers write it is read without feedparser, and gives what feedparser gives."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.shared import shared_path

from vigie.collect.source import Page
from vigie.errors import SkippableError
from vigie.platforms.feed import parse as parsing
from vigie.platforms.feed.plain import read

NOW = datetime(2026, 10, 30, tzinfo=UTC)
MEDIA = "application/rss+xml; charset=UTF-8"

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/">
<channel><title>Un site</title><atom:link href="https://site.example/feed/" rel="self" type="application/rss+xml" />
<link>https://site.example</link><description>Un blog</description><lastBuildDate>Fri, 30 Oct 2026 08:00:00 +0000</lastBuildDate>
<language>fr-FR</language><sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>
<generator>https://wordpress.org/?v=6.8</generator>
<image><url>https://site.example/i.png</url><title>Un site</title><link>https://site.example</link><width>32</width></image>
"""
"""As WordPress 6 writes it."""

ITEM = """<item><title>Vertiges &amp; fatigue</title><link>https://site.example/2026/10/vertiges/</link>
<comments>https://site.example/2026/10/vertiges/#comments</comments><dc:creator><![CDATA[Ana]]></dc:creator>
<pubDate>Fri, 30 Oct 2026 08:00:00 +0200</pubDate><category><![CDATA[Santé]]></category>
<guid isPermaLink="false">https://site.example/?p=12</guid><description><![CDATA[<p>Un extrait […]</p>]]></description>
<content:encoded><![CDATA[<p>Depuis <strong>trois</strong> semaines…</p>]]></content:encoded>
<wfw:commentRss>https://site.example/feed/?p=12</wfw:commentRss><slash:comments>4</slash:comments>
<enclosure url="https://site.example/a.mp3" length="12" type="audio/mpeg" /></item>
"""
END = "</channel></rss>"


def page(body: str | bytes, media: str = MEDIA) -> Page:
    whole = body if isinstance(body, bytes) else body.encode()
    return Page("https://site.example/feed/", whole, media, "posts", NOW, "")


def same(body: str | bytes, media: str = MEDIA) -> bool:
    """Hold one reader against the other; say whether the fast one answered."""
    one = page(body, media)
    if read(one.body, one.media_type) is None:
        return False
    assert parsing._xml_entries(one) == parsing._any_xml_entries(one)
    return True


def test_what_wordpress_writes_is_read_fast_and_as_feedparser_reads_it() -> None:
    assert same(HEAD + ITEM + ITEM.replace("12", "13") + END)


@pytest.mark.parametrize("media", ["", "application/xml", "text/xml; charset=utf-8", "text/xml", "text/html", "application/atom+xml"])  # fmt: skip
def test_a_media_type_that_says_another_encoding_takes_feedparser(media: str) -> None:
    assert same(HEAD + ITEM + END, media) == (media in ("", "application/xml", "text/xml; charset=utf-8"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<title>Vertiges", "<title>SÃ©rÃ©lium"), ("Vertiges &amp;", "Vertiges &#150;"), ("<title>V", "<title>&nbsp;V"),
        ("<title>Vertiges", "<title><b>x</b>"), ("<title>Vertiges", '<title type="html">x'), ("Oct 2026", "Okt 2026"),
        ("30 Oct", "31 Feb"), ("Fri, 30 Oct", "30 Oct"), ("+0200", "CEST"), ("https://site.example/2026", "/2026"),
        ("vertiges/</link>", "vertiges/?a=1&amp;b=2</link>"), ("vertiges/</link>", "vertiges/?a=1&amp;b;=2</link>"),
        ("vertiges/</link>", "v%20é</link>"), ("<item>", '<item xml:base="https://autre.example/">'),
        ("</item>", "<title>Deux</title></item>"), ("</item>", "<description>Deux</description></item>"),
        ("</item>", "<author>b@c.example (B)</author></item>"), ("</item>", "<source url='https://x.example/'>x</source></item>"),
        ("</item>", "<dc:date>2026-10-30</dc:date></item>"), ("</item>", "</item><item></item>"), ("</item>", "</item"),
        ("<guid isPermaLink=\"false\">https://site.example/?p=12", "<guid>12"),
        ("<guid isPermaLink=\"false\">https://site.example/?p=12", "<guid>https://site.example/x/"),
        ("<guid isPermaLink=\"false\">https://site.example/?p=12", "<guid isPermaLink=\"false\">abc 12"),
        ("<link>https://site.example/2026/10/vertiges/</link>", ""), ("https://site.example/a.mp3", "/a.mp3"),
        ("<pubDate>Fri, 30 Oct 2026 08:00:00 +0200</pubDate>", ""), ("<slash:comments>4", "<slash:comments>"),
        ("<![CDATA[Ana]]>", ""), ("<p>Depuis", "<p><![CDATA["), ("<description>", "<!-- x --><description>"),
        ("<title>Vertiges", "<title>Ver<!-- x -->tiges<?x y?>"), ("<title>Vertiges", "<title>\t Ver\n tiges"),
    ],
)  # fmt: skip
def test_an_item_that_is_odd_gives_what_feedparser_gives(old: str, new: str) -> None:
    assert old in ITEM
    same(HEAD + ITEM.replace(old, new) + ITEM + END)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"UTF-8"', '"ISO-8859-1"'), ("?>\n<rss", '?><!DOCTYPE rss [<!ENTITY e "x">]>\n<rss'), ('version="2.0"', 'version="0.92"'),
        ("<channel>", '<channel xml:lang="fr">'), ("<link>https://site.example</link>", ""), (' rel="self"', ""),
        ("<link>https://site.example</link>", "<link>/</link>"), ("<title>Un site", "<textInput/><title>Un site"),
    ],
)  # fmt: skip
def test_a_channel_that_is_odd_gives_what_feedparser_gives(old: str, new: str) -> None:
    assert old in HEAD
    same(HEAD.replace(old, new) + ITEM + END)


def test_a_mark_of_order_takes_feedparser() -> None:
    assert not same(b"\xef\xbb\xbf" + (HEAD + ITEM + END).encode())


WORDS = st.text(st.sampled_from("aé <>&;Ã©\x85\x96\u2028\u00a0\n'\"]x1/:?#=œ"), max_size=12)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@settings(max_examples=300, deadline=None)
@given(WORDS, WORDS, WORDS, WORDS)
def test_any_words_are_read_as_feedparser_reads_them(title: str, html: str, author: str, address: str) -> None:
    item = (
        f"<item><title>{escaped(title)}</title><link>https://site.example/{escaped(address)}</link>"
        f"<guid isPermaLink='false'>{escaped(address)}</guid><dc:creator>{escaped(author)}</dc:creator>"
        f"<description>{escaped(html)}</description></item>"
    )
    same(HEAD + item + END)


DECLARED = b'<?xml version="1.0"?>'


def files() -> list[Path]:
    return sorted(shared_path("data/payloads/feeds").rglob("*.xml"))


def test_files_of_feedparsers_suite_are_read_alike() -> None:
    answered = 0
    for path in files():
        try:
            # Each begins with a comment that says what is expected.
            body = re.sub(rb"<!--.*?-->", b"", path.read_bytes(), count=1, flags=re.DOTALL).lstrip()
            answered += same(body if body.startswith(b"<?xml") else DECLARED + body, "application/rss+xml")
        except SkippableError:
            continue
    assert answered >= 20
