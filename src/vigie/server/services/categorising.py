"""Apply the categories of now to every post of the record: bulk work, which goes on where it stood.

One walk for all of them: they run in one pass over the words of a post. Each step is one transaction; a repeat changes
nothing, and a post whose categories stay is not written.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from vigie.enrich import categories as sorting
from vigie.enrich.found import Thing
from vigie.flows.categorise import categorise
from vigie.match.expressions import fields_of
from vigie.schema.ids import content_hash
from vigie.schema.vocab import FindingKind
from vigie.server import engine
from vigie.server.database import for_share, select, select_in
from vigie.server.models import Category
from vigie.server.permissions import WORKER
from vigie.server.queries import documents
from vigie.server.services import audit, finding, judging, work
from vigie.server.services.backfilling import hold_back
from vigie.server.services.work import Outcome, Progress

STEP = 1_000
"""Posts per transaction (DESIGN §1, rule 8)."""

Said = list[tuple[str, str]]
"""Value and source of each category of a post, in order."""


def run(job: Progress, *, clock: Callable[[], datetime]) -> Outcome:
    """Walk over the posts; categories that change meanwhile make it begin again."""
    due = dict(Category.objects.exclude(applied_version=F("version")).values_list("pk", "version"))
    asked = _asked()
    state = job.claimed.state
    at = int(state.get("post", 0)) if state.get("asked") == asked else 0
    ((total,),) = select("SELECT COUNT(*) FROM vigie_post")
    ((done,),) = select("SELECT COUNT(*) FROM vigie_post WHERE id <= %s", [at])
    hold_back(job, clock)
    while ids := [i for (i,) in select("SELECT id FROM vigie_post WHERE id > %s ORDER BY id LIMIT %s", [at, STEP])]:
        if not _apply(ids, asked, now=clock()):
            return Outcome("categories.changed_again", again_in_s=0.0)
        at, done = ids[-1], done + len(ids)
        job.checkpoint(done=done, total=max(done, total), state={"asked": asked, "post": at})
        hold_back(job, clock)
    return _finish(due, asked, done)


def _finish(due: Mapping[int, int], asked: str, done: int) -> Outcome:
    """Say of the categories that waited that they are applied, unless one changed during the last step."""
    with transaction.atomic():
        _generation_stays()
        if _asked() != asked:
            return Outcome("categories.changed_again", again_in_s=0.0)
        for category, version in due.items():
            Category.objects.filter(pk=category, version=version).update(applied_version=version)
    return Outcome("categories.applied", {"posts": done})


def _asked() -> str:
    """Return what the open categories ask, and the lists they ask for, in one short text."""
    found = engine.open_categories()
    parts = [f"{i}:{place.parent}:{place.version}" for i, (place, _) in sorted(found.items())]
    if any("list:" in text.lower() for _, text in found.values()):
        parts.append(repr(sorted((n, sorted(m.authors), sorted(m.sites)) for n, m in engine.knowledge().lists.items())))
    return content_hash(*parts).hex()


def _generation_stays() -> None:
    """Make sure that no category changes before the commit."""
    select(f"SELECT value FROM vigie_counter WHERE name = 'watches'{for_share()}")


@transaction.atomic
def _apply(ids: Sequence[int], asked: str, *, now: datetime) -> bool:
    """Write the categories of posts where they differ; return whether they are still those that the walk is about."""
    _generation_stays()
    if _asked() != asked:
        return False
    current = engine.standing()
    said = _held(ids)
    wanted = _wanted(ids, current)
    changed = [post for post in ids if wanted.get(post, []) != said.get(post, [])]
    if not changed:
        return True
    finding.forget(changed, [FindingKind.CATEGORY])
    rows = [(post, [_finding(*one) for one in wanted.get(post, ())]) for post in changed]
    finding.write(rows, current.labeller_ids)
    moved = finding.refresh(changed)
    audit.write(WORKER, "posts.categorise", f"post:{changed[0]}", now=now, after={"posts": len(changed)})
    judging.touch([m for (m,) in select_in("SELECT id FROM vigie_mention WHERE post_id IN ({in})", moved)])
    return True


def _held(ids: Sequence[int]) -> dict[int, Said]:
    """Return what stands of the categories of posts."""
    sql = "SELECT post_id, value, source FROM vigie_finding WHERE kind = 'category' AND post_id IN ({in}) ORDER BY id"
    said: dict[int, Said] = {}
    for post, value, source in select_in(sql, ids):
        said.setdefault(post, []).append((value, source))
    return said


def _wanted(ids: Sequence[int], current: engine.Standing) -> dict[int, Said]:
    """Return the categories of posts as of now."""
    if current.categories is None:
        return {}
    found = categorise(documents.of_record(ids), current.categories)
    said: dict[int, Said] = {}
    for row, value, source in zip(*(found[c].to_pylist() for c in ("row", "value", "source")), strict=True):
        said.setdefault(ids[row], []).append((value, source))
    return said


def _finding(value: str, source: str) -> Thing:
    return Thing(
        FindingKind.CATEGORY, value, "", None, None, False, False, False, False, 1.0, source,
        sorting.NAME, sorting.VERSION,
    )  # fmt: skip


def follow(field: str, value: str | None = None) -> None:
    """Have the categories applied again that ask for what changed: languages, or one list."""
    rows = Category.objects.filter(closed_at=None, expression__icontains=field).values_list("pk", "expression")
    due = [
        pk
        for pk, expression in rows
        if any(test.name == field and value in (None, test.value) for test in fields_of(expression))
    ]
    if due:
        Category.objects.filter(pk__in=due).update(applied_version=0)
        work.enqueue("categorise", f"categorise:{field}")
