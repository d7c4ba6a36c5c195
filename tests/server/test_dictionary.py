"""The company's dictionary: what it refuses, what reads by it, and the past that is read again."""

import pytest

from vigie.enrich.health import bdpm
from vigie.errors import DecisionError
from vigie.server import engine, mirroring
from vigie.server.models import DictionaryEntry, Finding, Work
from vigie.server.permissions import COMMAND
from vigie.server.services import dictionary, relabelling, work
from vigie.server.services.dictionary import Wording
from vigie.store.filters import Filter

from .conftest import NOW, House, post
from .test_stores import agree


def told_anew() -> None:
    """Do the due work of reading the past again."""
    (claimed,) = work.claim_key(Work.objects.get(kind="relabel").key, holder="test")
    work.finish(claimed, relabelling.run(work.Inline(claimed, lambda *_: None), clock=lambda: NOW))


def add(name: str, *spellings: str, substance: str = "", is_device: bool = False) -> DictionaryEntry:
    return dictionary.add(
        Wording(name, spellings, substance, is_ours=True, is_device=is_device), asker=COMMAND, now=NOW
    )


def found() -> list[tuple[str, str, str, str]]:
    rows = Finding.objects.filter(kind__in=("drug", "device")).order_by("post", "starts")
    return [(f.kind, f.value, f.name, f.source.split()[0]) for f in rows]


def test_posts_are_read_by_the_dictionary_first(house: House) -> None:
    add("Sérélium", "le séré", substance="sérélicine")
    add("Inspiro", is_device=True)
    house.take(post("1", "Serelium ou Doliprane ? le séré, avec mon Inspiro"))
    assert found() == [
        ("drug", "sérélicine", "Sérélium", "dictionary"),
        ("drug", "paracétamol", "doliprane", "bdpm"),
        ("drug", "sérélicine", "Sérélium", "dictionary"),
        ("device", "Inspiro", "Inspiro", "dictionary"),
    ]


def test_its_substance_is_that_of_the_base_where_it_knows_it(house: House) -> None:
    add("Sérélium", substance="Acetaminophen")
    house.take(post("1", "Sérélium"))
    assert found() == [("drug", "paracétamol", "Sérélium", "dictionary")]


def test_a_change_is_another_version_and_the_past_is_due_again(house: House) -> None:
    before = engine.standing().finders[0].version
    entry = add("Sérélium")
    with_it = engine.standing().finders[0].version
    assert with_it != before
    (row,) = Work.objects.filter(kind="relabel")
    assert row.args == {"kinds": ["drug", "reaction", "condition", "device"]}
    dictionary.close(entry.pk, asker=COMMAND, now=NOW)
    assert engine.standing().finders[0].version == before
    house.take(post("1", "Sérélium"))
    assert found() == []
    dictionary.close(entry.pk, asker=COMMAND, now=NOW, closed=False)
    assert engine.standing().finders[0].version == with_it
    assert Work.objects.filter(kind="relabel").count() == 1


def test_a_newer_drug_base_is_read_by_once_it_stands_in_the_folder(
    house: House, settings, tmp_path, monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    base = bdpm.DrugBase("2030-01-01", (bdpm.Drug("zorbaline", bdpm.BRAND, "zorbine"),))
    monkeypatch.setattr(engine, "installed", lambda folder: base)
    engine.forget()
    house.take(post("1", "Sérélium et Zorbaline"))
    assert found() == [("drug", "zorbine", "zorbaline", "bdpm")]
    engine.forget()


@pytest.mark.parametrize(
    ("wording", "code"),
    [
        (Wording("!"), "dictionary.name"),
        (Wording("Kalmédis"), "dictionary.taken"),
        (Wording("autre", ("KALMEDIS",)), "dictionary.taken"),
        (Wording("autre", ("kal med",)), "dictionary.taken"),
        (Wording("x" * 121), "dictionary.long"),
        (Wording("x", tuple(f"a{n}" for n in range(51))), "dictionary.spellings"),
    ],
)
def test_what_is_refused(house: House, wording: Wording, code: str) -> None:
    add("Kalmédis", "kal-med")
    with pytest.raises(DecisionError) as refused:
        dictionary.add(wording, asker=COMMAND, now=NOW)
    assert refused.value.code == code
    assert DictionaryEntry.objects.count() == 1


def test_no_more_than_it_can_hold(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionary, "MOST_ENTRIES", 1)
    add("a1")
    with pytest.raises(DecisionError, match="at most"):
        add("b1")


def test_a_name_that_was_taken_meanwhile_is_not_opened_again(house: House) -> None:
    entry = add("Sérélium")
    dictionary.close(entry.pk, asker=COMMAND, now=NOW)
    add("serelium")
    with pytest.raises(DecisionError):
        dictionary.close(entry.pk, asker=COMMAND, now=NOW, closed=False)


def test_the_same_again_changes_nothing(house: House) -> None:
    entry = add("Sérélium", "seré", "le séré", substance="sérélicine")
    Work.objects.filter(kind="relabel").delete()
    dictionary.change(
        entry.pk, Wording("Sérélium", ("seré", "le séré"), "sérélicine", is_ours=True), asker=COMMAND, now=NOW
    )
    assert not Work.objects.filter(kind="relabel").exists()


def test_spellings_as_they_are_typed() -> None:
    assert dictionary.read_spellings(" le  séré \n\nLE SERE\nséré 2\n!") == ("LE SERE", "séré 2")


def test_the_past_is_read_again_by_the_new_entry(house: House) -> None:
    house.take(post("1", "Sérélium : nausée"), post("2", "Sérélium, rien d'autre"))
    assert found() == []
    add("Sérélium", substance="sérélicine")
    told_anew()
    assert [row[:3] for row in found()] == [("drug", "sérélicine", "Sérélium")] * 2
    assert mirroring.view(now=NOW).mentions(Filter(None, found={"drug": ("sérélicine",)})) == 2
    assert mirroring.view(now=NOW).mentions(Filter(None, found={"reaction": ("nausea",)})) == 1
    agree()
