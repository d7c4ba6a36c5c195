"""The label part of a watch: which of its mentions count, through every change of a label, a finding, a correction."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from vigie.enrich.finder import FINDINGS
from vigie.enrich.language import LanguageLabeller
from vigie.match import QueryError
from vigie.schema.vocab import LabelKind
from vigie.server import engine, mirroring
from vigie.server.models import Finding, FindingCorrection, Label, Mention, Post, PostStory, Story
from vigie.server.permissions import COMMAND
from vigie.server.services import categories, in_watch, judging, retelling, watches
from vigie.server.services.categories import CategoryDraft, DimensionDraft
from vigie.server.services.watches import WatchDraft
from vigie.store.filters import ALL, Filter
from vigie.text.lexicon import Lexicon, Tokens

from .conftest import NOW, House, Use, post
from .test_stores import NextModel, agree

WHEN: dict[str, Any] = {"asker": COMMAND, "now": NOW}


class Drugs:
    """Finds one brand of a substance, and says that a text with “je prends” is a patient's."""

    kinds = ("drug", "who")
    name = "drugs"
    version = "1"

    def find(self, texts: pa.Array, languages: Sequence[str | None], *, lexicon: Lexicon, tokens: Tokens) -> pa.Table:
        rows = []
        for row, text in enumerate(texts.to_pylist()):
            for sign, kind, value, name in (
                ("Doliprane", "drug", "paracétamol", "Doliprane"),
                ("je prends", "who", "patient", None),
            ):
                at = text.find(sign)
                if at >= 0:
                    rows.append(
                        {
                            "row": row, "kind": kind, "value": value, "name": name, "start": at, "end": at + len(sign),
                            "negated": False, "hypothetical": False, "past": False, "of_another": False, "score": 1.0,
                            "source": "test",
                        }
                    )  # fmt: skip
        return pa.Table.from_pylist(rows, schema=FINDINGS)


@pytest.fixture(autouse=True)
def finder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "FINDERS", (Drugs(),))
    engine.forget()


def watch(house: House, expression: str, name: str = "Avec labels") -> int:
    return watches.add(WatchDraft(name, house.brand.pk, "product", None, expression), **WHEN).pk


def inside(watch_id: int) -> set[str]:
    """Return the posts whose mention of a watch counts, as record and mirror say alike."""
    rows = Mention.objects.filter(watch=watch_id, in_watch=True, lapsed_at=None)
    counted = mirroring.view(now=NOW).mentions(Filter((watch_id,)))
    assert counted == rows.count()
    return set(rows.values_list("post__native_id", flat=True))


def test_text_runs_on_the_stream_and_labels_say_what_counts(house: House) -> None:
    own = watch(house, "serelium AND drug:paracetamol")
    house.take(post("1", "Sérélium avec Doliprane"), post("2", "Sérélium seul"), post("3", "Doliprane seul"))
    assert set(Mention.objects.filter(watch=own).values_list("post__native_id", flat=True)) == {"1", "2"}
    assert inside(own) == {"1"}
    assert mirroring.view(now=NOW).mentions(ALL) == 3
    agree()


@pytest.mark.parametrize("asked", ["drug:doliprane", "drug:DOLIPRANE", "drug:paracétamol", 'drug:"Paracetamol"'])
def test_a_drug_is_asked_for_by_substance_or_brand(house: House, asked: str) -> None:
    own = watch(house, f"serelium AND {asked} AND who:patient")
    house.take(post("1", "Sérélium : je prends aussi Doliprane"), post("2", "Sérélium et Doliprane"))
    assert inside(own) == {"1"}


def test_what_labels_exclude(house: House) -> None:
    own = watch(house, "serelium AND NOT who:patient")
    house.take(post("1", "Sérélium : je prends"), post("2", "Sérélium"))
    assert inside(own) == {"2"}


def test_a_person_s_word_counts_for_the_mention_alone(house: House) -> None:
    own, other = watch(house, "serelium AND tone:negative"), watch(house, "serelium AND tone:negative", "Autre")
    house.take(post("1", "Sérélium"))
    Label.objects.filter(kind="tone").update(value="neutral")
    mention = Mention.objects.get(watch=own)
    before = mention.revision
    judging.correct(mention.pk, LabelKind.TONE, "negative", **WHEN)
    assert inside(own) == {"1"} and inside(other) == set()
    mention.refresh_from_db()
    assert mention.revision > before
    judging.correct(mention.pk, LabelKind.TONE, None, **WHEN)
    assert inside(own) == set()
    agree()


