"""Every card, whoever wrote it, is read as a sheet for the page of methods."""

from vigie.enrich.card import CARDS, _sheet, sheets


def test_every_card_is_a_sheet_with_its_limits_and_its_figures() -> None:
    assert len({sheet.name for sheet in sheets()}) == len(list(CARDS.glob("*.toml")))
    assert all(sheet.version and sheet.limits and sheet.sentences["licence"] for sheet in sheets())


def test_card_of_several_kinds_that_was_not_measured_says_so() -> None:
    sheet = _sheet(
        {"name": "x", "kind": "drug, reaction", "off": ["insult"], "measured": {"fr": {"posts": 3}, "note": "x"}}
    )
    assert (sheet.kinds, sheet.off, sheet.measured) == (("drug", "reaction"), ("insult",), {"fr": {"posts": 3}})
    assert _sheet({"name": "y", "kinds": ["who"]}).measured == {}
