"""Annotation: sets of posts, labelling them blind by keyboard, deciding where two differ, and taking them along."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.errors import DecisionError, SchemaError
from vigie.measure.judged import ENOUGH
from vigie.schema.vocab import UNDETERMINED, LabelKind
from vigie.server.models import AnnotationSet
from vigie.server.permissions import Permission
from vigie.server.queries import accuracy, annotation, taken
from vigie.server.queries.annotation import CLOSED, SINGLE, ToRead
from vigie.server.queries.paging import page as paged
from vigie.server.services import annotating
from vigie.server.services.annotating import Draft
from vigie.web import choices, paging, sentences
from vigie.web.annotation_forms import SetForm, kind_name
from vigie.web.judged import shown as judged_shown
from vigie.web.undo import told
from vigie.web.words import finding_name, language_name, word

TONGUES = ("fr", "en", "es", "de", "it", "pt", "nl", "ar", UNDETERMINED)
"""Languages that have a key; the others are chosen from a list."""

LAST_DAYS = 30
"""Days of the window that the form offers."""


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the sets that the asker may work on."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.ANNOTATE)
    found = paged(annotation.visible(who), ("-created_at",), after=paging.key(request))
    done = annotation.progress([one.pk for one in found.rows])
    rows = [{"set": one, "kind": kind_name(one.kind), "progress": done[one.pk]} for one in found.rows]
    context = {
        "rows": rows, "pages": paging.links(request, found.more_after), "may_draw": who.may(Permission.ADJUDICATE),
        "enough": ENOUGH,
    }  # fmt: skip
    return render(request, "web/annotation/list.html", context)


@require_http_methods(["GET", "POST"])
def add_page(request: HttpRequest) -> HttpResponse:
    """Draw a set, or begin one that is filled by hand."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.ADJUDICATE)
    now, today = choices.now_and_today(request)
    initial = {
        "first": today - timedelta(days=LAST_DAYS - 1),
        "last": today,
        "posts": ENOUGH,
        "how": "random",
        "language": get_language(),
    }
    form = SetForm(request.POST or None, who=who, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            one = annotating.create(_draft(form.cleaned_data), asker=who, now=now)
        except (SchemaError, DecisionError) as error:
            form.add_error(None, sentences.sentence_of(error))
        else:
            told(request, _("The set is there: two people may label it."))
            return redirect("annotation-detail", one.pk)
    return render(request, "web/annotation/add.html", {"form": form})


def _draft(data: dict[str, Any]) -> Draft:
    """Return what the form asks for; a draw whose seed is not given gets one."""
    seed = data["seed"] if data["seed"] is not None else secrets.randbelow(1 << 31)
    is_random = data["how"] == "random"
    language = "" if data["kind"] == LabelKind.LANGUAGE else data["language"]
    return Draft(
        data["name"], data["kind"], language, data["brand"], data["posts"], data["first"] if is_random else None,
        data["last"] if is_random else None, seed if is_random else None,
    )  # fmt: skip


def _set(request: HttpRequest, set_id: int, permission: Permission = Permission.ANNOTATE) -> AnnotationSet:
    """Return a set that the asker may work on; those of others do not exist for them."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(permission)
    one = annotation.visible(who).filter(pk=set_id).first()
    if one is None:
        raise Http404
    if not annotation.visible(who, permission).filter(pk=set_id).exists():
        who.require(permission, brand_id=one.brand_id)
    return one


@require_GET
def detail_page(request: HttpRequest, set_id: int) -> HttpResponse:
    """Show how a set was drawn, how far it is, and how far people agree."""
    who = request.asker  # type: ignore[attr-defined]
    one = _set(request, set_id)
    label, settle = annotation.left_for(one, who)
    of_kind = accuracy.own(who, kinds=(one.kind,)).get((one.kind, one.language)) if one.is_random else None
    context = {
        "set": one, "kind": kind_name(one.kind), "progress": annotation.progress([one.pk])[one.pk], "enough": ENOUGH,
        "agreement": annotation.agreement(one), "to_label": label, "to_settle": settle,
        "may_adjudicate": annotation.visible(who, Permission.ADJUDICATE).filter(pk=one.pk).exists(),
        "own": of_kind, "judged": judged_shown(of_kind.kind, of_kind.judged) if of_kind and of_kind.judged else None,
    }  # fmt: skip
    return render(request, "web/annotation/detail.html", context)


@require_GET
def label_page(request: HttpRequest, set_id: int) -> HttpResponse:
    """Show the next post to label, or one's own again: its text and the choices, and nothing that anybody said."""
    one, who = _set(request, set_id), request.asker  # type: ignore[attr-defined]
    asked = paging.key(request, "item")
    if asked is not None:
        found = annotation.to_label(asked, who)
    else:
        found = None if one.closed_at else annotation.next_to_label(one, who, after=paging.key(request) or 0)
    context = {"set": one, "kind": kind_name(one.kind), "left": annotation.left_for(one, who)[0]}
    if found is not None and found.item.set_id == one.pk:
        context |= {
            "read": found, "action": reverse("annotation-say", args=[found.item.pk]), **_choices(one.kind, found.own or ()),
            "skip": f"{reverse('annotation-label', args=[one.pk])}?after={found.item.place}",
        }  # fmt: skip
    return render(request, "web/annotation/label.html", context)


def _choices(kind: str, own: Sequence[str]) -> dict[str, Any]:
    """Return the values of a kind with their keys: one press says it (`is_single`), or each is put on and off."""
    values = TONGUES if kind == LabelKind.LANGUAGE else CLOSED.get(kind, ())
    return {
        "is_single": kind in SINGLE,
        "is_open": not values,
        "options": [
            {"key": str(n), "value": value, "text": value_name(kind, value), "is_chosen": value in own}
            for n, value in enumerate(values, 1)
        ],
        "others": _other_tongues() if kind == LabelKind.LANGUAGE else [],
        "written": "\n".join(own),
    }


def _other_tongues() -> list[tuple[str, str]]:
    rows = [(tag, language_name(tag)) for tag in annotating.told_apart() if tag not in TONGUES]
    return sorted(rows, key=lambda row: row[1])


def value_name(kind: str, value: str) -> str:
    """Return what a value of a kind is called."""
    if kind == LabelKind.TONE:
        return word(value, "tone")
    return language_name(value) if kind == LabelKind.LANGUAGE else finding_name(kind, value)


def _said(request: HttpRequest) -> list[str]:
    """Return the values of the form: buttons and boxes, or lines."""
    lines = request.POST.get("written", "").replace(",", "\n").splitlines()
    return [value for value in (*request.POST.getlist("value"), *lines) if value.strip()]


@require_POST
def say(request: HttpRequest, item_id: int) -> HttpResponse:
    """Keep one's word on a post and go on to the next; the message takes it back."""
    found = _item(request, item_id)
    now, _today = choices.now_and_today(request)
    annotating.say(item_id, _said(request), asker=request.asker, now=now)  # type: ignore[attr-defined]
    undo = reverse("annotation-withdraw", args=[item_id])
    told(request, _("Post %(place)s is labelled.") % {"place": found.item.place}, undo=undo)
    return redirect(f"{reverse('annotation-label', args=[found.item.set_id])}?after={found.item.place}")


def _item(request: HttpRequest, item_id: int) -> ToRead:
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.ANNOTATE)
    found = annotation.to_label(item_id, who)
    if found is None:
        raise Http404
    return found


