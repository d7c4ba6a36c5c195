"""The register of names: proposed from mentions in batches, decided with a way back, overdue told, erased with a person."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from vigie.errors import DecisionError
from vigie.schema.vocab import Role
from vigie.server.models import AuditEvent, Mention, NameEntry, Post, User
from vigie.server.permissions import COMMAND, Asker, asker_of
from vigie.server.queries import dashboards
from vigie.server.queries import names as reading
from vigie.server.queries.filters import Filters
from vigie.server.services import accounts, erasing, names, naming, spaces, watches, work
from vigie.server.services.accounts import AccountDraft, Seen
from vigie.server.services.names import NameDraft, Standing
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

from .conftest import NOW, House, post

TODAY = date(2026, 10, 30)
LOOK = "Sérélium : voir https://serelium-avis.example/commander. Ou facebook"


@pytest.fixture
def propose(run_work: Callable[[], int]) -> Callable[[], list[str]]:
    """Return a function that runs the proposal, and gives the addresses of the register."""

    def run() -> list[str]:
        work.enqueue("names", "names")
        run_work()
        return list(NameEntry.objects.order_by("pk").values_list("address", flat=True))

    return run


Propose = Callable[[], list[str]]


def enter(house: House, address: str = "serelium-avis.example", **values: Any) -> NameEntry:
    draft = NameDraft("domain", address, "Avis", house.brand.pk)
    entry = names.add(draft, asker=COMMAND, now=NOW)
    NameEntry.objects.filter(pk=entry.pk).update(**values)
    entry.refresh_from_db()
    return entry


def somebody(house: House, name: str = "nina", brand: int | None = None) -> User:
    user = User.objects.create_user(f"{name}@example.org", "x", name=name)
    user.memberships.create(brand_id=brand or house.brand.pk, role=Role.COMMUNITY_MANAGER)
    return user


def test_names_are_proposed_from_links_and_authors_of_mentions(house: House, propose: Propose) -> None:
    house.take(post("1", LOOK, author="marie34"), post("2", "Sérélium !", author="serelium_officiel"))
    assert propose() == ["serelium-avis.example", "forum.example serelium_officiel"]
    domain, account = NameEntry.objects.order_by("pk")
    assert (domain.kind, domain.found_in, domain.brand_id, domain.is_ours) == ("domain", "link", house.brand.pk, None)
    mention = Mention.objects.get(post__native_id="1")
    assert domain.reason["like"] == "added" and domain.reason["mentions"] == [mention.pk]
    assert (account.kind, account.found_in) == ("account", "mention")
    assert [seen.mention_id for seen in reading.met_in(domain, who=COMMAND)] == [mention.pk]


def test_run_goes_on_after_the_last_and_proposes_nothing_twice(house: House, propose: Propose) -> None:
    house.take(post("1", LOOK))
    assert len(propose()) == 1
    names.close(NameEntry.objects.get().pk, asker=COMMAND, now=NOW)
    house.take(post("2", LOOK), post("3", "Sérélium https://serelium.example/"))
    assert propose() == ["serelium-avis.example", "serelium.example"]


def test_mentions_are_walked_in_pieces_and_none_is_left(
    house: House, propose: Propose, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming, "STEP", 2)
    house.take(*(post(str(n), f"Sérélium https://serelium-{n}a.example/") for n in range(5)))
    assert len(propose()) == 5


def test_run_stops_when_too_much_waits_and_goes_on_from_there(
    house: House, propose: Propose, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming, "STEP", 1)
    monkeypatch.setattr(naming, "MOST_WAITING", 2)
    house.take(*(post(str(n), f"Sérélium https://serelium-{n}a.example/") for n in range(3)))
    assert len(propose()) == 2
    names.close(NameEntry.objects.all()[0].pk, asker=COMMAND, now=NOW)
    assert len(propose()) == 3


def test_what_is_ours_is_entered_to_say_who_holds_it_and_not_proposed_as_anothers(
    house: House, propose: Propose
) -> None:
    draft = SpaceDraft(
        "Blog", "feed", "blog", "https://blog.serelium.example/feed/", ownership="owned", brand_id=house.brand.pk
    )
    spaces.add(draft, asker=COMMAND, now=NOW)
    accounts.add(
        AccountDraft("https://piaf.example/@serelium", house.brand.pk, "Nous", "mastodon"),
        Seen(),
        asker=COMMAND,
        now=NOW,
    )
    house.take(post("1", "Sérélium https://www.serelium.example/a https://piaf.example/@serelium"))
    NameEntry.objects.all().delete()
    work.enqueue("names", "names")
    assert propose() == ["https://piaf.example/@serelium", "https://blog.serelium.example/feed/"]
    assert set(NameEntry.objects.values_list("found_in", flat=True)) == {"account", "space"}


def test_mention_is_held_against_the_names_of_its_own_brand_alone(house: House, propose: Propose) -> None:
    """What a watch of Vaubrun found says nothing of Souffle to the people of Souffle."""
    watches.add(WatchDraft("Aérivane", house.other.pk, "product", house.other.pk, "aerivane"), asker=COMMAND, now=NOW)
    house.take(post("1", "Sérélium https://aerivanne.example/"), post("2", "aerivane https://serelyum.example/"))
    assert propose() == []
    house.take(post("3", "aerivane https://aerivanne.example/"))
    assert propose() == ["aerivanne.example"]
    assert NameEntry.objects.get().brand_id == house.other.pk


def test_competitors_names_are_not_ours(house: House, propose: Propose) -> None:
    watches.add(
        WatchDraft("Kalmédis", house.brand.pk, "competitor", house.rival.pk, "kalmedis"), asker=COMMAND, now=NOW
    )
    house.take(post("1", "kalmedis https://kalmedis.example/"))
    assert propose() == []


def test_handles_are_read_under_the_audit_and_erased_with_their_person(house: House, propose: Propose) -> None:
    house.take(post("1", "Sérélium", author="serelium_victime"))
    assert propose() == ["forum.example serelium_victime"]
    row = AuditEvent.objects.get(action="author.screen")
    assert row.after == {"authors": 1} and "victime" not in str((row.target, row.after))
    erasure = erasing.demand("author", erasing.target_of(Mention.objects.get().pk, "author"), asker=COMMAND, now=NOW)
    erasing.erase_record(erasure, NOW)
    assert not NameEntry.objects.exists() and not Post.objects.exists()


def test_broken_addresses_stop_no_run(house: House, propose: Propose) -> None:
    house.take(post("1", f"Sérélium http://[::1 http:// https://{'x' * 3000}serelium.example/ https://xn--/serelium"))
    assert all("serelium" in address for address in propose())


def test_name_is_entered_once_in_one_form(house: House) -> None:
    assert enter(house, "https://www.Serelium-avis.example/page").address == "serelium-avis.example"
    for address, code in (("serelium-avis.example", "name.taken"), ("deux mots", "name.address")):
        with pytest.raises(DecisionError) as refused:
            enter(house, address)
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        (Standing(is_ours=True), "name.no_holder"), (Standing(is_ours=True, holder="  "), "name.no_holder"),
        (Standing(is_ours=False), "name.no_decision"), (Standing(is_ours=False, decision="wait"), "name.no_decision"),
        (Standing(is_ours=False, decision="claim"), "name.no_owner"), (Standing(is_ours=False, decision="report", due=TODAY), "name.no_owner"),
        (Standing(is_ours=False, decision="tolerate", owner_id=99), "name.owner"),
    ],
)  # fmt: skip
def test_decision_that_nobody_could_carry_out_is_refused(standing: Standing, code: str, house: House) -> None:
    entry = enter(house)
    with pytest.raises(DecisionError) as refused:
        names.decide(entry.pk, standing, asker=COMMAND, now=NOW)
    assert refused.value.code == code
    entry.refresh_from_db()
    assert names.standing_of(entry) == Standing()


def test_owner_works_for_the_brand(house: House) -> None:
    entry, stranger, ours = enter(house), somebody(house, "lea", house.other.pk), somebody(house)
    with pytest.raises(DecisionError, match="works for this brand"):
        names.decide(entry.pk, Standing(False, "", "claim", stranger.pk, TODAY), asker=COMMAND, now=NOW)
    names.decide(entry.pk, Standing(False, "", "claim", ours.pk, TODAY), asker=COMMAND, now=NOW)
    assert names.owners(house.brand.pk) == [ours]


def test_decision_is_taken_back_as_it_stood(house: House) -> None:
    entry = enter(house)
    first = names.decide(entry.pk, Standing(True, "Direction", note="oui"), asker=COMMAND, now=NOW)
    second = names.decide(entry.pk, Standing(False, decision="watch"), asker=COMMAND, now=NOW)
    assert first == Standing() and second == Standing(True, "Direction", note="oui")
    names.decide(entry.pk, second, asker=COMMAND, now=NOW)
    entry.refresh_from_db()
    assert names.standing_of(entry) == second and entry.decided_at == NOW
    names.decide(entry.pk, first, asker=COMMAND, now=NOW)
    entry.refresh_from_db()
    assert entry.is_ours is None and entry.decided_at is None


def test_audit_of_a_decision_holds_no_words(house: House) -> None:
    entry = enter(house)
    names.decide(entry.pk, Standing(True, "Direction", note="secret"), asker=COMMAND, now=NOW)
    row = AuditEvent.objects.get(action="name.decide")
    assert row.after == {"ours": True, "decision": "", "owner": None, "due": None}


def test_list_has_overdue_first_then_what_waits(house: House) -> None:
    late = {"is_ours": False, "decision": "claim"}
    entries = {
        "tolerated": enter(house, "a.example", is_ours=False, decision="tolerate"), "waits": enter(house, "b.example"),
        "late": enter(house, "c.example", **late, due=TODAY - timedelta(days=1)), "today": enter(house, "d.example", **late, due=TODAY),
        "later": enter(house, "e.example", **late, due=TODAY - timedelta(days=9)), "ours": enter(house, "f.example", is_ours=True),
        "aside": enter(house, "g.example", **late, due=TODAY - timedelta(days=99), closed_at=NOW),
    }  # fmt: skip
    by_id = {entry.pk: name for name, entry in entries.items()}

    def shown(state: str) -> list[str]:
        return [by_id[e.pk] for e in reading.listed(state, who=COMMAND, today=TODAY).rows]

    assert shown("open") == ["later", "late", "waits", "today", "tolerated", "ours"]
    assert shown("others") == ["later", "late", "today", "tolerated"]
    assert (shown("decide"), shown("ours"), shown("closed")) == (["waits"], ["ours"], ["aside"])
    assert reading.counts(who=COMMAND) == {"open": 6, "decide": 1, "others": 4, "ours": 1, "closed": 1}
    assert reading.overdue(who=COMMAND, today=TODAY) == (entries["later"], 2)


def test_pages_of_the_list_hold_every_entry_once(house: House) -> None:
    for n in range(120):
        enter(
            house,
            f"n{n}.example",
            is_ours=None if n % 2 else False,
            due=TODAY - timedelta(days=n % 7 - 3) if n % 3 else None,
        )
    found, after = list[int](), None
    while True:
        page = reading.listed("open", who=COMMAND, today=TODAY, after=after)
        found += [e.pk for e in page.rows]
        if (after := page.more_after) is None:
            break
    assert len(found) == len(set(found)) == 120


def asker(house: House, brand: int) -> Asker:
    return asker_of(5, [(brand, Role.COMMUNITY_MANAGER)])


def test_dashboard_tells_overdue_decisions_to_their_brand_alone(house: House) -> None:
    enter(house, is_ours=False, decision="claim", due=TODAY - timedelta(days=2))
    window = Filters(TODAY, TODAY)
    ours = [
        n for n in dashboards.notices(window, who=asker(house, house.brand.pk), now=NOW) if n.kind == "name_overdue"
    ]
    assert [(n.name, n.n) for n in ours] == [("Avis", 1)]
    theirs = dashboards.notices(window, who=asker(house, house.other.pk), now=NOW)
    assert not [n for n in theirs if n.kind == "name_overdue"]


def test_another_brand_sees_and_changes_nothing(house: House) -> None:
    entry, other = enter(house), asker(house, house.other.pk)
    assert reading.listed("open", who=other, today=TODAY).rows == []
    assert set(reading.counts(who=other).values()) == {0}
    for act in (names.close, names.reopen):
        with pytest.raises(DecisionError, match="role"):
            act(entry.pk, asker=other, now=NOW)
    with pytest.raises(DecisionError, match="role"):
        names.decide(entry.pk, Standing(True, "moi"), asker=other, now=NOW)


def test_mentions_of_another_brand_are_no_proof_for_who_may_not_read_them(house: House) -> None:
    house.take(post("1", "Sérélium"))
    entry = enter(house, reason={"mentions": [Mention.objects.get().pk, 999]}, brand=None)
    assert len(reading.met_in(entry, who=asker(house, house.brand.pk))) == 1
    assert reading.met_in(entry, who=asker(house, house.other.pk)) == []


def test_reader_sees_and_does_not_decide(house: House) -> None:
    entry, reader = enter(house), asker_of(5, [(house.brand.pk, Role.READER)])
    assert len(reading.listed("open", who=reader, today=TODAY).rows) == 1
    with pytest.raises(DecisionError, match="role"):
        names.decide(entry.pk, Standing(True, "moi"), asker=reader, now=NOW)


def test_closed_user_is_no_owner(house: House) -> None:
    user = somebody(house)
    assert names.owners(house.brand.pk) == [user]
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert names.owners(house.brand.pk) == []
