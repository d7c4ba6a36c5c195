"""Mark the words that matched in a post, and those that name something, so that nothing of the post is ever HTML."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Named:
    """A place in a text that names something: where, a class of the style sheet, and what is meant."""

    start: int
    end: int
    kind: str
    meant: str


def marked(text: str, spans: Iterable[Span], named: Sequence[Named] = ()) -> SafeString:
    """Escape a text piece by piece, put `<mark>` around its spans and underline what names something.

    Args:
        text: A post as written.
        spans: Start and end in code points of `text`; in any order, overlapping or out of range: they are merged
            and cut.
        named: In any order; where two overlap, the first in the list is shown.
    """
    whole = merged(spans, len(text))
    return mark_safe("".join(_pieces(text, whole, named)))  # noqa: S308 -- each piece is escaped in _pieces


def _pieces(text: str, spans: Sequence[Span], named: Sequence[Named]) -> Iterator[str]:
    places = [*spans, *((one.start, one.end) for one in named)]
    edges = sorted({min(max(edge, 0), len(text)) for edge in (0, len(text), *chain.from_iterable(places))})
    for start, end in pairwise(edges):
        piece = _underlined(_escaped(text[start:end]), next((n for n in named if n.start <= start < n.end), None))
        yield f"<mark>{piece}</mark>" if any(a <= start < b for a, b in spans) else piece


def _underlined(piece: str, one: Named | None) -> str:
    return f'<u class="found {escape(one.kind)}" title="{escape(one.meant)}">{piece}</u>' if one else piece


def _escaped(piece: str) -> str:
    # Django's `escape`, not its conditional form: a SafeString handed in as a text is text all the same.
    return str(escape(piece))


def merged(spans: Iterable[Span], length: int) -> list[Span]:
    """Sort spans, cut them to the text, drop empty ones, and merge those that touch."""
    kept: list[Span] = []
    for start, end in sorted((max(0, start), min(length, end)) for start, end in spans):
        if start >= end:
            continue
        if kept and start <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept


def excerpt(text: str, spans: Iterable[Span], *, limit: int = 320) -> tuple[str, list[Span], bool, bool]:
    """Cut a long text around its first mark.

    Returns:
        The piece, its spans within the piece, and whether something is left out before and after.
    """
    whole = merged(spans, len(text))
    if len(text) <= limit:
        return text, whole, False, False
    first = whole[0][0] if whole else 0
    start = 0 if first < limit // 2 else text.rfind(" ", 0, max(first - limit // 4, 0)) + 1
    end = start + limit
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + limit // 2)
    inside = [(max(a - start, 0), min(b, end) - start) for a, b in whole if b > start and a < end]
    return text[start:end], inside, start > 0, end < len(text)
