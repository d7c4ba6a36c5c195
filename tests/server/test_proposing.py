"""Spaces proposed from mentions: counted as the mentions stand, by brand, in batches, decided with undo."""

from datetime import timedelta
from typing import Any

import pytest

from vigie.errors import DecisionError
from vigie.schema.vocab import Role
from vigie.server.models import AuditEvent, Counter, Mention, Pointer, SpaceProposal
from vigie.server.permissions import COMMAND, asker_of
from vigie.server.queries import proposals
from vigie.server.services import erasing, proposing, spaces, watches
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

from .conftest import NOW, House, post

pytestmark = pytest.mark.django_db


def speak(
    house: House, first: int, n: int, text: str = "Sérélium, voyez https://avis.example/a", **values: Any
) -> None:
    house.take(*(post(str(i), text, author=f"a{i}", **values) for i in range(first, first + n)))


def propose() -> list[tuple[str, int, int]]:
    while proposing.look(now=NOW):
        pass
    proposing.rank(now=NOW)
    rows = SpaceProposal.objects.filter(state="open", mentions__gt=0)
    return [(row.host, row.mentions, row.authors) for row in rows]


def test_place_that_mentions_link_to_is_proposed_with_exact_counts(house: House) -> None:
    speak(house, 0, 4)
    house.take(post("9", "Encore Sérélium https://avis.example/b", author="a0"))
    assert ("avis.example", 5, 4) in propose()
    assert propose() == propose()


def test_place_where_authors_write_is_proposed_until_it_is_listened_to(house: House) -> None:
    speak(house, 0, 3, "Sérélium", origin="carnet.example")
    assert ("carnet.example", 3, 3) in propose()
    spaces.add(SpaceDraft("Carnet", "feed", "blog", "https://www.carnet.example/feed"), asker=COMMAND, now=NOW)
    assert "carnet.example" not in [host for host, *_ in propose()]


def test_work_goes_on_from_where_it_stood(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "BATCH", 2)
    speak(house, 0, 5)
    assert [proposing.look(now=NOW) for _ in range(4)] == [2, 2, 1, 0]
    speak(house, 10, 1)
    assert [proposing.look(now=NOW) for _ in range(2)] == [1, 0]
    assert Pointer.objects.filter(host="avis.example").count() == 6


def test_edited_lapsed_and_erased_mentions_count_no_more(house: House) -> None:
    speak(house, 0, 6)
    assert ("avis.example", 6, 6) in propose()
    house.take(post("0", "Sérélium sans lien", author="a0"), at=NOW + timedelta(minutes=1))
    assert ("avis.example", 5, 5) in propose()
    erasing.erase_now(post="1", author=None, origin="forum.example", clock=lambda: NOW)
    assert ("avis.example", 4, 4) in propose()
    watches.change(
        house.watch.pk,
        WatchDraft("Sérélium", house.brand.pk, "product", house.brand.pk, "autre"),
        asker=COMMAND,
        now=NOW,
    )
    Mention.objects.filter(watch=house.watch).update(
        lapsed_at=NOW, revision=Counter.objects.get(name="revision").value + 1
    )
    assert propose() == []


def test_old_posts_point_at_nothing(house: House) -> None:
    speak(house, 0, 4, published_at=NOW - timedelta(days=200))
    assert propose() == []
    speak(house, 10, 4)
    assert ("avis.example", 4, 4) in propose()
    proposing.rank(now=NOW + timedelta(days=100))
    assert not Pointer.objects.exists()
    assert not SpaceProposal.objects.filter(mentions__gt=0).exists()


def test_restored_record_is_looked_at_anew(house: House) -> None:
    speak(house, 0, 3)
    propose()
    Counter.objects.filter(name="revision").update(epoch=7)
    Pointer.objects.all().delete()
    assert ("avis.example", 3, 3) in propose()


def test_brands_see_their_own_proposals_alone(house: House) -> None:
    watches.add(WatchDraft("Autre", house.other.pk, "product", house.other.pk, "kaltoux"), asker=COMMAND, now=NOW)
    speak(house, 0, 3)
    speak(house, 10, 4, "Kaltoux https://secret.example/")
    speak(house, 20, 3, "Kaltoux https://avis.example/")
    propose()
    ours = asker_of(1, [(house.brand.pk, Role.COMMUNITY_MANAGER)])
    theirs = asker_of(2, [(house.other.pk, Role.COMMUNITY_MANAGER)])
    seen = {row.host: row.mentions for row in proposals.page(who=ours, brand_id=None)[0]}
    assert seen["avis.example"] == 3 and "secret.example" not in seen
    hidden = SpaceProposal.objects.get(host="secret.example")
    assert proposals.one(hidden.pk, who=ours) is None and proposals.one(hidden.pk, who=theirs) is not None
    with pytest.raises(DecisionError):
        proposing.dismiss(hidden.pk, asker=ours, now=NOW)


def test_dismissed_place_is_not_proposed_again_until_it_is_undone(house: House) -> None:
    speak(house, 0, 3)
    propose()
    row = SpaceProposal.objects.get(host="avis.example")
    proposing.dismiss(row.pk, asker=COMMAND, now=NOW)
    assert "avis.example" not in [host for host, *_ in propose()]
    assert [p.host for p in proposals.page(who=COMMAND, brand_id=None, dismissed=True)[0]] == ["avis.example"]
    proposing.restore(row.pk, asker=COMMAND, now=NOW)
    assert "avis.example" in [host for host, *_ in propose()]
    actions = AuditEvent.objects.filter(target=f"proposal:{row.pk}").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["proposal.dismissed", "proposal.open"]


def test_pages_go_by_key_and_lose_nothing(house: House) -> None:
    for n in range(7):
        speak(house, 10 * n, 3, f"Sérélium https://h{n % 3}x{n}.example/")
    propose()
    met: list[str] = []
    after: int | None = None
    while True:
        rows, after = proposals.page(who=COMMAND, brand_id=None, after=after, size=2)
        met += [row.host for row in rows]
        if after is None:
            break
    assert len(met) == len(set(met)) == SpaceProposal.objects.filter(mentions__gt=0).count() == 8


def test_worker_proposes_every_day(house: House, run_work: Any) -> None:
    from vigie.server.models import Work
    from vigie.server.services import work

    speak(house, 0, 3)
    work.enqueue("propose", proposing.KEY)
    run_work()
    row = Work.objects.get(key=proposing.KEY)
    assert row.state == "waiting" and row.code == "spaces.proposed" and row.facts["n"] >= 1
