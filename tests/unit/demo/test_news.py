"""The demo's news: a feed that our own source reads whole, dated back from the end of the story."""

from datetime import UTC, datetime, timedelta

from vigie.collect.source import Page
from vigie.demo import NEWS_SPACE, company, feed
from vigie.demo.news import NEWS
from vigie.platforms.feed.parse import parse

UNTIL = datetime(2026, 10, 30, 8, tzinfo=UTC)


def test_feed_is_read_whole_by_the_source_of_feeds() -> None:
    page = Page("http://127.0.0.1:8765/demo/news.atom", feed(until=UNTIL), "application/atom+xml", "posts", UNTIL, "")
    parsed = parse(page)
    rows = parsed.posts.to_pylist()
    assert not parsed.skipped and [row["title"] for row in rows] == [one.title for one in NEWS]
    assert rows[0]["published_at"] == UNTIL - timedelta(days=NEWS[0].back) and rows[0]["text"] == NEWS[0].text
    assert {row["origin"] for row in rows} == {"actualites.vaubrun.example"}
    assert all(row["url"].startswith("https://actualites.vaubrun.example/") for row in rows)


def test_feed_says_that_it_is_invented_and_is_the_same_at_every_run() -> None:
    assert "inventées".encode() in feed(until=UNTIL) and feed(until=UNTIL) == feed(until=UNTIL)


def test_space_of_the_news_is_ours_and_no_part_of_the_story() -> None:
    assert NEWS_SPACE.ownership == "owned" and NEWS_SPACE.share == 0
    assert NEWS_SPACE.name not in {space.name for space in company().spaces}
