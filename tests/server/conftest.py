"""Fixtures of server tests: a company, a door, a clock that stands still."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from vigie.enrich.language import LanguageLabeller
from vigie.enrich.tone_grams import ToneLabeller
from vigie.schema.tables import POSTS
from vigie.server.models import Brand, Space, Watch
from vigie.server.permissions import COMMAND
from vigie.server.services import door, people, spaces, watches
from vigie.server.services.batch import Taken
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

NOW = datetime(2026, 10, 30, 8, 0, tzinfo=UTC)
"""The present of these tests."""


def post(native_id: str, text: str, **values: Any) -> dict[str, Any]:
    """Return a row of `tables.POSTS`."""
    return {
        "origin": "forum.example", "native_id": native_id, "network": "forum", "text": text,
        "published_at": NOW - timedelta(hours=1), **values,
    }  # fmt: skip


def table(*rows: dict[str, Any]) -> pa.Table:
    """Return rows as a table."""
    return pa.Table.from_pylist(list(rows), schema=POSTS)


@dataclass
class House:
    """A small company."""

    brand: Brand
    other: Brand
    rival: Brand
    forum: Space
    blog: Space
    watch: Watch

    def take(self, *rows: dict[str, Any], space: Space | None = None, at: datetime = NOW) -> Taken:
        """Take posts in through the door."""
        target = (space or self.forum).pk
        return door.take(table(*rows), space_id=target, heard_at=at, fetch_id=None, now=at)


@pytest.fixture
def house(db: None) -> Iterator[House]:
    """One brand of ours with a watch, another brand, a competitor, a forum, and a blog of ours."""
    brand = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=NOW)
    other = people.add_brand("Souffle", is_ours=True, asker=COMMAND, now=NOW)
    rival = people.add_brand("Kalmédis", is_ours=False, asker=COMMAND, now=NOW)
    forum = spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW)
    blog = spaces.add(
        SpaceDraft("Notre blog", "import", "blog", ownership="owned", brand_id=brand.pk), asker=COMMAND, now=NOW
    )
    watch = watches.add(WatchDraft("Sérélium", brand.pk, "product", brand.pk, "serelium"), asker=COMMAND, now=NOW)
    yield House(brand, other, rival, forum, blog, watch)


Runner = Callable[[], int]


@pytest.fixture
def run_work() -> Runner:
    """Return a function that runs all due work here, and says how many pieces."""
    from vigie.server.services import work
    from vigie.server.worker.handlers import handlers
    from vigie.server.worker.loop import Loop

    loop = Loop(handlers(clock=lambda: NOW), holder="test")

    def run() -> int:
        n = 0
        while claimed := work.claim(holder="test", limit=10):
            for one in claimed:
                loop.run_one(one)
                n += 1
        return n

    return run


@pytest.fixture(autouse=True)
def steady_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let waits be what the tests compute; that they are drawn a little longer has a test of its own."""
    from vigie.server.services import collecting

    monkeypatch.setattr(collecting, "JITTER", 0.0)


Use = Callable[..., None]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    """Return a function that sets what labels and finds; those of Vigie without any."""
    from vigie.server import engine

    def set_(*labellers: Any, finders: tuple[Any, ...] = ()) -> None:
        monkeypatch.setattr(engine, "LABELLERS", labellers or (LanguageLabeller(), ToneLabeller()))
        monkeypatch.setattr(engine, "FINDERS", finders)
        engine.forget()

    yield set_
    engine.forget()
