"""Recipes: what is wrong is said with its line, saved pages are read, dates in two languages, threads walked without loss."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.collect.source import Page, Place, Response
from vigie.errors import FatalError, RetryableError, SkippableError
from vigie.platforms.recipe.builtins import builtins, engine_of
from vigie.platforms.recipe.client import Sent, absolute, document, next_of, packed, threads_of
from vigie.platforms.recipe.dates import instant_of, is_relative
from vigie.platforms.recipe.reading import problems_of, recipe_of
from vigie.platforms.recipe.source import SOURCE
from vigie.platforms.recipe.trial import try_recipe

NOW = datetime(2026, 2, 5, 12, tzinfo=UTC)
SAVED = Path(__file__).parent / "saved"
PARIS = ZoneInfo("Europe/Paris")


def parsed(engine: str, name: str, url: str, media_type: str = "text/html"):  # type: ignore[no-untyped-def]
    body = packed(Sent(recipe=builtins()[engine], thread=url), (SAVED / name).read_bytes())
    return SOURCE.parse(Page(url, body, media_type, "posts", NOW, ""))


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]


EXPECTED = {
    ("phpbb", "phpbb-thread.html", "https://forum.example/viewtopic.php?t=5"): [
        ("phpbb:12", "brindille", at(2026, 2, 3, 13, 5), "Bonjour,\ndepuis le changement je me réveille essoufflée 😮", None),
        ("phpbb:13", "Visiteur 7", at(2026, 2, 3, 20), "Même chose ici, en as-tu parlé au pharmacien ?", "phpbb:12"),
        ("phpbb:15", "tournesol", at(2026, 2, 4, 9, 12), "Oui <b>tout de suite</b>.", None),
    ],
    ("vbulletin4", "vbulletin4-thread.html", "https://forum.example/showthread.php?t=31"): [
        ("vbulletin:201", "capucine", at(2026, 2, 3, 14, 5), "Je prends la goutte à jeun.", None),
        ("vbulletin:202", "roitelet", at(2026, 2, 4, 9, 30), "Moi le soir, sans souci.", "vbulletin:201"),
    ],
    ("vbulletin5", "vbulletin5-thread.html", "https://forum.example/eyes/41-morning-drop"): [
        ("vbulletin:301", "capucine", at(2026, 2, 3, 14, 5), "I take the drop on an empty stomach.", None),
        ("vbulletin:302", "wren", at(2026, 2, 4, 8), "In the evening for me.", "vbulletin:301"),
    ],
    ("mesdiscussions", "doctissimo-thread.html", "https://forum.example/forum/souffle/vertiges-sujet_88_1.htm"): [
        ("mesdiscussions:9001", "colibri31", at(2026, 2, 3, 13, 5, 22), "La nuit, tout tourne.\nCela vous arrive ?", None),
        ("mesdiscussions:9002", "Mimosa", at(2026, 2, 3, 23, 30, 1), "Oui, avec la dose du soir.", "mesdiscussions:9001"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: case[1])
def test_saved_pages_of_every_engine_are_read(case: tuple[str, str, str]) -> None:
    rows = parsed(*case).posts.to_pylist()
    assert [(r["native_id"], r["author"], r["published_at"], r["text"], r["quote_of"]) for r in rows] == EXPECTED[case]
    assert {r["origin"] for r in rows} == {"forum.example"}
    assert all("sid=" not in r["url"] and "s=77ab" not in r["url"] for r in rows)


def test_post_without_words_is_counted() -> None:
    skipped = parsed("phpbb", "phpbb-thread.html", "https://forum.example/viewtopic.php?t=5").skipped
    assert [(s.where, s.code) for s in skipped] == [("post 3", "recipe.no_words")]


@pytest.mark.parametrize(
    ("engine", "name", "threads", "following"),
    [
        (
            "phpbb",
            "phpbb-forum.html",
            [
                ("https://forum.example/viewtopic.php?t=5", "3|2026-02-04T09:12:00+00:00"),
                ("https://forum.example/viewtopic.php?t=4", "0|2026-01-30T19:40:00+00:00"),
            ],
            "https://forum.example/viewforum.php?f=2&start=2",
        ),
        (
            "vbulletin4",
            "vbulletin4-forum.html",
            [("https://forum.example/showthread.php?t=31", "12|")],
            "https://forum.example/forumdisplay.php?f=3&page=2",
        ),
        (
            "mesdiscussions",
            "doctissimo-forum.html",
            [("https://forum.example/forum/souffle/vertiges-sujet_88_1.htm", "1|04-02-2026 à 00:30 Mimosa")],
            "https://forum.example/forum/souffle/liste_sujet-2.htm",
        ),
    ],
)
def test_listings_name_their_threads(engine: str, name: str, threads: list[tuple[str, str]], following: str) -> None:
    body = (SAVED / name).read_bytes()
    assert engine_of(body) == engine
    recipe, doc = recipe_of(builtins()[engine]), document(body, "")
    assert doc is not None and recipe.listing is not None
    assert [(t.url, t.mark) for t in threads_of(recipe, doc, "https://forum.example/")] == threads
    assert next_of(recipe.listing.next, doc, "https://forum.example/", recipe) == following


@pytest.mark.parametrize(
    "name", ["phpbb-thread.html", "vbulletin4-thread.html", "vbulletin5-thread.html", "doctissimo-thread.html"]
)
def test_discover_knows_the_engine_of_a_page(name: str) -> None:
    def fetch(url: str, **_: object) -> Response:
        return Response(url, 200, {"content-type": "text/html"}, (SAVED / name).read_bytes())

    found = SOURCE.discover("https://forum.example/x?sid=1", fetch=fetch, now=NOW)  # type: ignore[arg-type]
    assert found is not None and found.options["recipe"] in builtins().values() and found.title


def test_discover_leaves_other_pages_alone() -> None:
    def fetch(url: str, **_: object) -> Response:
        return Response(url, 200, {}, b"<html><body><p>Rien d'un forum</p></body></html>")

    assert SOURCE.discover("https://blog.example/", fetch=fetch, now=NOW) is None  # type: ignore[arg-type]
    assert SOURCE.discover("imap://mail.example/INBOX", fetch=fetch, now=NOW) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hier à 14:05", at(2026, 2, 4, 13, 5)),
        ("Hier, 09h30", at(2026, 2, 4, 8, 30)),
        ("avant-hier à 8:00", at(2026, 2, 3, 7)),
        ("Aujourd’hui à 09:12", at(2026, 2, 5, 8, 12)),
        ("aujourd'hui", at(2026, 2, 4, 23)),
        ("il y a 3 heures", at(2026, 2, 5, 9)),
        ("il y a une minute", at(2026, 2, 5, 11, 59)),
        ("il y a 2 jours", at(2026, 2, 3, 12)),
        ("à l’instant", at(2026, 2, 5, 12)),
        ("Posté le 03-02-2026 à 14:05:22", at(2026, 2, 3, 13, 5, 22)),
        ("03/02/2026", at(2026, 2, 2, 23)),
        ("03/02/26 14h05", at(2026, 2, 3, 13, 5)),
        ("mar. 3 févr. 2026 14:05", at(2026, 2, 3, 13, 5)),
        ("Le 1er janvier 2026 à 00:10", at(2025, 12, 31, 23, 10)),
        ("3 février à 14:05", at(2026, 2, 3, 13, 5)),
        ("31 décembre à 14:05", at(2025, 12, 31, 13, 5)),
        ("lundi à 10:00", at(2026, 2, 2, 9)),
        ("Tue Feb 03, 2026 2:05 pm", at(2026, 2, 3, 13, 5)),
        ("February 3, 2026 at 2 p.m.", at(2026, 2, 3, 13)),
        ("Nov. 25, 2025, 9:08 p.m.", at(2025, 11, 25, 20, 8)),
        ("Yesterday at 2:05 PM", at(2026, 2, 4, 13, 5)),
        ("3 hours ago", at(2026, 2, 5, 9)),
        ("an hour ago", at(2026, 2, 5, 11)),
        ("5m", at(2026, 2, 5, 11, 55)),
        ("2026-02-03T14:05:00+01:00", at(2026, 2, 3, 13, 5)),
        ("2026-02-03 14:05", at(2026, 2, 3, 13, 5)),
        ("just now", at(2026, 2, 5, 12)),
        ("31/02/2026", None),
        ("99999 years ago", None),
        ("Réponse utile", None),
        ("", None),
    ],
)
def test_dates_of_forums_are_read(text: str, expected: datetime | None) -> None:
    assert instant_of(text, now=NOW, zone=PARIS, order="dmy") == expected


def test_dates_by_a_format_of_the_recipe_come_first() -> None:
    read = instant_of("2026.03.02 — 14.05", now=NOW, zone=PARIS, order="dmy", formats=("%Y.%d.%m — %H.%M",))
    assert read == at(2026, 2, 3, 13, 5)


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_text_stops_the_reader_of_dates(text: str) -> None:
    found = instant_of(text, now=NOW, zone=PARIS, order="mdy")
    assert found is None or found.tzinfo is not None
    assert is_relative(text) in (True, False)


@pytest.mark.parametrize(
    ("toml", "line", "key", "code", "told"),
    [
        ("name = Forum", 1, "", "recipe.toml", "name = "),
        ('name = "a"\n\n[post]\nitem = "li"\ntxt = "p"', 5, "post.txt", "recipe.unknown_key", "text"),
        ('name = "a"\n[post]\nitem = "li"', 0, "post.text", "recipe.lacks", "[post] text"),
        ('name = "a"\n[listing]\nrow = "li"\n[post]\nitem = "li"\ntext = "p"', 0, "listing.thread", "recipe.lacks", "topictitle"),
        ('name = "a"\n[post]\nitem = "li["\ntext = "p"', 3, "post.item", "recipe.selector", "li["),
        ('name = "a"\ntime_zone = "Mars"\n[post]\nitem = "li"\ntext = "p"', 2, "time_zone", "recipe.value", "Europe/Paris"),
        ('name = "a"\nnetwork = "forums"\n[post]\nitem = "li"\ntext = "p"', 2, "network", "recipe.choice", "forum"),
        ('name = "a"\nlogin = "form"\n[post]\nitem = "li"\ntext = "p"', 2, "login", "recipe.choice", "none"),
        ('name = "a"\nstart = ["ftp://x"]\n[post]\nitem = "li"\ntext = "p"', 2, "start", "recipe.value", "https://"),
        ('name = "a"\n[post]\nitem = "li"\ntext = "p"\n[limits]\npages = 0', 6, "limits.pages", "recipe.range", "500"),
        ('name = "a"\n[post]\nitem = 3\ntext = "p"', 3, "post.item", "recipe.value", "div.post"),
        ('name = "a"\n[posts]\nitem = "li"\ntext = "p"', 2, "posts", "recipe.unknown_key", "post"),
    ],
)  # fmt: skip
def test_wrong_recipes_are_told_with_line_and_key(toml: str, line: int, key: str, code: str, told: str) -> None:
    problem = next(p for p in problems_of(toml) if p.code == code)
    assert (problem.line, problem.key) == (line, key) and told in problem.sentence
    with pytest.raises(FatalError):
        recipe_of(toml)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_recipe_or_has_a_problem(text: str) -> None:
    assert problems_of(text)


def test_every_builtin_recipe_is_one() -> None:
    assert set(builtins()) == {"mesdiscussions", "misago", "phpbb", "spirit", "vbulletin4", "vbulletin5"}
    assert {name: problems_of(toml) for name, toml in builtins().items()} == {name: [] for name in builtins()}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('item = "li.p"', 'item = "li.q"', "post.item"),
        ('text = "p"', 'text = "div"', "post.text"),
        ('id = "@id"', 'id = "@data-x"', "post.id"),
    ],
)
def test_selector_that_finds_nothing_is_named(old: str, new: str, key: str) -> None:
    page = Page(
        "https://f.example/1", packed(Sent(recipe=RECIPE.replace(old, new)), thread_page(1, 1, 3)), "", "posts", NOW, ""
    )
    with pytest.raises(SkippableError) as caught:
        SOURCE.parse(page)
    assert (caught.value.code, caught.value.facts["key"]) == ("recipe.nothing", key)


def test_page_kept_is_parsed_by_the_mended_recipe() -> None:
    broken = RECIPE.replace('item = "li.p"', 'item = "li.q"')
    page = Page("https://f.example/1", packed(Sent(recipe=broken), thread_page(1, 1, 3)), "", "posts", NOW, "")
    assert SOURCE.parse(SOURCE.mended(page, Place("", {"recipe": RECIPE}))).posts.num_rows == 3


@pytest.mark.parametrize(
    ("charset", "media_type", "meta"),
    [("utf-8", "text/html; charset=utf-8", ""), ("cp1252", "text/html; charset=iso-8859-1", ""), ("cp1252", "text/html", ""),
     ("cp1252", "", '<meta charset="iso-8859-1">'), ("utf-8", "text/html; charset=nonsense", ""), ("utf-8", "text/html; charset=ascii", ""),
     ("utf-16", "text/html; charset=utf-16", "")],
)  # fmt: skip
def test_charsets_and_lies_about_them_are_read(charset: str, media_type: str, meta: str) -> None:
    html = f'<html>{meta}<li class="p" id="p1"><b>é</b><p>déjà l’été</p></li>'.encode(charset)
    page = Page("https://f.example/1", packed(Sent(recipe=RECIPE), html), media_type, "posts", NOW, "")
    assert SOURCE.parse(page).posts["text"].to_pylist() == ["déjà l’été"]


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_hostile_bytes_are_an_error_or_posts(body: bytes) -> None:
    for whole in (body, packed(Sent(recipe=RECIPE), body), packed(Sent(recipe=RECIPE), b'<li class="p"><p>' + body)):
        try:
            SOURCE.parse(Page("https://f.example/1", whole, "text/html", "posts", NOW, ""))
        except SkippableError as error:
            assert error.sentence


def test_deep_and_long_pages_are_read() -> None:
    deep = b'<li class="p" id="p1"><p>' + b"<div>" * 20_000 + b"mot"
    page = Page("https://f.example/1", packed(Sent(recipe=RECIPE), deep), "text/html", "posts", NOW, "")
    try:
        assert SOURCE.parse(page).posts.num_rows <= 1
    except SkippableError as error:
        assert error.code == "recipe.nothing"


# A forum of our own, walked.

RECIPE = """
name = "Forum"
time_zone = "Europe/Paris"
[listing]
row = "tr"
thread = "a"
count = "td.n"
next = "a.next"
[thread]
title = "h1"
next = "a.next"
[post]
item = "li.p"
id = "@id"
author = "b"
text = "p"
[limits]
listing_pages = 3
pages = 6
threads = 4
"""


def thread_page(thread: int, first: int, last: int, following: str = "") -> bytes:
    posts = "".join(
        f'<li class="p" id="p{thread * 1000 + n}"><b>zoe</b><p>texte {thread}.{n}</p></li>'
        for n in range(first, last + 1)
    )
    more = f'<a class="next" href="{following}">&gt;</a>' if following else ""
    return f"<html><h1>Sujet {thread}</h1><ul>{posts}</ul>{more}</html>".encode()


class Forum:
    """A forum in memory: threads by last activity, five a page, four posts a page."""

    def __init__(self, n_threads: int, posts: int) -> None:
        self.order = list(range(n_threads, 0, -1))
        self.posts = dict.fromkeys(self.order, posts)
        self.asked: list[str] = []
        self.gone: set[int] = set()
        self.refused: set[int] = set()
        self.fails_after = 10**9

    def write(self, thread: int, n: int = 1) -> None:
        """Add posts to a thread, which comes to the top."""
        self.posts[thread] = self.posts.get(thread, 0) + n
        self.order = [thread, *(t for t in self.order if t != thread)]

    def __call__(self, url: str, **_: object) -> Response:
        self.asked.append(url)
        if len(self.asked) > self.fails_after:
            raise RetryableError("Broken off.", code="net.broken")
        parts = urlsplit(url)
        page = int(parse_qs(parts.query).get("page", ["1"])[0])
        body = self._list(page) if parts.path == "/" else self._thread(int(parts.path.strip("/t")), page)
        return Response(url, 200, {"content-type": "text/html"}, body)

    def _list(self, page: int) -> bytes:
        shown = self.order[(page - 1) * 5 : page * 5]
        rows = "".join(
            f'<tr><td><a href="/t{t}">Sujet {t}</a></td><td class="n">{self.posts[t]}</td></tr>' for t in shown
        )
        more = f'<a class="next" href="/?page={page + 1}">&gt;</a>' if page * 5 < len(self.order) else ""
        return f"<html><table>{rows}</table>{more}</html>".encode()

    def _thread(self, thread: int, page: int) -> bytes:
        if thread in self.gone:
            raise FatalError("Gone.", code="net.gone")
        if thread in self.refused:
            raise FatalError("Refused.", code="net.refused")
        first, total = (page - 1) * 4 + 1, self.posts[thread]
        if first > total:
            raise FatalError("Gone.", code="net.gone")
        return thread_page(
            thread, first, min(first + 3, total), f"/t{thread}?page={page + 1}" if page * 4 < total else ""
        )

    def everything(self) -> set[str]:
        return {
            f"recipe:{t * 1000 + n}"
            for t, posts in self.posts.items()
            for n in range(1, posts + 1)
            if t not in self.gone | self.refused
        }


class Reader:
    """Reads a forum again and again, saving posts and cursor as the server does."""

    def __init__(self, forum: Forum, recipe: str = RECIPE) -> None:
        self.forum, self.place, self.cursor = forum, Place("https://f.example/", {"recipe": recipe}), None
        self.heard: set[str] = set()
        self.notes: list[str] = []

    def read(self, stop_after: int = 10**9) -> int:
        pages = 0
        for page in SOURCE.pages(self.place, self.cursor, fetch=self.forum, now=NOW):  # type: ignore[arg-type]
            found = SOURCE.parse(page)
            self.heard |= set(found.posts["native_id"].to_pylist())
            self.notes += [s.code for s in found.skipped]
            self.cursor, pages = page.cursor, pages + 1
            if pages >= stop_after:
                break
        return pages

    def drain(self) -> None:
        for _ in range(200):
            if not self.read():
                return
        raise AssertionError("it never comes to rest")


def test_forum_is_read_whole_within_bounds_then_rests() -> None:
    forum = Forum(40, 9)
    reader = Reader(forum)
    reader.read()
    assert len(forum.asked) <= 3 + 6
    reader.drain()
    assert reader.heard == forum.everything()
    forum.asked.clear()
    assert reader.read() == 0 and len(forum.asked) == 1


def test_thread_that_grew_is_read_from_its_last_page() -> None:
    forum = Forum(12, 9)
    reader = Reader(forum)
    reader.drain()
    forum.write(3, 5)
    forum.asked.clear()
    reader.drain()
    assert reader.heard == forum.everything()
    assert "https://f.example/t3" not in forum.asked and "https://f.example/t3?page=3" in forum.asked


def test_more_news_than_a_read_may_walk_is_not_lost() -> None:
    forum = Forum(60, 2)
    reader = Reader(forum)
    reader.drain()
    for thread in range(1, 41):
        forum.write(thread)
    for extra in (50, 51):
        reader.read()
        forum.write(extra)
    reader.drain()
    assert reader.heard == forum.everything()


@pytest.mark.parametrize("stop", [1, 2, 3])
def test_kill_after_any_page_loses_nothing(stop: int) -> None:
    forum = Forum(17, 7)
    reader = Reader(forum)
    for _ in range(60):
        reader.read(stop_after=stop)
        forum.write(100 + len(forum.posts), 2) if len(forum.posts) < 25 else None
    reader.drain()
    assert reader.heard == forum.everything()


def test_failure_at_any_request_loses_nothing() -> None:
    for n in range(1, 12):
        forum = Forum(8, 6)
        reader = Reader(forum)
        forum.fails_after = n
        with pytest.raises(RetryableError):
            reader.drain()
        forum.fails_after = 10**9
        reader.drain()
        assert reader.heard == forum.everything()


def test_gone_thread_is_noted_and_others_are_read() -> None:
    forum = Forum(6, 3)
    forum.gone, forum.refused = {2}, {5}
    reader = Reader(forum)
    reader.drain()
    assert reader.heard == forum.everything()
    assert reader.notes == ["recipe.thread_gone"] * 2


def test_forum_that_refuses_every_thread_is_refused() -> None:
    forum = Forum(3, 3)
    forum.refused = {1, 2, 3}
    with pytest.raises(FatalError) as caught:
        Reader(forum).read()
    assert caught.value.code == "net.refused"


def test_last_page_that_vanished_sends_back_to_the_first() -> None:
    forum = Forum(2, 9)
    reader = Reader(forum)
    reader.drain()
    forum.posts[1] = 4
    forum.asked.clear()
    reader.drain()
    assert forum.asked[1:3] == ["https://f.example/t1?page=3", "https://f.example/t1"]


@pytest.mark.parametrize(("old", "part"), [('row = "tr"', "threads"), ('item = "li.p"', "posts")])
def test_broken_recipe_keeps_bytes_and_position(old: str, part: str) -> None:
    forum = Forum(5, 3)
    broken = RECIPE.replace(old, old.replace('"tr"', '"tr.x"').replace('"li.p"', '"li.x"'))
    pages = list(SOURCE.pages(Place("https://f.example/", {"recipe": broken}), None, fetch=forum, now=NOW))  # type: ignore[arg-type]
    assert [p.part for p in pages] == [part]
    with pytest.raises(SkippableError) as caught:
        SOURCE.parse(pages[0])
    assert caught.value.code == "recipe.nothing"
    reader = Reader(forum)
    reader.cursor = pages[0].cursor
    reader.drain()
    assert reader.heard == forum.everything()


def test_threads_of_another_kind_do_not_hide_those_behind_them() -> None:
    forum = Forum(9, 3)
    whole = forum._thread
    forum._thread = lambda thread, page: b"<html><p>un sondage</p></html>" if thread > 5 else whole(thread, page)  # type: ignore[method-assign]
    reader = Reader(forum)
    for _ in range(8):
        for page in SOURCE.pages(reader.place, reader.cursor, fetch=forum, now=NOW):  # type: ignore[arg-type]
            reader.cursor = page.cursor
            try:
                reader.heard |= set(SOURCE.parse(page).posts["native_id"].to_pylist())
            except SkippableError as error:
                assert error.code == "recipe.nothing"
    assert reader.heard == {f"recipe:{t * 1000 + n}" for t in range(1, 6) for n in (1, 2, 3)}
    assert reader.read() == 0


def test_start_that_is_a_thread_is_read_as_one() -> None:
    forum = Forum(3, 9)
    reader = Reader(forum)
    reader.place = replace(reader.place, address="https://f.example/t2")
    reader.drain()
    assert reader.heard == {f"recipe:200{n}" for n in range(1, 10)}
    forum.write(2)
    reader.drain()
    assert "recipe:2010" in reader.heard


def test_first_post_bears_the_title_and_the_others_answer_it() -> None:
    reader = Reader(Forum(1, 3))
    page = next(SOURCE.pages(reader.place, None, fetch=reader.forum, now=NOW))  # type: ignore[arg-type]
    rows = SOURCE.parse(page).posts.to_pylist()
    assert [(r["title"], r["in_reply_to"]) for r in rows] == [
        ("Sujet 1", None),
        (None, "recipe:1001"),
        (None, "recipe:1001"),
    ]


def test_links_to_other_sites_are_not_followed() -> None:
    def fetch(url: str, **_: object) -> Response:
        assert url.startswith("https://f.example/")
        return Response(url, 200, {}, b'<table><tr><td><a href="https://elsewhere.example/t1">x</a></td></tr></table>')

    pages = list(SOURCE.pages(Place("https://f.example/", {"recipe": RECIPE}), None, fetch=fetch, now=NOW))  # type: ignore[arg-type]
    assert [p.part for p in pages] == ["threads"]


@pytest.mark.parametrize(
    ("target", "page", "expected"),
    [
        ("https://f.example/t1", "https://f.example/x", "https://f.example/t1"),
        ("https://f.exampl/t1", "https://f.example", ""),
        ("https://f.example.evil/t1", "https://f.example/", ""),
        ("/t1", "https://f.example", "https://f.example/t1"),
        ("javascript:alert(1)", "https://f.example/", ""),
        ("http://[", "https://f.example/", ""),
    ],
)
def test_addresses_stay_on_the_site(target: str, page: str, expected: str) -> None:
    assert absolute(target, page, ()) == expected


def test_space_without_a_recipe_says_so() -> None:
    with pytest.raises(FatalError) as caught:
        list(SOURCE.pages(Place("https://f.example/"), None, fetch=Forum(1, 1), now=NOW))  # type: ignore[arg-type]
    assert caught.value.code == "recipe.none"


def test_try_recipe_shows_posts_threads_and_problems() -> None:
    html = (SAVED / "phpbb-thread.html").read_bytes()
    trial = try_recipe(builtins()["phpbb"], html, "https://forum.example/viewtopic.php?t=5", now=NOW)
    assert [r["native_id"] for r in trial.rows] == ["phpbb:12", "phpbb:13", "phpbb:15"] and not trial.threads
    listing = try_recipe(
        builtins()["phpbb"], (SAVED / "phpbb-forum.html").read_bytes(), "https://forum.example/", now=NOW
    )
    assert len(listing.threads) == 2 and not listing.rows and listing.following
    wrong = try_recipe('name = "x"\n[post]\nitem = "["', html, "https://forum.example/", now=NOW)
    assert [p.code for p in wrong.problems] == ["recipe.selector", "recipe.lacks"]
    dated = builtins()["phpbb"].replace('date = "p.author time@datetime"', 'date = "p.author strong"')
    problems = try_recipe(dated, html, "https://forum.example/", now=NOW).problems
    assert [(p.code, p.key) for p in problems] == [("recipe.no_words", ""), ("recipe.undated", "post.date")]
    unnamed = re.sub('author = ".*"', 'author = ".nobody"', builtins()["phpbb"])
    problems = try_recipe(unnamed, html, "https://forum.example/", now=NOW).problems
    assert ("recipe.rarely", "post.author") in [(p.code, p.key) for p in problems]
