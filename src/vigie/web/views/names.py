"""The register of names: pages, accounts and domains in our name; to decide, decided, overdue first."""

import csv
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.collect.names import Likeness
from vigie.errors import DecisionError, SchemaError
from vigie.schema.vocab import NameDecision, NameKind
from vigie.server.models import NameEntry
from vigie.server.permissions import Permission
from vigie.server.queries import names as reading
from vigie.server.queries.exports import cell
from vigie.server.services import names
from vigie.server.services.names import NameDraft, Standing
from vigie.web import choices, paging
from vigie.web.context import brand_id
from vigie.web.presence_forms import DecisionForm, NameForm
from vigie.web.sentences import sentence_of
from vigie.web.undo import told

SALT = "vigie.names.undo"
"""Names what a signed way back is for, so that no other signature serves."""

PARTS = {
    "open": pgettext_lazy("names", "all"), "decide": gettext_lazy("to decide"), "others": pgettext_lazy("names", "not ours"),
    "ours": pgettext_lazy("names", "ours"), "closed": pgettext_lazy("names", "put aside"),
}  # fmt: skip
"""The parts of the register, as its buttons call them."""

HOW = {
    Likeness.SAME: gettext_lazy("“%(name)s”, letter by letter."),
    Likeness.DISGUISED: gettext_lazy("“%(name)s”, once hyphens, digits or foreign letters are read as what they imitate."),
    Likeness.ADDED: gettext_lazy("“%(name)s”, with something added."),
    Likeness.MISSPELT: gettext_lazy("One letter away from “%(name)s”."),
}  # fmt: skip

FOUND = {
    "person": gettext_lazy("Entered by hand."), "link": gettext_lazy("Posts give its address."),
    "mention": gettext_lazy("Posts stand there or come from there."), "space": gettext_lazy("A space of ours: say who holds it."),
    "account": gettext_lazy("An account of ours: say who holds it."),
}  # fmt: skip


def _state(request: HttpRequest) -> str:
    state = request.GET.get("state", "open")
    if state not in reading.STATES:
        raise SchemaError(
            f"The address asks for “state” = “{state[:40]}”, which is not a value it can have.",
            code="filter.value", facts={"name": "state", "value": state[:40]},
        )  # fmt: skip
    return state


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show a part of the register; as CSV too."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_SPACES)
    state, brand = _state(request), brand_id(request)
    now, today = choices.now_and_today(request)
    if request.GET.get("format") == "csv":
        return _csv(request, state)
    page = reading.listed(state, who=who, today=today, brand_id=brand, after=paging.key(request))
    counts = reading.counts(who=who, brand_id=brand)
    context = {
        "rows": [_row(entry) for entry in page.rows], "pages": paging.links(request, page.more_after), "now": now,
        "parts": [(key, text, counts[key], key == state) for key, text in PARTS.items()], "state": state,
        "may_edit": who.may(Permission.EDIT_SPACES), "any": counts["open"] + counts["closed"],
    }  # fmt: skip
    return render(request, "web/names/list.html", context)


def _row(entry: Any) -> dict[str, Any]:
    return {"entry": entry, "overdue": entry.rank == 0}


def _csv(request: HttpRequest, state: str) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="names.csv"'
    writer = csv.writer(answer)
    writer.writerow(
        ["id", "kind", "address", "name", "brand", "ours", "holder", "decision", "owner", "due", "note", "found_in", "closed_at"]
    )  # fmt: skip
    _now, today = choices.now_and_today(request)
    for e in reading.exported(state, who=request.asker, today=today, brand_id=brand_id(request)):  # type: ignore[attr-defined]
        ours = "" if e.is_ours is None else "yes" if e.is_ours else "no"
        values = (
            e.pk, e.kind, e.address, e.name, e.brand.name if e.brand else "", ours, e.holder, e.decision,
            str(e.owner) if e.owner else "", e.due.isoformat() if e.due else "", e.note, e.found_in, e.closed_at,
        )  # fmt: skip
        writer.writerow([cell(value) for value in values])
    return answer


def _entry(request: HttpRequest, entry_id: int) -> NameEntry:
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_SPACES)
    entry = reading.visible(who).filter(pk=entry_id).first()
    if entry is None:
        raise Http404
    return entry


