"""An installation killed at a chosen step: `python dying.py STORY FILE STEP`; without a step it finishes the work.

The process kills itself with SIGKILL, so nothing is cleaned up, as when a machine loses its power. A process that ends
writes what it found as one line of JSON.
"""

import json
import os
import signal
import sys
from collections import Counter
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
    known = (
        steps_of_a_file, steps_of_a_feed, steps_of_a_back_fill, steps_of_an_erasure, steps_of_a_rotation,
        steps_of_a_run_over_the_past,
    )  # fmt: skip
    return {name: step for steps_of in known for name, step in steps_of().items()}


def steps_of_a_file() -> dict[str, Callable[[], None]]:
    """Return the steps from a file to the mirror."""
    from vigie.server.services import archiving, collecting, importing, saving
    from vigie.store.archive import Archive
    from vigie.store.mirror import Mirror

    return {
        "file kept, work not enqueued": lambda: before(importing, "start"),
        "file kept, work enqueued": lambda: after(importing, "start"),
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


def steps_of_a_feed() -> dict[str, Callable[[], None]]:
    """Return the steps of a read: bytes and cursor saved, taken in piece by piece, closed."""
    from vigie.server.services import collecting

    return {
        "page written, not committed": lambda: before(collecting.work, "enqueue", 2),
        "page saved, nothing taken in": lambda: after(collecting, "save_page"),
        "page half taken in": lambda: after(collecting, "take", 2),
        "page taken in, read not closed": lambda: before(collecting, "finish"),
    }


def steps_of_a_back_fill() -> dict[str, Callable[[], None]]:
    """Return the steps of a watch that is run over the past: the record, then what was heard and not kept."""
    from vigie.server.services import backfilling, door

    return {
        "step over the record, not committed": lambda: after(backfilling, "_judge_record", 2),
        "step over the record, not noted": lambda: before(backfilling, "hold_back", 3),
        "heard posts half taken in": lambda: after(door, "take_from_archive", 2),
        "all taken in, not said": lambda: after(backfilling, "_over_heard"),
    }


def steps_of_an_erasure() -> dict[str, Callable[[], None]]:
    """Return the steps of an erasure: record, mirror, archive, bytes, each with its receipt."""
    from vigie.server import mirroring
    from vigie.server.services import archiving, erasing
    from vigie.store.archive import Archive

    return {
        "record emptied, not committed": lambda: before(erasing, "next_revisions"),
        "record emptied, mirror not": lambda: before(mirroring, "merge_now"),
        "mirror emptied, no receipt": lambda: after(mirroring, "forget_old_files"),
        "heard rows gone, archive not": lambda: after(erasing, "_forget_heard"),
        "archive emptied, no receipt": lambda: after(Archive, "erase"),
        "bytes dropped, no receipt": lambda: after(archiving, "drop_bytes"),
        "all receipts, key not destroyed": lambda: before(erasing, "_finish"),
    }


def steps_of_a_rotation() -> dict[str, Callable[[], None]]:
    """Return the steps of a change of the authors' key: authors, what is written, posts, archive, lists."""
    from vigie.server import keys
    from vigie.server.services import rotating
    from vigie.store.archive import Archive

    return {
        "key drawn, not committed": lambda: after(keys, "add_version"),
        "authors half moved": lambda: before(rotating._Count, "at", 2),
        "written under it, not committed": lambda: after(keys, "advance"),
        "posts half moved": lambda: after(rotating._Count, "at", 4),
        "month moved, not noted": lambda: after(Archive, "rewrite"),
        "archive moved, old files there": lambda: before(Archive, "sweep"),
        "lists moved, not committed": lambda: before(keys, "advance", 2),
    }


def begin_rotation(file: Path) -> None:
    """Change the authors' key."""
    from vigie.server import keys
    from vigie.server.permissions import COMMAND
    from vigie.server.services import rotating

    rotating.STEP = PIECE // 5
    if keys.chain().newest == 1:
        rotating.start(asker=COMMAND, now=datetime.now(UTC))


def steps_of_a_run_over_the_past() -> dict[str, Callable[[], None]]:
    """Return the steps of labels and findings told anew: each step whole, then what follows from it."""
    from vigie.server.services import relabelling, retelling

    return {
        "labels written, findings not": lambda: before(retelling, "_write_things", 2),
        "findings written, audit not": lambda: before(retelling.audit, "write", 3),
        "step noted, revisions not given": lambda: before(retelling.judging, "touch", 2),
        "step written, not committed": lambda: after(retelling, "write", 2),
        "step committed, next not begun": lambda: after(retelling, "step", 2),
        "all told, what follows not begun": lambda: before(relabelling, "_follow"),
        "what follows begun, not said": lambda: after(relabelling, "_follow"),
        "taken back, not committed": lambda: after(relabelling, "_choose_before", 2),
        "taken back, next not begun": lambda: after(relabelling, "_step_back", 2),
    }


def begin_file(file: Path) -> None:
    """Take a file in."""
    from vigie.server import commands
    from vigie.server.models import Fetch

    if not Fetch.objects.exists():
        commands.import_file(file, space="fichier", map_file=None, progress=lambda *_: None)


def begin_feed(file: Path) -> None:
    """Have a feed read, whose bytes are a file's."""
    from vigie.collect.source import Response
    from vigie.server.models import Space
    from vigie.server.permissions import COMMAND
    from vigie.server.services import collecting, spaces
    from vigie.server.worker import handlers

    handlers.client = lambda: lambda url, headers=None: Response(url, 200, {}, file.read_bytes())  # type: ignore[assignment]
    collecting.MAX_BATCH = PIECE
    if not Space.objects.exists():
        draft = spaces.SpaceDraft("Blog", "feed", "blog", "https://blog.example/feed/")
        collecting.read_due(spaces.add(draft, asker=COMMAND, now=datetime.now(UTC)).pk)


def begin_back_fill(file: Path) -> None:
    """Add a watch that everything heard matches."""
    from vigie.server.models import Watch
    from vigie.server.services import backfilling

    backfilling.STEP = PIECE // 2
    if Watch.objects.count() == 1:
        add_watch("Tout", "numero")


def begin_erasure(file: Path) -> None:
    """Demand that an author be erased."""
    from vigie.schema import ids
    from vigie.server import keys
    from vigie.server.models import Erasure
    from vigie.server.permissions import COMMAND
    from vigie.server.services import erasing

    if not Erasure.objects.exists():
        key = ids.author_key(keys.key("author"), "blog.example", "a7")
        erasing.demand("author", key, asker=COMMAND, now=datetime.now(UTC))


def tell_otherwise() -> None:
    """Let other models and a finder say what posts are: even ones are Dutch, all are positive, odd ones hold a reaction."""
    import pyarrow as pa

    from vigie.enrich.finder import FINDINGS
    from vigie.server import engine
    from vigie.server.services import retelling

    def number(text: str) -> int:
        return int(text.rsplit(" ", 1)[-1])

    class Language:
        kind, name, version = "language", "parity", "1"

        def label(self, texts: Any, languages: Any) -> tuple[list[str | None], list[float]]:
            return ["fr" if number(text) % 2 else "nl" for text in texts], [1.0] * len(texts)

    class Tone:
        kind, name, version = "tone", "rosy", "1"

        def label(self, texts: Any, languages: Any) -> tuple[list[str | None], list[float]]:
            return ["positive"] * len(texts), [1.0] * len(texts)

    class Odd:
        kinds, name, version = ("reaction",), "odd", "1"

        def find(self, texts: Any, languages: Any, *, lexicon: Any, tokens: Any) -> pa.Table:
            cells = ("reaction", "impair", None, None, None, False, False, False, False, 1.0, "rule")
            rows = [n for n, text in enumerate(texts.to_pylist()) if number(text) % 2]
            return pa.Table.from_pylist(
                [dict(zip(FINDINGS.names, (n, *cells), strict=True)) for n in rows], schema=FINDINGS
            )

    engine.LABELLERS, engine.FINDERS = (Language(), Tone()), (Odd(),)  # type: ignore[assignment]
    retelling.STEP = PIECE // 2


def begin_run_over_the_past(file: Path) -> None:
    """Have the past told anew by other models, a watch of what is Dutch among it."""
    from vigie.server.models import Watch, Work
    from vigie.server.permissions import COMMAND
    from vigie.server.services import relabelling

    tell_otherwise()
    if Watch.objects.count() == 1:
        add_watch("Néerlandais", "serelium AND language:nl")
    if not Work.objects.filter(kind=relabelling.KIND).exists():
        relabelling.start("language", "tone", "reaction", asker=COMMAND, now=datetime.now(UTC))


def begin_way_back(file: Path) -> None:
    """Have the past told anew, then take its labels back."""
    from vigie.server.models import Work
    from vigie.server.permissions import COMMAND
    from vigie.server.services import relabelling

    begin_run_over_the_past(file)
    work_on()
    first = Work.objects.filter(kind=relabelling.KIND).order_by("pk").first()
    if first is not None and not Work.objects.filter(key__startswith="relabel:back").exists():
        relabelling.take_back(first.pk, asker=COMMAND, now=datetime.now(UTC))


STORIES = {
    "file": begin_file,
    "feed": begin_feed,
    "back-fill": begin_back_fill,
    "erasure": begin_erasure,
    "rotation": begin_rotation,
    "past": begin_run_over_the_past,
    "way back": begin_way_back,
}

PIECE = 100
"""Posts of a step, few so that a small feed has several."""


def add_watch(name: str, expression: str) -> None:
    """Add a watch of the first brand, which is made when there is none."""
    from vigie.server.models import Brand
    from vigie.server.permissions import COMMAND
    from vigie.server.services import people, watches

    now = datetime.now(UTC)
    brand = Brand.objects.first() or people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=now)
    watches.add(watches.WatchDraft(name, brand.pk, "product", brand.pk, expression), asker=COMMAND, now=now)


