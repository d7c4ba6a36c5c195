"""Load the demo company through the same door as everything else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from vigie import demo
from vigie.errors import DecisionError
from vigie.schema.vocab import Role, SpaceKind, WorkState
from vigie.server.models import (
    AccountReading,
    AuditEvent,
    Brand,
    Category,
    Membership,
    Space,
    SpaceRead,
    TrackedAccount,
    User,
    Watch,
    Work,
)
from vigie.server.permissions import COMMAND
from vigie.server.services import (
    accounts,
    audit,
    categories,
    collecting,
    dictionary,
    door,
    names,
    networks,
    people,
    spaces,
    watches,
)
from vigie.server.services.accounts import AccountDraft, Seen
from vigie.server.services.batch import Taken
from vigie.server.services.categories import CategoryDraft, DimensionDraft
from vigie.server.services.dictionary import Wording
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

PASSWORD = "vigie-demo-2026"  # noqa: S105 -- the demo's, printed at every start and refused beyond loopback
"""Password of every demo user: the demo listens on loopback alone."""

NEWS_PATH = "/demo/news.atom"
"""Where the web process serves the news that the worker reads."""

WHY_ALLOWED = "La démonstration lit les actualités qu’elle sert elle-même."
"""Why the demo allows its own machine; the administrator may withdraw it."""

STORY = "demo.load"
"""What the audit log calls the loading of the demo; it keeps there what story was told."""


def load(*, posts: int, days: int, until: datetime, now: datetime, progress: Callable[[int], None]) -> int:
    """Load company, people, watches and posts; return the posts heard.

    Raises:
        DecisionError: the record is not empty.
    """
    if Space.objects.exists() or User.objects.exists():
        raise DecisionError(
            "This installation is not empty; the demo company is only loaded into an empty one. `make up` starts your own.",
            code="demo.not_empty",
        )
    company = demo.company()
    _keep_story(posts=posts, days=days, until=until, now=now)
    space_ids = load_company(company, now=now)
    listen_to_itself(now=now)
    load_presence(until=until, days=days, now=now)
    heard = 0
    for batch in demo.batches(posts=posts, days=days, until=until):
        space_id = space_ids[batch.space]
        taken = door.take(
            batch.posts, space_id=space_id, heard_at=batch.heard_at, fetch_id=None, now=now,
            with_batch=lambda taken, space_id=space_id, at=batch.heard_at: _note(space_id, at, taken),
        )  # fmt: skip
        # Edits and new counts are heard again; they are no further posts.
        heard += taken.new
        progress(heard)
    _watches_are_up_to_date(now)
    return heard


@transaction.atomic
def _keep_story(*, posts: int, days: int, until: datetime, now: datetime) -> None:
    told = {"posts": posts, "days": days, "until": until.isoformat(), "seed": demo.SEED}
    audit.write(COMMAND, STORY, "demo", now=now, after=told)


def story() -> tuple[int, int]:
    """Return how many posts over how many days the loaded story tells; its end changes nothing of its truth.

    Raises:
        DecisionError: the version that loaded it did not keep that, or told another.
    """
    kept = AuditEvent.objects.filter(action=STORY).order_by("-pk").values_list("after", flat=True).first()
    if kept is None or kept["seed"] != demo.SEED:
        raise DecisionError(
            "The demo company that is loaded was told by another version of Vigie, so what is true of its posts is not known. "
            "Load it anew in an empty folder, named by VIGIE_VAR.",
            code="demo.other_story",
        )
    return kept["posts"], kept["days"]


@transaction.atomic
def _watches_are_up_to_date(now: datetime) -> None:
    """Every post came after the watches, the categories and the dictionary, so there is no past to run them over."""
    Watch.objects.update(matched_version=F("version"))
    Category.objects.update(applied_version=F("version"))
    Work.objects.filter(kind="categorise").update(
        state=WorkState.DONE.value, code="categories.applied", facts={"posts": 0}, finished_at=now
    )
    Work.objects.filter(kind="backfill").update(state=WorkState.DONE.value, code="watch.matched", finished_at=now)
    Work.objects.filter(kind="relabel").update(
        state=WorkState.DONE.value, code="posts.retold", facts={"posts": 0, "changed": 0}, finished_at=now
    )


@transaction.atomic
def load_company(company: demo.Company, *, now: datetime) -> dict[str, int]:
    """Make brands, users, spaces, watches, categories and the dictionary; return the spaces' ids by name."""
    brands = {b.name: people.add_brand(b.name, is_ours=b.is_ours, asker=COMMAND, now=now) for b in company.brands}
    space_ids = {s.name: _add_space(s, brands, now) for s in company.spaces}
    for watch in company.watches:
        subject = brands[watch.subject].pk if watch.subject else None
        draft = WatchDraft(watch.name, brands[watch.brand].pk, watch.purpose, subject, watch.expression)
        watches.add(draft, asker=COMMAND, now=now)
    for dimension in company.dimensions:
        _add_dimension(dimension, now)
    for product in company.products:
        spellings = dictionary.read_spellings("\n".join(product.spellings))
        dictionary.add(Wording(product.name, spellings, is_ours=product.is_ours), asker=COMMAND, now=now)
    for user in company.users:
        add_user(user, brands, now=now)
    return space_ids


