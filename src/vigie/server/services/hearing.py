"""How well each space is heard: its state after every read, its rhythm, and who is told when a state changes."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation

from vigie.collect import rhythm
from vigie.collect.rhythm import Heard, Rhythm
from vigie.errors import DecisionError, Facts
from vigie.schema.vocab import SpaceKind, SpaceState
from vigie.server.database import made, select
from vigie.server.models import Notice, Space, SpaceRead, SpaceStateRow, User
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import scope
from vigie.server.services import audit, work
from vigie.server.services.work import Outcome, Progress

log = logging.getLogger("vigie.hearing")

PATIENCE = 3
"""Reads that fail in a row before people are told of what may pass by itself: one or two are the other side's weather."""

TOLD_AT_ONCE = (SpaceState.LOGIN, SpaceState.REFUSED, SpaceState.GONE, SpaceState.BROKEN, SpaceState.SILENT)
"""States that do not pass by themselves."""

RELEARN = timedelta(days=1)
"""Age at which a rhythm is learnt anew: it changes by the week."""

MAIL_IN_S = 60.0
"""Seconds that a mail waits for more to tell: a network that goes down takes many spaces with it."""


def settle(space: Space, read: SpaceRead, *, facts: Facts, now: datetime, changed: Sequence[str]) -> None:
    """Put a space in the state that its last read shows, inside the transaction that closes the read; save what changed.

    Cost: two statements when the space stays as it is.
    """
    changed = list(changed)
    is_first = space.last_new_at is None
    if read.new:
        space.last_new_at = now
        changed.append("last_new_at")
    # What came for the first time, if anything did, teaches no rhythm.
    if not is_first and _relearn_if_old(space, now):
        changed.append("rhythm")
    if space.kind == SpaceKind.UNKNOWN:
        # It was never heard, so nothing is lost: why it could not be read stands beside the state.
        space.save(update_fields=changed)
        change_state(space, SpaceState.NEW, code=read.code, facts=facts, now=now)
        return
    heard = Heard(read.code, read.heard, read.new, read.skipped)
    zone = settings.VIGIE.time_zone
    state = rhythm.state_after(heard, rhythm=rhythm_of(space), last_new=space.last_new_at, now=now, zone=zone)
    space.state = SpaceState(state).value
    space.save(update_fields=[*changed, "state"])
    _begin_state(space, SpaceState(state), code=read.code, facts=facts, now=now)


def change_state(space: Space, state: SpaceState, *, code: str, facts: Facts, now: datetime) -> None:
    """End the state a space is in and begin another; people are told of what they must know."""
    Space.objects.filter(pk=space.pk).update(state=state.value)
    space.refresh_from_db(fields=["failures"])
    _begin_state(space, state, code=code, facts=facts, now=now)


_OPEN_STATE = "SELECT id, state, code FROM vigie_spacestaterow WHERE space_id = %s AND until IS NULL"


def _begin_state(space: Space, state: SpaceState, *, code: str, facts: Facts, now: datetime) -> None:
    current = next(iter(select(_OPEN_STATE, [space.pk])), None)
    if current is not None and current[1:] == (state.value, code):
        # What is heard as before has nothing to tell; what is not may have lasted too long by now.
        if not rhythm.is_heard(state):
            _tell(space, state, code=code, facts=facts, now=now)
        return
    if current is not None:
        SpaceStateRow.objects.filter(pk=current[0]).update(until=now)
    made(SpaceStateRow(space=space, state=state.value, since=now, code=code, facts=dict(facts)))
    log.info("space.state", extra={"space": space.pk, "state": state.value, "code": code})
    # A space that is heard at its very first read was never told of.
    if current is not None or not rhythm.is_heard(state):
        _tell(space, state, code=code, facts=facts, now=now)


def _tell(space: Space, state: SpaceState, *, code: str, facts: Facts, now: datetime) -> None:
    """Leave a notice when hearing is lost for good or for long, and when it is back; one for each change."""
    open_ = Notice.objects.filter(space=space, kind="space.state").order_by("-pk").first()
    lost = state in TOLD_AT_ONCE or (state == SpaceState.LIMITED and space.failures >= PATIENCE)
    back = rhythm.is_heard(state) and open_ is not None and open_.facts.get("state") not in rhythm.HEARD_STATES
    same = open_ is not None and open_.facts.get("state") == state.value and open_.code == code
    if (not lost or same) and not back:
        return
    known: dict[str, Any] = {**facts, "state": state.value, "title": space.title}
    Notice.objects.create(kind="space.state", space=space, brand_id=space.brand_id, code=code, facts=known, at=now)
    work.enqueue("notify", "notify", in_s=MAIL_IN_S)


def rhythm_of(space: Space) -> Rhythm | None:
    """Return the rhythm of a space as it was last learnt; `None` while it is not known."""
    kept = space.rhythm or {}
    if not kept.get("rates"):
        return None
    return Rhythm(tuple(kept["rates"]), kept["longest_s"], kept["moments"])


