"""Forums, videos and voting sites: pages of our doubles, parsed beside what stands there without us.

The Python clients of Discourse (pydiscourse) and Lemmy (pythorhead) answer what `response.json()` gives and read nothing
of it: no text of the HTML, no date, no row; PeerTube has no client of its own in Python. Their work is the line “bare
JSON”, which has no goal. The peer is what somebody who has such a client must still write to hold a post: the same
fields of each item, dates read, the text of its HTML by lxml's `text_content` (no line between paragraphs, no
spaces joined: less work than ours).
"""

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from goals import Goal
from lxml import html

from collecting import beside

PARAGRAPHS = (
    '<p>Depuis que je prends du <strong>Sérélium</strong>, j’ai des vertiges &amp; des nausées le matin {n}.</p>\n'
    '<blockquote><p>Et <a href="https://sante.example/fil/{n}" class="mention">@ana</a> dit que non.</p></blockquote>\n'
    '<p>Le médecin propose d’attendre<br>avant de changer de dose.</p>'
)  # fmt: skip
"""A post of usual length; invented."""

POSTS = 100
"""Posts of a page."""

NOW = datetime(2026, 10, 30, tzinfo=UTC)


def _page(url: str, body: bytes, part: str, media: str = "application/json") -> Any:
    from vigie.collect.source import Page

    return Page(url, body, media, part, NOW, "")


def _body(value: Any, host: str) -> bytes:
    """Return an answer as a server on the web gives it: its addresses have a name and no port."""
    return re.sub(rb"http://(?:127\.0\.0\.1|localhost):\d+", f"https://{host}".encode(), json.dumps(value).encode())


def _text(source: str) -> str:
    return str(html.fromstring(source).text_content())


def _measure(
    what: str, parse: Callable[[Any], Any], page: Any, body: bytes, by_hand: Callable[[bytes], list[Any]]
) -> list[Goal]:
    rows = parse(page).posts.num_rows
    assert rows == len(by_hand(body)), (what, rows)
    return beside(what, 20 * rows, lambda: [parse(page) for _ in range(20)], {
        "the same fields by hand": lambda: [by_hand(body) for _ in range(20)],
        "bare JSON, nothing read (no goal)": lambda: [json.loads(body) for _ in range(20)],
    })  # fmt: skip


def discourse() -> list[Goal]:
    """A topic of a hundred posts."""
    from support.discourse import Discourse

    from vigie.platforms.discourse.parse import parse

    double = Discourse()
    topic = double.topic("Vertiges", PARAGRAPHS.format(n=0))
    for n in range(1, 20):
        double.reply(topic, PARAGRAPHS.format(n=n), to=1)
    value = double.value(f"/t/{topic}.json", {})[1]
    for n, post in enumerate(value["post_stream"]["posts"]):
        post["cooked"] = PARAGRAPHS.format(n=n)  # the double puts all into one paragraph

    def by_hand(body: bytes) -> list[Any]:
        found = json.loads(body)
        return [
            (p["id"], p["topic_id"], p["post_number"], found["title"], _text(p["cooked"]), p["username"], p.get("name"),
             datetime.fromisoformat(p["created_at"]), p.get("reply_to_post_number"), p.get("reply_count"),
             [i.get("src") for i in html.fromstring(p["cooked"]).iter("img")] if "<img" in p["cooked"] else [])
            for p in found["post_stream"]["posts"]
        ]  # fmt: skip

    body = _body(value, "forum.example")
    return _measure(
        "Discourse, a topic to a table",
        parse,
        _page(f"https://forum.example/t/{topic}.json", body, "topic"),
        body,
        by_hand,
    )


def peertube() -> list[Goal]:
    """A page of comments."""
    from support.peertube import PeerTube

    from vigie.platforms.peertube.parse import parse

    double = PeerTube()
    video = double.video("Vertiges", "x")
    for n in range(POSTS):
        double.comment(video, PARAGRAPHS.format(n=n))
    value = double.value(f"/api/v1/videos/{video}/comment-threads", {"count": [str(POSTS)], "start": ["0"]})[1]

    def by_hand(body: bytes) -> list[Any]:
        return [
            (c["id"], c["url"], _text(c["text"]), c["account"]["name"], c["account"]["host"], c["account"]["displayName"],
             datetime.fromisoformat(c["createdAt"]), c.get("inReplyToCommentId"), c.get("totalReplies"))
            for c in json.loads(body)["data"]
        ]  # fmt: skip

    body = _body(value, "tube.example")
    page = _page("https://tube.example/api/v1/videos/x/comment-threads#https://tube.example/w/x", body, "threads")
    return _measure("PeerTube, comments to a table", parse, page, body, by_hand)


