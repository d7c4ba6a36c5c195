"""Posts as records: which addresses a text names, and what a row of columns says."""

from datetime import UTC, datetime
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.match import DOCUMENTS, Document, document_of
from vigie.match.document import ENGAGEMENTS, LABEL_COLUMNS, LINKS, TEXT, TITLE, URL, ZONES, links_of


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("", []),
        ("rien", []),
        ("ansm.sante.fr", []),
        ("https://", []),
        ("http://a", ["http://a"]),
        ("Voir https://ansm.sante.fr/rappel !", ["https://ansm.sante.fr/rappel"]),
        ("HTTPS://ANSM.FR/A", ["HTTPS://ANSM.FR/A"]),
        ("(https://a.fr/x) [https://b.fr/y]", ["https://a.fr/x", "https://b.fr/y"]),
        ("« https://a.fr »", ["https://a.fr"]),
        ("«https://a.fr» “https://b.fr”", ["https://a.fr", "https://b.fr"]),
        ('<a href="https://a.fr/x">', ["https://a.fr/x"]),
        ("https://a.fr/x\u00a0: lisez", ["https://a.fr/x"]),
        ("https://a.fr/x\u202f! lisez", ["https://a.fr/x"]),
        ("https://a.fr/été?q=tête#😡", ["https://a.fr/été?q=tête#😡"]),
        ("https://a.fr https://a.fr", ["https://a.fr", "https://a.fr"]),
        ("https://web.fr/http://a.fr", ["https://web.fr/http://a.fr"]),
        ("xhttps://a.fr", ["https://a.fr"]),
        ("ftp://a.fr mailto:a@b.fr", []),
        ("https://a.fr\ud800/x", ["https://a.fr\ud800/x"]),
    ],
)
def test_links_are_the_addresses_that_a_text_names(text: str, links: list[str]) -> None:
    assert links_of(text) == links


pieces = st.sampled_from(
    ("https://a.fr", "http://", "x", " ", "(", ")", "«", "»", "é", "😡", "\n", "\u202f", ":", "//", "\ud800")
)


@given(st.lists(pieces, max_size=12).map("".join) | st.text(max_size=40))
def test_links_stand_in_the_text_one_after_the_other(text: str) -> None:
    place = 0
    for link in links_of(text):
        assert link.lower().startswith(("http://", "https://"))
        assert not any(c.isspace() for c in link)
        assert links_of(link) == [link]
        place = text.index(link, place) + len(link)
    assert links_of(f"{text} \n {text}") == links_of(text) * 2


def test_row_of_nothing_but_text_says_nothing_else() -> None:
    assert document_of({"text": "a"}) == Document(None, "a")
    everything = dict.fromkeys(DOCUMENTS.names)
    assert document_of(everything | {"text": "a"}) == Document(None, "a")
    assert document_of({"text": "a", "likes": 3, "post_key": b"x"}) == Document(None, "a")


def test_row_is_read_whole() -> None:
    at = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
    row = {
        "title": "t", "text": "a", "url": "https://a.fr/x", "site": "a.fr", "network": "forum", "country": "FR",
        "origin": "a.fr", "author_key": b"k", "engaging_key": b"l", "author_verified": False, "followers": 0,
        "rating": 0.0, "published_at": at, "in_reply_to": "1", "repost_of": None, "quote_of": "2", "spaces": ["s", "t"],
        "space_kinds": ["owned"], "language": "fr-CA",
    }  # fmt: skip
    assert set(row) == set(DOCUMENTS.names) - set(LABEL_COLUMNS.values())
    assert document_of(row) == Document(
        title="t", text="a", spaces=("s", "t"), language="fr-CA", space_kinds=("owned",), url="https://a.fr/x",
        site="a.fr", network="forum", country="FR", origin="a.fr", author_key=b"k", engaging_key=b"l",
        author_verified=False, followers=0, rating=0.0, published_at=at, engagement=("reply", "quote"),
    )  # fmt: skip
    [again] = pa.Table.from_pylist([row], schema=DOCUMENTS).to_pylist()
    assert document_of(again) == document_of(row)


@given(st.lists(st.sampled_from(tuple(ENGAGEMENTS.values())), unique=True))
def test_engagement_is_what_the_columns_say(columns: list[str]) -> None:
    row = {"text": "a", **dict.fromkeys(columns, "https://a.fr/1")}
    assert {ENGAGEMENTS[kind] for kind in document_of(row).engagement} == set(columns)


def test_every_column_is_a_part_of_a_document() -> None:
    told = set(Document.__dataclass_fields__) - {"engagement", "labels"}
    told |= {*ENGAGEMENTS.values(), *LABEL_COLUMNS.values()}
    assert told == set(DOCUMENTS.names)


def test_zones_are_numbered_in_the_order_of_their_words() -> None:
    assert all(a + 1 == b for a, b in pairwise((TITLE, TEXT, URL, LINKS)))
    assert ZONES == {"title": TITLE, "url": URL, "links": LINKS}
