"""A few queries by words that are not frequent leave most posts uncut; the answer stays the same."""

import numpy as np
import pyarrow as pa
import pytest

from vigie.match.engine import Engine
from vigie.match.parser import parse
from vigie.match.sifting import kept, sieve_of

POSTS = pa.table(
    {
        "title": [None, "Sérélium", None, None, "x", None],
        "text": ["rien", "du tout", "le sérélium et le poids", "poids", None, "voir https://serelium.example/x"],
        "url": ["https://a.example/serelium", None, None, None, None, None],
        "site": ["a.example", None, None, None, None, None],
    }
)


def rows(engine: Engine) -> list[int]:
    return sorted(int(row) for row in engine.match(POSTS).row)


@pytest.mark.parametrize(("query", "expected"), [
    ("serelium", [1, 2, 5]), ("serel*m", [1, 2, 5]), ("ser?lium AND poids", [2]), ("url:serelium", [0]),
    ("links:serelium", [5]), ("{Sérélium}", [1]), ("serelium AND NOT poids", [1, 5]),
])  # fmt: skip
def test_the_rows_are_those_of_all_posts(query: str, expected: list[int]) -> None:
    engine = Engine({"q": parse(query)})
    assert sieve_of(engine.parts) is not None
    assert rows(engine) == expected


@pytest.mark.parametrize(
    "query", ["site:a.example", "serelium OR site:a.example", "serelium~1", "serelium OR 😀", "le"]
)
def test_what_words_alone_do_not_lead_to_is_held_against_all(query: str) -> None:
    assert sieve_of(Engine({"q": parse(query)}).parts) is None


def test_posts_without_the_words_are_not_cut() -> None:
    engine = Engine({"q": parse("serelium")})
    engine.match(POSTS)
    assert "rien" not in engine.lexicon.raw(0, engine.lexicon.size)


def test_a_changed_engine_seeks_its_own_words() -> None:
    engine = Engine({"q": parse("serelium")})
    assert rows(engine) == [1, 2, 5]
    assert rows(engine.changed({"p": parse("poids")})) == [1, 2, 2, 3, 5]
    assert rows(engine.changed({"p": parse("poids")}, ["q"])) == [2, 3]


def test_when_nearly_all_may_hold_they_are_read_where_they_stand() -> None:
    engine = Engine({"q": parse("serelium")})
    sieve = sieve_of(engine.parts)
    assert sieve is not None
    few = kept(POSTS, sieve, {1})
    assert few is not None
    np.testing.assert_array_equal(few, [1, 2, 5])
    assert kept(POSTS.take(few), sieve, {1}) is None
