"""Gates: terms without which a query can't hold; an OR, a NOT and what stands behind them give none."""

import pytest

from vigie.match import parse
from vigie.match.compiled import lay
from vigie.match.frequencies import share_of
from vigie.match.gates import NONE, gates

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
