"""Why a mention has its labels and findings: what made each, and what people said on top."""

from dataclasses import dataclass

from vigie.enrich import found, language, reasons
from vigie.enrich.language import LanguageLabeller
from vigie.enrich.reasons import Rated, Reasons
from vigie.schema.vocab import FindingKind, LabelKind
from vigie.server import chosen
from vigie.server.models import Correction, Finding, FindingCorrection, Label, Mention
from vigie.server.permissions import Asker
from vigie.server.queries import mentions

FINDINGS_MOST = 500
"""Findings of a post that are shown: a leaflet pasted whole has some hundred."""


@dataclass(frozen=True, slots=True)
class LabelWhy:
    """A label with what made it."""

    kind: str
    value: str
    """What counts: a person's value, else the model's."""
    told: str | None
    """The model's; absent when no model reads the language."""
    score: float | None
    name: str
    version: str
    is_corrected: bool
    reasons: Reasons | None
    """Absent when the model that made the label is no longer at hand."""
    rated: tuple[Rated, ...]


@dataclass(frozen=True, slots=True)
class FindingWhy:
    """One thing found, with the words it was found at."""

    row: Finding
    words: str
    counts: bool
    """Whether it counts in figures: what is denied may not."""


@dataclass(frozen=True, slots=True)
class ValueWhy:
    """A value of a kind of finding, with where it was found and what people said."""

    kind: str
    value: str
    found: tuple[FindingWhy, ...]
    said: bool | None
    """What a person said: it holds, it does not; absent when nobody spoke."""
    holds: bool
    """Whether it counts for this mention."""


@dataclass(frozen=True, slots=True)
class Why:
    """All that the page says."""

    mention: Mention
    text: str
    """Title, end of line and text, as models read them."""
    language: str
    """As told by its model, without its region."""
    labels: tuple[LabelWhy, ...]
    values: tuple[ValueWhy, ...]


def why(mention_id: int, *, who: Asker) -> Why | None:
    """Return what made the labels and findings of a mention; `None` for who may not see it."""
    mention = mentions.visible(mention_id, who=who)
    if mention is None:
        return None
    text = f"{mention.post.title}\n{mention.post.text}" if mention.post.title else mention.post.text
    labels = _labels(mention, text)
    language_told = next((label.told for label in labels if label.kind == LabelKind.LANGUAGE), None) or ""
    return Why(mention, text, language_told.split("-")[0], labels, values(mention, text))


def _labels(mention: Mention, text: str) -> tuple[LabelWhy, ...]:
    corrections = dict(Correction.objects.filter(mention=mention).values_list("kind", "value"))
    rows = {row.kind: row for row in Label.objects.select_related("labeller").filter(post=mention.post_id, chosen=True)}
    language_told = rows[LabelKind.LANGUAGE].value if LabelKind.LANGUAGE in rows else ""
    shown = []
    for kind in LabelKind:
        row = rows.get(kind)
        if row is None and kind not in corrections:
            continue
        made, rated = _made(row, text, language_told) if row else (None, ())
        shown.append(
            LabelWhy(
                kind.value,
                corrections.get(kind) or (row.value if row else ""),
                row.value if row else None,
                row.score if row else None,
                row.labeller.name if row else "",
                row.labeller.version if row else "",
                kind in corrections,
                made,
                rated,
            )
        )
    return tuple(shown)


def _made(row: Label, text: str, language_told: str) -> tuple[Reasons | None, tuple[Rated, ...]]:
    """Return the reasons of a label, by the model that made it; what it says now must be what it said then."""
    if row.kind == LabelKind.LANGUAGE:
        is_same = (row.labeller.name, row.labeller.version) == (LanguageLabeller.name, LanguageLabeller.version)
        made = reasons.of_language(text, language.committed()) if is_same else None
        return (made if made and made.value == row.value else None), ()
    base = language_told.split("-")[0]
    model = chosen.tone_model(row.labeller.version, base) if row.labeller.name == "tone-grams" else None
    made = reasons.of_tone(text, model) if model else None
    if made is None or made.value != row.value:
        return None, ()
    return made, reasons.rated(text, base)


def values(mention: Mention, text: str) -> tuple[ValueWhy, ...]:
    """Return the values found in the mention's post and those that people said, by kind and value."""
    rows = Finding.objects.select_related("labeller").filter(post=mention.post_id).order_by("kind", "value", "starts")
    by_value: dict[tuple[str, str], list[FindingWhy]] = {}
    for row in rows[:FINDINGS_MOST]:
        counts = found.counts(row.kind, negated=row.negated, hypothetical=row.hypothetical)
        words = text[row.starts : row.ends] if row.starts is not None else ""
        by_value.setdefault((row.kind, row.value), []).append(FindingWhy(row, words, counts))
    corrections = FindingCorrection.objects.filter(mention=mention).values_list("kind", "value", "holds")
    said = {(kind, value): holds for kind, value, holds in corrections}
    kinds = list(FindingKind)
    keys = sorted({*by_value, *said}, key=lambda key: (kinds.index(FindingKind(key[0])), key[1]))
    return tuple(
        ValueWhy(
            kind,
            value,
            tuple(by_value.get((kind, value), ())),
            said.get((kind, value)),
            said.get((kind, value), any(one.counts for one in by_value.get((kind, value), ()))),
        )
        for kind, value in keys
    )
