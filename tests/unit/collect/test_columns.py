"""Columns of posts: the fast way says what the plain one says, value by value."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vigie.collect import columns
from vigie.schema.ids import origin_of
from vigie.schema.tables import POSTS

ZONES = ["Z", "", "+00:00", "-00:00", "+02:00", "-1130", "+14", "-23:59", "+24:00", "+05:60", "+01:02:03", "z", " Z", "Z ", "\0"]  # fmt: skip
PRECISIONS = ["auto", "hours", "minutes", "seconds", "milliseconds", "microseconds"]
DATES = st.one_of(
    st.builds(
        lambda at, precision, sep, more, zone: at.isoformat(sep, precision) + more + zone,
        st.datetimes(), st.sampled_from(PRECISIONS), st.sampled_from(["T", " ", "t"]),
        st.sampled_from(["", ".5", ",5", ".1234567", ":60"]), st.sampled_from(ZONES),
    ),
    st.text(alphabet="0123456789-:T Z+.,", max_size=30),
    st.sampled_from(["2026-10-01", "20261001T080000Z", "2026-W40-4", "0000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "hier"]),
)  # fmt: skip


@settings(max_examples=500)
@given(DATES)
@example("0001-01-01T00:00:00+14:00")
@example("9999-12-31T23:59:59-14:00")
def test_a_column_of_dates_says_what_each_says(text: str) -> None:
    usual = "2026-10-01T08:00:00.5Z"
    found = columns.instants([usual, None, text, ""]).to_pylist()
    assert found == [datetime(2026, 10, 1, 8, 0, 0, 500_000, UTC), None, columns.instant(text), None]
    assert columns.instants([text]).to_pylist() == [columns.instant(text)]


ADDRESSES = st.one_of(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["https://", "http://", "HTTPS://", " https://", "https:/", "//", ""]),
        st.sampled_from(["a.example", "www.a.example", "A.example.", "me@a.example:8443", "[x", "h:99999", "é.example", ""]),
        st.sampled_from(["", "/", "/1", "?q=/2", "#/3", " /", "\n/", "/\0"]),
    ),
    st.text(),
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(ADDRESSES, max_size=6))
def test_a_column_of_hosts_says_what_each_address_says(addresses: list[str]) -> None:
    assert columns.origins(addresses, "none") == [origin_of(address) or "none" for address in addresses]


TEXTS = st.lists(st.none() | st.text(alphabet="a\0 \n\u00a0é", max_size=5), max_size=6)


@given(TEXTS)
def test_texts_are_cleaned_as_each_is(texts: list[str | None]) -> None:
    assert columns.cleaned(texts) == [columns.clean(text) for text in texts]
    assert columns.said(texts) == [columns.clean(text) or None for text in texts]


@given(st.lists(st.none() | st.integers(), max_size=6))
def test_counts_are_those_that_may_be(numbers: list[int | None]) -> None:
    assert columns.counts(numbers) == [columns.count(number) for number in numbers]
    assert pa.array(columns.counts(numbers), pa.int64()).to_pylist() == columns.counts(numbers)


def of(origins: list[str], natives: list[str], **more: Any) -> dict[str, Any]:
    return {"origin": origins, "native_id": natives, "network": "forum", "text": natives, "media": [()] * len(natives), **more}  # fmt: skip


def test_what_is_not_given_is_absent_and_the_site_is_the_origin() -> None:
    (row,) = columns.table_of(of(["o"], ["1"], likes=[2], media=[["https://a.example"]])).to_pylist()
    assert row == dict.fromkeys(POSTS.names) | {
        "origin": "o", "site": "o", "native_id": "1", "network": "forum", "text": "1", "likes": 2,
        "media": ["https://a.example"],
    }  # fmt: skip


@pytest.mark.parametrize("rows", [0, 1, columns._REMEMBERED, columns._REMEMBERED + 1])
def test_tables_have_the_schema_however_many_rows(rows: int) -> None:
    table = columns.table_of(of(["o"] * rows, list(map(str, range(rows)))))
    table.validate(full=True)
    assert table.schema.equals(POSTS, check_metadata=True) and table.num_rows == rows


def test_the_last_word_on_a_post_holds_in_the_place_of_the_first() -> None:
    first = of(["o", "o", "p"], ["1", "2", "1"], likes=[1, 2, 3])
    table, repeated = columns.posts_of(first, of(["o", "o"], ["1", "3"], views=[4, 5]))
    assert repeated == 1
    assert table.select(["origin", "native_id", "likes", "views"]).to_pylist() == [
        {"origin": "o", "native_id": "1", "likes": None, "views": 4},
        {"origin": "o", "native_id": "2", "likes": 2, "views": None},
        {"origin": "p", "native_id": "1", "likes": 3, "views": None},
        {"origin": "o", "native_id": "3", "likes": None, "views": 5},
    ]


def test_no_posts_are_an_empty_table() -> None:
    assert columns.posts_of() == (POSTS.empty_table(), 0)
    assert columns.posts_of(of([], [])) == (POSTS.empty_table(), 0)


ROWS = st.fixed_dictionaries(
    {"origin": st.text(), "native_id": st.text(), "network": st.text(), "text": st.text()},
    optional={
        "media": st.lists(st.text(max_size=3), max_size=2), "likes": st.none() | st.integers(0, 2**53), "deleted": st.booleans(),
        "published_at": st.none() | st.datetimes(timezones=st.just(UTC)), "rating": st.floats(allow_nan=False), "title": st.none(),
    },
)  # fmt: skip


@given(st.lists(ROWS, max_size=4))
def test_a_table_of_rows_is_what_arrow_makes_of_them(rows: list[dict[str, Any]]) -> None:
    table = columns.table_of_rows(rows)
    assert table == pa.Table.from_pylist(rows, schema=POSTS)
    assert table.schema.equals(POSTS, check_metadata=True)
