"""What Django is given for our settings."""

import stat
from pathlib import Path

from vigie.server.config import load
from vigie.server.settings import database, mail, secret_key


def test_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    config = load({"VIGIE_VAR": str(tmp_path / "new")})
    first = secret_key(config)
    assert len(first) >= 50
    assert secret_key(config) == first
    assert stat.S_IMODE(config.secret_key_file.stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret.key"]


def test_secret_key_of_the_environment_wins(tmp_path: Path) -> None:
    assert secret_key(load({"VIGIE_VAR": str(tmp_path), "VIGIE_SECRET_KEY": "k" * 40})) == "k" * 40
    assert list(tmp_path.iterdir()) == []


def test_database_reads_paths_and_addresses() -> None:
    assert database("/srv/v.sqlite3")["NAME"] == "/srv/v.sqlite3"
    assert database("sqlite:////srv/v.sqlite3")["NAME"] == "/srv/v.sqlite3"
    assert database("sqlite:///v.sqlite3")["NAME"] == str(Path("v.sqlite3").absolute())
    found = database("postgres://us%40er:p%2Fw@db.example.org:5433/vigie?sslmode=require")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == (
        "us@er",
        "p/w",
        "db.example.org",
        "5433",
    )
    assert (found["NAME"], found["OPTIONS"]) == ("vigie", {"sslmode": "require"})


def test_mail_reads_addresses() -> None:
    assert mail(None) == {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    found = mail("smtp://u%40x:p@mail.example.org:587?starttls=on")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (
        "mail.example.org",
        587,
        True,
        False,
    )
    assert found["EMAIL_HOST_USER"] == "u@x"
    assert mail("smtps://mail.example.org")["EMAIL_PORT"] == 465
