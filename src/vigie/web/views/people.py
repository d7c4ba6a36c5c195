"""People: who may log in, what they may do in which brand, invitations, brands."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from vigie.errors import DecisionError
from vigie.schema.vocab import Role
from vigie.server.models import Brand, Invitation, User
from vigie.server.permissions import ROLE_PERMISSIONS, Permission
from vigie.server.queries.paging import page
from vigie.server.services import people
from vigie.web import choices, paging
from vigie.web.forms import AcceptForm, BrandForm, InviteForm
from vigie.web.sentences import sentence_of
from vigie.web.undo import told


def _context(request: HttpRequest) -> dict[str, object]:
    now, _today = choices.now_and_today(request)
    users = page(
        User.objects.prefetch_related("memberships__brand"), ("-is_active", "name", "email"), after=paging.key(request)
    )
    open_ones = Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)
    newest = ("-created_at",)
    invitations = page(open_ones.select_related("brand"), newest, after=paging.key(request, "invitation"))
    brands = page(Brand.objects.all(), ("-is_ours", "name"), after=paging.key(request, "brand"))
    return {
        "users": users.rows,
        "pages": paging.links(request, users.more_after),
        "invitations": invitations.rows,
        "invitation_pages": paging.links(request, invitations.more_after, "invitation"),
        "brands_shown": brands.rows,
        "brand_pages": paging.links(request, brands.more_after, "brand"),
        "brands_ours": Brand.objects.filter(is_ours=True).order_by("name"),
        "roles": [(role.value, sorted(p.value for p in ROLE_PERMISSIONS[role])) for role in Role],
        "no_mail": settings.VIGIE.mail_url is None,
        "now": now,
    }


@require_http_methods(["GET", "POST"])
def list_page(request: HttpRequest) -> HttpResponse:
    """Show people, and invite."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.EDIT_PEOPLE)
    form = InviteForm(request.POST or None)
    link = ""
    if request.method == "POST" and form.is_valid():
        try:
            link = _invited(request, form)
            form = InviteForm()
        except DecisionError as error:
            form.add_error(None, sentence_of(error))
    return render(
        request, "web/people/list.html", {"form": form, "brand_form": BrandForm(), "link": link, **_context(request)}
    )


def _invited(request: HttpRequest, form: InviteForm) -> str:
    """Invite, send the mail, and return the link so that it can be handed over without mail too."""
    values = form.cleaned_data
    now, _today = choices.now_and_today(request)
    invited = people.invite(
        values["email"],
        values["role"],
        values["brand"],
        asker=request.asker,
        now=now,
        language=request.LANGUAGE_CODE[:2],
    )  # type: ignore[attr-defined]
    link = hand_over(request, invited)
    if settings.VIGIE.mail_url is not None:
        told(
            request,
            _("The invitation is sent to %(email)s.") % {"email": invited.invitation.email},
            undo=reverse("people-withdraw", args=[invited.invitation.pk]),
        )
    return link


def link_of(invited: people.Invited) -> str:
    """Return the link that takes a seat."""
    return str(settings.VIGIE.public_url + reverse("people-accept", args=[invited.token]))


def hand_over(request: HttpRequest, invited: people.Invited) -> str:
    """Send an invitation where mail can be sent, and return its link."""
    link = link_of(invited)
    if settings.VIGIE.mail_url is not None:
        shown = {"link": link, "by": request.user, "days": people.INVITATION_DAYS}
        subject = " ".join(render_to_string("web/people/invitation_subject.txt", shown).split())
        EmailMessage(
            subject, render_to_string("web/people/invitation_message.txt", shown), to=[invited.invitation.email]
        ).send()
    return link


@require_POST
def withdraw(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    people.withdraw(invitation_id, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(request, _("The invitation is withdrawn."))
    return redirect("people")


@require_POST
def set_role(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give or take a role in one brand, or in all."""
    role, brand = request.POST.get("role", ""), request.POST.get("brand", "")
    chosen = Role(role) if role in list(Role) else None
    now, _today = choices.now_and_today(request)
    people.set_role(user_id, chosen, int(brand) if brand.isdigit() else None, asker=request.asker, now=now)  # type: ignore[attr-defined]
    told(request, _("The role is changed."))
    return redirect("people")


@require_POST
def set_active(request: HttpRequest, user_id: int) -> HttpResponse:
    """Close somebody's access, or open it again."""
    active = request.POST.get("active") == "1"
    people.set_active(user_id, active=active, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(request, _("Their access is open.") if active else _("Their access is closed."))
    return redirect("people")


@require_POST
def add_brand(request: HttpRequest) -> HttpResponse:
    """Add a brand of ours or a competitor."""
    form = BrandForm(request.POST)
    if form.is_valid():
        now, _today = choices.now_and_today(request)
        people.add_brand(form.cleaned_data["name"], is_ours=form.cleaned_data["is_ours"], asker=request.asker, now=now)  # type: ignore[attr-defined]
        told(request, _("The brand is added."))
    return redirect("people")


@login_not_required
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Take the seat that an invitation offers."""
    now, _today = choices.now_and_today(request)
    try:
        invitation = people.open_invitation(token, now=now)
    except DecisionError as error:
        return render(request, "web/people/accept.html", {"fault": sentence_of(error)}, status=404)
    known = User.objects.filter(email=invitation.email).exists()
    form = AcceptForm(request.POST or None)
    if request.method == "POST" and (known or form.is_valid()):
        values = {"name": "", "password": ""} if known else form.cleaned_data
        people.accept(token, name=values["name"], password=values["password"], now=now)
        told(request, _("Welcome. Log in with your address and password."))
        return redirect("account_login")
    return render(request, "web/people/accept.html", {"form": form, "invitation": invitation, "known": known})


urlpatterns = [
    path("people/", list_page, name="people"),
    path("people/brands/", add_brand, name="people-brand"),
    path("people/<int:user_id>/role/", set_role, name="people-role"),
    path("people/<int:user_id>/active/", set_active, name="people-active"),
    path("people/invitations/<int:invitation_id>/withdraw/", withdraw, name="people-withdraw"),
    path("invitation/<str:token>/", accept, name="people-accept"),
]
