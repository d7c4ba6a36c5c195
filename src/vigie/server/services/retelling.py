"""The statements of labels and findings said anew: what stands of posts, and what is written where it differs.

Of a label, the row before stays beside the one in use (`chosen` false), so that a run can be taken back; older ones go when
a label changes again: a post has at most two rows a kind. A label that was absent leaves a row without a value. Findings
are replaced: rules and dictionaries say the same again when they are put back (docs/adr/0013-findings.md).
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from vigie.enrich.found import Thing
from vigie.flows.retelling import NOTHING, Differences, Relabel, Tally, Tellers, Told, differences
from vigie.schema.vocab import LabelKind
from vigie.server import engine
from vigie.server.database import desk, insert, select, select_in
from vigie.server.models import Labeller
from vigie.server.permissions import WORKER
from vigie.server.services import audit, finding, judging

STEP = 1_000
"""Posts per transaction of bulk work (DESIGN §1, rule 8)."""

POSTS = "SELECT id, version, title, text FROM vigie_post WHERE {where} ORDER BY id"
LABELS = "SELECT post_id, kind, value, labeller_id FROM vigie_label WHERE {where} AND chosen"
THINGS = (
    "SELECT f.post_id, f.kind, f.value, f.name, f.starts, f.ends, f.negated, f.hypothetical, f.past, f.of_another, f.score, "
    "f.source, f.labeller_id FROM vigie_finding f WHERE {where}"
)


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts of the record, row by row, and what stands of them."""

    ids: list[int]
    versions: list[int]
    """Of their texts, by which a post that was edited meanwhile is told."""
    told: Told
    sayers: dict[str, list[int | None]]
    """The labeller of each label in use, by kind."""


@dataclass(frozen=True, slots=True)
class Today:
    """What labels and finds today, and its rows, read before a transaction that may be undone."""

    tellers: Tellers
    ids: Mapping[tuple[str, str, str], int]
    """By kind, name and version."""


def today() -> Today:
    """Return what labels and finds today."""
    current = engine.standing()
    said_by = Tellers(current.labellers, current.finders, current.queries.engine.lexicon)
    return Today(said_by, current.labeller_ids)


def tellers() -> Tellers:
    """Return what labels and finds today, to be asked alone."""
    return today().tellers


def after(post_id: int, kinds: Sequence[str]) -> Posts:
    """Read the posts of the next step by id; three statements."""
    rows = select(f"{POSTS.format(where='id > %s')} LIMIT %s", [post_id, STEP])
    if not rows:
        return _posts([], [], [], kinds)
    within = [rows[0][0], rows[-1][0]]
    labels = select(LABELS.format(where="post_id >= %s AND post_id <= %s"), within)
    things = select(THINGS.format(where="f.post_id >= %s AND f.post_id <= %s"), within)
    return _posts(rows, labels, things, kinds)


def of(post_ids: Sequence[int], kinds: Sequence[str]) -> Posts:
    """Read some posts, by id; those that are gone are absent. Three statements for 10,000."""
    rows = select_in(POSTS.format(where="id IN ({in})"), post_ids)
    labels = select_in(LABELS.format(where="post_id IN ({in})"), post_ids)
    things = select_in(THINGS.format(where="f.post_id IN ({in})"), post_ids)
    return _posts(rows, labels, things, kinds)


def _posts(
    rows: Sequence[tuple[Any, ...]],
    labels: Sequence[tuple[Any, ...]],
    things: Sequence[tuple[Any, ...]],
    kinds: Sequence[str],
) -> Posts:
    place = {row[0]: n for n, row in enumerate(rows)}
    values: dict[str, list[str | None]] = {}
    sayers: dict[str, list[int | None]] = {}
    for post, kind, value, labeller in labels:
        if post in place:
            values.setdefault(kind, [None] * len(rows))[place[post]] = value
            sayers.setdefault(kind, [None] * len(rows))[place[post]] = labeller
    held: list[list[Thing]] = [[] for _ in rows]
    names = _names() if things else {}
    for post, kind, *cells, negated, hypothetical, past, of_another, score, source, labeller in things:
        if post in place and kind in kinds:
            flags = (bool(negated), bool(hypothetical), bool(past), bool(of_another))
            held[place[post]].append(Thing(kind, *cells, *flags, score, source, *names[labeller]))
    texts = [f"{title}\n{text}" if title else text for _, _, title, text in rows]
    return Posts([row[0] for row in rows], [row[1] for row in rows], Told(texts, values, held), sayers)


