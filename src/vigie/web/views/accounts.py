"""Accounts, ours and competitors': how many follow them, day by day; adding, typing figures in, closing with undo."""

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.collect.discovery import is_plain
from vigie.errors import DecisionError
from vigie.schema.vocab import Network, SpaceKind
from vigie.server.models import AccountReading, TrackedAccount
from vigie.server.permissions import Permission
from vigie.server.queries import accounts as reading
from vigie.server.queries.accounts import AccountRow
from vigie.server.queries.exports import cell
from vigie.server.queries.filters import Filters
from vigie.server.services import accounts
from vigie.server.services.accounts import COUNTS, AccountDraft, Seen
from vigie.web import charts, choices, formats, lines, paging
from vigie.web.presence_forms import AccountAddressForm, AccountForm, FigureForm
from vigie.web.sentences import sentence_of, stored
from vigie.web.undo import told

DRAWN = charts.MAX_SERIES
"""Accounts of one chart: more lines can't be told apart; the table has all."""


def _window(request: HttpRequest) -> Filters:
    """Return the window of the address, a year at most."""
    filters = choices.filters_of(request)
    longest = filters.last - timedelta(days=reading.LONGEST_DAYS - 1)
    return Filters(max(filters.first, longest), filters.last, brand=filters.brand)


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the accounts with their followers and how these changed in the window."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_SPACES)
    now, today = choices.now_and_today(request)
    filters = _window(request)
    rows, more_after = reading.listed(
        filters.first, filters.last, who=who, brand_id=filters.brand, after=paging.key(request)
    )
    current, offers = choices.windows(filters, today, request.path)
    shown = [_row(row, filters) for row in rows]
    context = {
        "rows": shown, "chart": _chart(rows, filters, today), "pages": paging.links(request, more_after),
        "may_edit": who.may(Permission.EDIT_SPACES), "filters": filters, "window_name": current, "windows": offers, "now": now,
    }  # fmt: skip
    return render(request, "web/accounts/list.html", context)


def _row(row: AccountRow, filters: Filters) -> dict[str, Any]:
    return {
        "row": row, "account": row.account, "href": _href(row.account, filters), "change": row.change,
        "signed": formats.signed(row.change), "why": stored(row.account.code, row.account.facts),
    }  # fmt: skip


def _href(account: TrackedAccount, filters: Filters) -> str:
    return f"{reverse('accounts-detail', args=[account.pk])}?{filters.to_query()}"


def _chart(rows: Sequence[AccountRow], filters: Filters, today: date) -> charts.Chart | None:
    """Draw the followers of the first accounts that have a count in the window."""
    counted = [row for row in rows if row.followers]
    if not counted:
        return None
    drawn = counted[:DRAWN]
    names = [row.account.name for row in drawn]
    found = [
        lines.Line(_title(row.account, names), f"series-{n}", row.followers, _href(row.account, filters))
        for n, row in enumerate(drawn, start=1)
    ]
    days = [filters.first + timedelta(days=n) for n in range(filters.days)]
    span = charts.Days(days=days, partial=today if today in days else None)
    return lines.by_day(
        "followers", _("Followers by day"), found, span, unit=_("followers"), note=_note(drawn, counted)
    )


def _title(account: TrackedAccount, names: Sequence[str]) -> str:
    """Name an account; two of one name are told apart by their address."""
    return account.name if names.count(account.name) == 1 else f"{account.name} ({account.address})"


def _note(drawn: Sequence[AccountRow], counted: Sequence[AccountRow]) -> str:
    """Say where the counts come from and what the chart leaves out."""
    parts = [_("As the networks say, or typed in by hand; a day without a count is a break, not a zero. The axis need not begin at zero. %(zone)s time.") % {"zone": formats.zone_name()}]  # fmt: skip
    if any(row.account.kind == SpaceKind.INVENTED for row in drawn):
        parts.append(_("Those of the demo company are invented."))
    if len(counted) > len(drawn):
        parts.append(_("The first %(n)s accounts of this page.") % {"n": formats.number(len(drawn))})
    return " ".join(parts)


def _account(request: HttpRequest, account_id: int) -> TrackedAccount:
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_SPACES)
    account = reading.visible(who).filter(pk=account_id).first()
    if account is None:
        raise Http404
    return account


