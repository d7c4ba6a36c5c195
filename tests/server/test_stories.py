"""Stories of kept posts: made at the door, carried by mirror rows, the same in every process, gone with who is erased."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from vigie.enrich.stories import WINDOW_DAYS
from vigie.schema import ids
from vigie.server import mirroring
from vigie.server.models import AuditEvent, Counter, Heard, Mention, Post, PostStory, Sketch, Story, Work
from vigie.server.permissions import COMMAND
from vigie.server.services import erasing, regrouping, stories
from vigie.store.filters import ALL
from vigie.store.filters import Filter as StoreFilter

from .conftest import NOW, House, post
from .test_stores import agree

LONG = "Sérélium me fait tourner la tête depuis trois jours, le médecin dit d'attendre encore un peu"
OTHER = "Rupture de Sérélium dans toutes les pharmacies du quartier depuis la semaine dernière, courage à tous"


@pytest.fixture(autouse=True)
def nothing_held() -> Iterator[None]:
    stories.forget()
    yield
    stories.forget()


def told() -> dict[str, tuple[int, str]]:
    rows = PostStory.objects.order_by("post_id").values_list("post__native_id", "story_id", "kind")
    return {name: (story, kind) for name, story, kind in rows}


def counted() -> dict[int, int]:
    table = mirroring.view(now=NOW).counts(ALL, ("story_id",))
    pairs = zip(table["story_id"].to_pylist(), table["mentions"].to_pylist(), strict=True)
    return {story: n for story, n in pairs if story is not None}


def test_a_copy_a_repost_and_a_short_quote_make_a_story_that_figures_count(house: House) -> None:
    house.take(post("1", LONG), post("2", OTHER))
    assert told() == {}
    house.take(
        post("3", f"RT @x: {LONG} https://a.fr"),
        post("4", "Sérélium !", quote_of="1"),
        post("5", "Sérélium", repost_of="1"),
        post("6", "Sérélium"),
    )
    (story,) = Story.objects.all()
    assert told() == {
        "1": (story.pk, "first"), "3": (story.pk, "near"), "4": (story.pk, "quote"), "5": (story.pk, "repost"),
    }  # fmt: skip
    near = PostStory.objects.get(kind="near")
    assert near.similarity is not None and near.similarity > 0.8
    assert PostStory.objects.exclude(kind="near").exclude(similarity=None).count() == 0
    assert counted() == {story.pk: 4}
    assert mirroring.view(now=NOW).mentions(StoreFilter(None, stories=(story.pk,))) == 4
    assert Sketch.objects.count() == 6
    agree()


def test_who_comes_later_gives_the_mentions_of_the_others_their_next_revision(house: House) -> None:
    house.take(post("1", LONG), post("2", OTHER))
    before = dict(Mention.objects.values_list("post__native_id", "revision"))
    house.take(post("3", LONG))
    after = dict(Mention.objects.values_list("post__native_id", "revision"))
    assert after["1"] > max(before.values()) and after["2"] == before["2"]
    assert len(set(after.values())) == 3


def test_two_stories_that_turn_out_to_be_one_keep_the_older_id(house: House) -> None:
    house.take(post("1", LONG), post("2", LONG), post("3", OTHER), post("4", OTHER))
    older, younger = Story.objects.order_by("pk")
    house.take(post("5", LONG, repost_of="3"))
    younger.refresh_from_db()
    assert younger.merged_into_id == older.pk
    assert {story for story, _ in told().values()} == {older.pk}
    assert counted() == {older.pk: 5}
    assert stories.last_of(younger.pk) == older.pk
    agree()


def test_a_large_story_that_is_one_with_another_follows_as_due_work(
    house: House, run_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stories, "MOST_MOVED", 2)
    house.take(post("1", LONG), post("2", LONG), *(post(f"o{n}", OTHER) for n in range(7)))
    older, younger = Story.objects.order_by("pk")
    Work.objects.all().delete()
    house.take(post("5", LONG, repost_of="o0"))
    assert PostStory.objects.filter(story=younger).count() == 5
    agree()
    run_work()
    assert counted() == {older.pk: 10}
    assert Work.objects.get(kind="merge_story").facts == {"posts": 5}
    agree()


def test_an_edit_leaves_a_story_or_stays_in_it(house: House) -> None:
    house.take(post("1", LONG), post("2", LONG), post("3", LONG), post("4", OTHER))
    house.take(post("2", LONG + ", c'est long"))
    (story,) = Story.objects.all()
    assert set(told()) == {"1", "2", "3"}
    house.take(post("3", "Sérélium et rien d'autre que je puisse encore en dire ce soir avant de dormir"))
    assert told() == {"1": (story.pk, "first"), "2": (story.pk, "near")}
    house.take(post("1", OTHER))
    assert {name: s for name, (s, _) in told().items()} == {"2": story.pk, "1": story.pk + 1, "4": story.pk + 1}
    assert counted() == {story.pk: 1, story.pk + 1: 2}
    agree()


def test_a_repost_joins_a_post_that_no_window_holds_any_more(house: House) -> None:
    house.take(post("1", LONG))
    later = NOW + timedelta(days=WINDOW_DAYS + 5)
    assert regrouping.tidy(now=later) == 1
    house.take(post("2", "Sérélium", repost_of="1"), post("3", LONG), at=later)
    assert {name: kind for name, (_, kind) in told().items()} == {"1": "first", "2": "repost"}


@pytest.mark.django_db(transaction=True)
def test_two_processes_come_to_the_same_stories(transactional_db: None, house: House) -> None:
    """Each takes every other batch, and reads what the other added; loading anew gives the same."""
    here, there = stories._held, dict[str, Any]()
    batches = [
        (post("1", LONG),),
        (post("2", OTHER), post("6", "Sérélium", repost_of="9")),
        (post("3", LONG),),
        (post("4", OTHER),),
        (post("9", "Sérélium, rien à dire"),),
        (post("5", LONG, quote_of="2"), post("7", LONG)),
    ]
    for n, batch in enumerate(batches):
        stories._held = here if n % 2 else there
        house.take(*batch)
    held = [next(iter(some.values())) for some in (here, there)]
    assert all(one.pending == 0 for one in held)
    stories._held = {}
    house.take(post("8", OTHER))
    now = {story: {n for n, (s, _) in told().items() if s == story} for story, _ in told().values()}
    assert sorted(now.values(), key=sorted) == [{"1", "3", "5", "7"}, {"2", "4", "8"}, {"6", "9"}]
    for index in (held[0].index, held[1].index):
        rows = {row["post"]: row["story"] for row in index.rows().to_pylist()}
        known = dict(PostStory.objects.values_list("post_id", "story_id"))
        assert all(known.get(p) == s for p, s in rows.items() if s is not None)
    stories._held = here
    agree()


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_is_rolled_back_leaves_nothing_behind(transactional_db: None, house: House) -> None:
    house.take(post("1", LONG))

    class Stops(Exception):
        pass

    def stop(*args: Any) -> None:
        raise Stops

    with pytest.raises(Stops), transaction.atomic():
        house.take(post("2", LONG))
        stop()
    assert told() == {}
    house.take(post("3", OTHER))
    assert told() == {}
    house.take(post("4", LONG))
    assert set(told()) == {"1", "4"}
    agree()


@pytest.mark.django_db(transaction=True)
def test_an_index_that_goes_on_is_not_loaded_anew(
    transactional_db: None, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.take(post("1", LONG))
    held = next(iter(stories._held.values()))
    house.take(post("2", LONG))
    assert next(iter(stories._held.values())) is held
    assert len(held.index.rows()) == 2


def test_erasure_takes_the_sketch_and_no_process_holds_it(house: House) -> None:
    house.take(post("1", LONG, author="nina"), post("2", LONG, author="zoe"))
    erasure = erasing.demand("post", ids.post_key("forum.example", "1"), asker=COMMAND, now=NOW)
    erasing.erase_record(erasure, NOW)
    assert Sketch.objects.count() == PostStory.objects.count() == 1
    house.take(post("3", LONG))
    held = next(iter(stories._held.values()))
    alive = set(Post.objects.values_list("pk", flat=True))
    assert set(held.index.rows()["post"].to_pylist()) == alive
    assert Heard.objects.count() == 2
    assert set(told()) == {"2", "3"}
    agree()


def test_posts_kept_before_stories_were_made_are_grouped_once(
    house: House, run_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regrouping, "WALK_STEP", 2)
    house.take(post("1", LONG), post("2", OTHER), post("3", LONG), post("4", LONG))
    for model in (PostStory, Story, Sketch):
        model.objects.all().delete()
    stories.forget()
    mirroring.forget()
    assert not regrouping.is_walked()
    from vigie.server.services import work

    work.enqueue("stories", "stories")
    run_work()
    assert regrouping.is_walked()
    assert {name: kind for name, (_, kind) in told().items()} == {"1": "first", "3": "near", "4": "near"}
    rows = AuditEvent.objects.filter(action="stories.group").order_by("pk")
    assert [row.after for row in rows] == [{"posts": 2, "changed": 0}, {"posts": 2, "changed": 3}]
    agree()


def test_a_batch_takes_a_fixed_number_of_statements(house: House) -> None:
    house.take(post("a", LONG))
    counts = []
    for n in (1, 3, 30):
        rows = [post(f"{n}-{i}", f"{LONG} {i}") for i in range(n)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            house.take(*rows)
        counts.append(len(queries))
    assert counts[1] == counts[2]


def test_the_counter_grows_whatever_the_clock_says(house: House) -> None:
    house.take(post("1", LONG))
    first = Counter.objects.get(name="stories").value
    house.take(post("2", LONG), at=NOW - timedelta(days=3))
    assert Counter.objects.get(name="stories").value == first + 1
    assert set(told()) == {"1", "2"}
