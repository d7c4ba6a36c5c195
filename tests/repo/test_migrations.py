"""Migrations: never edited once on main, and none is wanting."""

import hashlib
from pathlib import Path

import pytest
from django.core.management import call_command

FOLDER = Path(__file__).parents[2] / "src" / "vigie" / "server" / "migrations"

ON_MAIN = {
    "0001_first": "8ba2295c3f9b6aa0",
    "0002_counters_and_append_only_audit": "453f2bc2c1312ad8",
    "0003_wanted": "1249abb2b54b37ed",
    "0004_recount": "ba6f9bd287c02a2c",
    "0005_lists": "884d917ba2db4e3d",
    "0006_listening": "da74b44d1145a5f7",
    "0008_catalogue": "1c0d943be9174534",
    "0009_understanding": "2b668928d91ac589",
    "0010_pseudonyms": "1e72b89048db4b60",
    "0011_audit_by_actor": "df50bee91b8ebe31",
}
"""The beginning of each migration's SHA-256. A new one adds its line with the commit that brings it; no line changes."""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def test_no_migration_was_edited_once_on_main() -> None:
    assert {path.stem: digest(path) for path in FOLDER.glob("[0-9]*.py")} == ON_MAIN


@pytest.mark.django_db
def test_models_have_no_change_without_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
