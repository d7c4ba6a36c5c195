"""Stories as a reader may see them: counted over their own mentions alone, from mirror and tail; texts by primary key, scoped again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings

from vigie.enrich import wording
from vigie.server import mirroring
from vigie.server.database import select, select_in
from vigie.server.models import Author, Post, PostStory, Space, Story
from vigie.server.permissions import Asker
from vigie.server.pseudonyms import pseudonym
from vigie.server.queries import filters as filtering
from vigie.server.queries import mentions, scope
from vigie.server.queries.filters import Filters
from vigie.server.queries.mentions import PostRow
from vigie.store import stories as told
from vigie.store.figures import View
from vigie.store.filters import Filter

PAGE_ROWS = 20
"""Stories of a page of the list: each shows its first post."""

RELAYS_MOST = 10
"""Authors shown: those after them moved few."""

SPACES_MOST = 20
"""Spaces shown, in the order in which the story reached them; the others are counted."""

POSTS_COMPARED = 500
"""Posts whose wordings are compared, the first published: reading them takes 20 ms."""

VARIANTS_MOST = 5
"""Wordings shown besides the first."""

TEXT_MOST = 20_000
"""Characters of a text that is compared: longer ones are told apart by their beginning."""


@dataclass(frozen=True, slots=True)
class Told:
    """A story's figures, over the mentions that the reader may see in a window."""

    id: int
    mentions: int
    posts: int
    spaces: int
    authors: int
    engaged: int | None
    """Likes, reposts and replies together; absent where sources give none of them."""
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story in a list, with its first post."""

    told: Told
    first: PostRow


@dataclass(frozen=True, slots=True)
class StoriesPage:
    """One page of the list of stories."""

    rows: tuple[StoryRow, ...]
    next_key: str | None


@dataclass(frozen=True, slots=True)
class Relay:
    """An author who passed a story on."""

    author_id: int
    author: str
    """Pseudonym."""
    posts: int
    mentions: int
    engaged: int | None
    views: int | None
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Reached:
    """A space that a story reached."""

    space_id: int
    title: str
    posts: int
    mentions: int
    engaged: int | None
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Worded:
    """A wording other than the first."""

    post: Post
    mention_id: int
    author: str | None
    space: str
    posts: int
    pieces: tuple[wording.Piece, ...]


@dataclass(frozen=True, slots=True)
class StoryDetail:
    """All that the page of a story shows."""

    told: Told
    filters: Filters
    """What opens its mentions: the story, from its first day to its last."""
    first: PostRow
    by_day: Mapping[tuple[date, int], int]
    """Mentions by day and space."""
    relays: tuple[Relay, ...]
    reached: tuple[Reached, ...]
    worded: tuple[Worded, ...]
    wordings: int
    compared: int
    """Posts whose wordings were compared."""


def page(
    filters: Filters, *, who: Asker, now: datetime, order: str, after: str | None = None, limit: int = PAGE_ROWS
) -> StoriesPage:
    """Return a page of the stories of a window; those of which the reader sees two posts at least."""
    view = mirroring.view(now=now)
    chosen = filtering.to_store(filters, who, mentions.subjects_of(who))
    found = told.page(view, chosen, order=order, after=after, limit=limit)
    rows = found.rows.to_pylist()
    firsts = _posts([row["first_post"] for row in rows], who)
    shown = (StoryRow(_told(row), firsts[row["first_post"]]) for row in rows if row["first_post"] in firsts)
    return StoriesPage(tuple(shown), found.next_key)


def _told(row: Mapping[str, Any]) -> Told:
    names = ("mentions", "posts", "spaces", "authors", "engaged", "first_at", "last_at")
    return Told(row["story_id"], *(row[name] for name in names))


def _posts(post_ids: Sequence[int], who: Asker) -> dict[int, PostRow]:
    """Return posts as lists show them, with the mentions that the reader may see."""
    sql = "SELECT post_id, id FROM vigie_mention WHERE in_watch AND lapsed_at IS NULL AND post_id IN ({in}) ORDER BY id"
    own: dict[int, list[int]] = {}
    for post, mention in select_in(sql, post_ids):
        own.setdefault(post, []).append(mention)
    labels = _labels(post_ids)
    found = [{"post_id": post, "mention_ids": ids, **labels.get(post, NO_LABELS)} for post, ids in own.items()]
    return {row.post_id: row for row in mentions.rows(found, who)}


NO_LABELS: Mapping[str, Any] = {"language": None, "tone": None}


def _labels(post_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    sql = "SELECT post_id, kind, value FROM vigie_label WHERE chosen AND post_id IN ({in})"
    found: dict[int, dict[str, Any]] = {}
    for post, kind, value in select_in(sql, post_ids):
        found.setdefault(post, dict(NO_LABELS))[kind] = value
    return found


def merged_into(story_id: int) -> int:
    """Return the story that a story is one with now; itself when it stands."""
    while (into := Story.objects.filter(pk=story_id).values_list("merged_into", flat=True).first()) is not None:
        story_id = into
    return story_id


def detail(story_id: int, *, who: Asker, brand: int | None, now: datetime) -> StoryDetail | None:
    """Return a story's page; `None` where the reader sees fewer than two of its posts, as if it did not exist."""
    view, subjects = mirroring.view(now=now), mentions.subjects_of(who)
    every = Filters(date.min, date.max, brand=brand, stories=(story_id,))
    found = told.whole(view, filtering.to_store(every, who, subjects)).to_pylist()
    if not found:
        return None
    figures, zone = _told(found[0]), settings.VIGIE.time_zone
    filters = replace(
        every, first=figures.first_at.astimezone(zone).date(), last=figures.last_at.astimezone(zone).date()
    )
    chosen = filtering.to_store(filters, who, subjects)
    firsts = _posts([found[0]["first_post"]], who)
    if found[0]["first_post"] not in firsts:
        return None
    worded, wordings, compared = _worded(view, chosen, who)
    return StoryDetail(
        told=figures,
        filters=filters,
        first=firsts[found[0]["first_post"]],
        by_day=_by_day(view, chosen),
        relays=_relays(view, chosen),
        reached=_reached(view, chosen),
        worded=worded,
        wordings=wordings,
        compared=compared,
    )


