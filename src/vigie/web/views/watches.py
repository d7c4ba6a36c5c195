"""Watches: the list, one with its state, adding and changing with a live preview, closing with undo."""

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.errors import DecisionError
from vigie.match import QueryError
from vigie.server.models import Watch, Work
from vigie.server.models.work import OPEN_STATES
from vigie.server.permissions import Permission
from vigie.server.queries import scope
from vigie.server.queries import watches as reading
from vigie.server.queries.paging import page
from vigie.server.services import watches
from vigie.server.services.watches import WatchDraft
from vigie.web import choices, editor, paging, sentences
from vigie.web.forms import WatchForm
from vigie.web.undo import told


def _watch(request: HttpRequest, watch_id: int) -> Watch:
    """Return a watch that the asker may see; others do not exist for them."""
    if watch_id not in scope.watch_ids(request.asker):  # type: ignore[attr-defined]
        raise Http404
    return Watch.objects.select_related("brand", "subject", "space").get(pk=watch_id)


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the watches with the mentions of their last thirty days."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_MENTIONS)
    now, _today = choices.now_and_today(request)
    filters = choices.filters_of(request)
    found, more_after = reading.listed(filters, who=who, now=now, after=paging.key(request))
    rows = [
        {"watch": watch, "mentions": n, "href": choices.list_of(filters, watches=(watch.pk,)), "work": work}
        for watch, n, work in found
    ]
    context = {
        "rows": rows, "pages": paging.links(request, more_after), "may_edit": who.may(Permission.EDIT_WATCHES),
        "filters": filters, "now": now,
    }  # fmt: skip
    return render(request, "web/watches/list.html", context)


@require_GET
def detail_page(request: HttpRequest, watch_id: int) -> HttpResponse:
    """Show a watch: its wording, its past wordings, how far its run over the past is."""
    watch = _watch(request, watch_id)
    now, _today = choices.now_and_today(request)
    filters = choices.filters_of(request)
    work = Work.objects.filter(key=f"backfill:{watch.pk}", state__in=OPEN_STATES).first()
    versions = page(watch.versions.all(), ("-version",), after=paging.key(request))
    context = {
        "watch": watch,
        "versions": versions.rows,
        "pages": paging.links(request, versions.more_after),
        "work": work,
        # The posts of the record are those of all brands: how many they are is told to who sees all of them.
        "share": min(work.done / work.total, 1.0) if work and work.total else None,
        "counted": scope.sees_all(request.asker),  # type: ignore[attr-defined]
        "figures": reading.figures_of(watch.pk, filters, who=request.asker, now=now),  # type: ignore[attr-defined]
        "live_href": choices.list_of(filters, watches=(watch.pk,)),
        "lapsed_href": choices.list_of(filters, watches=(watch.pk,), lapsed="only"),
        "may_edit": request.asker.may(Permission.EDIT_WATCHES, brand_id=watch.brand_id),  # type: ignore[attr-defined]
        "filters": filters,
        "now": now,
    }
    inner = "web/watches/_state.html" if request.htmx else "web/watches/detail.html"  # type: ignore[attr-defined]
    return render(request, inner, context)


@require_http_methods(["GET", "POST"])
def add_page(request: HttpRequest) -> HttpResponse:
    """Add a watch; what it would find is shown before it is saved."""
    request.asker.require(Permission.EDIT_WATCHES)  # type: ignore[attr-defined]
    form = WatchForm(request.POST or None, who=request.asker, initial={"expression": request.GET.get("q", "")})  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        saved = _saved(request, form, None)
        if saved is not None:
            told(
                request,
                _("The watch is saved and is being run over the past."),
                undo=reverse("watches-close", args=[saved.pk]),
            )
            return redirect("watches-detail", saved.pk)
    return render(request, "web/watches/edit.html", {"form": form, **editor.previewed(request, form, None)})


