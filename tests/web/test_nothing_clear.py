"""Nothing clear stands in mirror, logs or exports, nor anywhere but in the table of names: names are planted, and looked for."""

import csv
import io
import logging
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from support import leaks
from support.leaks import Needles

from vigie.collect.source import Page
from vigie.schema.tables import MENTIONS, POST_COLUMNS, POSTS, Privacy
from vigie.schema.vocab import Network, Role
from vigie.server import engine, logs, mirroring
from vigie.server.models import (
    AuthorName,
    Brand,
    Evidence,
    Fetch,
    Membership,
    Mention,
    Post,
    Space,
    SpaceRead,
    Tombstone,
    User,
    Work,
)
from vigie.server.permissions import COMMAND
from vigie.server.queries import exports
from vigie.server.services import (
    archiving,
    audit,
    collecting,
    door,
    erasing,
    importing,
    lists,
    people,
    rotating,
    spaces,
    watches,
    work,
)
from vigie.server.services.lists import Entries
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft
from vigie.server.worker.handlers import handlers
from vigie.server.worker.loop import Loop

pytestmark = [pytest.mark.usefixtures("quick_passwords"), pytest.mark.django_db(transaction=True)]

NOW = datetime.now(UTC).replace(microsecond=0)
PLANTED = {"author": "Zqwhandle{}", "author_name": "Zqw Prénom{}", "engaging_with": "@Zqwother{}"}
"""What is planted in each column that is clear, by the number of the post."""


def test_every_clear_column_of_posts_is_planted() -> None:
    assert set(PLANTED) == {column.name for column in POST_COLUMNS if column.privacy is Privacy.CLEAR}
    assert not [name for name in MENTIONS.names if name in PLANTED]


class House:
    """An installation in which everything has happened."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.made = 0
        self.loop = Loop(handlers(clock=lambda: NOW), holder="leaks")
        self.brand = people.add_brand("Vaubrun", is_ours=True, asker=COMMAND, now=NOW)
        self.forum = self._space("Forum")
        self.ours = self._space("Notre page", ownership="owned", brand_id=self.brand.pk)

    def _space(self, title: str, **values: Any) -> Space:
        return spaces.add(SpaceDraft(title, "import", "forum", **values), asker=COMMAND, now=NOW)

    def row(self, network: str, text: str) -> dict[str, Any]:
        self.made += 1
        planted = {name: pattern.format(f"{network}{self.made}") for name, pattern in PLANTED.items()}
        self.names |= {name.removeprefix("@") for name in planted.values()}
        return {
            "origin": f"{network}.example", "native_id": f"n{self.made}", "network": network, "text": text, **planted,
            "url": f"https://{network}.example/{self.made}", "published_at": NOW - timedelta(hours=self.made), "likes": 3,
        }  # fmt: skip

    def take(self, *rows: dict[str, Any], space: Space | None = None) -> None:
        table = pa.Table.from_pylist(list(rows), schema=POSTS)
        door.take(table, space_id=(space or self.forum).pk, heard_at=NOW, fetch_id=None, now=NOW)

    def work(self) -> None:
        Work.objects.filter(state="waiting").update(due_s=0)
        for _ in range(3):
            for one in work.claim(holder="leaks", limit=100):
                self.loop.run_one(one)


def hear(house: House) -> None:
    """Let posts of every network in: kept ones and others, by the door, as a file, as a page of bytes and of a stream."""
    watches.add(WatchDraft("Sérélium", house.brand.pk, "product", house.brand.pk, "serelium"), asker=COMMAND, now=NOW)
    for network in Network:
        house.take(house.row(network.value, "Sérélium donne des vertiges"), house.row(network.value, "rien de neuf"))
    house.take(house.row("forum", "Sérélium chez nous"), space=house.ours)
    edited = house.row("forum", "Sérélium avant")
    house.take(edited)
    house.take({**edited, "text": "Sérélium après", "likes": 9})
    file = Path(settings.VIGIE.var) / "posts.csv"
    given = [house.row("blog", "Sérélium dans un fichier"), house.row("blog", "autre chose")]
    columns = [name for name in given[0] if name != "origin"]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows({**one, "published_at": one["published_at"].isoformat()} for one in given)
    importing.import_now(file, space="fichier", map_file=None, clock=lambda: NOW, progress=lambda *_: None)
    file.unlink()
    stream(house)


def stream(house: House) -> None:
    """Let a page in as its source's bytes, which are kept until they are archived."""
    kept = pa.Table.from_pylist([house.row("bluesky", "Sérélium au vol")], schema=POSTS)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, kept.schema) as writer:
        writer.write_table(kept)
    read = SpaceRead.objects.create(space=house.forum, started_at=NOW)
    page = Page(
        "wss://sky.example", sink.getvalue().to_pybytes(), collecting.ARROW, "firehose", NOW, "1", is_firehose=True
    )
    collecting.ingest_page(collecting.save_page(read, page), clock=lambda: NOW)


