"""The list of mentions, the page of one, and exports of what is shown."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from vigie.schema.vocab import Mark
from vigie.server.permissions import Permission
from vigie.server.queries import exports, mentions
from vigie.server.queries.categories import Sorted
from vigie.server.queries.detail import Detail, FoundShown, detail
from vigie.server.queries.evidence import Seen
from vigie.server.queries.filters import Filters
from vigie.server.services import judging
from vigie.web import choices, formats, marks, speaking
from vigie.web.charts import Cell, Column
from vigie.web.rows import author_name, shown, stats
from vigie.web.tones import tone_context
from vigie.web.undo import told
from vigie.web.words import FINDING_FLAGS, finding_kind, finding_name, language_name, word


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show a page of the list that the address asks for."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_MENTIONS)
    filters = choices.filters_of(request)
    now, today = choices.now_and_today(request)
    page = mentions.page(filters, who=who, now=now, after=request.GET.get("after"))
    names = choices.Names(who)
    window_name, windows = choices.windows(filters, today, request.path)
    order_name, orders = choices.orders(filters, request.path)
    context = {
        "filters": filters,
        "page": page,
        "posts": [shown(row, filters) for row in page.rows],
        "chips": choices.chips(filters, names, request.path),
        "menus": choices.menus(filters, names, request.path),
        "window_name": window_name,
        "windows": windows,
        "order_name": order_name,
        "orders": orders,
        "counted": counted(page.mentions, page.posts),
        "next": f"{request.path}?{filters.to_query()}&after={page.next_key}" if page.next_key else "",
        "first": f"{request.path}?{filters.to_query()}" if request.GET.get("after") else "",
        "export": filters.to_query(),
        "may_export": who.may(Permission.EXPORT_MENTIONS),
        "may_correct": who.may(Permission.MARK_MENTIONS),
        "has_watches": bool(names.watches),
        "now": now,
    }
    return render(request, "web/mentions/list.html", context)


def counted(n_mentions: int, n_posts: int) -> str:
    """Say how many mentions, and how many posts where several watches found the same."""
    text = ngettext("%(n)s mention", "%(n)s mentions", n_mentions) % {"n": formats.number(n_mentions)}
    if n_posts == n_mentions:
        return text
    return f"{text}, " + ngettext("%(n)s post", "%(n)s posts", n_posts) % {"n": formats.number(n_posts)}


def _found(request: HttpRequest, mention_id: int) -> Detail:
    request.asker.require(Permission.SEE_MENTIONS)  # type: ignore[attr-defined]
    found = detail(mention_id, who=request.asker)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found


@require_GET
def detail_page(request: HttpRequest, mention_id: int) -> HttpResponse:
    """Show a mention; within the list, htmx takes the inner part alone."""
    context = _detail_context(request, _found(request, mention_id))
    inner = request.htmx and request.htmx.target == "detail"  # type: ignore[attr-defined]
    return render(request, "web/mentions/_detail.html" if inner else "web/mentions/detail.html", context)


def _detail_context(request: HttpRequest, found: Detail) -> dict[str, Any]:
    post, who = found.mention.post, request.asker  # type: ignore[attr-defined]
    now, _today = choices.now_and_today(request)
    filters = choices.filters_of(request)
    return {
        "detail": found,
        "row": found.row,
        "post": post,
        "author": author_name(found.row.author) or _("Unnamed author"),
        "may_reveal": who.may(Permission.REVEAL_AUTHOR, brand_id=found.mention.watch.brand_id) and post.author_id,
        "author_href": choices.list_of(filters, authors=(post.author_id,)) if post.author_id else "",
        "labels": [_label(label) for label in found.labels],
        "found": [_finding(one, filters) for one in found.found],
        **_named(found),
        "said": [speaking.shown(said, post.title, post.text, filters) for said in found.said],
        "sorted": [_sorted(one, filters) for one in found.sorted],
        "stats": stats(found.row),
        "readings": _readings(found),
        "reading_columns": _reading_columns(),
        "thread": [
            {"author": author_name(t.author) or _("Unnamed author"), "post": t.post, "is_this": t.is_this}
            for t in found.thread
        ],
        "kept": [seen.evidence.version for seen in found.evidence],
        "evidence": [_kept(seen, post.version) for seen in found.evidence],
        "may_mark": (may := who.may(Permission.MARK_MENTIONS, brand_id=found.mention.watch.brand_id)),
        **tone_context(found.mention.pk, _tone(found), may=may),
        "list_href": choices.list_of(filters),
        "query": filters.to_query(),
        "now": now,
    }


def _tone(found: Detail) -> tuple[str, bool]:
    label = next((label for label in found.labels if label.kind == "tone"), None)
    return (label.value, label.corrected) if label else ("", False)


def _kept(seen: Seen, version: int) -> dict[str, Any]:
    """Return evidence as the page shows it; its text where the post says something else by now."""
    media = [
        {"medium": m, "host": urlsplit(m.url).hostname or "", "has_picture": m.thumbnail is not None}
        for m in seen.media
    ]
    return {"seen": seen, "row": seen.evidence, "media": media, "is_other": seen.evidence.version != version}


def _finding(one: FoundShown, filters: Filters) -> dict[str, Any]:
    """Return a finding as its chip: what is meant, the words that say it, how, and where it comes from."""
    return {
        "kind": finding_kind(one.kind), "class": one.kind, "value": finding_name(one.kind, one.value), "words": one.words,
        "flags": [str(FINDING_FLAGS[flag]) for flag in one.flags], "counts": one.counts, "source": one.source,
        "name": one.name, "href": choices.list_of(filters, **{f"{one.kind}s": (one.value,)}) if one.counts else "",
    }  # fmt: skip


def _sorted(one: Sorted, filters: Filters) -> dict[str, Any]:
    """Return a dimension with the chip of each category that holds the post."""
    chips = [
        (" › ".join(str(category) for category in path), choices.list_of(filters, categories=(str(path[-1].pk),)))
        for path in one.paths
    ]
    return {"dimension": one.dimension, "chips": chips}


def _named(found: Detail) -> dict[str, list[marks.Named]]:
    """Return where title and text name something."""
    text_at = len(found.mention.post.title) + 1 if found.mention.post.title else 0
    places = [(one.place, one) for one in found.found if one.place]
    meant = [(start, end, one.kind, _meaning(one)) for (start, end), one in places]
    return {
        "title_named": [marks.Named(*one) for one in meant if one[0] < text_at],
        "text_named": [marks.Named(one[0] - text_at, one[1] - text_at, *one[2:]) for one in meant if one[0] >= text_at],
    }


def _meaning(one: FoundShown) -> str:
    return _("%(kind)s: %(value)s") % {"kind": finding_kind(one.kind), "value": finding_name(one.kind, one.value)}


def _label(label: Any) -> dict[str, Any]:
    text = language_name(label.value) if label.kind == "language" else word(label.value, "tone")
    return {
        "kind": label.kind, "text": text, "tone": label.value if label.kind == "tone" else "",
        "score": label.score, "model": label.model, "corrected": label.corrected,
    }  # fmt: skip


def _reading_columns() -> list[Column]:
    return [
        Column(_("Read on")),
        *(Column(t, numeric=True) for t in (_("Likes"), _("Reposts"), _("Replies"), _("Views"))),
    ]


def _readings(found: Detail) -> list[list[Cell]]:
    return [
        [
            Cell(formats.moment(r.at)),
            *(Cell(formats.number(n), numeric=True) for n in (r.likes, r.reposts, r.replies, r.views)),
        ]
        for r in found.readings
    ]


@require_POST
def mark(request: HttpRequest, mention_id: int) -> HttpResponse:
    """Say that a mention is not about us: it leaves figures and lists at once."""
    return _marked(request, mention_id, on=True)


@require_POST
def unmark(request: HttpRequest, mention_id: int) -> HttpResponse:
    """Take the mark back."""
    return _marked(request, mention_id, on=False)


def _marked(request: HttpRequest, mention_id: int, *, on: bool) -> HttpResponse:
    _found(request, mention_id)
    now, _today = choices.now_and_today(request)
    judging.mark(mention_id, Mark.NOT_ABOUT_US, on=on, asker=request.asker, now=now)  # type: ignore[attr-defined]
    if on:
        told(
            request,
            _("Marked as not about us: it no longer counts."),
            undo=reverse("mentions-unmark", args=[mention_id]),
        )
    else:
        told(request, _("The mark is taken back: it counts again."))
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if safe else reverse("mentions-detail", args=[mention_id]))


@require_GET
def export_csv(request: HttpRequest) -> HttpResponse:
    """Give the mentions of the filters as CSV."""
    return _export(request, "csv", "text/csv; charset=utf-8")


@require_GET
def export_parquet(request: HttpRequest) -> HttpResponse:
    """Give the mentions of the filters as Parquet."""
    return _export(request, "parquet", "application/vnd.apache.parquet")


def _export(request: HttpRequest, form: str, media_type: str) -> HttpResponse:
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.EXPORT_MENTIONS)
    filters = choices.filters_of(request)
    now, _today = choices.now_and_today(request)
    body = exports.export(filters, form=form, who=who, now=now)
    response = HttpResponse(body, content_type=media_type)
    name = f"vigie-{filters.first.isoformat()}-{filters.last.isoformat()}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
def newer(request: HttpRequest) -> HttpResponse:
    """Say how many mentions came since the list was opened; nothing moves by itself."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_MENTIONS)
    filters = choices.filters_of(request)
    now, _today = choices.now_and_today(request)
    known = request.GET.get("known", "0")
    page = mentions.page(replace(filters, order="newest"), who=who, now=now, limit=1)
    more = page.mentions - int(known) if known.isdigit() else 0
    return render(
        request,
        "web/mentions/_newer.html",
        {"more": more, "known": known, "href": choices.list_of(filters), "query": filters.to_query()},
    )


urlpatterns = [
    path("mentions/", list_page, name="mentions"),
    path("mentions/export.csv", export_csv, name="mentions-csv"),
    path("mentions/export.parquet", export_parquet, name="mentions-parquet"),
    path("mentions/newer/", newer, name="mentions-newer"),
    path("mentions/<int:mention_id>/", detail_page, name="mentions-detail"),
    path("mentions/<int:mention_id>/mark/", mark, name="mentions-mark"),
    path("mentions/<int:mention_id>/unmark/", unmark, name="mentions-unmark"),
]
