"""Models trained here, and how much there is to learn from."""

from dataclasses import dataclass
from typing import Any

from vigie.enrich.tone_grams import LANGUAGES, ToneLabeller
from vigie.errors import DecisionError
from vigie.schema.vocab import LabelKind
from vigie.server.database import select
from vigie.server.models import TrainedModel, Work
from vigie.server.models.work import OPEN_STATES

FEWEST = 40
"""Corrected texts of a language below which nothing is trained: eight a fold, of which none could be told from chance."""

MOST = 2_000
"""Corrected texts that are learnt from, the latest ones, and as many others at most: comparing all pairs takes their square
(a minute, 64 MB)."""

SHOWN = 20
"""Models of a language that the page lists, the latest ones: one a month for over a year."""


@dataclass(frozen=True, slots=True)
class OfLanguage:
    """The models of a language."""

    language: str
    shipped: str
    """Version of the model that came with Vigie."""
    rows: tuple[TrainedModel, ...]
    """Without their weights."""
    chosen: TrainedModel | None
    corrected: int
    """Texts that people corrected, and that teach."""
    is_training: bool


def models() -> tuple[OfLanguage, ...]:
    """Return the models of tone by language."""
    return tuple(_of(language) for language in LANGUAGES)


def _of(language: str) -> OfLanguage:
    rows = TrainedModel.objects.defer("weights").filter(kind=LabelKind.TONE, language=language)
    chosen = rows.filter(chosen=True).first()
    shown = tuple(rows.order_by("-pk")[:SHOWN])
    is_training = Work.objects.filter(key=f"train:tone:{language}", state__in=OPEN_STATES).exists()
    return OfLanguage(language, ToneLabeller.version, shown, chosen, len(corrected(language)), is_training)


def corrected(language: str) -> list[tuple[str, str]]:
    """Return the latest texts whose tone people corrected, in a language, and what they said; one statement.

    A text of which people said different things is left out: it can't teach.
    """
    sql = (
        "SELECT p.title, p.text, c.value FROM vigie_correction c JOIN vigie_mention m ON m.id = c.mention_id "
        "JOIN vigie_post p ON p.id = m.post_id "
        "LEFT JOIN vigie_label l ON l.post_id = p.id AND l.kind = 'language' AND l.chosen "
        "LEFT JOIN vigie_correction cl ON cl.mention_id = m.id AND cl.kind = 'language' "
        "WHERE c.kind = 'tone' AND COALESCE(cl.value, l.value) = %s ORDER BY c.id DESC LIMIT %s"
    )
    said: dict[str, set[str]] = {}
    for title, text, value in select(sql, [language, MOST]):
        said.setdefault(f"{title}\n{text}" if title else text, set()).add(value)
    return [(text, *values) for text, values in said.items() if len(values) == 1]  # type: ignore[misc] -- one value each


def trainable() -> tuple[str, ...]:
    """Return the languages of which people corrected enough texts for a model to learn from.

    Raises:
        DecisionError: there is none.
    """
    found = {language: len(corrected(language)) for language in LANGUAGES}
    if max(found.values()) < FEWEST:
        raise too_few(max(found.values()))
    return tuple(language for language, n in found.items() if n >= FEWEST)


def too_few(n: int) -> DecisionError:
    """Return the refusal to train on so few texts."""
    return DecisionError(
        f"Corrected texts: {n}. A model needs {FEWEST} before it can learn from them.",
        code="model.few", facts={"n": n, "fewest": FEWEST},
    )  # fmt: skip


def public_figures() -> dict[str, float | None]:
    """Return the macro-F1 on public tweets of each model trained here and in use, by language; absent where none was measured.

    Of a model that learnt on top of weights that had seen the tweets, what it reaches on them is no measure.
    """
    rows = TrainedModel.objects.filter(kind=LabelKind.TONE, chosen=True).values_list("language", "figures")
    return {language: _public(figures) for language, figures in rows}


def _public(figures: dict[str, Any]) -> float | None:
    public = figures.get("public") if figures.get("how") == "tweets" else None
    return float(public["macro_f1_after"]) if public else None
