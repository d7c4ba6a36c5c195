"""Categories: the dimensions and their trees, one category, adding and changing with a live preview, closing with undo."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.errors import DecisionError
from vigie.match import QueryError
from vigie.server.models import Category, Dimension
from vigie.server.permissions import Permission
from vigie.server.queries import categories as reading
from vigie.server.queries import scope
from vigie.server.queries.categories import Tree
from vigie.server.queries.filters import Filters
from vigie.server.queries.paging import page
from vigie.server.services import categories
from vigie.server.services.categories import CategoryDraft, DimensionDraft
from vigie.web import choices, editor, paging, sentences
from vigie.web.category_forms import CategoryForm, DimensionForm, category_initial, dimension_initial
from vigie.web.undo import told

CLOSED_SHOWN = 50
"""Closed dimensions and categories that the page offers to open again: the last ones closed."""


def _dimension(request: HttpRequest, dimension_id: int, *, to_edit: bool = False) -> Dimension:
    """Return a dimension that the asker may see; others do not exist for them."""
    who = request.asker  # type: ignore[attr-defined]
    found = scope.dimensions(who).select_related("brand").filter(pk=dimension_id).first()
    if found is None:
        raise Http404
    if to_edit:
        who.require(Permission.EDIT_WATCHES, brand_id=found.brand_id)
    return found


def _category(request: HttpRequest, category_id: int, *, to_edit: bool = False) -> Category:
    found = Category.objects.select_related("parent").filter(pk=category_id).first()
    if found is None:
        raise Http404
    found.dimension = _dimension(request, found.dimension_id, to_edit=to_edit)
    return found


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the dimensions with their categories and the mentions of the window."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_MENTIONS)
    now, _today = choices.now_and_today(request)
    filters = choices.filters_of(request)
    counts = reading.counts(filters, who=who, now=now)
    trees = reading.trees(who)
    work = reading.under_way()
    context = {
        "trees": [_shown(request, tree, counts, filters) for tree in trees],
        "closed": _closed(request, trees) if who.may(Permission.EDIT_WATCHES) else {},
        "work": work, "share": reading.share_done(work), "may_add": who.may(Permission.EDIT_WATCHES), "filters": filters, "now": now,
    }  # fmt: skip
    return render(request, "web/categories/list.html", context)


def _shown(request: HttpRequest, tree: Tree, counts: dict[str, int], filters: Filters) -> dict[str, Any]:
    rows = [
        {
            "category": node.category, "depth": node.depth, "mentions": counts.get(str(node.category.pk), 0),
            "href": choices.list_of(filters, categories=(str(node.category.pk),)),
        }
        for node in tree.nodes
    ]  # fmt: skip
    may_edit = categories.may_edit(request.asker, tree.dimension.brand_id)  # type: ignore[attr-defined]
    return {"dimension": tree.dimension, "rows": rows, "may_edit": may_edit}


def _closed(request: HttpRequest, trees: list[Tree]) -> dict[str, Any]:
    """Return what may be opened again: closed dimensions, and closed categories of open ones."""
    dimensions = scope.dimensions(request.asker).exclude(closed_at=None)  # type: ignore[attr-defined]
    of = [tree.dimension.pk for tree in trees]
    rows = Category.objects.filter(dimension__in=of).exclude(closed_at=None).select_related("dimension")
    return {
        "dimensions": list(dimensions.order_by("-closed_at")[:CLOSED_SHOWN]),
        "categories": list(rows.order_by("-closed_at")[:CLOSED_SHOWN]),
    }


@require_GET
def detail_page(request: HttpRequest, category_id: int) -> HttpResponse:
    """Show a category: its query, its past wordings, how far it is applied, what it holds."""
    category = _category(request, category_id)
    who = request.asker  # type: ignore[attr-defined]
    now, _today = choices.now_and_today(request)
    filters = choices.filters_of(request)
    work = reading.under_way() if category.applied_version < category.version else None
    versions = page(category.versions.all(), ("-version",), after=paging.key(request))
    context = {
        "category": category, "dimension": category.dimension, "path": reading.path_of(category),
        "versions": versions.rows, "pages": paging.links(request, versions.more_after),
        "work": work, "share": reading.share_done(work), "filters": filters, "now": now,
        "mentions": reading.counts(filters, who=who, now=now).get(str(category.pk), 0),
        "href": choices.list_of(filters, categories=(str(category.pk),)),
        "may_edit": categories.may_edit(who, category.dimension.brand_id),
    }  # fmt: skip
    inner = "web/categories/_state.html" if request.htmx else "web/categories/detail.html"  # type: ignore[attr-defined]
    return render(request, inner, context)


@require_http_methods(["GET", "POST"])
def dimension_add_page(request: HttpRequest) -> HttpResponse:
    """Add a dimension."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.EDIT_WATCHES)
    form = DimensionForm(request.POST or None, who=who)
    if request.method == "POST" and form.is_valid() and (made := _saved_dimension(request, form, None)):
        told(
            request, _("The dimension is there; add its categories."),
            undo=reverse("categories-dimension-close", args=[made.pk]),
        )  # fmt: skip
        return redirect("categories-add", made.pk)
    return render(request, "web/categories/dimension.html", {"form": form})


