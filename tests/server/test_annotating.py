"""Two people label blind, a third decides, and the figure stands for what was drawn."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from vigie.errors import DecisionError, SchemaError
from vigie.measure import judged as judging_
from vigie.schema.vocab import LabelKind
from vigie.server.models import Annotation, AnnotationItem, AnnotationSet, AuditEvent, Heard, Label, Mention, Post
from vigie.server.permissions import COMMAND, Asker, Permission
from vigie.server.queries import accuracy, annotation
from vigie.server.services import annotating, judging
from vigie.server.services.annotating import Draft

from .conftest import NOW, House, post

EVERYTHING = frozenset(Permission)
ANNE, BEN, CLEO = (Asker(n, f"user:{n}", EVERYTHING, {}) for n in (11, 12, 13))
DAY = NOW.date()


def filled(house: House, n: int = 6) -> None:
    house.take(*(post(str(i), f"Sérélium, merci beaucoup, message numéro {i}") for i in range(n)))


def draft(house: House, **values: Any) -> Draft:
    given = {
        "name": "octobre", "kind": "tone", "language": "fr", "brand_id": house.brand.pk, "posts": 4,
        "first": DAY - timedelta(days=7), "last": DAY, "seed": 7,
    }  # fmt: skip
    return Draft(**(given | values))


def drawn(house: House, **values: Any) -> AnnotationSet:
    return annotating.create(draft(house, **values), asker=CLEO, now=NOW)


def posts_of(one: AnnotationSet) -> list[int]:
    return list(one.items.order_by("place").values_list("post_id", flat=True))


def test_draw_is_that_of_its_seed(house: House) -> None:
    filled(house, 40)
    first, again, other = drawn(house), drawn(house, name="b"), drawn(house, name="c", seed=8)
    assert posts_of(first) == posts_of(again) != posts_of(other)
    assert len(set(posts_of(first))) == 4
    assert drawn(house, name="d", posts=100).items.count() == 40


def test_draw_takes_only_what_the_asker_sees_of_that_language_and_window(house: House) -> None:
    filled(house)
    house.take(post("en", "Sérélium: thank you so much for your help with everything today"))
    assert drawn(house, posts=50).items.count() == 6
    with pytest.raises(DecisionError, match="No post"):
        drawn(house, name="old", first=DAY - timedelta(days=90), last=DAY - timedelta(days=80))
    elsewhere = Asker(9, "user:9", frozenset(), {house.other.pk: EVERYTHING})
    with pytest.raises(DecisionError, match="No post"):
        annotating.create(draft(house, name="x", brand_id=house.other.pk), asker=elsewhere, now=NOW)
    with pytest.raises(DecisionError, match="role"):
        annotating.create(draft(house, name="y"), asker=elsewhere, now=NOW)
    with pytest.raises(DecisionError, match="role"):
        annotating.create(draft(house, name="z", brand_id=None), asker=elsewhere, now=NOW)


@pytest.mark.parametrize(
    "values",
    [{"kind": "category"}, {"kind": "mood"}, {"language": "de"}, {"language": ""}, {"posts": 0}, {"posts": 9_999},
     {"name": " "}, {"kind": "language", "language": "fr"}, {"kind": "who", "language": "xx"}, {"first": None}],
)  # fmt: skip
def test_what_can_t_be_labelled_is_refused(house: House, values: dict[str, Any]) -> None:
    filled(house)
    with pytest.raises(SchemaError):
        drawn(house, **values)
    assert not AnnotationSet.objects.exists()


def test_name_is_taken_once(house: House) -> None:
    filled(house)
    drawn(house)
    with pytest.raises(DecisionError, match="name"):
        drawn(house)


def say(item: AnnotationItem, who: Asker, *values: str) -> None:
    annotating.say(item.pk, values, asker=who, now=NOW)


def test_two_who_agree_settle_and_two_who_differ_wait_for_a_third(house: House) -> None:
    filled(house)
    same, differing, *_ = drawn(house).items.order_by("place")
    for who in (ANNE, BEN):
        say(same, who, "positive")
    say(differing, ANNE, "positive")
    say(differing, BEN, "neutral")
    same.refresh_from_db()
    assert (same.settled, same.settled_by, same.settled_at) == (["positive"], None, NOW)
    found = annotation.next_to_settle(same.set, CLEO)
    assert found is not None and found[0].item == differing and found[1] == [("positive",), ("neutral",)]
    assert annotation.next_to_settle(same.set, ANNE) is None
    for who in (ANNE, BEN):
        with pytest.raises(DecisionError, match="third"):
            annotating.settle(differing.pk, ["neutral"], asker=who, now=NOW)
    annotating.settle(differing.pk, ["neutral"], asker=CLEO, now=NOW)
    differing.refresh_from_db()
    assert (differing.settled, differing.settled_by) == (["neutral"], 13)
    with pytest.raises(DecisionError, match="third"):
        annotating.settle(same.pk, ["neutral"], asker=CLEO, now=NOW)
    annotating.settle(differing.pk, None, asker=CLEO, now=NOW)
    differing.refresh_from_db()
    assert differing.settled is None


def test_nobody_labels_third_and_what_is_decided_stays(house: House) -> None:
    filled(house)
    item = drawn(house).items.order_by("place")[0]
    say(item, ANNE, "positive")
    say(item, BEN, "neutral")
    with pytest.raises(DecisionError, match="already"):
        say(item, CLEO, "neutral")
    annotating.settle(item.pk, ["negative"], asker=CLEO, now=NOW)
    with pytest.raises(DecisionError, match="already"):
        say(item, BEN, "positive")
    with pytest.raises(DecisionError, match="already"):
        annotating.withdraw(item.pk, asker=BEN, now=NOW)


def test_own_word_can_be_changed_and_taken_back(house: House) -> None:
    filled(house)
    item = drawn(house).items.order_by("place")[0]
    say(item, ANNE, "positive")
    say(item, BEN, "neutral")
    say(item, BEN, "positive")
    item.refresh_from_db()
    assert item.settled == ["positive"]
    annotating.withdraw(item.pk, asker=BEN, now=NOW)
    item.refresh_from_db()
    assert item.settled is None and Annotation.objects.filter(item=item).count() == 1


def test_next_item_is_the_first_that_is_left(house: House) -> None:
    filled(house)
    one = drawn(house)
    items = list(one.items.order_by("place"))
    say(items[0], ANNE, "neutral")
    assert annotation.next_to_label(one, ANNE).item == items[1]  # type: ignore[union-attr]
    assert annotation.next_to_label(one, BEN).item == items[0]  # type: ignore[union-attr]
    assert annotation.next_to_label(one, BEN, after=2).item == items[2]  # type: ignore[union-attr]
    assert annotation.left_for(one, ANNE) == (3, 0)
    say(items[0], BEN, "positive")
    assert annotation.left_for(one, CLEO) == (3, 1)


@pytest.mark.parametrize(
    ("kind", "values", "kept"),
    [
        ("tone", ["positive"], ["positive"]),
        ("who", [], []),
        ("intent", ["thanks", "question", "thanks"], ["question", "thanks"]),
        ("drug", ["  Doliprane ", "IBUPROFÈNE"], ["doliprane", "ibuprofène"]),
        ("language", ["und"], ["und"]),
    ],
)
def test_values_are_kept_in_order_once_each(kind: str, values: list[str], kept: list[str]) -> None:
    assert annotating.read_values(kind, values) == kept


@pytest.mark.parametrize(
    ("kind", "values"),
    [("tone", []), ("tone", ["positive", "neutral"]), ("tone", ["good"]), ("who", ["king"]), ("language", ["tlh"]),
     ("drug", [str(n) for n in range(30)])],
)  # fmt: skip
def test_values_of_another_kind_are_refused(kind: str, values: list[str]) -> None:
    with pytest.raises(SchemaError):
        annotating.read_values(kind, values)


def test_text_stays_that_of_the_draw_and_an_edited_post_leaves_the_figure(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accuracy, "ENOUGH", 1)
    filled(house, 1)
    one = drawn(house)
    item = one.items.get()
    for who in (ANNE, BEN):
        say(item, who, "positive")
    assert accuracy.own(CLEO)["tone", "fr"].posts == 1
    house.take(post("0", "Sérélium, un tout autre texte que celui d’avant"))
    assert annotation.to_label(item.pk, CLEO).text.endswith("numéro 0")  # type: ignore[union-attr]
    assert accuracy.own(CLEO) == {}


def test_erased_posts_leave_sets(house: House) -> None:
    filled(house)
    one = drawn(house)
    Heard.objects.filter(pk=posts_of(one)[0]).delete()
    assert one.items.count() == 3


def test_agreement_of_a_set(house: House) -> None:
    filled(house, 10)
    one = drawn(house, posts=10)
    for n, item in enumerate(one.items.order_by("place")):
        say(item, ANNE, "positive" if n % 2 else "neutral")
        say(item, BEN, "positive" if n % 2 or n == 0 else "neutral")
    found = annotation.agreement(one)
    assert (found.items, found.same) == (10, 9)
    assert found.kappa == pytest.approx(0.8) and found.alpha is not None and found.kappa_interval is not None
    assert annotation.progress([one.pk])[one.pk] == annotation.Progress(10, 0, 9, 1, 9)


def labelled(house: House, n: int, **values: Any) -> AnnotationSet:
    filled(house, n)
    one = drawn(house, posts=n, **values)
    for item in one.items.all():
        for who in (ANNE, BEN):
            Annotation.objects.create(item=item, user_id=who.user_id, values=["positive"], at=NOW)
    one.items.update(settled=["positive"], settled_at=NOW)
    return one


def test_two_hundred_give_the_figure_and_less_do_not(house: House) -> None:
    one = labelled(house, judging_.ENOUGH)
    Label.objects.filter(kind="tone").update(value="positive")
    Label.objects.filter(kind="tone", post_id__in=posts_of(one)[:20]).update(value="neutral")
    found = accuracy.own(CLEO)["tone", "fr"]
    assert found.posts == 200 and found.judged is not None
    assert found.judged.accuracy == pytest.approx(0.9)
    assert found.judged.accuracy_interval[0] == pytest.approx(0.850, abs=0.001)
    positive = found.judged.parts[2]
    assert (positive.recall, positive.precision) == (0.9, 1.0)
    one.items.first().delete()  # type: ignore[union-attr]
    assert accuracy.own(CLEO)["tone", "fr"].judged is None


def test_corrections_of_people_flatter_no_figure(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accuracy, "ENOUGH", 1)
    labelled(house, 3)
    Label.objects.filter(kind="tone").update(value="negative")
    for mention in Mention.objects.all():
        judging.correct(mention.pk, LabelKind.TONE, "positive", asker=COMMAND, now=NOW)
    found = accuracy.own(CLEO)["tone", "fr"].judged
    assert found is not None and found.accuracy == 0.0


def test_posts_chosen_by_hand_give_no_figure(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accuracy, "ENOUGH", 1)
    filled(house, 1)
    one = drawn(house, seed=None)
    mention = Mention.objects.get()
    assert annotating.add(one.pk, mention.pk, asker=ANNE, now=NOW)
    assert not annotating.add(one.pk, mention.pk, asker=ANNE, now=NOW)
    for who in (ANNE, BEN):
        say(one.items.get(), who, "positive")
    assert accuracy.own(CLEO) == {}
    with pytest.raises(DecisionError):
        annotating.add(drawn(house, name="r").pk, mention.pk, asker=ANNE, now=NOW)


def test_nothing_of_another_brand_not_even_a_number(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accuracy, "ENOUGH", 1)
    one = labelled(house, 2)
    elsewhere = Asker(9, "user:9", frozenset(), {house.other.pk: EVERYTHING})
    own_brand = Asker(8, "user:8", frozenset(), {house.brand.pk: EVERYTHING})
    assert accuracy.own(elsewhere) == {} and not annotation.visible(elsewhere).exists()
    assert annotation.to_label(one.items.all()[0].pk, elsewhere) is None
    with pytest.raises(DecisionError):
        annotating.say(one.items.all()[0].pk, ["neutral"], asker=elsewhere, now=NOW)
    assert accuracy.own(own_brand)["tone", "fr"].posts == 2
    AnnotationSet.objects.update(brand=None)  # of all brands: a number of it is a number of theirs
    assert accuracy.own(own_brand) == {} and accuracy.own(CLEO)


def test_finding_kinds_are_judged_by_what_counts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accuracy, "ENOUGH", 1)
    one = labelled(house, 2, kind="who")
    first, second = posts_of(one)
    one.items.filter(post_id=first).update(settled=["patient"])
    one.items.filter(post_id=second).update(settled=[])
    Post.objects.filter(pk=first).update(found='{"drug":["x"],"who":["patient"]}')
    found = accuracy.own(CLEO)["who", "fr"].judged
    assert found is not None and found.accuracy == 1.0


def test_log_tells_who_labelled_and_never_what(house: House) -> None:
    filled(house)
    item = drawn(house).items.order_by("place")[0]
    say(item, ANNE, "positive")
    say(item, BEN, "negative")
    annotating.settle(item.pk, ["negative"], asker=CLEO, now=NOW)
    events = AuditEvent.objects.filter(action__startswith="annotation.")
    assert [event.action for event in events.order_by("pk")] == [
        "annotation.create", "annotation.say", "annotation.say", "annotation.settle",
    ]  # fmt: skip
    assert "positive" not in str(list(events.values())) and "negative" not in str(list(events.values()))


def test_closed_set_takes_no_more(house: House) -> None:
    filled(house)
    one = drawn(house)
    annotating.close(one.pk, asker=CLEO, now=NOW)
    with pytest.raises(DecisionError, match="closed"):
        say(one.items.all()[0], ANNE, "neutral")
    annotating.close(one.pk, closed=False, asker=CLEO, now=NOW)
    say(one.items.all()[0], ANNE, "neutral")


def test_statements_of_figures_are_the_same_for_one_set_and_for_three(house: House) -> None:
    labelled(house, 3)
    with CaptureQueriesContext(connection) as first:
        accuracy.own(CLEO)
    for name in "bc":
        drawn(house, name=name).items.update(settled=["positive"], settled_at=NOW)
    with CaptureQueriesContext(connection) as later:
        accuracy.own(CLEO)
    assert len(first) == len(later)
