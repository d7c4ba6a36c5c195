"""The past labelled anew: as work that goes on where it stood and waits for its turn; only what differs is written, and what a
person said is never overwritten."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from vigie.enrich.finder import FINDINGS
from vigie.enrich.language import LanguageLabeller
from vigie.enrich.tone_grams import ToneLabeller
from vigie.errors import DecisionError
from vigie.schema.vocab import LabelKind
from vigie.server import leases, mirroring
from vigie.server.models import (
    AuditEvent,
    Correction,
    Finding,
    FindingCorrection,
    Label,
    Mention,
    Post,
    Work,
)
from vigie.server.permissions import COMMAND
from vigie.server.services import (
    backfilling,
    checking,
    judging,
    relabelling,
    retelling,
    watches,
    work,
)
from vigie.server.services.watches import WatchDraft
from vigie.server.worker.loop import Job
from vigie.text.lexicon import Lexicon, Tokens

from .conftest import NOW, House, Use, post
from .test_stores import NextModel, agree

ALL = frozenset({"language", "tone", "reaction"})


class Words:
    """Finds words of a list; what “pas de” stands before is denied."""

    kinds = ("reaction",)
    name = "words"

    def __init__(self, version: str, *words: str) -> None:
        self.version, self.words = version, words

    def find(self, texts: pa.Array, languages: Sequence[str | None], *, lexicon: Lexicon, tokens: Tokens) -> pa.Table:
        rows = [
            {
                "row": row, "kind": "reaction", "value": word, "name": None, "start": text.find(word),
                "end": text.find(word) + len(word), "negated": text[: text.find(word)].endswith("pas de "),
                "hypothetical": False, "past": False, "of_another": False, "score": 0.9, "source": f"list {self.version}",
            }
            for row, text in enumerate(texts.to_pylist())
            for word in self.words
            if word in text
        ]  # fmt: skip
        return pa.Table.from_pylist(rows, schema=FINDINGS)


class NextLanguage(LanguageLabeller):
    """Another model of language, that reads all as Dutch."""

    version = "99"

    def label(self, texts: Any, languages: Any = ()) -> tuple[list[str | None], list[float]]:
        return ["nl" for _ in texts], [1.0 for _ in texts]


class SameModel(ToneLabeller):
    """A later model of tone, that says the same."""

    version = "2"


@pytest.fixture
def next_model(use: Use, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what brings the next model of tone in; steps are one post."""
    monkeypatch.setattr(retelling, "STEP", 1)
    return lambda: use(LanguageLabeller(), NextModel())


def label_again(house: House, next_model: Callable[[], None], *names: str) -> Work:
    """Keep posts labelled by the model of today, then ask for the next one's labels, one post a transaction."""
    house.take(*(post(name, "Sérélium est horrible") for name in names))
    Work.objects.all().delete()  # the watches' own runs over the past
    next_model()
    return Work.objects.get(pk=relabelling.start(LabelKind.TONE, asker=COMMAND, now=NOW))


def chosen_tones() -> list[str]:
    return list(Label.objects.filter(kind="tone", chosen=True).order_by("post").values_list("value", flat=True))


def revisions() -> dict[int, int]:
    return dict(Mention.objects.values_list("pk", "revision"))


def test_run_is_work_that_keeps_the_label_before_and_is_known_to_audit_and_stores(
    house: House, next_model: Callable[[], None], run_work: Any
) -> None:
    row = label_again(house, next_model, "1", "2", "3")
    run_work()
    row.refresh_from_db()
    assert (row.state, row.code, row.facts, row.done) == ("done", "posts.retold", {"posts": 3, "changed": 3}, 3)
    assert chosen_tones() == ["positive"] * 3
    before = Label.objects.filter(kind="tone", chosen=False)
    assert before.count() == 3 and set(before.values_list("labeller__version", flat=True)) == {"1"}
    assert AuditEvent.objects.get(action="posts.relabel_asked").after == {"kinds": ["tone"]}
    assert AuditEvent.objects.filter(action="posts.relabel").count() == 3
    agree()


def test_what_says_the_same_is_not_written(house: House, use: Use) -> None:
    use(finders=(Words("1", "nausée"),))
    house.take(post("1", "Le Sérélium est horrible, nausée"), post("2", "Sérélium, pas de nausée"))
    use(LanguageLabeller(), SameModel(), finders=(Words("2", "nausée"),))
    before = (revisions(), list(Label.objects.values()), list(Finding.objects.values()), AuditEvent.objects.count())
    assert retelling.step(ALL, after_post=0, now=NOW) is not None
    assert (
        revisions(), list(Label.objects.values()), list(Finding.objects.values()), AuditEvent.objects.count(),
    ) == before  # fmt: skip


