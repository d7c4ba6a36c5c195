"""What the command line may ask of the server: each function sets Django up, then calls services; plain results back."""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from vigie.errors import ConfigError, FatalError, SchemaError

LEAVE = "leave"
"""What `wait` returns when the demo is to be put aside."""

LOG = "vigie.log"
"""The log of web and worker, in the folder of `VIGIE_VAR`; that of a command too when a person looks at its terminal."""

if TYPE_CHECKING:
    from vigie.collect.source import Place
    from vigie.server.config import Config

START_TRIES = 600
"""Looks for the port, a tenth of a second apart: a minute, on a machine that does other things too."""

LEAVE_S = 1.0
"""Seconds that the answer to the press is given to reach its browser."""

STOP_S = 15.0
"""Seconds that a process may take to stop at its next checkpoint before it is killed; killing loses nothing."""

Progress = Callable[[str, int, int | None], None]
"""Told what is being done, how far, and of how much (unknown: `None`)."""


COLLECTED = (50_000, 20, 100)
"""Objects made between two looks for rings of garbage, and how seldom older ones are looked at: a batch of posts makes
fifty thousand objects and no ring, and Python's default looks seventy times at them (an eighth of an import's time)."""


def _set_up() -> None:
    """Load Django once, with the settings of the environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vigie.server.settings")
    import django  # noqa: PLC0415 -- the command line starts without Django

    django.setup()
    gc.set_threshold(*COLLECTED)
    if sys.stderr.isatty():
        from django.conf import settings  # noqa: PLC0415 -- after the set-up

        from vigie.server import logs  # noqa: PLC0415 -- beside its one use

        logs.to_file(Path(settings.VIGIE.var) / LOG)


def _installation() -> "Config":
    """Return the settings, read without Django, whose own would make a key in the folder."""
    from vigie.server.config import load  # noqa: PLC0415 -- beside its one use

    return load(os.environ)


def has_installation() -> bool:
    """Say whether there is an installation; asking makes none. One whose record is held by a server is thought to be."""
    file = _installation().record_file
    return file is None or file.exists()


def _open() -> None:
    """Load Django for an installation that is there.

    Raises:
        ConfigError: there is none, naming the folder; nothing is made in it.
    """
    if not has_installation():
        folder = _installation().var.absolute()
        raise ConfigError(
            f"There is no installation in {folder}. Go to the folder from which it is started, or name its own by VIGIE_VAR; "
            "“vigie up” makes a new one, “vigie demo” one with the demo company.",
            code="var.none",
            facts={"folder": str(folder)},
        )
    _set_up()


def make_if_none(say: Callable[[str], object]) -> None:
    """Bring the record up to this version; where there is no installation one is made, which is said."""
    if not has_installation():
        say(f"There was no installation in {_installation().var.absolute()}: a new one is made there.")
    migrate()


def clock() -> datetime:
    """Read the clock: commands are a shell."""
    from vigie.server.clock import now  # noqa: PLC0415 -- after the set-up

    return now()


def migrate() -> None:
    """Create the record, or bring it up to this version."""
    _set_up()
    from django.core.management import call_command  # noqa: PLC0415 -- after the set-up

    call_command("migrate", interactive=False, verbosity=0)


def prepare_assets() -> None:
    """Build what the pages need and no repository holds: the charts' script and the hashed files; quick when done before.

    Raises:
        FatalError: they could not be built.
    """
    made = subprocess.run(  # noqa: S603 -- our own module
        [sys.executable, "-m", "vigie.web.bundle"], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise FatalError(f"The pages could not be prepared: {made.stderr.strip()[-300:]}", code="up.assets")


@dataclass(frozen=True, slots=True)
class LogIn:
    """A demo user."""

    email: str
    role: str
    password: str


def demo_story() -> tuple[int, int]:
    """Return how many posts over how many days the loaded demo company tells.

    Raises:
        DecisionError: the version that loaded it did not keep that.
    """
    from vigie.server.services import demo  # noqa: PLC0415 -- after the set-up

    return demo.story()


def load_demo(*, posts: int, days: int, until: datetime | None, progress: Progress) -> int:
    """Load the demo company into an empty record; return the posts heard, 0 when it was loaded before.

    Raises:
        DecisionError: the record holds something else.
    """
    migrate()
    from vigie.server import mirroring  # noqa: PLC0415 -- after the set-up
    from vigie.server.models import Space, User  # noqa: PLC0415 -- after the set-up
    from vigie.server.services import demo  # noqa: PLC0415 -- after the set-up

    first = demo.users()[0].email
    if Space.objects.exists() and User.objects.filter(email=first).exists():
        demo.listen_to_itself(now=clock())
        return 0
    heard = demo.load(
        posts=posts, days=days, until=until or clock(), now=clock(),
        progress=lambda done: progress("demo", done, posts),
    )  # fmt: skip
    mirroring.merge_now(clock=clock)
    return heard


def demo_log_ins() -> list[LogIn]:
    """Return one log-in per role.

    Raises:
        ConfigError: the server listens beyond loopback, where a known password has no place.
    """
    listen = _configured().listen
    from vigie.server.services import demo  # noqa: PLC0415 -- after the set-up

    if not listen.is_loopback:
        raise ConfigError(
            "The demo company has known passwords: it is only shown on loopback. Set VIGIE_LISTEN to 127.0.0.1:8765.",
            code="demo.beyond_loopback",
        )
    return [LogIn(user.email, user.role, demo.PASSWORD) for user in demo.users()]


def _configured() -> Any:
    """Return the installation's settings."""
    _set_up()
    from django.conf import settings  # noqa: PLC0415 -- after the set-up

    return settings.VIGIE


