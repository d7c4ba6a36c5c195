"""Lists of feeds as files: in with a look before anything is added, out for any reader of feeds."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.collect import opml
from vigie.collect.opml import Outline
from vigie.errors import SchemaError
from vigie.server.permissions import Permission
from vigie.server.services import feeds
from vigie.web import choices, formats
from vigie.web.forms import OpmlForm
from vigie.web.sentences import sentence_of
from vigie.web.undo import told


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Take a file and show the feeds in it; add those that were chosen."""
    request.asker.require(Permission.EDIT_SPACES)  # type: ignore[attr-defined]
    if request.method == "POST" and "feed" in request.POST:
        return _added(request)
    form = OpmlForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            found = opml.read(form.cleaned_data["file"].read(opml.LARGEST + 1))
            new, known = opml.new_ones(found.feeds, feeds.known_addresses())
            context |= {"found": found, "new": new, "known": known}
        except SchemaError as error:
            form.add_error("file", sentence_of(error))
    return render(request, "web/spaces/opml.html", context)


def _added(request: HttpRequest) -> HttpResponse:
    now, _today = choices.now_and_today(request)
    asked = [_outline(value) for value in request.POST.getlist("feed")[: opml.MOST]]
    n = feeds.add_all([feed for feed in asked if feed is not None], asker=request.asker, now=now)  # type: ignore[attr-defined]
    if n == 0:
        messages.info(request, _("Nothing was added: these feeds are listened to already."))
        return redirect("spaces")
    sentence = ngettext(
        "%(n)s feed is listened to; it is read soon.",
        "%(n)s feeds are listened to; they are read one after the other.",
        n,
    )
    told(request, sentence % {"n": formats.number(n)}, undo=reverse("spaces-opml-undo", args=[_micros(now)]))
    return redirect("spaces")


def _outline(value: str) -> Outline | None:
    """Read a choice as the page wrote it: the address, a space, the title."""
    address, _space, title = value.partition(" ")
    is_web = address.startswith(("http://", "https://")) and len(address) <= opml.LONGEST_ADDRESS
    return Outline(title[:200] or address[:200], address) if is_web else None


def _micros(at: datetime) -> int:
    return round((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)


@require_POST
def undo(request: HttpRequest, added: int) -> HttpResponse:
    """Close the feeds that were added together."""
    try:
        at = datetime.fromtimestamp(added // 1_000_000, tz=UTC).replace(microsecond=added % 1_000_000)
    except (OverflowError, ValueError, OSError) as exc:
        raise Http404 from exc
    n = feeds.take_back(at, asker=request.asker, now=choices.now_and_today(request)[0])  # type: ignore[attr-defined]
    told(request, ngettext("%(n)s feed is closed.", "%(n)s feeds are closed.", n) % {"n": formats.number(n)})
    return redirect("spaces")


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """Give the open feeds as a file."""
    data = feeds.exported(asker=request.asker, title=_("Feeds of Vigie"))  # type: ignore[attr-defined]
    answer = HttpResponse(data, content_type="text/x-opml; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="vigie.opml"'
    return answer


urlpatterns = [
    path("spaces/opml/", page, name="spaces-opml"),
    path("spaces/opml/undo/<int:added>/", undo, name="spaces-opml-undo"),
    path("spaces/opml/vigie.opml", download, name="spaces-opml-download"),
]
