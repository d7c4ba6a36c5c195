"""What every test stands on: a folder of its own, no network but loopback, SQLite or PostgreSQL, real servers on demand."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Before Django reads its settings: a folder that is not the user's, and PostgreSQL when asked for.
os.environ.setdefault("VIGIE_VAR", tempfile.mkdtemp(prefix="vigie-test-"))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
POSTGRES = os.environ.get("VIGIE_TEST_POSTGRES") == "1"
_server: Any = None


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL before Django connects, when the run asks for it."""
    global _server  # noqa: PLW0603 -- one server per run, stopped at its end
    if POSTGRES:
        from support.postgres import Postgres

        _server = Postgres(Path(tempfile.mkdtemp(prefix="vigie-postgres-")))
        os.environ["VIGIE_DATABASE_URL"] = _server.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _server is not None:
        _server.stop()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="run the long proofs too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--run-slow"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="a long proof: make test-slow runs it"))


@pytest.fixture(autouse=True)
def _fresh_caches(tmp_path: Path) -> Iterator[None]:
    """Give each test stores of its own, and forget what the process remembers of the last one's."""
    from django.conf import settings

    before = settings.VIGIE
    from dataclasses import replace

    settings.VIGIE = replace(before, var=tmp_path, archive_url=str(tmp_path / "archive"))
    _forget()
    yield
    _forget()
    settings.VIGIE = before


def _forget() -> None:
    from django.apps import apps

    if not apps.ready:
        return
    from vigie.server import engine, keys, mirroring
    from vigie.server.services import previewing

    for module in (engine, keys, mirroring, previewing):
        module.forget()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Keep SQLite's test database in a file: workers and web are other threads and processes."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(Path(os.environ["VIGIE_VAR"]) / f"test-{os.getpid()}.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _flush_keeps_counters(django_db_setup: None) -> None:
    """Let Django empty the tables between tests: the audit log refuses deletion, and the counters must come back."""
    from support import database

    database.make_flushable()