def _by_day(view: View, chosen: Filter) -> dict[tuple[date, int], int]:
    columns = view.counts(chosen, ("day", "space_id")).to_pydict()
    keys = zip(columns["day"], columns["space_id"], strict=True)
    return dict(zip(keys, columns["mentions"], strict=True))


def _relays(view: View, chosen: Filter) -> tuple[Relay, ...]:
    rows = told.relays(view, chosen, limit=RELAYS_MOST).to_pylist()
    keys = dict(Author.objects.filter(pk__in=[row["author_id"] for row in rows]).values_list("pk", "key"))
    return tuple(
        Relay(author=pseudonym(bytes(keys[row["author_id"]])), **row) for row in rows if row["author_id"] in keys
    )


def _reached(view: View, chosen: Filter) -> tuple[Reached, ...]:
    rows = told.spaces(view, chosen, limit=SPACES_MOST).to_pylist()
    titles = dict(Space.objects.filter(pk__in=[row["space_id"] for row in rows]).values_list("pk", "title"))
    return tuple(Reached(title=titles[row["space_id"]], **row) for row in rows if row["space_id"] in titles)


def _worded(view: View, chosen: Filter, who: Asker) -> tuple[tuple[Worded, ...], int, int]:
    """Return the wordings after the first, how many there are, and in how many posts they were looked for."""
    order = told.earliest(view, chosen, limit=POSTS_COMPARED)
    own = _own_mentions(order, who)
    posts = Post.objects.select_related("author", "space").in_bulk([post for post in order if post in own])
    shown = [posts[post] for post in order if post in posts]
    texts = [f"{p.title}\n{p.text}"[:TEXT_MOST] if p.title else p.text[:TEXT_MOST] for p in shown]
    # A repost without words of its own is no other wording.
    said = [n for n, text in enumerate(texts) if text.strip()]
    found = wording.variants([texts[n] for n in said])
    others = sorted(found[1:], key=lambda one: (-one.texts, one.first))[:VARIANTS_MOST]
    worded = [
        _one(shown[said[v.first]], own, v.texts, wording.changes(texts[said[0]], texts[said[v.first]])) for v in others
    ]
    return tuple(worded), len(found), len(said)


def _own_mentions(post_ids: Sequence[int], who: Asker) -> dict[int, int]:
    """Return one mention of each post, of the watches that the reader sees."""
    allowed = set(scope.watch_ids(who))
    sql = (
        "SELECT post_id, id, watch_id FROM vigie_mention WHERE lapsed_at IS NULL AND post_id IN ({in}) ORDER BY id DESC"
    )
    return {post: mention for post, mention, watch in select_in(sql, post_ids) if watch in allowed}


def _one(post: Post, own: Mapping[int, int], posts: int, pieces: tuple[wording.Piece, ...]) -> Worded:
    author = pseudonym(bytes(post.author.key)) if post.author else None
    return Worded(post, own[post.pk], author, post.space.title, posts, pieces)


def of_post(post_id: int, who: Asker) -> PostStory | None:
    """Return how a post came into its story; `None` where the reader sees no other post of it."""
    held = PostStory.objects.filter(post=post_id).first()
    if held is None:
        return None
    allowed = scope.watch_ids(who)
    places = ",".join(["%s"] * len(allowed))
    sql = (
        "SELECT 1 FROM vigie_poststory t JOIN vigie_mention m ON m.post_id = t.post_id "
        "LEFT JOIN vigie_markrow k ON k.mention_id = m.id AND k.kind = 'not_about_us' "
        "WHERE t.story_id = %s AND t.post_id <> %s AND m.in_watch AND m.lapsed_at IS NULL AND k.id IS NULL "
        f"AND m.watch_id IN ({places}) LIMIT 1"
    )
    return held if allowed and select(sql, [held.story_id, post_id, *allowed]) else None