def _relearn_if_old(space: Space, now: datetime) -> bool:
    """Learn the rhythm anew when it is old; say whether it was, for the caller to save."""
    learnt = (space.rhythm or {}).get("at")
    if learnt and now - datetime.fromisoformat(learnt) < RELEARN:
        return False
    reads = SpaceRead.objects.filter(space=space, new__gt=0, started_at__gte=now - rhythm.PAST).order_by("started_at")
    moments = list(reads.values_list("started_at", flat=True))
    found = rhythm.learn(moments, until=now, zone=settings.VIGIE.time_zone)
    kept: dict[str, Any] = {"at": now.isoformat()}
    if found is not None:
        kept |= {"rates": list(found.rates), "longest_s": found.longest_s, "moments": found.moments}
    space.rhythm = kept
    return True


@transaction.atomic
def lock(space_id: int, *, asker: Asker, now: datetime) -> None:
    """Stop reading a space for a while.

    Raises:
        DecisionError: the role does not allow it, or it is no space that is read.
    """
    space = _steered(space_id, asker)
    Space.objects.filter(pk=space_id).update(locked_at=now, next_read_at=None)
    change_state(space, SpaceState.LOCKED, code="", facts={}, now=now)
    before, after = {"locked": space.locked_at is not None}, {"locked": True}
    audit.write(asker, "space.lock", f"space:{space_id}", now=now, before=before, after=after, brand_id=space.brand_id)


@transaction.atomic
def unlock(space_id: int, *, asker: Asker, now: datetime) -> None:
    """Read a space again: the undo of `lock`; the next read goes on where the last one stopped."""
    space = _steered(space_id, asker)
    Space.objects.filter(pk=space_id).update(locked_at=None, next_read_at=now, failures=0)
    change_state(space, SpaceState.NEW, code="", facts={}, now=now)
    before, after = {"locked": space.locked_at is not None}, {"locked": False}
    audit.write(
        asker, "space.unlock", f"space:{space_id}", now=now, before=before, after=after, brand_id=space.brand_id
    )


def _steered(space_id: int, asker: Asker) -> Space:
    space = Space.objects.select_for_update().get(pk=space_id)
    asker.require(Permission.EDIT_SPACES, brand_id=space.brand_id)
    if space.kind == SpaceKind.IMPORT or space.closed_at is not None:
        raise DecisionError("This space is not read by itself; there is nothing to pause.", code="space.not_read")
    return space


@transaction.atomic
def see(notice_id: int, *, asker: Asker, now: datetime) -> None:
    """Take a notice off the pages; the audit keeps who did."""
    notice = Notice.objects.select_for_update().get(pk=notice_id)
    asker.require(Permission.SEE_SPACES)
    asker.require(Permission.EDIT_SPACES, brand_id=notice.brand_id)
    Notice.objects.filter(pk=notice_id, seen_at=None).update(seen_at=now, seen_by=asker.user_id)
    audit.write(asker, "notice.see", f"notice:{notice_id}", now=now, after={"seen": True}, brand_id=notice.brand_id)


def send(job: Progress, *, now: datetime) -> Outcome:
    """Mail what people must know, one mail a person; what was sent is marked, so that a repeat sends nothing twice.

    A mail server that is away leaves the notices for the next try.
    """
    waiting = list(Notice.objects.filter(mailed_at=None).select_related("space").order_by("pk")[:200])
    sent = 0
    for user, notices in _by_reader(waiting):
        _mail(user, notices)
        sent += 1
        job.checkpoint(done=sent)
    Notice.objects.filter(pk__in=[n.pk for n in waiting], mailed_at=None).update(mailed_at=now)
    return Outcome("notices.sent", {"n": sent})


def _by_reader(notices: Iterable[Notice]) -> list[tuple[User, list[Notice]]]:
    """Return whom to tell what: those who may edit the space concerned."""
    readers: dict[User, list[Notice]] = defaultdict(list)
    users = list(User.objects.filter(Q(is_active=True)).order_by("pk"))
    askers = {user.pk: scope.asker(user.pk) for user in users}
    for notice in notices:
        for user in users:
            if askers[user.pk].may(Permission.EDIT_SPACES, brand_id=notice.brand_id):
                readers[user].append(notice)
    return list(readers.items())


def _mail(user: User, notices: list[Notice]) -> None:
    with translation.override(user.language or settings.VIGIE.language):
        context = {"user": user, "notices": notices, "public_url": settings.VIGIE.public_url}
        subject = render_to_string("web/spaces/notice_subject.txt", context).strip()
        body = render_to_string("web/spaces/notice_message.txt", context)
    EmailMultiAlternatives(subject, body, settings.DEFAULT_FROM_EMAIL, [user.email]).send()
