"""Change many rows in a migration: batch by batch, each its own transaction, and from where a killed try stopped.

A migration that uses it says `atomic = False`, else all batches are one transaction.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

ROWS = 1_000
"""Rows of a batch: a transaction under 2 s, so that another writer of SQLite waits no longer (DESIGN §1, rule 8)."""

LONGEST_NAME = 22
"""Characters of a name: with its prefix it fits the counter's thirty."""


def in_batches(
    apps: Any,
    schema_editor: Any,
    *,
    name: str,
    model: str,
    change: Callable[[Any, Sequence[Any]], None],
    rows: int = ROWS,
) -> None:
    """Hand the keys of all rows of a model to `change`, in order; a batch and the place after it are one transaction.

    Args:
        name: Name of the place, no other migration's.
        change: Given the model as it is at this migration, and keys; changes those rows and no others.
    """
    assert len(name) <= LONGEST_NAME, name  # noqa: S101 -- a mistake of whoever writes a migration
    using = schema_editor.connection.alias
    # Inside one transaction a kill would undo every batch, and a lock would be held all the while.
    assert not schema_editor.connection.in_atomic_block, "say atomic = False"  # noqa: S101 -- as above
    table = apps.get_model("vigie", model)
    counters = apps.get_model("vigie", "Counter").objects.using(using)
    place, _ = counters.get_or_create(name=f"batches:{name}")
    while keys := list(_after(table, using, place.value).values_list("pk", flat=True)[:rows]):
        with transaction.atomic(using=using):
            change(table, keys)
            place.value = keys[-1]
            place.save(using=using, update_fields=["value"])
    place.delete(using=using)


def _after(table: Any, using: str, key: int) -> Any:
    """Return the rows after a key; the place begins at 0, below every key that a database gives."""
    return table.objects.using(using).filter(pk__gt=key).order_by("pk")
