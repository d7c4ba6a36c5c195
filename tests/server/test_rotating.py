"""A new key for authors' hashes: everything moves to it, and nothing that rests on authors is lost at any step."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.conf import settings
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from vigie.errors import DecisionError
from vigie.match import DOCUMENTS, Knowledge, Members, compile_queries
from vigie.schema import ids
from vigie.schema.tables import ARCHIVE
from vigie.server import engine, keys
from vigie.server.keys import Chain
from vigie.server.models import Author, AuthorName, Batch, Key, ListEntry, Mention, Post, Watch, Work
from vigie.server.permissions import COMMAND, Asker
from vigie.server.services import archiving, door, erasing, lists, rotating, watches, work
from vigie.server.services.lists import Entries
from vigie.server.services.watches import WatchDraft
from vigie.server.worker.handlers import handlers
from vigie.server.worker.loop import Loop
from vigie.store import archive as module
from vigie.store.archive import Archive
from vigie.store.rekeying import renewed

from .conftest import NOW, House, post

ORIGIN = "forum.example"


class Died(BaseException):
    """The process ends here: nothing that was not committed is there."""


def work_on() -> None:
    """Do all work there is, as if the leases of the dead had run out."""
    Work.objects.filter(state="running").update(lease_until_s=0)
    Work.objects.filter(state="waiting").update(due_s=0)
    loop = Loop(handlers(clock=lambda: NOW), holder="after")
    while claimed := work.claim(holder="after", limit=5):
        for one in claimed:
            loop.run_one(one)


def heard(house: House) -> None:
    """Hear a kept post and one for the archive alone from each of three authors, and one that answers an author."""
    for name in ("zoe", "yan", "xia"):
        house.take(post(f"{name} kept", "Sérélium", author=name, author_name=name.title()))
        house.take(post(f"{name} heard", "rien", author=name))
    house.take(post("answer", "Sérélium aussi", author="wim", engaging_with="@Zoe"))
    house.take(post("only", "rien non plus", author="vera"))


def add_watch(house: House, name: str, expression: str) -> Watch:
    made = watches.add(WatchDraft(name, house.brand.pk, "product", house.brand.pk, expression), asker=COMMAND, now=NOW)
    work_on()
    return made


def found_by(house: House, expression: str) -> set[str]:
    """Return the posts that a new watch finds in all that was ever heard."""
    made = add_watch(house, f"q{Watch.objects.count()}", expression)
    return set(Mention.objects.filter(watch=made, lapsed_at=None).values_list("post__native_id", flat=True))


def rotate() -> None:
    rotating.start(asker=COMMAND, now=NOW)
    work_on()


def every_byte() -> bytes:
    """Return all that the record and the archive hold, but the table of keys and names."""
    parts = [path.read_bytes() for path in Path(settings.VIGIE.archive_url).rglob("*") if path.is_file()]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                parts += [bytes(v) if isinstance(v, (bytes, memoryview)) else str(v).encode() for v in row]
    return b"\0".join(parts)


def archived(names: tuple[str, ...] = ("native_id", "author_key", "key_version")) -> dict[str, tuple[Any, ...]]:
    store = Archive(settings.VIGIE.archive_url)
    rows = [row for batch in store.last_versions() for row in batch.to_pylist()]
    return {row["native_id"]: tuple(row.get(name) for name in names[1:]) for row in rows}


def test_links_are_a_chain_of_keyed_hashes() -> None:
    links = ids.author_links([b"a" * 32, b"b" * 32], ORIGIN, "@Zoe")
    assert links[0] == ids.author_key(b"a" * 32, ORIGIN, "zoe")
    assert links[1] == ids.renewed(b"b" * 32, links[0]) and len(links[1]) == 16
    assert links[1] != ids.author_key(b"b" * 32, ORIGIN, "zoe"), "a handle never gives what a hash gives"


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=5, unique=True), st.text(max_size=20))
def test_a_hash_of_any_version_is_brought_to_the_newest(secrets: list[bytes], handle: str) -> None:
    chain = Chain(tuple(secrets), 1, 1)
    links = chain.links(ORIGIN, handle)
    assert len(set(links)) == len(secrets)
    for version, link in enumerate(links, 1):
        assert chain.links_of(link, version) == links[version - 1 :]
        assert chain.lifted(link, version) == links[-1]


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 3)), max_size=20))
def test_rows_are_renewed_as_the_chain_says(rows: list[tuple[str | None, int]]) -> None:
    """Version 0 stands for a row that was written before there was a column."""
    secrets = (b"1" * 32, b"2" * 32, b"3" * 32)
    table = ARCHIVE.empty_table().to_pylist()
    for n, (handle, version) in enumerate(rows):
        key = ids.author_links(secrets, ORIGIN, handle)[max(version, 1) - 1] if handle else None
        table.append(
            {
                "post_key": bytes([n]) * 16, "version": 1, "heard_at": NOW, "space_id": 1, "author_key": key,
                "engaging_key": key, "key_version": version or None, "heard_month": "2026-10", "origin": ORIGIN,
                "native_id": str(n), "network": "forum", "text": "x",
            }
        )  # fmt: skip
    done = renewed(pa.Table.from_pylist(table, schema=ARCHIVE), secrets)
    expected = [ids.author_links(secrets, ORIGIN, handle)[-1] if handle else None for handle, _ in rows]
    assert done["author_key"].to_pylist() == done["engaging_key"].to_pylist() == expected
    assert set(done["key_version"].to_pylist()) <= {3} and done.schema == ARCHIVE


def test_queries_find_authors_under_each_version() -> None:
    known = Knowledge(b"1" * 32, {"amis": Members(frozenset())}, (b"2" * 32,))
    queries = compile_queries({"q": "author:zoe", "e": "engagingWith:zoe"}, knowledge=known)
    links = ids.author_links((b"1" * 32, b"2" * 32), ORIGIN, "Zoe")
    rows = [{"text": "x", "origin": ORIGIN, "author_key": link, "engaging_key": link} for link in (*links, b"?" * 16)]
    found = queries.found(pa.Table.from_pylist(rows, schema=DOCUMENTS))
    assert sorted(found.row.tolist()) == [0, 0, 1, 1]


def test_everything_moves_to_the_new_key(house: House) -> None:
    heard(house)
    lists.add("amis", Entries(authors=((ORIGIN, "yan"), (ORIGIN, "vera"))), asker=COMMAND, now=NOW)
    archiving.write(now=NOW)
    house.take(post("waits", "rien", author="zoe"))
    old = [ids.author_key(keys.key("author"), ORIGIN, name) for name in ("zoe", "yan", "xia", "wim", "vera")]
    assert any(key in every_byte() for key in old)
    before = set(Author.objects.values_list("pk", flat=True))
    rotate()
    chain = keys.chain()
    assert (chain.newest, chain.written, chain.moved) == (2, 2, 2)
    held = every_byte()
    assert not [key for key in old if key in held], "no hash of the old key stands anywhere"
    assert {(a.pk, a.key_version) for a in Author.objects.all()} == {(pk, 2) for pk in before}
    assert bytes(Author.objects.get(clear__handle="zoe").key) == chain.links(ORIGIN, "zoe")[1]
    assert {version for _, version in archived().values()} == {2}
    assert bytes(Post.objects.get(native_id="answer").engaging_key or b"") == chain.links(ORIGIN, "zoe")[1]
    assert Work.objects.get(kind="rekey").state == "done"


def test_what_rests_on_authors_is_as_before(house: House) -> None:
    heard(house)
    lists.add("amis", Entries(authors=((ORIGIN, "yan"), (ORIGIN, "vera"))), asker=COMMAND, now=NOW)
    archiving.write(now=NOW)
    for _ in range(2):
        rotate()
        house.take(post(f"new {keys.chain().newest}", "Sérélium", author="@ZOE"))
    assert keys.chain().newest == 3 and len(set(keys.chain().secrets)) == 3
    assert Author.objects.filter(clear__handle__iexact="zoe").count() == 1
    zoe = Author.objects.get(clear__handle="zoe")
    assert set(Post.objects.filter(author=zoe).values_list("native_id", flat=True)) == {"zoe kept", "new 2", "new 3"}
    assert found_by(house, "author:zoe") == {"zoe kept", "zoe heard", "new 2", "new 3"}
    assert found_by(house, "engagingWith:zoe") == {"answer"}
    assert found_by(house, "list:amis") == {"yan kept", "yan heard", "only"}


def test_the_erased_stay_refused(house: House) -> None:
    heard(house)
    mention = Mention.objects.get(post__native_id="zoe kept")
    erasing.demand("author", erasing.target_of(mention.pk, "author"), asker=COMMAND, now=NOW)
    work_on()
    rotate()
    rotate()
    assert house.take(post("again", "Sérélium", author="zoe")).refused == 1
    mention = Mention.objects.get(post__native_id="yan kept")
    erasing.demand("author", erasing.target_of(mention.pk, "author"), asker=COMMAND, now=NOW)
    work_on()
    assert house.take(post("yan again", "Sérélium", author="yan")).refused == 1
    assert not [n for n in archived() if n.startswith(("yan", "zoe"))]
    rotate()
    assert house.take(post("yan still", "Sérélium", author="yan")).refused == 1


STEPS: dict[str, tuple[Any, str, int]] = {
    "key drawn": (rotating, "_move_authors", 1),
    "some authors moved": (rotating._Count, "at", 2),
    "authors moved": (rotating, "_write_archive_under", 1),
    "written under it": (rotating, "_move_posts", 1),
    "posts moved": (rotating, "_move_archive", 1),
    "batches archived": (Archive, "rewrite", 1),
    "a month moved": (Archive, "rewrite", 2),
    "archive moved, old files there": (Archive, "sweep", 1),
    "archive moved": (rotating, "_move_lists", 1),
    "lists moved, not committed": (keys, "advance", 2),
}
"""Where the process dies: before the n-th call of a function."""


def dies(owner: Any, name: str, turn: int) -> Callable[..., Any]:
    original, calls = getattr(owner, name), [0]

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        if calls[0] == turn:
            raise Died
        return original(*args, **kwargs)

    return wrapped


@pytest.fixture
def half_way(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that has a rotation begun, and die at a step."""

    def begin(step: str) -> None:
        heard(house)
        house.take(post("last month", "rien", author="zoe"), at=NOW - timedelta(days=40))
        lists.add("amis", Entries(authors=((ORIGIN, "yan"), (ORIGIN, "vera"))), asker=COMMAND, now=NOW)
        archiving.write(now=NOW)
        house.take(post("waits", "rien", author="zoe"))
        monkeypatch.setattr(rotating, "STEP", 2)
        rotating.start(asker=COMMAND, now=NOW)
        owner, name, turn = STEPS[step]
        with monkeypatch.context() as patch, pytest.raises(Died):
            patch.setattr(owner, name, dies(owner, name, turn))
            (claimed,) = work.claim_key(rotating.WORK_KEY, holder="dead")
            work.run_inline(claimed, lambda job: rotating.run(job, clock=lambda: NOW))
        assert keys.chain().is_moving
        engine.forget()

    return begin


