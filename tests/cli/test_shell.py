"""The shell around the commands: exit statuses, one line of error, a port that is taken, help that is quick."""

import json
import logging
import os
import pty
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from vigie.server import logs


def vigie(folder: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_") and k != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "vigie.cli.main", *arguments]
    environment = {**kept, "VIGIE_VAR": str(folder), **extra}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = vigie(tmp_path, "up", VIGIE_LISTEN=f"127.0.0.1:{port}")
    assert done.returncode == 2
    assert (
        done.stderr.strip()
        == f"vigie: Port {port} is taken by another program. Stop it, or set VIGIE_LISTEN=127.0.0.1:{port + 1}. [up.port_taken]"
    )


def test_demo_beyond_loopback_is_refused(tmp_path: Path) -> None:
    done = vigie(tmp_path, "demo", VIGIE_LISTEN="0.0.0.0:8799", VIGIE_ALLOWED_HOSTS="*")
    assert done.returncode == 2 and "[demo.beyond_loopback]" in done.stderr


def test_misspelt_setting_is_refused_by_name(tmp_path: Path) -> None:
    done = vigie(tmp_path, "doctor", VIGIE_LISTN="x")
    assert done.returncode == 2 and "VIGIE_LISTEN" in done.stderr


def test_doctor_says_what_is_wrong_in_sentences(tmp_path: Path) -> None:
    (tmp_path / "vigie.sqlite3").touch()
    done = vigie(tmp_path, "doctor")
    assert done.returncode == 1
    assert "changes of the record wait" in done.stdout and "WRONG  No mail server is set" in done.stdout
    asked = vigie(tmp_path, "doctor", "--json")
    rows = [json.loads(line) for line in asked.stdout.splitlines()]
    assert asked.returncode == 1 and len(rows) == len(done.stdout.splitlines())
    assert {"mail", "database"} <= {row["what"] for row in rows if not row["ok"]}


def on_terminal(folder: Path, *arguments: str) -> str:
    """Return what a person reads of a command: both outputs are a terminal."""
    screen, side = pty.openpty()
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_") and k != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "vigie.cli.main", *arguments]
    environment = {**kept, "VIGIE_VAR": str(folder), "VIGIE_LOG_LEVEL": "DEBUG"}
    with subprocess.Popen(command, env=environment, stdout=side, stderr=side) as running:
        os.close(side)
        text = b""
        with suppress(OSError):  # Linux says so when nobody writes to the terminal any more
            while piece := os.read(screen, 65_536):
                text += piece
        assert running.wait(60) in (0, 1)
    os.close(screen)
    return text.decode()


@pytest.mark.parametrize("command", ["doctor", "check"])
def test_person_at_a_terminal_reads_sentences_alone(tmp_path: Path, command: str) -> None:
    assert vigie(tmp_path, "user", "add", "chef@example.org").returncode == 0
    lines = on_terminal(tmp_path, command).splitlines()
    assert lines and all(line.startswith(("ok     ", "WRONG  ")) for line in lines)


def test_log_of_a_command_at_a_terminal_goes_to_the_file(tmp_path: Path) -> None:
    kept = logging.getLogger().handlers
    try:
        logs.to_file(tmp_path / "vigie.log")
        logging.getLogger("vigie.test").warning("read again")
        assert json.loads((tmp_path / "vigie.log").read_text())["message"] == "read again"
    finally:
        logging.getLogger().handlers = kept


READING = (
    ("doctor",), ("check",), ("reparse",), ("mirror", "rebuild"), ("secrets", "rotate"), ("evidence", "verify"), ("key", "rotate"),
    ("user", "link", "a@example.org"), ("erase", "--origin", "a.example", "--post", "1"),
)  # fmt: skip


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_command_refuses_a_folder_without_an_installation_and_makes_none(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    folder = tmp_path / "var"
    done = vigie(folder, *arguments)
    assert done.returncode == 2 and f"There is no installation in {folder}." in done.stderr
    assert "[var.none]" in done.stderr and len(done.stderr.strip().splitlines()) == 1 and not folder.exists()


def test_key_of_authors_is_changed_and_the_stores_agree(tmp_path: Path) -> None:
    file, folder = tmp_path / "posts.csv", tmp_path / "var"
    file.write_text("id,text,author\n" + "".join(f"{n},mot {n},a{n % 3}\n" for n in range(20)))
    assert vigie(folder, "import", str(file), "--space", "fichier").returncode == 0
    for version in (2, 3):
        done = vigie(folder, "key", "rotate")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {"version": version, "moving": False}
    assert vigie(folder, "check").returncode == 0
    with sqlite3.connect(folder / "vigie.sqlite3") as record:
        assert record.execute("SELECT COUNT(*) FROM vigie_key WHERE name LIKE 'author%'").fetchone() == (3,)


def test_key_for_secrets_needs_no_installation_and_makes_none(tmp_path: Path) -> None:
    done = vigie(tmp_path / "var", "secrets", "key")
    assert done.returncode == 0 and len(done.stdout.strip()) == 44 and not (tmp_path / "var").exists()


def test_command_that_makes_an_installation_says_so_once(tmp_path: Path) -> None:
    first = vigie(tmp_path, "user", "add", "chef@example.org")
    assert first.returncode == 0 and "a new one is made there" in first.stderr and str(tmp_path) in first.stderr
    assert "new one" not in vigie(tmp_path, "user", "add", "autre@example.org").stderr


def test_truth_of_a_loaded_demo_is_of_the_story_that_was_loaded(tmp_path: Path) -> None:
    first, again = tmp_path / "first.ndjson", tmp_path / "again.ndjson"
    told = ("--posts", "120", "--days", "10", "--truth", str(first))
    assert vigie(tmp_path / "var", "demo", "--load-only", *told).returncode == 0
    done = vigie(tmp_path / "var", "demo", "--load-only", "--posts", "300", "--truth", str(again))
    assert done.returncode == 0 and "120 posts over 10 days" in done.stderr
    assert again.read_text() == first.read_text() and len(first.read_text().splitlines()) == 120
    with sqlite3.connect(tmp_path / "var" / "vigie.sqlite3") as record:
        for (name,) in record.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            record.execute(f"DROP TRIGGER {name}")
        record.execute("DELETE FROM vigie_auditevent WHERE action = 'demo.load'")
    refused = vigie(tmp_path / "var", "demo", "--load-only", "--truth", str(again))
    assert refused.returncode == 2 and "[demo.other_story]" in refused.stderr


@pytest.mark.parametrize(
    "arguments",
    [("import", "nowhere.csv", "--space", "x"), ("collect", "blog.example"), ("erase", "--origin", "a.example")],
)
def test_bad_input_is_one_line_and_status_two(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = vigie(tmp_path, *arguments)
    assert done.returncode == 2 and done.stderr.startswith("vigie: ") and len(done.stderr.strip().splitlines()) == 1


def test_help_is_quick(tmp_path: Path) -> None:
    started = time.perf_counter()
    done = vigie(tmp_path, "--help")
    assert done.returncode == 0 and "import" in done.stdout
    assert time.perf_counter() - started < 3


def test_who_can_not_receive_mail_gets_a_link(tmp_path: Path) -> None:
    invited = vigie(tmp_path, "user", "add", "chef@example.org")
    assert invited.returncode == 0 and "/invitation/" in invited.stdout
    unknown = vigie(tmp_path, "user", "link", "nobody@example.org")
    assert unknown.returncode == 2 and "[people.unknown]" in unknown.stderr


LOOPBACK = {"VIGIE_ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8"}
FEED = (
    "<rss version='2.0'><channel><title>Blog</title><item><title>Un</title><link>https://blog.example/1</link>"
    "<description>Sérélium</description></item></channel></rss>"
)


class Feed(BaseHTTPRequestHandler):
    """A blog's feed, and nothing else."""

    def do_GET(self) -> None:
        found = self.path == "/feed/"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/rss+xml")
        self.end_headers()
        self.wfile.write(FEED.encode() if found else b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def feed() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/feed/"
    server.shutdown()
    server.server_close()


def spaces_of(folder: Path, *rows: tuple[str, str]) -> None:
    """Make a record with spaces, (name, address) each, in an installation that was up once."""
    assert vigie(folder, "user", "add", "chef@example.org").returncode == 0
    with sqlite3.connect(folder / "vigie.sqlite3") as record:
        for name, address in rows:
            record.execute(
                "INSERT INTO vigie_space (name, title, kind, network, address, ownership, cursor, interval_s, failures, "
                "created_at, catalogue_id, options, state) "
                "VALUES (?, ?, ?, 'blog', ?, 'external', '', 900, 0, '2026-10-30', '', '{}', 'new')",
                (name, name, "feed" if address else "import", address),
            )


def content(folder: Path) -> bytes:
    with sqlite3.connect(folder / "vigie.sqlite3") as record:
        return "\n".join(record.iterdump()).encode()


def test_collect_takes_the_name_of_a_space_and_writes_nothing(tmp_path: Path, feed: str) -> None:
    spaces_of(tmp_path, ("le-blog", feed))
    before = content(tmp_path)
    done = vigie(tmp_path, "collect", "le-blog", **LOOPBACK)
    assert done.returncode == 0, done.stderr
    assert "Sérélium" in json.loads(done.stdout)["text"] and content(tmp_path) == before
    assert done.stdout == vigie(tmp_path, "collect", feed, **LOOPBACK).stdout


def test_collect_of_an_address_needs_no_record_and_makes_none(tmp_path: Path, feed: str) -> None:
    assert vigie(tmp_path, "collect", feed, **LOOPBACK).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_collect_of_a_name_makes_no_record(tmp_path: Path) -> None:
    done = vigie(tmp_path, "collect", "le-blog")
    assert done.returncode == 2 and "[collect.address]" in done.stderr
    assert not list(tmp_path.glob("*.sqlite3*"))


@pytest.mark.parametrize(("name", "code"), [("inconnu", "collect.address"), ("fichiers", "collect.no_address")])
def test_collect_says_why_a_name_can_not_be_read(tmp_path: Path, name: str, code: str) -> None:
    spaces_of(tmp_path, ("fichiers", ""))
    done = vigie(tmp_path, "collect", name)
    assert done.returncode == 2 and f"[{code}]" in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_source_that_does_not_answer_is_status_three(tmp_path: Path) -> None:
    with socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))  # taken and not listening: every connection is refused
        done = vigie(tmp_path, "collect", f"http://127.0.0.1:{dead.getsockname()[1]}/feed/", **LOOPBACK)
    assert done.returncode == 3 and done.stdout == ""
    assert "can't be reached" in done.stderr and "[net.unreachable]" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
