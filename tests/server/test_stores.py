"""Three stores, one truth: after anything that may happen, mirror on = mirror off = a recount in plain Python."""

import random
import subprocess
import sys
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from vigie.enrich.language import LanguageLabeller
from vigie.enrich.stories import StoryIndex
from vigie.enrich.tone_grams import ToneLabeller
from vigie.schema.vocab import LabelKind, Mark
from vigie.server import engine, keys, leases, mirroring
from vigie.server.context import BEHIND, Behind
from vigie.server.models import AuditEvent, AuthorName, Counter, Heard, Lease, Mention, PostStory, Receipt, Sketch
from vigie.server.permissions import COMMAND
from vigie.server.services import (
    archiving,
    checking,
    diagnosis,
    erasing,
    judging,
    retelling,
    rotating,
    stories,
    watches,
    work,
)
from vigie.server.services.watches import WatchDraft
from vigie.server.worker.handlers import handlers
from vigie.server.worker.loop import Loop
from vigie.store.archive import Archive
from vigie.store.mirror import Mirror

from .conftest import NOW, House, post

TEXTS = (
    "Sérélium me va bien",
    "j'ai des vertiges",
    "le Sérélium donne des vertiges horribles",
    "rien de neuf",
    "Serelium is great",
)

LONG = (
    "Le Sérélium me fait tourner la tête depuis trois jours, le médecin dit d'attendre encore un peu",
    "Rupture de Sérélium dans toutes les pharmacies du quartier depuis la semaine dernière, courage à tous",
)
"""Texts long enough to be repeated nearly."""


class NextModel(ToneLabeller):
    """Another model of tone, that finds everything positive."""

    version = "99"

    def label(self, texts: Any, languages: Any) -> tuple[list[str | None], list[float]]:
        return ["positive" for _ in texts], [1.0 for _ in texts]


class Story:
    """What may happen to the stores, step by step."""

    def __init__(self, house: House) -> None:
        self.house, self.hour, self.made = house, 0, 0
        self.loop = Loop(handlers(clock=lambda: NOW), holder="story")

    def at(self) -> Any:
        self.hour += 1
        return NOW + timedelta(minutes=self.hour)

    def insert(self, n: int) -> None:
        rows = [
            post(
                f"p{self.made + i}",
                TEXTS[(n + i) % len(TEXTS)],
                author=f"a{(n + i) % 3}",
                likes=i,
                published_at=NOW - timedelta(days=(n * 7 + i * 11) % 80),
            )
            for i in range(1 + n % 4)
        ]
        self.made += len(rows)
        self.house.take(*rows, space=self.house.blog if n % 5 == 0 else self.house.forum, at=self.at())

    def repeat(self, n: int) -> None:
        """A copy of a text with a word more, a repost or a quote: of what was heard, or will be later."""
        link = (None, "repost_of", "quote_of", None)[n % 4]
        links = {link: f"p{n * 5 % (self.made + 3)}"} if link else {}
        text = "Sérélium" if link and n % 3 else f"{LONG[n % 2]} {n}"
        self.house.take(post(f"p{self.made}", text, author=f"a{n % 3}", **links), at=self.at())
        self.made += 1

    def edit(self, n: int) -> None:
        if self.made:
            text = LONG[n % 2] if n % 7 == 0 else TEXTS[(n * 3) % len(TEXTS)] + " edit"
            self.house.take(post(f"p{n % self.made}", text, likes=n), at=self.at())

    def correct(self, n: int) -> None:
        if mention := self._mention(n):
            judging.correct(mention.pk, LabelKind.TONE, ("negative", "positive", None)[n % 3], asker=COMMAND, now=NOW)

    def mark(self, n: int) -> None:
        if mention := self._mention(n):
            judging.mark(mention.pk, Mark.NOT_ABOUT_US, on=n % 2 == 0, asker=COMMAND, now=NOW)

    def relabel(self, n: int) -> None:
        with patch.object(engine, "LABELLERS", (LanguageLabeller(), NextModel() if n % 2 else ToneLabeller())):
            engine.forget()
            retelling.step(frozenset({"tone"}), after_post=0, now=NOW)
        engine.forget()

    def reword(self, n: int) -> None:
        expression = ("serelium", "serelium OR vertiges", "vertiges AND language:fr")[n % 3]
        draft = WatchDraft("Sérélium", self.house.brand.pk, "product", self.house.brand.pk, expression)
        watches.change(self.house.watch.pk, draft, asker=COMMAND, now=NOW)
        self.work(n)

    def erase(self, n: int) -> None:
        if mention := self._mention(n):
            kind = "author" if mention.post.author_id and n % 2 else "post"
            erasing.demand(kind, erasing.target_of(mention.pk, kind), asker=COMMAND, now=NOW)
            self.work(n)

    def rotate(self, n: int) -> None:
        """Another key for authors: moved to at once, or by the next work."""
        if keys.chain().newest < 4:
            rotating.start(asker=COMMAND, now=NOW)
        if n % 2:
            self.work(n)

    def work(self, n: int) -> None:
        while claimed := work.claim(holder="story", limit=10):
            for one in claimed:
                self.loop.run_one(one)

    def merge(self, n: int) -> None:
        mirroring.merge_now(clock=lambda: NOW)

    def archive(self, n: int) -> None:
        archiving.write(now=NOW)

    def kill(self, n: int) -> None:
        """A process dies inside a transaction: nothing of it is there."""
        try:
            with transaction.atomic():
                self.insert(n)
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            self.made -= 1 + n % 4
        mirroring.forget()

    def restore(self, n: int) -> None:
        """Another history: the epoch is drawn anew, so files of the old one are refused."""
        Counter.objects.filter(name="revision").update(epoch=random.getrandbits(60))

    def lose_mirror(self, n: int) -> None:
        import shutil

        shutil.rmtree(mirroring.folder(), ignore_errors=True)

    def _mention(self, n: int) -> Mention | None:
        ids = list(Mention.objects.order_by("pk").values_list("pk", flat=True))
        return Mention.objects.select_related("post").get(pk=ids[n % len(ids)]) if ids else None


