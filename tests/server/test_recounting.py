"""Counts are read again at six ages; only a changed one is a write, and the series keeps each."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from vigie.collect.source import Response
from vigie.server import mirroring
from vigie.server.models import Mention, Post, Reading, Recount, Space
from vigie.server.permissions import COMMAND
from vigie.server.services import recounting, spaces, work
from vigie.server.services.spaces import SpaceDraft
from vigie.server.worker.loop import Job

from .conftest import NOW, House, post


class Site:
    """A WordPress that says how many comments a post has."""

    def __init__(self, total: int) -> None:
        self.total, self.asked = total, list[str]()

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Response:
        self.asked.append(url)
        return Response(url, 200, {"x-wp-total": str(self.total)}, b"[]")


@pytest.fixture
def blog(house: House) -> Space:
    draft = SpaceDraft("Blog", "wordpress", "blog", "https://blog.example/wp-json")
    return spaces.add(draft, asker=COMMAND, now=NOW)


def read(site: Site, at: timedelta) -> int:
    work.enqueue("recount", f"recount:{at}")
    (claimed,) = [c for c in work.claim(holder="t", limit=20) if c.kind == "recount"]
    import threading

    outcome = recounting.run(Job(claimed, threading.Event()), fetch=site, clock=lambda: NOW + at)
    return int(outcome.facts["changed"])


def test_posts_are_read_at_each_age_and_then_no_more(house: House, blog: Space) -> None:
    house.take(
        post("wp:post:7", "Sérélium", published_at=NOW), post("wp:comment:1", "Sérélium", published_at=NOW), space=blog
    )
    assert list(Recount.objects.values_list("post__native_id", flat=True)) == ["wp:post:7"]
    moments = []
    while (row := Recount.objects.first()) is not None:
        moments.append(row.due_at - NOW)
        read(Site(0), row.due_at - NOW)
    assert tuple(moments) == recounting.AGES


def test_only_a_changed_count_is_a_write_and_figures_follow(house: House, blog: Space) -> None:
    house.take(post("wp:post:7", "Sérélium", published_at=NOW), space=blog)
    mirroring.merge_now(clock=lambda: NOW)
    before = Mention.objects.get().revision
    assert read(Site(3), timedelta(hours=1)) == 1
    assert read(Site(3), timedelta(hours=6)) == 0
    assert list(Reading.objects.values_list("replies", flat=True)) == [3]
    assert Post.objects.get().replies == 3 and Mention.objects.get().revision > before


def test_one_small_answer_is_asked_per_post(house: House, blog: Space) -> None:
    house.take(post("wp:post:7", "Sérélium", published_at=NOW), space=blog)
    site = Site(1)
    read(site, timedelta(hours=2))
    assert site.asked == ["https://blog.example/wp-json/wp/v2/comments?post=7&per_page=1"]


def test_post_older_than_a_month_is_not_read_again(house: House, blog: Space) -> None:
    house.take(post("wp:post:7", "Sérélium", published_at=NOW - timedelta(days=40)), space=blog)
    assert not Recount.objects.exists()


def test_space_whose_source_has_no_counts_plans_nothing(house: House) -> None:
    house.take(post("1", "Sérélium", published_at=NOW))
    assert not Recount.objects.exists()