@require_http_methods(["GET", "POST"])
def detail_page(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show an account with its series; a POST types in the figures of a day."""
    account = _account(request, account_id)
    now, today = choices.now_and_today(request)
    filters = _window(request)
    if request.method == "GET" and request.GET.get("format") == "csv":
        return _csv(reading.readings(account, filters.first, filters.last))
    form = FigureForm(request.POST or None, initial={"day": today})
    if request.method == "POST" and form.is_valid() and _typed(request, account, form):
        return redirect(_href(account, filters))
    row = reading.row_of(account, filters.first, filters.last)
    current, offers = choices.windows(filters, today, request.path)
    may = request.asker.may(Permission.EDIT_SPACES, brand_id=accounts.scope_of(account.brand))  # type: ignore[attr-defined]
    context = {
        "account": account, "row": row, "signed": formats.signed(row.change), "chart": _chart([row], filters, today),
        "readings": reading.readings(account, filters.first, filters.last), "why": stored(account.code, account.facts),
        "form": form, "may_edit": may, "filters": filters, "window_name": current, "windows": offers, "now": now,
    }  # fmt: skip
    return render(request, "web/accounts/detail.html", context)


def _csv(rows: Sequence[AccountReading]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="account.csv"'
    writer = csv.writer(answer)
    writer.writerow(["day", "read_at", *COUNTS])
    for row in rows:
        writer.writerow(
            [cell(v) for v in (row.day.isoformat(), row.at, *(getattr(row, name) for name in COUNTS))]
        )  # fmt: skip
    return answer


def _typed(request: HttpRequest, account: TrackedAccount, form: FigureForm) -> bool:
    """Keep what was typed in, and offer the way back; a refusal stands in the form."""
    day, now = form.cleaned_data["day"], choices.now_and_today(request)[0]
    try:
        was = accounts.set_figure(account.pk, day, form.counts(), asker=request.asker, now=now)  # type: ignore[attr-defined]
    except DecisionError as error:
        form.add_error(None, sentence_of(error))
        return False
    old = {name: n for name, n in (was or {}).items() if n is not None}
    undo = f"{reverse('accounts-figure', args=[account.pk])}?{urlencode({'day': day.isoformat(), **old})}"
    told(request, _("The figures of %(day)s are kept.") % {"day": formats.day(day)}, undo=undo)
    return True


@require_POST
def set_back(request: HttpRequest, account_id: int) -> HttpResponse:
    """Put the figures of a day back as the address says; without any the day has none again."""
    account = _account(request, account_id)
    form = FigureForm(request.GET)
    if not form.is_valid():
        raise Http404
    counts = form.counts() if any(n is not None for n in form.counts().values()) else None
    now = choices.now_and_today(request)[0]
    accounts.set_figure(account.pk, form.cleaned_data["day"], counts, asker=request.asker, now=now)  # type: ignore[attr-defined]
    told(request, _("The figures are as they were."))
    return redirect("accounts-detail", account.pk)


@require_http_methods(["GET", "POST"])
def add_page(request: HttpRequest) -> HttpResponse:
    """Add an account by its address: first it is looked at, then it is named and given to a brand."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.EDIT_SPACES)
    given = request.POST or ({"address": request.GET["address"]} if request.GET.get("address") else None)
    address = AccountAddressForm(given)
    seen = form = None
    if request.method == "POST" and address.is_valid():
        now = choices.now_and_today(request)[0]
        seen = accounts.look(address.typed, asker=who, now=now)
        form = _form_for(request, seen)
        if form.is_bound and form.is_valid() and (made := _added(request, form, address.cleaned_data["address"], seen)):
            return redirect("accounts-detail", made.pk)
    fault = sentence_of(seen.failure) if seen and seen.failure else ""
    context = {"address": address, "seen": seen, "form": form, "fault": fault}
    context["is_plain"] = bool(seen and seen.account and is_plain(address.typed, seen.account.address))
    return render(request, "web/accounts/add.html", context)


def _form_for(request: HttpRequest, seen: Seen) -> AccountForm:
    found = seen.account
    initial = {"name": found.name if found else "", "network": found.network if found else Network.OTHER.value}
    form = AccountForm(request.POST if "name" in request.POST else None, who=request.asker, initial=initial)  # type: ignore[attr-defined]
    if found is not None:
        del form.fields["network"]
    return form


def _added(request: HttpRequest, form: AccountForm, address: str, seen: Seen) -> TrackedAccount | None:
    values = form.cleaned_data
    draft = AccountDraft(address, values["brand"], values["name"], values.get("network", ""))
    now = choices.now_and_today(request)[0]
    try:
        made = accounts.add(draft, seen, asker=request.asker, now=now)  # type: ignore[attr-defined]
    except DecisionError as error:
        form.add_error(None, sentence_of(error))
        return None
    told(
        request,
        _("“%(name)s” is followed.") % {"name": made.name},
        undo=reverse("accounts-close", args=[made.pk]),
    )
    return made


@require_POST
def close(request: HttpRequest, account_id: int) -> HttpResponse:
    """Follow an account no more."""
    account = _account(request, account_id)
    accounts.close(account.pk, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    words = _("“%(name)s” is no longer followed; its series stays.") % {"name": account.name}
    told(request, words, undo=reverse("accounts-reopen", args=[account.pk]))
    return redirect("accounts")


@require_POST
def reopen(request: HttpRequest, account_id: int) -> HttpResponse:
    """Follow a closed account again."""
    account = _account(request, account_id)
    accounts.reopen(account.pk, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(request, _("“%(name)s” is followed again.") % {"name": account.name})
    return redirect("accounts-detail", account.pk)


urlpatterns = [
    path("accounts/", list_page, name="accounts"),
    path("accounts/add/", add_page, name="accounts-add"),
    path("accounts/<int:account_id>/", detail_page, name="accounts-detail"),
    path("accounts/<int:account_id>/figure/", set_back, name="accounts-figure"),
    path("accounts/<int:account_id>/close/", close, name="accounts-close"),
    path("accounts/<int:account_id>/reopen/", reopen, name="accounts-reopen"),
]
