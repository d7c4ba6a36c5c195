"""Have the past labelled anew by the models, dictionaries and rules of today: bulk work, which goes on where it stood.

A thousand posts that change a transaction, or those of five seconds, with how far it came; what says the same as before
is not written. What people corrected stays on top. A run of labels can be taken back: each label that it changed is the
one before again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from vigie.errors import DecisionError
from vigie.flows.retelling import NOTHING, Differences
from vigie.match.expressions import fields_of
from vigie.schema.vocab import LabelKind, WorkState
from vigie.server.database import desk, select, update
from vigie.server.models import Labeller, Watch, Work
from vigie.server.models.work import OPEN_STATES
from vigie.server.permissions import WORKER, Asker, Permission
from vigie.server.services import audit, categorising, judging, retelling, work
from vigie.server.services.backfilling import hold_back
from vigie.server.services.work import Outcome, Progress

KIND = "relabel"
"""Kind of the work."""

RUNS_SHOWN = 20
"""Runs that are looked at for the last one of each kind: one a model or dictionary, a few a year."""

PACE = 2_500
"""Posts a second that a run does not go beyond, so that pages find the cores free: 10 million take 67 minutes and merges, of the
90 that they may (issue 6, part 11). Without it a core does 13,800 (language and tone, a tenth of the tones changed, SQLite),
and pages wait half as long again (benchmarks/relabel.py, on two cores that others use too)."""

REST = 0.25
"""Rest after a step at least, as a share of the time that it took: where steps are slower than the pace, pages come first
all the same."""

GATHER_S = 5.0
"""Seconds that what differs waits at most to be written, and that the page of the run is behind: each write has every open
page count anew. A run that is killed looks again at the posts of as many seconds."""

Clock = Callable[[], datetime]


@transaction.atomic
def start(*kinds: str, asker: Asker, now: datetime) -> int:
    """Ask the worker to say anew some kinds of labels and findings of all posts; return the work's id.

    Raises:
        DecisionError: the role does not allow it, or nothing says such a kind today.
    """
    asker.require(Permission.STEER_WORK)
    asked = _known(kinds)
    audit.write(asker, "posts.relabel_asked", "labels", now=now, after={"kinds": asked})
    return work.enqueue(KIND, f"{KIND}:{'+'.join(asked)}", {"kinds": asked}, asker=asker)


def _known(kinds: Sequence[str]) -> list[str]:
    said = retelling.tellers().kinds
    if not kinds or not set(kinds) <= set(said):
        bad = ", ".join(sorted(set(kinds) - set(said)))
        raise DecisionError(
            f"Nothing says this of posts: “{bad}”.", code="relabel.kind", facts={"kind": bad}
        )  # fmt: skip
    return [str(kind) for kind in said if kind in kinds]


@dataclass(slots=True)
class State:
    """How far a run has come, as its row keeps it."""

    versions: dict[str, str]
    """Name and version of what says each kind; when another says it, the run begins again."""
    mark: int
    """The last label's id when it began: those that it wrote come after."""
    post: int = 0
    done: int = 0
    posts: int = 0
    """Posts of which something changed."""
    changed: dict[str, int] = field(default_factory=dict)
    """Posts changed, by kind."""

    def add(self, post: int, seen: int, differ: Differences) -> None:
        """Add what a step over some posts changed, up to a post."""
        self.post = post
        self.done += seen
        self.posts += len(differ.rows)
        for kind, n in differ.counts().items():
            self.changed[kind] = self.changed.get(kind, 0) + n

    def kept(self) -> dict[str, Any]:
        """Return it as the row keeps it."""
        return {
            "versions": self.versions, "mark": self.mark, "post": self.post, "done": self.done, "posts": self.posts,
            "changed": self.changed,
        }  # fmt: skip


def run(job: Progress, *, clock: Clock) -> Outcome:
    """Say anew what was asked of all posts; when something else says it meanwhile, begin again."""
    if "back" in job.args:
        return _take_back(job, clock)
    kinds = _kinds_of(job.args)
    state = _state(job, kinds)
    ((total,),) = select("SELECT COUNT(*) FROM vigie_post")
    while True:
        job.checkpoint()
        hold_back(job, clock)
        if retelling.tellers().versions(sorted(kinds)) != state.versions:
            return Outcome("posts.told_by_another", again_in_s=0.0)
        pace = Pace(job, clock)
        if not _step(job, kinds, state, total, pace):
            break
        pace.rest()
    _follow(state.changed)
    return Outcome("posts.retold", {"posts": state.done, "changed": state.posts})


