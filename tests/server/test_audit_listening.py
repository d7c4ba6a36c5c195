"""Writes about where and for what Vigie listens leave one row each in the audit log, or are not made."""

from unittest.mock import ANY

import pytest
from django.db import transaction

from vigie.collect.source import Account, Found
from vigie.demo.records import DemoCount
from vigie.errors import FatalError
from vigie.match import Queries
from vigie.server import engine
from vigie.server.models import Mention, Notice, Post, Space, SpaceProposal, TrackedAccount, User, Watch
from vigie.server.permissions import COMMAND
from vigie.server.services import (
    accounts,
    audit,
    backfilling,
    categories,
    categorising,
    collecting,
    demo,
    dictionary,
    discovering,
    feeds,
    hearing,
    lists,
    names,
    naming,
    networks,
    places,
    proposing,
    spaces,
    watches,
    work,
)
from vigie.server.services.categories import CategoryDraft, DimensionDraft
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

from .audited import CHIEF, WHEN, Act, AuditFails, Case, fails, is_not_made_without_its_row, leaves_one_row
from .conftest import NOW, House, post
from .test_collecting import Net


@pytest.fixture(autouse=True)
def _chief_is_there(db: None) -> None:
    User.objects.create_user("patronne@example.org", "x", id=7)


def address(n: int = 1) -> SpaceDraft:
    return SpaceDraft(f"Blog {n}", "feed", "blog", f"https://blog{n}.example/feed/")


def draft(house: House, expression: str) -> WatchDraft:
    return WatchDraft("Sérélium", house.brand.pk, "product", house.brand.pk, expression)


def add_watch(house: House) -> Act:
    return lambda: watches.add(WatchDraft("Autre", house.brand.pk, "field", None, "autre"), **WHEN)


def change_watch(house: House) -> Act:
    return lambda: watches.change(house.watch.pk, draft(house, "serelium OR autre"), **WHEN)


def reopen_watch(house: House) -> Act:
    watches.close(house.watch.pk, asker=COMMAND, now=NOW)
    return lambda: watches.reopen(house.watch.pk, **WHEN)


def change_space(house: House) -> Act:
    row = spaces.add(address(), asker=COMMAND, now=NOW)
    return lambda: spaces.change(row.pk, ownership="external", brand_id=None, interval_s=3_600, **WHEN)


def a_proposal(house: House) -> int:
    return SpaceProposal.objects.create(
        address="https://a.example/", host="a.example", brand=house.brand, mentions=3, first_at=NOW, last_at=NOW
    ).pk


def dismiss(house: House) -> Act:
    row = a_proposal(house)
    return lambda: proposing.dismiss(row, **WHEN)


def restore(house: House) -> Act:
    row = a_proposal(house)
    proposing.dismiss(row, asker=COMMAND, now=NOW)
    return lambda: proposing.restore(row, **WHEN)


def take_proposal(house: House) -> Act:
    row = a_proposal(house)
    return lambda: proposing.take(row, house.forum.pk, **WHEN)


def lock_space(house: House) -> Act:
    row = spaces.add(address(), asker=COMMAND, now=NOW)
    return lambda: hearing.lock(row.pk, **WHEN)


def unlock_space(house: House) -> Act:
    row = spaces.add(address(), asker=COMMAND, now=NOW)
    hearing.lock(row.pk, asker=COMMAND, now=NOW)
    return lambda: hearing.unlock(row.pk, **WHEN)


def set_secret(house: House) -> Act:
    draft = SpaceDraft("Mot-dièse", "mastodon", "mastodon", "https://m.example/tags/x")
    row = spaces.add(draft, asker=COMMAND, now=NOW)
    return lambda: places.set_secret(row.pk, "token", "hush", **WHEN)


def see_notice(house: House) -> Act:
    row = Notice.objects.create(kind="space.state", code="net.gone", facts={"state": "gone"}, at=NOW)
    return lambda: hearing.see(row.pk, **WHEN)


def reparse(house: House) -> Act:
    row = spaces.add(address(), asker=COMMAND, now=NOW)
    collecting.collect(row.pk, fetch=Net("<html>"), clock=lambda: NOW)
    return lambda: collecting.reparse(space_id=None, asker=CHIEF, clock=lambda: NOW)