STEPS = (
    "insert",
    "insert",
    "repeat",
    "repeat",
    "edit",
    "correct",
    "mark",
    "relabel",
    "reword",
    "erase",
    "rotate",
    "merge",
    "merge",
    "archive",
    "kill",
    "restore",
    "lose_mirror",
)


def stories_hold() -> None:
    """Assert that no post stands in a story that was merged, and that a process that begins now groups nothing otherwise."""
    assert not PostStory.objects.exclude(story__merged_into=None).exists()
    rows = Sketch.objects.count()
    batch = stories._rows_after(0)
    assert len(batch) == rows
    index = StoryIndex()
    index.add(batch)
    changed = index.changes()
    assert (len(changed.posts), changed.merged) == (0, ())


def agree() -> None:
    """Assert that all stores say the same."""
    different = [f for f in checking.check(now=NOW, zone=settings.VIGIE.time_zone) if not f.agrees]
    assert different == []


def authors_are_one() -> None:
    """Assert that no author stands twice, under two keys."""
    handles = list(AuthorName.objects.values_list("handle", flat=True))
    assert len(handles) == len(set(handles))


@seed(20261030)
@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 30)), min_size=3, max_size=14))
@pytest.mark.django_db
def test_mirror_on_equals_mirror_off_equals_a_recount(
    house: House, steps: list[tuple[str, int]], tmp_path: Any
) -> None:
    _story(house, steps, tmp_path)


@pytest.mark.slow
@seed(7)
@hypothesis_settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 60)), min_size=5, max_size=40))
@pytest.mark.django_db
def test_mirror_on_equals_mirror_off_equals_a_recount_at_length(
    house: House, steps: list[tuple[str, int]], tmp_path: Any
) -> None:
    _story(house, steps, tmp_path)


def _story(house: House, steps: list[tuple[str, int]], tmp_path: Any) -> None:
    import tempfile
    from dataclasses import replace
    from pathlib import Path

    point = transaction.savepoint()
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    before = settings.VIGIE
    settings.VIGIE = replace(before, var=folder, archive_url=str(folder / "archive"))
    try:
        story = Story(house)
        for name, n in steps:
            getattr(story, name)(n)
            agree()
            stories_hold()
            authors_are_one()
    finally:
        settings.VIGIE = before
        transaction.savepoint_rollback(point)
        mirroring.forget()
        engine.forget()
        keys.forget()


@pytest.mark.parametrize(
    "steps",
    [
        [("insert", 0), ("insert", 0), ("repeat", 1), ("insert", 0), ("edit", 0)],
        [("insert", 0), ("insert", 0), ("repeat", 1), ("edit", 14), ("insert", 0)],
    ],
    ids=["what is repeated is edited", "what repeats is edited"],
)
def test_stories_that_went_apart_between_processes_once(
    house: House, steps: list[tuple[str, int]], tmp_path: Any
) -> None:
    """Found by the long test: who began anew grouped otherwise than who had heard it all."""
    _story(house, steps, tmp_path)