def _names() -> dict[int, tuple[str, str]]:
    """Return name and version of all labellers and finders: a dozen rows."""
    return {i: (name, version) for i, name, version in Labeller.objects.values_list("id", "name", "version")}


def sayers_of(tally: Tally, posts: Posts, kinds: Sequence[str]) -> None:
    """Add to a tally who said what stands of posts: once a post and kind."""
    names = {i: f"{name} {version}" for i, (name, version) in _names().items()}
    for kind, sayers in posts.sayers.items():
        if kind in kinds:
            tally.versions.setdefault(kind, Counter()).update(names[i] for i in sayers if i is not None)
    for things in posts.told.things:
        for kind, said_by in {(thing.kind, f"{thing.model} {thing.version}") for thing in things}:
            if kind in kinds:
                tally.versions.setdefault(kind, Counter())[said_by] += 1


def step(
    kinds: frozenset[str],
    *,
    after_post: int,
    now: datetime,
    with_step: Callable[[int, int, Differences], None] = lambda post, seen, differ: None,
    may_wait: Callable[[], bool] = lambda: False,
) -> int | None:
    """Say anew what is asked of the next posts, and write what differs; return where to go on.

    `None` means that no post is left. `with_step` is called inside the transaction with that place, the number of posts and
    what differs: it saves how far the work has come. As long as `may_wait` says so, more posts are looked at, until as many
    differ as one transaction writes: after each write, every page that is open counts anew.
    """
    said_by = today()
    found = _looked_at(kinds, said_by, after_post)
    while found.seen and len(found.versions) < STEP and may_wait():
        more = _looked_at(kinds, said_by, found.seen[-1])
        if not more.seen:
            break
        found = found.joined(more)
    if not found.seen:
        return None
    last, seen = found.seen[-1], len(found.seen)
    with desk(), transaction.atomic():
        write(found, said_by, now=now, with_step=lambda kept: with_step(last, seen, kept))
    return last


@dataclass(frozen=True, slots=True)
class Looked:
    """What differs of posts that were looked at, by their ids."""

    seen: Sequence[int]
    """The posts looked at, in order."""
    differ: Differences
    versions: Mapping[int, int]
    """Of the texts of those that differ, by which a post that was edited meanwhile is told."""
    languages: Mapping[int, str | None]
    """Of those that differ, as they were read: what is said of a post rests on it."""

    def joined(self, more: "Looked") -> "Looked":
        """Return these and the next ones, up to the first that differs beyond what one transaction writes."""
        room, theirs = STEP - len(self.versions), more.differ.rows
        if len(theirs) > room:
            more = more.before(theirs[room])
        return Looked(
            [*self.seen, *more.seen], self.differ.joined(more.differ), {**self.versions, **more.versions},
            {**self.languages, **more.languages},
        )  # fmt: skip

    def before(self, post: int) -> "Looked":
        """Return those before a post."""
        kept = self.differ.without({one for one in self.versions if one >= post})
        return Looked(self.seen[: bisect_left(self.seen, post)], kept, *(
            {one: value for one, value in some.items() if one < post} for some in (self.versions, self.languages)
        ))  # fmt: skip


def _looked_at(kinds: frozenset[str], said_by: Today, after_post: int) -> Looked:
    """Read the next posts, and find what differs of them."""
    with desk():
        posts = after(after_post, said_by.tellers.kinds)
        differ = differences(posts.told, kinds, said_by.tellers) if posts.ids else Differences({}, {})
    rows, languages = differ.rows, posts.told.label(LabelKind.LANGUAGE)
    versions = {posts.ids[row]: posts.versions[row] for row in rows}
    return Looked(posts.ids, differ.of(posts.ids), versions, {posts.ids[row]: languages[row] for row in rows})


