"""The one door: what is kept, what is written once, what an edit, a count, a deletion do."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from vigie.schema import ids
from vigie.server import engine
from vigie.server.models import (
    Author,
    AuthorName,
    Batch,
    Heard,
    Label,
    Mention,
    Post,
    PostSpace,
    PostVersion,
    Reading,
    Suppression,
)
from vigie.server.services import saving

from .conftest import NOW, House, post


def test_post_that_a_watch_matches_is_kept_with_its_mention_and_labels(house: House) -> None:
    taken = house.take(post("1", "Je prends du Sérélium, très bien"))
    assert (taken.new, taken.kept, taken.mentions) == (1, 1, 1)
    mention = Mention.objects.get()
    assert (mention.watch_id, mention.watch_version, mention.post_version) == (house.watch.pk, 1, 1)
    assert {(label.kind, label.value) for label in Label.objects.all()} >= {("language", "fr")}


def test_post_that_nothing_matches_is_heard_and_archived_but_not_kept(house: House) -> None:
    taken = house.take(post("1", "Il fait beau"))
    assert (taken.new, taken.kept) == (1, 0)
    assert Heard.objects.count() == 1 and Post.objects.count() == 0
    assert saving.unpack(bytes(Batch.objects.get().payload))["text"].to_pylist() == ["Il fait beau"]


def test_same_post_met_twice_is_one_post_and_writes_nothing(house: House) -> None:
    row = post("1", "Sérélium", likes=3)
    house.take(row)
    before = (Mention.objects.get().revision, Batch.objects.count(), Reading.objects.count())
    taken = house.take(row, at=NOW + timedelta(hours=1))
    assert (taken.new, taken.changed) == (0, 0)
    assert (Mention.objects.get().revision, Batch.objects.count(), Reading.objects.count()) == before


def test_edited_post_keeps_its_versions_and_never_lapses(house: House) -> None:
    house.take(post("1", "Sérélium me va"))
    house.take(post("1", "Finalement non"), at=NOW + timedelta(hours=1))
    current = Post.objects.get()
    assert (current.text, current.version) == ("Finalement non", 2)
    assert PostVersion.objects.get().text == "Sérélium me va"
    assert Mention.objects.get().lapsed_at is None


def test_edit_may_add_a_mention(house: House) -> None:
    house.take(post("1", "rien"))
    taken = house.take(post("1", "Sérélium !"), at=NOW + timedelta(hours=1))
    assert (taken.changed, taken.kept, taken.mentions) == (1, 1, 1)
    assert Mention.objects.get().post_version == 2


def test_counts_are_a_series_and_only_a_change_is_written(house: House) -> None:
    for hours, likes in ((0, 1), (1, 1), (6, 9)):
        house.take(post("1", "Sérélium", likes=likes), at=NOW + timedelta(hours=hours))
    assert list(Reading.objects.order_by("at").values_list("likes", flat=True)) == [1, 9]
    assert Post.objects.get().likes == 9


def test_count_that_is_not_given_never_overwrites_one(house: House) -> None:
    house.take(post("1", "Sérélium", likes=5))
    house.take(post("1", "Sérélium", likes=None, views=7), at=NOW + timedelta(hours=1))
    assert (Post.objects.get().likes, Post.objects.get().views) == (5, 7)


def test_deletion_upstream_is_a_mark(house: House) -> None:
    house.take(post("1", "Sérélium"))
    house.take(post("1", "Sérélium", deleted=True), at=NOW + timedelta(hours=1))
    assert Post.objects.get().deleted_at == NOW + timedelta(hours=1)
    assert Mention.objects.get().lapsed_at is None


def test_every_post_of_a_space_of_ours_is_a_mention(house: House) -> None:
    taken = house.take(post("1", "Bonjour"), space=house.blog)
    assert taken.mentions == 1
    assert Mention.objects.get().watch.name == "space:notre-blog"


def test_answers_to_a_kept_post_are_kept_without_a_mention(house: House) -> None:
    house.take(post("1", "Sérélium"))
    taken = house.take(post("2", "Moi aussi", in_reply_to="1"))
    assert (taken.kept, taken.mentions) == (1, 0)


def test_what_a_kept_post_answers_is_kept_when_heard_together(house: House) -> None:
    taken = house.take(post("1", "Quelqu'un a essayé ?"), post("2", "Oui, Sérélium", in_reply_to="1"))
    assert (taken.kept, taken.mentions) == (2, 1)


def test_post_met_in_a_second_space_stays_one_post(house: House) -> None:
    house.take(post("1", "Sérélium"))
    taken = house.take(post("1", "Sérélium"), space=house.blog)
    assert Post.objects.count() == 1 and PostSpace.objects.count() == 2
    assert taken.mentions == 1  # that of the space of ours


def test_authors_name_stands_in_one_table_alone(house: House) -> None:
    house.take(post("1", "Sérélium", author="Papillon38", author_name="Marie"))
    assert AuthorName.objects.get().handle == "Papillon38"
    assert b"Papillon38" not in bytes(Author.objects.get().key)
    assert "Papillon38" not in str(saving.unpack(bytes(Batch.objects.get().payload)).to_pylist())


def test_same_author_by_capitals_and_sign_is_one(house: House) -> None:
    house.take(post("1", "Sérélium", author="@Papillon"), post("2", "Sérélium", author="papillon"))
    assert Author.objects.count() == 1


def test_date_that_nobody_can_believe_becomes_the_day_heard(house: House) -> None:
    house.take(post("1", "Sérélium", published_at=NOW.replace(year=1999)), post("2", "Sérélium", published_at=None))
    assert set(Post.objects.values_list("published_at", "day_is_heard")) == {(NOW, True)}


def test_what_was_erased_is_refused_when_met_again(house: House) -> None:
    from vigie.schema import ids
    from vigie.server import keys

    digest = ids.suppression_key(keys.key("suppression"), "post", ids.post_key("forum.example", "1"))
    Suppression.objects.create(hash=digest, at=NOW)
    taken = house.take(post("1", "Sérélium"), post("2", "Sérélium"))
    assert (taken.heard, taken.refused, taken.new) == (2, 1, 1)


@pytest.mark.parametrize("rows", [1, 3])
def test_statements_do_not_grow_with_the_posts(house: House, rows: int, request: Any) -> None:
    engine.standing()
    with CaptureQueriesContext(
        connection,
    ) as few:
        house.take(post("a", "Sérélium", author="x", likes=1))
    with CaptureQueriesContext(connection) as more:
        house.take(*(post(f"b{n}", "Sérélium", author=f"y{n}", likes=1) for n in range(rows)))
    assert len(more) <= len(few)


def test_watch_that_changes_meanwhile_makes_the_batch_begin_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vigie.server.permissions import COMMAND
    from vigie.server.services import door, watches
    from vigie.server.services.watches import WatchDraft

    original, added = door.judge, []

    def judge(*args: Any, **kwargs: Any) -> Any:
        found = original(*args, **kwargs)
        if not added:
            draft = WatchDraft("Vertiges", house.brand.pk, "crisis", house.brand.pk, "vertiges")
            added.append(watches.add(draft, asker=COMMAND, now=NOW))
        return found

    monkeypatch.setattr(door, "judge", judge)
    house.take(post("1", "des vertiges"))
    assert list(Mention.objects.values_list("watch_id", flat=True)) == [added[0].pk]


@pytest.mark.parametrize("archived", [True, False])
def test_post_that_a_kept_one_answers_is_brought_back(house: House, archived: bool) -> None:
    """It was heard before and not kept; and what it answers itself is brought back too."""
    from vigie.server.services import archiving, threads, work
    from vigie.server.worker.handlers import handlers
    from vigie.server.worker.loop import Loop

    house.take(post("1", "Quelqu'un a essayé ?"))
    house.take(post("2", "De quoi parlez-vous ?", in_reply_to="1"), at=NOW + timedelta(hours=1))
    if archived:
        archiving.write(now=NOW)
    house.take(post("3", "Du Sérélium", in_reply_to="2"), at=NOW + timedelta(hours=2))
    assert threads.waiting() and Post.objects.count() == 1
    work.enqueue("thread", "thread")
    loop = Loop(handlers(clock=lambda: NOW), holder="test")
    for one in work.claim(holder="test", limit=20):
        loop.run_one(one)
    assert sorted(Post.objects.values_list("native_id", flat=True)) == ["1", "2", "3"]
    assert Mention.objects.count() == 1 and not threads.waiting()


def test_answer_on_another_host_is_in_the_same_conversation(house: House) -> None:
    """ActivityPub ids are addresses: the host of an answered post is the one that its id names."""
    house.take(post("https://a.example/1", "Sérélium", origin="a.example"))
    house.take(post("https://b.example/2", "oui, moi aussi", origin="b.example", in_reply_to="https://a.example/1"))
    kept = Post.objects.get(native_id="https://b.example/2")
    assert bytes(kept.reply_key) == ids.post_key("a.example", "https://a.example/1")
