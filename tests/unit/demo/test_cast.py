"""The company: complete, invented, and its queries can be read."""

import pytest

from vigie import demo
from vigie.match import Document, compile_queries, parse
from vigie.schema.vocab import Network, Ownership, Purpose, Role, SpaceKind

COMPANY = demo.company()


@pytest.mark.parametrize("watch", COMPANY.watches, ids=lambda w: w.name)
def test_watch_can_be_read_without_a_warning(watch: demo.DemoWatch) -> None:
    assert parse(watch.expression).warnings == ()
    assert watch.purpose in set(Purpose)


def test_watches_name_brands_of_the_company() -> None:
    ours = {b.name for b in COMPANY.brands if b.is_ours}
    every = {b.name for b in COMPANY.brands}
    for watch in COMPANY.watches:
        assert watch.brand in ours
        assert (watch.subject is None) == (watch.purpose == Purpose.FIELD)
        assert watch.subject is None or watch.subject in every
    assert {w.subject for w in COMPANY.watches} - {None} == every


def test_watches_find_names_however_they_are_spelt() -> None:
    queries = compile_queries({w.name: w.expression for w in COMPANY.watches})
    for text, name in (
        ("SERELIUM 50", "Sérélium"), ("le Cérélium nouvelle formule", "Sérélium, nouvelle formule"), ("aerivane", "Aérivane"),
        ("le labo Vaubrun", "Laboratoire Vaubrun"), ("kalm'air du matin", "Kalmédis"), ("Orsélys", "Orsenne Pharma"),
    ):  # fmt: skip
        assert name in set(queries.match(Document(title=None, text=text)))


def test_spaces_are_of_eight_kinds_and_one_is_ours() -> None:
    assert len({s.network for s in COMPANY.spaces}) == 8
    assert all(s.network in set(Network) and s.kind in set(SpaceKind) for s in COMPANY.spaces)
    assert [s.name for s in COMPANY.spaces if s.ownership == Ownership.OWNED] == ["blog-vaubrun"]
    assert sum(s.share for s in COMPANY.spaces) == pytest.approx(1)
    assert len({s.origin for s in COMPANY.spaces}) == len(COMPANY.spaces)


def test_there_is_a_user_for_each_role_and_one_of_a_single_brand() -> None:
    assert {u.role for u in COMPANY.users} == set(Role)
    assert any(len(u.brands) == 1 for u in COMPANY.users)
    assert all(u.email.endswith(".test") for u in COMPANY.users)