def test_a_corrected_finding_counts(house: House) -> None:
    own = watch(house, "serelium AND drug:doliprane")
    house.take(post("1", "Sérélium avec Doliprane"), post("2", "Sérélium"))
    first, second = Mention.objects.filter(watch=own).order_by("post__native_id")
    FindingCorrection.objects.create(mention=first, kind="drug", value="paracétamol", holds=False, at=NOW)
    FindingCorrection.objects.create(mention=second, kind="drug", value="Doliprane", holds=True, at=NOW)
    judging.touch([first.pk, second.pk])
    assert inside(own) == {"2"}


def test_labels_told_again_let_in_and_out(house: House, use: Use) -> None:
    own = watch(house, "serelium AND tone:positive")
    house.take(post("1", "Sérélium est horrible"))
    assert inside(own) == set()
    use(LanguageLabeller(), NextModel())
    retelling.step(frozenset({"tone"}), after_post=0, now=NOW)
    assert inside(own) == {"1"}
    agree()


def test_an_edit_that_the_text_part_no_longer_finds_keeps_its_mention(house: House) -> None:
    own = watch(house, "serelium AND drug:paracetamol")
    house.take(post("1", "Sérélium et Doliprane"))
    house.take(post("1", "le Doliprane seul"))
    assert inside(own) == {"1"}
    house.take(post("1", "rien du tout"))
    assert inside(own) == set()
    agree()


def test_the_past_is_judged_by_a_new_wording_and_let_in_when_labels_are_gone(house: House, run_work: Any) -> None:
    own = watch(house, "serelium")
    house.take(post("1", "Sérélium et Doliprane"), post("2", "Sérélium"))
    run_work()
    draft = WatchDraft("Avec labels", house.brand.pk, "product", None, "serelium AND drug:paracetamol")
    watches.change(own, draft, **WHEN)
    run_work()
    assert inside(own) == {"1"} and Mention.objects.filter(watch=own, lapsed_at=None).count() == 2
    watches.change(own, WatchDraft("Avec labels", house.brand.pk, "product", None, "serelium"), **WHEN)
    run_work()
    assert inside(own) == {"1", "2"}
    agree()


def test_categories_are_asked_for_by_name(house: House, run_work: Any) -> None:
    sujet = categories.add_dimension(DimensionDraft("Sujet", None), **WHEN).pk
    price = categories.add(sujet, CategoryDraft("Prix & accès", None, "prix"), **WHEN).pk
    own = watch(house, 'serelium AND category:"prix accès"')
    house.take(post("1", "Sérélium à quel prix"), post("2", "Sérélium en rupture"))
    assert inside(own) == {"1"}
    categories.change(price, CategoryDraft("Prix & accès", None, "rupture"), **WHEN)
    run_work()
    assert inside(own) == {"2"}
    categories.change(price, CategoryDraft("Autre nom", None, "rupture"), **WHEN)
    run_work()
    assert inside(own) == set()
    agree()


def test_a_category_of_another_brand_holds_nowhere(house: House) -> None:
    secret = categories.add_dimension(DimensionDraft("Secret", house.other.pk), **WHEN).pk
    categories.add(secret, CategoryDraft("Prix", None, "prix"), **WHEN)
    own = watch(house, "serelium AND category:prix")
    house.take(post("1", "Sérélium à quel prix"))
    assert inside(own) == set()


def test_a_story_is_asked_for(house: House) -> None:
    story = Story.objects.create(created_at=NOW)
    own = watch(house, f"serelium AND story:{story.pk}")
    house.take(post("1", "Sérélium"))
    assert inside(own) == set()
    PostStory.objects.create(post=Post.objects.get(), story=story, kind="near", at=NOW)
    judging.touch(list(Mention.objects.values_list("pk", flat=True)))
    assert inside(own) == {"1"}


def test_categories_take_no_labels(house: House) -> None:
    sujet = categories.add_dimension(DimensionDraft("Sujet", None), **WHEN).pk
    with pytest.raises(QueryError) as refused:
        categories.add(sujet, CategoryDraft("Patients", None, "serelium AND who:patient"), **WHEN)
    assert refused.value.code == "query.label_here"


@pytest.mark.parametrize("several", [1, 3])
def test_labels_are_judged_in_as_many_statements_whatever_the_rows(
    several: int, house: House, django_assert_num_queries: Any
) -> None:
    own = watch(house, "serelium AND drug:paracetamol")
    house.take(*(post(f"{n}", "Sérélium et Doliprane") for n in range(several)))
    Finding.objects.all().delete()
    ids = list(Mention.objects.filter(watch=own).values_list("pk", flat=True))
    with django_assert_num_queries(STATEMENTS):
        assert in_watch.settle(ids) == sorted(ids)


STATEMENTS = 13
"""Generation of the watches twice, mentions, posts (three), older texts, labels, stories, findings, corrections (two), the change."""