def withdraw_network(house: House) -> Act:
    row = networks.allow("10.4.0.0/24", "forum", asker=COMMAND, now=NOW)
    return lambda: networks.withdraw(row.pk, **WHEN)


def reopen_space(house: House) -> Act:
    spaces.close(house.forum.pk, asker=COMMAND, now=NOW)
    return lambda: spaces.reopen(house.forum.pk, **WHEN)


def a_list() -> int:
    return lists.add("amis", lists.Entries(("a.fr",)), asker=COMMAND, now=NOW).pk


def change_list(house: House) -> Act:
    row = a_list()
    return lambda: lists.change(row, lists.Entries(("a.fr", "b.fr")), **WHEN)


def close_list(house: House) -> Act:
    row = a_list()
    return lambda: lists.close(row, **WHEN)


def reopen_list(house: House) -> Act:
    row = a_list()
    lists.close(row, asker=COMMAND, now=NOW)
    return lambda: lists.close(row, closed=False, **WHEN)


def an_entry() -> int:
    return dictionary.add(dictionary.Wording("Nina", ("nino",), "zoe"), asker=COMMAND, now=NOW).pk


SAID = {"spellings": 1, "substance": True, "ours": False, "device": False}


def change_entry(house: House) -> Act:
    row = an_entry()
    return lambda: dictionary.change(row, dictionary.Wording("Nina", is_ours=True, is_device=True), **WHEN)


def close_entry(house: House) -> Act:
    row = an_entry()
    return lambda: dictionary.close(row, **WHEN)


def reopen_entry(house: House) -> Act:
    row = an_entry()
    dictionary.close(row, asker=COMMAND, now=NOW)
    return lambda: dictionary.close(row, closed=False, **WHEN)


def read_now(house: House) -> Act:
    row = spaces.add(address(), asker=COMMAND, now=NOW)
    return lambda: collecting.read_now(row.pk, **WHEN)


def failed_read(house: House) -> Act:
    row = spaces.add(address(), asker=COMMAND, now=NOW)
    error = FatalError("Gone.", code="net.gone", facts={"host": "blog.example", "status": 410})

    def act() -> None:
        with pytest.raises(FatalError):
            collecting.collect(row.pk, fetch=Net(error), clock=lambda: NOW)

    return act


def backfill(house: House) -> Act:
    house.take(post("1", "vertiges", author="zoe"), space=house.blog)
    row = watches.add(WatchDraft("Autre", house.brand.pk, "field", None, "vertiges"), asker=COMMAND, now=NOW)
    (claimed,) = work.claim_key(f"backfill:{row.pk}", holder="t")
    return lambda: backfilling.run(work.Inline(claimed, lambda *_: None), clock=lambda: NOW)


def an_account(house: House, kind: str = "") -> int:
    draft = accounts.AccountDraft("https://piaf.example/@nina", house.brand.pk, "Nina", "mastodon")
    return accounts.add(draft, accounts.Seen(kind), asker=COMMAND, now=NOW).pk


def follow(house: House) -> Act:
    draft = accounts.AccountDraft("https://piaf.example/@nina", house.brand.pk, "Nina", "mastodon")
    return lambda: accounts.add(draft, accounts.Seen(), **WHEN)


def read_account(house: House) -> Act:
    row = TrackedAccount.objects.get(pk=an_account(house))
    return lambda: accounts._read(row, Account(row.address, "Nina", "mastodon", followers=9), NOW)


def lose_account(house: House) -> Act:
    row = an_account(house, "unknown")
    return lambda: accounts.read(row, fetch=Net(""), clock=lambda: NOW)  # type: ignore[arg-type]


def type_in(house: House) -> Act:
    row = an_account(house)
    return lambda: accounts.set_figure(row, NOW.date(), {"followers": 9}, **WHEN)


def load_figures(house: House) -> Act:
    row = TrackedAccount.objects.get(pk=an_account(house))
    return lambda: demo._count(row, [DemoCount(NOW.date(), 1, 2, 3)], NOW)


def close_account(house: House) -> Act:
    row = an_account(house)
    return lambda: accounts.close(row, **WHEN)


