"""Who speaks and what for, as pages show them: chips with the words that tell them, and a chart of each."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vigie.enrich.card import rules_card
from vigie.schema.tables import FOUND_COLUMNS
from vigie.schema.vocab import FindingKind
from vigie.server.queries.filters import NO_VALUE, Filters
from vigie.server.queries.speaking import Counted, Cue, Said
from vigie.web import charts, choices, formats, marks
from vigie.web.words import finding_name

EXCERPT = 240
"""Characters of a piece of text around cues: about three lines of the page of a mention."""

TOGETHER = 160
"""Characters over which cues stand in one piece."""


def title(kind: FindingKind) -> str:
    """Return the title of a kind's figures."""
    return _("Who speaks") if kind is FindingKind.WHO else _("What for")


def shown(said: Said, head: str, text: str, filters: Filters) -> dict[str, Any]:
    """Return a value with its cues in their sentence; `head` and `text` are the post's."""
    whole = f"{head}\n{text}" if head else text
    column = FOUND_COLUMNS[FindingKind(said.kind)]
    return {
        "kind": said.kind, "text": finding_name(said.kind, said.value), "model": said.model, "corrected": said.corrected,
        "href": choices.list_of(filters, **{column: (said.value,)}),
        "pieces": [_piece(whole, cues) for cues in _near(said.cues)],
    }  # fmt: skip


def _near(cues: Sequence[Cue]) -> list[list[Cue]]:
    """Put cues that stand near each other together, so that a sentence is shown once."""
    groups: list[list[Cue]] = []
    for cue in cues:
        if groups and cue.end - groups[-1][0].start <= TOGETHER:
            groups[-1].append(cue)
        else:
            groups.append([cue])
    return groups


def _piece(whole: str, cues: Sequence[Cue]) -> dict[str, Any]:
    """Return what stands around cues, their places in it, and the rules that read them so."""
    piece, spans, before, after = marks.excerpt(whole, [(cue.start, cue.end) for cue in cues], limit=EXCERPT)
    rules = list(dict.fromkeys(cue.rule for cue in cues))
    return {"text": piece, "spans": spans, "before": before, "after": after, "rules": rules}


def chart(kind: FindingKind, found: Counted, filters: Filters) -> charts.Chart:
    """Draw the mentions of a window by who speaks or what for; each bar opens its mentions."""
    column = FOUND_COLUMNS[kind]
    rows = [(finding_name(kind, value), n, value) for value, n in found.by_value]
    bars = [
        charts.Share(text, n / found.mentions, n, choices.list_of(filters, **{column: (value,)}))
        for text, n, value in rows
    ]
    if found.without:
        href = choices.list_of(filters, **{column: (NO_VALUE,)})
        bars.append(charts.Share(_("not known"), found.without / found.mentions, found.without, href, is_others=True))
    return charts.amounts(
        column, title(kind), bars, note=note(kind, found, filters), unit=_("share of mentions"),
        method=f"{reverse('methods')}#speaking",
    )  # fmt: skip


def note(kind: FindingKind, found: Counted, filters: Filters) -> str:
    """Say what a chart stands on: how many mentions, when, by which rules, and how far they are known to be right."""
    card = rules_card(kind.value)
    values = {
        "n": formats.number(found.mentions), "window": formats.window(filters.first, filters.last),
        "rules": f"{card.name} {card.version}",
    }  # fmt: skip
    counted = ngettext("%(n)s mention, %(window)s; one may have several.", "%(n)s mentions, %(window)s; one may have several.", found.mentions)  # fmt: skip
    by = _("By the rules %(rules)s, in French and English:")
    return f"{counted % values} {by % values} {accuracy(kind)}"


def accuracy(kind: FindingKind) -> str:
    """Say the measured accuracy of French labels, or that there is none."""
    card = rules_card(kind.value)
    if card.macro_f1 is None:
        return _("accuracy not measured.")
    return _("macro-F1 %(f1)s on %(n)s French posts.") % {
        "f1": formats.number(card.macro_f1, 2),
        "n": formats.number(card.posts),
    }


def method(kind: FindingKind) -> dict[str, Any]:
    """Return the card of a kind, as the page of methods shows it."""
    card = rules_card(kind.value)
    rows = [
        {
            "text": finding_name(kind, label), "f1": card.f1.get(label), "interval": card.f1_interval.get(label),
            "precision": card.precision.get(label), "recall": card.recall.get(label), "is_off": label in card.off,
        }
        for label in card.labels
    ]  # fmt: skip
    return {
        "title": title(kind), "name": card.name, "version": card.version, "accuracy": accuracy(kind), "rows": rows,
        "is_measured": card.macro_f1 is not None,
    }  # fmt: skip