def work_on() -> None:
    """Do all work there is, as if the leases of the dead and the waits had run out."""
    from vigie.server.models import Lease, Work
    from vigie.server.services import work
    from vigie.server.worker.handlers import handlers
    from vigie.server.worker.loop import Loop

    Work.objects.filter(state="running").update(lease_until_s=0)
    Work.objects.filter(state="waiting").update(due_s=0)
    Lease.objects.update(until_s=0)
    loop = Loop(handlers(), holder="after")
    while claimed := work.claim(holder="after", limit=5):
        for one in claimed:
            loop.run_one(one)


def found() -> dict[str, Any]:
    """Return what there is at the end."""
    from vigie.server import commands
    from vigie.server.models import Erasure, Finding, Label, Receipt, SpaceRead, Work

    left = Work.objects.filter(state__in=("waiting", "running", "failed"))
    return {
        "check": commands.check(),
        "open": sorted(
            left.exclude(kind__in=("archive", "merge", "names", "propose", "tidy")).values_list("key", flat=True)
        ),
        "receipts": sorted(Receipt.objects.values_list("step", flat=True)),
        "keys": keys_found(),
        "told": sorted(
            [kind, value, n]
            for (kind, value), n in Counter(
                [
                    *Label.objects.filter(chosen=True).values_list("kind", "value"),
                    *Finding.objects.values_list("kind", "value"),
                ]
            ).items()
        ),
        "targets": [bytes(target).hex() for target in Erasure.objects.values_list("target", flat=True)],
        "reads": [
            [code, finished is not None]
            for code, finished in SpaceRead.objects.order_by("pk").values_list("code", "finished_at")
        ],
    }