def _add_dimension(dimension: demo.DemoDimension, now: datetime) -> None:
    made = categories.add_dimension(DimensionDraft(dimension.name, None), asker=COMMAND, now=now)
    ids: dict[str, int] = {}
    for one in dimension.categories:
        draft = CategoryDraft(one.name, ids[one.within] if one.within else None, one.expression)
        ids[one.name] = categories.add(made.pk, draft, asker=COMMAND, now=now).pk


@transaction.atomic
def listen_to_itself(*, now: datetime) -> None:
    """Have the worker read the news that this demo serves, at the address where it listens now."""
    space = demo.NEWS_SPACE
    listen = settings.VIGIE.listen
    host = f"[{listen.host}]" if ":" in listen.host else listen.host
    address = f"http://{host}:{listen.port}{NEWS_PATH}"
    known = Space.objects.filter(name=space.name).first()
    if known is not None or news_feed() is None:
        _move(known, address, now)
        return
    for loopback in ("127.0.0.1/32", "::1/128"):
        networks.allow(loopback, WHY_ALLOWED, asker=COMMAND, now=now)
    _add_space(replace(space, address=address), {b.name: b for b in Brand.objects.all()}, now)


@transaction.atomic
def _move(space: Space | None, address: str, now: datetime) -> None:
    """Follow the port: a demo may be started on another one; one of an earlier version has no news."""
    if space is not None and space.address != address:
        Space.objects.filter(pk=space.pk).update(address=address)
        audit.write(COMMAND, "space.move", f"space:{space.pk}", now=now, after={"moved": True}, brand_id=space.brand_id)


def news_feed() -> bytes | None:
    """Return the news that the demo serves, dated by its story; nothing where no demo was loaded."""
    kept = AuditEvent.objects.filter(action=STORY).order_by("-pk").values_list("after", flat=True).first()
    return demo.feed(until=datetime.fromisoformat(kept["until"])) if kept else None


def _add_space(space: demo.DemoSpace, brands: dict[str, Brand], now: datetime) -> int:
    brand_id = brands[space.brand].pk if space.brand else None
    draft = SpaceDraft(
        space.title, space.kind, space.network, space.address, space.ownership, brand_id, name=space.name
    )
    return spaces.add(draft, asker=COMMAND, now=now).pk


@transaction.atomic
def add_user(user: demo.DemoUser, brands: dict[str, Brand], *, now: datetime) -> None:
    """Make a demo user with the memberships of the story."""
    row = User.objects.create_user(user.email, PASSWORD, name=user.name)
    chosen = [brands[name] if name else None for name in user.brands or (None,)]
    for brand in chosen:
        Membership.objects.create(user=row, brand=brand, role=Role(user.role).value)
    after = {"role": user.role, "brands": [brand.pk if brand else None for brand in chosen]}
    audit.write(COMMAND, "user.add", f"user:{row.pk}", now=now, after=after)


@transaction.atomic
def load_presence(*, until: datetime, days: int, now: datetime) -> None:
    """Make the accounts with their invented counts, and the register of names."""
    brands = {brand.name: brand for brand in Brand.objects.all()}
    last = accounts.company_day(until)
    for one in demo.ACCOUNTS:
        draft = AccountDraft(one.address, brands[one.brand].pk, one.name, one.network)
        account = accounts.add(draft, Seen(), asker=COMMAND, now=now)
        TrackedAccount.objects.filter(pk=account.pk).update(kind=SpaceKind.INVENTED.value)
        _count(account, demo.counts(one, until=last, days=days), now)
    for entry in demo.NAMES:
        _enter(entry, brands[entry.brand], last, now)


@transaction.atomic
def _count(account: TrackedAccount, counts: list[demo.DemoCount], now: datetime) -> None:
    AccountReading.objects.bulk_create(
        AccountReading(
            account=account, day=c.day, at=now, followers=c.followers, following=c.following, posts=c.posts
        )
        for c in counts
    )  # fmt: skip
    audit.write(COMMAND, "account.figures", f"account:{account.pk}", now=now, after={"days": len(counts)})


def _enter(entry: demo.DemoName, brand: Brand, last: date, now: datetime) -> None:
    draft = names.NameDraft(entry.kind, entry.address, entry.name, brand.pk, entry.note)
    made = names.add(draft, asker=COMMAND, now=now)
    if entry.is_ours is None:
        return
    owner = User.objects.filter(email=entry.owner).first()
    due = last + timedelta(days=entry.due_in) if entry.due_in is not None else None
    standing = names.Standing(
        entry.is_ours, entry.holder, entry.decision, owner.pk if owner else None, due, entry.note
    )  # fmt: skip
    names.decide(made.pk, standing, asker=COMMAND, now=now)


def _note(space_id: int, at: datetime, taken: Taken) -> None:
    """Add the batch to the space's read of that day."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    read, _ = SpaceRead.objects.get_or_create(
        space_id=space_id, started_at=day, defaults={"finished_at": at, "pages": 1}
    )
    SpaceRead.objects.filter(pk=read.pk).update(finished_at=at)
    collecting.add_to_read(read.pk, taken, (), repeated=0, undated=0)


def users() -> tuple[demo.DemoUser, ...]:
    """Return the people of the story."""
    return tuple(demo.company().users)