@require_http_methods(["GET", "POST"])
def dimension_change_page(request: HttpRequest, dimension_id: int) -> HttpResponse:
    """Rename a dimension, or say who sees it."""
    dimension = _dimension(request, dimension_id, to_edit=True)
    form = DimensionForm(request.POST or None, who=request.asker, initial=dimension_initial(dimension))  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid() and _saved_dimension(request, form, dimension):
        told(request, _("The dimension is changed; figures of the past go by its new name."))
        return redirect("categories")
    return render(request, "web/categories/dimension.html", {"form": form, "dimension": dimension})


def _saved_dimension(request: HttpRequest, form: DimensionForm, own: Dimension | None) -> Dimension | None:
    now, _today = choices.now_and_today(request)
    draft = DimensionDraft(form.cleaned_data["name"], form.cleaned_data["brand"])
    try:
        if own is None:
            return categories.add_dimension(draft, asker=request.asker, now=now)  # type: ignore[attr-defined]
        return categories.change_dimension(own.pk, draft, asker=request.asker, now=now)  # type: ignore[attr-defined]
    except DecisionError as error:
        form.add_error(None, sentences.sentence_of(error))
    return None


@require_http_methods(["GET", "POST"])
def add_page(request: HttpRequest, dimension_id: int) -> HttpResponse:
    """Add a category; what its query would find is shown before it is saved."""
    dimension = _dimension(request, dimension_id, to_edit=True)
    initial = {"parent": request.GET.get("within", ""), "expression": request.GET.get("q", "")}
    form = CategoryForm(request.POST or None, tree=reading.tree(dimension), initial=initial)
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        saved = _saved(request, form, dimension, None)
        if saved is not None:
            told(
                request, _("The category is saved and is being applied to the past."),
                undo=reverse("categories-close", args=[saved.pk]),
            )  # fmt: skip
            return redirect("categories-detail", saved.pk)
    context = {
        "form": form,
        "dimension": dimension,
        "words_alone": True,
        **editor.previewed(request, form, None, takes_labels=False),
    }
    return render(request, "web/categories/edit.html", context)


@require_http_methods(["GET", "POST"])
def change_page(request: HttpRequest, category_id: int) -> HttpResponse:
    """Change a category: its name, its place, its query."""
    category = _category(request, category_id, to_edit=True)
    tree = reading.tree(category.dimension)
    form = CategoryForm(request.POST or None, tree=tree, own=category, initial=category_initial(category))
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        saved = _saved(request, form, category.dimension, category)
        if saved is not None:
            told(request, _("The category is changed."))
            return redirect("categories-detail", saved.pk)
    context = {
        "form": form, "category": category, "dimension": category.dimension, "words_alone": True,
        **editor.previewed(request, form, None, takes_labels=False),
    }  # fmt: skip
    return render(request, "web/categories/edit.html", context)


