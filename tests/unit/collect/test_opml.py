"""OPML: however it is nested and written, guarded, and the same list after a round trip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.collect import opml
from vigie.collect.opml import Outline, new_ones, read, write
from vigie.errors import SchemaError


def file(body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><head/><body>{body}</body></opml>'.encode()


NESTED = file(
    '<outline text="Santé"><outline title="Presse" text="x"><outline text=" Un   blog " type="rss" xmlUrl="https://a.example/feed"/>'
    '</outline></outline><outline XMLURL="http://b.example/rss"/><outline text="Un lien" url="https://c.example/"/>'
)


def test_nested_outlines_keep_their_folder_and_lack_no_title() -> None:
    assert read(NESTED).feeds == (
        Outline("Un blog", "https://a.example/feed", "Santé / Presse"),
        Outline("http://b.example/rss", "http://b.example/rss"),
    )


def test_repeats_and_what_is_none_of_the_web_are_counted() -> None:
    found = read(
        file(
            '<outline xmlUrl="https://a.example/feed"/><outline xmlUrl="http://www.a.example/feed#x"/>'
            '<outline xmlUrl="javascript:alert(1)"/><outline xmlUrl="file:///etc/passwd"/><outline xmlUrl="https://b c"/>'
        )
    )
    assert (len(found.feeds), found.repeated, found.unreadable) == (1, 1, 3)


def test_long_list_is_cut_and_says_so() -> None:
    found = read(file("".join(f'<outline xmlUrl="https://a.example/{n}"/>' for n in range(opml.MOST + 7))))
    assert (len(found.feeds), found.left) == (opml.MOST, 7)


BOMB = b'<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><opml><body><outline text="&b;" xmlUrl="https://a.example"/></body></opml>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml><body><outline text="x" xmlUrl="https://a.example"/>&a;</body></opml>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "opml.broken"),
        (b"<html><body/></html>", "opml.broken"),
        (b"<opml><body>", "opml.broken"),
        (b"\x00\xff\xfe", "opml.broken"),
        (BOMB, "opml.doctype"),
        (OUTSIDE, "opml.doctype"),
        (b"<!DOCTYPE opml SYSTEM 'http://a.example/x.dtd'><opml/>", "opml.doctype"),
        (b" " * (opml.LARGEST + 1), "opml.too_large"),
        (b"<opml><body>" + b"<outline>" * 5_000 + b"</outline>" * 5_000 + b"</body></opml>", "opml.broken"),
    ],
    ids=["empty", "html", "cut", "bytes", "bomb", "outside", "dtd", "large", "deep"],
)
def test_what_is_no_list_or_means_harm_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(SchemaError) as refused:
        read(data)
    assert refused.value.code == code


@given(st.lists(st.tuples(st.text(max_size=40), st.integers(0, 10**6)), max_size=20, unique_by=lambda pair: pair[1]))
def test_list_is_the_same_after_a_round_trip(rows: list[tuple[str, int]]) -> None:
    feeds = [Outline(title, f"https://a.example/{n}?x=é&y=<") for title, n in rows]
    found = read(write(feeds, title="Nos flux")).feeds
    assert [feed.address for feed in found] == [feed.address for feed in feeds]
    assert read(write(found, title="")).feeds == found


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read(data)
    except SchemaError as error:
        assert error.code.startswith("opml.")


def test_feeds_that_are_known_are_told_apart() -> None:
    feeds = [Outline("A", "https://www.a.example/feed"), Outline("B", "https://b.example/")]
    assert new_ones(feeds, ["http://a.example/feed"]) == ([feeds[1]], [feeds[0]])
