"""What a write that matters leaves in the audit log, and how a table of such writes is tried."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from vigie.server.models import AuditEvent
from vigie.server.permissions import Asker, Permission
from vigie.server.services import audit

from .conftest import NOW, House

CHIEF = Asker(7, "user:7", frozenset(Permission), {})
"""Who asks in these tests."""

WHEN: dict[str, Any] = {"asker": CHIEF, "now": NOW}

Act = Callable[[], object]

WHOLE = {"proposals", "spaces", "start", "demo", "evidence", "labels"}
"""What is written of the installation as a whole, and bears no number."""


@dataclass(frozen=True)
class Case:
    """A write: what must stand before it, and what its row says."""

    prepare: Callable[[House], Act]
    target: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    actor: str = "user:7"
    besides: frozenset[str] = frozenset()
    """Rows of other writes that this one leads to."""


def leaves_one_row(action: str, case: Case, house: House) -> None:
    """Make a write, and find its one row: who, what, before, after."""
    act = case.prepare(house)
    last = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    act()
    (row,) = AuditEvent.objects.filter(pk__gt=last).exclude(action__in=case.besides)
    assert row.action == action and row.at == NOW
    assert row.actor == case.actor or (case.actor == "user:" and row.actor == row.target)
    thing, _, number = row.target.partition(":")
    assert thing == case.target and (number.isdigit() or row.target in WHOLE)
    assert row.before == case.before and row.after == case.after
    assert "nina" not in str((row.before, row.after)).lower() and "zoe" not in str((row.before, row.after))


class AuditFails(Exception):
    """The log can't be written to."""


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return the record, table by table."""
    models = [m for m in apps.get_models() if m._meta.db_table.startswith("vigie_")]
    return {m._meta.db_table: list(m._default_manager.order_by("pk").values()) for m in models}


def fails(*args: Any, **values: Any) -> None:
    """Write no row."""
    raise AuditFails


def is_not_made_without_its_row(case: Case, house: House, patch: pytest.MonkeyPatch) -> None:
    """Make a write whose row fails, and find the record as it was."""
    act = case.prepare(house)
    before = everything()
    patch.setattr(audit, "write", fails)
    with pytest.raises(AuditFails):
        act()
    assert everything() == before


def actions_of(folder: Path) -> set[str]:
    """Return the actions that calls of `audit.write` name, themselves or by a table of their module."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        tables = {ast.unparse(n.targets[0]): n.value for n in tree.body if isinstance(n, ast.Assign)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.write":
                named = node.args[1]
                table = named.value if isinstance(named, ast.Subscript) else named
                found |= texts_in(tables.get(ast.unparse(table), named))
    return found


def texts_in(expression: ast.expr) -> set[str]:
    return {n.value for n in ast.walk(expression) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