def _saved(request: HttpRequest, form: CategoryForm, dimension: Dimension, own: Category | None) -> Category | None:
    """Save; a refusal stands beside the field it is about."""
    values = form.cleaned_data
    now, _today = choices.now_and_today(request)
    try:
        expression = values["expression"].strip()
        if expression and values["dialect"]:
            expression = str(editor.read(expression, values["dialect"]))
        draft = CategoryDraft(values["name"], values["parent"], expression)
        if own is None:
            return categories.add(dimension.pk, draft, asker=request.asker, now=now)  # type: ignore[attr-defined]
        return categories.change(own.pk, draft, asker=request.asker, now=now)  # type: ignore[attr-defined]
    except QueryError as error:
        form.add_error("expression", sentences.sentence_of(error))
    except DecisionError as error:
        form.add_error(None, sentences.sentence_of(error))
    return None


@require_POST
def close(request: HttpRequest, category_id: int) -> HttpResponse:
    """Take a category out of figures and filters."""
    category = _category(request, category_id)
    now, _today = choices.now_and_today(request)
    categories.close(category.pk, asker=request.asker, now=now)  # type: ignore[attr-defined]
    told(
        request, _("The category “%(name)s” is closed: no figure or filter holds it any more.") % {"name": category.name},
        undo=reverse("categories-reopen", args=[category.pk]),
    )  # fmt: skip
    return redirect("categories")


@require_POST
def reopen(request: HttpRequest, category_id: int) -> HttpResponse:
    """Put a closed category back; a place or a name that is taken meanwhile is told."""
    category = _category(request, category_id)
    now, _today = choices.now_and_today(request)
    categories.close(category.pk, asker=request.asker, now=now, closed=False)  # type: ignore[attr-defined]
    told(
        request, _("The category “%(name)s” is open again and is being applied to the past.") % {"name": category.name}
    )
    return redirect("categories-detail", category.pk)


@require_POST
def dimension_close(request: HttpRequest, dimension_id: int) -> HttpResponse:
    """Take a dimension out of figures and filters."""
    dimension = _dimension(request, dimension_id)
    now, _today = choices.now_and_today(request)
    categories.close_dimension(dimension.pk, asker=request.asker, now=now)  # type: ignore[attr-defined]
    told(
        request, _("The dimension “%(name)s” is closed with all its categories.") % {"name": dimension.name},
        undo=reverse("categories-dimension-reopen", args=[dimension.pk]),
    )  # fmt: skip
    return redirect("categories")


@require_POST
def dimension_reopen(request: HttpRequest, dimension_id: int) -> HttpResponse:
    """Put a closed dimension back."""
    dimension = _dimension(request, dimension_id)
    now, _today = choices.now_and_today(request)
    categories.close_dimension(dimension.pk, asker=request.asker, now=now, closed=False)  # type: ignore[attr-defined]
    told(request, _("The dimension “%(name)s” is open again.") % {"name": dimension.name})
    return redirect("categories")


urlpatterns = [
    path("categories/", list_page, name="categories"),
    path("categories/dimensions/add/", dimension_add_page, name="categories-dimension-add"),
    path("categories/dimensions/<int:dimension_id>/", dimension_change_page, name="categories-dimension-change"),
    path("categories/dimensions/<int:dimension_id>/add/", add_page, name="categories-add"),
    path("categories/dimensions/<int:dimension_id>/close/", dimension_close, name="categories-dimension-close"),
    path("categories/dimensions/<int:dimension_id>/reopen/", dimension_reopen, name="categories-dimension-reopen"),
    path("categories/<int:category_id>/", detail_page, name="categories-detail"),
    path("categories/<int:category_id>/change/", change_page, name="categories-change"),
    path("categories/<int:category_id>/close/", close, name="categories-close"),
    path("categories/<int:category_id>/reopen/", reopen, name="categories-reopen"),
]