def go_on(house: House, client: Client) -> dict[str, bytes]:
    """Do all that people and the worker do with what was heard; return what was given away, by its address."""
    mention = Mention.objects.filter(post__author__isnull=False).order_by("pk").first()
    assert mention is not None
    author = mention.post.author_id
    handle = AuthorName.objects.get(author_id=author).handle
    lists.add("amis", Entries(authors=((mention.post.origin, handle),)), asker=COMMAND, now=NOW)
    house.work()
    archiving.write(now=NOW)
    importing.forget_files()
    mirroring.merge_now(clock=lambda: NOW)
    user = User.objects.create_user("chef@example.org", "x", language="fr")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    shown = client.post(f"/authors/{author}/name/", {"purpose": "answer"}, follow=True).content.decode()
    assert handle in shown, "the one page that shows it, to who asked"
    client.post(f"/mentions/{mention.pk}/keep/")
    client.post(f"/mentions/{mention.pk}/mark/")
    client.get(f"/search/?q=author:{handle}", headers={"user-agent": handle})
    client.get(f"/nowhere/{handle}/")
    given = {address: client.get(address).content for address in addresses(mention)}
    given |= exported(client)
    other = Mention.objects.exclude(post__author=author).filter(post__author__isnull=False).order_by("pk").last()
    assert other is not None
    erasing.demand("author", erasing.target_of(other.pk, "author"), asker=COMMAND, now=NOW)
    rotating.start(asker=COMMAND, now=NOW)
    house.work()
    archiving.write(now=NOW)
    mirroring.merge_now(clock=lambda: NOW)
    fail(handle)
    return given | {f"{address} again": client.get(address).content for address in ("/mentions/", "/audit/", "/work/")}


def addresses(mention: Mention) -> list[str]:
    return [
        "/dashboard/", "/mentions/", "/mentions/?order=seen", f"/mentions/{mention.pk}/", "/watches/", "/spaces/", "/lists/",
        "/lists/1/" if not lists.NamedList.objects.exists() else f"/lists/{lists.NamedList.objects.get().pk}/", "/audit/",
        "/work/", "/settings/", "/settings/names-shown/", "/settings/keys/", "/settings/retention/", "/names/", "/catalogue/proposals/",
    ]  # fmt: skip


def exported(client: Client) -> dict[str, bytes]:
    """Return each export, and what a packed one holds."""
    given = {address: client.get(address).content for address in ("/mentions/export.csv", "/mentions/export.parquet")}
    assert len(list(csv.reader(io.StringIO(given["/mentions/export.csv"].decode("utf-8-sig"))))) > len(Network)
    given["the Parquet decoded"] = leaks.of_table(pq.read_table(io.BytesIO(given["/mentions/export.parquet"])))
    return given


def fail(handle: str) -> None:
    """Let a piece of work crash on a name, which its exception quotes."""

    def crash(job: object) -> None:
        raise ValueError(f"can't read {handle}")

    work.enqueue("crash", "crash")
    for one in work.claim(holder="leaks", limit=100):
        if one.kind == "crash":
            Loop({"crash": crash}, holder="leaks").run_one(one)  # type: ignore[dict-item] -- it returns nothing
    logging.getLogger("vigie.test").warning("about %s", handle, extra={"facts": {"handle": handle, "author": handle}})


@pytest.fixture
def log_file() -> Iterator[Path]:
    """Write the log to a file of the installation, as a terminal's server does."""
    path = Path(settings.VIGIE.var) / "vigie.log"
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logs.JsonLines())
    loggers = [logging.getLogger(name) for name in ("", "vigie")]
    levels = [logger.level for logger in loggers]
    loggers[0].addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield path
    loggers[0].removeHandler(handler)
    handler.close()
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


Everything = Callable[[], dict[str, set[str]]]


@pytest.fixture
def story(client: Client, log_file: Path) -> tuple[House, Everything, dict[str, bytes]]:
    """All has happened; return how to look for names in what is kept and given."""
    house = House()
    hear(house)
    before = leaks.in_record(Needles(house.names))
    assert set(before) <= {"vigie_fetch.body"}, "while it waits for the archive, a source's bytes alone hold names"
    given = go_on(house, client)

    def everywhere() -> dict[str, set[str]]:
        needles = Needles(house.names)
        found = leaks.in_record(needles) | leaks.in_files(Path(settings.VIGIE.var), needles)
        for address, body in given.items():
            if names := needles.within(body):
                found[address] = names
        return found

    return house, everywhere, given


def test_names_stand_in_the_table_of_names_alone(story: tuple[House, Everything, dict[str, bytes]]) -> None:
    house, everywhere, _ = story
    stored = set(AuthorName.objects.values_list("handle", flat=True)) | set(
        AuthorName.objects.values_list("name", flat=True)
    )
    assert len(stored & house.names) >= 2 * len(Network), "they were planted"
    assert everywhere() == {}
    mirror = list(mirroring.folder().glob("*.parquet"))
    assert sum(pq.read_table(path).num_rows for path in mirror) > len(Network), "the mirror was looked at"
    assert (Path(settings.VIGIE.var) / "vigie.log").stat().st_size > 1000 and engine.kept_file().exists()
    assert Evidence.objects.exists() and Tombstone.objects.count() >= 0
    assert not Fetch.objects.exclude(body=None).exists() and list(Path(settings.VIGIE.archive_url).rglob("*.parquet"))