def require_free_port() -> None:
    """Refuse to start where another program listens.

    Raises:
        ConfigError: naming the port and the setting that chooses another.
    """
    listen = _configured().listen
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen.host, listen.port))
        except OSError as exc:
            raise ConfigError(
                f"Port {listen.port} is taken by another program. Stop it, or set VIGIE_LISTEN={listen.host}:{listen.port + 1}.",
                code="up.port_taken",
                facts={"port": listen.port},
            ) from exc


_children: list[subprocess.Popen[bytes]] = []


@contextmanager
def running() -> Iterator[str]:
    """Run web and worker as two processes until the block is left; yield the address once the pages answer."""
    config = _configured()
    web = [
        sys.executable, "-m", "uvicorn", "vigie.server.asgi:application", "--host", config.listen.host,
        "--port", str(config.listen.port), "--log-level", "warning", "--no-access-log", "--no-server-header",
        "--timeout-graceful-shutdown", "5",
    ]  # fmt: skip
    worker = [sys.executable, "-m", "vigie.server.worker.main"]
    with (Path(config.var) / LOG).open("ab") as log:
        try:
            _start(web, log)
            _wait_for_port(config.listen)
            # After the pages: the demo's worker reads what they serve.
            _start(worker, log)
            yield f"http://{config.listen.host}:{config.listen.port}/"
        finally:
            _stop()


def _start(command: list[str], log: IO[bytes]) -> None:
    child = subprocess.Popen(  # noqa: S603 -- our own
        command,
        stdout=log,
        stderr=log,
        start_new_session=True,
        env={**os.environ, "SUPERVISED_BY_VIGIE": "1"},
    )
    _children.append(child)


def _wait_for_port(listen: Any) -> None:
    for _ in range(START_TRIES):
        with socket.socket() as probe:
            if probe.connect_ex((listen.host, listen.port)) == 0:
                return
        if any(child.poll() is not None for child in _children):
            raise FatalError("Web or worker ended at once; var/vigie.log says why.", code="up.ended")
        time.sleep(0.1)
    raise FatalError("The pages did not answer within a minute; var/vigie.log says why.", code="up.silent")


def wait() -> str:
    """Wait until one of the processes ends, or somebody asks to stop, or to leave the demo; then say so."""
    from vigie.server import aside  # noqa: PLC0415 -- beside its one use

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    while not stop.wait(0.5):
        if any(child.poll() is not None for child in _children):
            raise FatalError("Web or worker ended; var/vigie.log says why.", code="up.ended")
        if aside.asked(aside.var(os.environ)) is not None:
            time.sleep(LEAVE_S)
            return LEAVE
    return ""