def test_only_posts_that_differ_get_revisions(house: House, use: Use) -> None:
    use(finders=(Words("1", "nausée"),))
    house.take(
        post("1", "Le Sérélium : nausée"), post("2", "Le Sérélium : nausée et vertige"), post("3", "Le Sérélium seul")
    )
    before = revisions()
    use(finders=(Words("2", "nausée", "vertige"),))
    retelling.step(ALL, after_post=0, now=NOW)
    changed = [m.post.native_id for m in Mention.objects.select_related("post") if m.revision != before[m.pk]]
    assert changed == ["2"]
    assert sorted(Post.objects.values_list("native_id", "found")) == [
        ("1", '{"reaction":["nausée"]}'), ("2", '{"reaction":["nausée","vertige"]}'), ("3", ""),
    ]  # fmt: skip
    versions = dict(Finding.objects.values_list("post__native_id", "labeller__version"))
    assert versions == {"1": "1", "2": "2"}  # those of a kind are replaced together; what stays keeps its version
    agree()


def test_a_second_run_writes_nothing(house: House, use: Use) -> None:
    house.take(post("1", "Sérélium est horrible"), post("2", "Le Sérélium : nausée"))
    use(NextLanguage(), NextModel(), finders=(Words("1", "nausée"),))
    retelling.step(ALL, after_post=0, now=NOW)
    before = (revisions(), list(Label.objects.values()), list(Finding.objects.values()), AuditEvent.objects.count())
    retelling.step(ALL, after_post=0, now=NOW)
    assert (
        revisions(), list(Label.objects.values()), list(Finding.objects.values()), AuditEvent.objects.count(),
    ) == before  # fmt: skip
    agree()


def test_people_s_words_on_labels_and_findings_stay_on_top(house: House, use: Use) -> None:
    use(finders=(Words("1", "nausée"),))
    house.take(post("1", "Sérélium est horrible, nausée et vertige"))
    mention = Mention.objects.get()
    judging.correct(mention.pk, LabelKind.TONE, "neutral", asker=COMMAND, now=NOW)
    FindingCorrection.objects.create(mention=mention, kind="reaction", value="vertige", holds=False, at=NOW)
    use(LanguageLabeller(), NextModel(), finders=(Words("2", "vertige"),))
    before = revisions()
    retelling.step(ALL, after_post=0, now=NOW)
    mention.refresh_from_db()
    assert chosen_tones() == ["positive"] and mention.found == "" and revisions() != before
    assert Correction.objects.get(mention=mention, kind="tone").value == "neutral"
    assert [cell[4] for cell in checking.counted(mirroring.view(now=NOW))] == ["neutral"]
    agree()


def test_mention_whose_tone_a_person_said_gets_no_revision_when_the_model_s_changes(house: House, use: Use) -> None:
    house.take(post("1", "Sérélium est horrible"))
    judging.correct(Mention.objects.get().pk, LabelKind.TONE, "neutral", asker=COMMAND, now=NOW)
    before = revisions()
    use(LanguageLabeller(), NextModel())
    retelling.step(frozenset({"tone"}), after_post=0, now=NOW)
    assert chosen_tones() == ["positive"] and revisions() == before
    agree()


def test_language_brings_with_it_what_rests_on_it_and_has_watches_matched_again(
    house: House, use: Use, run_work: Any
) -> None:
    draft = WatchDraft("Sérélium", house.brand.pk, "product", house.brand.pk, "serelium AND language:fr")
    watches.change(house.watch.pk, draft, asker=COMMAND, now=NOW)
    house.take(post("1", "Le Sérélium est horrible, je ne le prends plus"))
    run_work()
    assert Mention.objects.filter(lapsed_at=None).count() == 1 and len(chosen_tones()) == 1
    use(NextLanguage(), ToneLabeller())
    row = relabelling.start(LabelKind.LANGUAGE, asker=COMMAND, now=NOW)
    run_work()
    assert Label.objects.get(kind="language", chosen=True).value == "nl"
    assert Mention.objects.filter(lapsed_at=None).count() == 0 and chosen_tones() == []
    assert Work.objects.get(pk=row).state_json["changed"] == {"language": 1, "tone": 1}
    use()
    relabelling.start(LabelKind.LANGUAGE, asker=COMMAND, now=NOW)
    run_work()
    assert Mention.objects.filter(lapsed_at=None).count() == 1 and len(chosen_tones()) == 1
    agree()


