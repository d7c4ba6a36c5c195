"""Why a mention has its labels, and what people say instead: by one key, undone from the message."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vigie.enrich.language import told_apart
from vigie.schema.vocab import UNDETERMINED, FindingKind, Intent, LabelKind, Speaker
from vigie.server.models import Category, Correction, FindingCorrection, Mention
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import annotation, mentions, reasons
from vigie.server.queries.reasons import LabelWhy, ValueWhy, Why
from vigie.server.services import judging
from vigie.web import choices
from vigie.web.tones import tone_context
from vigie.web.undo import told
from vigie.web.whys import PIECES, RULES, piece_text
from vigie.web.words import finding_name, language_name, word

SHOWN = 8
"""Pieces shown for an answer, and as many against it; the others stand as one sum."""


@require_GET
def why(request: HttpRequest, mention_id: int) -> HttpResponse:
    """Show what made each label and finding of a mention."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_MENTIONS)
    found = reasons.why(mention_id, who=who)
    if found is None:
        raise Http404
    may = who.may(Permission.MARK_MENTIONS, brand_id=found.mention.watch.brand_id)
    names = {str(pk): name for pk, name in Category.objects.values_list("pk", "name")} if found.values else {}
    context = {
        "why": found,
        "labels": [_label(label, found) for label in found.labels],
        "values": [_value(value, names) for value in found.values],
        "spans": [(v.row.starts, v.row.ends) for value in found.values for v in value.found if v.row.starts is not None],
        "may_mark": may,
        "here": request.get_full_path(),
        "sets": _sets(found.mention, who),
        "kinds": [(kind.value, word(kind.value, "finding_kind")) for kind in FindingKind if kind is not FindingKind.CATEGORY],
        "known": [(v, finding_name(FindingKind.WHO, v)) for v in Speaker] + [(v, finding_name(FindingKind.INTENT, v)) for v in Intent],
        **tone_context(found.mention.pk, _current(found.labels), may=may),
        "tongues": sorted(((tag, language_name(tag)) for tag in (*told_apart(), UNDETERMINED)), key=lambda row: row[1]),
    }  # fmt: skip
    return render(request, "web/mentions/why.html", context)


SETS_SHOWN = 50
"""Sets filled by hand that are offered: the latest ones."""


def _sets(mention: Mention, who: Asker) -> list[tuple[int, str]]:
    """Return the open sets that are filled by hand and that take this mention's post."""
    rows = annotation.visible(who).filter(
        Q(brand=None) | Q(brand_id=mention.watch.brand_id), is_random=False, closed_at=None
    )
    return list(rows.values_list("pk", "name")[:SETS_SHOWN])


def _current(labels: tuple[LabelWhy, ...]) -> tuple[str, bool]:
    tone = next((label for label in labels if label.kind == LabelKind.TONE), None)
    return (tone.value, tone.is_corrected) if tone else ("", False)


def _label(label: LabelWhy, found: Why) -> dict[str, Any]:
    return {
        "label": label,
        "title": _("Tone") if label.kind == LabelKind.TONE else _("Language"),
        "text": label_text(label.kind, label.value),
        "told": label_text(label.kind, label.told) if label.told else "",
        "best": label_text(label.kind, label.reasons.best) if label.reasons else "",
        "parts": _parts(label, found.language),
        "card": f"{reverse('methods')}#{label.name}",
    }


def label_text(kind: str, value: str) -> str:
    """Return what a label's value is called."""
    return word(value, "tone") if kind == LabelKind.TONE else language_name(value)


def _parts(label: LabelWhy, language: str) -> dict[str, Any] | None:
    """Return the table of what counted: rows for, rows against, what all starts from, the others, and the sum."""
    if label.reasons is None:
        return None
    counted = label.reasons.counted(most=SHOWN)
    rows = [
        {
            "text": piece_text(piece, language),
            "kind": PIECES[piece.kind],
            "weight": weight,
        }
        for piece, weight in (*counted.on, *counted.against)
    ]
    best = label.reasons.answers.index(label.reasons.best)
    return {
        "rows": rows, "start": counted.start, "others": counted.others, "total": counted.total,
        "share": float(label.reasons.shares[best]), "rule": RULES[label.reasons.rule] if label.reasons.rule else "",
    }  # fmt: skip


