"""A post is found by the same queries wherever it stands: at the door, in the archive, in the record."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from vigie.match import Knowledge
from vigie.schema.tables import POSTS
from vigie.schema.vocab import Purpose
from vigie.server import engine
from vigie.server.models import Brand, ListEntry, Mention, NamedList, Post, Work
from vigie.server.permissions import COMMAND
from vigie.server.queries import documents
from vigie.server.services import archiving, backfilling, door, lists, spaces, watches
from vigie.server.services.spaces import SpaceDraft
from vigie.server.services.watches import WatchDraft

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 30, 8, tzinfo=UTC)

ROW: dict[str, Any] = {
    "origin": "forum.example", "native_id": "1", "network": "forum", "title": "Rappel", "site": "www.Forum.example",
    "text": "le doliprane me donne mal à la tête depuis hier soir https://ansm.sante.fr/rappel", "url": "https://forum.example/sujet/rappel", "author": "Zoé",
    "author_verified": True, "followers": 700, "country": "FR", "published_at": NOW - timedelta(minutes=5), "rating": 2.0,
    "in_reply_to": "0", "engaging_with": "@Bob",
}  # fmt: skip

HELD = (
    "title:rappel", "url:sujet-rappel", "links:ansm.sante.fr", "author:zoé", "engagingWith:bob", "site:example",
    "network:forum", "country:fr", "authorVerified:true", "authorFollowers:[500 TO 900]", "rating:[1 TO 2]",
    "minuteOfDay:[475 TO 475]", "engagementType:reply", "space:forum", "spacekind:external", "list:amis",
    "doliprane AND language:fr", "doliprane AND NOT continent:europe",
)  # fmt: skip
NOT_HELD = (
    "title:doliprane", "author:bob", "site:autre.example", "authorVerified:false", "rating:[3 TO 5]", "list:absente",
    "engagementType:repost", "spacekind:owned", "doliprane AND continent:europe",
)  # fmt: skip


@pytest.fixture
def space_id() -> int:
    lists.add("amis", lists.Entries(authors=(("forum.example", "zoé"),)), asker=COMMAND, now=NOW)
    return spaces.add(SpaceDraft("Forum", "import", "forum"), asker=COMMAND, now=NOW).pk


def take(space_id: int, **changes: Any) -> None:
    posts = pa.Table.from_pylist([{**ROW, **changes}], schema=POSTS)
    door.take(posts, space_id=space_id, heard_at=NOW, fetch_id=None, now=NOW)


def add_watches(expressions: tuple[str, ...]) -> dict[int, str]:
    brand = Brand.objects.create(name="Vaubrun", is_ours=True)
    made = [
        watches.add(WatchDraft(expression, brand.pk, Purpose.BRAND, None, expression), asker=COMMAND, now=NOW)
        for expression in expressions
    ]
    return {watch.pk: watch.expression for watch in made}


def found(names: dict[int, str]) -> set[str]:
    return {names[i] for i in Mention.objects.filter(lapsed_at=None).values_list("watch_id", flat=True)}


def test_every_field_holds_at_the_door(space_id: int) -> None:
    names = add_watches(HELD + NOT_HELD)
    take(space_id)
    assert found(names) == set(HELD)


def test_every_field_holds_over_the_record_and_over_the_archive(space_id: int) -> None:
    add_watches(("doliprane",))
    take(space_id)
    post = Post.objects.get()
    compiled = engine.compiled({str(n): expression for n, expression in enumerate(HELD + NOT_HELD)})
    in_record = compiled.found(documents.of_record([post.pk]))
    assert {(HELD + NOT_HELD)[int(compiled.engine.ids[q])] for q in in_record.query} == set(HELD)
    assert set(compiled.holding(documents.document(post.pk))) == {str(n) for n in range(len(HELD))}
    (waiting,) = archiving.pending_tables()
    for n, expression in enumerate(HELD + NOT_HELD):
        one = engine.compiled({"q": expression})
        rows = backfilling.matching_rows(waiting, one, engine.standing().spaces)
        assert rows == ([0] if n < len(HELD) else []), expression


def test_changed_list_runs_its_watches_again(space_id: int) -> None:
    names = add_watches(("list:amis", "doliprane"))
    Work.objects.all().delete()
    take(space_id)
    assert found(names) == {"list:amis", "doliprane"}
    entry = ListEntry.objects.get()
    lists.change(NamedList.objects.get().pk, lists.Entries(), without=[entry.pk], asker=COMMAND, now=NOW)
    (job,) = Work.objects.all()
    assert names[job.args["watch"]] == "list:amis"
    assert engine.standing().queries.knowledge.lists == {}


def test_engine_is_not_compiled_again_for_what_did_not_change(space_id: int) -> None:
    add_watches(("doliprane", "aspirine"))
    before = engine.standing().queries
    part = before.engine.parts[0]
    brand = Brand.objects.get()
    watches.add(WatchDraft("neuf", brand.pk, Purpose.BRAND, None, "ibuprofene"), asker=COMMAND, now=NOW)
    after = engine.standing().queries
    assert len(after) == len(before) + 1
    assert after.engine.parts[0].compiled is part.compiled
    assert isinstance(after.knowledge, Knowledge)
