"""Exports of Talkwalker, Meltwater and Brandwatch, with every header that was seen, each row invented."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigie.collect.imports import inspect, read
from vigie.collect.imports.values import country, lacks_time

NOW = datetime(2026, 10, 30, tzinfo=UTC)

EXT, SRC, WORLD = "article_extended_attributes.", "source_extended_attributes.", "world_data."
TALKWALKER = [
    *["url", "indexed", "published", "search_indexed", "title_snippet", "content_snippet", "title", "content", "root_url", "domain_url", "host_url", "parent_url"],
    *["lang", "porn_level", "fluency_level", "spam_level", "sentiment", "source_type", "post_type", "cluster_id", "meta_cluster_id", "tags_internal"],
    *["tags_marking", "tags_customer", "entity_urls", "images.url", "images.width", "videos.url", "pagemonitoring_sitemon_siteid", "matched_profile"],
    *(EXT + n for n in ["facebook_shares", "facebook_likes", "twitter_retweets", "url_views", "pinterest_likes", "youtube_views", "youtube_likes"]),
    *(EXT + n for n in ["youtube_dislikes", "instagram_likes", "twitter_shares", "num_comments", "twitter_likes", "linkedin_shares"]),
    *(SRC + n for n in ["alexa_pageviews", "alexa_unique_visitors", "facebook_followers", "twitter_followers", "instagram_followers"]),
    *(f"extra_{who}_attributes.{WORLD}{n}" for who in ("article", "author", "source") for n in ["continent", "country", "country_code", "region", "city"]),
    *("extra_author_attributes." + n for n in ["id", "type", "name", "birthdate.date", "gender", "image_url", "short_name", "url", "description"]),
    *["extra_source_attributes.name", "engagement", "reach", "provider", "generator.type", "word_count", "project_name"],
]  # fmt: skip
MELTWATER_1 = [
    "Date", "Headline", "URL", "Opening Text", "Hit Sentence", "Source", "Influencer", "Country", "Subregion", "Language", "Reach",
    "Desktop Reach", "Mobile Reach", "Twitter Social Echo", "Facebook Social Echo", "Reddit Social Echo", "National Viewership",
    "Engagement", "AVE", "Sentiment", "Key Phrases", "Input Name", "Keywords", "Twitter Authority", "Tweet Id", "Twitter Id",
    "Twitter Client", "Twitter Screen Name", "User Profile Url", "Twitter Bio", "Twitter Followers", "Twitter Following",
    "Alternate Date Format", "Time", "State", "City", "Document Tags",
]  # fmt: skip
MELTWATER_2 = [
    "Date", "Headline", "URL", "Opening Text", "Hit Sentence", "Source", "Influencer", "Country", "State", "City", "Subregion",
    "Language", "Reach", "Desktop Reach", "Mobile Reach", "Twitter Social Echo", "Facebook Social Echo", "Reddit Social Echo",
    "National Viewership", "Engagement", "AVE", "Sentiment", "Key Phrases", "Input Name", "Keywords", "Twitter Authority", "Tweet Id",
    "Twitter Id", "Twitter Client", "Twitter Screen Name", "User Profile Url", "Twitter Bio", "Twitter Followers",
    "Twitter Following", "Alternate Date Format", "Time", "Earned Traffic", "Hashtags", "Views", "Estimated Views",
    "Custom Categories", "Document Tags",
]  # fmt: skip
BRANDWATCH = ["Date", "Author", "Full Text", "Title", "Thread Id", "Thread Author", "Domain", "Expanded URLs", "Url"]
BRANDWATCH_API = ["date", "author", "fullText", "title", "url", "domain", "pageType", "accountType", "added", "assignment", "authorCity", "threadId", "language", "countryCode"]  # fmt: skip

CASES = {
    "talkwalker": (TALKWALKER, {
        "url": "https://www.forum.example/t/7?p=2#c3", "published": "1769868300000", "title": "Des vertiges", "content": "Depuis lundi",
        "root_url": "http://forum.example/", "domain_url": "forum.example", "parent_url": "http://www.forum.example/t/7", "lang": "fr",
        "source_type": "MESSAGEBOARD", "images.url": "https://forum.example/a.png", EXT + "num_comments": "4", EXT + "youtube_views": "12",
        SRC + "twitter_followers": "90", f"extra_source_attributes.{WORLD}country_code": "FR", "extra_author_attributes.short_name": "zoe",
        "extra_author_attributes.name": "Zoe P.",
    }, {
        "text": "Depuis lundi", "title": "Des vertiges", "native_id": "https://forum.example/t/7?p=2", "in_reply_to": "https://forum.example/t/7",
        "network": "forum", "media": ["https://forum.example/a.png"], "replies": 4, "views": 12, "followers": 90, "country": "FR",
        "author": "zoe", "author_name": "Zoe P.", "published_at": datetime(2026, 1, 31, 14, 5, tzinfo=UTC), "lang_claimed": "fr",
    }),
    "meltwater-1": (MELTWATER_1, {
        "Date": "31-Jan-2026 02:05PM", "Headline": "Un titre", "URL": "https://presse.example/a", "Opening Text": "Ouverture",
        "Hit Sentence": "Sérélium en cause", "Source": "La Presse inventée", "Influencer": "Jean", "Country": "France", "Language": "French",
        "Twitter Followers": "1,200",
    }, {
        "text": "Sérélium en cause", "title": "Un titre", "country": "FR", "lang_claimed": "fr", "author": "Jean", "followers": 1200,
        "network": "press", "published_at": datetime(2026, 1, 31, 14, 5, tzinfo=UTC),
    }),
    "meltwater-2": (MELTWATER_2, {
        "Date": "31-Jan-2026", "Time": "2:05 PM", "URL": "https://x.com/zoe/status/9", "Hit Sentence": "Sérélium…", "Source": "X", "Country": "Côte d’Ivoire",
        "Language": "French", "Tweet Id": "9", "Twitter Screen Name": "@zoe", "Estimated Views": "2.5K", "Hashtags": "#s",
    }, {
        "native_id": "9", "network": "x", "author": "@zoe", "views": 2500, "country": "CI",
        "published_at": datetime(2026, 1, 31, 14, 5, tzinfo=UTC),
    }),
    "brandwatch": (BRANDWATCH, {
        "Date": "2026-01-31 14:05:00.0", "Author": "Zoe", "Full Text": "Des vertiges", "Title": "Souffle", "Thread Id": "7",
        "Domain": "forum.example", "Url": "http://forum.example/t/1",
    }, {
        "text": "Des vertiges", "title": "Souffle", "author": "Zoe", "origin": "forum.example", "native_id": "https://forum.example/t/1",
        "network": "forum", "published_at": datetime(2026, 1, 31, 14, 5, tzinfo=UTC),
    }),
    "brandwatch-api": (BRANDWATCH_API, {
        "date": "2026-01-31T14:05:00.000+0000", "author": "zoe", "fullText": "Des vertiges", "url": "https://avis.example/1",
        "domain": "avis.example", "pageType": "review", "countryCode": "fr", "language": "fr",
    }, {
        "text": "Des vertiges", "network": "review", "country": "FR", "lang_claimed": "fr",
        "published_at": datetime(2026, 1, 31, 14, 5, tzinfo=UTC),
    }),
}  # fmt: skip

SHAPES = [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-16-le", "\t"), ("cp1252", ",")]


@pytest.mark.parametrize(("encoding", "delimiter"), SHAPES)
@pytest.mark.parametrize("name", CASES)
def test_every_header_seen_is_recognised_and_read(tmp_path: Path, name: str, encoding: str, delimiter: str) -> None:
    header, values, expected = CASES[name]
    text = io.StringIO()
    writer = csv.DictWriter(
        text, header, delimiter=delimiter, quoting=csv.QUOTE_ALL if encoding == "utf-16" else csv.QUOTE_MINIMAL
    )
    writer.writeheader()
    writer.writerow(values)
    path = tmp_path / "export.csv"
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    path.write_bytes((mark + text.getvalue()).encode(encoding))
    found = inspect(path)
    assert found.dialect == name.partition("-")[0]
    row = next(r for b in read(path, found.suggested, imported_at=NOW, space="x") for r in b.posts.to_pylist())
    assert {key: row[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("fr", "FR"),
        ("France", "FR"),
        ("allemagne", "DE"),
        ("Germany", "DE"),
        ("United States", "US"),
        ("Nulle part", None),
        ("", None),
    ],
)
def test_countries_are_known_by_code_and_by_name(text: str, code: str | None) -> None:
    assert country(text) == code


@pytest.mark.parametrize(
    ("text", "lacks"),
    [("31-Jan-2026", True), ("31/01/2026", True), ("31-Jan-2026 02:05PM", False), ("2026-01-31T14:05Z", False), ("1769868300", False), ("", False), ("31 janvier 14h05", False)],
)  # fmt: skip
def test_dates_without_a_time_are_known(text: str, lacks: bool) -> None:
    assert lacks_time(text) is lacks
