"""Every file of feedparser's suite: none crashes, and those well formed give what their own `Expect:` line says.

The lines are Python on feedparser's result. Those on an entry's title, link, id, date, author, text or enclosures are
held against our columns, as plain text; the others speak of what we do not keep, and are counted by why.
"""

import ast
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.shared import shared_path

from vigie.collect.source import Page
from vigie.errors import SkippableError
from vigie.platforms.feed.parse import parse
from vigie.schema.tables import POSTS
from vigie.text.html import text_of

NOW = datetime(2026, 10, 30, tzinfo=UTC)
URL = "http://127.0.0.1:8097/"

KEPT = {"title": "title", "link": "url", "description": "text", "summary": "text", "author": "author"}
"""Fields of feedparser that we keep, by our column."""

_EXPECT = re.compile(rb"Expect:\s*(.*?)\s*(?:-->|$)", re.MULTILINE)
_HEADER = re.compile(rb"Header:\s*Content-type:\s*([^\r\n]+)", re.IGNORECASE)
_FIELD = re.compile(r"""^entries\[(\d+)\](?:\['(\w+)'\]|\.(\w+))(\[0\]\['value'\]|\[0\]\.value)? == (.+)$""", re.DOTALL)


def files() -> list[Path]:
    return sorted(shared_path("data/payloads/feeds/tests").rglob("*.xml"))


def page_of(path: Path) -> Page:
    body = path.read_bytes()
    header = _HEADER.search(body[:2_000])
    return Page(
        URL + path.name, body, header.group(1).decode("ascii", "replace").strip() if header else "", "posts", NOW, ""
    )


def test_every_file_is_read_or_refused_with_a_sentence() -> None:
    outcomes: Counter[str] = Counter()
    for path in files():
        try:
            parsed = parse(page_of(path))
        except SkippableError as error:
            assert error.sentence.endswith(".") and error.code.startswith("feed.")
            outcomes[error.code] += 1
            continue
        assert parsed.posts.schema == POSTS
        assert all(skipped.code for skipped in parsed.skipped)
        outcomes["read"] += 1
    assert sum(outcomes.values()) == 617
    assert outcomes["read"] >= 610, outcomes


def test_same_bytes_give_the_same_posts() -> None:
    for path in files()[::7]:
        try:
            first, second = parse(page_of(path)), parse(page_of(path))
        except SkippableError:
            continue
        assert first.posts.equals(second.posts)


def expectation(line: str) -> tuple[int, str, Any] | str:
    """Return (entry, our column, value) of a line, or why it is not held against us."""
    clause = (
        next((c for c in line.split(" and ") if c.startswith("entries[") and " == " in c), "")
        if "entries" in line
        else ""
    )
    match = _FIELD.match(line.removeprefix("not bozo and ").strip()) or _FIELD.match(clause)
    if match is None:
        return "of the feed, or of more than one thing" if "entries" not in line else "of a part that is not kept"
    name = match.group(2) or match.group(3)
    column = "text" if name == "content" and match.group(4) else KEPT.get(name)
    if column is None or (match.group(4) and name != "content"):
        return "of a field that is not kept"
    try:
        value = ast.literal_eval(match.group(5))
    except (ValueError, SyntaxError):
        return "a value that is computed"
    return int(match.group(1)), column, value


def test_well_formed_files_give_what_they_expect() -> None:
    held, left = 0, Counter[str]()
    faults = []
    for path in files():
        if "wellformed" not in path.parts:
            continue
        found = _EXPECT.search(path.read_bytes())
        line = found.group(1).decode("utf-8", "replace") if found else ""
        wanted = expectation(line)
        if isinstance(wanted, str):
            left[wanted] += 1
            continue
        verdict = _holds(path, *wanted)
        if isinstance(verdict, str):
            left[verdict] += 1
            continue
        held += 1
        if not verdict:
            faults.append((path.name, line))
    print(f"\n{held} expectations held; left out: {dict(left)}")
    assert faults == []
    assert held >= 95


def _holds(path: Path, number: int, column: str, value: Any) -> bool | str:
    if not isinstance(value, str):
        return "a value that is no text"
    try:
        rows = parse(page_of(path)).posts.to_pylist()
    except SkippableError:
        return "no entry has words"
    if number >= len(rows):
        return "an entry without words, which is skipped and counted"
    shown = rows[number][column] or ""
    if column == "url":
        return "a link that is none of the web" if "://" not in value else shown == value
    wanted = text_of(value)
    if column == "text" and not wanted:
        return "markup without words"
    return (
        shown == wanted
        or (column == "author" and shown == value.strip())
        or (column == "text" and wanted in (rows[number]["title"] or ""))
    )


@pytest.mark.parametrize(
    ("given", "link", "expected"),
    [
        ("https://blog.example/?p=123", "https://blog.example/2026/10/titre/", "wp:post:123"),
        ("https://blog.example/?p=123#comment-45", "", "wp:comment:45"),
        ("", "https://blog.example/2026/10/titre/#comment-45", "wp:comment:45"),
        ("at://did:plc:x/app.bsky.feed.post/3k", "https://bsky.example/x", "at://did:plc:x/app.bsky.feed.post/3k"),
        ("tag:x,2026:1", "http://www.blog.example/a?utm_source=x&b=1#c", "https://blog.example/a?b=1"),
        ("tag:x,2026:1", "", "tag:x,2026:1"),
    ],
)
def test_native_id_is_what_the_platform_guarantees(given: str, link: str, expected: str) -> None:
    from vigie.platforms.feed.parse import native_id

    assert native_id(given, link, "", None, "text") == expected


def test_json_feed_gives_its_items_and_skips_what_is_none() -> None:
    body = b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 7, "url": "https://a.example/7", "content_text": "a < b", "date_published": "2026-10-30T08:00:00+01:00", "authors": [{"name": "Zoe"}]}, 4, {"id": "x"}]}'
    parsed = parse(Page("https://a.example/feed.json", body, "application/feed+json", "posts", NOW, ""))
    (row,) = parsed.posts.to_pylist()
    assert (row["text"], row["author"], row["published_at"]) == ("a < b", "Zoe", datetime(2026, 10, 30, 7, tzinfo=UTC))
    assert len(parsed.skipped) == 2


def test_a_date_that_no_calendar_holds_is_absent() -> None:
    body = b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 7, "content_text": "a", "date_published": "0001-01-01T00:00:00+14:00"}]}'
    parsed = parse(Page("https://a.example/feed.json", body, "application/feed+json", "posts", NOW, ""))
    assert parsed.posts["published_at"].to_pylist() == [None]


def test_bomb_of_entities_is_harmless() -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "lol">{lol}]><rss version="2.0"><channel><item><title>&l11;</title></item></channel></rss>'
    try:
        parsed = parse(Page(URL, body.encode(), "application/rss+xml", "posts", NOW, ""))
    except SkippableError:
        return
    assert all(len(row["title"] or "") < 1_000 for row in parsed.posts.to_pylist())


def test_emoji_pictures_become_what_was_written() -> None:
    body = '<rss version="2.0"><channel><item><description>&lt;p&gt;Bravo &lt;img src="https://s.w.org/1f600.svg" alt="😀"&gt;&lt;/p&gt;</description></item></channel></rss>'
    assert parse(Page(URL, body.encode(), "", "posts", NOW, "")).posts["text"].to_pylist() == ["Bravo 😀"]