def _kinds_of(args: Mapping[str, Any]) -> frozenset[str]:
    """Return the kinds that work is about; what an older version enqueued names a labeller."""
    if "labeller" in args:
        return frozenset(Labeller.objects.filter(pk=args["labeller"]).values_list("kind", flat=True))
    return frozenset(args["kinds"])


def _state(job: Progress, kinds: frozenset[str]) -> State:
    """Return how far the row says that this run came; nothing when something else said it then."""
    versions, kept = retelling.tellers().versions(sorted(kinds)), job.claimed.state
    if kept.get("versions") == versions:
        return State(**{**kept, "changed": dict(kept["changed"])})
    return State(versions, select("SELECT COALESCE(MAX(id), 0) FROM vigie_label")[0][0])


class Pace:
    """The pace of a step: it rests after each thousand posts."""

    def __init__(self, job: Progress, clock: Clock) -> None:
        self._job, self.clock = job, clock
        self._began = self._since = clock()

    def rest(self) -> None:
        """Rest for what was done since the last rest."""
        self._job.pause(rest_s((self.clock() - self._since).total_seconds()))
        self._since = self.clock()

    def may_wait(self) -> bool:
        """Say whether what differs may wait for more, and rest if so; stop here when the run is to stop."""
        if (self.clock() - self._began).total_seconds() >= GATHER_S:
            return False
        self._job.checkpoint()
        self.rest()
        return True


def _step(job: Progress, kinds: frozenset[str], state: State, total: int, pace: Pace) -> bool:
    """Say anew what is asked of the next posts; say whether there were any."""

    def save(post: int, seen: int, differ: Differences) -> None:
        state.add(post, seen, differ)
        job.checkpoint(done=state.done, total=max(total, state.done), state=state.kept())

    now = pace.clock()
    return retelling.step(kinds, after_post=state.post, now=now, with_step=save, may_wait=pace.may_wait) is not None


def rest_s(step_s: float) -> float:
    """Return how many seconds a run rests after a step that took some."""
    return max(REST * step_s, retelling.STEP / PACE - step_s)


def _follow(kinds: Iterable[str]) -> None:
    """Have matched again the open watches, and applied again the categories, whose text part rests on some kinds.

    That is language alone: what label parts rest on was asked again as each mention was given its revision.
    """
    if LabelKind.LANGUAGE in set(kinds):
        categorising.follow("language")
        for watch in Watch.objects.filter(closed_at=None, expression__icontains="language").order_by("pk"):
            if any(test.name == "language" for test in fields_of(watch.expression)):
                work.enqueue("backfill", f"backfill:{watch.pk}", {"watch": watch.pk})


def _cancelled(args: Mapping[str, Any]) -> None:
    """Have matched again what half a run may have changed."""
    _follow(_kinds_of(args))


work.when_cancelled(KIND, _cancelled)


@dataclass(frozen=True, slots=True)
class Run:
    """A run over the past, or its way back."""

    work: Work
    kinds: tuple[str, ...]
    versions: Mapping[str, str]
    """What said each kind, by name and version; empty until it began."""
    posts: int
    """Posts of which something changed."""
    is_back: bool
    can_be_taken_back: bool

    @property
    def is_open(self) -> bool:
        """Say whether it waits or runs."""
        return self.work.state in OPEN_STATES


def runs() -> list[Run]:
    """Return the last runs over the past, the newest first; one statement."""
    rows = list(Work.objects.filter(kind=KIND).order_by("-pk")[:RUNS_SHOWN])
    found, later = [], set[str]()
    for row in rows:
        run = _run(row, later)
        found.append(run)
        later |= {kind for kind in run.kinds if kind in list(LabelKind)}
    return found


def _run(row: Work, later: set[str]) -> Run:
    """Return a run; one that a later one of the same label followed can't be taken back."""
    kinds = tuple(sorted(row.args.get("kinds", ())))
    labels = [kind for kind in kinds if kind in list(LabelKind)]
    state = row.state_json
    ended = row.state in (WorkState.DONE, WorkState.CANCELLED) and "back" not in row.args
    changed = any(state.get("changed", {}).get(kind) for kind in labels)
    can = ended and changed and later.isdisjoint(labels)
    return Run(row, kinds, state.get("versions", {}), state.get("posts", 0), "back" in row.args, can)


