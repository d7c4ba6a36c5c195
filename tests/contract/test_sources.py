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
    "mail": (MAILBOX, {}, len(MAILS)),
    "page": ("https://site.example/avis", {"/avis": answer(ARTICLE, **{"content-type": "text/html"})}, 1),
    "recipe": (*forum(), 4),
    "feed": ("https://blog.example/feed/", {"/feed/": answer(RSS, **{"content-type": "application/rss+xml"})}, 2),
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
