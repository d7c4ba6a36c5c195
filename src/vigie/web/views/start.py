"""The first run: company, names, places, people, a look at all of it, and one press that makes everything."""

import logging
import time
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.collect.discovery import is_plain
from vigie.errors import DecisionError, VigieError
from vigie.schema.ids import canonical_link
from vigie.schema.vocab import Role
from vigie.server.permissions import Permission
from vigie.server.services import discovering, feeds, leaving, starting
from vigie.server.services.people import Invited
from vigie.web import choices, words
from vigie.web.sentences import sentence_of
from vigie.web.starting import KEY, MOST_SEATS, STEPS, Draft, fault_of, reviewed
from vigie.web.undo import told
from vigie.web.views.people import hand_over, link_of

log = logging.getLogger("vigie.start")

DONE_KEY = "start_done"
"""Key of the session under which stands what was made; the links of the invitations until they were shown."""

LOOK_S = 20.0
"""Seconds after which no further address is looked into: a page is waited for; the next press goes on."""

TITLES = {
    "company": gettext_lazy("Your company"),
    "names": gettext_lazy("Products and competitors"),
    "places": gettext_lazy("Accounts and sites"),
    "people": gettext_lazy("People"),
    "review": gettext_lazy("What will be made"),
}


def _area(label: str, help_text: str, rows: int = 4, **options: Any) -> forms.CharField:
    options.setdefault("required", False)
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, widget=widget, max_length=4_000, **options)


def _fields(step: str, draft: Draft) -> dict[str, forms.Field]:
    """Return the fields of a step; those of products and places stand once a brand."""
    if step == "company":
        text = _("One a line. Each has its own watches, spaces and members; its name is what is listened for first.")
        return {"brands": _area(_("Our brands"), text, required=True)}
    if step == "names":
        text = _("One a line.")
        own = {
            f"products-{n}": _area(_("Products of %(brand)s") % {"brand": brand}, text)
            for n, brand in enumerate(draft.brands)
        }
        return own | {"competitors": _area(_("Competitors"), text)}
    if step == "places":
        text = _("Sites, feeds, accounts, one a line. Everything said there will be a mention.")
        own = {
            f"ours-{n}": _area(_("Accounts and sites of %(brand)s") % {"brand": brand}, text)
            for n, brand in enumerate(draft.brands)
        }
        others = _("Forums, blogs, press, one a line. What your watches find there will be a mention.")
        return own | {"others": _area(_("Places of others"), others)}
    return _seat_fields(draft)


def _seat_fields(draft: Draft) -> dict[str, forms.Field]:
    brands = [("", _("all brands")), *((brand, brand) for brand in draft.brands)]
    found: dict[str, forms.Field] = {}
    for n in range(MOST_SEATS):
        found[f"email-{n}"] = forms.EmailField(label=_("E-mail address"), required=False)
        found[f"role-{n}"] = forms.ChoiceField(label=_("Role"), choices=words.choices("role"), required=False)
        found[f"brand-{n}"] = forms.ChoiceField(label=_("Brand"), choices=brands, required=False)
    return found


