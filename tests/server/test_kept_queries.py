"""A start takes the compiled queries of the last one, whatever became of their file."""

import os
from pathlib import Path

import pytest

from vigie.match import Query
from vigie.match import engine as match_engine
from vigie.match.laid import Laid
from vigie.schema.vocab import Purpose
from vigie.server import engine
from vigie.server.models import Brand, NamedList, Watch
from vigie.server.permissions import COMMAND
from vigie.server.services import lists, watches
from vigie.server.services.watches import WatchDraft

from .test_fields import NOW, add_watches

pytestmark = pytest.mark.django_db


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note how many queries are compiled, each time that some are."""
    seen: list[int] = []
    lay = match_engine.lay

    def noted(queries: list[Query], **how: object) -> Laid:
        asked = list(queries)
        seen.append(len(asked))
        return lay(asked, **how)

    monkeypatch.setattr(match_engine, "lay", noted)
    monkeypatch.setattr("vigie.match.kept.lay", noted)
    return seen


def start() -> set[str]:
    """Start anew; return the watches that the engine holds."""
    engine.forget()
    return set(engine.standing().queries.engine.ids)


def test_second_start_compiles_nothing(compiled: list[int]) -> None:
    names = add_watches(("doliprane", "aspirine"))
    assert start() == set(map(str, names))
    assert engine.kept_file().stat().st_mode & 0o077 == 0
    assert [p.name for p in engine.kept_file().parent.glob("queries*")] == ["queries.kept"]
    compiled.clear()
    assert start() == set(map(str, names))
    assert compiled == []


def test_start_after_a_change_compiles_what_changed(compiled: list[int]) -> None:
    add_watches(("doliprane", "aspirine", "ibuprofene"))
    start()
    watches.add(WatchDraft("neuf", Brand.objects.get().pk, Purpose.BRAND, None, "paracetamol"), asker=COMMAND, now=NOW)
    compiled.clear()
    assert len(start()) == 4
    assert compiled == [1]
    start()
    assert compiled == [1]


@pytest.mark.parametrize("bad", [b"", b"nonsense", b"\0" * 10_000])
def test_spoilt_file_is_made_anew(compiled: list[int], bad: bytes) -> None:
    names = add_watches(("doliprane",))
    start()
    engine.kept_file().write_bytes(bad)
    compiled.clear()
    assert start() == set(map(str, names))
    assert compiled == [1]
    assert engine.kept_file().stat().st_size > len(b"nonsense")
    assert start() == set(map(str, names))
    assert compiled == [1]


def test_file_may_be_deleted_and_need_not_be_written(
    compiled: list[int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    names = add_watches(("doliprane",))
    start()
    engine.kept_file().unlink()

    def full(draft: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert start() == set(map(str, names))
    assert not list(engine.kept_file().parent.glob("queries*"))
    assert "No space left" in caplog.text


def test_no_watch_is_nothing_to_keep() -> None:
    assert start() == set()
    add_watches(("doliprane",))
    start()
    Watch.objects.update(closed_at=NOW)
    assert start() == set()


def test_changed_list_compiles_nothing(compiled: list[int]) -> None:
    lists.add("amis", lists.Entries(authors=(("forum.example", "zoé"),)), asker=COMMAND, now=NOW)
    add_watches(("list:amis", "doliprane"))
    start()
    compiled.clear()
    lists.change(
        NamedList.objects.get().pk,
        lists.Entries(authors=(("forum.example", "bob"),)),
        without=[],
        asker=COMMAND,
        now=NOW,
    )
    assert len(engine.standing().queries.knowledge.lists["amis"].authors) == 2
    assert engine.standing().queries.engine.knowledge == engine.standing().queries.knowledge
    assert compiled == []