def test_watches_that_test_nothing_of_what_changed_are_left(house: House, use: Use, run_work: Any) -> None:
    house.take(post("1", "Le Sérélium est horrible, je ne le prends plus"))
    run_work()
    use(NextLanguage(), ToneLabeller())
    relabelling.start(LabelKind.LANGUAGE, asker=COMMAND, now=NOW)
    done = Work.objects.filter(kind="backfill").count()
    run_work()
    assert Work.objects.filter(kind="backfill").count() == done


def test_post_edited_while_it_was_read_keeps_what_the_door_said(
    house: House, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.take(post("1", "Sérélium est horrible"), post("2", "Sérélium est horrible"))
    use(LanguageLabeller(), NextModel())
    original = retelling.differences

    def edited_meanwhile(*args: Any) -> Any:
        found = original(*args)
        use()
        house.take(post("1", "Le Sérélium est nul et affreux"))
        use(LanguageLabeller(), NextModel())
        return found

    monkeypatch.setattr(retelling, "differences", edited_meanwhile)
    retelling.step(frozenset({"tone"}), after_post=0, now=NOW)
    assert chosen_tones() == ["negative", "positive"]
    agree()


def test_run_goes_on_where_a_dead_worker_stood(
    house: House, next_model: Callable[[], None], run_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = label_again(house, next_model, "1", "2", "3")
    (dead,) = work.claim_key(row.key, holder="dead", lease_s=-1)
    steps = iter([1])
    original = retelling.step

    def dies(*args: Any, **kwargs: Any) -> int | None:
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return original(*args, **kwargs)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(retelling, "step", dies)
        relabelling.run(work.Inline(dead, lambda *_: None), clock=lambda: NOW)
    assert chosen_tones().count("positive") == 1
    Work.objects.update(lease_until_s=0)
    run_work()
    row.refresh_from_db()
    assert (row.state, row.done, row.facts["changed"]) == ("done", 3, 3) and chosen_tones() == ["positive"] * 3
    assert AuditEvent.objects.filter(action="posts.relabel").count() == 3  # no post twice


def test_run_begins_again_when_another_model_says_it_meanwhile(
    house: House, next_model: Callable[[], None], use: Use, run_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = label_again(house, next_model, "1", "2")
    original, steps = retelling.step, iter([1])

    def replaced(*args: Any, **kwargs: Any) -> int | None:
        found = original(*args, **kwargs)
        if next(steps, None):
            use()
        return found

    monkeypatch.setattr(retelling, "step", replaced)
    run_work()
    row.refresh_from_db()
    assert row.state == "done" and chosen_tones() == ["negative"] * 2
    assert row.state_json["versions"] == {"tone": "tone-grams 1"}
    agree()


def test_run_waits_while_the_tail_is_long_and_another_merges(
    house: House, next_model: Callable[[], None], run_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirroring.merge_now(clock=lambda: NOW)
    row, waits = label_again(house, next_model, "1", "2"), []

    def merged_meanwhile(job: Job, seconds: float) -> None:
        if seconds == backfilling.WAIT_S:
            waits.append((seconds, chosen_tones().count("positive")))
        leases.give_back(mirroring.lease_name(), holder="another")

    monkeypatch.setattr(backfilling, "TAIL_BOUND", 0)
    monkeypatch.setattr(Job, "pause", merged_meanwhile)
    leases.take(mirroring.lease_name(), holder="another", seconds=600)
    run_work()
    row.refresh_from_db()
    assert waits == [(backfilling.WAIT_S, 0)] and row.state == "done" and mirroring.revisions_behind() == 0


def test_run_that_waits_can_be_cancelled(
    house: House, next_model: Callable[[], None], run_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = label_again(house, next_model, "1")
    monkeypatch.setattr(backfilling, "TAIL_BOUND", 0)
    monkeypatch.setattr(Job, "pause", lambda job, s: work.cancel(row.pk, asker=COMMAND, now=NOW))
    leases.take(mirroring.lease_name(), holder="another", seconds=600)
    run_work()
    row.refresh_from_db()
    assert row.state == "cancelled" and "positive" not in chosen_tones()


def test_cancelled_half_way_has_watches_that_test_it_matched_again(
    house: House, use: Use, run_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = WatchDraft("Sérélium", house.brand.pk, "product", house.brand.pk, "serelium AND language:fr")
    watches.change(house.watch.pk, draft, asker=COMMAND, now=NOW)
    house.take(*(post(name, "Le Sérélium est horrible, je ne le prends plus") for name in "12"))
    run_work()
    use(NextLanguage(), ToneLabeller())
    monkeypatch.setattr(retelling, "STEP", 1)
    row = relabelling.start(LabelKind.LANGUAGE, asker=COMMAND, now=NOW)
    original = retelling.step

    def cancelled(*args: Any, **kwargs: Any) -> int | None:
        found = original(*args, **kwargs)
        work.cancel(row, asker=COMMAND, now=NOW)
        return found

    monkeypatch.setattr(retelling, "step", cancelled)
    run_work()
    assert Work.objects.get(pk=row).state == "cancelled"
    assert Mention.objects.filter(lapsed_at=None).count() == 1
    agree()


def test_labels_of_a_run_are_taken_back_absent_ones_too(house: House, use: Use, run_work: Any) -> None:
    house.take(post("1", "Sérélium est horrible"), post("2", "Sérélium 12"), post("3", "Le Sérélium est super, merci"))
    before = sorted(Label.objects.filter(chosen=True).values_list("post", "kind", "value", "labeller"))
    use(LanguageLabeller(), NextModel())
    row = relabelling.start("tone", asker=COMMAND, now=NOW)
    run_work()
    house.take(post("4", "Sérélium est horrible"))
    assert chosen_tones() == ["positive"] * 4
    (run,) = relabelling.runs()
    assert run.can_be_taken_back and run.posts == len([b for b in before if b[1] == "tone" and b[2] != "positive"]) + 1
    back = relabelling.take_back(row, asker=COMMAND, now=NOW)
    run_work()
    old = list(Label.objects.filter(chosen=True).exclude(post__native_id="4"))
    assert sorted((one.post_id, one.kind, one.value, one.labeller_id) for one in old) == before
    assert chosen_tones()[-1] == "positive"  # the door said it, not the run
    assert [run.can_be_taken_back for run in relabelling.runs()] == [False, False]
    assert Work.objects.get(pk=back).code == "posts.taken_back"
    agree()


def test_run_that_another_followed_is_not_taken_back(house: House, use: Use, run_work: Any) -> None:
    house.take(post("1", "Sérélium est horrible"))
    use(LanguageLabeller(), NextModel())
    first = relabelling.start("tone", asker=COMMAND, now=NOW)
    run_work()
    use()
    relabelling.start("tone", asker=COMMAND, now=NOW)
    run_work()
    with pytest.raises(DecisionError):
        relabelling.take_back(first, asker=COMMAND, now=NOW)


def test_post_has_at_most_two_labels_of_a_kind(house: House, use: Use) -> None:
    house.take(post("1", "Sérélium est horrible"), post("2", "Sérélium 12"))
    for turn in range(5):
        use(LanguageLabeller(), NextModel()) if turn % 2 == 0 else use()
        retelling.step(frozenset({"tone"}), after_post=0, now=NOW)
    per_post = [Label.objects.filter(post=p, kind="tone").count() for p in Post.objects.all()]
    assert max(per_post) == 2
    agree()


def test_statements_are_the_same_for_one_post_and_for_three(house: House, use: Use) -> None:
    counts = []
    for names in ("1", "234"):
        use(finders=(Words("1", "nausée"),))
        house.take(*(post(name, f"Sérélium est horrible, nausée et vertige {name}") for name in names))
        last = Post.objects.exclude(native_id__in=list(names)).order_by("-pk").values_list("pk", flat=True).first() or 0
        use(NextLanguage(), NextModel(), finders=(Words("2", "vertige"),))
        retelling.step(ALL, after_post=last + 1_000_000, now=NOW)  # what is compiled and kept once
        retelling.nobody("tone"), retelling.nobody("language")
        with CaptureQueriesContext(
            connection,
        ) as caught:
            retelling.step(ALL, after_post=last, now=NOW)
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_nothing_that_is_said_today_is_refused(house: House) -> None:
    with pytest.raises(DecisionError):
        relabelling.start("category", asker=COMMAND, now=NOW)
    with pytest.raises(DecisionError):
        relabelling.start(asker=COMMAND, now=NOW)


@pytest.mark.parametrize(("step_s", "rest_s"), [(0.0, 0.4), (0.1, 0.3), (0.32, 0.08), (0.4, 0.1), (2.0, 0.5)])
def test_rest_keeps_the_pace_and_is_a_share_of_slow_steps(step_s: float, rest_s: float) -> None:
    assert relabelling.rest_s(step_s) == pytest.approx(rest_s)


def test_run_rests_after_each_step(
    house: House, next_model: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    row, rests = label_again(house, next_model, "1", "2"), []
    (claimed,) = work.claim_key(row.key, holder="test")
    job, hours = work.Inline(claimed, lambda *_: None), iter(range(100))
    monkeypatch.setattr(job, "pause", rests.append)
    relabelling.run(job, clock=lambda: NOW + timedelta(seconds=2 * next(hours)))
    # A step reads the clock before, within and after: four seconds of this one.
    assert rests == [4 * relabelling.REST] * 2
