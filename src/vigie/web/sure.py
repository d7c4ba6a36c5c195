"""How sure we are of a label, as the sentence that stands beside its charts."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vigie.enrich.card import card
from vigie.enrich.tone_grams import LANGUAGES
from vigie.schema.vocab import LabelKind
from vigie.server import engine
from vigie.server.permissions import Asker
from vigie.server.queries import accuracy, trained
from vigie.server.queries.accuracy import Own
from vigie.server.queries.dashboards import Figures
from vigie.web import formats
from vigie.web.words import language_name


def tone_note(found: Figures, who: Asker) -> str:
    """Say how often tone is right, language by language: on our own posts where enough are settled, else on public tweets.

    The card's figures are of the model that came with Vigie: one that was trained here has its own, or none.
    """
    own = accuracy.own(who, kinds=(LabelKind.TONE.value,))
    chosen = trained.public_figures()
    if not chosen and not any(one.judged for one in own.values()):
        return _of_card(found)
    told = "; ".join(
        _of_language(language, own.get((LabelKind.TONE.value, language)), chosen) for language in LANGUAGES
    )
    version = next(one.version for one in engine.standing().labellers if one.kind == LabelKind.TONE)
    return ngettext(
        "%(n)s mention of %(watches)s. Tone by %(model)s: %(told)s.",
        "%(n)s mentions of %(watches)s. Tone by %(model)s: %(told)s.",
        found.mentions,
    ) % {**_counts(found), "model": f"tone-grams {version}", "told": told}


def _of_language(language: str, own: Own | None, chosen: dict[str, float | None]) -> str:
    """Say the figure of a language and on what it was measured."""
    name = language_name(language)
    if own is not None and own.judged is not None:
        return _("%(language)s, macro-F1 %(f1)s (%(low)s – %(high)s) on our own posts, numbering %(n)s") % {
            "language": name, "f1": formats.number(own.judged.macro_f1, 2), "n": formats.number(own.posts),
            "low": formats.number(own.judged.macro_interval[0], 2), "high": formats.number(own.judged.macro_interval[1], 2),
        }  # fmt: skip
    public = chosen[language] if language in chosen else card("tone-grams").macro_f1[language]
    if public is None:
        return _("%(language)s, not measured") % {"language": name}
    return _("%(language)s, macro-F1 %(f1)s on public tweets") % {"language": name, "f1": formats.number(public, 2)}


def _of_card(found: Figures) -> str:
    model = card("tone-grams")
    return ngettext(
        "%(n)s mention of %(watches)s. Tone by %(model)s: macro-F1 %(fr)s in French, %(en)s in English on tweets.",
        "%(n)s mentions of %(watches)s. Tone by %(model)s: macro-F1 %(fr)s in French, %(en)s in English on tweets.",
        found.mentions,
    ) % {
        **_counts(found),
        "model": f"{model.name} {model.version}",
        "fr": formats.number(model.macro_f1["fr"], 2),
        "en": formats.number(model.macro_f1["en"], 2),
    }


def _counts(found: Figures) -> dict[str, str]:
    watches = ngettext("%(n)s watch", "%(n)s watches", found.watches) % {"n": found.watches}
    return {"n": formats.number(found.mentions), "watches": watches}
