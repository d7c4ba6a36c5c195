"""Which query is proposed for a name, and what it finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.match import Document, compile_queries, parse
from vigie.match.naming import expression_for, ideas


@pytest.mark.parametrize(
    ("name", "plural", "expression"),
    [
        ("Vaubrun", False, "vaubrun"),
        ("Sérélium", True, "serelium OR sereliums"),
        ("Zyx", True, "zyx"),
        ("Calmix", True, "calmix"),
        ("Laboratoires Vaubrun", False, '"laboratoires vaubrun" OR laboratoiresvaubrun'),
        ("L'Oréal", False, '"l oreal" OR loreal'),
        ("BT", False, "{BT}"),
        ("bt", False, "bt"),
        ("AND", False, "{AND}"),
        ("Near/5", False, '"near 5"'),
        ("C++", False, "c"),
        ("  ", False, ""),
        ("“Doli* (prane)”", False, '"doli prane" OR doliprane'),
    ],
)
def test_query_of_a_name(name: str, plural: bool, expression: str) -> None:
    assert expression_for(name, plural=plural) == expression
    if expression:
        parse(expression)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Sérélium", "Le serelium me convient", True),
        ("Sérélium", "LE SÉRÉLIUM®", True),
        ("Sérélium", "Vos séréliums", True),
        ("Sérélium", "l’Sérélium", True),
        ("Sérélium", "sérélia", False),
        ("Laboratoires Vaubrun", "les laboratoires  Vaubrun", True),
        ("Laboratoires Vaubrun", "merci @LaboratoiresVaubrun", True),
        ("Laboratoires Vaubrun", "#laboratoiresvaubrun", True),
        ("Laboratoires Vaubrun", "Vaubrun et ses laboratoires", False),
        ("BT", "chez BT on", True),
        ("BT", "bt", False),
    ],
)
def test_query_finds_the_name_as_people_write_it(name: str, text: str, found: bool) -> None:
    queries = compile_queries({"q": expression_for(name, plural=True)})
    assert bool(list(queries.match(Document(title=None, text=text)))) is found


@given(st.text(max_size=60), st.booleans())
def test_any_name_gives_a_query_that_can_be_read_or_none(name: str, plural: bool) -> None:
    expression = expression_for(name, plural=plural)
    if expression:
        parse(expression)


def test_brands_products_and_competitors_give_a_watch_each_and_none_twice() -> None:
    found = ideas(["Vaubrun", "Souffle"], {"Souffle": ["Inspira", "VAUBRUN"]}, ["Kalmédis", "inspira"])
    assert [(i.name, i.brand, i.purpose, i.subject) for i in found] == [
        ("Vaubrun", "Vaubrun", "brand", "Vaubrun"),
        ("Souffle", "Souffle", "brand", "Souffle"),
        ("Inspira", "Souffle", "product", "Souffle"),
        ("Kalmédis", "Vaubrun", "competitor", "Kalmédis"),
    ]
    assert ideas([], {}, ["Kalmédis"]) == ()
