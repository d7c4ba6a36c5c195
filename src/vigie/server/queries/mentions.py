"""Lists and details of mentions: ids from the mirror, rows and texts from the record by primary key, scoped again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vigie.match.document import TITLE
from vigie.server import engine, mirroring
from vigie.server.database import select_in
from vigie.server.models import Mention, Post, Watch
from vigie.server.permissions import Asker
from vigie.server.pseudonyms import pseudonym
from vigie.server.queries import documents, scope
from vigie.server.queries import filters as filtering
from vigie.server.queries.filters import Filters
from vigie.store.figures import View
from vigie.store.filters import Filter

PAGE_ROWS = 50
"""Posts of a page of a list (DESIGN §1, rule 4)."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class WatchName:
    """A watch as a list shows it."""

    id: int
    name: str
    purpose: str
    subject_id: int | None
    mention_id: int
    lapsed: bool
    not_about_us: bool
    tone_corrected: bool


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post in a list, with the mentions of it that the reader may see."""

    post_id: int
    mention_id: int
    """The mention that its page opens."""
    title: str
    text: str
    title_spans: tuple[Span, ...]
    text_spans: tuple[Span, ...]
    network: str
    space_id: int
    space_title: str
    url: str
    author: str | None
    """Pseudonym; absent when the post names nobody."""
    author_id: int | None
    published_at: datetime
    day_is_heard: bool
    language: str | None
    tone: str | None
    likes: int | None
    reposts: int | None
    replies: int | None
    views: int | None
    version: int
    deleted_at: datetime | None
    watches: tuple[WatchName, ...]


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list, with the figures of the whole."""

    rows: tuple[PostRow, ...]
    mentions: int
    posts: int
    next_key: str | None
    """Where the next page begins; absent on the last one."""


def subjects_of(who: Asker) -> dict[int, int | None]:
    """Return the subject of each watch that the asker sees."""
    rows = Watch.objects.filter(pk__in=scope.watch_ids(who)).values_list("id", "subject_id")
    return dict(rows)


def page(filters: Filters, *, who: Asker, now: datetime, after: str | None = None, limit: int = PAGE_ROWS) -> ListPage:
    """Return a page of the list that the filters open.

    Cost grows with the months of the window for figures, with the page for rows.
    """
    chosen = filtering.to_store(filters, who, subjects_of(who))
    view = mirroring.view(now=now)
    found = view.page(chosen, order=filters.order, after=after, limit=limit)
    mentions, posts = view.total(chosen)
    rows_ = rows(found.rows.to_pylist(), who)
    return ListPage(rows_, mentions, posts, found.next_key)


def first(chosen: Filter, view: View, *, order: str, who: Asker, limit: int) -> tuple[PostRow, ...]:
    """Return the first posts of a list, without its figures; `chosen` is bounded by what the asker sees."""
    return rows(view.page(chosen, order=order, limit=limit).rows.to_pylist(), who)


def rows(found: Sequence[Mapping[str, Any]], who: Asker) -> tuple[PostRow, ...]:
    """Read rows and texts by primary key; watches the asker does not see are left out once more."""
    allowed = set(scope.watch_ids(who))
    posts = {
        p.pk: p for p in Post.objects.filter(pk__in=[f["post_id"] for f in found]).select_related("author", "space")
    }
    mention_ids = [m for f in found for m in f["mention_ids"]]
    mentions = _mentions(mention_ids, allowed)
    shown = [f for f in found if f["post_id"] in posts and mentions.get(f["post_id"])]
    marks = spans([posts[f["post_id"]] for f in shown], {f["post_id"]: mentions[f["post_id"]] for f in shown})
    return tuple(_row(f, posts[f["post_id"]], mentions[f["post_id"]], marks[f["post_id"]]) for f in shown)


