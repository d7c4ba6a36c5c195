"""The catalogue of health networks: closed vocabularies, unique ids, both languages, honest about what was not checked."""

from collections import Counter
from typing import Any

import pytest

from vigie.collect.catalogue import (
    UNCHECKED,
    Asked,
    Audience,
    Reading,
    Section,
    Standing,
    Use,
    catalogue,
    chosen,
    page_after,
    validated,
)
from vigie.errors import SchemaError

NAMED = {
    "Doctissimo", "PatientsLikeMe", "Atoute", "Carenity", "Entre-patients", "Chronicité", "Docatus", "Sermo",
    "Pharma-réseau", "MyPsynk", "Medpedia", "Viadeo", "FFAAIR", "AFM-Téléthon", "ANSM", "HAS", "EMA", "FDA",
}  # fmt: skip
"""Networks that the programme names."""

ROW: dict[str, Any] = {
    "id": "un-forum", "name": "Un forum", "address": "https://forum.example/", "section": "patients", "uses": ["discuss"],
    "audiences": ["patients"], "languages": ["fr"], "country": "FR", "reading": "feed", "terms": UNCHECKED,
    "checked_on": UNCHECKED, "state": "alive", "fr": "Un forum.", "en": "A forum.",
}  # fmt: skip


def test_catalogue_has_what_the_programme_names_and_sixty_rows_at_least() -> None:
    rows = catalogue()
    assert len(rows) >= 60
    assert {row.name for row in rows} >= NAMED
    assert any("hcsmeu" in row.name for row in rows) and any("LinkedIn" in row.name for row in rows)
    assert len({row.id for row in rows}) == len(rows)


def test_every_word_of_the_vocabularies_is_used() -> None:
    rows = catalogue()
    assert {row.section for row in rows} == set(Section)
    assert {use for row in rows for use in row.uses} == set(Use)
    assert {one for row in rows for one in row.audiences} == set(Audience)
    assert {row.state for row in rows} == set(Standing)
    assert {row.reading for row in rows} <= set(Reading)


def test_nothing_was_checked_on_line_and_every_row_says_so() -> None:
    assert all(row.checked_on is None and row.terms == UNCHECKED for row in catalogue())


def test_notes_are_short_and_in_two_languages() -> None:
    for row in catalogue():
        assert row.fr.endswith(".") and row.en.endswith(".") and max(len(row.fr), len(row.en)) < 120, row.id
        assert "'" not in row.fr, row.id
    assert max(Counter(row.address for row in catalogue() if row.address).values()) <= 2


def test_dead_networks_are_kept_and_not_offered() -> None:
    dead = {row.name: row for row in catalogue() if row.state is Standing.DEAD}
    assert {"Medpedia", "Viadeo"} <= set(dead) and not any(row.is_readable for row in dead.values())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"fr": ""}, "no fr"),
        ({"en": ""}, "no en"),
        ({"terms": ""}, "no terms"),
        ({"uses": []}, "no uses"),
        ({"uses": ["chat"]}, "“chat” is none of"),
        ({"section": "others"}, "“others” is none of"),
        ({"reading": "api"}, "“api” is none of"),
        ({"state": "zombie"}, "“zombie” is none of"),
        ({"address": "javascript:alert(1)"}, "none of the web"),
        ({"languages": ["français"]}, "no code"),
        ({"country": "France"}, "no code"),
        ({"checked_on": "yesterday"}, "neither a day"),
        ({"id": "Un Forum"}, "small letters"),
        ({"colour": "red"}, "nobody knows"),
    ],
)
def test_row_that_is_wrong_is_refused_by_name(change: dict[str, Any], why: str) -> None:
    with pytest.raises(SchemaError, match=why):
        validated([ROW | change])


def test_id_that_stands_twice_is_refused() -> None:
    with pytest.raises(SchemaError, match="un-forum"):
        validated([ROW, ROW])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Asked(), ["a", "b", "c"]),
        (Asked(use="vote"), ["b"]),
        (Asked(audience="public"), ["b", "c"]),
        (Asked(language="en"), ["c"]),
        (Asked(reading="closed"), ["b"]),
        (Asked(section="sources"), ["c"]),
        (Asked(listened="yes"), ["a"]),
        (Asked(listened="no", audience="public"), ["b", "c"]),
        (Asked(use="live"), []),
    ],
)
def test_filters_leave_what_was_asked(asked: Asked, found: list[str]) -> None:
    rows = validated(
        [
            ROW | {"id": "a"},
            ROW | {"id": "b", "uses": ["vote"], "audiences": ["public"], "reading": "closed"},
            ROW | {"id": "c", "audiences": ["public"], "languages": ["en"], "section": "sources"},
        ]
    )
    assert [row.id for row in chosen(rows, asked, frozenset({"a"}))] == found


def test_pages_follow_each_other_by_id_and_lose_nothing() -> None:
    rows, met, after = catalogue(), list[str](), ""
    while True:
        page, after = page_after(rows, after, 40)
        met += [row.id for row in page]
        if not after:
            break
    assert met == [row.id for row in rows]
    assert page_after(rows, "nothing-such", 2)[0] == list(rows[:2])
