"""Colours cover an expression; noise words are those a count by hand gives; parts are the query's."""

from hypothesis import given
from hypothesis import strategies as st

from vigie.match import parse
from vigie.match.highlight import highlighted, with_fault
from vigie.match.noise import Exclusion, exclusions
from vigie.match.parts import parts_of

typed = st.text(alphabet=st.sampled_from('abAND OR NOT()"*~{}<>?:[]/5f#@éœ😡\n'), max_size=80)


@given(typed)
def test_colours_are_the_expression_piece_by_piece(expression: str) -> None:
    assert "".join(piece.text for piece in highlighted(expression)) == expression


def test_each_piece_has_its_kind() -> None:
    asked = 'a AND (title:"b c"~5 OR nom:d) NEAR/3 {BT} <<<x>>> #e f* rating:[1 TO 2]'
    kinds = [(piece.text, piece.kind) for piece in highlighted(asked) if piece.text.strip() and piece.kind != "word"]
    assert kinds == [
        ("AND", "operator"), ("(", "bracket"), ("title:", "field"), ('"b c"~5', "phrase"), ("OR", "operator"),
        ("nom:", "unknown"), (")", "bracket"), ("NEAR/3", "operator"), ("{BT}", "cased"), ("<<<x>>>", "comment"),
        ("#e", "sign"), ("*", "wild"), ("rating:", "field"), ("[1 TO 2]", "range"),
    ]  # fmt: skip


@given(typed, st.integers(-3, 90), st.integers(-3, 90))
def test_fault_is_marked_and_nothing_is_lost(expression: str, start: int, end: int) -> None:
    pieces = with_fault(highlighted(expression), start, end)
    assert "".join(piece.text for piece in pieces) == expression
    faulty = [n for piece in pieces for n in [piece.is_fault] * len(piece.text)]
    assert sum(faulty) >= min(1, len(expression))
    assert all(n >= len(expression) - 1 or start <= n < max(end, start + 1, 1) for n, bad in enumerate(faulty) if bad)


def test_fault_cuts_the_pieces_it_begins_and_ends_in() -> None:
    pieces = with_fault(highlighted("a OR bcd"), 3, 6)
    assert [(piece.text, piece.is_fault) for piece in pieces] == [
        ("a ", False), ("O", False), ("R", True), (" b", True), ("cd", False),
    ]  # fmt: skip


def test_noise_words_drop_the_most_and_lose_the_least() -> None:
    noise = ["Le cheval Sérélium gagne", "Sérélium, cheval de course", "course de Sérélium", "Sérélium au haras"]
    good = ["Sérélium contre la douleur", "Sérélium et course à pied"] + ["Sérélium"] * 150
    found = exclusions(noise, good, asked=["serelium"])
    assert found == [Exclusion("cheval", 2, 0), Exclusion("course", 2, 1)]


@given(
    st.lists(st.sampled_from(("aaa", "bbb", "aaa bbb", "ccc aaa")), max_size=8),
    st.lists(st.sampled_from(("aaa", "bbb", "ccc")), max_size=8),
)
def test_noise_words_are_counted_text_by_text(noise: list[str], good: list[str]) -> None:
    for one in exclusions(noise, good):
        assert one.dropped == sum(one.word in text.split() for text in noise) >= 2
        assert one.lost == sum(one.word in text.split() for text in good) <= 0.01 * len(good)


def test_parts_are_branches_then_tests_each_once() -> None:
    parts = parts_of(parse('(a AND "b c") OR (a AND NOT d)').root)
    assert [(part.name, part.is_branch) for part in parts] == [
        ('a AND "b c"', True), ("a AND NOT d", True), ("a", False), ('"b c"', False), ("d", False),
    ]  # fmt: skip
    assert [part.is_branch for part in parts_of(parse("a AND b").root)] == [False, False]