def start_anew() -> None:
    """Become `vigie up`, which puts the demo aside before it reads any setting: nothing of this process stays."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "vigie.cli.main", "up"])  # noqa: S606 -- our own


def put_demo_aside() -> bool:
    """Move a demo that is to be left, before anything of its folder is opened; say whether there was one."""
    from vigie.server import aside  # noqa: PLC0415 -- beside its one use

    folder = aside.var(os.environ)
    leaving = aside.asked(folder)
    if leaving is not None:
        aside.put_aside(folder, leaving)
    return leaving is not None


def begin_after_demo() -> bool:
    """Make the administrator who left the demo, in the record that follows; say whether there was one."""
    from vigie.server import aside  # noqa: PLC0415 -- beside its one use

    folder = aside.var(os.environ)
    leaving = aside.asked(folder)
    if leaving is None:
        return False
    from vigie.server.services import leaving as service  # noqa: PLC0415 -- after the set-up

    service.begin(leaving, now=clock())
    aside.forget(folder)
    return True


def _stop() -> None:
    for child in _children:
        if child.poll() is None:
            child.terminate()
    for child in _children:
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
    _children.clear()


def place_of(name: str) -> "tuple[str, Place] | None":
    """Return how a space is read, by its short name: its kind and place, secrets too; nothing is written, and no record is
    made where there is none.

    Raises:
        SchemaError: the space takes files, and so has no address.
    """
    if not has_installation():
        return None
    _set_up()
    if not _has_record():
        return None
    from vigie.server.models import Space  # noqa: PLC0415 -- after the set-up
    from vigie.server.services import places  # noqa: PLC0415 -- after the set-up

    space = Space.objects.filter(name=name).first()
    if space is not None and not space.address:
        raise SchemaError(f"The space “{name}” takes files; it has no address to read.", code="collect.no_address")
    return (space.kind, places.place_of(space)) if space else None


def _has_record() -> bool:
    """Say whether there is a record; asking makes none.

    Raises:
        ConfigError: the database does not answer.
    """
    from django.db import DatabaseError, connection  # noqa: PLC0415 -- after the set-up

    try:
        return "vigie_space" in connection.introspection.table_names()
    except DatabaseError as error:
        sentence = f"The record does not answer ({type(error).__name__}): write the address instead of the name."
        raise ConfigError(sentence, code="collect.no_record") from error


def check() -> list[Mapping[str, Any]]:
    """Recount the stores; one row per comparison."""
    _open()
    from django.conf import settings  # noqa: PLC0415 -- after the set-up

    from vigie.server.services import checking  # noqa: PLC0415 -- after the set-up

    found = checking.check(now=clock(), zone=settings.VIGIE.time_zone)
    return [
        {"what": f.name, "expected": f.expected, "found": f.found, "different": f.different, "agrees": f.agrees}
        for f in found
    ]


def doctor() -> Iterator[Mapping[str, Any]]:
    """Say what is wrong with this installation, a sentence each."""
    _open()
    from vigie.server.services import diagnosis  # noqa: PLC0415 -- after the set-up

    for finding in diagnosis.examine(now=clock()):
        yield {"what": finding.name, "ok": finding.ok, "sentence": finding.sentence}


def import_file(path: Path, *, space: str, map_file: Path | None, progress: Progress) -> Mapping[str, Any]:
    """Take a file into a space, which is made when there is none of that name, and wait until it is in.

    Raises:
        SchemaError: the file or the mapping can't be read.
    """
    _set_up()
    from vigie.server.services import importing  # noqa: PLC0415 -- after the set-up

    return importing.import_now(path, space=space, map_file=map_file, clock=clock, progress=progress)


def mirror_rebuild(*, progress: Progress) -> int:
    """Build the mirror anew; return its rows."""
    _open()
    from vigie.server import mirroring  # noqa: PLC0415 -- after the set-up

    progress("mirror", 0, None)
    return mirroring.rebuild(clock=clock)


def erase(*, post: str | None, author: str | None, origin: str) -> Mapping[str, Any]:
    """Erase a post (native id) or an author (handle) of an origin from every store; return the receipts."""
    _open()
    from vigie.server.services import erasing  # noqa: PLC0415 -- after the set-up

    return erasing.erase_now(post=post, author=author, origin=origin, clock=clock)


def reset_link(email: str) -> str:
    """Return a link that sets a new password, for who can't receive mail.

    Raises:
        DecisionError: nobody has this address.
    """
    _open()
    from vigie.server.services import people  # noqa: PLC0415 -- after the set-up

    return people.reset_link(email)


def add_administrator(email: str) -> str:
    """Invite somebody as administrator of all brands; return the link to accept."""
    _set_up()
    from django.conf import settings  # noqa: PLC0415 -- after the set-up

    from vigie.schema.vocab import Role  # noqa: PLC0415 -- after the set-up
    from vigie.server.permissions import COMMAND  # noqa: PLC0415 -- after the set-up
    from vigie.server.services import people  # noqa: PLC0415 -- after the set-up

    invited = people.invite(email, Role.ADMINISTRATOR, None, asker=COMMAND, now=clock())
    return f"{settings.VIGIE.public_url}/invitation/{invited.token}"


def reparse(space: str | None) -> dict[str, int]:
    """Parse again what could not be read.

    Raises:
        ConfigError: no space has this name.
    """
    _open()
    migrate()
    from vigie.server.models import Space  # noqa: PLC0415 -- after the set-up
    from vigie.server.permissions import COMMAND  # noqa: PLC0415 -- after the set-up
    from vigie.server.services import collecting  # noqa: PLC0415 -- after the set-up

    found = Space.objects.filter(name=space).first() if space else None
    if space and found is None:
        raise ConfigError(f"No space is named “{space}”.", code="reparse.space", facts={"name": space})
    tried, faulty = collecting.reparse(space_id=found.pk if found else None, asker=COMMAND, clock=clock)
    return {"pages": tried, "still_faulty": faulty}


def new_secrets_key() -> str:
    """Return a new key for the secrets of spaces."""
    from vigie.server import vault  # noqa: PLC0415 -- cryptography, 0.1 s

    return vault.new_key()


def rotate_secrets() -> dict[str, int]:
    """Encrypt every secret and all evidence anew under the first key."""
    _open()
    migrate()
    from vigie.server.permissions import COMMAND  # noqa: PLC0415 -- after the set-up
    from vigie.server.services import evidencing, places  # noqa: PLC0415 -- after the set-up

    secrets = places.rotate(asker=COMMAND, now=clock())
    return {"secrets": secrets, "evidence": evidencing.rotate(asker=COMMAND, now=clock())}


def rotate_author_key(*, progress: Progress) -> dict[str, int | bool]:
    """Draw a new key for authors' hashes and move everything to it; what a worker does meanwhile is `moving` still."""
    _open()
    migrate()
    from vigie.server import keys  # noqa: PLC0415 -- after the set-up
    from vigie.server.permissions import COMMAND  # noqa: PLC0415 -- after the set-up
    from vigie.server.services import rotating  # noqa: PLC0415 -- after the set-up

    version = rotating.rotate_now(asker=COMMAND, clock=clock, progress=progress)
    return {"version": version, "moving": keys.chain().is_moving}


def verify_evidence() -> Mapping[str, Any]:
    """Compute the digests of all evidence again; `mismatched` names what is not as it was kept."""
    _open()
    from vigie.server.services import evidencing  # noqa: PLC0415 -- after the set-up

    found = evidencing.verify()
    return {"evidence": found.evidence, "media": found.media, "mismatched": list(found.mismatched)}


def train_with_corrections(recipe: Any) -> Iterator[Mapping[str, Any]]:
    """Train the tone model of each language of which people corrected enough; yield what was measured."""
    _open()
    from vigie.server.services.modelling import train_all  # noqa: PLC0415 -- Django must be set up

    yield from train_all(recipe, clock=clock)
