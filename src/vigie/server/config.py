"""The settings of an installation: one table, one pure function that reads it from the environment.

`python -m vigie.server.config` prints docs/reference/settings.md.
"""

import ipaddress
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vigie.errors import ConfigError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PREFIX = "VIGIE_"
"""Every setting's name begins so; an unknown name with it is refused, because a misspelt setting is a silent one."""

TEST_PREFIX = "VIGIE_TEST_"
"""Names for our own test suite, which no installation reads."""

LANGUAGES = ("fr", "en")
"""Languages of the pages, the first being the fall-back."""

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
"""Levels of Python's logging that a server may run at."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Hosts that only this machine reaches (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3)."""

SHORTEST_KEY = 32
"""Characters; Django warns under 50 and generates 50; 32 random ones hold more than the 128 bits that are needed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: how the docs name it and how text becomes it (ValueError with a sentence when it can't)."""

    name: str
    parse: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; `default` is text as one would write it, `None` when there is none, `<var>` the folder."""

    name: str
    type: Kind
    default: str | None
    doc: str
    secret: bool = False

    @property
    def field(self) -> str:
        return self.name.removeprefix(PREFIX).lower()


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the web process listens."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK or self.host.startswith("127.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings as read; secrets stay out of its `repr`."""

    var: Path
    database_url: str = field(repr=False)
    secret_key: str | None = field(repr=False)
    allowed_hosts: tuple[str, ...]
    listen: Listen
    time_zone: ZoneInfo
    language: str
    mirror: bool
    archive_url: str
    archive_months: int
    allowed_private_networks: tuple[Network, ...]
    pace_loopback: bool
    contact: str
    secrets_keys: tuple[str, ...] = field(repr=False)
    mail_url: str | None = field(repr=False)
    mail_from: str
    public_url: str
    log_level: str
    debug: bool
    now: datetime | None

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def record_file(self) -> Path | None:
        """Where the record stands when it is a file; `None` when a server of databases holds it."""
        return sqlite_file(self.database_url)

    @property
    def secrets_key_file(self) -> Path:
        """Where the generated key of secrets stands when no setting gives one."""
        return self.var / "secrets.key"

    @property
    def secret_key_file(self) -> Path:
        """Where the generated key stands when no setting gives one."""
        return self.var / "secret.key"


def sqlite_file(url: str) -> Path | None:
    """Return the file that a path or an address of a database names; `None` when a server holds it."""
    parts = urlsplit(url)
    if parts.scheme in {"postgres", "postgresql"}:
        return None
    return (Path(parts.path.removeprefix("/")) if url.startswith("sqlite://") else Path(url)).absolute()


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty")
    return value.strip()


def _on_off(value: str) -> bool:
    words = {"on": True, "off": False, "true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
    if value.strip().lower() not in words:
        raise ValueError("must be on or off")
    return words[value.strip().lower()]


def _listen(value: str) -> Listen:
    host, _, port = value.strip().rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("must be an address and a port, such as 127.0.0.1:8765")
    return Listen(host.strip("[]"), int(port))


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise ValueError("must be a time zone of the tz database, such as Europe/Paris") from exc


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        found = {choice.lower(): choice for choice in choices}.get(value.strip().lower())
        if found is None:
            raise ValueError("must be one of " + ", ".join(choices))
        return found

    return parse


def _items(value: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in value.split(",") if item.strip())


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(item) for item in _items(value))
    except ValueError as exc:
        raise ValueError(f"must be networks such as 127.0.0.0/8, separated by commas ({exc})") from exc


def _months(value: str) -> int:
    if not value.strip().isdigit() or int(value) < 1:
        raise ValueError("must be a whole number of months, at least 1")
    return int(value)