@pytest.fixture
def no_rekeying(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def hold() -> None:
        Work.objects.filter(kind="rekey").update(state="cancelled")

    return hold


@pytest.mark.parametrize("step", STEPS)
def test_died_at_a_step_everything_works_and_the_move_goes_on(
    step: str, house: House, half_way: Callable[[str], None], no_rekeying: Callable[[], None]
) -> None:
    half_way(step)
    no_rekeying()
    house.take(
        post("mid", "Sérélium", author="Zoe"), post("mid heard", "rien", author="zoe"), post("u", "rien", author="uli")
    )
    lists.change(lists.NamedList.objects.get().pk, Entries(authors=((ORIGIN, "uli"),)), asker=COMMAND, now=NOW)
    assert found_by(house, "author:zoe") == {"zoe kept", "zoe heard", "last month", "waits", "mid", "mid heard"}
    assert found_by(house, "list:amis") == {"yan kept", "yan heard", "only", "u"}
    assert found_by(house, "engagingWith:zoe") == {"answer"}
    assert Author.objects.filter(clear__handle__iexact="zoe").count() == 1
    mention = Mention.objects.filter(post__native_id="yan kept").first()
    assert mention
    erasing.demand("author", erasing.target_of(mention.pk, "author"), asker=COMMAND, now=NOW)
    assert house.take(post("yan again", "Sérélium", author="yan")).refused == 1
    work_on()
    rotating.start(asker=COMMAND, now=NOW)
    work_on()
    chain = keys.chain()
    assert (chain.newest, chain.written, chain.moved) == (2, 2, 2), "the move that was stopped goes on"
    assert not Batch.objects.exists() and {version for _, version in archived().values()} == {2}
    assert not [n for n in archived() if n.startswith("yan")]
    held = every_byte()
    for name in ("zoe", "yan", "xia", "wim", "vera", "uli"):
        assert ids.author_key(keys.key("author"), ORIGIN, name) not in held
    assert found_by(house, "author:zoe") == {"zoe kept", "zoe heard", "last month", "waits", "mid", "mid heard"}
    assert found_by(house, "list:amis") == {"only", "u"}
    assert house.take(post("yan still", "Sérélium", author="yan")).refused == 1
    assert Author.objects.filter(clear__handle__iexact="zoe").count() == 1


@pytest.mark.parametrize("step", STEPS)
def test_an_author_demanded_before_and_erased_half_way_is_gone(
    step: str, house: House, half_way: Callable[[str], None], no_rekeying: Callable[[], None]
) -> None:
    """The demand holds the hash of that time, and the archive that of another."""
    half_way(step)
    no_rekeying()
    erasure = erasing.demand("author", ids.author_key(keys.key("author"), ORIGIN, "zoe"), asker=COMMAND, now=NOW)
    work_on()
    erasure.refresh_from_db()
    assert erasure.finished_at
    archiving.write(now=NOW)
    assert not [n for n in archived() if n.startswith(("zoe", "last", "waits"))]
    assert not AuthorName.objects.filter(handle="zoe").exists()


def test_a_watch_batch_that_met_the_change_begins_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between matching and writing the key changes: the batch is taken again, under the new key."""
    real, first = door.judge, [True]

    def judge(*args: Any) -> Any:
        found = real(*args)
        if first.pop() if first else False:
            rotating.start(asker=COMMAND, now=NOW)
        return found

    monkeypatch.setattr(door, "judge", judge)
    house.take(post("1", "Sérélium", author="zoe"))
    assert Author.objects.get().key_version == 2
    work_on()
    assert bytes(Author.objects.get().key) == keys.chain().links(ORIGIN, "zoe")[1]


def test_only_administrators_change_the_key(house: House) -> None:
    nobody = Asker(3, "user:3", frozenset(), {})
    with pytest.raises(DecisionError):
        rotating.start(asker=nobody, now=NOW)
    assert not Key.objects.filter(name__startswith="author:").exists()


def test_an_archive_older_than_versions_is_moved(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that an earlier Vigie wrote have no version; they are of the first."""
    heard(house)
    real = module.conform
    older = ARCHIVE.remove(ARCHIVE.get_field_index("key_version"))
    with monkeypatch.context() as patch:
        patch.setattr(module, "conform", lambda table, schema, what: real(table, older, what=what))
        archiving.write(now=NOW)
    assert all(version is None for _, version in archived().values())
    assert found_by(house, "author:zoe") == {"zoe kept", "zoe heard"}
    rotate()
    assert {version for _, version in archived().values()} == {2}
    assert found_by(house, "author:xia") == {"xia kept", "xia heard"}
    assert not ListEntry.objects.exists()