def leak_in_mirror(name: str, given: dict[str, bytes]) -> None:
    path = next(iter(mirroring.folder().glob("*.parquet")))
    rows = pq.read_table(path)
    pq.write_table(rows.append_column("author", pa.array([name] * len(rows))), path, compression="zstd")


def leak_in_archive(name: str, given: dict[str, bytes]) -> None:
    path = next(iter(Path(settings.VIGIE.archive_url).rglob("*.parquet")))
    pq.write_table(pa.table({"author": [name]}), path, compression="zstd")


def leak_in_log(name: str, given: dict[str, bytes]) -> None:
    with (Path(settings.VIGIE.var) / "vigie.log").open("a", encoding="utf-8") as log:
        log.write(f'{{"message": "read {name.casefold()}"}}\n')


def leak_in_queries(name: str, given: dict[str, bytes]) -> None:
    engine.kept_file().write_bytes(b"\x81\xa5value" + name.encode())


def leak_in_audit(name: str, given: dict[str, bytes]) -> None:
    with transaction.atomic():
        audit.write(COMMAND, "author.reveal", "author:1", now=NOW, after={"handle": name})


def leak_in_batch(name: str, given: dict[str, bytes]) -> None:
    from vigie.server.models import Batch
    from vigie.server.services.saving import pack

    Batch.objects.create(
        id=uuid.uuid4().hex, rows=1, payload=pack(pa.table({"author": [name] * 9_000})), created_at=NOW
    )


def leak_in_post(name: str, given: dict[str, bytes]) -> None:
    Post.objects.filter(pk=Post.objects.order_by("pk").values_list("pk", flat=True)[0]).update(media=[name])


def leak_in_export(name: str, given: dict[str, bytes]) -> None:
    given["/mentions/export.csv"] += exports._csv(pa.Table.from_pylist([{"author": name}], schema=exports.EXPORT))


def leak_in_page(name: str, given: dict[str, bytes]) -> None:
    given["/mentions/"] += f"<p>{name}</p>".encode()


LEAKS: dict[str, tuple[Callable[[str, dict[str, bytes]], None], str]] = {
    "mirror": (leak_in_mirror, "mirror"),
    "archive": (leak_in_archive, "archive"),
    "log": (leak_in_log, "vigie.log"),
    "kept queries": (leak_in_queries, "queries.kept"),
    "audit": (leak_in_audit, "vigie_auditevent.after"),
    "batch": (leak_in_batch, "vigie_batch.payload"),
    "post": (leak_in_post, "vigie_post.media"),
    "export": (leak_in_export, "/mentions/export.csv"),
    "page": (leak_in_page, "/mentions/"),
}
"""A leak that is made on purpose, and where the search must find it."""


def test_a_leak_is_found_wherever_it_is(story: tuple[House, Everything, dict[str, bytes]]) -> None:
    """The search is no use if it finds nothing: one name is planted in each place, and must be found there."""
    house, everywhere, given = story
    for n, (place, (leak, where)) in enumerate(LEAKS.items()):
        name = sorted(house.names)[n]
        before = set(everywhere())
        leak(name, given)
        found = everywhere()
        new = {at: names for at, names in found.items() if at not in before}
        assert new and all(where in at for at in new), f"a leak in the {place} is not found"
        assert all(name in names for names in new.values())


def test_an_export_that_forgets_the_pseudonym_is_found(
    story: tuple[House, Everything, dict[str, bytes]], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a fault of ours would leak: the export writes the handle where the pseudonym belongs."""
    house, _, _ = story
    handles = {bytes(n.author.key): n.handle for n in AuthorName.objects.select_related("author")}
    monkeypatch.setattr(exports, "pseudonym", handles.get)
    needles = Needles(house.names)
    assert {at for at, body in exported(client).items() if needles.within(body)} >= {
        "/mentions/export.csv",
        "the Parquet decoded",
    }


@pytest.mark.parametrize("form", ["{}", "x{}y", "«{}»"])
def test_forms_of_a_name_are_found(form: str) -> None:
    import base64
    import json

    name = "Zqw Prénomforum1"
    needles, text = Needles([name]), form.format(name)
    for data in (
        text.encode(), text.casefold().encode(), json.dumps({"a": text}).encode(), text.encode("utf-16-le"),
        base64.b64encode(text.encode() + b"..."), text.encode().hex().encode(),
    ):  # fmt: skip
        assert needles.within(data) == {name}, data
    assert needles.within(b"Zqw Prenomforum2") == set()


def test_brand_is_there(story: tuple[House, Everything, dict[str, bytes]]) -> None:
    """What is no name of the web is found in many places: the search reads them."""
    house, _, given = story
    assert Brand.objects.filter(pk=house.brand.pk).exists()
    needles = Needles(["Sérélium"])
    assert {"vigie_post.text", "vigie_watch.name"} <= set(leaks.in_record(needles))
    assert [path for path in leaks.in_files(Path(settings.VIGIE.var), needles) if "archive" in path]
    assert needles.within(given["the Parquet decoded"])