@require_http_methods(["GET", "POST"])
def detail_page(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show a name, why it stands here, and what is decided; a POST decides."""
    entry = _entry(request, entry_id)
    who = request.asker  # type: ignore[attr-defined]
    now, today = choices.now_and_today(request)
    form = DecisionForm(request.POST or None, entry=entry)
    if request.method == "POST" and form.is_valid() and _decided(request, entry, form):
        return redirect("names-detail", entry.pk)
    link = _link(entry)
    context = {
        "entry": entry, "form": form, "link": link, "how": _how(entry), "found": FOUND.get(entry.found_in, ""),
        "seen": reading.met_in(entry, who=who), "now": now,
        "overdue": entry.is_ours is False and entry.closed_at is None and entry.due is not None and entry.due < today,
        "listen": f"{reverse('spaces-add')}?{urlencode({'address': link})}" if link and entry.decision == NameDecision.WATCH else "",
        "may_edit": who.may(Permission.EDIT_SPACES, brand_id=entry.brand_id),
    }  # fmt: skip
    return render(request, "web/names/detail.html", context)


def _link(entry: NameEntry) -> str:
    """Return the address that a browser opens; an account known by host and handle alone has none."""
    if entry.kind == NameKind.DOMAIN:
        return f"https://{entry.address}/"
    return entry.address if entry.address.startswith(("http://", "https://")) else ""


def _how(entry: NameEntry) -> str:
    like = entry.reason.get("like")
    return str(HOW[Likeness(like)]) % {"name": entry.reason.get("bears", "")} if like in set(Likeness) else ""


def _decided(request: HttpRequest, entry: NameEntry, form: DecisionForm) -> bool:
    """Keep the decision, and offer the way back; a refusal stands in the form."""
    now = choices.now_and_today(request)[0]
    try:
        before = names.decide(entry.pk, form.standing(), asker=request.asker, now=now)  # type: ignore[attr-defined]
    except DecisionError as error:
        form.add_error(None, sentence_of(error))
        return False
    undo = f"{reverse('names-undo', args=[entry.pk])}?{urlencode({'was': signed(entry.pk, before)})}"
    told(request, _("The decision on “%(name)s” is kept.") % {"name": entry.name}, undo=undo)
    return True


def signed(entry_id: int, before: Standing) -> str:
    """Return what stood before as a signed text: nobody decides through it what was not decided."""
    due = before.due.isoformat() if before.due else ""
    values = [entry_id, before.is_ours, before.holder, before.decision, before.owner_id, due, before.note]
    return signing.dumps(values, salt=SALT, compress=True)


@require_POST
def undo(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Put a decision back as it stood."""
    entry = _entry(request, entry_id)
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.EDIT_SPACES, brand_id=entry.brand_id)
    try:
        of, is_ours, holder, decision, owner, due, note = signing.loads(request.GET.get("was", ""), salt=SALT)
    except signing.BadSignature as exc:
        raise Http404 from exc
    if of != entry.pk:
        raise Http404
    before = Standing(is_ours, holder, decision, owner, parse_date(due) if due else None, note)
    names.decide(entry.pk, before, asker=who, now=choices.now_and_today(request)[0])
    told(request, _("The decision is as it was."))
    return redirect("names-detail", entry.pk)


@require_http_methods(["GET", "POST"])
def add_page(request: HttpRequest) -> HttpResponse:
    """Enter a name by hand."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.EDIT_SPACES)
    form = NameForm(request.POST or None, who=who)
    if request.method == "POST" and form.is_valid():
        v = form.cleaned_data
        draft = NameDraft(v["kind"], v["address"], v["name"], v["brand"], v["note"])
        try:
            made = names.add(draft, asker=who, now=choices.now_and_today(request)[0])
        except DecisionError as error:
            form.add_error(None, sentence_of(error))
        else:
            words = _("“%(name)s” is in the register.") % {"name": made.name}
            told(request, words, undo=reverse("names-close", args=[made.pk]))
            return redirect("names-detail", made.pk)
    return render(request, "web/names/add.html", {"form": form})


@require_POST
def close(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Put a name aside."""
    entry = _entry(request, entry_id)
    names.close(entry.pk, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    words = _("“%(name)s” is put aside; it is not proposed again.") % {"name": entry.name}
    told(request, words, undo=reverse("names-reopen", args=[entry.pk]))
    return redirect("names")


@require_POST
def reopen(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Take a name up again."""
    entry = _entry(request, entry_id)
    names.reopen(entry.pk, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(request, _("“%(name)s” is taken up again.") % {"name": entry.name})
    return redirect("names-detail", entry.pk)


urlpatterns = [
    path("names/", list_page, name="names"),
    path("names/add/", add_page, name="names-add"),
    path("names/<int:entry_id>/", detail_page, name="names-detail"),
    path("names/<int:entry_id>/undo/", undo, name="names-undo"),
    path("names/<int:entry_id>/close/", close, name="names-close"),
    path("names/<int:entry_id>/reopen/", reopen, name="names-reopen"),
]
