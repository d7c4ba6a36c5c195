"""Propose entries of the register of names, from the mentions since the last time and from what is declared ours.

Mentions are walked by their revision, 1,000 a transaction, as daily work: nobody waits for it, and a run that dies goes
on where it stood. A mention is held against the names of the brand it works for alone, so that what one brand's watches
found is proposed to no other.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from vigie.collect.names import Candidate, Sighting, host_of, known_of, propose
from vigie.match.document import LINK
from vigie.match.spellings import spellings
from vigie.schema.vocab import NameKind, Ownership, Purpose
from vigie.server.models import Brand, Counter, Mention, NameEntry, Space, TrackedAccount, Watch
from vigie.server.permissions import WORKER
from vigie.server.services import audit, authors
from vigie.server.services.work import Outcome, Progress

STEP = 1_000
"""Mentions per transaction (DESIGN §1, rule 8)."""

AGAIN_S, FIRST_IN_S = 86_400.0, 60.0
"""Seconds between two runs, and before the first: names in our name do not come by the hour."""

MOST_WAITING = 500
"""Proposals that wait for a decision: with more the run stops where it stands, and goes on when people have decided."""

POSITION = "names"
"""The counter that holds the revision of the last mention looked at."""


@dataclass(frozen=True, slots=True)
class _Own:
    """What one brand of ours is called, and what it has declared."""

    names: tuple[str, ...]
    addresses: tuple[str, ...]


def run(job: Progress, *, clock: Callable[[], datetime]) -> Outcome:
    """Look at what mentions brought since the last run; comes back every day."""
    own, added = _own(), _declared(clock())
    counter, _ = Counter.objects.get_or_create(name=POSITION)
    position = counter.value
    while _waiting() < MOST_WAITING and (rows := _next(position)):
        added += _look(rows, own, clock())
        position = rows[-1].revision
        job.checkpoint(done=added)
    return Outcome("names.proposed", {"n": added}, again_in_s=AGAIN_S)


def _waiting() -> int:
    return NameEntry.objects.filter(is_ours=None, closed_at=None).count()


def _next(position: int) -> list[Mention]:
    rows = Mention.objects.filter(revision__gt=position, lapsed_at=None).select_related("watch", "post")
    return list(rows.order_by("revision")[:STEP])


def _own() -> dict[int, _Own]:
    """Return names and declared addresses of each brand of ours."""
    names, addresses = _names(), _addresses()
    return {brand: _Own(tuple(dict.fromkeys(names[brand])), tuple(addresses[brand])) for brand in names}


def _names() -> dict[int, list[str]]:
    """Return what our brands and their products are called, with the spellings that watches ask for."""
    found = {brand.pk: [brand.name] for brand in Brand.objects.filter(is_ours=True, closed_at=None)}
    purposes = (Purpose.BRAND.value, Purpose.PRODUCT.value)
    for watch in Watch.objects.filter(closed_at=None, subject_id__in=found, purpose__in=purposes, space=None):
        if watch.subject_id is not None:
            found[watch.subject_id] += [watch.name, *spellings(watch.expression)]
    return found


def _addresses() -> dict[int, list[str]]:
    found = defaultdict[int, list[str]](list)
    spaces = Space.objects.exclude(ownership=Ownership.EXTERNAL.value).exclude(address="").exclude(brand=None)
    for brand_id, address in spaces.values_list("brand_id", "address"):
        found[brand_id or 0].append(address)
    for brand_id, address in TrackedAccount.objects.filter(brand__is_ours=True).values_list("brand_id", "address"):
        found[brand_id].append(address)
    return found


@transaction.atomic
def _look(rows: Sequence[Mention], own: dict[int, _Own], now: datetime) -> int:
    """Keep the candidates of some mentions, and how far the look has come; return how many are new."""
    handles = authors.handles([row.post.author_id for row in rows if row.post.author_id], now=now)
    by_brand = defaultdict[int, list[Mention]](list)
    for row in rows:
        by_brand[row.watch.brand_id].append(row)
    every = tuple(address for one in own.values() for address in one.addresses)
    added = 0
    for brand_id, mentions in by_brand.items():
        if brand_id in own:
            added += _keep(brand_id, own[brand_id].names, every, mentions, handles, now)
    Counter.objects.update_or_create(name=POSITION, defaults={"value": rows[-1].revision})
    return added


def _keep(
    brand_id: int, names: Sequence[str], ours: Sequence[str], mentions: Sequence[Mention], handles: dict[int, str], now: datetime
) -> int:  # fmt: skip
    candidates = propose(
        [_sighting(m, handles) for m in mentions], names=names, known=known_of(ours, names=names) | set(ours)
    )
    addresses = [one.address for one in candidates]
    there = set(NameEntry.objects.filter(address__in=addresses).values_list("address", flat=True))
    new = [one for one in candidates if one.address not in there]
    writers = {
        f"{m.post.origin} {handles[m.post.author_id].removeprefix('@')}": m.post.author_id
        for m in mentions
        if m.post.author_id in handles
    }
    for one in new:
        reason = _reason(one) | ({"author": writers[one.address]} if one.address in writers else {})
        _enter(one.kind, one.address, one.name, brand_id, one.by, reason, now)
    return len(new)


def _sighting(mention: Mention, handles: dict[int, str]) -> Sighting:
    post = mention.post
    links = tuple(link.rstrip(".,;:!?…") for link in LINK.findall(f"{post.title}\n{post.text}"))
    return Sighting(mention.pk, links, post.url, post.origin, handles.get(post.author_id or 0, ""))


def _reason(one: Candidate) -> dict[str, Any]:
    return {"bears": one.bears, "like": one.likeness.value, "mentions": list(one.mentions), "score": one.score}


def _enter(
    kind: NameKind, address: str, name: str, brand_id: int, by: str, reason: dict[str, Any], now: datetime
) -> None:
    entry = NameEntry.objects.create(
        kind=kind.value, address=address, name=name[:200], brand_id=brand_id, found_in=by, reason=reason, created_at=now
    )
    after = {"kind": kind.value, "by": by}
    audit.write(WORKER, "name.propose", f"name:{entry.pk}", now=now, after=after, brand_id=brand_id)


@transaction.atomic
def _declared(now: datetime) -> int:
    """Enter spaces and accounts of ours, so that somebody says who holds them; return how many are new."""
    accounts = TrackedAccount.objects.filter(brand__is_ours=True, closed_at=None)
    spaces = Space.objects.filter(~Q(address=""), ownership=Ownership.OWNED.value, closed_at=None)
    found = [(NameKind.ACCOUNT, a.address, a.name, a.brand_id, "account") for a in accounts]
    found += [(NameKind.PAGE, s.address, s.title, s.brand_id or 0, "space") for s in spaces if host_of(s.address)]
    there = set(
        NameEntry.objects.filter(address__in=[address for _, address, *_ in found]).values_list("address", flat=True)
    )
    new = {
        address: (kind, address, name, brand, by) for kind, address, name, brand, by in found if address not in there
    }
    for kind, address, name, brand, by in new.values():
        _enter(kind, address, name, brand, by, {}, now)
    return len(new)
