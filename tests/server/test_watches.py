"""Watches: refused when they can't be read, previewed on what is stored, run over the past, lapsing and reviving."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vigie.errors import DecisionError
from vigie.match import QueryError
from vigie.server import engine
from vigie.server.models import AuditEvent, Mention, Post, Watch, Work
from vigie.server.permissions import COMMAND
from vigie.server.services import archiving, comparing, diagnosis, lists, previewing, watches
from vigie.server.services.watches import WatchDraft

from .conftest import NOW, House, Runner, post


def draft(house: House, expression: str, name: str = "Sérélium", **values: Any) -> WatchDraft:
    return WatchDraft(
        name, house.brand.pk, values.pop("purpose", "product"), values.pop("subject", house.brand.pk), expression
    )


def test_expression_that_mixes_and_with_or_is_refused(house: House) -> None:
    with pytest.raises(QueryError) as caught:
        watches.add(draft(house, "a AND b OR c", "x"), asker=COMMAND, now=NOW)
    assert caught.value.code == "query.mixed" and not Watch.objects.filter(name="x").exists()


@pytest.mark.parametrize(
    ("values", "code"),
    [({"name": "Sérélium"}, "watch.name_taken"), ({"name": "y", "purpose": "field"}, "watch.field_subject")],
)
def test_watch_that_would_mislead_is_refused(house: House, values: dict[str, str], code: str) -> None:
    with pytest.raises(DecisionError) as caught:
        watches.add(draft(house, "mot", **values), asker=COMMAND, now=NOW)
    assert caught.value.code == code


def test_watch_that_this_version_refuses_is_named_and_the_others_go_on(house: House) -> None:
    refused = watches.add(draft(house, "serelium AND vertiges", "Ancienne"), asker=COMMAND, now=NOW)
    assert not engine.unreadable()
    Watch.objects.filter(pk=refused.pk).update(expression="serelium AND country:zz AND list:amis")
    lists.add("amis", lists.read_entries("amis.example", ""), asker=COMMAND, now=NOW)
    house.take(post("1", "Sérélium et vertiges"))
    assert list(Mention.objects.values_list("watch__name", flat=True)) == ["Sérélium"]
    said = {one.name: one for one in diagnosis.examine(now=NOW)}["watches"]
    assert not said.ok and "Ancienne" in said.sentence and "Sérélium" not in said.sentence


@pytest.mark.parametrize("archived", [True, False])
def test_new_watch_is_run_over_all_that_was_heard(house: House, run_work: Runner, archived: bool) -> None:
    house.take(post("1", "des vertiges"), post("2", "rien"), post("3", "Sérélium et vertiges"))
    if archived:
        archiving.write(now=NOW)
    added = watches.add(draft(house, "vertiges", "Vertiges"), asker=COMMAND, now=NOW)
    run_work()
    assert set(Mention.objects.filter(watch=added).values_list("post__native_id", flat=True)) == {"1", "3"}
    added.refresh_from_db()
    assert added.matched_version == added.version
    assert Post.objects.count() == 2


def test_changed_watch_lapses_what_it_no_longer_finds_and_revives_the_same_mention(
    house: House, run_work: Runner
) -> None:
    house.take(post("1", "Sérélium"), post("2", "Sérélium et vertiges"))
    before = dict(Mention.objects.values_list("post__native_id", "pk"))
    watches.change(house.watch.pk, draft(house, "serelium AND vertiges"), asker=COMMAND, now=NOW)
    run_work()
    assert set(Mention.objects.filter(lapsed_at=None).values_list("post__native_id", flat=True)) == {"2"}
    watches.change(house.watch.pk, draft(house, "serelium"), asker=COMMAND, now=NOW)
    run_work()
    assert dict(Mention.objects.filter(lapsed_at=None).values_list("post__native_id", "pk")) == before


def test_changed_watch_keeps_a_mention_that_rests_on_an_earlier_text(house: House, run_work: Runner) -> None:
    house.take(post("1", "Sérélium et vertiges"))
    house.take(post("1", "texte retiré"))
    watches.change(house.watch.pk, draft(house, "vertiges"), asker=COMMAND, now=NOW)
    run_work()
    assert Mention.objects.get(watch=house.watch).lapsed_at is None


def test_run_over_the_past_adds_nothing_when_it_is_repeated(house: House, run_work: Runner) -> None:
    house.take(post("1", "Sérélium"))
    archiving.write(now=NOW)
    run_work()
    before = list(Mention.objects.values_list("pk", "revision"))
    Work.objects.filter(kind="backfill").update(state="waiting", due_s=0)
    run_work()
    assert list(Mention.objects.values_list("pk", "revision")) == before


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_preview_says_what_each_part_caught_and_what_was_found_unsaid(house: House) -> None:
    house.take(post("1", "vertiges"), post("2", "toux"), post("3", "vertiges et toux"), post("4", "rien"))
    asked = "(vertiges AND NOT country:be) OR toux"
    shown = previewing.preview(asked, since=LONG_AGO, asker=COMMAND, monotonic=itertools.count(0, 0.001).__next__)
    assert (shown.estimate.middle, shown.unsaid) == (3, 1)
    parts = {(part.name, part.is_branch): (part.held, part.caught, part.alone) for part in shown.parts}
    assert parts == {
        ("vertiges AND NOT country:be", True): (2, 2, 1),
        ("toux", True): (2, 2, 1),
        ("vertiges", False): (2, 2, 0),
        ("country:be", False): (0, 0, 0),
    }
    assert sum(part.cost for part in shown.parts) == pytest.approx(1)


def test_preview_counts_what_was_heard_since(house: House) -> None:
    house.take(post("1", "vertiges"))
    archiving.write(now=NOW)
    clock = itertools.count(0, 0.001).__next__
    for since, n in ((NOW - timedelta(days=1), 1), (NOW + timedelta(seconds=1), 0)):
        shown = previewing.preview("vertiges", since=since, asker=COMMAND, monotonic=clock)
        assert (shown.estimate.middle, shown.seen, shown.total) == (n, n, n)


def test_preview_exactly_reads_the_language_of_what_matches(house: House) -> None:
    house.take(
        post("1", "Le vertiges me gêne beaucoup depuis hier soir"),
        post("2", "The vertiges is a real problem for me today"),
    )
    clock = itertools.count(0, 0.001).__next__
    shown = previewing.preview("vertiges AND language:fr", since=LONG_AGO, asker=COMMAND, monotonic=clock)
    assert shown.estimate.middle == 1
    assert [part.held for part in shown.parts] == [2, None]


def test_preview_is_exact_when_the_time_sufficed(house: House) -> None:
    house.take(*(post(str(n), "vertiges" if n % 4 == 0 else "rien") for n in range(40)))
    shown = previewing.preview("vertiges", since=LONG_AGO, asker=COMMAND, monotonic=itertools.count(0, 0.001).__next__)
    assert (shown.estimate.middle, shown.estimate.is_exact, shown.seen) == (10, True, 40)
    assert len(shown.sample) == 10


def test_preview_estimates_with_an_interval_and_becomes_exact_by_going_on(house: House) -> None:
    for start in range(0, 6000, 1000):
        house.take(*(post(str(n), "vertiges" if n % 4 == 0 else "rien") for n in range(start, start + 1000)))
    slow = itertools.count(0, 0.6).__next__
    shown = previewing.preview("vertiges", since=LONG_AGO, asker=COMMAND, monotonic=slow)
    assert not shown.estimate.is_exact and shown.seen < 6000
    assert shown.estimate.low <= 1500 <= shown.estimate.high
    for _ in range(20):
        shown = previewing.preview("vertiges", since=LONG_AGO, asker=COMMAND, monotonic=slow, more=True)
    assert (shown.estimate.middle, shown.estimate.is_exact) == (1500, True)


def compared(house: House, expression: str, *, step_s: float = 0.001, more: bool = False) -> comparing.Compared:
    clock = itertools.count(0, step_s).__next__
    watch = Watch.objects.get(pk=house.watch.pk)
    shown = previewing.preview(
        expression, since=LONG_AGO, asker=COMMAND, monotonic=clock, watch=watch, more=more
    )  # fmt: skip
    assert shown.compared is not None
    return shown.compared


@pytest.mark.parametrize("archived", [True, False])
def test_change_says_what_it_would_add_and_what_would_lapse(house: House, run_work: Runner, archived: bool) -> None:
    house.take(post("1", "Sérélium"), post("2", "Sérélium et vertiges"), post("3", "vertiges"), post("4", "rien"))
    if archived:
        archiving.write(now=NOW)
    found = compared(house, "vertiges")
    assert (found.adding.middle, found.adding.is_exact) == (1, True)
    assert (found.lapsing, found.looked_at, found.total, found.is_of_all) == (1, 2, 2, True)
    watches.change(house.watch.pk, draft(house, "vertiges"), asker=COMMAND, now=NOW)
    run_work()
    events = AuditEvent.objects.filter(action="watch.backfill").values_list("after", flat=True)
    assert sum(after["lapsed"] for after in events) == found.lapsing
    assert Mention.objects.filter(watch=house.watch, lapsed_at=None).count() == 2


def test_change_counts_among_what_it_adds_a_mention_that_lapsed_before(house: House, run_work: Runner) -> None:
    house.take(post("1", "Sérélium"), post("2", "Sérélium et vertiges"))
    watches.change(house.watch.pk, draft(house, "serelium AND vertiges"), asker=COMMAND, now=NOW)
    run_work()
    found = compared(house, "serelium")
    assert (found.adding.middle, found.lapsing, found.total) == (1, 0, 1)


def test_change_lapses_no_mention_that_rests_on_an_earlier_text(house: House) -> None:
    house.take(post("1", "Sérélium et vertiges"))
    house.take(post("1", "texte retiré"))
    assert compared(house, "vertiges").lapsing == 0
    assert compared(house, "toux").lapsing == 1


def test_change_says_of_how_many_when_not_all_mentions_were_looked_at(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "MOST", 3)
    house.take(*(post(str(n), "Sérélium" if n < 6 else "Sérélium et vertiges") for n in range(8)))
    found = compared(house, "vertiges")
    assert (found.lapsing, found.looked_at, found.total) == (1, 3, 8)
    assert found.is_over and not found.is_of_all


def test_comparison_keeps_to_its_time_and_goes_on_where_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "STEP", 2)
    house.take(*(post(str(n), "Sérélium") for n in range(6)))
    looked = [compared(house, "vertiges", step_s=0.2, more=n > 0) for n in range(4)]
    assert [(c.looked_at, c.lapsing, c.is_over) for c in looked] == [
        (2, 2, False), (4, 4, False), (6, 6, True), (6, 6, True),
    ]  # fmt: skip


def test_what_a_change_adds_is_estimated_as_the_count_is(house: House) -> None:
    for start in range(0, 6000, 1000):
        texts = ("vertiges", "Sérélium et vertiges", "rien", "Sérélium")
        house.take(*(post(str(n), texts[n % 4]) for n in range(start, start + 1000)))
    found = compared(house, "vertiges", step_s=0.13)
    assert not found.adding.is_exact
    assert found.adding.low <= 1500 <= found.adding.high
    for _ in range(20):
        found = compared(house, "vertiges", step_s=0.13, more=True)
    assert (found.adding.middle, found.adding.is_exact, found.lapsing, found.total) == (1500, True, 1500, 3000)


def test_closed_watch_finds_nothing_more_and_reopened_finds_what_it_missed(house: House, run_work: Runner) -> None:
    run_work()
    watches.close(house.watch.pk, asker=COMMAND, now=NOW)
    house.take(post("1", "Sérélium"))
    assert Mention.objects.count() == 0
    watches.reopen(house.watch.pk, asker=COMMAND, now=NOW)
    run_work()
    assert Mention.objects.count() == 1