def test_correction_is_seen_at_once_before_any_merge(house: House) -> None:
    house.take(post("1", "Sérélium"))
    mirroring.merge_now(clock=lambda: NOW)
    mention = Mention.objects.get()
    judging.correct(mention.pk, LabelKind.TONE, "negative", asker=COMMAND, now=NOW)
    assert {cell[4]: n for cell, n in checking.counted(mirroring.view(now=NOW)).items()} == {"negative": 1}


def test_undoing_a_mark_brings_the_mention_back(house: House) -> None:
    house.take(post("1", "Sérélium"))
    mention = Mention.objects.get()
    judging.mark(mention.pk, Mark.NOT_ABOUT_US, on=True, asker=COMMAND, now=NOW)
    assert checking.counted(mirroring.view(now=NOW)).total() == 0
    judging.mark(mention.pk, Mark.NOT_ABOUT_US, on=False, asker=COMMAND, now=NOW)
    assert checking.counted(mirroring.view(now=NOW)).total() == 1


def test_manifest_ahead_of_the_record_is_refused(house: House) -> None:
    house.take(post("1", "Sérélium"))
    mirroring.merge_now(clock=lambda: NOW)
    Counter.objects.filter(name="revision").update(value=0)
    assert not Mirror(mirroring.folder()).usable(
        Counter.objects.get(name="revision").epoch, 0, settings.VIGIE.time_zone.key
    )


@pytest.mark.django_db(transaction=True)
def test_erasure_of_an_author_forgets_posts_that_wait_for_the_archive_alone(house: House) -> None:
    story = Story(house)
    house.take(post("m", "serelium", author="bob"), post("x", "rien", author="bob"), post("y", "rien", author="eve"))
    # A later version that does not say who wrote it is theirs too.
    house.take(post("m", "serelium, encore"), at=story.at())
    (mention,) = Mention.objects.all()
    erasing.demand("author", erasing.target_of(mention.pk, "author"), asker=COMMAND, now=NOW)
    story.work(0)
    agree()
    assert Heard.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_erasure_of_an_author_takes_versions_that_do_not_name_them_out_of_the_archive(house: House) -> None:
    story = Story(house)
    house.take(post("m", "serelium", author="bob"))
    house.take(post("m", "serelium, encore"), at=story.at())
    story.archive(0)
    (mention,) = Mention.objects.all()
    erasing.demand("author", erasing.target_of(mention.pk, "author"), asker=COMMAND, now=NOW)
    story.work(0)
    agree()
    assert archiving.archive().count() == 0


def test_erasure_leaves_nothing_but_receipts_and_refuses_the_post_again(house: House) -> None:
    house.take(
        post("1", "Sérélium motinoubliable", author="Papillon38"),
        post("2", "motinoubliable aussi", author="Papillon38"),
        post("3", "Sérélium", author="Autre"),
    )
    archiving.write(now=NOW)
    mirroring.merge_now(clock=lambda: NOW)
    mention = Mention.objects.order_by("pk").first()
    assert mention is not None
    erasing.demand("author", erasing.target_of(mention.pk, "author"), asker=COMMAND, now=NOW)
    Story(house).work(0)
    assert set(Receipt.objects.values_list("step", flat=True)) == set(erasing.STEPS)
    assert b"motinoubliable" not in b"".join(p.read_bytes() for p in settings.VIGIE.var.rglob("*") if p.is_file())
    assert house.take(post("1", "Sérélium motinoubliable", author="Papillon38")).refused == 1
    agree()


def test_batch_is_archived_once_even_when_its_row_survived_the_commit(house: House) -> None:
    """The worker dies after the commit and before the row is deleted: the next one finds the batch in the log."""
    house.take(post("1", "Sérélium"))
    batches = archiving._next_batches()
    archiving.archive().append(batches)
    assert archiving.pending() == 1
    archiving.write(now=NOW)
    assert archiving.archive().count() == 1 and archiving.pending() == 0


