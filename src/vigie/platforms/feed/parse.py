"""Bytes of a feed to posts, purely: `plain` for RSS as most write it, feedparser for the rest however broken, msgspec for JSON Feed.

Native ids (DESIGN §1): what the platform guarantees, so that a WordPress post met by its feed and by its REST interface
is one post; an ActivityPub or AT address; else the canonical link; else the feed's own id; else a hash.
"""

import calendar
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import feedparser
import msgspec
from feedparser.urls import make_safe_absolute_uri

from vigie.collect.columns import TEXT_MOST, instant, table_of_rows
from vigie.collect.source import Page, Parsed, Skipped
from vigie.errors import SkippableError
from vigie.platforms.feed.plain import read
from vigie.schema import ids
from vigie.schema.vocab import Network
from vigie.text.html import text_of

_COMMENT = re.compile(r"#comment-(\d+)$")


def parse(page: Page, *, network: str = Network.FEED.value) -> Parsed:
    """Turn a feed's bytes into posts.

    Raises:
        SkippableError: it is no feed.
    """
    entries, base = _json_entries(page) if _is_json(page) else _xml_entries(page)
    posts: dict[tuple[str, str], dict[str, Any]] = {}
    skipped, repeated = [], 0
    for number, entry in enumerate(entries, start=1):
        row = _row(entry, base, network)
        if row is None:
            skipped.append(Skipped(f"entry {number}", "feed.no_words", "The entry has neither title nor text."))
            continue
        key = (row["origin"], row["native_id"])
        repeated += key in posts
        posts.setdefault(key, row)
    return Parsed(table_of_rows(list(posts.values())), tuple(skipped), repeated)


def _is_json(page: Page) -> bool:
    return "json" in page.media_type.lower() or page.body.lstrip()[:1] == b"{"


def _xml_entries(page: Page) -> tuple[list[dict[str, Any]], str]:
    """Read RSS or Atom."""
    plain = read(page.body, page.media_type)
    if plain is not None:
        return [_of_plain(entry, page.url) for entry in plain[0]], _joined(page.url, plain[1]) or page.url
    return _any_xml_entries(page)


