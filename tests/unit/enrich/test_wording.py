"""How wordings change: put together again, the pieces give both texts; long stretches in common are left out."""

from hypothesis import given
from hypothesis import strategies as st

from vigie.enrich import wording
from vigie.enrich.wording import Change, Piece, Variant, changes, variants

TEXTS = st.lists(st.sampled_from(["le", "la", "pharmacie", "Sérélium", "😡", "כבר", "<b>"]), max_size=12).map(" ".join)


def test_a_word_replaced_one_added_one_gone() -> None:
    assert changes("un deux trois quatre", "un 2 trois quatre cinq") == (
        Piece(Change.SAME, "un"), Piece(Change.GONE, "deux"), Piece(Change.NEW, "2"), Piece(Change.SAME, "trois quatre"),
        Piece(Change.NEW, "cinq"),
    )  # fmt: skip
    assert changes("un deux", "un") == (Piece(Change.SAME, "un"), Piece(Change.GONE, "deux"))
    assert changes("", "") == ()


def test_words_in_common_far_from_a_change_are_left_out() -> None:
    long = [f"m{n}" for n in range(60)]
    found = changes(" ".join([*long, "a", *long]), " ".join([*long, "b", *long]))
    assert [piece.change for piece in found] == ["left_out", "same", "gone", "new", "same", "left_out"]
    assert found[1].text.split() == long[-wording.CONTEXT :]


@given(TEXTS, TEXTS)
def test_pieces_put_together_give_both_texts(before: str, after: str) -> None:
    found = changes(before, after)
    if not any(piece.change is Change.LEFT_OUT for piece in found):
        assert " ".join(p.text for p in found if p.change is not Change.NEW) == before
        assert " ".join(p.text for p in found if p.change is not Change.GONE) == after


def test_variants_are_told_by_their_words_alone() -> None:
    texts = [
        "Le Sérélium manque !",
        "le serelium MANQUE https://a.fr",
        "@bob Le Sérélium manque",
        "Le Sérélium revient",
        "",
    ]
    assert variants(texts) == [Variant(0, 3), Variant(3, 1), Variant(4, 1)]


def test_long_texts_are_compared_in_a_bounded_time() -> None:
    found = changes("a b " * 50_000, "b a " * 50_000)
    assert sum(len(piece.text.split()) for piece in found) <= 2 * wording.MOST_WORDS
