"""Every write that matters leaves one row: who, what, before, after; and a write whose row fails is not made."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import ANY, patch

import pytest
from django.apps import apps

import vigie
from vigie.collect.source import Account, Counts
from vigie.demo.records import DemoCount, DemoUser
from vigie.enrich.tone_grams import ToneLabeller
from vigie.errors import FatalError
from vigie.schema.vocab import LabelKind, Mark, Role
from vigie.server.models import (
    AuditEvent,
    Erasure,
    Membership,
    Mention,
    Notice,
    Post,
    Space,
    SpaceProposal,
    TrackedAccount,
    User,
    Work,
)
from vigie.server.permissions import COMMAND, Asker, Permission
from vigie.server.services import (
    accounts,
    audit,
    authors,
    backfilling,
    collecting,
    demo,
    erasing,
    evidencing,
    feeds,
    hearing,
    importing,
    judging,
    leaving,
    lists,
    names,
    naming,
    networks,
    people,
    places,
    proposing,
    recounting,
    relabelling,
    spaces,
    starting,
    watches,
    work,
)
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

from .conftest import NOW, House, post
from .test_collecting import Net

CHIEF = Asker(7, "user:7", frozenset(Permission), {})
"""Who asks in these tests."""

WHEN: dict[str, Any] = {"asker": CHIEF, "now": NOW}

Act = Callable[[], object]


@dataclass(frozen=True)
class Case:
    """A write: what must stand before it, and what its row says."""

    prepare: Callable[[House], Act]
    target: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    actor: str = "user:7"
    besides: frozenset[str] = frozenset()
    """Rows of other writes that this one leads to."""


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


def leave_demo(house: House) -> Act:
    User.objects.create_user(demo.users()[0].email, "x")

    def ask() -> object:
        with patch.object(leaving, "obstacle", return_value=""):
            return leaving.ask("patronne@example.org", "Anne", "une longue phrase", language="fr", **WHEN)

    return ask


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


def keep_evidence(house: House) -> Act:
    row = a_mention(house)
    return lambda: evidencing.keep(row, **WHEN)


def read_evidence(house: House) -> Act:
    mention = Mention.objects.get(pk=a_mention(house))
    row = evidencing.keep(mention.pk, asker=COMMAND, now=NOW).pk
    return lambda: evidencing.document(row, mention, **WHEN)


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


def an_invitation() -> people.Invited:
    return people.invite("nina@example.org", Role.READER, None, asker=COMMAND, now=NOW)


def accept(house: House) -> Act:
    token = an_invitation().token
    return lambda: people.accept(token, name="Nina", password="une longue phrase", now=NOW)  # noqa: S106 -- a test's


def withdraw(house: House) -> Act:
    row = an_invitation().invitation.pk
    return lambda: people.withdraw(row, **WHEN)


def a_user() -> User:
    chief = User.objects.create_user("chef@example.org", "x")
    Membership.objects.create(user=chief, role=Role.ADMINISTRATOR)
    return User.objects.create_user("nina@example.org", "x")


def give_role(house: House) -> Act:
    user = a_user()
    return lambda: people.set_role(user.pk, Role.READER, None, **WHEN)


def close_access(house: House) -> Act:
    user = a_user()
    return lambda: people.set_active(user.pk, active=False, **WHEN)


def a_mention(house: House) -> int:
    house.take(post("1", "Sérélium", author="zoe"))
    return Mention.objects.get().pk


def correct(house: House) -> Act:
    row = a_mention(house)
    return lambda: judging.correct(row, LabelKind.TONE, "negative", **WHEN)


def mark(house: House) -> Act:
    row = a_mention(house)
    return lambda: judging.mark(row, Mark.NOT_ABOUT_US, on=True, **WHEN)


def reveal(house: House) -> Act:
    row = a_mention(house)
    return lambda: authors.reveal(row, **WHEN)


def start_import(house: House) -> Act:
    name = importing.store_upload(iter([b"id,text\n1,mot\n"]), suffix=".csv")
    mapping = importing.look(name).suggested
    return lambda: importing.start(name, mapping, space_id=house.forum.pk, **WHEN)


def demand(house: House) -> Act:
    target = erasing.target_of(a_mention(house), "author")
    return lambda: erasing.demand("author", target, **WHEN)


def erased(house: House) -> Act:
    row = erasing.demand("post", b"x" * 16, asker=COMMAND, now=NOW)
    return lambda: erasing._finish(Erasure.objects.get(pk=row.pk), NOW)


def cancel(house: House) -> Act:
    row = work.enqueue("x", "x")
    return lambda: work.cancel(row, **WHEN)


def retry(house: House) -> Act:
    row = work.enqueue("x", "x")
    Work.objects.filter(pk=row).update(state="failed")
    return lambda: work.retry(row, **WHEN)


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


def relabel(house: House) -> Act:
    a_mention(house)
    return lambda: judging.relabel_after(ToneLabeller(), after_post=0, now=NOW)


def recount(house: House) -> Act:
    a_mention(house)
    counts = {"1": Counts(likes=5)}
    return lambda: recounting.write(list(Post.objects.all()), counts, now=NOW)


def take(house: House) -> Act:
    house.take(post("0", "rien"), post("00", "Sérélium", author="yann"))  # keys and models have their rows
    return lambda: house.take(post("1", "Sérélium", author="zoe"))


def backfill(house: House) -> Act:
    house.take(post("1", "vertiges", author="zoe"), space=house.blog)
    row = watches.add(WatchDraft("Autre", house.brand.pk, "field", None, "vertiges"), asker=COMMAND, now=NOW)
    (claimed,) = work.claim_key(f"backfill:{row.pk}", holder="t")
    return lambda: backfilling.run(work.Inline(claimed, lambda *_: None), clock=lambda: NOW)


WHOLE = {"proposals", "spaces", "start", "demo", "evidence"}
"""What is written of the installation as a whole, and bears no number."""


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


def screen(house: House) -> Act:
    a_mention(house)
    author = Post.objects.get().author_id or 0
    return lambda: authors.handles([author], now=NOW)


NO_FIGURES = {"following": None, "posts": None}

CASES = {
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
    "author.screen": Case(screen, "author", None, {"authors": 1}, "worker"),
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
    "start.skip": Case(lambda house: lambda: starting.skip(**WHEN), "start", None, {"skipped": True}),
    "start.create": Case(
        lambda house: lambda: starting.create(starting.Plan((house.brand.name,)), **WHEN), "start", None,
        {"brands": 0, "watches": 0, "spaces": 0, "invited": 0},
    ),
    "demo.leave": Case(leave_demo, "demo", None, {"aside": True}),
    "evidence.keep": Case(
        keep_evidence, "evidence", None, {"mention": ANY, "sha256": ANY}, besides=frozenset({"author.seal"})
    ),
    "author.seal": Case(
        keep_evidence, "author", None, {"post": ANY, "known": True}, besides=frozenset({"evidence.keep"})
    ),
    "evidence.read": Case(read_evidence, "evidence", None, {"mention": ANY}),
    "evidence.rotate": Case(lambda house: lambda: evidencing.rotate(**WHEN), "evidence", None, {"count": 0}),
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
    "brand.add": Case(
        lambda house: lambda: people.add_brand("Nouvelle", is_ours=True, **WHEN), "brand", None, {"ours": True}
    ),
    "people.invite": Case(
        lambda house: lambda: people.invite("nina@example.org", Role.READER, None, **WHEN), "invitation", None,
        {"role": "reader", "brand": None},
    ),
    "people.accept": Case(accept, "user", None, {"invitation": ANY}, actor="user:"),
    "people.withdraw": Case(withdraw, "invitation", {"open": True}, {"open": False}),
    "people.role": Case(give_role, "user", {"role": None, "brand": None}, {"role": "reader", "brand": None}),
    "people.active": Case(close_access, "user", {"active": True}, {"active": False}),
    "user.add": Case(
        lambda house: lambda: demo.add_user(DemoUser("Nina", "nina@example.org", "reader"), {}, now=NOW), "user", None,
        {"role": "reader", "brands": [None]}, "command",
    ),
    "mention.correct": Case(correct, "mention", {"tone": None}, {"tone": "negative"}),
    "mention.mark": Case(mark, "mention", {"not_about_us": False}, {"not_about_us": True}),
    "author.reveal": Case(reveal, "author", None, {"mention": ANY, "known": True}),
    "import.start": Case(start_import, "space", None, {"fetch": ANY}),
    "erasure.demand": Case(demand, "erasure", None, {"kind": "author", "hash": ANY}),
    "erasure.done": Case(erased, "erasure", None, None, "worker"),
    "work.cancel": Case(cancel, "work", {"state": "waiting"}, {"state": "cancelled"}),
    "work.retry": Case(retry, "work", {"state": "failed"}, {"state": "waiting"}),
    "posts.take": Case(
        take, "space", None, {"new": 1, "changed": 0, "kept": 1, "mentions": 1}, "worker"
    ),
    "posts.relabel": Case(relabel, "post", None, {"kind": "tone", "labeller": ANY, "posts": 1}, "worker"),
    "posts.relabel_asked": Case(
        lambda house: lambda: relabelling.start(LabelKind.TONE, **WHEN), "labeller", None, {"kind": "tone"}
    ),
    "posts.recount": Case(recount, "space", None, {"changed": 1}, "worker"),
}  # fmt: skip
"""Every write of a service, by the action that its row names."""


def actions_of(folder: Path) -> set[str]:
    """Return the actions that calls of `audit.write` name, themselves or by a table of their module."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        tables = {ast.unparse(n.targets[0]): n.value for n in tree.body if isinstance(n, ast.Assign)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.write":
                named = node.args[1]
                is_table = isinstance(named, ast.Subscript)
                found |= texts_in(tables[ast.unparse(named.value)] if is_table else named)
    return found


