"""Leave the demo: one press puts it aside, whole, and begins an empty record."""

import os
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from vigie.errors import DecisionError
from vigie.schema.vocab import Role
from vigie.server import aside
from vigie.server.aside import Leaving
from vigie.server.config import load
from vigie.server.models import Membership, User
from vigie.server.permissions import COMMAND, Asker, Permission
from vigie.server.services import audit, demo

SUPERVISED = "SUPERVISED_BY_VIGIE"
"""Set in the environment of web and worker by `vigie demo` and `vigie up`, which can start them anew."""


def is_demo() -> bool:
    """Say whether this record holds the demo company."""
    return User.objects.filter(email=demo.users()[0].email).exists()


def obstacle() -> str:
    """Return why the demo can't be left by a press, as a code; nothing when it can."""
    config, default = settings.VIGIE, load({"VIGIE_VAR": str(settings.VIGIE.var)})
    if not is_demo():
        return "leave.no_demo"
    if config.database_url != default.database_url or config.archive_url != default.archive_url:
        return "leave.elsewhere"
    return "" if os.environ.get(SUPERVISED) else "leave.not_supervised"


@transaction.atomic
def ask(email: str, name: str, password: str, *, language: str, asker: Asker, now: datetime) -> str:
    """Ask for the demo to be put aside, with the first administrator of what follows; return the demo's new folder.

    The command that started web and worker sees the request, stops both, moves the demo and begins anew.

    Raises:
        DecisionError: the role does not allow it, or the demo can't be left by a press.
    """
    asker.require(Permission.EDIT_PEOPLE)
    if code := obstacle():
        raise DecisionError("The demo can't be left from here; its page says why.", code=code)
    folder = _free_folder(now)
    audit.write(asker, "demo.leave", "demo", now=now, after={"aside": True})
    leaving = Leaving(
        folder, User.objects.normalize_email(email).lower(), name.strip(), make_password(password), language
    )
    transaction.on_commit(lambda: aside.ask(Path(settings.VIGIE.var), leaving))
    return str(Path(settings.VIGIE.var) / folder)


def _free_folder(now: datetime) -> str:
    """Return a name that no demo put aside before has: what is there is never written over."""
    name = f"{aside.PREFIX}{now:%Y%m%dT%H%M%S}"
    taken = {entry.name for entry in Path(settings.VIGIE.var).glob(f"{name}*")}
    return next(one for one in (name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)


@transaction.atomic
def begin(leaving: Leaving, *, now: datetime) -> User:
    """Make the first administrator of the record that follows the demo's; done twice, it is the same one."""
    user = User.objects.filter(email=leaving.email).first()
    if user is None:
        user = User(email=leaving.email, name=leaving.name, language=leaving.language, password=leaving.password_hash)
        user.save()
        Membership.objects.create(user=user, brand=None, role=Role.ADMINISTRATOR.value)
        after = {"role": Role.ADMINISTRATOR.value, "brands": [None]}
        audit.write(COMMAND, "user.add", f"user:{user.pk}", now=now, after=after)
    return user
