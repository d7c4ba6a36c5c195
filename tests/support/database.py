"""Let a test database be emptied between tests."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models.signals import post_migrate

first_counters = import_module("vigie.server.migrations.0002_counters_and_append_only_audit")


def make_flushable() -> None:
    """Wrap Django's flush: triggers of the audit log step aside, counters begin anew."""
    operations = type(connection.ops)
    if getattr(operations, "_vigie_flush", False):
        return
    original = operations.execute_sql_flush

    def flush(self: Any, statements: Sequence[str]) -> None:
        _without_triggers(lambda: original(self, statements))

    operations.execute_sql_flush = flush
    operations._vigie_flush = True
    post_migrate.connect(_counters, weak=False)


def _without_triggers(act: Callable[[], None]) -> None:
    names = ("audit_no_update", "audit_no_delete")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in names:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
    act()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for statement in first_counters.SQLITE:
                cursor.execute(statement)


def _counters(sender: Any, **_: Any) -> None:
    """Put the counters back after a flush, which tells so as a migration does."""
    counter = apps.get_model("vigie", "Counter")
    if getattr(sender, "label", "") == "vigie" and not counter.objects.exists():
        first_counters.set_counters(apps, None)