def keys_found() -> dict[str, Any]:
    """Return the versions of the authors' key, and how many hashes stand under each."""
    from collections import Counter

    from vigie.server import keys
    from vigie.server.models import Author, Post
    from vigie.server.services import archiving

    chain = keys.chain()
    rows = [row for batch in archiving.archive().last_versions() for row in batch.to_pylist()]
    handles = {key for n in range(40) for key in chain.links("blog.example", f"a{n}")[-1:]}
    return {
        "chain": [chain.newest, chain.written, chain.moved],
        "authors": Counter(Author.objects.values_list("key_version", flat=True)),
        "engaging": Counter(Post.objects.exclude(engaging_key=None).values_list("engaging_version", flat=True)),
        "archive": Counter(row["key_version"] for row in rows),
        "known": sum(bytes(key) in handles for key in Author.objects.values_list("key", flat=True)),
        "archived": sum(row["author_key"] in handles for row in rows),
    }


def main(story: str, file: Path, step: str | None) -> None:
    """Begin a story, do its work, archive and merge; die at the step, if any."""
    from vigie.server import commands

    commands.migrate()
    from vigie.server import mirroring
    from vigie.server.models import Watch
    from vigie.server.services import archiving

    if not Watch.objects.exists():
        add_watch("Sérélium", "serelium")
    if step:
        steps()[step]()
    STORIES[story](file)
    work_on()
    # A read leaves the work that would have taken its bytes in, had it died.
    work_on()
    now = datetime.now(UTC)
    archiving.write(now=now)
    mirroring.merge_now(clock=lambda: now)
    print(json.dumps(found()))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
    sys.stdout.flush()
    # The threads of three engines written in C++ and Rust end in no order: now and then one aborts the interpreter's end.
    os._exit(0)