def write(
    looked: Looked,
    said_by: Today,
    *,
    now: datetime,
    with_step: Callable[[Differences], None] = lambda kept: None,
) -> None:
    """Write what differs, inside a transaction: labels, findings, audit; last the revisions of mentions that show it.

    Posts that were edited or erased since they were read are left: the door said of them what is said today. So is what
    another run said meanwhile.
    """
    differ = _still(looked)
    touched: set[int] = set()
    for kind, labels in differ.labels.items():
        if labels:
            _write_labels(kind, labels, _labeller(said_by, kind))
            touched |= shown(kind, sorted(labels))
    touched |= _write_things(differ, said_by)
    if differ.rows:
        audit.write(WORKER, "posts.relabel", f"post:{differ.rows[0]}", now=now, after={"changed": differ.counts()})
    with_step(differ)
    judging.touch(sorted(touched))


def _still(looked: Looked) -> Differences:
    """Return what differs of posts that say what was read; they can't change before the commit."""
    posts = looked.differ.rows
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    versions = dict(select_in(f"SELECT id, version FROM vigie_post WHERE id IN ({{in}}) ORDER BY id{lock}", posts))
    labels = {
        (post, kind): value for post, kind, value, _ in select_in(LABELS.format(where="post_id IN ({in})"), posts)
    }
    stale = {
        post
        for post in posts
        if (versions.get(post), labels.get((post, LabelKind.LANGUAGE)))
        != (looked.versions[post], looked.languages[post])
    }
    return looked.differ.without(stale).where(lambda kind, post, one: labels.get((post, kind)) == one.before)


def _labeller(said_by: Today, kind: str) -> int:
    """Return the row of what says a kind of label today."""
    one = next(labeller for labeller in said_by.tellers.labellers if labeller.kind == kind)
    return said_by.ids[kind, one.name, one.version]


def nobody(kind: str) -> int:
    """Return the row that stands for no labeller: what said nothing before a label was there."""
    return Labeller.objects.get_or_create(kind=kind, name="none", version="0")[0].pk


def _write_labels(kind: str, rows: Mapping[int, Relabel], labeller: int) -> None:
    """Choose other labels of posts: four statements whatever the posts."""
    posts = sorted(rows)
    places = ",".join(["%s"] * len(posts))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM vigie_label WHERE kind = %s AND (NOT chosen OR labeller_id = %s) AND post_id IN ({places})",
            [kind, labeller, *posts],
        )
        cursor.execute(
            f"UPDATE vigie_label SET chosen = %s WHERE kind = %s AND chosen AND post_id IN ({places})",
            [False, kind, *posts],
        )
    absent = [post for post in posts if rows[post].before is None]
    before = [(post, kind, NOTHING, 0.0, nobody(kind), False) for post in absent]
    now = [(post, kind, one.after or NOTHING, one.score, labeller, one.after is not None) for post, one in rows.items()]
    insert("vigie_label", ("post_id", "kind", "value", "score", "labeller_id", "chosen"), [*before, *now])


def shown(kind: str, post_ids: Sequence[int]) -> set[int]:
    """Return the mentions that show the label of their post: those that nobody corrected."""
    sql = (
        "SELECT m.id FROM vigie_mention m LEFT JOIN vigie_correction c ON c.mention_id = m.id AND c.kind = %s "
        "WHERE c.id IS NULL AND m.post_id IN ({in})"
    )
    return {mention for (mention,) in select_in(sql, post_ids, before=[kind])}


def _write_things(differ: Differences, said_by: Today) -> set[int]:
    """Replace findings, and return the mentions that show others now."""
    ids = sorted({post for some in differ.things.values() for post in some})
    if not ids:
        return set()
    sql = "SELECT id, post_id, found FROM vigie_mention WHERE post_id IN ({in})"
    before = select_in(sql, ids)
    for kind, some in differ.things.items():
        if some:
            finding.forget(sorted(some), [kind])
    finding.write(((post, found) for some in differ.things.values() for post, found in some.items()), said_by.ids)
    changed = set(finding.refresh(ids))
    now = {mention: said for mention, _, said in select_in(sql, sorted(changed))}
    return {m for m, post, said in before if post in changed and (said is None or now.get(m) != said)}
