"""What was heard and matched nothing stays in the archive: a later watch finds it, and so does a search."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from support.s3 import Gate, Moto

from vigie.collect.source import Response
from vigie.errors import DecisionError, RetryableError
from vigie.match import QueryError
from vigie.schema.vocab import Role
from vigie.server.models import Batch, Fetch, Mention, Post, Space
from vigie.server.permissions import COMMAND, asker_of
from vigie.server.queries import searches
from vigie.server.services import archiving, collecting, erasing, searching, spaces, watches
from vigie.server.services.previewing import Among
from vigie.server.services.searching import Found, Place
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

from .conftest import NOW, House, Runner, post

ALL = Among(NOW - timedelta(days=60), NOW + timedelta(days=1))
ITEM = "<item><title>{0}</title><link>https://blog.example/{0}</link><description>Le zorglub arrive {0}</description></item>"


def search(expression: str, among: Among = ALL, after: Place | None = None, **options: Any) -> Found:
    ticks = itertools.count()
    given = {"asker": COMMAND, "monotonic": lambda: next(ticks) * 0.001, **options}
    return searching.search(expression, among, after=after, **given)


def found(expression: str, among: Among = ALL, **options: Any) -> list[str]:
    return [row["native_id"] for row in whole(expression, among, **options)]


def whole(expression: str, among: Among = ALL, **options: Any) -> list[dict[str, Any]]:
    """Return all pages."""
    rows: list[dict[str, Any]] = []
    after: Place | None = None
    while True:
        page = search(expression, among, after, **options)
        rows += page.rows
        after = page.more
        if after is None:
            return rows


@pytest.fixture
def native_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the ids too: pages have no use for them."""
    from vigie.server.services import previewing

    monkeypatch.setattr(previewing, "READ", (*previewing.READ, "native_id"))


def test_feed_post_that_no_watch_matched_is_found_by_a_later_watch_and_by_a_search(
    house: House, run_work: Runner, native_ids: None
) -> None:
    blog = spaces.add(SpaceDraft("Blog", "feed", "blog", "https://blog.example/feed/"), asker=COMMAND, now=NOW)
    rss = f"<rss version='2.0'><channel><title>B</title>{ITEM.format('a')}{ITEM.format('b')}</channel></rss>"
    net = lambda url, **_: Response(url, 200, {"content-type": "application/rss+xml"}, rss.encode())  # noqa: E731
    read = collecting.collect(blog.pk, fetch=net, clock=lambda: NOW)
    assert (read.new, read.kept, Post.objects.count()) == (2, 0, 0)
    assert len(found("zorglub")) == 2
    archiving.write(now=NOW)
    assert Batch.objects.count() == 0 and set(Fetch.objects.values_list("body", flat=True)) == {None}
    page = search("zorglub")
    assert page.counted.estimate.is_exact and page.counted.estimate.middle == 2 and page.counted.seen == 2
    watch = watches.add(WatchDraft("Zorglub", house.brand.pk, "field", None, "zorglub"), asker=COMMAND, now=NOW)
    run_work()
    assert Mention.objects.filter(watch=watch).count() == 2
    assert set(found("zorglub")) == set(Post.objects.values_list("native_id", flat=True))


def test_list_is_newest_first_over_archive_and_what_waits_and_goes_by_pages(house: House, native_ids: None) -> None:
    for n in range(130):
        house.take(post(f"a{n}", f"zorglub {n}"), at=NOW - timedelta(hours=7 * n))
        if n == 100:
            archiving.write(now=NOW)
    house.take(*(post(f"same{n}", "zorglub") for n in range(60)), at=NOW - timedelta(days=2))
    rows = whole("zorglub")
    assert len(rows) == 190 and len({row["post_key"] for row in rows}) == 190
    assert [row["heard_at"] for row in rows] == sorted((row["heard_at"] for row in rows), reverse=True)
    assert len(search("zorglub").rows) == searching.ROWS


def test_rare_word_is_looked_for_a_stretch_at_a_time(house: House, native_ids: None) -> None:
    house.take(post("old", "zorglub"), at=NOW - timedelta(days=3))
    house.take(post("new", "rien"), at=NOW)
    archiving.write(now=NOW)
    ticks, among = itertools.count(), Among(NOW - timedelta(days=4), NOW + timedelta(hours=1))
    slow = {"monotonic": lambda: next(ticks) * 10.0}
    first = search("zorglub", among, **slow)
    assert first.rows == () and first.more == Place(first.reached) and first.reached > among.since
    assert found("zorglub", among, **slow) == ["old"]


