"""What a run over the past would change, before anything is written: a sample of the record, and of the mentions of a window.

The sample is drawn at random from a seed; going on, the rest of the record is read in random order until all was seen, and
the counts are those of the run. It lives in the memory of this process; its page asks again.
"""

import random
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

import numpy as np

from vigie.enrich import found
from vigie.errors import DecisionError
from vigie.flows.preview import Estimate, estimated
from vigie.flows.retelling import NOTHING, Differences, Shift, Tally, Tellers, Thing, differences
from vigie.schema.vocab import LabelKind
from vigie.server import mirroring
from vigie.server.database import chunks, select, select_in
from vigie.server.permissions import Asker, Permission
from vigie.server.queries import scope
from vigie.server.services import retelling
from vigie.server.services.retelling import Posts
from vigie.store.filters import Filter

SAMPLE = 2_000
"""Posts, and mentions, of the first answer: half an interval is at most 2.2 points (Wilson, 95 %), and labelling them takes
less than a second."""

SEED = 20_261_030
"""Of the sample: the same record gives the same sample, so that two people look at the same posts."""

PIECE = 500
"""Posts between two looks at the clock: a twentieth of a second."""

PROBES = 10_000
"""Ids tried at once; of those that are posts of the record each is as likely as any other."""

TRIES = 20
"""Times that ids are tried: enough where one post heard in a hundred is kept. Where fewer are, the sample is smaller."""

FIRST_S = 1.0
"""Seconds of an answer for each of the two samples, beside the counts that they stand for."""

KEPT = 8
"""Previews kept at once, the oldest forgotten: each holds two numbers for each mention of its window."""

EXAMPLES = 20
"""Posts shown of what would change."""

MOVES = 12
"""Rows of the table from what to what."""

TOP = 8
"""Values shown of a kind in the effect on figures: as the dashboard's lists."""


@dataclass(frozen=True, slots=True)
class Example:
    """A post that would change."""

    text: str
    changes: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    """Kind, values before, values after."""


@dataclass(frozen=True, slots=True)
class KindShown:
    """What would change of one kind."""

    kind: str
    today: str
    """Name and version of what says it today."""
    stored: tuple[tuple[str, Estimate], ...]
    """Posts by name and version of what said what stands."""
    changed: Estimate
    moves: tuple[tuple[str, str, Estimate], ...]
    """Posts by value before and after; an empty text is no value."""


@dataclass(frozen=True, slots=True)
class EffectShown:
    """What would become of the figures of one kind in the window."""

    kind: str
    rows: tuple[tuple[str, int, Estimate], ...]
    """Value, mentions now and then."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview as a page shows it."""

    seen: int
    total: int
    kinds: tuple[KindShown, ...]
    examples: tuple[Example, ...]
    mentions_seen: int
    mentions: int
    effects: tuple[EffectShown, ...]
    is_over: bool


@dataclass(slots=True)
class Sample:
    """Ids under way: those of the sample first, then all others."""

    pieces: Iterator[list[Any]]
    total: int
    seen: int = 0
    is_over: bool = False

    def go_on(self, look: Callable[[list[Any]], None], *, more: bool, until: float, now: Callable[[], float]) -> None:
        """Look at pieces until the time is over, or the sample is drawn when no more is asked."""
        while not self.is_over and now() < until and (more or self.seen < min(SAMPLE, self.total)):
            piece = next(self.pieces, None)
            if piece is None:
                self.is_over = True
            else:
                look(piece)
        self.is_over = self.is_over or self.seen >= self.total


@dataclass(slots=True)
class Running:
    """A preview under way."""

    kinds: frozenset[str]
    said_by: Tellers
    chosen: Filter
    posts: Sample
    mentions: Sample
    tally: Tally = field(default_factory=Tally)
    shifts: dict[str, Shift] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    shown_of: Counter[str] = field(default_factory=Counter)
    """Examples by kind."""
    figures: dict[str, dict[str, int]] = field(default_factory=dict)
    """Mentions of the window by value, as figures have them."""
    lock: threading.Lock = field(default_factory=threading.Lock)


_previews: OrderedDict[str, Running] = OrderedDict()
_lock = threading.Lock()


def foretell(
    kinds: Sequence[str],
    *,
    first: date,
    last: date,
    asker: Asker,
    now: datetime,
    monotonic: Callable[[], float],
    more: bool = False,
) -> Shown:
    """Tell what a run of some kinds would change, and what the figures of a window would become; `more` goes on with the same.

    Raises:
        DecisionError: the role does not allow it, they do not see all mentions, or nothing says such a kind today.
    """
    asker.require(Permission.STEER_WORK)
    if not scope.sees_all(asker):
        raise DecisionError("Your role does not allow this. An administrator can change it.", code="permission.refused")
    running = _running(frozenset(kinds), first, last, asker, now, more=more)
    with running.lock:
        for sample, look in ((running.posts, _look_at_posts), (running.mentions, _look_at_mentions)):
            sample.go_on(
                lambda piece, look=look: look(running, piece), more=more, until=monotonic() + FIRST_S, now=monotonic
            )  # type: ignore[misc]
        return _shown(running)


