"""Set the counters, and make the audit log append-only in the database itself."""

import secrets
from typing import Any

from django.db import migrations

COUNTERS = ("revision", "watches", "forgotten")

SQLITE = [
    f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON vigie_auditevent "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    for verb in ("UPDATE", "DELETE")
]

POSTGRESQL = [
    "CREATE FUNCTION vigie_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
    "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON vigie_auditevent "
    "FOR EACH STATEMENT EXECUTE FUNCTION vigie_audit_append_only()",
]


def set_counters(apps: Any, schema_editor: Any) -> None:
    """Start every counter at zero, in an epoch of its own."""
    counter = apps.get_model("vigie", "Counter")
    epoch = secrets.randbits(62)
    counter.objects.bulk_create([counter(name=name, value=0, epoch=epoch) for name in COUNTERS])


def add_triggers(apps: Any, schema_editor: Any) -> None:
    """Refuse every change of a row of the audit log."""
    statements = POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("vigie", "0001_first")]

    operations = [
        migrations.RunPython(set_counters, migrations.RunPython.noop),
        migrations.RunPython(add_triggers, migrations.RunPython.noop),
    ]
