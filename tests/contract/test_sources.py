"""Every installed source keeps the contract that is shipped for plug-in authors."""

import json

import pytest
from support.mailbox import Mailbox

from vigie.collect.registry import sources
from vigie.collect.source import Place, Response
from vigie.testing import check_source

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Blog</title>
<item><title>Un</title><link>https://blog.example/1</link><description>&lt;p&gt;texte&lt;/p&gt;</description></item>
<item><title>Deux</title><guid>https://blog.example/?p=2</guid><link>https://blog.example/2</link></item></channel></rss>"""


def answer(body: bytes, **headers: str) -> Response:
    return Response("", 200, headers, body)


def items(*numbers: int, comment: bool = False) -> bytes:
    kind = {"post": 1, "parent": 0, "author_name": "Zoe"} if comment else {"title": {"rendered": "T"}}
    return json.dumps(
        [
            {
                "id": n,
                "link": f"https://blog.example/{n}",
                "date_gmt": "2026-10-01T08:00:00",
                "content": {"rendered": f"<p>texte {n}</p>"},
                **kind,
            }
            for n in numbers
        ]
    ).encode()


def wordpress() -> dict[str, Response]:
    base = "/wp-json/wp/v2"
    first, second = "per_page=100&page=1&order=asc&orderby=date", "per_page=100&page=2&order=asc&orderby=date"
    return {
        f"{base}/posts?{first}": answer(items(1, 2), **{"x-wp-totalpages": "2"}),
        f"{base}/posts?{second}": answer(items(3), **{"x-wp-totalpages": "2"}),
        f"{base}/comments?{first}": answer(items(9, comment=True), **{"x-wp-totalpages": "1"}),
        f"{base}/posts": answer(b"[]"),
        f"{base}/comments": answer(items(9, comment=True)),
    }


def statuses(*numbers: int) -> Response:
    posts = [
        {
            "id": str(n),
            "uri": f"https://m.example/users/zoe/statuses/{n}",
            "content": f"<p>texte {n}</p>",
            "created_at": "2026-10-01T08:00:00.000Z",
            "account": {"id": "7", "acct": "zoe"},
        }
        for n in numbers
    ]
    return answer(json.dumps(posts).encode(), **{"content-type": "application/json"})


def mastodon() -> dict[str, Response]:
    tag = "/api/v1/timelines/tag/x?limit=40"
    return {
        tag: statuses(*range(60, 20, -1)),
        f"{tag}&max_id=21": statuses(*range(20, 0, -1)),
        f"{tag}&max_id=1": statuses(),
    }


def discourse() -> dict[str, Response]:
    def posts(*numbers: int) -> list[dict[str, object]]:
        return [
            {
                "id": n,
                "topic_id": 7,
                "post_number": n,
                "created_at": "2026-10-01T08:00:00Z",
                "cooked": f"<p>texte {n}</p>",
            }
            for n in numbers
        ]

    topics = {"topic_list": {"topics": [{"id": 7, "bumped_at": "2026-10-02T08:00:00Z", "highest_post_number": 3}]}}
    whole = {"title": "Sujet", "post_stream": {"posts": posts(1, 2), "stream": [1, 2, 3]}}
    return {
        "/latest.json?page=0": answer(json.dumps(topics).encode()),
        "/latest.json": answer(b'{"topic_list": {"topics": []}}'),
        "/t/7.json": answer(json.dumps(whole).encode()),
        "/t/7/posts.json": answer(json.dumps({"post_stream": {"posts": posts(3)}}).encode()),
    }


def lemmy() -> dict[str, Response]:
    def listed(part: str, *numbers: int) -> Response:
        one = part.removesuffix("s")
        address, published = "https://l.example", "2026-10-01T08:00:00Z"
        items = [{one: {"id": n, "ap_id": f"{address}/{one}/{n}", "name": "T", "content": "texte", "published": published}} for n in numbers]  # fmt: skip
        return answer(json.dumps({part: items}).encode())

    found = {}
    for path, part in (("post/list", "posts"), ("comment/list", "comments")):
        asked = f"/api/v3/{path}?community_name=x&type_=All&sort=New&limit=50&page="
        found |= {f"{asked}1": listed(part, 3, 2), f"{asked}2": listed(part, 1), f"{asked}3": listed(part)}
    return found


def peertube() -> dict[str, Response]:
    address = "https://p.example/videos/watch/u"
    videos = [
        {"uuid": f"u{n}", "url": f"{address}{n}", "name": "T", "comments": n, "updatedAt": "2026"} for n in (0, 1)
    ]
    comment = {"id": 5, "url": f"{address}1/comments/5", "text": "oui", "totalReplies": 1}
    answering = {"id": 6, "url": f"{address}1/comments/6", "text": "non", "inReplyToCommentId": 5}
    tree = {"comment": comment, "children": [{"comment": answering, "children": []}]}
    return {
        "/api/v1/video-channels/x/videos": answer(json.dumps({"total": 2, "data": videos}).encode()),
        "/api/v1/videos/u1/comment-threads": answer(json.dumps({"total": 1, "data": [comment]}).encode()),
        "/api/v1/videos/u1/comment-threads/5": answer(json.dumps(tree).encode()),
    }


DID = "did:plc:abcdefghijklmnopqrstuvwx"


