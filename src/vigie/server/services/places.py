"""What a source is handed: the address of a space, its options, and its secrets, decrypted for this one call."""

from datetime import datetime

from django.db import transaction

from vigie.collect.registry import sources
from vigie.collect.source import Option, Place
from vigie.errors import DecisionError
from vigie.server import vault
from vigie.server.models import Space, SpaceSecret
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit


def place_of(space: Space) -> Place:
    """Return what the source of a space reads.

    Raises:
        ConfigError: a secret can't be decrypted with the keys that are set.
    """
    has_secrets = any(option.is_secret for option in options_of(space.kind))
    rows = SpaceSecret.objects.filter(space=space).values_list("name", "value") if has_secrets else ()
    return Place(
        space.address, dict(space.options), {name: vault.unseal(bytes(value)).decode() for name, value in rows}
    )


def options_of(kind: str) -> tuple[Option, ...]:
    """Return what the source of a kind of space must be told; nothing for imports and what is not installed."""
    found = sources().get(kind)
    return found.options if found is not None else ()


@transaction.atomic
def set_secret(space_id: int, name: str, value: str, *, asker: Asker, now: datetime) -> None:
    """Set a secret of a space, or remove it by an empty value; the audit says that it was set, never what.

    Raises:
        DecisionError: the role does not allow it, or the source has no such secret.
    """
    space = Space.objects.select_for_update().get(pk=space_id)
    asker.require(Permission.EDIT_SPACES, brand_id=space.brand_id)
    if name not in {option.name for option in options_of(space.kind) if option.is_secret}:
        raise DecisionError("This kind of space has no such secret.", code="space.no_secret")
    if value:
        SpaceSecret.objects.update_or_create(
            space=space,
            name=name,
            defaults={"value": vault.seal(value.encode()), "set_at": now, "set_by_id": asker.user_id},
        )
    else:
        SpaceSecret.objects.filter(space=space, name=name).delete()
    audit.write(
        asker,
        "space.secret",
        f"space:{space.pk}",
        now=now,
        after={"name": name, "is_set": bool(value)},
        brand_id=space.brand_id,
    )


@transaction.atomic
def rotate(*, asker: Asker, now: datetime) -> int:
    """Encrypt every secret anew under the first key; return how many.

    Raises:
        ConfigError: one can't be decrypted; then none was changed.
    """
    rows = list(SpaceSecret.objects.select_for_update())
    for row in rows:
        row.value = vault.resealed(bytes(row.value))
    SpaceSecret.objects.bulk_update(rows, ["value"], batch_size=500)
    audit.write(asker, "secrets.rotate", f"secrets:{len(rows)}", now=now, after={"count": len(rows)})
    return len(rows)