def _running(kinds: frozenset[str], first: date, last: date, asker: Asker, now: datetime, *, more: bool) -> Running:
    said_by = retelling.tellers()
    watches = scope.watch_ids(asker)
    key = f"{sorted(kinds)}:{said_by.versions(said_by.kinds)}:{first}:{last}:{watches}"
    with _lock:
        running = _previews.get(key) if more else None
        if running is None:
            chosen = Filter(watches=watches, from_day=first, to_day=last)
            running = _previews[key] = _start(kinds & set(said_by.kinds), said_by, chosen, now)
        _previews.move_to_end(key)
        while len(_previews) > KEPT:
            _previews.popitem(last=False)
    return running


def _start(kinds: frozenset[str], said_by: Tellers, chosen: Filter, now: datetime) -> Running:
    rng = random.Random(SEED)  # noqa: S311 -- a sample, no secret
    ((total,),) = select("SELECT COUNT(*) FROM vigie_post")
    view = mirroring.view(now=now)
    pairs = view.posts_of(chosen)
    running = Running(
        kinds, said_by, chosen, Sample(_post_pieces(rng, total), total), Sample(_mention_pieces(rng, pairs), pairs.num_rows)
    )  # fmt: skip
    for kind in said_by.kinds:
        counts = view.counts(chosen, (kind,))
        values = [value or NOTHING for value in counts[kind].to_pylist()]
        running.figures[kind] = dict(zip(values, counts["mentions"].to_pylist(), strict=True))
    return running


