"""Evidence of a mention: keeping it, checking its digest, its sealed text for who may read names, its small pictures."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vigie.server.models import Evidence, Mention
from vigie.server.permissions import Permission
from vigie.server.queries import evidence as reading
from vigie.server.queries import mentions
from vigie.server.services import evidencing
from vigie.web import choices
from vigie.web.undo import told

ALONE = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""Content-Security-Policy of what came from elsewhere and was made anew by us: it can do nothing, wherever it is opened."""


def _mention(request: HttpRequest, mention_id: int) -> Mention:
    request.asker.require(Permission.SEE_MENTIONS)  # type: ignore[attr-defined]
    found = mentions.visible(mention_id, who=request.asker)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found


@require_POST
def keep(request: HttpRequest, mention_id: int) -> HttpResponse:
    """Keep the post as it stands."""
    _mention(request, mention_id)
    now, _today = choices.now_and_today(request)
    evidencing.keep(mention_id, asker=request.asker, now=now)  # type: ignore[attr-defined]
    told(request, _("Kept as evidence. It stays when the post changes or goes; only an erasure removes it."))
    return redirect("mentions-detail", mention_id)


@require_POST
def check(request: HttpRequest, mention_id: int, evidence_id: int) -> HttpResponse:
    """Compute the digests again."""
    mention = _mention(request, mention_id)
    evidence = Evidence.objects.filter(pk=evidence_id, post=mention.post_id).first()
    if evidence is None:
        raise Http404
    if evidencing.agrees(evidence):
        told(request, _("Checked: the SHA-256 is the one taken when it was kept."))
    else:
        told(request, _("This evidence is not as it was kept: its SHA-256 differs, or its key is missing."))
    return redirect("mentions-detail", mention_id)


@require_POST
def document(request: HttpRequest, mention_id: int, evidence_id: int) -> HttpResponse:
    """Give the sealed text, the author in it; the audit log keeps who asked."""
    mention = _mention(request, mention_id)
    now, _today = choices.now_and_today(request)
    try:
        content = evidencing.document(evidence_id, mention, asker=request.asker, now=now)  # type: ignore[attr-defined]
    except Evidence.DoesNotExist as exc:
        raise Http404 from exc
    response = HttpResponse(content, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="vigie-evidence-{evidence_id}.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


@require_GET
def picture(request: HttpRequest, mention_id: int, medium_id: int) -> HttpResponse:
    """Give the small picture that we made; the browser never asks the network for the post's own."""
    content = reading.thumbnail(medium_id, _mention(request, mention_id).post)
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="image/webp")
    response.headers["Content-Security-Policy"] = ALONE
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


urlpatterns = [
    path("mentions/<int:mention_id>/keep/", keep, name="mentions-keep"),
    path("mentions/<int:mention_id>/evidence/<int:evidence_id>/check/", check, name="mentions-evidence-check"),
    path("mentions/<int:mention_id>/evidence/<int:evidence_id>/json/", document, name="mentions-evidence-json"),
    path("mentions/<int:mention_id>/evidence/media/<int:medium_id>.webp", picture, name="mentions-evidence-picture"),
]
