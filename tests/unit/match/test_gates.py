"""Gates: terms without which a query can't hold; an OR, a NOT and what stands behind them give none."""

import pytest

from vigie.match import parse
from vigie.match.compiled import lay
from vigie.match.frequencies import share_of
from vigie.match.gates import NONE, gates, glances
from vigie.text import kernel

GATES = [
    # query, the rarest words that refuse it by their absence, beside the one that leads to it
    ("serelium", set()),
    ("serelium AND tete", {"tete"}),
    ("serelium AND tete AND jour AND de", {"tete", "jour"}),
    ("serelium AND NOT tete", set()),
    ("serelium OR tete", set()),
    ("serelium AND (tete OR jour)", set()),
    ("(serelium OR kalmedis) AND de", {"de"}),
    ("serelium NEAR/5 tete", {"tete"}),
    ("serelium NEAR/5 (tete OR jour)", set()),
    ('"mal de tete"', {"de", "tete"}),
]


@pytest.mark.parametrize(("expression", "words"), GATES)
def test_gates_are_words_that_a_query_cannot_do_without(expression: str, words: set[str]) -> None:
    found = lay([parse(expression)], chance=share_of)
    (row,) = gates(found, chance=share_of).tolist()
    assert {found.asked[n].form for n in row if n != NONE} == words


OPEN = [
    # query, whether all that holds of it when it holds made it hold
    ("serelium", True),
    ("serelium OR tete OR jour", True),
    ('(serelium OR "mal de tete") AND (tete OR jour) AND NOT (de OR la)', True),
    ('serelium OR (tete AND "mal de tete")', False),
    ('serelium AND (tete OR ("mal de tete" AND jour))', False),
    ('serelium AND ("mal de tete" OR (tete NEAR/3 jour))', True),
]


def test_trees_are_open_where_no_group_of_all_lies_within_one_of_any() -> None:
    """Together, as each has its own rows of one table."""
    found = lay([parse(expression) for expression, _ in OPEN], chance=share_of)
    flags = glances(found, chance=share_of)[:, kernel.G_FLAGS]
    assert (flags & kernel.OPEN_TREE != 0).tolist() == [is_open for _, is_open in OPEN]
