"""Every write that matters leaves one row: who, what, before, after; and a write whose row fails is not made."""

from datetime import timedelta
from pathlib import Path
from threading import Event
from unittest.mock import ANY, patch

import pytest

import vigie
from vigie.collect.source import Counts
from vigie.demo.records import DemoUser
from vigie.schema.vocab import LabelKind, Mark, NamePurpose, Role
from vigie.server import keys
from vigie.server.models import Erasure, Label, Labeller, Membership, Mention, Post, Sketch, User, Work
from vigie.server.permissions import COMMAND
from vigie.server.services import (
    authors,
    demo,
    erasing,
    evidencing,
    importing,
    judging,
    leaving,
    people,
    recounting,
    regrouping,
    relabelling,
    retelling,
    rotating,
    starting,
    work,
)
from vigie.server.worker.loop import Job

from . import test_audit_listening as listening
from . import test_audit_models as models_
from .audited import CHIEF, WHEN, Act, Case, actions_of, is_not_made_without_its_row, leaves_one_row
from .conftest import NOW, House, post


@pytest.fixture(autouse=True)
def _chief_is_there(db: None) -> None:
    User.objects.create_user("patronne@example.org", "x", id=7)


def leave_demo(house: House) -> Act:
    User.objects.create_user(demo.users()[0].email, "x")

    def ask() -> object:
        with patch.object(leaving, "obstacle", return_value=""):
            return leaving.ask("patronne@example.org", "Anne", "une longue phrase", language="fr", **WHEN)

    return ask


def keep_evidence(house: House) -> Act:
    row = a_mention(house)
    return lambda: evidencing.keep(row, **WHEN)


def read_evidence(house: House) -> Act:
    mention = Mention.objects.get(pk=a_mention(house))
    row = evidencing.keep(mention.pk, asker=COMMAND, now=NOW).pk
    return lambda: evidencing.document(row, mention, **WHEN)


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
    a_mention(house)
    author = Post.objects.get().author_id or 0
    return lambda: authors.ask(author, NamePurpose.ANSWER, **WHEN)


def look(house: House) -> Act:
    reveal(house)()
    author = Post.objects.get().author_id or 0
    return lambda: authors.shown(author, **WHEN)


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


def relabel(house: House) -> Act:
    house.take(post("1", "Sérélium est horrible"))
    Label.objects.filter(kind="tone").update(value="positive")
    return lambda: retelling.step(frozenset({"tone"}), after_post=0, now=NOW)


def relabelled(house: House) -> int:
    """Change the tone of a post by a run that is over."""
    house.take(post("1", "Sérélium est horrible"))
    before, _ = Labeller.objects.get_or_create(kind="tone", name="older", version="1")
    Label.objects.filter(kind="tone").update(value="positive", labeller=before)
    row = Work.objects.get(pk=relabelling.start("tone", asker=CHIEF, now=NOW))
    for claimed in work.claim_key(row.key, holder="test"):
        work.finish(claimed, relabelling.run(work.Inline(claimed, lambda *_: None), clock=lambda: NOW))
    return row.pk


def ask_back(house: House) -> Act:
    row = relabelled(house)
    return lambda: relabelling.take_back(row, **WHEN)


def go_back(house: House) -> Act:
    back = Work.objects.get(pk=relabelling.take_back(relabelled(house), asker=CHIEF, now=NOW))
    (claimed,) = work.claim_key(back.key, holder="test")
    return lambda: relabelling.run(Job(claimed, Event()), clock=lambda: NOW)


def recount(house: House) -> Act:
    a_mention(house)
    counts = {"1": Counts(likes=5)}
    return lambda: recounting.write(list(Post.objects.all()), counts, now=NOW)


def take(house: House) -> Act:
    house.take(post("0", "rien"), post("00", "Sérélium", author="yann"))  # keys and models have their rows
    return lambda: house.take(post("1", "Sérélium", author="zoe"))


def screen(house: House) -> Act:
    a_mention(house)
    author = Post.objects.get().author_id or 0
    return lambda: authors.handles([author], now=NOW)


