"""How figures are made: definitions, and how sure we are of every label: cards, public sets, our own posts."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from vigie.enrich import stories
from vigie.enrich.card import Sheet, sheets
from vigie.measure.judged import ENOUGH
from vigie.schema.vocab import FindingKind, LabelKind
from vigie.server import engine
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import accuracy
from vigie.server.queries.accuracy import Own
from vigie.server.queries.speaking import KINDS
from vigie.text.sketches import FEWEST_WORDS
from vigie.web import cards, formats, speaking
from vigie.web.annotation_forms import kind_name
from vigie.web.judged import shown


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the definitions, and each label with its card and its accuracy."""
    who = request.asker  # type: ignore[attr-defined]
    who.require(Permission.SEE_MENTIONS)
    by_name = {sheet.name: sheet for sheet in sheets()}
    labels = [_label(kind, names, by_name, who) for kind, names in _in_use(who).items()]
    used = {name for label in labels for name in label["names"]}
    first = {name: label["kind"] for label in reversed(labels) for name in label["names"]}
    others = [_card(sheet) for sheet in by_name.values() if sheet.name not in used]
    context = {
        "labels": labels,
        "anchors": first,
        "others": others,
        "zone": formats.zone_name(),
        "speaking": [speaking.method(kind) for kind in KINDS],
        "enough": ENOUGH,
        "may_annotate": who.may(Permission.ANNOTATE),
        **_stories(),
    }
    return render(request, "web/methods/page.html", context)


Versions = dict[str, str]


def _in_use(who: Asker) -> dict[str, Versions]:
    """Return name and version of what labels and finds, by kind."""
    standing = engine.standing()
    found: dict[str, Versions] = {}
    for kind, name, version in engine.identities(standing.labellers, standing.finders):
        found.setdefault(kind, {})[name] = version
    order = [*LabelKind, *FindingKind]
    return {kind: found[kind] for kind in sorted(found, key=order.index)}


def _label(kind: str, names: Versions, by_name: dict[str, Sheet], who: Asker) -> dict[str, Any]:
    """Return a kind of label with its definition, the cards of its models, and what our own posts say of it."""
    own = accuracy.own(who, kinds=(kind,))
    return {
        "kind": kind,
        "title": kind_name(kind),
        "definition": definition(kind),
        "names": list(names),
        "models": [{"name": name, "version": version, "card": _card(by_name.get(name), kind)} for name, version in names.items()],
        "own": [_own(one) for one in sorted(own.values(), key=lambda one: one.language)],
    }  # fmt: skip


def _own(one: Own) -> dict[str, Any]:
    return {"of": one, "judged": shown(one.kind, one.judged) if one.judged else None}


def _card(sheet: Sheet | None, kind: str = "") -> dict[str, Any] | None:
    return sheet and {"sheet": sheet, "table": cards.table(sheet, kind), "sentences": cards.sentences(sheet)}


def definition(kind: str) -> str:
    """Say what a kind of label tells of a post."""
    return {
        LabelKind.LANGUAGE.value: _(
            "The language in which most of a post is written, told from its letters and words, never taken from the network's own tag; not determined when the text is too short or too mixed."
        ),
        LabelKind.TONE.value: _(
            "What the author thinks of what they speak of: negative, neutral or positive, for texts in French and English; texts in other languages have none. A symptom is not a negative tone."
        ),
        FindingKind.DRUG.value: _("The medicines and substances that a post names, whoever takes them."),
        FindingKind.REACTION.value: _(
            "What a post says that happened to somebody's health; what it denies or only supposes does not count."
        ),
        FindingKind.CONDITION.value: _(
            "The illnesses that a post names as somebody's; what it denies or only supposes does not count."
        ),
        FindingKind.DEVICE.value: _("The medical devices of the company's dictionary that a post names."),
        FindingKind.WHO.value: _("Who speaks, when the text says so; several are possible, none is common."),
        FindingKind.INTENT.value: _("What a post is for: a question, a complaint, thanks; several are possible."),
        FindingKind.CATEGORY.value: _("What the queries of your own categories put a post into."),
    }[kind]


def _stories() -> dict[str, object]:
    return {
        "fewest": FEWEST_WORDS,
        "least": formats.percent(stories.LEAST_ALIKE),
        "days": stories.WINDOW_DAYS,
        "recall": formats.percent(stories.PLANTED_RECALL, 1),
        "precision": formats.percent(stories.PLANTED_PRECISION, 1),
    }


urlpatterns = [path("methods/", page, name="methods")]
