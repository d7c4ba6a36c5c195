"""A run over the past writes seldom: what differs waits for as many posts as a transaction writes, five seconds at most."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from vigie.enrich.language import LanguageLabeller
from vigie.flows.retelling import Differences, Relabel
from vigie.server.models import AuditEvent, Label, Post, Work
from vigie.server.services import relabelling, retelling, work

from .conftest import NOW, House, Use, post
from .test_relabelling import chosen_tones, label_again
from .test_stores import NextModel, agree


@pytest.fixture
def next_model(use: Use) -> Callable[[], None]:
    """Return what brings the next model of tone in."""
    return lambda: use(LanguageLabeller(), NextModel())


def waiting_run(house: House, next_model: Callable[[], None], monkeypatch: pytest.MonkeyPatch, names: str) -> Any:
    """Ask for the next model's labels of posts that are looked at one by one, and written two by two."""
    row = label_again(house, next_model, *names)
    monkeypatch.setattr(retelling, "STEP", 2)
    after = retelling.after
    monkeypatch.setattr(retelling, "after", lambda *args: _first(after(*args)))
    (claimed,) = work.claim_key(row.key, holder="test")
    job = work.Inline(claimed, lambda *_: None)
    monkeypatch.setattr(job, "pause", lambda s: None)
    return job


def _first(posts: retelling.Posts) -> retelling.Posts:
    told = posts.told
    told = replace(
        told, texts=told.texts[:1], things=told.things[:1], labels={k: v[:1] for k, v in told.labels.items()}
    )
    return retelling.Posts(posts.ids[:1], posts.versions[:1], told, posts.sayers)


def writes() -> list[int]:
    """Return how many posts each transaction of runs changed."""
    return [one.after["changed"]["tone"] for one in AuditEvent.objects.filter(action="posts.relabel").order_by("pk")]


def test_what_differs_waits_for_as_many_posts_as_a_transaction_writes(
    house: House, next_model: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = waiting_run(house, next_model, monkeypatch, "12345")
    relabelling.run(job, clock=lambda: NOW)
    assert writes() == [2, 2, 1] and chosen_tones() == ["positive"] * 5
    agree()


def test_what_differs_waits_five_seconds_at_most(
    house: House, next_model: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    job, hours = waiting_run(house, next_model, monkeypatch, "123"), iter(range(1_000))
    relabelling.run(job, clock=lambda: NOW + timedelta(seconds=relabelling.GATHER_S * next(hours)))
    assert writes() == [1, 1, 1]


def test_run_killed_while_it_gathers_has_written_nothing_of_it_and_looks_again(
    house: House, next_model: Callable[[], None], run_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, looks, differences = (
        waiting_run(house, next_model, monkeypatch, "12345"),
        iter(range(3)),
        retelling.differences,
    )

    def dies(*args: Any) -> Any:
        if next(looks, None) is None:
            raise KeyboardInterrupt
        return differences(*args)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(retelling, "differences", dies)
        relabelling.run(job, clock=lambda: NOW)
    row = Work.objects.get(pk=job.claimed.id)
    assert (writes(), row.done, chosen_tones().count("positive")) == ([2], 2, 2)
    Work.objects.update(lease_until_s=0)
    run_work()
    row.refresh_from_db()
    assert (row.state, row.done, row.facts) == ("done", 5, {"posts": 5, "changed": 5})
    assert sum(writes()) == 5 and chosen_tones() == ["positive"] * 5
    agree()


def test_gathered_posts_are_cut_where_a_transaction_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retelling, "STEP", 3)

    def looked(seen: range, *differ: int) -> retelling.Looked:
        labels = {"tone": {post: Relabel(None, "positive", 1.0) for post in differ}}
        return retelling.Looked(
            list(seen), Differences(labels, {}), dict.fromkeys(differ, 1), dict.fromkeys(differ, "fr")
        )

    found = looked(range(1, 5), 2, 4).joined(looked(range(5, 10), 6, 8, 9))
    assert (found.seen, found.differ.rows, sorted(found.versions), sorted(found.languages)) == (
        [1, 2, 3, 4, 5, 6, 7], [2, 4, 6], [2, 4, 6], [2, 4, 6],
    )  # fmt: skip


def test_what_another_run_said_meanwhile_stays(house: House, use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    house.take(post("1", "Sérélium est horrible"), post("2", "Sérélium est horrible"))
    use(LanguageLabeller(), NextModel())
    original = retelling.differences

    def moved_meanwhile(*args: Any) -> Any:
        found = original(*args)
        first = Post.objects.order_by("pk").first()
        Label.objects.filter(post=first, kind="language", chosen=True).update(value="nl")
        return found

    monkeypatch.setattr(retelling, "differences", moved_meanwhile)
    retelling.step(frozenset({"tone"}), after_post=0, now=NOW)
    assert chosen_tones() == ["negative", "positive"]