class StepForm(forms.Form):
    """The fields of one step."""

    def __init__(self, *args: Any, step: str, draft: Draft, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.step = step
        self.fields.update(_fields(step, draft))

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for n in range(MOST_SEATS if self.step == "people" else 0):
            if found.get(f"email-{n}") and found.get(f"role-{n}") == Role.SAFETY_OFFICER and found.get(f"brand-{n}"):
                self.add_error(f"brand-{n}", _("A safety officer sees all brands."))
        return found


@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Go to the first step that was not filled in."""
    request.asker.require(Permission.EDIT_PEOPLE)  # type: ignore[attr-defined]
    draft = Draft.of(request.session)
    return redirect("start-step", next((step for step in STEPS if step not in draft.typed), STEPS[-1]))


@require_http_methods(["GET", "POST"])
def step_page(request: HttpRequest, step: str) -> HttpResponse:
    """Show a step; going on and going back both keep what was typed."""
    request.asker.require(Permission.EDIT_PEOPLE)  # type: ignore[attr-defined]
    if step not in STEPS:
        raise Http404
    draft = Draft.of(request.session)
    if step != STEPS[0] and not draft.brands:
        return redirect("start-step", STEPS[0])
    if step == "review":
        return _review(request, draft)
    if request.method == "GET":
        form = StepForm(initial=dict(draft.typed.get(step, {})), step=step, draft=draft)
        return _shown(request, step, draft, form)
    form = StepForm(request.POST, step=step, draft=draft)
    typed = {name: request.POST.get(name, "")[:4_000] for name in form.fields}
    draft = _keep(request, draft.with_step(step, typed))
    if request.POST.get("to") == "back":
        return redirect("start-step", STEPS[max(STEPS.index(step) - 1, 0)])
    if not form.is_valid():
        return _shown(request, step, draft, form)
    if step == "places":
        _keep(request, _looked(request, draft))
    return redirect("start-step", STEPS[STEPS.index(step) + 1])


def _keep(request: HttpRequest, draft: Draft) -> Draft:
    request.session[KEY] = draft.kept()
    return draft


def _shown(request: HttpRequest, step: str, draft: Draft, form: StepForm | None, **more: Any) -> HttpResponse:
    at = STEPS.index(step)
    steps = [
        {"key": one, "title": TITLES[one], "is_current": one == step, "may": n == 0 or bool(draft.brands)}
        for n, one in enumerate(STEPS)
    ]
    rows = [[form[f"{name}-{n}"] for name in ("email", "role", "brand")] for n in range(MOST_SEATS)] if form and step == "people" else []  # fmt: skip
    context = {"step": step, "steps": steps, "title": TITLES[step], "form": form, "seats": rows, "is_first": at == 0}
    return render(request, "web/start/step.html", {**context, "number": at + 1, "has_demo": leaving.is_demo(), **more})


def _looked(request: HttpRequest, draft: Draft) -> Draft:
    """Return the draft with what was found at addresses that were not looked into before, or failed."""
    found, until, typed = dict(draft.found), time.monotonic() + LOOK_S, draft.as_typed
    for address, _brand in draft.addresses:
        if not found.get(address, {}).get("kind") and time.monotonic() < until:
            found[address] = _way(request, typed[address])
    return Draft(draft.typed, found)


def _way(request: HttpRequest, typed: str) -> dict[str, Any]:
    now, _today = choices.now_and_today(request)
    try:
        way = discovering.discover(typed, asker=request.asker, now=now)[0]  # type: ignore[attr-defined]
    except VigieError as error:
        return {"fault": sentence_of(error), "hopeless": error.code == "net.address"}
    except ValueError:
        return {"fault": _("This is no address."), "hopeless": True}
    if discovering.lacking(way):
        return {
            "fault": _("It must be told something first, such as a log-in: add it on its own page."),
            "hopeless": True,
        }
    return {
        "kind": way.kind, "title": way.title[:200], "network": way.network, "address": way.address,
        "options": dict(way.options), "is_plain": is_plain(typed, way.address),
    }  # fmt: skip


def _review(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Show all that will be made, with what each query finds in what is stored; then make it."""
    fault = ""
    if request.method == "POST":
        posted = request.POST
        draft = _keep(request, reviewed(draft, posted, posted.getlist("watch"), posted.getlist("place")))
        if posted.get("to") == "back":
            return redirect("start-step", STEPS[-2])
        if posted.get("to") == "create" and not any(fault_of(idea.expression) for idea in draft.wanted):
            try:
                return _created(request, draft)
            except DecisionError as error:
                fault = sentence_of(error)
    good = {idea.key: idea.expression for idea in draft.ideas if fault_of(idea.expression) is None}
    counted = starting.count(good, asker=request.asker, monotonic=time.monotonic)  # type: ignore[attr-defined]
    off, known = draft.off("watch"), {canonical_link(address) for address in feeds.known_addresses()}
    watches = [
        {
            "idea": idea, "on": idea.key not in off, "found": counted.found.get(idea.key), "n": n,
            "fault": sentence_of(error) if (error := fault_of(idea.expression)) else "",
        }
        for n, idea in enumerate(draft.ideas)
    ]  # fmt: skip
    return _shown(
        request, "review", draft, None, fault=fault, watches=watches, counted=counted, places=_places(draft, known),
        seats_planned=draft.seats, brands_planned=draft.brands, competitors=draft.competitors,
    )  # fmt: skip


def _places(draft: Draft, known: set[str]) -> list[dict[str, Any]]:
    off = draft.off("place")
    rows = []
    for n, (address, brand) in enumerate(draft.addresses):
        way = draft.found.get(address, {})
        is_known = draft.is_keepable(address) and canonical_link(way.get("address", address)) in known
        row = {"address": address, "brand": brand, "way": way, "on": address not in off, "is_known": is_known, "n": n}
        rows.append(row | {"may_keep": draft.is_keepable(address) and not is_known})
    return rows


def _created(request: HttpRequest, draft: Draft) -> HttpResponse:
    now, _today = choices.now_and_today(request)
    made = starting.create(draft.plan(), asker=request.asker, now=now, language=request.LANGUAGE_CODE[:2])  # type: ignore[attr-defined]
    links = [{"email": one.invitation.email, "link": _handed_over(request, one)} for one in made.invited]
    request.session.pop(KEY, None)
    left = [{"address": address, "why": why} for address, why in draft.left]
    request.session[DONE_KEY] = {
        "brands": made.brands, "watches": made.watches, "spaces": made.spaces - made.unknown, "unknown": made.unknown,
        "links": links, "left": left,
    }  # fmt: skip
    return redirect("start-done")


def _handed_over(request: HttpRequest, invited: Invited) -> str:
    """Send an invitation and return its link; a mail server that is away is no loss, as the link is shown."""
    try:
        return hand_over(request, invited)
    except OSError as error:
        log.warning("an invitation could not be mailed: %s", type(error).__name__)
        return link_of(invited)


@require_GET
def done_page(request: HttpRequest) -> HttpResponse:
    """Say what was made and what was left, and show the links of the invitations once."""
    request.asker.require(Permission.EDIT_PEOPLE)  # type: ignore[attr-defined]
    made = request.session.get(DONE_KEY)
    if made is not None:
        request.session[DONE_KEY] = {**made, "links": []}
    return render(request, "web/start/done.html", {"made": made})


@require_POST
def skip(request: HttpRequest) -> HttpResponse:
    """Do without the first run."""
    starting.skip(asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(request, _("Skipped. What you typed stays; the first run can be taken up again from the settings."))
    return redirect("home")


class LeaveForm(forms.Form):
    """The first administrator of the record that follows the demo's."""

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=150)
    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    password = forms.CharField(
        label=gettext_lazy("Password"), strip=False, help_text=gettext_lazy("Twelve characters at least."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def clean_password(self) -> str:
        from django.contrib.auth.password_validation import validate_password  # noqa: PLC0415 -- loads a word list

        validate_password(self.cleaned_data["password"])
        return str(self.cleaned_data["password"])


@require_http_methods(["GET", "POST"])
def leave_page(request: HttpRequest) -> HttpResponse:
    """Leave the demo: it is put aside whole, and an empty record begins with its first administrator."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.EDIT_PEOPLE)
    form = LeaveForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "obstacle": leaving.obstacle(), "obstacle_facts": {}}
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            now = choices.now_and_today(request)[0]
            context["left"] = leaving.ask(**values, language=request.LANGUAGE_CODE[:2], asker=who, now=now)  # type: ignore[attr-defined]
        except DecisionError as error:
            form.add_error(None, sentence_of(error))
    context["log_in"] = reverse("account_login")
    return render(request, "web/start/leave.html", context)


urlpatterns = [
    path("start/", begin, name="start"),
    path("start/skip/", skip, name="start-skip"),
    path("start/done/", done_page, name="start-done"),
    path("start/leave/", leave_page, name="start-leave"),
    path("start/<slug:step>/", step_page, name="start-step"),
]