def _any_xml_entries(page: Page) -> tuple[list[dict[str, Any]], str]:
    """Read RSS or Atom however broken; feedparser is given bytes and headers alone, so it asks nobody for anything."""
    # Were it told where the feed lies, it would join each address within to that; of them three are kept.
    headers = {"content-type": page.media_type} if page.media_type else {}
    try:
        # Markup inside an entry is neither shown nor followed: `text_of` leaves out what is no text. Cleaning it here
        # would parse each entry twice more, a third of the time of a feed.
        found = feedparser.parse(page.body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception as exc:  # noqa: BLE001 -- feedparser lets errors of SAX and of codecs through on hostile bytes
        raise SkippableError("The feed can't be read: it is damaged.", code="feed.damaged") from exc
    if not found.get("version") and not found.entries:
        raise SkippableError("This is no feed: it holds neither RSS nor Atom nor JSON Feed.", code="feed.not_a_feed")
    return [_of_xml(entry, page.url) for entry in found.entries], _joined(page.url, found.feed.get("link")) or page.url


def _of_plain(entry: dict[str, Any], url: str) -> dict[str, Any]:
    return {
        **entry,
        "id": entry["id"] if entry["id"] == entry["link"] else _joined(url, entry["id"]),
        "title": _text(entry["title"]),
        "media": [_joined(url, address) for address in entry["media"] if address],
        "language": "",
        "answers": "",
    }


def _of_xml(entry: Any, url: str) -> dict[str, Any]:
    content = next((c.get("value", "") for c in entry.get("content", []) if c.get("value")), "")
    enclosures = [_joined(url, e["href"]) for e in entry.get("enclosures", []) if e.get("href")]
    return {
        "id": _joined(url, entry.get("id")),
        "link": _joined(url, entry.get("link")),
        "title": _text(entry.get("title")),
        "html": str(content or entry.get("summary") or entry.get("description") or ""),
        "author": str(entry.get("author") or "").strip(),
        "at": _instant(entry.get("published_parsed") or entry.get("created_parsed") or entry.get("updated_parsed")),
        "language": str((entry.get("content") or [{}])[0].get("language") or entry.get("language") or ""),
        "media": enclosures,
        "replies": str(entry.get("slash_comments") or entry.get("thr_total") or ""),
        "answers": _thread(entry.get("thr_in-reply-to")),
    }


def _joined(url: str, address: str | None) -> str:
    return make_safe_absolute_uri(url, address) if address else ""


def _thread(found: Any) -> str:
    """Return what an entry answers, by RFC 4685."""
    return str(found.get("ref") or found.get("href") or "") if isinstance(found, Mapping) else ""


def _text(value: Any) -> str:
    return text_of(str(value or ""))


def _instant(parsed: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, TypeError, OverflowError):
        return None


class _Author(msgspec.Struct):
    name: str = ""


class _Item(msgspec.Struct):
    id: str | int | float = ""
    url: str = ""
    external_url: str = ""
    title: str = ""
    content_html: str = ""
    content_text: str = ""
    summary: str = ""
    date_published: str = ""
    language: str = ""
    author: _Author | None = None
    authors: list[_Author] = []
    attachments: list[dict[str, Any]] = []


class _Feed(msgspec.Struct):
    version: str = ""
    home_page_url: str = ""
    items: list[msgspec.Raw] = []


def _json_entries(page: Page) -> tuple[list[dict[str, Any]], str]:
    """Read JSON Feed 1.0 and 1.1 (jsonfeed.org); an item that is none is left empty, and so skipped."""
    try:
        feed = msgspec.json.decode(page.body.removeprefix(b"\xef\xbb\xbf"), type=_Feed)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise SkippableError("This is no feed: its JSON can't be read.", code="feed.json") from exc
    if "jsonfeed.org" not in feed.version:
        raise SkippableError("This is no feed: it holds neither RSS nor Atom nor JSON Feed.", code="feed.not_a_feed")
    return [_of_json(raw) for raw in feed.items], feed.home_page_url or page.url


def _of_json(raw: msgspec.Raw) -> dict[str, Any]:
    try:
        item = msgspec.json.decode(raw, type=_Item, strict=False)
    except msgspec.DecodeError:
        item = _Item()
    authors = [a.name for a in item.authors] or ([item.author.name] if item.author else [])
    return {
        "id": str(item.id),
        "link": item.url or item.external_url,
        "title": item.title,
        "html": item.content_html or item.content_text.replace("&", "&amp;").replace("<", "&lt;") or item.summary,
        "author": authors[0] if authors else "",
        "at": instant(item.date_published),
        "language": item.language,
        "media": [str(a.get("url", "")) for a in item.attachments if a.get("url")],
        "replies": "",
        "answers": "",
    }


def _row(entry: dict[str, Any], base: str, network: str) -> dict[str, Any] | None:
    text, title = text_of(entry["html"])[:TEXT_MOST], entry["title"].strip()
    if not text and not title:
        return None
    link = entry["link"] if "://" in entry["link"] else ""
    origin = ids.origin_of(link or base) if "://" in (link or base) else "feed"
    replies = entry["replies"]
    return {
        "origin": origin or "feed",
        "native_id": native_id(entry["id"], link, entry["author"], entry["at"], text or title),
        "network": network,
        "site": origin or None,
        "url": link or None,
        "title": title or None,
        "text": text,
        "author": entry["author"] or None,
        "lang_claimed": entry["language"] or None,
        "published_at": entry["at"],
        "in_reply_to": entry["answers"] or None,
        "media": entry["media"][:20],
        "replies": int(replies) if replies.isdigit() and len(replies) < 10 else None,  # noqa: PLR2004 -- a billion replies are none
    }


def native_id(given: str, link: str, author: str, at: datetime | None, text: str) -> str:
    """Return the id that the platform guarantees, by what the feed gives."""
    for address in (given, link):
        if comment := _COMMENT.search(address):
            return f"wp:comment:{comment.group(1)}"
    number = parse_qs(urlsplit(given).query).get("p", [""])[0] if given.startswith("http") else ""
    if number.isdigit():
        return f"wp:post:{number}"
    if given.startswith("at://"):
        return given
    if link:
        return ids.canonical_link(link)
    return given or ids.text_id(author or None, at.isoformat() if at else None, text)
