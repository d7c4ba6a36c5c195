"""Named lists of sites and authors: all, one, adding and changing, closing with undo."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.errors import DecisionError, SchemaError
from vigie.server.models import NamedList, Watch
from vigie.server.permissions import Permission
from vigie.server.pseudonyms import pseudonym
from vigie.server.queries import scope
from vigie.server.queries.paging import page
from vigie.server.services import lists
from vigie.web import choices, paging, sentences
from vigie.web.forms import ListForm
from vigie.web.rows import author_name
from vigie.web.undo import told


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the lists with what they hold and which watches ask for them."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.EDIT_WATCHES)
    found = page(NamedList.objects.all(), ("name",), after=paging.key(request))
    rows = [{"list": one, "counts": lists.counts(one), "watches": _users(request, one)} for one in found.rows]
    context = {"rows": rows, "pages": paging.links(request, found.more_after)}
    return render(request, "web/lists/list.html", context)


def _users(request: HttpRequest, one: NamedList) -> list[Watch]:
    """Return the watches that ask for a list, those that the asker sees."""
    seen = set(scope.watch_ids(request.asker))  # type: ignore[attr-defined]
    return [watch for watch in lists.users_of(one.name) if watch.pk in seen]


@require_http_methods(["GET", "POST"])
def add_page(request: HttpRequest) -> HttpResponse:
    """Add a list."""
    request.asker.require(Permission.EDIT_WATCHES)  # type: ignore[attr-defined]
    form = ListForm(request.POST or None, is_new=True)
    if request.method == "POST" and form.is_valid() and (made := _saved(request, form, None)):
        told(request, _("The list is saved."))
        return redirect("lists-change", made.pk)
    return render(request, "web/lists/edit.html", {"form": form})


@require_http_methods(["GET", "POST"])
def change_page(request: HttpRequest, list_id: int) -> HttpResponse:
    """Change a list: its sites, its authors."""
    request.asker.require(Permission.EDIT_WATCHES)  # type: ignore[attr-defined]
    one = get_object_or_404(NamedList, pk=list_id)
    sites = "\n".join(one.entries.filter(author_key=None).order_by("site").values_list("site", flat=True))
    form = ListForm(request.POST or None, is_new=False, initial={"sites": sites})
    if request.method == "POST" and form.is_valid() and _saved(request, form, one):
        told(request, _("The list is changed; the watches that use it are run over the past."))
        return redirect("lists-change", one.pk)
    authors = [
        {"id": entry.pk, "name": author_name(pseudonym(bytes(entry.author_key)))}
        for entry in one.entries.filter(site="").order_by("pk")
    ]
    context = {"form": form, "list": one, "authors": authors, "watches": _users(request, one)}
    return render(request, "web/lists/edit.html", context)


def _saved(request: HttpRequest, form: ListForm, one: NamedList | None) -> NamedList | None:
    """Save; a refusal stands beside the field it is about."""
    now, _today = choices.now_and_today(request)
    try:
        entries = lists.read_entries(form.cleaned_data["sites"], form.cleaned_data["authors"])
        if one is None:
            return lists.add(form.cleaned_data["name"], entries, asker=request.asker, now=now)  # type: ignore[attr-defined]
        without = [int(i) for i in request.POST.getlist("without") if i.isdigit()]
        return lists.change(one.pk, entries, without=without, asker=request.asker, now=now)  # type: ignore[attr-defined]
    except SchemaError as error:
        form.add_error("authors", sentences.sentence_of(error))
    except DecisionError as error:
        form.add_error(None, sentences.sentence_of(error))
    return None


@require_POST
def close(request: HttpRequest, list_id: int) -> HttpResponse:
    """Close a list."""
    one = get_object_or_404(NamedList, pk=list_id)
    now, _today = choices.now_and_today(request)
    lists.close(one.pk, asker=request.asker, now=now)  # type: ignore[attr-defined]
    words = _("The list “%(name)s” is closed; queries that ask for it find nothing by it.") % {"name": one.name}
    told(request, words, undo=reverse("lists-reopen", args=[one.pk]))
    return redirect("lists")


@require_POST
def reopen(request: HttpRequest, list_id: int) -> HttpResponse:
    """Open a closed list again."""
    one = get_object_or_404(NamedList, pk=list_id)
    now, _today = choices.now_and_today(request)
    lists.close(one.pk, asker=request.asker, now=now, closed=False)  # type: ignore[attr-defined]
    told(request, _("The list “%(name)s” is open again.") % {"name": one.name})
    return redirect("lists-change", one.pk)


urlpatterns = [
    path("lists/", list_page, name="lists"),
    path("lists/add/", add_page, name="lists-add"),
    path("lists/<int:list_id>/", change_page, name="lists-change"),
    path("lists/<int:list_id>/close/", close, name="lists-close"),
    path("lists/<int:list_id>/reopen/", reopen, name="lists-reopen"),
]