@transaction.atomic
def take_back(work_id: int, *, asker: Asker, now: datetime) -> int:
    """Ask the worker to choose again the labels before a run; return the work's id. What it found is left.

    Raises:
        DecisionError: the role does not allow it, or the run can't be taken back.
    """
    asker.require(Permission.STEER_WORK)
    one = next((run for run in runs() if run.work.pk == work_id and run.can_be_taken_back), None)
    if one is None:
        raise DecisionError(
            "This run can't be taken back: it changed no label, is not over, or another one followed it.",
            code="relabel.no_way_back",
        )
    labels = [kind for kind in one.kinds if kind in list(LabelKind)]
    audit.write(asker, "posts.relabel_back_asked", f"work:{work_id}", now=now, after={"kinds": labels})
    return work.enqueue(KIND, f"{KIND}:back:{work_id}", {"kinds": labels, "back": work_id}, asker=asker)


def _take_back(job: Progress, clock: Clock) -> Outcome:
    """Choose the labels before a run again, a thousand posts a transaction."""
    taken, kinds = Work.objects.get(pk=job.args["back"]), list(job.args["kinds"])
    mark, end = int(taken.state_json["mark"]), int(taken.state_json["post"])
    at, done = int(job.claimed.state.get("post", 0)), int(job.claimed.state.get("posts", 0))
    while at < end:
        job.checkpoint()
        hold_back(job, clock)
        began = clock()
        with desk():
            at, done = _step_back(job, kinds, mark, (at, end), done, began)
        job.pause(rest_s((clock() - began).total_seconds()))
    _follow(kinds)
    if LabelKind.LANGUAGE in kinds:
        # What rests on the language is said anew by what says it today; where it says the same nothing is written.
        rest = [kind for kind in retelling.tellers().kinds if kind not in kinds]
        if rest:
            work.enqueue(KIND, f"{KIND}:{'+'.join(rest)}", {"kinds": rest})
    return Outcome("posts.taken_back", {"changed": done})


def _step_back(
    job: Progress, kinds: Sequence[str], mark: int, within: tuple[int, int], done: int, now: datetime
) -> tuple[int, int]:
    """Take back the labels of the next posts; return where to go on, and how many posts were changed."""
    at, end = within
    ids = select("SELECT id FROM vigie_post WHERE id > %s AND id <= %s ORDER BY id LIMIT %s", [at, end, retelling.STEP])
    last = ids[-1][0] if ids else end
    with transaction.atomic():
        posts = _choose_before(kinds, mark, at, last)
        touched: set[int] = set()
        for kind, some in posts.items():
            touched |= retelling.shown(kind, some)
        changed = {post for some in posts.values() for post in some}
        if changed:
            counts = {kind: len(some) for kind, some in posts.items() if some}
            audit.write(WORKER, "posts.relabel_back", f"post:{min(changed)}", now=now, after={"changed": counts})
        done += len(changed)
        job.checkpoint(done=done, state={"post": last, "posts": done})
        judging.touch(sorted(touched))
    return last, done


def _choose_before(kinds: Sequence[str], mark: int, after: int, last: int) -> dict[str, list[int]]:
    """Choose the label before of posts whose last one was written after a mark; return the posts by kind."""
    sql = (
        "SELECT post_id, kind, id, value FROM vigie_label WHERE post_id > %s AND post_id <= %s "
        f"AND kind IN ({','.join(['%s'] * len(kinds))}) ORDER BY id"
    )
    rows: dict[tuple[int, str], list[tuple[int, str]]] = {}
    for post, kind, label, value in select(sql, [after, last, *kinds]):
        rows.setdefault((post, kind), []).append((label, value))
    pairs = {key: some[-2:] for key, some in rows.items() if len(some) > 1 and some[-1][0] > mark}
    gone = [(late,) for (_, _), (late, _) in pairs.values()]
    gone += [(early,) for (early, value), _ in pairs.values() if value == NOTHING]
    update("DELETE FROM vigie_label WHERE id = %s", gone)
    chosen = [early for (early, value), _ in pairs.values() if value != NOTHING]
    update("UPDATE vigie_label SET chosen = %s WHERE id = %s", [(True, label) for label in chosen])
    found: dict[str, list[int]] = {}
    for post, kind in sorted(pairs):
        found.setdefault(kind, []).append(post)
    return found