def _instant(value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ValueError("must be a date and time with its zone, such as 2026-10-30T16:00:00+00:00")
    return found


def _address(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        parts = urlsplit(_text(value))
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError("must be an address that begins with " + " or ".join(f"{s}://" for s in schemes))
        return value.strip().rstrip("/")

    return parse


def _database(value: str) -> str:
    scheme = urlsplit(_text(value)).scheme if "://" in value else "sqlite"
    if scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ValueError("must be the path of an SQLite file, or an address that begins with postgres://")
    return value.strip()


def _archive(value: str) -> str:
    if "://" in _text(value) and urlsplit(value).scheme not in {"s3", "file"}:
        raise ValueError("must be a folder, or an address that begins with s3://")
    return value.strip()


def _key(value: str) -> str:
    if len(value.strip()) < SHORTEST_KEY:
        raise ValueError(f"must have at least {SHORTEST_KEY} characters")
    return value.strip()


TEXT, FOLDER, ON_OFF = Kind("text", _text), Kind("folder", lambda value: Path(_text(value))), Kind("on/off", _on_off)

SETTINGS: tuple[Setting, ...] = (
    Setting("VIGIE_VAR", FOLDER, "var", "Folder of everything that this installation writes."),
    Setting(
        "VIGIE_DATABASE_URL",
        Kind("path or address", _database),
        "<var>/vigie.sqlite3",
        "The record: path of an SQLite file, or `postgres://user:password@host:5432/name`.",
        secret=True,
    ),
    Setting(
        "VIGIE_SECRET_KEY",
        Kind("text", _key),
        None,
        "Key that signs sessions and links. Without it one is made once, in `<var>/secret.key`, readable by its owner "
        "only. Web and worker must share it.",
        secret=True,
    ),
    Setting(
        "VIGIE_ALLOWED_HOSTS",
        Kind("names, commas", _items),
        "localhost,127.0.0.1,[::1]",
        "Host names that a browser may ask for; the host of `VIGIE_PUBLIC_URL` is added by itself.",
    ),
    Setting("VIGIE_LISTEN", Kind("address:port", _listen), "127.0.0.1:8765", "Where the web process listens."),
    Setting(
        "VIGIE_PUBLIC_URL",
        Kind("address", _address("http", "https")),
        None,
        "Address that people type and that mails carry. Without it, `http://` and `VIGIE_LISTEN`. With `https://` "
        "cookies are sent over TLS only.",
    ),
    Setting(
        "VIGIE_TIME_ZONE",
        Kind("time zone", _zone),
        "Europe/Paris",
        "The company's time zone: the day of a post is counted in it. Instants are stored in UTC.",
    ),
    Setting(
        "VIGIE_LANGUAGE",
        Kind(" or ".join(LANGUAGES), _one_of(*LANGUAGES)),
        "fr",
        "Language of pages and mails for whoever has chosen none and whose browser asks for neither.",
    ),
    Setting(
        "VIGIE_MIRROR",
        ON_OFF,
        "on",
        "Whether figures are read from the mirror of columns; `off` reads the record alone: slower, the same figures.",
    ),
    Setting(
        "VIGIE_ARCHIVE_URL",
        Kind("folder or address", _archive),
        "<var>/archive",
        "Where everything heard is kept: a folder, or `s3://bucket/prefix` (keys and endpoint as `AWS_…` variables: "
        "docs/how-to/archive-on-s3.md).",
    ),
    Setting(
        "VIGIE_ARCHIVE_MONTHS",
        Kind("months", _months),
        "13",
        "Months that the archive keeps: thirteen let a month be compared with the same one a year before.",
    ),
    Setting(
        "VIGIE_ALLOWED_PRIVATE_NETWORKS",
        Kind("networks, commas", _networks),
        "",
        "Private networks that spaces may be read from, such as `127.0.0.0/8`; every other private address is refused.",
    ),
    Setting(
        "VIGIE_PACE_LOOPBACK",
        ON_OFF,
        "off",
        "Whether addresses of this machine are asked once a second as any other host is; for measuring.",
    ),
    Setting(
        "VIGIE_CONTACT",
        Kind("text", str.strip),
        "",
        "How whoever runs a site reaches you, such as `web@company.example`: every request says it. `vigie doctor` asks "
        "for it.",
    ),
    Setting(
        "VIGIE_SECRETS_KEYS",
        Kind("keys, commas", _items),
        "",
        "Keys that encrypt the log-ins of spaces and the evidence: the first encrypts, all decrypt. Without it one is "
        "made once, in `<var>/secrets.key`. `vigie secrets key` makes one, `vigie secrets rotate` encrypts all anew.",
        secret=True,
    ),
    Setting(
        "VIGIE_MAIL_URL",
        Kind("address", _address("smtp", "smtps")),
        None,
        "The mail server: `smtp://user:password@host:25` (`?starttls=on` to encrypt) or `smtps://…:465`. Without it "
        "mails are printed by the web process and people are told that none is sent.",
        secret=True,
    ),
    Setting("VIGIE_MAIL_FROM", TEXT, "Vigie <vigie@localhost>", "Sender of mails."),
    Setting(
        "VIGIE_LOG_LEVEL", Kind(", ".join(LOG_LEVELS), _one_of(*LOG_LEVELS)), "INFO", "Least level that is logged."
    ),
    Setting(
        "VIGIE_DEBUG",
        ON_OFF,
        "off",
        "Stack traces in the browser and the page of components; for developers, refused beyond loopback.",
    ),
    Setting(
        "VIGIE_NOW",
        Kind("date and time, ISO 8601", _instant),
        None,
        "The present, standing still, for pages, worker and commands: pictures and tests that are the same every day. "
        "Log-ins and leases go by the real clock. Refused beyond loopback.",
    ),
)
"""Every setting, in the order of docs/reference/settings.md."""


def load(
    environ: Mapping[str, str], *, read_file: Callable[[Path], str] = lambda path: path.read_text(encoding="utf-8")
) -> Config:
    """Read the settings from the environment; secrets also from the file that `NAME_FILE` names.

    Raises:
        ConfigError: `config.unknown` (with the nearest name), `config.value`, `config.file`, `config.twice`,
            `config.exposed` (debug, or a clock that stands still, beyond loopback).
    """
    _refuse_unknown(environ)
    texts = {setting.field: _given(setting, environ, read_file) for setting in SETTINGS}
    var = texts["var"] if texts["var"] is not None else "var"
    values = {setting.field: _value(setting, texts[setting.field], var) for setting in SETTINGS}
    return _checked(Config(**_completed(values)))


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {s.name for s in SETTINGS} | {f"{s.name}_FILE" for s in SETTINGS if s.secret}
    for name in sorted(environ):
        if name.startswith(PREFIX) and not name.startswith(TEST_PREFIX) and name not in known:
            nearest = next(iter(get_close_matches(name, sorted(known), n=1, cutoff=0.0)))
            raise ConfigError(
                f"{name} is not a setting of Vigie; the nearest is {nearest}. Mend or remove it.",
                code="config.unknown",
                facts={"name": name, "nearest": nearest},
            )


def _given(setting: Setting, environ: Mapping[str, str], read_file: Callable[[Path], str]) -> str | None:
    """Return the text of a setting, `None` when the environment says nothing of it."""
    file_name = f"{setting.name}_FILE"
    if not setting.secret or file_name not in environ:
        return environ.get(setting.name)
    if setting.name in environ:
        sentence = f"{setting.name} and {file_name} are both set; keep one."
        raise ConfigError(sentence, code="config.twice", facts={"name": setting.name})
    try:
        return read_file(Path(environ[file_name])).strip()
    except (OSError, UnicodeDecodeError) as exc:
        sentence = f"{file_name} names a file that can't be read: {environ[file_name]}."
        raise ConfigError(sentence, code="config.file", facts={"name": file_name}) from exc


def _value(setting: Setting, text: str | None, var: str) -> Any:
    if text is None and setting.default is None:
        return None
    try:
        return setting.type.parse(text if text is not None else _default(setting, var))
    except ValueError as exc:
        sentence = f"{setting.name} {exc}."
        raise ConfigError(sentence, code="config.value", facts={"name": setting.name}) from exc


def _default(setting: Setting, var: str) -> str:
    return (setting.default or "").replace("<var>", var)


def _completed(values: dict[str, Any]) -> dict[str, Any]:
    """Fill in what follows from other settings."""
    listen: Listen = values["listen"]
    host = "localhost" if listen.host in {"0.0.0.0", "::"} else listen.host  # noqa: S104 -- compared, not bound
    host = f"[{host}]" if ":" in host else host
    values["public_url"] = values["public_url"] or f"http://{host}:{listen.port}"
    public = urlsplit(values["public_url"]).hostname or host
    public = f"[{public}]" if ":" in public else public
    if public not in values["allowed_hosts"]:
        values["allowed_hosts"] = (*values["allowed_hosts"], public)
    return values


def _checked(config: Config) -> Config:
    if config.debug and not config.listen.is_loopback:
        raise ConfigError("VIGIE_DEBUG shows stack traces; turn it off, or listen on 127.0.0.1.", code="config.exposed")
    if config.now and not config.listen.is_loopback:
        raise ConfigError("VIGIE_NOW stops the clock; remove it, or listen on 127.0.0.1.", code="config.exposed")
    return config


def reference() -> str:
    """Write docs/reference/settings.md, one row a setting."""
    rows = [f"| `{s.name}` | {s.type.name} | {_shown(s.default)} | {s.doc}{_file_note(s)} |" for s in SETTINGS]
    head = ["| setting | type | default | what it does |", "|---|---|---|---|"]
    return "\n".join([*_INTRODUCTION, "", *head, *rows, ""])


def _shown(default: str | None) -> str:
    return f"`{default}`" if default else "none"


def _file_note(setting: Setting) -> str:
    return f" **Secret**: `{setting.name}_FILE` may name a file that holds it." if setting.secret else ""


_INTRODUCTION = (
    "# Settings",
    "",
    "<!-- Written by `python -m vigie.server.config`; a test compares it. -->",
    "",
    "Settings are environment variables. A name that begins with `VIGIE_` and is not listed here is refused, with the",
    "nearest name that is. `<var>` stands for the folder of `VIGIE_VAR`.",
)


if __name__ == "__main__":
    sys.stdout.write(reference())
