"""The first run: what somebody tells of their company becomes brands, watches, spaces and invitations, all at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
from django.db import IntegrityError, transaction

from vigie.errors import DecisionError
from vigie.match import Queries
from vigie.match.naming import Idea
from vigie.schema.ids import canonical_link
from vigie.schema.vocab import Ownership, Role, SpaceKind
from vigie.server import engine
from vigie.server.models import AuditEvent, Brand, Invitation, Membership, Space, User, Watch
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import documents
from vigie.server.services import archiving, audit, people, spaces, watches
from vigie.server.services.people import Invited
from vigie.server.services.previewing import READ
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

COUNT_S = 1.0
"""Seconds that counting for the last step may take: a page is waited for."""

MOST_COUNTED = 50_000
"""Posts that are looked at for the last step; the page says how many there were."""


@dataclass(frozen=True, slots=True)
class Place:
    """A space to make: how its address was found to be read, and whose it is."""

    title: str
    kind: str
    network: str
    address: str
    brand: str = ""
    """The brand of ours that owns it; empty for a place of others."""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody to invite."""

    email: str
    role: Role
    brand: str = ""
    """Empty for all brands."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is made at the end."""

    brands: Sequence[str]
    competitors: Sequence[str] = ()
    watches: Sequence[Idea] = ()
    places: Sequence[Place] = ()
    seats: Sequence[Seat] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """What was made; what stood there already is not counted."""

    brands: int
    watches: int
    spaces: int
    unknown: int
    """Of the spaces, those of which it is not known yet how they can be read."""
    invited: tuple[Invited, ...]


def is_wanted(who: Asker) -> bool:
    """Say whether the first run waits for this person: an administrator of a record without any brand, never skipped."""
    if not who.may(Permission.EDIT_PEOPLE) or Brand.objects.exists():
        return False
    return not AuditEvent.objects.filter(action="start.skip").exists()


@transaction.atomic
def skip(*, asker: Asker, now: datetime) -> None:
    """Do without; the page stays in reach, and home does not lead there any more."""
    asker.require(Permission.EDIT_PEOPLE)
    audit.write(asker, "start.skip", "start", now=now, after={"skipped": True})


def create(plan: Plan, *, asker: Asker, now: datetime, language: str = "") -> Made:
    """Make everything of a plan in one transaction; made twice, by a double press too, it makes nothing more.

    Raises:
        DecisionError: the role does not allow it, a role can't be given so, or there is no brand; nothing is made then.
        QueryError: a query can't be read; nothing is made then.
    """
    try:
        return _create(plan, asker, now, language)
    except IntegrityError:
        # Somebody made the same at the same moment: what they made is found by its name this time.
        return _create(plan, asker, now, language)


@transaction.atomic
def _create(plan: Plan, asker: Asker, now: datetime, language: str) -> Made:
    asker.require(Permission.EDIT_PEOPLE)
    if not plan.brands:
        raise DecisionError("Name your company or a brand of yours first.", code="start.no_brand")
    # A double press comes from one person: the second waits here for the first, and then finds all of it made.
    list(User.objects.select_for_update().filter(pk=asker.user_id))
    before = Brand.objects.count()
    brands = _brands(plan, asker, now)
    made = Made(
        Brand.objects.count() - before,
        _watches(plan.watches, brands, asker, now),
        *_places(plan.places, brands, asker, now),
        tuple(_seats(plan.seats, brands, asker, now, language)),
    )
    after = {
        "brands": made.brands,
        "watches": made.watches,
        "spaces": made.spaces,
        "unknown": made.unknown,
        "invited": len(made.invited),
    }
    audit.write(asker, "start.create", "start", now=now, after=after)
    return made