def reopen_account(house: House) -> Act:
    row = an_account(house)
    accounts.close(row, asker=COMMAND, now=NOW)
    return lambda: accounts.reopen(row, **WHEN)


def a_name(house: House) -> int:
    return names.add(names.NameDraft("domain", "nina.example", "Nina", house.brand.pk), asker=COMMAND, now=NOW).pk


def add_name(house: House) -> Act:
    return lambda: names.add(names.NameDraft("domain", "nina.example", "Nina", house.brand.pk), **WHEN)


def decide(house: House) -> Act:
    row = a_name(house)
    return lambda: names.decide(row, names.Standing(False, decision="tolerate", note="nina"), **WHEN)


def close_name(house: House) -> Act:
    row = a_name(house)
    return lambda: names.close(row, **WHEN)


def reopen_name(house: House) -> Act:
    row = a_name(house)
    names.close(row, asker=COMMAND, now=NOW)
    return lambda: names.reopen(row, **WHEN)


def propose(house: House) -> Act:
    house.take(post("1", "Sérélium https://serelium.example/"))
    rows = list(Mention.objects.select_related("watch", "post"))
    return lambda: naming._look(rows, naming._own(), NOW)


def find_out(house: House) -> Act:
    draft = SpaceDraft("https://b.example/", "unknown", "other", "https://b.example/")
    row = spaces.add(draft, asker=COMMAND, now=NOW)
    found = Found("feed", "https://b.example/feed/", "Blog", "blog", ("posts",))
    return lambda: discovering._become(row.pk, found, NOW)


def move(house: House) -> Act:
    row = spaces.add(address(), asker=COMMAND, now=NOW)
    return lambda: demo._move(row, "http://127.0.0.1:8799/demo/news.atom", NOW)


def meet_account(house: House) -> Act:
    row = TrackedAccount.objects.get(pk=an_account(house))
    seen = accounts.Seen("piaf", Account(row.address, "Nina", "mastodon"))
    return lambda: accounts._settle(row, seen, NOW)


def a_dimension(house: House, closed: bool = False) -> int:
    made = categories.add_dimension(DimensionDraft("Sujet", house.brand.pk), **WHEN)
    if closed:
        categories.close_dimension(made.pk, **WHEN)
    return made.pk


def a_category(house: House, closed: bool = False) -> int:
    made = categories.add(a_dimension(house), CategoryDraft("Prix", None, "prix"), **WHEN)
    if closed:
        categories.close(made.pk, **WHEN)
    return made.pk


def change_dimension(house: House) -> Act:
    own = a_dimension(house)
    return lambda: categories.change_dimension(own, DimensionDraft("Thème", house.other.pk), **WHEN)


def close_dimension(house: House) -> Act:
    own = a_dimension(house)
    return lambda: categories.close_dimension(own, **WHEN)


def reopen_dimension(house: House) -> Act:
    own = a_dimension(house, closed=True)
    return lambda: categories.close_dimension(own, **WHEN, closed=False)


def add_category(house: House) -> Act:
    own = a_dimension(house)
    return lambda: categories.add(own, CategoryDraft("Prix", None, "prix"), **WHEN)


def change_category(house: House) -> Act:
    own = a_category(house)
    return lambda: categories.change(own, CategoryDraft("Prix", None, "prix*"), **WHEN)


def close_category(house: House) -> Act:
    own = a_category(house)
    return lambda: categories.close(own, **WHEN)


def reopen_category(house: House) -> Act:
    own = a_category(house, closed=True)
    return lambda: categories.close(own, **WHEN, closed=False)


def categorise(house: House) -> Act:
    house.take(post("1", "Sérélium, à quel prix"))
    a_category(house)
    ids = list(Post.objects.values_list("pk", flat=True))
    return lambda: categorising._apply(ids, categorising._asked(), now=NOW)


def judge_labels(house: House) -> Act:
    house.take(post("1", "Sérélium, merci"))
    watches.change(house.watch.pk, draft(house, "serelium AND who:patient"), **WHEN)
    watch = Watch.objects.get(pk=house.watch.pk)
    (held,) = Post.objects.all()
    queries = engine.compiled({str(watch.pk): watch.expression})
    return lambda: judged(watch, queries, held)