@require_POST
def withdraw(request: HttpRequest, item_id: int) -> HttpResponse:
    """Take one's word back, and show the post again."""
    found = _item(request, item_id)
    annotating.withdraw(item_id, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(request, _("Your label of post %(place)s is taken back.") % {"place": found.item.place})
    return redirect(f"{reverse('annotation-label', args=[found.item.set_id])}?item={item_id}")


@require_GET
def settle_page(request: HttpRequest, set_id: int) -> HttpResponse:
    """Show the next post on which two people differ, with what both said and no name."""
    one = _set(request, set_id, Permission.ADJUDICATE)
    found = annotation.next_to_settle(one, request.asker, after=paging.key(request) or 0)  # type: ignore[attr-defined]
    context: dict[str, Any] = {"set": one, "kind": kind_name(one.kind)}
    if found is not None and not one.closed_at:
        read, said = found
        context |= {
            "read": read, "said": [[value_name(one.kind, value) for value in values] for values in said],
            "action": reverse("annotation-settle-item", args=[read.item.pk]), **_choices(one.kind, ()),
            "skip": f"{reverse('annotation-settle', args=[one.pk])}?after={read.item.place}",
        }  # fmt: skip
    return render(request, "web/annotation/settle.html", context)


@require_POST
def settle(request: HttpRequest, item_id: int) -> HttpResponse:
    """Decide, and go on to the next; the message takes it back."""
    request.asker.require(Permission.ADJUDICATE)  # type: ignore[attr-defined]
    found = _item(request, item_id)
    _set(request, found.item.set_id, Permission.ADJUDICATE)
    now, _today = choices.now_and_today(request)
    takes_back = bool(request.GET.get("back"))
    annotating.settle(item_id, None if takes_back else _said(request), asker=request.asker, now=now)  # type: ignore[attr-defined]
    if takes_back:
        told(request, _("The decision on post %(place)s is taken back.") % {"place": found.item.place})
        return redirect(reverse("annotation-settle", args=[found.item.set_id]))
    undo = f"{reverse('annotation-settle-item', args=[item_id])}?back=1"
    told(request, _("Post %(place)s is decided.") % {"place": found.item.place}, undo=undo)
    return redirect(f"{reverse('annotation-settle', args=[found.item.set_id])}?after={found.item.place}")


@require_GET
def export_csv(request: HttpRequest, set_id: int) -> HttpResponse:
    """Give a set as CSV, with what both said, what was settled, and what the model in use says."""
    one = _set(request, set_id, Permission.ADJUDICATE)
    request.asker.require(Permission.EXPORT_MENTIONS)  # type: ignore[attr-defined]
    response = HttpResponse(taken.csv_of(one, request.asker), content_type="text/csv; charset=utf-8")  # type: ignore[attr-defined]
    response.headers["Content-Disposition"] = f'attachment; filename="vigie-annotation-{one.pk}.csv"'
    return response


@require_POST
def close(request: HttpRequest, set_id: int) -> HttpResponse:
    """Close a set; the message opens it again."""
    one = _set(request, set_id, Permission.ADJUDICATE)
    annotating.close(one.pk, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(request, _("The set is closed; what it says stays."), undo=reverse("annotation-reopen", args=[one.pk]))
    return redirect("annotation-detail", one.pk)


@require_POST
def reopen(request: HttpRequest, set_id: int) -> HttpResponse:
    """Open a closed set again."""
    one = _set(request, set_id, Permission.ADJUDICATE)
    now, _today = choices.now_and_today(request)
    annotating.close(one.pk, closed=False, asker=request.asker, now=now)  # type: ignore[attr-defined]
    told(request, _("The set is open again."))
    return redirect("annotation-detail", one.pk)


@require_POST
def put(request: HttpRequest, mention_id: int) -> HttpResponse:
    """Put a mention's post into a set that is filled by hand."""
    number = request.POST.get("set", request.GET.get("set", ""))
    one = _set(request, int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0)  # noqa: PLR2004 -- of 64 bits
    now, _today = choices.now_and_today(request)
    is_new = annotating.add(one.pk, mention_id, asker=request.asker, now=now)  # type: ignore[attr-defined]
    told(
        request,
        (_("Put into “%(name)s”.") if is_new else _("It stands in “%(name)s” already.")) % {"name": one.name},
    )
    return redirect("mentions-why", mention_id)


urlpatterns = [
    path("annotation/", list_page, name="annotation"),
    path("annotation/add/", add_page, name="annotation-add"),
    path("annotation/<int:set_id>/", detail_page, name="annotation-detail"),
    path("annotation/<int:set_id>/label/", label_page, name="annotation-label"),
    path("annotation/<int:set_id>/settle/", settle_page, name="annotation-settle"),
    path("annotation/<int:set_id>/export.csv", export_csv, name="annotation-csv"),
    path("annotation/<int:set_id>/close/", close, name="annotation-close"),
    path("annotation/<int:set_id>/reopen/", reopen, name="annotation-reopen"),
    path("annotation/items/<int:item_id>/say/", say, name="annotation-say"),
    path("annotation/items/<int:item_id>/withdraw/", withdraw, name="annotation-withdraw"),
    path("annotation/items/<int:item_id>/settle/", settle, name="annotation-settle-item"),
    path("mentions/<int:mention_id>/annotation/", put, name="annotation-put"),
]