def _value(value: ValueWhy, categories: dict[str, str]) -> dict[str, Any]:
    name = finding_name(value.kind, value.value)
    return {
        "value": value,
        "kind": word(value.kind, "finding_kind"),
        "name": categories.get(value.value, _("unknown category")) if value.kind == FindingKind.CATEGORY else name,
    }


@require_POST
def correct(request: HttpRequest, mention_id: int) -> HttpResponse:
    """Say what a label's value is, or take that back; the message undoes it."""
    _visible(request, mention_id)
    kind, value = _asked(request, "kind") or LabelKind.TONE.value, _asked(request, "value")
    if kind not in list(LabelKind):
        raise Http404
    before = Correction.objects.filter(mention=mention_id, kind=kind).values_list("value", flat=True).first()
    now, _today = choices.now_and_today(request)
    judging.correct(mention_id, LabelKind(kind), value or None, asker=request.asker, now=now)  # type: ignore[attr-defined]
    sentence = (
        _("Corrected: %(value)s.") % {"value": label_text(kind, value)}
        if value
        else _("The correction is taken back: the model's word counts again.")
    )
    undo = f"{reverse('mentions-correct', args=[mention_id])}?{urlencode({'kind': kind, 'value': before or ''})}"
    told(request, sentence, undo=undo)
    return _back(request, mention_id)


@require_POST
def correct_finding(request: HttpRequest, mention_id: int) -> HttpResponse:
    """Say that a value holds, or does not, or take that back; the message undoes it."""
    _visible(request, mention_id)
    kind, value, says = (_asked(request, name) for name in ("kind", "value", "holds"))
    if kind not in list(FindingKind) or says not in HOLDS:
        raise Http404
    value = " ".join(value.split())
    rows = FindingCorrection.objects.filter(mention=mention_id, kind=kind, value=value)
    before = rows.values_list("holds", flat=True).first()
    now, _today = choices.now_and_today(request)
    said = judging.correct_finding(
        mention_id, FindingKind(kind), value, HOLDS[says], asker=request.asker, now=now  # type: ignore[attr-defined]
    )  # fmt: skip
    names = choices.Names(request.asker)  # type: ignore[attr-defined]
    sentences = {
        True: _("Added: %(value)s."),
        False: _("Taken away: %(value)s."),
        None: _("What was said of %(value)s is taken back."),
    }
    asked = next(key for key, holds in HOLDS.items() if holds is before)
    query = urlencode({"kind": kind, "value": said, "holds": asked})
    undo = f"{reverse('mentions-correct-finding', args=[mention_id])}?{query}"
    told(request, sentences[HOLDS[says]] % {"value": names.finding(kind, said)}, undo=undo)
    return _back(request, mention_id)


HOLDS = {"yes": True, "no": False, "": None}
"""What a form says of a value."""


def _asked(request: HttpRequest, name: str) -> str:
    """Return a field of the form, or, for an undo, of the address."""
    return request.POST.get(name, request.GET.get(name, ""))


def _visible(request: HttpRequest, mention_id: int) -> None:
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_MENTIONS)
    if mentions.visible(mention_id, who=who) is None:
        raise Http404


def _back(request: HttpRequest, mention_id: int) -> HttpResponse:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if safe else reverse("mentions-detail", args=[mention_id]))


urlpatterns = [
    path("mentions/<int:mention_id>/why/", why, name="mentions-why"),
    path("mentions/<int:mention_id>/correct/", correct, name="mentions-correct"),
    path("mentions/<int:mention_id>/correct-finding/", correct_finding, name="mentions-correct-finding"),
]