def bluesky() -> dict[str, Response]:
    """A directory and a server of one repository: two posts, one older, one repetition."""
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": "https://pds.example"}
    document = {"id": DID, "alsoKnownAs": ["at://alice.test"], "service": [service]}

    def listed(collection: str, values: dict[str, dict[str, object]], cursor: str = "") -> Response:
        records = [
            {
                "uri": f"at://{DID}/{collection}/{key}",
                "cid": f"bafy{key}",
                "value": {"createdAt": "2026-10-01T08:00:00Z", **v},
            }
            for key, v in values.items()
        ]
        return answer(json.dumps({"records": records, **({"cursor": cursor} if cursor else {})}).encode())

    base, post, repost = "/xrpc/com.atproto.repo.listRecords", "app.bsky.feed.post", "app.bsky.feed.repost"
    asked = f"{base}?repo={DID.replace(':', '%3A')}&collection="
    again = {"subject": {"uri": f"at://{DID}/{post}/3k2", "cid": "bafy"}}
    return {
        f"/{DID}": answer(json.dumps(document).encode()),
        "/xrpc/com.atproto.sync.getLatestCommit": answer(b'{"cid": "bafy", "rev": "3k9"}'),
        f"{asked}{post}&limit=100": listed(post, {"3k3": {"text": "trois"}, "3k2": {"text": "deux"}}, "3k2"),
        f"{asked}{post}&limit=100&cursor=3k2": listed(post, {"3k1": {"text": "un"}}),
        f"{asked}{repost}&limit=100": listed(repost, {"3k4": again}),
    }


def forum() -> tuple[Place, dict[str, Response]]:
    recipe = """name = "Forum"
[listing]
row = "tr"
thread = "a"
count = "td.n"
[thread]
next = "a.next"
[post]
item = "li"
id = "@id"
text = "p"
date = "i"
"""
    html = {"content-type": "text/html; charset=utf-8"}
    rows = b'<table><tr><td><a href="/t1">Un</a></td><td class="n">3</td></tr><tr><td><a href="/t2">Deux</a></td><td class="n">1</td></tr></table>'
    answers = {
        "/": answer(rows, **html),
        "/t1": answer(b'<li id="p1"><i>01/01/0001</i><p>un</p></li><li id="p2"><i>01/01/1970</i><p>deux</p></li><a class="next" href="/t1?page=2">2</a>', **html),
        "/t1?page=2": answer(b'<li id="p3"><i>31/12/2099</i><p>trois</p></li>', **html),
        "/t2": answer(b'<li id="p4"><p>quatre</p></li>', **html),
    }  # fmt: skip
    return Place("https://forum.example/", {"recipe": recipe}), answers


ARTICLE = (
    b"<html><head><title>Avis</title></head><body><article><p>Le lot est rappel\xc3\xa9.</p></article></body></html>"
)

MAILS = [
    b"From: Lettre <lettre@presse.example>\r\nSubject: Revue\r\nMessage-ID: <%d@presse.example>\r\nDate: %s\r\n\r\nRien de neuf %d"
    % (n, date, n)
    for n, date in enumerate(
        [b"Mon, 01 Jan 0001 00:00:00 +0000", b"Thu, 1 Jan 1970 00:00:00 +0000", b"never"] + [b"x"] * 30
    )
]
MAILBOX = Place(
    "imap://mail.example/INBOX", {"user": "alertes", "encryption": "none"}, {"password": "ouvre-toi-sesame"}
)

RECORDED = {
    "bluesky": (f"at://{DID}", bluesky(), 4),
    "discourse": (Place("https://forum.example/latest", {}, {"api_key": "hush-hush"}), discourse(), 3),
    "mail": (MAILBOX, {}, len(MAILS)),
    "page": ("https://site.example/avis", {"/avis": answer(ARTICLE, **{"content-type": "text/html"})}, 1),
    "recipe": (*forum(), 4),
    "feed": ("https://blog.example/feed/", {"/feed/": answer(RSS, **{"content-type": "application/rss+xml"})}, 2),
    "lemmy": (Place("https://l.example/c/x", {}, {"token": "hush-hush"}), lemmy(), 6),
    "mastodon": (Place("https://m.example/tags/x", {}, {"token": "hush-hush"}), mastodon(), 60),
    "peertube": ("https://p.example/c/x", peertube(), 5),
    "wordpress": ("https://blog.example/wp-json", wordpress(), 4),
}


def test_every_installed_source_has_recorded_answers() -> None:
    assert set(sources()) == set(RECORDED)


@pytest.mark.parametrize("kind", sorted(RECORDED))
def test_source_keeps_its_contract(kind: str) -> None:
    address, answers, posts = RECORDED[kind]
    dials = Mailbox(MAILS, password="ouvre-toi-sesame").dial if kind == "mail" else None
    assert check_source(sources()[kind], address, answers, dials=dials) == posts


def test_contract_finds_a_source_whose_ids_change() -> None:
    from itertools import count

    import pyarrow as pa

    from vigie.collect.source import Parsed

    numbers = count()

    class Restless(type(sources()["feed"])):  # type: ignore[misc]
        def parse(self, page):  # type: ignore[no-untyped-def]
            parsed = super().parse(page)
            ids = pa.array([f"{next(numbers)}" for _ in range(parsed.posts.num_rows)])
            return Parsed(parsed.posts.set_column(1, parsed.posts.schema.field("native_id"), ids))

    address, answers, _ = RECORDED["feed"]
    with pytest.raises(AssertionError, match="same bytes"):
        check_source(Restless(), address, answers)