def test_edited_post_is_found_by_its_last_version_alone(house: House, native_ids: None) -> None:
    house.take(post("1", "zorglub d'abord"), at=NOW - timedelta(days=1))
    archiving.write(now=NOW)
    house.take(post("1", "zorglub ensuite"))
    assert [row["text"] for row in whole("zorglub")] == ["zorglub ensuite"] and whole("abord") == []
    archiving.write(now=NOW)
    assert [row["text"] for row in whole("zorglub")] == ["zorglub ensuite"] and whole("abord") == []


def test_erased_post_is_found_no_more(house: House, run_work: Runner, native_ids: None) -> None:
    house.take(post("1", "zorglub sérélium", author="zoe"), post("2", "zorglub"))
    archiving.write(now=NOW)
    erasing.demand("post", erasing.target_of(Mention.objects.get().pk, "post"), asker=COMMAND, now=NOW)
    run_work()
    assert found("zorglub") == ["2"]


def test_time_and_spaces_are_those_asked_for(house: House, native_ids: None) -> None:
    house.take(post("1", "zorglub"), at=NOW - timedelta(days=10))
    archiving.write(now=NOW)
    house.take(post("2", "zorglub"), space=house.blog)
    assert found("zorglub", Among(NOW - timedelta(days=2), NOW + timedelta(hours=1))) == ["2"]
    assert found("zorglub", Among(ALL.since, NOW)) == ["1"]
    assert found("zorglub", replace(ALL, space_ids=(house.blog.pk,))) == ["2"]
    assert search("zorglub", replace(ALL, space_ids=(house.forum.pk,))).counted.total == 1


def test_spaces_of_other_brands_are_left_out(house: House) -> None:
    theirs = asker_of(7, [(house.other.pk, Role.COMMUNITY_MANAGER)])
    assert searches.space_ids(theirs, []) == (house.forum.pk,) and searches.space_ids(theirs, [house.blog.pk]) == ()
    ours = asker_of(7, [(house.brand.pk, Role.COMMUNITY_MANAGER)])
    assert set(searches.space_ids(ours, []) or ()) == {house.forum.pk, house.blog.pk}
    assert searches.space_ids(COMMAND, []) is None
    assert [title for _, title in searches.spaces(theirs)] == ["Forum"]


def test_who_may_not_preview_may_not_search(house: House) -> None:
    with pytest.raises(DecisionError):
        search("zorglub", asker=asker_of(7, [(None, Role.READER)]))
    with pytest.raises(QueryError):
        search("a OR b AND c")


@pytest.mark.parametrize("text", ["", "~", "hier", "2026-10-30T08:00:00~00", "2026-10-30T08:00:00+00:00~zz"])
def test_place_that_is_none_begins_at_the_newest(text: str) -> None:
    assert Place.read(text) is None
    place = Place(datetime(2026, 10, 30, 8, 0, 0, 5, tzinfo=UTC), b"\1" * 16)
    assert Place.read(str(place)) == place


def test_archive_in_an_object_store_works_as_in_a_folder(
    house: House, run_work: Runner, native_ids: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vigie.store import archive as module

    moto = Moto()
    moto.make_bucket("lake")
    monkeypatch.setattr(module, "PATIENCE", module.PATIENCE | {"max_retries": "1", "retry_timeout": "2s"})
    settings.VIGIE = replace(settings.VIGIE, archive_url="s3://lake/prefix")
    try:
        with Gate(moto.port) as gate:
            for name, value in gate.environment.items():
                monkeypatch.setenv(name, value)
            house.take(
                *(post(str(n), "zorglub", author=f"a{n % 2}") for n in range(4)), post("s", "sérélium", author="a0")
            )
            gate.close()
            with pytest.raises(RetryableError):
                archiving.write(now=NOW)
            with pytest.raises(RetryableError):
                search("zorglub")
            assert Batch.objects.count() == 1
            gate.open()
            assert archiving.write(now=NOW) == 5 and Batch.objects.count() == 0
            assert sorted(found("zorglub")) == ["0", "1", "2", "3"]
            archiving.tidy(now=NOW)
            watch = watches.add(WatchDraft("Z", house.brand.pk, "field", None, "zorglub"), asker=COMMAND, now=NOW)
            run_work()
            assert Mention.objects.filter(watch=watch).count() == 4
            erasing.demand(
                "author",
                erasing.target_of(Mention.objects.get(post__native_id="s").pk, "author"),
                asker=COMMAND,
                now=NOW,
            )
            run_work()
            assert sorted(found("zorglub")) == ["1", "3"]
            assert "sérélium" not in moto.bodies("lake").decode("utf-8", "ignore")
    finally:
        moto.stop()


def test_space_that_was_closed_is_searched_all_the_same(house: House, native_ids: None) -> None:
    house.take(post("1", "zorglub"))
    Space.objects.filter(pk=house.forum.pk).update(closed_at=NOW)
    assert found("zorglub") == ["1"]
