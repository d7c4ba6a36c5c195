"""Which hosts a post points at, and how places are ranked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.collect.proposing import FEWEST, MOST_LINKS, Pointed, hosts_of, is_place, ranked, score


@pytest.mark.parametrize(
    ("text", "url", "origin", "site", "found"),
    [
        ("Rien.", "", "forum.example", "", ["forum.example"]),
        ("", "https://www.blog.example/a", "blog.example", "blog.example", ["blog.example"]),
        ("Voyez https://avis.example/sérélium.", "", "", "", ["avis.example"]),
        ("(https://a.example/x) et HTTP://B.Example:8080/y", "", "", "", ["a.example"]),
        ("https://t.co/abc https://m.facebook.com/page https://fr.wikipedia.org/wiki", "", "", "", []),
        ("https://a.example https://www.a.example/2", "", "a.example", "", ["a.example"]),
        ("http://127.0.0.1/ http://localhost/ https://[::1]/ http:///", "", "", "", []),
        ("javascript:alert(1) ftp://f.example", "javascript:alert(1)", "", "", []),
        ("«https://a.example», puis https://b.example…", "", "", "", ["a.example", "b.example"]),
    ],
)
def test_hosts_that_a_post_points_at(text: str, url: str, origin: str, site: str, found: list[str]) -> None:
    assert list(hosts_of(text, url=url, origin=origin, site=site)) == found


def test_list_of_links_points_at_few() -> None:
    text = " ".join(f"https://h{n}.example/" for n in range(100))
    assert len(hosts_of(text, url="", origin="", site="")) == MOST_LINKS


@given(st.text(max_size=300))
def test_any_text_is_read_and_gives_names_of_the_web_alone(text: str) -> None:
    assert all(is_place(host) for host in hosts_of(text, url=text, origin=text, site=text))


def test_many_authors_outrank_one_who_says_much() -> None:
    assert score(20, 15) > score(60, 1) > score(3, 1) > 0
    assert score(10**6, 10**6) < 1


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_rank_grows_with_both_counts(mentions: int, authors: int) -> None:
    assert score(mentions + 1, authors) >= score(mentions, authors)
    assert score(mentions, authors + 1) >= score(mentions, authors)
    assert 0 < score(mentions, authors) <= 1


def test_ranking_leaves_out_what_is_listened_to_and_what_is_rare_and_is_bounded_a_brand() -> None:
    pointed = [
        Pointed(1, "big.example", 50, 30), Pointed(1, "mid.example", 20, 10), Pointed(1, "small.example", FEWEST, 2),
        Pointed(1, "rare.example", FEWEST - 1, 2), Pointed(1, "ours.example", 90, 60), Pointed(2, "mid.example", 4, 1),
    ]  # fmt: skip
    rows = ranked(pointed, listened=frozenset({"ours.example"}), most=2)
    assert [(row.brand_id, row.host) for row in rows] == [(1, "big.example"), (1, "mid.example"), (2, "mid.example")]
    assert rows[0].address == "https://big.example/"
