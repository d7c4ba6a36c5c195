"""Posts as `_post.html` shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vigie.server.queries.filters import Filters
from vigie.server.queries.mentions import PostRow
from vigie.web import formats
from vigie.web.words import word


@dataclass(frozen=True, slots=True)
class Chip:
    """A quiet label."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A row of a list of posts."""

    href: str
    correct_href: str
    anchor: str
    author: str
    place: str
    network: str
    at: datetime
    text: str
    spans: Sequence[tuple[int, int]]
    lang: str | None
    tone: str | None
    tone_corrected: bool
    chips: tuple[Chip, ...]
    stats: str
    is_current: bool
    is_lapsed: bool
    author_href: str = ""
    """The author's page; empty where nobody is named."""


def shown(row: PostRow, filters: Filters | None = None, *, is_current: bool = False) -> ShownPost:
    """Return a post as its row; title and text stand together, marks moved along."""
    title = f"{row.title}\n" if row.title else ""
    spans = [*row.title_spans, *((a + len(title), b + len(title)) for a, b in row.text_spans)]
    query = f"?{filters.to_query()}" if filters else ""
    return ShownPost(
        href=reverse("mentions-detail", args=[row.mention_id]) + query,
        correct_href=reverse("mentions-correct", args=[row.mention_id]),
        anchor=f"m{row.mention_id}",
        author=author_name(row.author),
        place=row.space_title,
        network=row.network,
        at=row.published_at,
        text=title + row.text,
        spans=spans,
        lang=row.language if row.language not in (None, "und") else None,
        tone=row.tone,
        tone_corrected=row.watches[0].tone_corrected,
        chips=tuple(_chips(row)),
        stats=stats(row),
        is_current=is_current,
        is_lapsed=all(w.lapsed for w in row.watches),
        author_href=reverse("authors-detail", args=[row.author_id]) if row.author_id else "",
    )


def author_name(pseudonym: str | None) -> str:
    """Return what stands for an author: a pseudonym, the same everywhere for the same person."""
    return _("Author %(letters)s") % {"letters": pseudonym} if pseudonym else ""


def _chips(row: PostRow) -> list[Chip]:
    found = [Chip(watch.name) for watch in row.watches]
    if any(watch.not_about_us for watch in row.watches):
        found.append(Chip(word("not_about_us", "mark"), "warning"))
    if row.version > 1:
        found.append(Chip(ngettext("edited once", "edited %(n)s times", row.version - 1) % {"n": row.version - 1}))
    if row.deleted_at:
        found.append(Chip(_("deleted at its source"), "warning"))
    if row.day_is_heard:
        found.append(Chip(_("undated")))
    return found


def stats(row: PostRow) -> str:
    """Return the counts that the source gave; nothing where it gave none."""
    parts = [
        (row.replies, lambda n: ngettext("%(n)s reply", "%(n)s replies", n)),
        (row.reposts, lambda n: ngettext("%(n)s repost", "%(n)s reposts", n)),
        (row.likes, lambda n: ngettext("%(n)s like", "%(n)s likes", n)),
        (row.views, lambda n: ngettext("%(n)s view", "%(n)s views", n)),
    ]
    return " · ".join(text(n) % {"n": formats.number(n)} for n, text in parts if n)