def test_burst_is_written_in_several_commits_with_the_lease_renewed_before_each(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        house.take(post(str(n), "Sérélium"))
    monkeypatch.setattr(archiving, "MAX_ROWS", 1)
    until: list[float] = []
    original = Archive.append

    def slow(self: Archive, batches: Any) -> None:
        until.append(Lease.objects.get(name="archive").until_s)
        Lease.objects.filter(name="archive").update(until_s=F("until_s") - 300)  # five minutes pass
        original(self, batches)

    monkeypatch.setattr(Archive, "append", slow)
    assert archiving.write(now=NOW) == 3 and archiving.pending() == 0
    assert len(until) == 3 and max(until) - min(until) < 60


def test_writer_that_lost_its_lease_leaves_the_rest_to_the_one_that_has_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        house.take(post(str(n), "Sérélium"))
    monkeypatch.setattr(archiving, "MAX_ROWS", 1)
    original = archiving.settle

    def settle(*args: Any, **values: Any) -> None:
        original(*args, **values)
        Lease.objects.filter(name="archive").update(until_s=0)
        assert leases.take("archive", holder="another", seconds=600)

    monkeypatch.setattr(archiving, "settle", settle)
    assert archiving.write(now=NOW) == 1 and archiving.pending() == 2
    assert leases.held("archive", holder="another")
    leases.give_back("archive", holder="another")
    monkeypatch.undo()
    assert archiving.write(now=NOW) == 2 and archiving.archive().count() == 3


def test_audit_log_refuses_change_and_deletion(house: House) -> None:
    from django.db import DatabaseError

    event = AuditEvent.objects.first()
    assert event is not None
    for act in (lambda: AuditEvent.objects.update(action="x"), lambda: AuditEvent.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert AuditEvent.objects.filter(pk=event.pk, action=event.action).exists()


def test_figures_without_mirror_need_no_folder(house: House) -> None:
    from dataclasses import replace

    settings.VIGIE = replace(settings.VIGIE, mirror=False)
    house.take(post("1", "Sérélium"))
    assert checking.counted(mirroring.view(now=NOW)).total() == 1
    assert not mirroring.folder().exists()


@pytest.fixture
def far_behind(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Four mentions in the files, eight more than a tail of five may hold, and the merge held elsewhere."""
    monkeypatch.setattr(mirroring, "TAIL_MAX", 5)
    monkeypatch.setattr(diagnosis, "TAIL_MAX", 5)
    house.take(*(post(f"a{n}", "Sérélium") for n in range(4)))
    mirroring.merge_now(clock=lambda: NOW)
    assert leases.take(mirroring.lease_name(), holder="elsewhere:1:1", seconds=600)
    house.take(*(post(f"b{n}", "Sérélium") for n in range(8)))
    return house


def test_tail_keeps_its_bound_while_another_merges(far_behind: House) -> None:
    for _ in range(2):
        view = mirroring.view(now=NOW + timedelta(minutes=5))
        assert mirroring.reader().tail.rows == 5
        assert checking.counted(view).total() == 9
        assert mirroring.reader().behind == BEHIND.get() == Behind(NOW)


def test_tail_beyond_its_bound_stays_in_it_when_changes_come_one_by_one(far_behind: House) -> None:
    for n in range(4):
        far_behind.take(post(f"c{n}", "Sérélium"))
        mirroring.view(now=NOW)
        assert mirroring.reader().tail.rows == 5


def test_view_catches_up_once_the_merge_is_free(far_behind: House) -> None:
    mirroring.view(now=NOW)
    leases.give_back(mirroring.lease_name(), holder="elsewhere:1:1")
    assert checking.counted(mirroring.view(now=NOW)).total() == 12
    assert mirroring.reader().behind is None and mirroring.reader().tail.rows == 0


def test_view_says_so_when_the_merge_fails(far_behind: House, monkeypatch: pytest.MonkeyPatch) -> None:
    leases.give_back(mirroring.lease_name(), holder="elsewhere:1:1")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Mirror, "merge", full)
    assert checking.counted(mirroring.view(now=NOW)).total() == 9
    assert mirroring.reader().behind == Behind(NOW)


def test_doctor_says_why_figures_are_behind(far_behind: House) -> None:
    found = diagnosis._mirror()
    assert not found.ok
    assert "as of 2026-10-30 09:00" in found.sentence and "elsewhere:1:1" in found.sentence
    leases.give_back(mirroring.lease_name(), holder="elsewhere:1:1")
    assert "no process merges" in diagnosis._mirror().sentence


def test_processes_of_the_server_give_memory_back_to_the_system() -> None:
    code = "from vigie.server import commands; commands._set_up(); import pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "system"
