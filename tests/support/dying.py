"""An installation that is killed at a chosen step: `python dying.py FILE STEP`; without a step it finishes the work.

The process kills itself with SIGKILL, so nothing is cleaned up, as when a machine loses its power.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def die(*_: Any, **__: Any) -> None:
    """End as by kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str, turn: int = 1) -> None:
    """Die when a function is called for the n-th time."""
    original, calls = getattr(owner, name), [0]

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        if calls[0] == turn:
            die()
        return original(*args, **kwargs)

    setattr(owner, name, wrapped)


def after(owner: Any, name: str, turn: int = 1) -> None:
    """Die when a function has returned for the n-th time."""
    original, calls = getattr(owner, name), [0]

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        calls[0] += 1
        if calls[0] == turn:
            die()
        return result

    setattr(owner, name, wrapped)


def fill_the_disk() -> None:
    """Let no file grow beyond what the record has now and a little more, as on a full disk."""
    import resource

    from django.conf import settings

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = Path(settings.DATABASES["default"]["NAME"]).stat().st_size + 400_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def steps() -> dict[str, Callable[[], None]]:
    """Return where the process may die."""
    from vigie.server.services import archiving, collecting, importing, saving
    from vigie.store.archive import Archive
    from vigie.store.mirror import Mirror

    return {
        "file kept, work not enqueued": lambda: before(importing, "start"),
        "heard rows written": lambda: after(saving.Writer, "heard", 2),
        "posts written, mentions not": lambda: after(saving.Writer, "write", 2),
        "mentions written, not committed": lambda: after(saving.Writer, "mentions", 2),
        "a batch committed": lambda: after(collecting, "take", 2),
        "archive before the commit": lambda: before(Archive, "_commit"),
        "archive after the commit": lambda: after(Archive, "_commit"),
        "archive settled, bytes not dropped": lambda: before(archiving, "drop_bytes"),
        "mirror's month written": lambda: after(Mirror, "_write"),
        "mirror before the swap": lambda: before(Mirror, "_swap"),
        "mirror after the swap": lambda: after(Mirror, "_swap"),
        "disk full": fill_the_disk,
    }


def main(file: Path, step: str | None) -> None:
    """Import a file, archive and merge; die at the step, if any."""
    from vigie.server import commands

    commands.migrate()
    from vigie.server import mirroring
    from vigie.server.models import Fetch, Watch, Work
    from vigie.server.permissions import COMMAND
    from vigie.server.services import archiving, people, watches, work
    from vigie.server.services.watches import WatchDraft
    from vigie.server.worker.handlers import handlers
    from vigie.server.worker.loop import Loop

    now = datetime.now(UTC)
    if not Watch.objects.exists():
        brand = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=now)
        watches.add(WatchDraft("Sérélium", brand.pk, "product", brand.pk, "serelium"), asker=COMMAND, now=now)
    if step:
        steps()[step]()
    if not Fetch.objects.exists():
        commands.import_file(file, space="fichier", map_file=None, progress=lambda *_: None)
    # What the dead left behind: its leases run out by the database's clock; here time is not waited for.
    Work.objects.filter(state="running").update(lease_until_s=0)
    from vigie.server.models import Lease

    Lease.objects.update(until_s=0)
    loop = Loop(handlers(), holder="after")
    while claimed := work.claim(holder="after", limit=5):
        for one in claimed:
            loop.run_one(one)
    archiving.write(now=now)
    mirroring.merge_now(clock=lambda: now)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
