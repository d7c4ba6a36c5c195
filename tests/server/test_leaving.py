"""Leaving the demo: moved aside whole, whatever step it dies at, and an empty record begins with one administrator."""

import json
from pathlib import Path
from typing import Any

import pytest

from vigie.errors import DecisionError
from vigie.schema.vocab import Role
from vigie.server import aside
from vigie.server.aside import Leaving
from vigie.server.models import AuditEvent, Membership, User
from vigie.server.permissions import COMMAND, asker_of
from vigie.server.services import demo, leaving

from .conftest import NOW

GOING = Leaving("demo-1", "nina@example.org", "Nina", "argon2$x", "fr")


def filled(folder: Path) -> Path:
    (folder / "archive" / "part").mkdir(parents=True)
    (folder / "build").mkdir()
    for name in ("vigie.sqlite3", "vigie.sqlite3-wal", "secret.key", "vigie.log", "archive/part/1"):
        (folder / name).write_text(name)
    (folder / "demo-0").mkdir()
    return folder


def test_all_that_is_the_demo_s_is_moved_and_nothing_else(tmp_path: Path) -> None:
    aside.ask(filled(tmp_path), GOING)
    moved = aside.put_aside(tmp_path, GOING)
    assert moved.is_moved and aside.asked(tmp_path) == moved
    assert sorted(p.name for p in tmp_path.iterdir()) == ["build", "demo-0", "demo-1", aside.REQUEST, "vigie.log"]
    assert sorted(p.name for p in (tmp_path / "demo-1").iterdir()) == [
        "archive", "secret.key", "vigie.sqlite3", "vigie.sqlite3-wal",
    ]  # fmt: skip
    aside.forget(tmp_path)
    assert aside.asked(tmp_path) is None


@pytest.mark.parametrize("after", range(4))
def test_move_that_dies_is_gone_on_with(after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aside.ask(filled(tmp_path), GOING)
    rename, done = Path.rename, list[int]()

    def dying(self: Path, target: Any) -> Any:
        if len(done) == after:
            raise KeyboardInterrupt
        done.append(1)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", dying)
    with pytest.raises(KeyboardInterrupt):
        aside.put_aside(tmp_path, GOING)
    monkeypatch.undo()
    waiting = aside.asked(tmp_path)
    assert waiting is not None and not waiting.is_moved
    aside.put_aside(tmp_path, waiting)
    assert len(list((tmp_path / "demo-1").iterdir())) == 4


def test_what_follows_is_not_moved_by_a_start_that_died_later(tmp_path: Path) -> None:
    aside.ask(filled(tmp_path), GOING)
    aside.put_aside(tmp_path, GOING)
    (tmp_path / "vigie.sqlite3").write_text("new")
    waiting = aside.asked(tmp_path)
    assert waiting is not None
    aside.put_aside(tmp_path, waiting)
    assert (tmp_path / "vigie.sqlite3").read_text() == "new"


def test_request_is_for_its_owner_alone(tmp_path: Path) -> None:
    aside.ask(tmp_path, GOING)
    assert (tmp_path / aside.REQUEST).stat().st_mode & 0o777 == 0o600


@pytest.fixture
def company(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from vigie import demo as story

    demo.load_company(story.company(), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_press_leaves_a_request_without_the_password(
    company: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    monkeypatch.setenv(leaving.SUPERVISED, "1")
    monkeypatch.setattr(leaving, "obstacle", lambda: "")
    monkeypatch.setattr(leaving.aside, "ask", lambda folder, going: aside_ask(tmp_path, going))
    leaving.ask("Nina@Example.org", " Nina ", "une longue phrase", language="fr", asker=COMMAND, now=NOW)
    text = (tmp_path / aside.REQUEST).read_text()
    assert "une longue phrase" not in text and json.loads(text)["email"] == "nina@example.org"
    assert AuditEvent.objects.filter(action="demo.leave").exists()


aside_ask = aside.ask


@pytest.mark.django_db
def test_why_it_can_t_be_left_is_told(company: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    from dataclasses import replace

    monkeypatch.delenv(leaving.SUPERVISED, raising=False)
    config = settings.VIGIE
    settings.VIGIE = replace(config, database_url="sqlite:///elsewhere.sqlite3")
    assert leaving.obstacle() == "leave.elsewhere"
    from vigie.server.config import load

    settings.VIGIE = load({"VIGIE_VAR": str(config.var)})
    assert leaving.obstacle() == "leave.not_supervised"
    with pytest.raises(DecisionError):
        leaving.ask("a@example.org", "A", "x" * 12, language="fr", asker=COMMAND, now=NOW)
    with pytest.raises(DecisionError):
        leaving.ask("a@example.org", "A", "x" * 12, language="fr", asker=asker_of(1, [(None, Role.READER)]), now=NOW)


@pytest.mark.django_db
def test_own_company_is_no_demo() -> None:
    assert leaving.obstacle() == "leave.no_demo"


@pytest.mark.django_db
def test_first_administrator_is_made_once_and_may_all() -> None:
    leaving.begin(GOING, now=NOW)
    leaving.begin(GOING, now=NOW)
    user = User.objects.get()
    assert (user.email, user.name, user.language, user.password) == ("nina@example.org", "Nina", "fr", "argon2$x")
    assert Membership.objects.get().role == "administrator"


def test_demo_put_aside_before_is_never_written_over(settings: Any, tmp_path: Path) -> None:
    from dataclasses import replace

    settings.VIGIE = replace(settings.VIGIE, var=tmp_path)
    names = []
    for _ in range(3):
        names.append(leaving._free_folder(NOW))
        (tmp_path / names[-1]).mkdir()
    assert names == ["demo-20261030T080000", "demo-20261030T080000-2", "demo-20261030T080000-3"]