@transaction.atomic
def judged(watch: Watch, queries: Queries, held: Post) -> None:
    backfilling._judge_record(watch, queries, [(held.pk, held.version)], NOW)


NO_FIGURES = {"following": None, "posts": None}

CASES = {
    "dimension.add": Case(
        lambda house: lambda: categories.add_dimension(DimensionDraft("Sujet", None), **WHEN), "dimension", None, {"brand": None}
    ),
    "dimension.change": Case(
        change_dimension, "dimension", {"brand": ANY, "renamed": False}, {"brand": ANY, "renamed": True}
    ),
    "dimension.close": Case(close_dimension, "dimension", {"closed": False}, {"closed": True}),
    "dimension.reopen": Case(reopen_dimension, "dimension", {"closed": True}, {"closed": False}),
    "category.add": Case(add_category, "category", None, {"version": 1, "dimension": ANY, "parent": None}),
    "category.change": Case(
        change_category, "category", {"version": 1, "dimension": ANY, "parent": None},
        {"version": 2, "dimension": ANY, "parent": None},
    ),
    "category.close": Case(close_category, "category", {"closed": False}, {"closed": True}),
    "category.reopen": Case(reopen_category, "category", {"closed": True}, {"closed": False}),
    "posts.categorise": Case(categorise, "post", None, {"posts": 1}, "worker"),
    "account.add": Case(follow, "account", None, {"brand": ANY, "network": "mastodon", "read": False}),
    "account.read": Case(read_account, "account", None, {"day": "2026-10-30", "followers": 9, **NO_FIGURES}, "worker"),
    "account.read_failed": Case(lose_account, "account", None, {"code": "source.unknown", "failures": 1}, "worker"),
    "account.figure": Case(type_in, "account", None, {"day": "2026-10-30", "followers": 9, **NO_FIGURES}),
    "account.figures": Case(load_figures, "account", None, {"days": 1}, "command"),
    "account.close": Case(close_account, "account", {"closed": False}, {"closed": True}),
    "account.reopen": Case(reopen_account, "account", {"closed": True}, {"closed": False}),
    "name.add": Case(add_name, "name", None, {"kind": "domain", "brand": ANY}),
    "name.decide": Case(
        decide, "name", {"ours": None, "decision": "", "owner": None, "due": None},
        {"ours": False, "decision": "tolerate", "owner": None, "due": None},
    ),
    "name.close": Case(close_name, "name", {"closed": False}, {"closed": True}),
    "name.reopen": Case(reopen_name, "name", {"closed": True}, {"closed": False}),
    "name.propose": Case(propose, "name", None, {"kind": "domain", "by": "link"}, "worker", frozenset({"author.screen"})),
    "watch.add": Case(
        add_watch, "watch", None, {"version": 1, "purpose": "field", "brand": ANY, "subject": None}
    ),
    "watch.change": Case(
        change_watch, "watch", {"version": 1, "purpose": "product", "brand": ANY, "subject": ANY},
        {"version": 2, "purpose": "product", "brand": ANY, "subject": ANY},
    ),
    "watch.close": Case(
        lambda house: lambda: watches.close(house.watch.pk, **WHEN), "watch", {"closed": False}, {"closed": True}
    ),
    "watch.reopen": Case(reopen_watch, "watch", {"closed": True}, {"closed": False}),
    "watch.labels": Case(
        judge_labels, "watch", None, {"changed": 1}, "worker", frozenset({"watch.backfill"})
    ),
    "watch.backfill": Case(backfill, "watch", None, {"version": 1, "added": 1, "revived": 0, "lapsed": 0}, "worker", frozenset({"posts.take"})),
    "space.add": Case(
        lambda house: lambda: spaces.add(address(), **WHEN), "space", None,
        {"kind": "feed", "network": "blog", "ownership": "external", "interval_s": 900},
    ),
    "space.change": Case(
        change_space, "space", {"kind": "feed", "network": "blog", "ownership": "external", "interval_s": 900},
        {"kind": "feed", "network": "blog", "ownership": "external", "interval_s": 3_600, "options": []},
    ),
    "proposal.dismissed": Case(dismiss, "proposal", {"state": "open"}, {"state": "dismissed"}),
    "proposal.open": Case(restore, "proposal", {"state": "dismissed"}, {"state": "open"}),
    "proposal.taken": Case(take_proposal, "proposal", {"state": "open"}, {"state": "taken", "space": ANY}),
    "proposals.rank": Case(lambda house: lambda: proposing.rank(now=NOW), "proposals", None, {"open": 0}, "worker"),
    "spaces.opml": Case(lambda house: lambda: feeds.add_all([], **WHEN), "spaces", None, {"added": 0, "known": 0}),
    "space.lock": Case(lock_space, "space", {"locked": False}, {"locked": True}),
    "space.unlock": Case(unlock_space, "space", {"locked": True}, {"locked": False}),
    "space.secret": Case(set_secret, "space", None, {"name": "token", "is_set": True}),
    "secrets.rotate": Case(lambda house: lambda: places.rotate(**WHEN), "secrets", None, {"count": 0}),
    "notice.see": Case(see_notice, "notice", None, {"seen": True}),
    "fetch.reparse": Case(reparse, "fetch", None, {"space": ANY}),
    "network.allow": Case(
        lambda house: lambda: networks.allow("10.4.0.0/24", "forum", **WHEN), "network", None, {"network": "10.4.0.0/24"}
    ),
    "network.withdraw": Case(withdraw_network, "network", {"network": "10.4.0.0/24"}),
    "space.close": Case(
        lambda house: lambda: spaces.close(house.forum.pk, **WHEN), "space", {"closed": False}, {"closed": True}
    ),
    "space.reopen": Case(reopen_space, "space", {"closed": True}, {"closed": False}),
    "space.read_asked": Case(read_now, "space", None, {"work": ANY}),
    "space.read_failed": Case(failed_read, "space", None, {"code": "net.gone", "failures": 1}, "worker"),
    "list.add": Case(lambda house: lambda: lists.add("amis", lists.Entries(("a.fr",)), **WHEN), "list", None, {"sites": 1, "authors": 0}),
    "list.change": Case(change_list, "list", {"sites": 1, "authors": 0}, {"sites": 2, "authors": 0}),
    "list.close": Case(close_list, "list", {"closed": False}, {"closed": True}),
    "list.reopen": Case(reopen_list, "list", {"closed": True}, {"closed": False}),
    "dictionary.add": Case(
        lambda house: lambda: dictionary.add(dictionary.Wording("Nina", ("nino",), "zoe"), **WHEN), "entry", None, SAID
    ),
    "dictionary.change": Case(
        change_entry, "entry", SAID, {"spellings": 0, "substance": False, "ours": True, "device": True}
    ),
    "dictionary.close": Case(close_entry, "entry", {"closed": False}, {"closed": True}),
    "dictionary.reopen": Case(reopen_entry, "entry", {"closed": True}, {"closed": False}),
    "space.found": Case(find_out, "space", {"kind": "unknown"}, {"kind": "feed", "network": "blog"}, "worker"),
    "space.move": Case(move, "space", None, {"moved": True}, "command"),
    "account.met": Case(meet_account, "account", None, {"kind": "piaf", "network": "mastodon"}, "worker"),
}  # fmt: skip
"""Every write about listening, by the action that its row names."""


@pytest.mark.parametrize("action", sorted(CASES))
def test_write_leaves_one_row_with_who_what_before_and_after(action: str, house: House) -> None:
    leaves_one_row(action, CASES[action], house)


@pytest.mark.parametrize("action", sorted(set(CASES) - {"space.read_failed"}))
def test_write_whose_row_fails_is_not_made(action: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    is_not_made_without_its_row(CASES[action], house, monkeypatch)


def test_failure_of_a_read_whose_row_fails_is_not_counted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The read itself began before; what its end says of the space is not written without its row."""
    row = spaces.add(address(), asker=COMMAND, now=NOW)
    before = Space.objects.filter(pk=row.pk).values().get()
    monkeypatch.setattr(audit, "write", fails)
    error = FatalError("Gone.", code="net.gone", facts={"host": "blog.example", "status": 410})
    with pytest.raises(AuditFails):
        collecting.collect(row.pk, fetch=Net(error), clock=lambda: NOW)
    assert Space.objects.filter(pk=row.pk).values().get() == before
