"""How often labels are right on our own posts: what people settled, beside what the models in use say of the same posts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.db.models import F

from vigie.enrich import found
from vigie.measure.judged import ENOUGH, Judged, judged
from vigie.schema.vocab import LabelKind
from vigie.server.database import select_in
from vigie.server.models import AnnotationItem
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import annotation
from vigie.server.queries.annotation import CLOSED, SEED

MOST = 20_000
"""Settled posts that a figure is made of, the latest ones: a bound on the work of a page; the interval is then below a point."""

Values = frozenset[str]


@dataclass(frozen=True, slots=True)
class Own:
    """What people settled of a kind in a language, on posts drawn at random, and what it says of the model in use."""

    kind: str
    language: str
    posts: int
    judged: Judged | None
    """Absent below `ENOUGH` posts: it would say too little."""


def own(who: Asker, *, kinds: Sequence[str] = ()) -> dict[tuple[str, str], Own]:
    """Return the figures of the sets that the asker sees, by kind and language; four statements at most.

    Posts chosen by hand are left out: they stand for nothing but themselves. So are posts whose text changed since.
    """
    rows = AnnotationItem.objects.filter(
        set__in=annotation.visible(who, Permission.SEE_MENTIONS), set__is_random=True, settled_at__isnull=False,
        post__version=F("post_version"),
    )  # fmt: skip
    if kinds:
        rows = rows.filter(set__kind__in=kinds)
    settled: dict[tuple[str, str], dict[int, Values]] = {}
    for kind, language, post, values in rows.order_by("-settled_at", "-pk").values_list(
        "set__kind", "set__language", "post_id", "settled"
    )[:MOST]:
        settled.setdefault((kind, language), {}).setdefault(post, frozenset(values))
    if not settled:
        return {}
    told = _told(settled)
    return {key: _own(key, posts, told) for key, posts in settled.items()}


Told = Mapping[tuple[str, int], Values]


def _told(settled: Mapping[tuple[str, str], Mapping[int, Values]]) -> Told:
    """Return what models in use say, by kind and post; of people's corrections nothing."""
    posts = sorted({post for by_post in settled.values() for post in by_post})
    sql = "SELECT post_id, kind, value FROM vigie_label WHERE chosen AND post_id IN ({in})"
    said = {(kind, post): frozenset({value}) for post, kind, value in select_in(sql, posts)}
    if any(kind not in list(LabelKind) for kind, _ in settled):
        for post, text in select_in("SELECT id, found FROM vigie_post WHERE id IN ({in})", posts):
            said |= {(kind, post): frozenset(values) for kind, values in found.read(text).items()}
    return said


def _own(key: tuple[str, str], posts: Mapping[int, Values], told: Told) -> Own:
    kind, language = key
    if len(posts) < ENOUGH:
        return Own(kind, language, len(posts), None)
    truth = tuple(posts.values())
    given = tuple(told.get((kind, post), frozenset()) for post in posts)
    values = CLOSED.get(kind) or tuple(sorted(frozenset[str]().union(*truth)))
    return Own(kind, language, len(posts), _judged(truth, given, values))


@lru_cache(maxsize=64)
def _judged(truth: tuple[Values, ...], given: tuple[Values, ...], values: tuple[str, ...]) -> Judged | None:
    """Remember figures: every page of a dashboard asks for them, and they change when somebody labels."""
    return judged(truth, given, values=values, rng=np.random.default_rng(SEED))