@require_http_methods(["GET", "POST"])
def change_page(request: HttpRequest, watch_id: int) -> HttpResponse:
    """Change a watch; what would come and what would lapse is shown before it is saved."""
    watch = _watch(request, watch_id)
    request.asker.require(Permission.EDIT_WATCHES, brand_id=watch.brand_id)  # type: ignore[attr-defined]
    initial = {
        "name": watch.name, "expression": watch.expression, "purpose": watch.purpose, "brand": watch.brand_id,
        "subject": watch.subject_id or "",
    }  # fmt: skip
    form = WatchForm(_excluding(request) or None, who=request.asker, initial=initial)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid() and not {"preview", "exclude"} & request.POST.keys():
        saved = _saved(request, form, watch)
        if saved is not None:
            told(request, _("The watch is changed."))
            return redirect("watches-detail", saved.pk)
    return render(
        request, "web/watches/edit.html", {"form": form, "watch": watch, **editor.previewed(request, form, watch)}
    )


def _excluding(request: HttpRequest) -> QueryDict:
    """Return what was sent, with the word that was pressed taken out of the query's finds."""
    word = request.POST.get("exclude", "")
    if not word:
        return request.POST
    sent = request.POST.copy()
    asked, dialect = sent.get("expression", ""), sent.get("dialect", "")
    try:
        ours = str(editor.read(asked, dialect)) if dialect else asked
        sent["expression"], sent["dialect"] = editor.excluding(ours, word), ""
    except QueryError:
        # What can't be read stays as it is: its fault is shown.
        return request.POST
    return sent


def _saved(request: HttpRequest, form: WatchForm, watch: Watch | None) -> Watch | None:
    """Save; a refusal stands beside the field it is about."""
    values = form.cleaned_data
    now, _today = choices.now_and_today(request)
    try:
        expression = values["expression"]
        if values["dialect"]:
            expression = str(editor.read(expression, values["dialect"]))
        draft = WatchDraft(values["name"], values["brand"], values["purpose"], values["subject"], expression)
        if watch is None:
            return watches.add(draft, asker=request.asker, now=now)  # type: ignore[attr-defined]
        return watches.change(watch.pk, draft, asker=request.asker, now=now)  # type: ignore[attr-defined]
    except QueryError as error:
        form.add_error("expression", sentences.sentence_of(error))
    except DecisionError as error:
        form.add_error(None, sentences.sentence_of(error))
    return None


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Give the preview alone, as one types."""
    form = WatchForm(request.POST, who=request.asker)  # type: ignore[attr-defined]
    watch_id = request.POST.get("watch", "")
    watch = _watch(request, int(watch_id)) if watch_id.isdigit() else None
    request.asker.require(Permission.EDIT_WATCHES)  # type: ignore[attr-defined]
    found = editor.previewed(request, form, watch, takes_labels="words_alone" not in request.POST)
    return render(request, "web/watches/_previewed.html", {"form": form, "watch": watch, **found})


@require_POST
def close(request: HttpRequest, watch_id: int) -> HttpResponse:
    """Stop a watch."""
    watch = _watch(request, watch_id)
    now, _today = choices.now_and_today(request)
    watches.close(watch.pk, asker=request.asker, now=now)  # type: ignore[attr-defined]
    told(
        request,
        _("The watch “%(name)s” is closed; its mentions stay.") % {"name": watch.name},
        undo=reverse("watches-reopen", args=[watch.pk]),
    )
    return redirect("watches")


@require_POST
def reopen(request: HttpRequest, watch_id: int) -> HttpResponse:
    """Start a closed watch again."""
    watch = _watch(request, watch_id)
    now, _today = choices.now_and_today(request)
    watches.reopen(watch.pk, asker=request.asker, now=now)  # type: ignore[attr-defined]
    told(request, _("The watch “%(name)s” runs again.") % {"name": watch.name})
    return redirect("watches-detail", watch.pk)


urlpatterns = [
    path("watches/", list_page, name="watches"),
    path("watches/add/", add_page, name="watches-add"),
    path("watches/preview/", preview, name="watches-preview"),
    path("watches/<int:watch_id>/", detail_page, name="watches-detail"),
    path("watches/<int:watch_id>/change/", change_page, name="watches-change"),
    path("watches/<int:watch_id>/close/", close, name="watches-close"),
    path("watches/<int:watch_id>/reopen/", reopen, name="watches-reopen"),
]