def _brands(plan: Plan, asker: Asker, now: datetime) -> dict[str, Brand]:
    """Return every brand and competitor by name, made where it was not."""
    wanted = [*((name, True) for name in plan.brands), *((name, False) for name in plan.competitors)]
    names = [name for name, _ in wanted]
    found = {brand.name: brand for brand in Brand.objects.filter(name__in=names)}
    for name, is_ours in wanted:
        if name not in found:
            found[name] = people.add_brand(name, is_ours=is_ours, asker=asker, now=now)
    return found


def _watches(ideas: Sequence[Idea], brands: Mapping[str, Brand], asker: Asker, now: datetime) -> int:
    known = set(Watch.objects.filter(name__in=[idea.name for idea in ideas]).values_list("name", flat=True))
    new = [idea for idea in ideas if idea.name not in known]
    for idea in new:
        draft = WatchDraft(
            idea.name, brands[idea.brand].pk, idea.purpose, brands[idea.subject].pk, idea.expression
        )  # fmt: skip
        watches.add(draft, asker=asker, now=now)
    return len(new)


def _places(places: Sequence[Place], brands: Mapping[str, Brand], asker: Asker, now: datetime) -> tuple[int, int]:
    """Make the spaces; return how many, and of how many it is not known yet how they can be read."""
    rows = Space.objects.filter(closed_at=None).exclude(address="").values_list("address", flat=True)
    known = {canonical_link(address) for address in rows}
    n = unknown = 0
    for place in places:
        if canonical_link(place.address) in known:
            continue
        known.add(canonical_link(place.address))
        owned = Ownership.OWNED if place.brand else Ownership.EXTERNAL
        brand_id = brands[place.brand].pk if place.brand else None
        spaces.add(
            SpaceDraft(
                place.title, place.kind, place.network, place.address, owned.value, brand_id, options=place.options
            ),
            asker=asker,
            now=now,
        )
        n, unknown = n + 1, unknown + (place.kind == SpaceKind.UNKNOWN)
    return n, unknown


def _seats(
    seats: Sequence[Seat], brands: Mapping[str, Brand], asker: Asker, now: datetime, language: str
) -> list[Invited]:
    invited = []
    for seat in seats:
        brand_id = brands[seat.brand].pk if seat.brand else None
        email = User.objects.normalize_email(seat.email).lower()
        offered = Invitation.objects.filter(
            email=email,
            role=seat.role.value,
            brand_id=brand_id,
            accepted_at=None,
            withdrawn_at=None,
            expires_at__gt=now,
        )
        seated = Membership.objects.filter(user__email=email, role=seat.role.value, brand_id=brand_id)
        if not offered.exists() and not seated.exists():
            invited.append(people.invite(email, seat.role, brand_id, asker=asker, now=now, language=language))
    return invited


@dataclass(frozen=True, slots=True)
class Counted:
    """How many stored posts each query finds, of those looked at."""

    found: Mapping[str, int]
    seen: int
    is_all: bool


def count(expressions: Mapping[str, str], *, asker: Asker, monotonic: Callable[[], float]) -> Counted:
    """Count what queries would find in what is stored, all in one pass, within a second or so.

    Raises:
        DecisionError: the role does not allow it.
        QueryError: one can't be read.
    """
    asker.require(Permission.EDIT_PEOPLE)
    queries = engine.compiled(expressions)
    found, seen, until = dict.fromkeys(expressions, 0), 0, monotonic() + COUNT_S
    names = engine.standing().spaces
    for table in archiving.heard_tables(lambda store: store.last_versions(columns=READ)):
        posts = documents.of_archive(table.slice(0, MOST_COUNTED - seen), spaces=names)
        _tally(queries, posts, found)
        seen += posts.num_rows
        if seen >= MOST_COUNTED or monotonic() > until:
            return Counted(found, seen, False)
    return Counted(found, seen, True)


def _tally(queries: Queries, posts: pa.Table, found: dict[str, int]) -> None:
    answer = queries.found(posts)
    for place in answer.query[answer.certain].tolist():
        found[queries.engine.ids[place]] += 1