def _post_pieces(rng: random.Random, total: int) -> Iterator[list[int]]:
    """Yield ids of posts: a sample of single ones, then all others by stretches in random order."""
    # Each by itself: SQLite reads the ends of the table for one of them, the whole table for both at once.
    ((first, last),) = select("SELECT (SELECT MIN(id) FROM vigie_post), (SELECT MAX(id) FROM vigie_post)")
    if first is None:
        return
    drawn = _drawn(rng, first, last, min(SAMPLE, total))
    yield from chunks(drawn, PIECE)
    known = set(drawn)
    width = max(1, PIECE * (last - first + 1) // max(total, 1))
    starts = list(range(first, last + 1, width))
    rng.shuffle(starts)
    for start in starts:
        sql = "SELECT id FROM vigie_post WHERE id >= %s AND id < %s ORDER BY id"
        yield [post for (post,) in select(sql, [start, start + width]) if post not in known]


def _drawn(rng: random.Random, first: int, last: int, wanted: int) -> list[int]:
    """Return ids of posts drawn at random, each as likely as any other; fewer than wanted where few ids are posts."""
    span = last - first + 1
    if span <= PROBES:
        ids = [post for (post,) in select("SELECT id FROM vigie_post ORDER BY id")]
        return rng.sample(ids, min(wanted, len(ids)))
    found: dict[int, None] = {}
    for _ in range(TRIES):
        tried = sorted({first + int(rng.random() * span) for _ in range(PROBES)})
        met = [post for (post,) in select_in("SELECT id FROM vigie_post WHERE id IN ({in})", tried)]
        rng.shuffle(met)
        found.update(dict.fromkeys(met))
        if len(found) >= wanted:
            break
    return list(islice(found, wanted))


def _mention_pieces(rng: random.Random, pairs: Any) -> Iterator[list[tuple[int, int]]]:
    """Yield (mention, post) of a window, in random order."""
    order = np.random.default_rng(rng.getrandbits(32)).permutation(pairs.num_rows)
    mentions, posts = pairs["mention_id"].to_numpy()[order], pairs["post_id"].to_numpy()[order]
    for start in range(0, len(order), PIECE):
        piece = slice(start, start + PIECE)
        yield list(zip(mentions[piece].tolist(), posts[piece].tolist(), strict=True))


def _look_at_posts(running: Running, ids: list[int]) -> None:
    """Say posts anew, and count what differs."""
    posts = retelling.of(ids, running.said_by.kinds)
    differ = differences(posts.told, running.kinds, running.said_by)
    running.posts.seen += len(ids)
    running.tally.add(posts.told, differ)
    retelling.sayers_of(running.tally, posts, running.said_by.kinds)
    _keep_examples(running, posts, differ)


def _keep_examples(running: Running, posts: Posts, differ: Differences) -> None:
    """Keep some posts that would change, of each kind about as many."""
    share = max(1, EXAMPLES // max(1, len(running.said_by.kinds)))
    for row in differ.rows:
        if len(running.examples) >= EXAMPLES:
            return
        changes = tuple(_changes(posts, differ, row))
        if any(running.shown_of[kind] < share for kind, _, _ in changes):
            running.examples.append(Example(posts.told.texts[row], changes))
            running.shown_of.update(kind for kind, _, _ in changes)


def _changes(posts: Posts, differ: Differences, row: int) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    for kind, rows in differ.labels.items():
        if row in rows:
            yield kind, _some(rows[row].before), _some(rows[row].after)
    for kind, found_now in differ.things.items():
        if row in found_now:
            yield kind, _names(posts.told.things[row], kind), _names(found_now[row], kind)


def _some(value: str | None) -> tuple[str, ...]:
    return (value,) if value is not None else ()


def _names(things: Iterable[Thing], kind: str) -> tuple[str, ...]:
    return tuple(sorted({thing.value for thing in things if thing.kind == kind}))


def _look_at_mentions(running: Running, pairs: list[tuple[int, int]]) -> None:
    """Say the posts of mentions anew, and count what moves in figures: what people said of a mention does not."""
    posts = retelling.of(sorted({post for _, post in pairs}), running.said_by.kinds)
    differ = differences(posts.told, running.kinds, running.said_by)
    rows = {post: row for row, post in enumerate(posts.ids)}
    changed = {posts.ids[row] for row in differ.rows}
    moved = [(mention, rows[post]) for mention, post in pairs if post in changed]
    ids = [mention for mention, _ in moved]
    said = {
        (mention, kind)
        for mention, kind in select_in("SELECT mention_id, kind FROM vigie_correction WHERE mention_id IN ({in})", ids)
    }
    sql = "SELECT mention_id, kind, value, holds FROM vigie_findingcorrection WHERE mention_id IN ({in})"
    words: dict[tuple[int, str], list[tuple[str, str, bool]]] = {}
    for mention, kind, value, holds in select_in(sql, ids):
        words.setdefault((mention, kind), []).append((kind, value, bool(holds)))
    running.mentions.seen += len(pairs)
    for mention, row in moved:
        for kind, one in ((kind, some[row]) for kind, some in differ.labels.items() if row in some):
            if (mention, kind) not in said:
                _shift(running, kind).add((one.before or NOTHING,), (one.after or NOTHING,))
        for kind, now in ((kind, some[row]) for kind, some in differ.things.items() if row in some):
            own = words.get((mention, kind), ())
            before = [thing for thing in posts.told.things[row] if thing.kind == kind]
            _shift(running, kind).add(_counting(before, kind, own), _counting(now, kind, own))


def _shift(running: Running, kind: str) -> Shift:
    return running.shifts.setdefault(kind, Shift())


def _counting(things: Sequence[Thing], kind: str, words: Iterable[tuple[str, str, bool]]) -> tuple[str, ...]:
    """Return the values of a kind that count for a mention, people's words on top."""
    values = found.values_of((t.kind, t.value, t.negated, t.hypothetical) for t in things)
    return found.corrected(values, words).get(kind, ())


def _shown(running: Running) -> Shown:
    posts, mentions = running.posts, running.mentions
    asked = [
        kind for kind in running.said_by.kinds if kind in running.kinds or running.tally.changed[kind] or kind in running.shifts
    ]  # fmt: skip
    return Shown(
        posts.seen, posts.total, tuple(_kind(running, kind) for kind in asked), tuple(running.examples), mentions.seen,
        mentions.total, tuple(_effect(running, kind) for kind in asked), posts.is_over and mentions.is_over,
    )  # fmt: skip


def _kind(running: Running, kind: str) -> KindShown:
    tally, posts = running.tally, running.posts

    def guess(n: int) -> Estimate:
        return estimated(n, seen=posts.seen, total=posts.total, is_over=posts.is_over)

    stored = tally.versions.get(kind, Counter()).most_common()
    moves = tally.moves.get(kind, Counter()).most_common(MOVES)
    return KindShown(
        kind, running.said_by.versions([kind])[kind], tuple((name, guess(n)) for name, n in stored),
        guess(tally.changed[kind]), tuple((before, after, guess(n)) for (before, after), n in moves),
    )  # fmt: skip


def _effect(running: Running, kind: str) -> EffectShown:
    """Return the values of a kind that figures show most, now or then."""
    shift, mentions, now = running.shifts.get(kind, Shift()), running.mentions, running.figures[kind]
    then = {value: _then(shift, value, mentions, now) for value in {*now, *shift.gained}}
    order = sorted(then, key=lambda value: (-max(now.get(value, 0), then[value].middle), value))
    return EffectShown(kind, tuple((value, now.get(value, 0), then[value]) for value in order[:TOP]))


def _then(shift: Shift, value: str, mentions: Sample, now: Mapping[str, int]) -> Estimate:
    return shift.estimate(
        value, before=now.get(value, 0), seen=mentions.seen, total=mentions.total, is_over=mentions.is_over
    )


def is_label(kind: str) -> bool:
    """Say whether a kind is one value a post, which a run keeps the one before of."""
    return kind in list(LabelKind)


def forget() -> None:
    """Forget every preview: another database is in place."""
    _previews.clear()