def group(house: House) -> Act:
    a_mention(house)
    Sketch.objects.all().delete()
    return lambda: regrouping.walk(0, NOW - timedelta(days=1), NOW)


def merge(house: House) -> Act:
    long = "Sérélium me fait tourner la tête depuis trois jours, mon médecin dit d'attendre"
    other = "Rupture de Sérélium dans toutes les pharmacies du quartier depuis la semaine dernière"
    house.take(*(post(name, text) for name, text in (("a", long), ("b", long), ("c", other), ("d", other))))
    return lambda: house.take(post("e", long, repost_of="c"))


def moved(house: House) -> Act:
    rotating.start(asker=COMMAND, now=NOW)
    return lambda: rotating._move_lists(keys.chain(), NOW)


CASES = {
    "stories.group": Case(group, "post", None, {"posts": 1, "changed": 0}, "worker"),
    "story.merge": Case(merge, "story", None, {"into": ANY}, "worker", besides=frozenset({"posts.take"})),
    "keys.rotate": Case(lambda house: lambda: rotating.start(**WHEN), "key", None, {"version": 2, "goes_on": False}),
    "keys.rotated": Case(moved, "key", None, {"version": 2, "entries": 0}, "worker"),
    "author.screen": Case(screen, "author", None, {"authors": 1}, "worker"),
    "start.skip": Case(lambda house: lambda: starting.skip(**WHEN), "start", None, {"skipped": True}),
    "start.create": Case(
        lambda house: lambda: starting.create(starting.Plan((house.brand.name,)), **WHEN), "start", None,
        {"brands": 0, "watches": 0, "spaces": 0, "unknown": 0, "invited": 0},
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
    "author.reveal": Case(
        reveal, "author", None,
        {"view": ANY, "purpose": "answer", "until": (NOW + authors.SHOWN_FOR).isoformat()},
    ),
    "author.look": Case(look, "author", None, {"view": ANY, "purpose": "answer", "known": True}),
    "import.start": Case(start_import, "space", None, {"fetch": ANY}),
    "erasure.demand": Case(demand, "erasure", None, {"kind": "author", "hash": ANY}),
    "erasure.done": Case(erased, "erasure", None, None, "worker"),
    "work.cancel": Case(cancel, "work", {"state": "waiting"}, {"state": "cancelled"}),
    "work.retry": Case(retry, "work", {"state": "failed"}, {"state": "waiting"}),
    "posts.take": Case(
        take, "space", None, {"new": 1, "changed": 0, "kept": 1, "mentions": 1}, "worker"
    ),
    "posts.relabel": Case(relabel, "post", None, {"changed": {"tone": 1}}, "worker"),
    "posts.relabel_asked": Case(
        lambda house: lambda: relabelling.start(LabelKind.TONE, **WHEN), "labels", None, {"kinds": ["tone"]}
    ),
    "posts.relabel_back_asked": Case(ask_back, "work", None, {"kinds": ["tone"]}),
    "posts.relabel_back": Case(go_back, "post", None, {"changed": {"tone": 1}}, "worker"),
    "posts.recount": Case(recount, "space", None, {"changed": 1}, "worker"),
    "demo.load": Case(
        lambda house: lambda: demo._keep_story(posts=9, days=2, until=NOW, now=NOW), "demo", None,
        {"posts": 9, "days": 2, "until": NOW.isoformat(), "seed": ANY}, "command",
    ),
}  # fmt: skip
"""Every other write of a service, by the action that its row names."""


def test_every_write_of_a_service_is_tried() -> None:
    assert actions_of(Path(vigie.__file__).parent / "server") == {*CASES, *listening.CASES, *models_.CASES}
    assert len({*CASES, *listening.CASES, *models_.CASES}) == len(CASES) + len(listening.CASES) + len(models_.CASES)


@pytest.mark.parametrize("action", sorted(CASES))
def test_write_leaves_one_row_with_who_what_before_and_after(action: str, house: House) -> None:
    leaves_one_row(action, CASES[action], house)


@pytest.mark.parametrize("action", sorted(CASES))
def test_write_whose_row_fails_is_not_made(action: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    is_not_made_without_its_row(CASES[action], house, monkeypatch)
