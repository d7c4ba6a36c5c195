"""Who speaks and what for: what was found in the post of a mention, with its cues, and how many mentions have each value."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from vigie.schema.vocab import FindingKind
from vigie.server.models import Finding, FindingCorrection, Mention
from vigie.store.figures import View
from vigie.store.filters import NO_VALUE, Filter

KINDS = (FindingKind.WHO, FindingKind.INTENT)

MOST_CUES = 100
"""Findings of a post that are read: five a label at most are written, fifteen labels are known."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that tell a value, by their place in title, end of line and text, and the rule that reads them so."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class Said:
    """A value that holds of a mention; without cues a person said it."""

    kind: str
    value: str
    model: str
    cues: tuple[Cue, ...]
    corrected: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """Mentions of a filter by a kind of finding; one mention may have several values."""

    mentions: int
    by_value: tuple[tuple[str, int], ...]
    """The most frequent first."""
    without: int
    """Mentions that have no value of this kind."""


def of_mention(mention: Mention) -> tuple[Said, ...]:
    """Return who speaks and what for in a mention: what was found, and what people said of it; two statements."""
    corrections = {
        (kind, value): holds
        for kind, value, holds in FindingCorrection.objects.filter(mention=mention, kind__in=KINDS).values_list(
            "kind", "value", "holds"
        )
    }
    found = Finding.objects.select_related("labeller").filter(post=mention.post_id, kind__in=KINDS)
    said: dict[tuple[str, str], Said] = {
        (kind, value): Said(kind, value, "", (), corrected=True)
        for (kind, value), holds in corrections.items()
        if holds
    }
    for one in found.order_by("starts", "ends", "pk")[:MOST_CUES]:
        key = one.kind, one.value
        if corrections.get(key, True):
            said[key] = _with(said.get(key), one, corrected=key in corrections)
    return tuple(sorted(said.values(), key=lambda s: (KINDS.index(FindingKind(s.kind)), s.value)))


def _with(said: Said | None, one: Finding, *, corrected: bool) -> Said:
    cue = (Cue(one.starts, one.ends, one.source),) if one.starts is not None and one.ends is not None else ()
    return Said(one.kind, one.value, str(one.labeller), (*(said.cues if said else ()), *cue), corrected)


def counted(view: View, chosen: Filter, kinds: Iterable[FindingKind] = KINDS) -> dict[str, Counted]:
    """Count the mentions of a filter by each kind.

    What the filter asks of the kind itself is left out, so that each figure is that of the list it opens, where its value
    stands in place of what was chosen.
    """
    return {kind.value: _counted(view, chosen, kind) for kind in kinds}


def _counted(view: View, chosen: Filter, kind: FindingKind) -> Counted:
    others = {name: values for name, values in chosen.found.items() if name != kind}
    free = replace(chosen, found=others)
    columns = view.counts(free, (kind.value,)).to_pydict()
    pairs = zip(columns[kind.value], columns["mentions"], strict=True)
    return Counted(
        mentions=view.mentions(free),
        by_value=tuple(sorted(((value, n) for value, n in pairs if n), key=lambda pair: (-pair[1], pair[0]))),
        without=view.mentions(replace(free, found={**others, kind.value: (NO_VALUE,)})),
    )
