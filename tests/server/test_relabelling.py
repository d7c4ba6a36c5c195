"""Labels told again: as work that goes on where it stood, waits for its turn, and never overwrites what a person said."""

from typing import Any

import pytest

from vigie.enrich.language import LanguageLabeller
from vigie.enrich.tone_grams import ToneLabeller
from vigie.schema.vocab import LabelKind
from vigie.server import engine, leases, mirroring
from vigie.server.models import AuditEvent, Correction, Label, Mention, Work
from vigie.server.permissions import COMMAND
from vigie.server.services import (
    backfilling,
    checking,
    judging,
    relabelling,
    watches,
    work,
)
from vigie.server.services.watches import WatchDraft
from vigie.server.worker.loop import Job

from .conftest import NOW, House, post
from .test_stores import NextModel, agree


def test_relabelling_keeps_the_old_label_and_chooses_the_new(house: House) -> None:
    house.take(post("1", "Sérélium est horrible"))
    judging.relabel_after(NextModel(), after_post=0, now=NOW)
    tones = dict(Label.objects.filter(kind="tone").values_list("chosen", "value"))
    assert tones[True] == "positive" and False in tones
    agree()


def label_again(house: House, *names: str) -> Any:
    """Keep posts labelled by the model of today, then ask for the next one's labels, one post a transaction."""
    house.take(*(post(name, "Sérélium est horrible") for name in names))
    Work.objects.all().delete()  # the watches' own runs over the past
    return Work.objects.get(pk=relabelling.start(LabelKind.TONE, asker=COMMAND, now=NOW))


@pytest.fixture
def next_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relabelling, "LABELLERS", (NextModel(),))
    monkeypatch.setattr(judging, "RELABEL_BATCH", 1)
    monkeypatch.setattr(judging.relabel_after, "__kwdefaults__", {"limit": 1})


def chosen_tones() -> list[str]:
    return list(Label.objects.filter(kind="tone", chosen=True).order_by("post").values_list("value", flat=True))


def test_relabelling_is_work_that_the_audit_and_the_stores_know(house: House, next_model: None, run_work: Any) -> None:
    row = label_again(house, "1", "2", "3")
    run_work()
    row.refresh_from_db()
    assert (row.state, row.code, row.facts, row.done) == ("done", "posts.relabelled", {"posts": 3}, 3)
    assert chosen_tones() == ["positive"] * 3
    asked = AuditEvent.objects.get(action="posts.relabel_asked")
    assert asked.actor == "command" and asked.after == {"kind": "tone"}
    assert AuditEvent.objects.filter(action="posts.relabel").count() == 3
    agree()


class NextLanguage(LanguageLabeller):
    """Another model of language, that reads all as Dutch."""

    version = "99"

    def label(self, texts: Any, languages: Any = ()) -> tuple[list[str | None], list[float]]:
        return ["nl" for _ in texts], [1.0 for _ in texts]


def test_relabelling_of_language_matches_and_tells_tone_again(
    house: House, run_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = WatchDraft("Sérélium", house.brand.pk, "product", house.brand.pk, "serelium AND language:fr")
    watches.change(house.watch.pk, draft, asker=COMMAND, now=NOW)
    house.take(post("1", "Le Sérélium est horrible, je ne le prends plus"))
    run_work()
    assert Mention.objects.filter(lapsed_at=None).count() == 1 and len(chosen_tones()) == 1
    for module in (relabelling, engine):
        monkeypatch.setattr(module, "LABELLERS", (NextLanguage(), ToneLabeller()))
    engine.forget()
    relabelling.start(LabelKind.LANGUAGE, asker=COMMAND, now=NOW)
    run_work()
    assert Label.objects.get(kind="language", chosen=True).value == "nl"
    assert Mention.objects.filter(lapsed_at=None).count() == 0 and chosen_tones() == []
    for module in (relabelling, engine):
        monkeypatch.setattr(module, "LABELLERS", (LanguageLabeller(), ToneLabeller()))
    engine.forget()
    relabelling.start(LabelKind.LANGUAGE, asker=COMMAND, now=NOW)
    run_work()
    assert Mention.objects.filter(lapsed_at=None).count() == 1 and len(chosen_tones()) == 1
    agree()


def test_relabelling_never_overwrites_what_a_person_said(house: House) -> None:
    house.take(post("1", "Sérélium est horrible"))
    mention = Mention.objects.get()
    judging.correct(mention.pk, LabelKind.TONE, "neutral", asker=COMMAND, now=NOW)
    judging.relabel_after(NextModel(), after_post=0, now=NOW)
    assert chosen_tones() == ["positive"]
    assert Correction.objects.get(mention=mention, kind="tone").value == "neutral"
    assert [cell[4] for cell in checking.counted(mirroring.view(now=NOW))] == ["neutral"]
    agree()


def test_relabelling_goes_on_where_a_dead_worker_stood(
    house: House, next_model: None, run_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = label_again(house, "1", "2", "3")
    (dead,) = work.claim_key(row.key, holder="dead", lease_s=-1)
    steps = iter([1])
    original = judging.relabel_after

    def dies(*args: Any, **kwargs: Any) -> int | None:
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return original(*args, limit=1, **kwargs)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(judging, "relabel_after", dies)
        relabelling.run(work.Inline(dead, lambda *_: None), clock=lambda: NOW)
    assert chosen_tones().count("positive") == 1
    Work.objects.update(lease_until_s=0)
    run_work()
    row.refresh_from_db()
    assert (row.state, row.done) == ("done", 3) and chosen_tones() == ["positive"] * 3
    assert AuditEvent.objects.filter(action="posts.relabel").count() == 3  # no post twice


def test_relabelling_waits_while_the_tail_is_long_and_another_merges(
    house: House, next_model: None, run_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirroring.merge_now(clock=lambda: NOW)
    row, waits = label_again(house, "1", "2"), []

    def merged_meanwhile(job: Job, seconds: float) -> None:
        waits.append((seconds, chosen_tones().count("positive")))
        leases.give_back(mirroring.lease_name(), holder="another")

    monkeypatch.setattr(backfilling, "TAIL_BOUND", 0)
    monkeypatch.setattr(Job, "pause", merged_meanwhile)
    leases.take(mirroring.lease_name(), holder="another", seconds=600)
    run_work()
    row.refresh_from_db()
    assert waits == [(backfilling.WAIT_S, 0)] and row.state == "done" and mirroring.revisions_behind() == 0


def test_relabelling_that_waits_can_be_cancelled(
    house: House, next_model: None, run_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = label_again(house, "1")
    monkeypatch.setattr(backfilling, "TAIL_BOUND", 0)
    monkeypatch.setattr(Job, "pause", lambda job, s: work.cancel(row.pk, asker=COMMAND, now=NOW))
    leases.take(mirroring.lease_name(), holder="another", seconds=600)
    run_work()
    row.refresh_from_db()
    assert row.state == "cancelled" and "positive" not in chosen_tones()
