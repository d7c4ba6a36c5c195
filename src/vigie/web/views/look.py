"""Every component with invented sample data, for whoever writes pages; only under VIGIE_DEBUG."""

import random
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from vigie.web import charts
from vigie.web.nav import AREAS, Group, Place
from vigie.web.words import TONES

NOW = datetime(2026, 10, 30, 8, 2, tzinfo=UTC)
"""The present of the samples: 09:02 in Paris."""

FIRST = date(2026, 10, 1)
"""The first day of the samples' window, which is October."""

POSTS = (
    (
        "Papillon38",
        "Tyroïde-Entraide",
        "forum",
        24,
        "negative",
        "Depuis la nouvelle formule de Sérélium j’ai la tête qui tourne tous les matins, je ne suis pas la seule "
        "apparemment 😵 quelqu’un a eu ça aussi ?",
        ("nouvelle formule", "Sérélium"),
        (("effet indésirable probable", "safety"), ("patient", "")),
        "38 réponses · 4 100 vues",
    ),
    (
        "Dr Lise A.",
        "#hcsmeu",
        "mastodon",
        62,
        "neutral",
        "Trois patients m’en parlent cette semaine. Avant d’accuser Sérélium, vérifions les dosages, "
        "merci de déclarer.",
        ("Sérélium",),
        (("professionnel", ""), ("question", "warning")),
        "62 partages · 114 mentions j’aime",
    ),
    (
        "La Gazette du Rhône",
        "",
        "press",
        300,
        "neutral",
        "Médicaments : la <b>nouvelle formule</b> de Sérélium inquiète des patients, le laboratoire ne s’est pas "
        "encore exprimé.",
        ("nouvelle formule", "Sérélium"),
        (("presse", ""),),
        "reprise par 4 sites",
    ),
    (
        "Pharmacie expliquée",
        "commentaire",
        "youtube",
        1600,
        "positive",
        "Merci pour la vidéo ! Enfin quelqu’un qui explique pourquoi l’excipient a changé.",
        (),
        (("proche", ""),),
        "27 mentions j’aime",
    ),
)
"""Invented posts: author, place, network, age in minutes, tone, text, matched words, chips, counts."""


@login_not_required
@require_GET
def look(request: HttpRequest) -> HttpResponse:
    """Show the page of components; `?toast` adds a message with a way back."""
    if not settings.DEBUG:
        raise Http404
    if "toast" in request.GET:
        messages.success(request, "1 mention écartée", extra_tags="undo:/")
    return render(request, "web/look.html", {"now": NOW, "nav": _nav(), **_charts(), **_lists()})


def _nav() -> tuple[Group, ...]:
    return tuple(
        Group(label, tuple(Place(a.key, a.label, "#", a.key == "dashboard", a.in_bar) for a in areas))
        for label, areas in AREAS
    )


def _charts() -> dict[str, Any]:
    rng = random.Random(7)  # noqa: S311 -- a sample, not a secret
    days = [FIRST + timedelta(days=n) for n in range(30)]
    bump = {day: 1 + 4 * max(0.0, 1 - abs((day - date(2026, 10, 21)).days) / 3) for day in days}
    series = [
        charts.Series(
            str(TONES[tone]),
            charts.TONE_COLOURS[tone],
            {d: round(rng.randint(45, 80) * weight * bump[d]) for d in days},
        )
        for tone, weight in (("negative", 1.3), ("neutral", 1.9), ("positive", 0.9))
    ]
    span = charts.Days(
        days=days,
        gaps=[date(2026, 10, 9), date(2026, 10, 10)],
        gap_text="2 espaces muets",
        partial=days[-1],
        notes=[charts.Note(date(2026, 10, 21), "Rumeur partie d’un forum")],
    )
    bars = [
        charts.Share("Vaubrun", 0.37, 4618, "#a", 0.34, 0.40),
        charts.Share("Kalmédis", 0.31, 3869, "#b", 0.29, 0.34),
        charts.Share("Orsenne Pharma", 0.22, 2746, "#c", 0.19, 0.25),
        charts.Share("Autres", 0.10, 1247, "#d", 0.08, 0.12, is_others=True),
    ]
    note = (
        "12 480 mentions de 4 veilles, heure de Paris. Tonalité : modèle 0.4, macro-F1 0,64 en français. "
        "Hachuré : espaces non entendus."
    )
    return {
        "daily": charts.by_day(
            "daily",
            "Mentions par jour et tonalité",
            series,
            span,
            href=lambda d, s: f"#{d}",
            note=note,
            method="#method",
        ),
        "voice": charts.shares(
            "voice",
            "Part de voix",
            bars,
            unit="trait : intervalle à 95 %",
            note="12 480 mentions de 4 sujets.",
            method="#method",
        ),
        "start": FIRST,
        "end": days[-1],
        "spark": [4, 5, 4, 6, 5, 7, 6, 8, 12, 9],
    }


def _lists() -> dict[str, Any]:
    return {"posts": [_post(n, *row) for n, row in enumerate(POSTS)], "undated": NOW - timedelta(days=40)}


def _post(
    n: int, author: str, place: str, network: str, age: int, tone: str, text: str, words: Any, chips: Any, stats: str
) -> SimpleNamespace:
    return SimpleNamespace(
        href="#post",
        author=author,
        place=place,
        network=network,
        at=NOW - timedelta(minutes=age),
        text=text,
        spans=[(text.index(word), text.index(word) + len(word)) for word in words],
        lang="fr",
        tone=tone,
        tone_corrected=n == 2,
        stats=stats,
        chips=[SimpleNamespace(text=word, kind=kind) for word, kind in chips],
        is_current=n == 0,
        is_lapsed=n == 3,
    )
