"""What people say of labels and findings: it wins, everybody sees it at once, it is taken back, and no model overwrites it."""

from collections.abc import Callable

import pytest
from pytest import MonkeyPatch  # noqa: PT013 -- a type

from vigie.enrich.language import LanguageLabeller
from vigie.errors import DecisionError, SchemaError
from vigie.schema.vocab import FindingKind, LabelKind
from vigie.server import engine, mirroring
from vigie.server.models import AuditEvent, Category, Dimension, Finding, FindingCorrection, Label, Mention, Post
from vigie.server.permissions import COMMAND, Asker, Permission
from vigie.server.services import finding, judging, relabelling
from vigie.store.filters import ALL

from .conftest import NOW, House, post
from .test_findings import Nausea
from .test_stores import NextModel, agree

WHEN = {"asker": COMMAND, "now": NOW}


@pytest.fixture(autouse=True)
def finder(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "FINDERS", (Nausea(),))
    engine.forget()


def one(house: House, text: str = "Sérélium : nausée") -> Mention:
    house.take(post("1", text))
    return Mention.objects.get()


def counted(by: str) -> dict[str | None, int]:
    table = mirroring.view(now=NOW).counts(ALL, (by,))
    return dict(zip(table[by].to_pylist(), table["mentions"].to_pylist(), strict=True))


def test_correction_is_seen_at_once_and_taken_back(house: House) -> None:
    mention = one(house)
    mirroring.merge_now(clock=lambda: NOW)
    before = counted("tone")
    judging.correct(mention.pk, LabelKind.TONE, "positive", **WHEN)
    assert counted("tone") == {"positive": 1} != before
    judging.correct(mention.pk, LabelKind.TONE, None, **WHEN)
    assert counted("tone") == before
    agree()


@pytest.mark.parametrize(("kind", "value"), [(LabelKind.TONE, "angry"), (LabelKind.LANGUAGE, "tlh")])
def test_correction_of_no_known_value_is_refused(house: House, kind: LabelKind, value: str) -> None:
    mention = one(house)
    with pytest.raises(SchemaError):
        judging.correct(mention.pk, kind, value, **WHEN)
    judging.correct(mention.pk, LabelKind.LANGUAGE, "und", **WHEN)


def test_value_taken_away_leaves_figures_and_comes_back(house: House) -> None:
    mention = one(house)
    mirroring.merge_now(clock=lambda: NOW)
    assert counted("reaction") == {"nausée": 1}
    judging.correct_finding(mention.pk, FindingKind.REACTION, "nausée", False, **WHEN)
    mention.refresh_from_db()
    assert mention.found == "" and counted("reaction").get("nausée") is None
    agree()
    judging.correct_finding(mention.pk, FindingKind.REACTION, "nausée", None, **WHEN)
    mention.refresh_from_db()
    assert mention.found is None and counted("reaction") == {"nausée": 1}
    agree()


def test_value_added_counts_and_the_log_holds_no_word(house: House) -> None:
    mention = one(house)
    said = judging.correct_finding(mention.pk, FindingKind.REACTION, "  maux de\ntête ", True, **WHEN)
    assert said == "maux de tête" and counted("reaction") == {"maux de tête": 1, "nausée": 1}
    event = AuditEvent.objects.get(action="mention.correct_finding")
    row = FindingCorrection.objects.get()
    assert event.after == {"kind": "reaction", "correction": row.pk, "holds": True}
    assert "tête" not in str((event.before, event.after, event.target))
    agree()


def test_person_s_word_outlives_newer_models_and_finders(
    house: House, run_work: Callable[[], int], monkeypatch: MonkeyPatch
) -> None:
    mention = one(house)
    judging.correct(mention.pk, LabelKind.TONE, "neutral", **WHEN)
    judging.correct_finding(mention.pk, FindingKind.REACTION, "nausée", False, **WHEN)
    judging.correct_finding(mention.pk, FindingKind.REACTION, "vertige", True, **WHEN)
    for module in (engine, relabelling):
        monkeypatch.setattr(module, "LABELLERS", (LanguageLabeller(), NextModel()), raising=False)
    engine.forget()
    relabelling.start(LabelKind.TONE, asker=COMMAND, now=NOW)
    run_work()
    assert Label.objects.get(kind="tone", chosen=True).value == "positive"
    Finding.objects.update(value="nausée", negated=False)
    finding.refresh([mention.post_id])
    house.take(post("1", "Sérélium : nausée encore"))  # an edit: all is found anew
    mention.refresh_from_db()
    assert mention.found == '{"reaction":["vertige"]}'
    assert counted("tone") == {"neutral": 1} and counted("reaction") == {"vertige": 1}
    agree()


def test_corrections_of_one_brand_leave_the_others_alone(house: House) -> None:
    mention = one(house)
    judging.correct_finding(mention.pk, FindingKind.REACTION, "nausée", False, **WHEN)
    assert Post.objects.get().found == '{"reaction":["nausée"]}'


@pytest.mark.parametrize(
    ("kind", "value"),
    [(FindingKind.WHO, "king"), (FindingKind.INTENT, ""), (FindingKind.DRUG, "  \n"), (FindingKind.CATEGORY, "12"),
     (FindingKind.CATEGORY, "x"), (FindingKind.CATEGORY, "9" * 30)],
)  # fmt: skip
def test_value_of_another_kind_is_refused(house: House, kind: FindingKind, value: str) -> None:
    mention = one(house)
    with pytest.raises(SchemaError):
        judging.correct_finding(mention.pk, kind, value, True, **WHEN)


def test_category_of_another_brand_is_unknown(house: House) -> None:
    mention = one(house)
    own, other = (
        Category.objects.create(
            dimension=Dimension.objects.create(name=brand.name, brand=brand, created_at=NOW), name="c", created_at=NOW
        )
        for brand in (house.brand, house.other)
    )
    assert judging.correct_finding(mention.pk, FindingKind.CATEGORY, str(own.pk), True, **WHEN) == str(own.pk)
    with pytest.raises(SchemaError):
        judging.correct_finding(mention.pk, FindingKind.CATEGORY, str(other.pk), True, **WHEN)


def test_only_those_who_may_mark_correct(house: House) -> None:
    mention = one(house)
    reader = Asker(9, "user:9", frozenset({Permission.SEE_MENTIONS}), {})
    with pytest.raises(DecisionError):
        judging.correct_finding(mention.pk, FindingKind.REACTION, "x", True, asker=reader, now=NOW)
    with pytest.raises(DecisionError):
        judging.correct(mention.pk, LabelKind.TONE, "neutral", asker=reader, now=NOW)


def test_same_word_twice_is_one_event(house: House) -> None:
    mention = one(house)
    for _ in range(2):
        judging.correct_finding(mention.pk, FindingKind.REACTION, "x", True, **WHEN)
    assert AuditEvent.objects.filter(action="mention.correct_finding").count() == 1