def _mentions(mention_ids: Sequence[int], allowed: set[int]) -> dict[int, list[WatchName]]:
    sql = (
        "SELECT m.post_id, m.id, w.id, w.name, w.purpose, w.subject_id, m.lapsed_at IS NOT NULL, k.id IS NOT NULL, c.id IS NOT NULL "
        "FROM vigie_mention m JOIN vigie_watch w ON w.id = m.watch_id "
        "LEFT JOIN vigie_markrow k ON k.mention_id = m.id AND k.kind = 'not_about_us' "
        "LEFT JOIN vigie_correction c ON c.mention_id = m.id AND c.kind = 'tone' WHERE m.id IN ({in})"
    )
    by_post: dict[int, list[WatchName]] = {}
    for post, mention, watch, name, purpose, subject, *said in sorted(select_in(sql, mention_ids), key=str):
        if watch in allowed:
            lapsed, marked, corrected = map(bool, said)
            row = WatchName(watch, name, purpose, subject, mention, lapsed, marked, corrected)
            by_post.setdefault(post, []).append(row)
    return by_post


def spans(
    posts: Sequence[Post], watches: Mapping[int, Sequence[WatchName]]
) -> dict[int, tuple[list[Span], list[Span]]]:
    """Return which letters of title and text the watches caught, by matching the page's posts once more."""
    queries = engine.standing().queries
    ids = [p.pk for p in posts]
    found = queries.found(documents.of_record(ids), spans=True)
    wanted = {(post, str(w.id)) for post, seen in watches.items() for w in seen}
    names = queries.engine.ids if len(found.row) else []
    owners = [(ids[row], names[query]) for row, query in zip(found.row.tolist(), found.query.tolist(), strict=True)]
    caught: dict[int, tuple[set[Span], set[Span]]] = {i: (set(), set()) for i in ids}
    places = (found.span_pair, found.span_zone, found.span_start, found.span_end)
    for pair, zone, start, end in zip(*(column.tolist() for column in places), strict=True):
        if owners[pair] in wanted:
            caught[owners[pair][0]][0 if zone == TITLE else 1].add((start, end))
    return {post: (sorted(title), sorted(text)) for post, (title, text) in caught.items()}


def _row(
    found: Mapping[str, Any], post: Post, watches: list[WatchName], marks: tuple[list[Span], list[Span]]
) -> PostRow:
    return PostRow(
        post_id=post.pk,
        mention_id=watches[0].mention_id,
        title=post.title,
        text=post.text,
        title_spans=tuple(marks[0]),
        text_spans=tuple(marks[1]),
        network=post.network,
        space_id=post.space_id,
        space_title=post.space.title,
        url=post.url,
        author=pseudonym(bytes(post.author.key)) if post.author else None,
        author_id=post.author_id,
        published_at=post.published_at,
        day_is_heard=post.day_is_heard,
        language=found["language"],
        tone=found["tone"],
        likes=post.likes,
        reposts=post.reposts,
        replies=post.replies,
        views=post.views,
        version=post.version,
        deleted_at=post.deleted_at,
        watches=tuple(watches),
    )


def row_of(post: Post, mention_ids: Sequence[int], found: Mapping[str, Any]) -> PostRow:
    """Return one post as lists show it; its first mention is the one that the page is about."""
    watches = _mentions(mention_ids, set(Mention.objects.filter(pk__in=mention_ids).values_list("watch_id", flat=True)))
    ordered = sorted(watches[post.pk], key=lambda w: mention_ids.index(w.mention_id))
    return _row(found, post, ordered, spans([post], {post.pk: ordered})[post.pk])


def visible(mention_id: int, *, who: Asker) -> Mention | None:
    """Return a mention that the asker may see; `None` for others, as if they did not exist."""
    mention = (
        Mention.objects.select_related("post", "post__author", "post__space", "post__heard", "watch")
        .filter(pk=mention_id)
        .first()
    )
    if mention is None or mention.watch_id not in scope.watch_ids(who):
        return None
    return mention
