"""Users, memberships and invitations; closing and not deleting."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from vigie.errors import DecisionError
from vigie.schema.vocab import Role
from vigie.server.models import Brand, Invitation, Membership, User
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit

INVITATION_DAYS = 7
"""Days an invitation may be accepted: long enough for a week's leave, short enough for a lost mail to be harmless."""


def _check_role(role: Role, brand_id: int | None) -> None:
    if role is Role.SAFETY_OFFICER and brand_id is not None:
        raise DecisionError("A safety officer sees all brands.", code="people.safety_all_brands")
    if brand_id is not None and not Brand.objects.filter(pk=brand_id, is_ours=True, closed_at=None).exists():
        raise DecisionError("Choose one of our brands.", code="people.no_brand")


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation and its token, which is shown once."""

    invitation: Invitation
    token: str


@transaction.atomic
def invite(email: str, role: Role, brand_id: int | None, *, asker: Asker, now: datetime, language: str = "") -> Invited:
    """Offer a seat; the caller sends the mail after the commit.

    Raises:
        DecisionError: the role does not allow it, or the role can't be given for one brand.
    """
    asker.require(Permission.EDIT_PEOPLE)
    _check_role(role, brand_id)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=User.objects.normalize_email(email).lower(), brand_id=brand_id, role=role.value, token_hash=_hash(token),
        language=language, invited_by_id=asker.user_id, created_at=now, expires_at=now + timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    after = {"role": role.value, "brand": brand_id}
    audit.write(asker, "people.invite", f"invitation:{invitation.pk}", now=now, after=after, brand_id=brand_id)
    return Invited(invitation, token)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_invitation(token: str, *, now: datetime) -> Invitation:
    """Return the invitation that a token opens.

    Raises:
        DecisionError: it was used, withdrawn, or is too old.
    """
    row = Invitation.objects.filter(token_hash=_hash(token), accepted_at=None, withdrawn_at=None).first()
    if row is None or row.expires_at < now:
        raise DecisionError(
            "This invitation was used or is too old; ask for another one.", code="people.invitation_gone"
        )
    return row


@transaction.atomic
def accept(token: str, *, name: str, password: str, now: datetime) -> User:
    """Make the invited person a user, or give a user one more membership.

    Raises:
        DecisionError: the invitation was used, withdrawn, or is too old.
    """
    invitation = open_invitation(token, now=now)
    used = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(accepted_at=now)
    if not used:
        raise DecisionError("This invitation was used already.", code="people.invitation_gone")
    user = User.objects.filter(email=invitation.email).first()
    if user is None:
        user = User.objects.create_user(invitation.email, password, name=name.strip(), language=invitation.language)
    Membership.objects.update_or_create(user=user, brand_id=invitation.brand_id, defaults={"role": invitation.role})
    who = Asker(user.pk, f"user:{user.pk}", frozenset(), {})
    audit.write(who, "people.accept", f"user:{user.pk}", now=now, after={"invitation": invitation.pk})
    return user


@transaction.atomic
def withdraw(invitation_id: int, *, asker: Asker, now: datetime) -> None:
    """Take an invitation back."""
    asker.require(Permission.EDIT_PEOPLE)
    gone = Invitation.objects.filter(pk=invitation_id, accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)
    audit.write(
        asker, "people.withdraw", f"invitation:{invitation_id}", now=now,
        before={"open": bool(gone)}, after={"open": False},
    )  # fmt: skip


@transaction.atomic
def set_role(user_id: int, role: Role | None, brand_id: int | None, *, asker: Asker, now: datetime) -> None:
    """Give a user a role in a brand or in all, or take it away (`None`).

    Raises:
        DecisionError: the role does not allow it, or nobody would administer any more.
    """
    asker.require(Permission.EDIT_PEOPLE)
    if role is not None:
        _check_role(role, brand_id)
    current = Membership.objects.filter(user_id=user_id, brand_id=brand_id).first()
    before = current.role if current else None
    if role is None:
        Membership.objects.filter(user_id=user_id, brand_id=brand_id).delete()
    else:
        Membership.objects.update_or_create(user_id=user_id, brand_id=brand_id, defaults={"role": role.value})
    _keep_an_administrator()
    audit.write(
        asker, "people.role", f"user:{user_id}", now=now, brand_id=brand_id,
        before={"role": before, "brand": brand_id}, after={"role": role.value if role else None, "brand": brand_id},
    )  # fmt: skip


@transaction.atomic
def set_active(user_id: int, *, active: bool, asker: Asker, now: datetime) -> None:
    """Close a user's access, or open it again.

    Raises:
        DecisionError: the role does not allow it, or nobody would administer any more.
    """
    asker.require(Permission.EDIT_PEOPLE)
    was = User.objects.filter(pk=user_id).values_list("is_active", flat=True).first()
    User.objects.filter(pk=user_id).update(is_active=active)
    _keep_an_administrator()
    audit.write(asker, "people.active", f"user:{user_id}", now=now, before={"active": was}, after={"active": active})


def _keep_an_administrator() -> None:
    administrators = Membership.objects.filter(role=Role.ADMINISTRATOR.value, brand=None, user__is_active=True)
    if not administrators.exists():
        raise DecisionError("Somebody must remain administrator of all brands.", code="people.last_administrator")


@transaction.atomic
def add_brand(name: str, *, is_ours: bool, asker: Asker, now: datetime) -> Brand:
    """Add a brand of ours or a competitor.

    Raises:
        DecisionError: the role does not allow it, or the name is taken.
    """
    asker.require(Permission.EDIT_PEOPLE)
    if Brand.objects.filter(name=name.strip()).exists():
        raise DecisionError("A brand of this name stands already.", code="people.brand_taken")
    brand = Brand.objects.create(name=name.strip(), is_ours=is_ours)
    audit.write(asker, "brand.add", f"brand:{brand.pk}", now=now, after={"ours": is_ours}, brand_id=brand.pk)
    return brand


def reset_link(email: str) -> str:
    """Return a link that sets a new password, valid as long as the one sent by mail.

    Raises:
        DecisionError: nobody has this address.
    """
    from allauth.account.forms import default_token_generator  # noqa: PLC0415 -- 0.3 s that the worker need not pay
    from allauth.account.utils import user_pk_to_url_str  # noqa: PLC0415 -- 0.3 s that the worker need not pay

    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise DecisionError("Nobody with this address may log in here.", code="people.unknown", facts={})
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    return f"{settings.VIGIE.public_url}{reverse('account_reset_password_from_key', args=key.split('-', 1))}"