def texts_in(expression: ast.expr) -> set[str]:
    return {n.value for n in ast.walk(expression) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_every_write_of_a_service_is_tried_here() -> None:
    assert actions_of(Path(vigie.__file__).parent / "server") == set(CASES)


@pytest.mark.parametrize("action", sorted(CASES))
def test_write_leaves_one_row_with_who_what_before_and_after(action: str, house: House) -> None:
    case = CASES[action]
    act = case.prepare(house)
    last = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    act()
    (row,) = AuditEvent.objects.filter(pk__gt=last).exclude(action__in=case.besides)
    assert row.action == action and row.at == NOW
    assert row.actor == case.actor or (case.actor == "user:" and row.actor == row.target)
    thing, _, number = row.target.partition(":")
    assert thing == case.target and (number.isdigit() or row.target in WHOLE)
    assert row.before == case.before and row.after == case.after
    assert "nina" not in str((row.before, row.after)).lower() and "zoe" not in str((row.before, row.after))


class AuditFails(Exception):
    """The log can't be written to."""


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return the record, table by table."""
    models = [m for m in apps.get_models() if m._meta.db_table.startswith("vigie_")]
    return {m._meta.db_table: list(m._default_manager.order_by("pk").values()) for m in models}


@pytest.mark.parametrize("action", sorted(set(CASES) - {"space.read_failed"}))
def test_write_whose_row_fails_is_not_made(action: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    act = CASES[action].prepare(house)
    before = everything()

    def fails(*args: Any, **values: Any) -> None:
        raise AuditFails

    monkeypatch.setattr(audit, "write", fails)
    with pytest.raises(AuditFails):
        act()
    assert everything() == before


def test_failure_of_a_read_whose_row_fails_is_not_counted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The read itself began before; what its end says of the space is not written without its row."""
    row = spaces.add(address(), asker=COMMAND, now=NOW)
    before = Space.objects.filter(pk=row.pk).values().get()

    def fails(*args: Any, **values: Any) -> None:
        raise AuditFails

    monkeypatch.setattr(audit, "write", fails)
    error = FatalError("Gone.", code="net.gone", facts={"host": "blog.example", "status": 410})
    with pytest.raises(AuditFails):
        collecting.collect(row.pk, fetch=Net(error), clock=lambda: NOW)
    assert Space.objects.filter(pk=row.pk).values().get() == before
