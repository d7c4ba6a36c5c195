"""Watches with their figures: one count for all of them, not one each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Lower

from vigie.match import Query, Warned
from vigie.match.faults import warned
from vigie.match.fields import label_form
from vigie.match.tree import Field, leaves
from vigie.server import mirroring
from vigie.server.database import select
from vigie.server.models import NamedList, Space, Watch, Work
from vigie.server.models.work import OPEN_STATES
from vigie.server.permissions import Asker
from vigie.server.queries import categories, mentions, paging, scope
from vigie.server.queries import filters as filtering
from vigie.server.queries.filters import Filters


@dataclass(frozen=True, slots=True)
class WatchFigures:
    """Mentions of one watch in a window."""

    live: int
    lapsed: int


Listed = tuple[Watch, int, Work | None]
"""A watch, its mentions of the window, and its work under way."""


def listed(filters: Filters, *, who: Asker, now: datetime, after: int | None = None) -> tuple[list[Listed], int | None]:
    """Return a page of the watches the asker sees, open ones first, then by name; and where the next goes on."""
    ids = scope.watch_ids(who, brand_id=filters.brand)
    chosen = filtering.to_store(filters, who, mentions.subjects_of(who))
    counts = mirroring.view(now=now).counts(chosen, ("watch_id",)).to_pylist()
    by_watch = {row["watch_id"]: row["mentions"] for row in counts}
    rows = Watch.objects.filter(pk__in=ids).select_related("brand", "subject")
    rows = rows.annotate(closed=ExpressionWrapper(Q(closed_at__isnull=False), BooleanField()), folded=Lower("name"))
    page = paging.page(rows, ("closed", "folded"), after=after)
    keys = [f"backfill:{watch.pk}" for watch in page.rows]
    work = {w.key: w for w in Work.objects.filter(key__in=keys, state__in=OPEN_STATES)}
    shown = [(w, by_watch.get(w.pk, 0), work.get(f"backfill:{w.pk}")) for w in page.rows]
    return shown, page.more_after


def figures_of(watch_id: int, filters: Filters, *, who: Asker, now: datetime) -> WatchFigures:
    """Count one watch's live and lapsed mentions of the window."""
    view, subjects = mirroring.view(now=now), mentions.subjects_of(who)
    own = replace(filters, watches=(watch_id,))
    live = view.mentions(filtering.to_store(own, who, subjects))
    lapsed = view.mentions(filtering.to_store(replace(own, lapsed="only"), who, subjects))
    return WatchFigures(live, lapsed)


NOISE_MOST = 2_000
"""Mentions of each kind that are read to find words that tell them apart: the newest."""


def texts_of(watch_id: int) -> tuple[list[str], list[str]]:
    """Return the newest texts of a watch: those marked “not about us”, and the others; two statements."""
    sql = (
        "SELECT p.title, p.text FROM vigie_mention m JOIN vigie_post p ON p.id = m.post_id "
        "LEFT JOIN vigie_markrow k ON k.mention_id = m.id AND k.kind = 'not_about_us' "
        "WHERE m.watch_id = %s AND m.lapsed_at IS NULL AND k.id IS {null} ORDER BY m.id DESC LIMIT %s"
    )
    noise, good = (
        [f"{title}\n{text}" for title, text in select(sql.replace("{null}", null), [watch_id, NOISE_MOST])]
        for null in ("NOT NULL", "NULL")
    )
    return noise, good


def newest_posts(watch_ids: Sequence[int], *, most: int) -> list[int]:
    """Return the posts of the newest mentions of some watches, the newest first."""
    if not watch_ids:
        return []
    marks = ", ".join("%s" for _ in watch_ids)
    sql = (
        f"SELECT post_id FROM vigie_mention WHERE watch_id IN ({marks}) AND lapsed_at IS NULL ORDER BY id DESC LIMIT %s"
    )
    return list(dict.fromkeys(int(post) for (post,) in select(sql, [*watch_ids, most])))


def unknown_names(query: Query, who: Asker) -> list[Warned]:
    """Warn of the lists, spaces and categories that a query asks for and that are not here for them, each once."""
    named = ("list", "space", "category")
    asked = [leaf for leaf in leaves(query.root) if isinstance(leaf, Field) and leaf.name in named]
    known = {("list", name) for name in _names(NamedList.objects.filter(closed_at=None))}
    known |= {("space", name) for name in _names(Space.objects.all())}
    known |= {("category", label_form(n.category.name)) for tree in categories.trees(who) for n in tree.nodes}
    missing = {(leaf.name, leaf.value): leaf for leaf in reversed(asked) if (leaf.name, leaf.value) not in known}
    return [warned(f"query.no_{leaf.name}", leaf.at, name=leaf.value) for leaf in reversed(missing.values())]


def _names(of: QuerySet[NamedList] | QuerySet[Space]) -> set[str]:
    return {name.lower() for name in of.values_list("name", flat=True)}