def lemmy() -> list[Goal]:
    """A page of posts, in Markdown."""
    from support.lemmy import Lemmy

    from vigie.platforms.lemmy.parse import parse

    double = Lemmy()
    for n in range(50):
        double.post(f"Vertiges {n}", _text(PARAGRAPHS.format(n=n)))
    value = double.value("/api/v3/post/list", {"limit": ["50"]})[1]

    def by_hand(body: bytes) -> list[Any]:
        return [
            (v["post"]["ap_id"], v["post"]["name"], v["post"].get("body"), v["post"].get("url"), v["creator"]["name"],
             v["creator"]["actor_id"], v["creator"].get("display_name"), datetime.fromisoformat(v["post"]["published"]),
             v["counts"]["upvotes"], v["counts"]["comments"], v["post"].get("thumbnail_url"))
            for v in json.loads(body)["posts"]
        ]  # fmt: skip

    body = _body(value, "lemmy.example")
    return _measure(
        "Lemmy, posts to a table", parse, _page("https://lemmy.example/api/v3/post/list", body, "posts"), body, by_hand
    )


def html_to_text() -> list[Goal]:
    """The text of a post alone, beside lxml's."""
    from vigie.text.html import text_of

    posts = [PARAGRAPHS.format(n=n) for n in range(1_000)]
    return beside("HTML to text", len(posts), lambda: [text_of(p) for p in posts], {
        "lxml, text_content": lambda: [_text(p) for p in posts],
    })  # fmt: skip


POST = (
    '<div id="p{n}" class="post has-profile bg1"><div class="inner"><div class="postbody"><div id="post_content{n}"><h3><a '
    'href="./viewtopic.php?p={n}&amp;sid=0a1b#p{n}">Re: Essoufflement au réveil</a></h3><p class="author"><a class="unread" '
    'href="./viewtopic.php?p={n}&amp;sid=0a1b#p{n}">Message</a> <span class="responsive-hide">par <strong><span class="username">'
    'Visiteur {n}</span></strong> &raquo; </span><time datetime="2026-02-03T20:00:00+00:00">mar. 3 févr. 2026 21:00</time></p>'
    '<div class="content"><blockquote cite="./viewtopic.php?p=12#p12"><div><cite><a href="./memberlist.php?u=2">brindille</a> '
    'a écrit&nbsp;: <a href="./viewtopic.php?p=12#p12" data-post-id="12">↑</a></cite>je me réveille essoufflée</div></blockquote>'
    "{text}</div></div></div></div></div>"
)
"""A post as phpBB's style prosilver has it, of the tests' saved page."""


def recipe() -> list[Goal]:
    """A thread read by the recipe of phpBB, beside its selectors asked by hand of lxml: the same fields, no table."""
    from lxml.cssselect import CSSSelector

    from vigie.platforms.recipe.builtins import builtins
    from vigie.platforms.recipe.client import Sent, packed
    from vigie.platforms.recipe.source import SOURCE

    posts = "".join(POST.format(n=n, text=PARAGRAPHS.format(n=n)) for n in range(1, 26))
    body = f'<html><body><h2 class="topic-title">Essoufflement</h2>{posts}</body></html>'.encode()
    names = ("div.post[id^=p]", "p.author > a", "p.author .username", "p.author time", ".postbody h3", ".postbody .content",
             ".content blockquote cite a[data-post-id]", "blockquote, .signature, .notice")  # fmt: skip
    items, link, author, date, title, text, answered, drop = map(CSSSelector, names)

    def one(item: Any) -> tuple[Any, ...]:
        head = (
            item.get("id"),
            link(item)[0].get("href"),
            author(item)[0].text_content(),
            title(item)[0].text_content(),
        )
        at, to = datetime.fromisoformat(date(item)[0].get("datetime")), answered(item)[0].get("data-post-id")
        for element in drop(item):
            element.drop_tree()
        return (*head, at, to, text(item)[0].text_content())

    def by_hand(body: bytes) -> list[Any]:
        return [one(item) for item in items(html.document_fromstring(body.decode()))]

    url = "https://forum.example/viewtopic.php?t=5"
    page = _page(url, packed(Sent(recipe=builtins()["phpbb"], thread=url), body), "posts", "text/html")
    assert SOURCE.parse(page).posts.num_rows == len(by_hand(body)) == 25
    return beside("Recipe of phpBB, a thread to a table", 20 * 25, lambda: [SOURCE.parse(page) for _ in range(20)], {
        "the same selectors by hand": lambda: [by_hand(body) for _ in range(20)],
    })  # fmt: skip


def parsing() -> list[Goal]:
    """Measure all of them."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
    return [goal for one in (html_to_text, discourse, peertube, lemmy, recipe) for goal in one()]


SECTIONS = {"parsing": parsing}
