"""The audit log in words: every code that is written has a sentence, and pages ask by the code."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from vigie.schema.vocab import Role
from vigie.server.models import Membership, User
from vigie.server.permissions import COMMAND, Asker
from vigie.server.services import audit
from vigie.web import acted

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SOURCES = Path(acted.__file__).parents[1]


def codes(module: ast.Module) -> set[str]:
    """Return the codes that a module hands to the audit log, followed through its names, tables and helpers."""
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call) and len(node.args) > 1]
    asked = [call.args[1] for call in calls if ast.unparse(call.func) in ("audit.write", "_write")]
    named = {one.id for given in asked for one in ast.walk(given) if isinstance(one, ast.Name)}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in named for t in node.targets):
            asked.append(node.value)
    return {
        one.value
        for given in asked
        for one in ast.walk(given)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and "." in one.value
    }


def test_every_code_that_is_written_has_a_sentence_and_none_other() -> None:
    texts = [path.read_text("utf-8") for path in SOURCES.rglob("*.py")]
    written = set().union(*(codes(ast.parse(text)) for text in texts if "audit" in text))
    assert written == set(acted.ACTED)


@pytest.fixture
def administrator(logged_in: Client, user: User) -> Client:
    Membership.objects.create(user=user, brand=None, role=Role.ADMINISTRATOR)
    return logged_in


def test_page_says_who_did_what_in_the_readers_language(administrator: Client, user: User) -> None:
    with transaction.atomic():
        audit.write(COMMAND, "watch.add", "watch:7", now=NOW, after={"version": 1})
        audit.write(COMMAND, "of.yore", "watch:7", now=NOW)
    page = administrator.get("/audit/").content.decode()
    assert "a ajouté une veille" in page and "une commande" in page
    assert ">of.yore</a>" in page, "a code of an earlier version is shown as it stands"
    asked = administrator.get(f"/audit/?action=watch.add&actor=user:{user.pk}").content.decode()
    assert "a ajouté une veille" in asked and "Alice" in asked, "filters are told in words too"
    assert "of.yore" not in asked


def test_what_people_did_stands_by_itself(administrator: Client, user: User) -> None:
    with transaction.atomic():
        audit.write(COMMAND, "watch.add", "watch:7", now=NOW)
        audit.write(Asker(user.pk, f"user:{user.pk}", frozenset(), {}), "list.add", "list:1", now=NOW)
    page = administrator.get("/audit/?by=people").content.decode()
    assert "a ajouté une liste" in page and "a ajouté une veille" not in page


@pytest.mark.parametrize("actor", ["user:", "user:x", "user:99999999999999999999", "éditeur:1", "user:1/../2"])
def test_actor_that_is_none_is_shown_as_it_was_asked(administrator: Client, actor: str) -> None:
    page = administrator.get("/audit/", {"actor": actor})
    assert page.status_code == 200 and actor in page.content.decode()
