"""Recount the stores in plain Python and compare: what figures show, what the record holds, what the archive holds."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Max, Q

from vigie import clocks
from vigie.enrich import found
from vigie.schema.vocab import LabelKind, Mark
from vigie.server import keys, mirroring
from vigie.server import mention_rows as rows
from vigie.server.models import Author, Heard, Mention
from vigie.server.services import archiving
from vigie.store.figures import FOUND_DIMENSIONS, View
from vigie.store.filters import ALL

Cell = tuple[int, date, str, str | None, str | None]
"""Watch, day, network, language and tone."""

Value = tuple[str, str]
"""Kind of a finding, or `story_id`, and a value."""

Counted = TypeVar("Counted", Cell, Value)

STEP = 2_000
"""Mentions of one statement of the recount."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was compared."""

    name: str
    expected: int
    found: int
    different: int
    """Cells or rows in which the two differ."""

    @property
    def agrees(self) -> bool:
        """Say whether nothing differs."""
        return self.different == 0


def check(*, now: datetime, zone: ZoneInfo) -> list[Finding]:
    """Compare figures with mirror, figures without, and a recount; then heard posts with the archive."""
    cells, values = recount(zone)
    views = {"without the mirror": _view_without_mirror(zone)}
    if mirroring.mirror_on():
        views["with the mirror"] = mirroring.view(now=now)
    findings = []
    for how, view in views.items():
        findings.append(_compare(f"figures {how}", cells, counted(view)))
        findings.append(_compare(f"what was found, {how}", values, counted_values(view)))
    return [*findings, _revisions(), _heard(), _hashes()]


def _hashes() -> Finding:
    """Count authors' hashes under an older key than the newest: none is left once everything was moved."""
    known = keys.chain()
    if known.is_moving:
        return Finding("authors' hashes under an older key, while a new one takes over", 0, 0, 0)
    older = Q(key_version=None) | Q(key_version__lt=known.newest) if known.newest > 1 else Q(pk=None)
    n = Author.objects.filter(older).count() + _archived_under_older(known.newest)
    return Finding("authors' hashes under an older key", 0, n, n)


def _archived_under_older(version: int) -> int:
    if version == 1:
        return 0
    older = archiving.archive().below_version(version)
    return sum(len(rows) for rows in older)


def recount(zone: ZoneInfo) -> tuple[Counter[Cell], Counter[Value]]:
    """Count live mentions, and what was found in them, one by one from the record's rows, without the statement that the mirror
    uses."""
    cells: Counter[Cell] = Counter()
    values: Counter[Value] = Counter()
    for mention in _mentions():
        if mention.in_watch and mention.lapsed_at is None and not _is_marked(mention):
            cells[_cell(mention, zone)] += 1
            values.update(_values(mention))
    return cells, values


def _values(mention: Mention) -> list[Value]:
    """Return the stories, and the values of findings that count: people's word on top of what was found."""
    said = ((f.kind, f.value, f.negated, f.hypothetical) for f in mention.post.findings.all())
    corrections = ((c.kind, c.value, c.holds) for c in mention.finding_corrections.all())
    kinds = found.corrected(found.values_of(said), corrections)
    story = getattr(mention.post, "in_story", None)
    own = [("story_id", str(story.story_id))] if story else []
    return own + [(kind, value) for kind, some in kinds.items() for value in some]


def _mentions() -> Iterator[Mention]:
    last = 0
    query = (
        Mention.objects.select_related("post", "post__in_story")
        .prefetch_related("post__labels", "post__findings", "corrections", "finding_corrections", "marks")
        .order_by("pk")
    )
    while piece := list(query.filter(pk__gt=last)[:STEP]):
        yield from piece
        last = piece[-1].pk


def _is_marked(mention: Mention) -> bool:
    return any(mark.kind == Mark.NOT_ABOUT_US for mark in mention.marks.all())


def _cell(mention: Mention, zone: ZoneInfo) -> Cell:
    post = mention.post
    day = clocks.day_of(post.published_at, zone)
    return (
        mention.watch_id, day, post.network, _effective(mention, LabelKind.LANGUAGE), _effective(mention, LabelKind.TONE)
    )  # fmt: skip


def _effective(mention: Mention, kind: LabelKind) -> str | None:
    corrected = [c.value for c in mention.corrections.all() if c.kind == kind]
    chosen = [label.value for label in mention.post.labels.all() if label.kind == kind and label.chosen]
    return next(iter([*corrected, *chosen]), None)


def counted(view: View) -> Counter[Cell]:
    """Count live mentions as figures do."""
    table = view.counts(ALL, ("watch_id", "day", "network", "language", "tone"))
    names = ("watch_id", "day", "network", "language", "tone", "mentions")
    return Counter({tuple(row[n] for n in names[:5]): row["mentions"] for row in table.select(names).to_pylist()})


def counted_values(view: View) -> Counter[Value]:
    """Count stories and findings of live mentions as figures do."""
    return Counter(
        {
            (kind, str(row[kind])): row["mentions"]
            for kind in ("story_id", *FOUND_DIMENSIONS)
            for row in view.counts(ALL, (kind,)).to_pylist()
            if row[kind] is not None
        }
    )


def _view_without_mirror(zone: ZoneInfo) -> View:
    return mirroring.Reader(None, zone).view(now=datetime.min.replace(tzinfo=zone))


def _compare(name: str, expected: Counter[Counted], found: Counter[Counted]) -> Finding:
    different = sum(1 for cell in expected.keys() | found.keys() if expected[cell] != found[cell])
    return Finding(name, expected.total(), found.total(), different)


def _revisions() -> Finding:
    """No mention may be ahead of the counter."""
    revision = rows.state().revision
    highest = Mention.objects.aggregate(highest=Max("revision"))["highest"] or 0
    ahead = Mention.objects.filter(revision__gt=revision).count()
    return Finding("revisions behind the counter", revision, highest, ahead)


def _heard() -> Finding:
    """Every post heard is in the archive or waits to be, at its last version; and nothing else is."""
    expected = {bytes(key): version for key, version in Heard.objects.values_list("key", "version").iterator()}
    found: dict[bytes, int] = {}
    for table in archiving.heard_tables(lambda archive: archive.last_versions(columns=("post_key", "version"))):
        for key, version in zip(table["post_key"].to_pylist(), table["version"].to_pylist(), strict=True):
            found[key] = max(version, found.get(key, 0))
    different = sum(1 for key in expected.keys() | found.keys() if expected.get(key) != found.get(key))
    return Finding("posts heard, in the archive or on their way", len(expected), len(found), different)
