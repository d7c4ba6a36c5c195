"""The settings as read from an environment."""

import ipaddress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigie.errors import ConfigError
from vigie.server import config
from vigie.server.config import SETTINGS, load

KEY = "k" * 40


def refusal(environ: dict[str, str], **more: object) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(environ, **more)  # type: ignore[arg-type]
    return caught.value


def test_load_without_environment_gives_the_defaults_of_the_table() -> None:
    found = load({})
    assert found.var == Path("var")
    assert found.database_url == "var/vigie.sqlite3"
    assert found.archive_url == "var/archive"
    assert (found.listen.host, found.listen.port) == ("127.0.0.1", 8765)
    assert found.public_url == "http://127.0.0.1:8765"
    assert (found.time_zone.key, found.language, found.archive_months) == ("Europe/Paris", "fr", 13)
    assert found.mirror is True
    assert found.debug is False
    assert found.mail_url is None
    assert found.secret_key is None


def test_present_may_stand_still_on_loopback_alone() -> None:
    noon = "2026-10-30T12:00:00+00:00"
    assert load({"VIGIE_NOW": noon}).now == datetime(2026, 10, 30, 12, tzinfo=UTC)
    assert load({}).now is None
    beyond = {"VIGIE_LISTEN": "0.0.0.0:80", "VIGIE_SECRET_KEY": KEY, "VIGIE_NOW": noon}
    assert refusal(beyond).code == "config.exposed"


@pytest.mark.parametrize("text", ["yesterday", "2026-10-30", "2026-10-30T12:00:00"])
def test_present_says_its_zone(text: str) -> None:
    assert refusal({"VIGIE_NOW": text}).sentence.startswith("VIGIE_NOW must be a date and time with its zone")


def test_load_puts_the_folder_of_var_in_defaults() -> None:
    assert load({"VIGIE_VAR": "/srv/v"}).database_url == "/srv/v/vigie.sqlite3"


def test_load_ignores_names_of_others_and_of_tests() -> None:
    assert load({"HOME": "/root", "VIGIE_TEST_POSTGRES": "x"}) == load({})


def test_load_refuses_an_unknown_name_with_the_nearest() -> None:
    error = refusal({"VIGIE_MIROR": "on"})
    assert error.code == "config.unknown"
    assert error.facts == {"name": "VIGIE_MIROR", "nearest": "VIGIE_MIRROR"}
    assert "VIGIE_MIRROR" in error.sentence


def test_load_refuses_a_file_for_a_setting_that_is_no_secret() -> None:
    assert refusal({"VIGIE_LANGUAGE_FILE": "/x"}).code == "config.unknown"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("VIGIE_MIRROR", "maybe", "VIGIE_MIRROR must be on or off."),
        ("VIGIE_LISTEN", "8765", "VIGIE_LISTEN must be an address and a port, such as 127.0.0.1:8765."),
        ("VIGIE_LISTEN", "127.0.0.1:99999", "VIGIE_LISTEN must be an address and a port, such as 127.0.0.1:8765."),
        ("VIGIE_TIME_ZONE", "Paris", "VIGIE_TIME_ZONE must be a time zone of the tz database, such as Europe/Paris."),
        ("VIGIE_TIME_ZONE", "../etc", "VIGIE_TIME_ZONE must be a time zone of the tz database, such as Europe/Paris."),
        ("VIGIE_LANGUAGE", "de", "VIGIE_LANGUAGE must be one of fr, en."),
        ("VIGIE_ARCHIVE_MONTHS", "0", "VIGIE_ARCHIVE_MONTHS must be a whole number of months, at least 1."),
        ("VIGIE_SECRET_KEY", "short", "VIGIE_SECRET_KEY must have at least 32 characters."),
        (
            "VIGIE_MAIL_URL",
            "mail.example.org",
            "VIGIE_MAIL_URL must be an address that begins with smtp:// or smtps://.",
        ),
        ("VIGIE_VAR", " ", "VIGIE_VAR is empty."),
        ("VIGIE_ARCHIVE_URL", "ftp://a/b", "VIGIE_ARCHIVE_URL must be a folder, or an address that begins with s3://."),
        (
            "VIGIE_DATABASE_URL",
            "mysql://a/b",
            "VIGIE_DATABASE_URL must be the path of an SQLite file, or an address that begins with postgres://.",
        ),
    ],
)
def test_load_says_what_a_value_must_be(name: str, value: str, sentence: str) -> None:
    error = refusal({name: value})
    assert (error.code, error.sentence) == ("config.value", sentence)


def test_load_reads_networks_and_refuses_what_is_none() -> None:
    found = load({"VIGIE_ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8, ::1/128"}).allowed_private_networks
    assert found == (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
    assert refusal({"VIGIE_ALLOWED_PRIVATE_NETWORKS": "127.0.0.1/8"}).code == "config.value"


def test_load_reads_a_secret_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY + "\n", encoding="utf-8")
    assert load({"VIGIE_SECRET_KEY_FILE": str(path)}).secret_key == KEY


def test_load_refuses_a_secret_given_twice_or_unreadable() -> None:
    assert refusal({"VIGIE_SECRET_KEY": KEY, "VIGIE_SECRET_KEY_FILE": "/x"}).code == "config.twice"
    assert refusal({"VIGIE_SECRET_KEY_FILE": "/nowhere/key"}).code == "config.file"


def test_load_refuses_debug_beyond_loopback() -> None:
    assert refusal({"VIGIE_DEBUG": "on", "VIGIE_LISTEN": "0.0.0.0:8765"}).code == "config.exposed"
    assert load({"VIGIE_DEBUG": "on", "VIGIE_LISTEN": "127.0.0.1:1"}).debug is True


def test_load_allows_the_host_of_the_public_address() -> None:
    found = load({"VIGIE_PUBLIC_URL": "https://vigie.example.org/"})
    assert found.allowed_hosts[-1] == "vigie.example.org"
    assert found.public_url == "https://vigie.example.org"
    assert found.is_https


def test_config_never_shows_its_secrets() -> None:
    found = load(
        {"VIGIE_SECRET_KEY": KEY, "VIGIE_DATABASE_URL": "postgres://u:hush@h/n", "VIGIE_MAIL_URL": "smtp://u:hush@h"}
    )
    assert KEY not in repr(found)
    assert "hush" not in repr(found)


def test_every_setting_is_a_field_and_every_field_a_setting() -> None:
    assert [s.field for s in SETTINGS if not s.doc.endswith(".")] == []
    assert {s.field for s in SETTINGS} == set(config.Config.__dataclass_fields__)


def test_reference_page_is_that_of_the_table() -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "settings.md"
    assert page.read_text(encoding="utf-8") == config.reference()
