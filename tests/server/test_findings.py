"""What is found in posts: at the door, again after an edit, under people's corrections, and in figures."""

from collections.abc import Sequence

import pyarrow as pa
import pytest

from vigie.enrich.finder import FINDINGS
from vigie.server import engine, mirroring
from vigie.server.models import Finding, FindingCorrection, Labeller, Mention, Post
from vigie.server.services import finding
from vigie.store.filters import ALL, Filter
from vigie.text.lexicon import Lexicon, Tokens

from .conftest import NOW, House, post
from .test_stores import agree


class Nausea:
    """Finds one word, denied after “pas de”."""

    kinds = ("reaction",)
    name = "nausea"
    version = "1"

    def find(self, texts: pa.Array, languages: Sequence[str | None], *, lexicon: Lexicon, tokens: Tokens) -> pa.Table:
        rows = []
        for row, text in enumerate(texts.to_pylist()):
            at = text.find("nausée")
            if at >= 0:
                denied = text[:at].endswith("pas de ")
                rows.append(
                    {
                        "row": row,
                        "kind": "reaction",
                        "value": "nausée",
                        "name": None,
                        "start": at,
                        "end": at + 6,
                        "negated": denied,
                        "hypothetical": False,
                        "past": False,
                        "of_another": False,
                        "score": 0.9,
                        "source": "word list",
                    }
                )
        return pa.Table.from_pylist(rows, schema=FINDINGS)


@pytest.fixture(autouse=True)
def finder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "FINDERS", (Nausea(),))
    engine.forget()


def counted() -> dict[str, int]:
    table = mirroring.view(now=NOW).counts(ALL, ("reaction",))
    return dict(zip(table["reaction"].to_pylist(), table["mentions"].to_pylist(), strict=True))


def test_what_is_found_stands_in_the_record_and_counts(house: House) -> None:
    house.take(post("1", "Sérélium : nausée depuis hier"), post("2", "Sérélium, pas de nausée"), post("3", "Sérélium"))
    rows = Finding.objects.order_by("post").values_list("value", "starts", "ends", "negated", "labeller__name")
    assert list(rows) == [("nausée", 11, 17, False, "nausea"), ("nausée", 17, 23, True, "nausea")]
    assert sorted(Post.objects.values_list("found", flat=True)) == ["", "", '{"reaction":["nausée"]}']
    assert counted() == {"nausée": 1}
    agree()


def test_an_edit_finds_anew_and_people_s_word_stays(house: House) -> None:
    house.take(post("1", "Sérélium : nausée depuis hier"))
    mention = Mention.objects.get()
    FindingCorrection.objects.create(mention=mention, kind="reaction", value="vertige", holds=True, at=NOW)
    house.take(post("1", "Sérélium, pas de nausée"))
    mention.refresh_from_db()
    assert mention.found == '{"reaction":["vertige"]}'
    assert counted() == {"vertige": 1}
    agree()


def test_filters_take_what_is_found_and_its_absence(house: House) -> None:
    house.take(post("1", "Sérélium : nausée"), post("2", "Sérélium"))
    view = mirroring.view(now=NOW)
    assert view.mentions(Filter(None, found={"reaction": ("nausée",)})) == 1
    assert view.mentions(Filter(None, found={"reaction": ("none",)})) == 1
    assert view.mentions(Filter(None, found={"reaction": ("nausée", "none")})) == 2


def test_values_that_count_are_brought_up_to_the_findings(house: House) -> None:
    house.take(post("1", "Sérélium : nausée"))
    (held,) = Post.objects.all()
    assert finding.refresh([held.pk]) == []
    Finding.objects.update(negated=True)
    assert finding.refresh([held.pk]) == [held.pk]
    held.refresh_from_db()
    assert held.found == ""


def test_a_finder_is_a_labeller_of_each_kind_that_it_gives(house: House) -> None:
    house.take(post("1", "Sérélium"))
    assert Labeller.objects.filter(kind="reaction", name="nausea", version="1").count() == 1
